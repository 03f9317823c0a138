"""A chain whose tills die at every statement of what they do: the real desks on real files, opened again each time.

Each step is asked for again and again, the process dying one statement later each time: before the unit begins, within
it, before its commit, and after the commit, before anybody has heard the answer. A step waits for the database and for
nothing else, which is counted: so a death at any of its awaits is one of these.

What travels is heard in the same way: `Chain.dying_sync` goes the whole way again and again, and whoever is at work at
the next await dies there: the till that sends, head office, the till that hears.
"""

import asyncio
from collections import Counter as Counted
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from typing_extensions import override

from daemon.domain import authoring as operations
from daemon.domain.kinds import Kind
from daemon.domain.site_row import SHOP, SITE, site_key
from daemon.store import database, sealing
from daemon.store.authoring import commit
from daemon.store.database import Connection, Database, run
from tests.fakes.counter import OWNER, START_MS, Browser, Counter, open_counter
from tests.fakes.two_tills import TwoTills

T = TypeVar("T")
Step = Callable[[Counter], Awaitable[T]]

DEATHS_MAX = 400
"""More than any step has statements."""

AWAITS_MIN = 4
"""Fewer than anybody has awaits on the way of one record, from its till to head office and to the other till."""


class Died(Exception):
    """The process is dead from here on."""


@dataclass
class Fuse:
    """Says at which statement the next unit's process dies; 0: at none. `deaths` counts them.

    `waits`: how often steps waited for something, `asked`: how often they asked the database for something.
    """

    at: int = 0
    deaths: int = 0
    gone: int = 0
    waits: int = 0
    asked: int = 0
    step: asyncio.Task[Any] | None = None

    def burn(self) -> None:
        """One statement more."""
        self.gone += 1
        if self.gone == self.at:
            self.deaths += 1
            raise Died


@dataclass
class Journey:
    """Where what travels is waited for: there, whoever is at work dies, once at each place. `dead`: whose file it was.

    A place is a unit of somebody that begins, or that is done and of which nobody has heard, and how far all had come.
    """

    under_way: asyncio.Task[Any] | None = None
    known: set[tuple[Any, ...]] = field(default_factory=set)
    ordered: int = 0
    dead: str = ""

    def pass_by(self, path: str, what: str, how_far: tuple[int, ...]) -> None:
        """One await more."""
        place = (path, what, self.ordered, how_far)
        if place not in self.known:
            self.known.add(place)
            self.dead = path
            raise Died


@dataclass
class Watched(Generator[Any, Any, T]):
    """A step whose awaits are counted: each time that it hands the loop something to wait for."""

    under_way: Generator[Any, Any, T]
    fuse: Fuse

    def __await__(self) -> Generator[Any, Any, T]:
        return self

    @override
    def send(self, heard: Any, /) -> Any:
        wanted = self.under_way.send(heard)
        self.fuse.waits += 1
        return wanted

    @override
    def throw(self, *hit: Any) -> Any:
        return self.under_way.throw(*hit)


class Trip:
    """A connection whose process dies at a statement."""

    def __init__(self, conn: Connection, fuse: Fuse) -> None:
        self._conn = conn
        self._fuse = fuse

    @property
    def in_transaction(self) -> bool:
        return self._conn.in_transaction

    def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        if sql != "ROLLBACK":
            self._fuse.burn()
        done = self._conn.execute(sql, tuple(parameters))
        if sql == "COMMIT":
            self._fuse.burn()
        return done

    def executemany(self, sql: str, rows: Iterable[Iterable[Any]]) -> Any:
        self._fuse.burn()
        return self._conn.executemany(sql, [tuple(row) for row in rows])


@dataclass
class DyingTill:
    """A till that is opened again from its file after each death."""

    path: Path
    site: int
    fuse: Fuse = field(default_factory=Fuse)
    lives: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _counter: Counter | None = None

    @property
    def file(self) -> Path:
        """What it holds."""
        return self.path / f"site-{self.site}.db"

    @property
    def counter(self) -> Counter:
        assert self._counter is not None, "it is open"
        return self._counter

    async def open(self) -> None:
        """Start the process."""
        self._stack = AsyncExitStack()
        shop = 1 if self.site > 1 else 0
        self._counter = await self._stack.enter_async_context(open_counter(self.path, site=self.site, shop=shop))
        self.lives += 1
        replica = self._counter.replica
        replica.boot = b"%02d%06d" % (self.site, self.lives)
        await self._counter.database.write(replica.reload)
        await self._counter.database.write(
            lambda conn: sealing.anchor(conn, replica, local_ms=START_MS, true_ms=START_MS)
        )
        self._counter.clock.at_ms += self.lives * 1_000

    async def close(self) -> None:
        """End the process."""
        await self._stack.aclose()

    async def dying(self, step: Step[T]) -> T:
        """Do a step, dying at each of its statements in turn; returns what the process that lives through it says."""
        for at in count(1):
            assert at < DEATHS_MAX, "this step never ends"
            self.fuse.at, self.fuse.gone = at, 0
            try:
                self.fuse.step = asyncio.current_task()
                answer: T = await Watched(step(self.counter).__await__(), self.fuse)
            except Died:
                self.fuse.at, self.fuse.step = 0, None
                await self.close()
                await self.open()
            else:
                assert self.fuse.waits == self.fuse.asked, "a step waits for the database and for nothing else"
                return answer
            finally:
                self.fuse.at, self.fuse.step = 0, None
        raise AssertionError("unreachable")


