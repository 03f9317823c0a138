"""What the relay of the hub is told and what it wants; the shell carries commands out in order and decides nothing."""

from dataclasses import dataclass

from daemon.domain.element import Key
from daemon.domain.feed import Batch, Cursor, Frame, Head, Mark, Scope
from daemon.domain.portion import Part, Portion
from daemon.sync import wire

# Told to the relay.


@dataclass(frozen=True, slots=True)
class Heard:
    """A message came on a till's own topic; the broker has checked whose it is."""

    site: int
    message: wire.Message


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a till that greets. `ahead`: it stands where this hub has never been.

    `fenced`: two boxes live under its site.
    """

    hello: wire.Hello
    head: Head | None
    feeds: dict[Scope, wire.FeedStanding]
    ahead: bool
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch was taken in, durably. Exactly one of the last four says what is wrong, if anything is."""

    site: int
    till: bytes
    incarnation: int
    head: Head | None
    count: int
    misplaced: bool = False
    reseal: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recall:
    """A till is to greet again: an operator changed something about it, or it speaks to an earlier process."""

    site: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Feeds have new heads: after a batch, an edit at head office, or at the start.

    `withdrawn`: the sites that are withdrawn by now; the store knows them before the broker does, and after a restart.
    """

    heads: dict[Scope, Cursor]
    withdrawn: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FrameFound:
    """The next records of a feed, or None at its head; `site` is who asked (0: everybody).

    `is_pruned`: the log does not reach back that far; who stands there must be filled from rows.
    """

    scope: Scope
    site: int
    frame: Frame | None
    is_pruned: bool = False


@dataclass(frozen=True, slots=True)
class RootFound:
    """A mark to publish."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class RowsFound:
    """The next rows for a till that is filled or repaired."""

    site: int
    portion: Portion


@dataclass(frozen=True, slots=True)
class Answered:
    """What to say to a till, as the store found it."""

    site: int
    message: wire.Message


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The broker is reached (again): what was being looked up when the old link broke is not coming."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """Some rows were held against their hashes, up to a key (None: the table is through); these are damaged.

    `hurry`: the search index is being made again or merged, there is more to do at once.
    """

    upto: Key | None
    damaged: tuple[Key, ...]
    hurry: bool


@dataclass(frozen=True, slots=True)
class Damaged:
    """Somebody met a row that cannot be read, and what they wanted was not done."""

    key: Key


@dataclass(frozen=True, slots=True)
class Mended:
    """These rows are sound (again)."""

    keys: tuple[Key, ...]


Cared = Scrubbed | Damaged | Mended
Event = Heard | Known | Taken | Recall | Moved | FrameFound | RootFound | RowsFound | Answered | Cared | LinkUp | Tick

# Wanted by the relay.


@dataclass(frozen=True, slots=True)
class Send:
    """Publish to one till."""

    site: int
    message: wire.Message


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish to all who follow a feed."""

    scope: Scope
    message: wire.Message


@dataclass(frozen=True, slots=True)
class LookUp:
    """Answered by Known."""

    hello: wire.Hello


@dataclass(frozen=True, slots=True)
class BeginGeneration:
    """The hub was restored without knowing it: a new generation. Answered by Moved, then Known for this till."""

    hello: wire.Hello


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Order a batch. Answered by Moved (if anything was new), then Taken; of a withdrawn site by Moved alone."""

    site: int
    till: bytes
    batch: Batch


@dataclass(frozen=True, slots=True)
class FindFrame:
    """Answered by FrameFound."""

    scope: Scope
    after: int
    site: int


@dataclass(frozen=True, slots=True)
class FindRows:
    """Answered by RowsFound."""

    scope: Scope
    after: Key
    buckets: frozenset[int]
    site: int
    part: Part = Part.WHOLE


@dataclass(frozen=True, slots=True)
class FindDigest:
    """Answered by Answered."""

    scope: Scope
    group: int
    site: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Order again what a till returns of an older generation. Answered by Moved (if it was new), then Answered.

    Of a withdrawn site it is answered by Moved alone.
    """

    site: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class FindRoot:
    """Answered by RootFound."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Note:
    """Keep what a till says of itself for the fleet."""

    site: int
    hello: wire.Hello | None = None
    report: wire.Report | None = None


@dataclass(frozen=True, slots=True)
class Scrub:
    """Hold some rows after a key against their hashes. Answered by Scrubbed."""

    after: Key


@dataclass(frozen=True, slots=True)
class TakeHeld:
    """Put damaged rows right from what a till holds. Answered by Mended."""

    rows: tuple[tuple[Key, bytes], ...]


Command = (
    Send
    | Publish
    | LookUp
    | BeginGeneration
    | TakeIn
    | TakeBack
    | FindFrame
    | FindRows
    | FindDigest
    | FindRoot
    | Note
    | Scrub
    | TakeHeld
)
