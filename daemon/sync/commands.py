"""What the session of a till is told and what it wants; the shell carries commands out in order and decides nothing."""

from dataclasses import dataclass, field

from daemon.domain.element import Key
from daemon.domain.feed import Batch, Cursor, Frame, Head, Mark, Scope
from daemon.domain.portion import Filling, Portion
from daemon.sync.reporting import States
from daemon.sync.wire import Message, Trail


@dataclass(frozen=True, slots=True)
class Standing:
    """Where this replica stands: told at the start of a link and after every command that moves positions."""

    site: int
    boot: bytes
    lot: bytes
    head: Head
    applied_seq: int
    cursors: dict[Scope, Cursor]
    version: str
    fillings: dict[Scope, Filling] = field(default_factory=dict)
    trails: dict[Scope, Trail] = field(default_factory=dict)


# Told to the session.


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The broker is reached and the feeds are subscribed to."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is gone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message came."""

    message: Message


@dataclass(frozen=True, slots=True)
class Recorded:
    """A user action was saved."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A command that moves positions is done."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class ChainFound:
    """The hash chain of this replica after a position of its own; None if it no longer knows it."""

    seq: int
    chain: bytes | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The next sealed records, or None."""

    batch: Batch | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A frame is applied and durable. `recorded`: this replica has answered something in it by a record of its own."""

    scope: Scope
    cursor: Cursor
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A frame does not fit or cannot be read; it was set aside with its reason."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Compared:
    """A mark was held against this replica. `odd`: own records have not come back there, or the feed is another one."""

    scope: Scope
    comparable: bool
    equal: bool
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Differs:
    """Which of the 256 digests of a group (or of all groups) are not the same here."""

    scope: Scope
    group: int
    found: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TookRows:
    """A portion is taken in and durable. `cursor`: where this replica now stands in the feed.

    `begun` False: it continues a fill that this replica knows nothing of, and was left out. `recorded`: there are new
    own records, of what only this replica held.
    """

    portion: Portion
    changed: bool
    cursor: Cursor
    begun: bool = True
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """Some rows were held against their hashes, up to a key (None: the table is through); these buckets are damaged.

    `hurry`: the search index is being made again or merged, there is more to do at once.
    """

    upto: Key | None
    damaged: dict[Scope, frozenset[int]]
    hurry: bool = False


@dataclass(frozen=True, slots=True)
class Damaged:
    """Somebody met a row that cannot be read.

    `applying`: the feed whose frame could not be applied because of it; `fetching`: a portion could not be taken in.
    """

    key: Key
    applying: Scope | None = None
    fetching: bool = False


@dataclass(frozen=True, slots=True)
class HeldFound:
    """Rows that head office misses and this replica holds."""

    rows: tuple[tuple[Key, bytes], ...]


@dataclass(frozen=True, slots=True)
class LostLoaded:
    """The next records to return to a restored hub, or None."""

    frame: Frame | None


@dataclass(frozen=True, slots=True)
class HubSeen:
    """The hub is at the broker, in this boot: one that this till has not talked to may have missed what was sent."""

    boot: bytes


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. `devices`: how those of this till are now."""

    devices: States = ()


KeptUp = Differs | TookRows | Scrubbed | Damaged | LostLoaded | HeldFound

Event = (
    HubSeen
    | LinkUp
    | LinkDown
    | Heard
    | Recorded
    | Moved
    | ChainFound
    | Loaded
    | Applied
    | NotApplied
    | Compared
    | Differs
    | TookRows
    | Scrubbed
    | Damaged
    | LostLoaded
    | HeldFound
    | Tick
)

# Wanted by the session.


@dataclass(frozen=True, slots=True)
class Send:
    """Publish to the hub; lost if the link drops."""

    message: Message


@dataclass(frozen=True, slots=True)
class Anchor:
    """Take the hub's time, and its word on a second box with this site; seal what is open. Answered by Moved.

    `local_ms` is what the clock here showed when it was `hub_ms` there, as far as a question and its answer tell.
    """

    hub_ms: int
    local_ms: int
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class FindChain:
    """Answered by ChainFound."""

    seq: int


@dataclass(frozen=True, slots=True)
class BeginAgain:
    """Become a new incarnation and send again what has not come back. Answered by Moved.

    `new_holder`: this box was restored or cloned, so the rights it held are not its own any more.
    """

    new_holder: bool


@dataclass(frozen=True, slots=True)
class ResendAfter:
    """The hub lost own records after this position: they go again. Answered by Moved."""

    seq: int


@dataclass(frozen=True, slots=True)
class Reseal:
    """Restamp what is not ordered, by the hub's time, in a new incarnation: record `seq` and all after it.

    Answered by Moved.
    """

    hub_ms: int
    seq: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """Keep an own record apart that the hub cannot read; the rest goes in a new incarnation. Answered by Moved."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rewind:
    """Follow a feed's new generation from this cursor."""

    scope: Scope
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class TakeAsHeard:
    """The hub holds own records up to a position, and no echo of them will come in this scope any more."""

    scope: Scope
    seq: int


@dataclass(frozen=True, slots=True)
class Load:
    """Load sealed records after a position. Answered by Loaded."""

    after: int


@dataclass(frozen=True, slots=True)
class Settle:
    """The hub has applied own records up to `seq`; records of the feed up to `backed_up` are in its backups."""

    seq: int
    backed_up: int


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply a frame. Answered by Applied or NotApplied."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Compare:
    """Hold this replica against a mark. Answered by Compared."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class CompareDigest:
    """Hold digests of the hub against this replica's. Answered by Differs."""

    scope: Scope
    group: int
    digests: bytes


@dataclass(frozen=True, slots=True)
class TakeRows:
    """Take a portion in. Answered by TookRows."""

    portion: Portion
    buckets: tuple[int, ...]
    is_fill: bool


@dataclass(frozen=True, slots=True)
class FindHeld:
    """Look for rows that head office misses. Answered by HeldFound."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Scrub:
    """Hold some rows after a key against their hashes. Answered by Scrubbed."""

    after: Key


@dataclass(frozen=True, slots=True)
class LoadLost:
    """Load the first records that a restored hub has lost and has not taken back. Answered by LostLoaded."""


@dataclass(frozen=True, slots=True)
class ForgetLost:
    """The hub has taken back what it had lost of an old generation, up to an offset."""

    scope: Scope
    generation: int
    last: int


@dataclass(frozen=True, slots=True)
class SendReport:
    """Send how this till is, to the process of head office that it talks to."""

    hub_boot: bytes = field(default=b"", compare=False)


Command = (
    Send
    | Anchor
    | FindChain
    | BeginAgain
    | ResendAfter
    | Reseal
    | SetAside
    | Rewind
    | Load
    | Settle
    | Apply
    | Compare
    | TakeAsHeard
    | CompareDigest
    | TakeRows
    | FindHeld
    | Scrub
    | LoadLost
    | ForgetLost
    | SendReport
)