@dataclass
class Chain:
    """Head office and two tills of one shop; nothing travels until `sync`."""

    hub: DyingTill
    one: DyingTill
    two: DyingTill
    journey: Journey = field(default_factory=Journey)

    @property
    def everybody(self) -> tuple[DyingTill, DyingTill, DyingTill]:
        return (self.hub, self.one, self.two)

    async def sync(self) -> None:
        """Everybody hears everything."""
        for _ in range(2):
            await self._joined().sync()

    async def dying_sync(self) -> None:
        """The same, and at each await of the way in turn whoever is at work dies there, and is opened again."""
        for _ in range(DEATHS_MAX):
            self.journey.under_way = asyncio.current_task()
            try:
                await self._joined().sync()
            except Died:
                self.journey.under_way = None
                await self._open_again(self.journey.dead)
            else:
                break
        else:
            raise AssertionError("this way never ends")
        self.journey.under_way = None
        died = Counted(path for path, *_ in self.journey.known)
        assert min(died[str(till.file)] for till in self.everybody) >= AWAITS_MIN, f"all along the way: {died}"
        await self.sync()

    def how_far(self) -> tuple[int, ...]:
        """How much of a till head office has acknowledged, and how much each till has heard."""
        replicas = [till.counter.replica for till in (self.one, self.two)]
        return tuple(at for one in replicas for at in (one.applied_seq, *(one.cursors[s].offset for s in one.scopes)))

    def _joined(self) -> TwoTills:
        hub, one, two = (cast(Browser, till) for till in self.everybody)
        return TwoTills(hub, one, two, [])

    async def _open_again(self, path: str) -> None:
        """The next process of whoever died; tills report to a head office that was started again, as they do."""
        dead = next(till for till in self.everybody if str(till.file) == path)
        await dead.close()
        await dead.open()
        if dead is self.hub:
            boot = dead.counter.replica.boot
            await dead.counter.database.write(lambda conn: conn.execute("UPDATE roster SET told_boot = ?", (boot,)))


def _light_the_fuses(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Units of steps run over their till's fuse, and what a step asks its database is counted."""
    files = {str(till.file): till.fuse for till in chain.everybody}
    real, journey = Database._run, chain.journey

    def run_or_die(conn: Connection, unit: Callable[[Connection], T]) -> T:
        if "write_once" not in getattr(unit, "__qualname__", ""):
            return run(conn, unit)  # a step is what somebody asks a desk for
        fuse = files.get(conn.execute("PRAGMA database_list").fetchone()[2])
        return run(cast(Connection, Trip(conn, fuse)) if fuse is not None and fuse.at else conn, unit)

    async def counted(self: Database, on: Any, unit: Callable[[Connection], T]) -> T:
        fuse = files.get(str(self.path))
        if fuse is not None and fuse.step is not None and fuse.step is asyncio.current_task():
            fuse.asked += 1
        if journey.under_way is None or journey.under_way is not asyncio.current_task():
            return await real(self, on, unit)
        name = getattr(unit, "__qualname__", "")
        journey.pass_by(str(self.path), f"before {name}", chain.how_far())
        done = await real(self, on, unit)
        if self.path == chain.hub.file:
            journey.ordered = await real(self, on, _ordered)
        journey.pass_by(str(self.path), f"after {name}", chain.how_far())
        return done

    monkeypatch.setattr(database, "run", run_or_die)
    monkeypatch.setattr(Database, "_run", counted)


def _ordered(conn: Connection) -> int:
    """How much head office has ordered, in all feeds together."""
    (total,) = conn.execute("SELECT coalesce(sum(feed_offset), 0) FROM feed_head").fetchone()
    return int(total)


@asynccontextmanager
async def dying_chain(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chain]:
    """A chain with a walk-in customer for its shop; its tills die where their fuses say."""
    tills = hub_, one, two = [DyingTill(path, site) for site in (1, 2, 3)]
    chain = Chain(hub_, one, two)
    _light_the_fuses(chain, monkeypatch)
    for till in tills:
        await till.open()
    hub = chain.hub.counter

    def enrol(conn: Connection) -> None:
        conn.execute("INSERT OR IGNORE INTO shop (shop, name) VALUES (1, '')")
        for till in (chain.one, chain.two):
            lot = till.counter.replica.identity.lot
            row = operations.create(Kind.SITE, site_key(till.site)[0], {SITE: till.site, SHOP: 1})
            commit(conn, hub.replica, OWNER, [row], now_ms=hub.clock.now_ms())
            conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (?,1,0)", (till.site,))
            conn.execute("INSERT INTO roster (site, told_boot, lot) VALUES (?,?,?)", (till.site, hub.replica.boot, lot))

    await hub.database.write(enrol)
    try:
        await chain.sync()
        await chain.one.counter.choose_walk_in()
        await chain.sync()
        yield chain
    finally:
        for till in tills:
            await till.close()
