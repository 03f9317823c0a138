"""What travels between a till and the hub, above single records: batches going up, frames coming down."""

from dataclasses import dataclass

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.ids import HUB_SITE
from daemon.domain.kind_shape import Reach

FRAME_BYTES_MAX = 64 * 1024
"""A frame (and a batch) larger than this is never sent."""

FRAME_OPERATIONS_MAX = 256
"""A frame (and a batch) of more operations is not sent, unless it is one record: each is taken in as one unit of work,
and somebody at the counter may wait behind it."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Who hears a feed: the whole chain, one shop, one site (`number` is 0 for the chain)."""

    reach: int
    number: int = 0

    @property
    def bit(self) -> int:
        """The flag under which a record waits for its echo in this scope."""
        return 1 << self.reach


CHAIN = Scope(Reach.CHAIN)


def scope_for(reach: Reach, *, shop: int, site: int) -> Scope:
    """The scope of that reach in which a replica of this shop and site stands."""
    numbers = {Reach.CHAIN: 0, Reach.SHOP: shop, Reach.SITE: site}
    return Scope(reach, numbers[reach])


def scopes_of(*, shop: int, site: int) -> tuple[Scope, ...]:
    """The feeds that a till follows."""
    if site == HUB_SITE:
        return (CHAIN,)
    return (CHAIN, Scope(Reach.SHOP, shop), Scope(Reach.SITE, site))


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a replica stands in a feed. A new generation starts when the hub was restored."""

    generation: int = 1
    offset: int = 0
    chain: bytes = NO_CHAIN


@dataclass(frozen=True, slots=True)
class Head:
    """The last position of an origin: sequence number and hash chain there."""

    incarnation: int
    seq: int = 0
    chain: bytes = NO_CHAIN


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive sealed records of one origin; `chain` is the link before the first."""

    site: int
    incarnation: int
    first: int
    chain: bytes
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """Consecutive records of one feed; `chain` is the feed's link before the first.

    `head` is where the feed stood when they were read (0: not said): whoever was erased up to there is cut out of them,
    so that whoever has applied them is not what the hub was at an earlier place.
    """

    scope: Scope
    generation: int
    first: int
    chain: bytes
    records: tuple[Record, ...]
    head: int = 0

    @property
    def last(self) -> int:
        """The offset of the last record."""
        return self.first + len(self.records) - 1


@dataclass(frozen=True, slots=True)
class Mark:
    """What a feed's root is at an offset: the receipt of a till that is equal there.

    `backed_up` is the offset that the oldest backup that may ever be restored holds. Not `is_whole`: some of what the
    hub has ordered waits for its own upgrade, so that the root proves nothing.

    `erased` sums up who had been erased: what a shop holds of a customer goes with an erasure in the feed of the chain,
    so that a root of a shop is that of an offset and of these. None: of the chain, or from a hub that does not say.
    """

    scope: Scope
    cursor: Cursor
    root: bytes
    hub_ms: int
    backed_up: int = 0
    is_whole: bool = True
    erased: int | None = None
