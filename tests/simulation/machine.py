"""A box: its disk, its clock, its line, and the life of the process on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from daemon.clock import SystemClock
from daemon.domain.canonical import digest16
from daemon.domain.kind_shape import KindShape, Rule
from daemon.domain.kinds import SHAPES, Kind, _field, _fields
from daemon.errors import DamagedRow, PeerFault
from daemon.store import following
from daemon.store.database import Connection, run
from daemon.store.quarantine import set_aside
from daemon.store.replica import Replica
from daemon.sync import wire
from tests.simulation.broker import PRESENCE
from tests.simulation.disk import Crashed, Disk, EngineError, Tripwire
from tests.simulation.operations import Action

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")

EPOCH_MS = 1_750_000_000_000
"""The true time at the beginning of a simulation."""

NEWER_KIND = 90
NEWER_SHAPE = KindShape(kind=Kind.WISH, rule=Rule.MEMBER, fields=_fields(_field(1, "text")))
"""What only a newer version knows."""


class ReplicationRefused(BaseException):
    """The disk refused what replication did of a commit: whoever committed has nothing to do with it."""


def hardware_of(box: str) -> Mapping[str, bytes]:
    """What tells a box from others: the card came with it."""
    return {name: digest16(f"{box} {name}".encode()) for name in ("board", "disk.cid")}


class Machine:
    """One box; `Till` and `HeadOffice` say what runs on it."""

    def __init__(self, world: World, name: str, site: int, shop: int) -> None:
        self.world = world
        self.name = name
        self.site = site
        self.shop = shop
        self.disk = Disk(world.folder, name)
        self.conn: Tripwire
        self.replica: Replica
        self.is_on = False
        self.is_cut = False
        self.is_linked = False
        self.is_newer = False
        self.links = 0
        self.lives = 0
        self.ahead_ms = 0
        self.clock = SystemClock(self.shown_ms, self._up_ms)
        self.first_lot = b""
        self.hardware = hardware_of(name)
        self.armed: list[Action] = []
        self._is_running = False
        self._is_stale = False

    def shown_ms(self) -> int:
        """What this box's clock shows; somebody may set it at any moment."""
        return max(EPOCH_MS + self.world.now_ms + self.ahead_ms, 1)

    def wall_ms(self) -> int:
        """What the process takes the time to be, by the daemon's own clock."""
        return self.clock.now_ms()

    def _up_ms(self) -> int:
        return self.world.now_ms

    @property
    def off_ms(self) -> int:
        """How far what the process takes the time to be is from what it is."""
        return self.wall_ms() - EPOCH_MS - self.world.now_ms

    @property
    def is_clock_set(self) -> bool:
        """Whether the clock shows something else than the process counts: it was set since that began."""
        return abs(self.shown_ms() - self.wall_ms()) > 1_000

    # The process.

    def boot(self) -> None:
        """Start the process, if it does not run."""
        if self.is_on:
            return
        self.is_on = True
        self.lives += 1
        self._read_clock()
        self.conn = self.disk.open()
        self.replica = Replica(self.world.chance.randbytes(8))
        self._is_stale = False
        self.guarded(self._open)

    def _open(self) -> None:
        self.replica.reload(self.connection)
        self.settle_in()
        if self.is_newer:
            self.unit(lambda conn: following.unpark(conn, self.replica))
        self.begin()
        self.world.after(500, self._alive(self.link))

    def _read_clock(self) -> None:
        """A process begins with what the clock shows then."""
        if self.is_clock_set:
            self.world.faults.count("wrong clock of the hub" if self.site == 1 else "wrong clock")
        self.clock = SystemClock(self.shown_ms, self._up_ms)

    def stop(self) -> None:
        """End the process at this instant: what was not committed is gone."""
        if self.is_on:
            self.unlink()
            self.is_on = False
            self.armed.clear()
            self.conn.close()

    def guarded(self, work: Callable[[], None]) -> None:
        """Run something of this process; when it dies of it, the box starts again after a while."""
        if self._is_running:
            work()
            return
        self._is_running = True
        try:
            with self.version():
                work()
        except Crashed:
            self.world.faults.count("crash of the hub" if self.site == 1 else "crash")
            self._fall()
        except (EngineError, ReplicationRefused) as refused:
            if "disk is full" not in str(refused):
                raise
            # As the daemon: a disk that refuses replication ends the process, and systemd starts it again.
            self._fall()
        finally:
            self._is_running = False

    def _fall(self) -> None:
        self.stop()
        self.world.after(2_000, self.boot)

    @contextmanager
    def version(self) -> Iterator[None]:
        """While a newer version runs, it knows more kinds; within it another box may run for a moment."""
        before = SHAPES.pop(NEWER_KIND, None)
        if self.is_newer:
            SHAPES[NEWER_KIND] = NEWER_SHAPE
        try:
            yield
        finally:
            SHAPES.pop(NEWER_KIND, None)
            if before is not None:
                SHAPES[NEWER_KIND] = before

    def _alive(self, work: Callable[[], None]) -> Callable[[], None]:
        """Do it only if this very process still runs."""
        life = self.lives

        def only_if_alive() -> None:
            if self.is_on and self.lives == life:
                self.guarded(work)

        return only_if_alive

    def later(self, ms: int, work: Callable[[], None]) -> None:
        """Do something of this process after a while, if it still runs then."""
        self.world.after(ms, self._alive(work))

    # The disk.

    @property
    def connection(self) -> Connection:
        """The connection with its tripwire, as the program sees it."""
        conn: Any = self.conn
        return conn  # type: ignore[no-any-return]  # it behaves as one

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The disk as a judge reads it, whether the box is on or off."""
        if self.is_on:
            yield self.conn.plain
            return
        opened = self.disk.open().plain
        try:
            yield opened
        finally:
            opened.close()

    def unit(self, work: Callable[[Connection], T]) -> T:
        """One unit of work, as `Database.write` runs it."""
        if self._is_stale:
            self._reload()
        try:
            return run(self.connection, work)
        except Crashed:
            raise
        except BaseException:
            with suppress(EngineError):
                self._reload()
            raise

    def _reload(self) -> None:
        self._is_stale = True
        self.replica.reload(self.connection)
        self._is_stale = False

    # The line.

    def link(self) -> None:
        """The broker is reached, unless the line is cut."""
        if self.is_on and not self.is_linked and not self.is_cut:
            self.is_linked = True
            self.links += 1
            self.linked()

    def unlink(self) -> None:
        """The line drops."""
        if self.is_linked:
            self.is_linked = False
            self.links += 1
            self.unlinked()

    def receive(self, topic: str, payload: bytes) -> None:
        """Bytes arrive."""
        if self.is_on and self.is_linked:
            self.guarded(lambda: self._read(topic, payload))

    def _read(self, topic: str, payload: bytes) -> None:
        if topic == PRESENCE:
            self.hub_seen(payload)
            return
        try:
            message = wire.decode(payload)
        except PeerFault as fault:
            reason = str(fault)
            self.unit(
                lambda conn: set_aside(conn, source="line", reason=reason, payload=payload, now_ms=self.wall_ms())
            )
            return
        self.hear(topic, message)

    def interrupt(self) -> None:
        """Between two units of replication somebody at the counter may act."""
        while self.armed:
            self.world.faults.count("acted between two units")
            self.world.act(self.armed.pop(0))

    # What runs on it.

    def settle_in(self) -> None:
        """The process has read who it is: is this the box that it ran in?"""

    def begin(self) -> None:
        """The process has opened its file."""

    def linked(self) -> None:
        """The line is up."""

    def unlinked(self) -> None:
        """The line is gone."""

    def hear(self, topic: str, message: wire.Message) -> None:
        """A message came."""
        raise NotImplementedError

    def hub_seen(self, boot: bytes) -> None:
        """The hub's presence was published, or is retained by the broker."""

    def recorded(self) -> None:
        """An action was saved here: replication hears of it, and what fails there is no longer the person's matter."""
        try:
            self.feeds_moved()
        except EngineError as refused:
            raise ReplicationRefused(str(refused)) from refused

    def feeds_moved(self) -> None:
        """Replication hears that something was saved here."""
        raise NotImplementedError

    def damaged(self, hit: DamagedRow) -> None:
        """Somebody at the counter met a row that cannot be read."""
        raise hit
