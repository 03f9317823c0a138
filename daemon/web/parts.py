"""What the application is made of; a composition root fills it in, for a till or for head office."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from daemon.clock import Clock
from daemon.desk.condition import LinkShown
from daemon.desk.desks import Desks
from daemon.domain.change import Actor
from daemon.domain.clock_doubt import ClockDoubt
from daemon.web.http import RouteDef
from daemon.web.live import Live
from daemon.web.metrics import Metrics


@dataclass(frozen=True, kw_only=True, slots=True)
class FarDevice:
    """A device of a till, as the till last told head office; the counts run since its daemon started."""

    device: str
    state: str
    """As in DeviceShown."""
    last_read_at: str | None
    """When a reader read last, a printer printed, a display showed something."""
    bad_frames: int
    suppressed: int
    reconnects: int
    refused_full: int
    role: Literal["reader", "printer", "display", "drawer"] = "reader"


@dataclass(frozen=True, kw_only=True, slots=True)
class TillShown:
    """A till as head office sees it; what is not known is null, never 0."""

    site: int
    shop: int
    label: str
    online: bool
    heard_at: str | None
    version: str | None
    clock_ahead_ms: int | None
    offset: int | None
    behind: int | None
    waiting: int | None
    revoked: bool = False
    certificate_until: str | None = None
    fenced_since: str | None = None
    """Since when two boxes live under this number; they sell on without rights."""
    former_box_since: str | None = None
    """Since when another box has this number; what the former one held waits until it is written off."""
    audit_changed_at: int | None = None
    """The first act of its audit trail that is not what it told before: it was cut, rewritten, or the disk is old."""
    devices: tuple[FarDevice, ...] | None = None
    """Null where the till has not told them yet."""
    disk_free_bytes: int | None = None
    proved_at: str | None = None
    """When its copy was last proved equal to head office's."""
    conflicts: int | None = None
    """Values that lost, which it shows and nobody has settled; a thousand at most."""
    otherwise: int | None = None
    """Rows that head office did not hold, or held otherwise, when it last made itself equal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceShown:
    """A configured device; `detail` is a sentence for who can mend it.

    `state` is connecting, up, absent or error; of a printer also held: it waits for a gesture.
    """

    device: str
    state: str
    detail: str
    last_read_at: str | None
    bad_frames: int
    reconnects: int
    role: Literal["reader", "printer", "display", "drawer"] = "reader"
    """A drawer has the name of the printer that it hangs on, and is as well as that."""
    last_used_at: str | None = None
    """When a printer was last sent something, or a display showed it."""
    suppressed: int = 0
    """Repetitions that were not looked up: a tag that stays, a label that is read twice."""
    refused_full: int = 0
    """Reads refused because those before it were still waiting."""


class SimulatedTaps(Protocol):
    """A reader without a device, which reads what is tapped here."""

    @property
    def device(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def cards(self) -> Sequence[str]:
        """Codes that are offered."""
        ...

    def tap(self, code: str) -> None:
        """Let it read a code; raises OperatorMistake, DeviceFault."""
        ...


class MadeCode(Protocol):
    """A one-use code for a new till, and until when it is good."""

    @property
    def code(self) -> str:
        """As it is read out."""
        ...

    @property
    def label(self) -> str:
        """What the till will be called."""
        ...

    @property
    def expires_ms(self) -> int:
        """Unix milliseconds."""
        ...


class Roster(Protocol):
    """What head office knows of its tills, and does with them."""

    async def tills(self) -> Sequence[TillShown]:
        """Every enrolled till, by site."""
        ...

    async def add_till(self, shop: int, label: str = "") -> MadeCode:
        """A code for a new till of a shop; raises OperatorMistake."""
        ...

    async def revoke(self, site: int) -> None:
        """Withdraw a till; raises NotFound."""
        ...

    async def unfence(self, site: int) -> None:
        """One of the two boxes of a site was taken away; raises NotFound."""
        ...

    async def accept_audit(self, site: int) -> None:
        """An operator has looked at an audit trail that was changed; raises NotFound."""
        ...

    async def write_off(self, site: int, actor: Actor) -> int:
        """Write off the rights of a withdrawn till; returns how many; raises NotFound, Conflicting."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds of one request; times in seconds."""

    body_bytes_max: int = 256 * 1024
    body_s: float = 10.0
    answer_s: float = 20.0
    heartbeat_s: float = 0.8
    """Pages miss a daemon that hangs after two and a half beats."""
    write_s: float = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WebParts:
    """Everything that the web room serves."""

    desks: Desks
    live: Live
    clock: Clock
    secret: bytes = field(repr=False)
    """32 bytes kept outside the database: hashes of requests and form tokens are made with it."""
    hosts: tuple[str, ...] = ()
    """Host names besides 127.0.0.1 and localhost, without port, under which this machine is called."""
    link: Callable[[], LinkShown] | None = None
    clock_doubt: Callable[[], ClockDoubt | None] | None = None
    examine: Callable[[], Awaitable[object]] | None = None
    """What `comptoir doctor` finds on this machine; raises DeviceFault."""
    retry: Callable[[], None] | None = None
    """Try the line to head office now, in place of at the next turn."""
    roster: Roster | None = None
    devices: Callable[[], Iterable[DeviceShown]] | None = None
    simulated: Sequence[SimulatedTaps] = ()
    """Readers that are not there, on a laptop."""
    pages: Iterable[RouteDef] = ()
    version: str = ""
    metrics: Metrics = field(default_factory=Metrics)
    limits: Limits = field(default_factory=Limits)

    @property
    def is_hub(self) -> bool:
        """Whether this is head office: no lanes, but a roster."""
        return self.desks.visits is None
