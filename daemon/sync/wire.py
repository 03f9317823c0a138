"""Messages between a till and the hub, and their bytes.

A message is: version, type, compression (one byte each), then canonical msgpack, compressed above a kibibyte. What does
not read back to the same bytes, is too long or does not fit its type is refused with a reason.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from daemon.domain.canonical import pack, unpack_foreign
from daemon.domain.feed import Batch, Cursor, Frame, Head, Mark, Scope
from daemon.errors import PeerFault
from daemon.sync.columns import from_columns, to_columns
from daemon.sync.plain import (
    chain_bytes,
    exact,
    from_cursor,
    from_head,
    from_scope,
    natural,
    short_text,
    to_cursor,
    to_head,
    to_scope,
)
from daemon.sync.wire_questions import QUESTION_MESSAGES, QuestionMessage
from daemon.sync.wire_renewal import RENEWAL_MESSAGES, RenewalMessage
from daemon.sync.wire_rows import ROW_MESSAGES, RowMessage

VERSION = 1
COMPRESS_FROM_BYTES = 1024
NOBODY = bytes(8)
"""No boot of any till."""

PLAIN_BYTES_MAX = 256 * 1024
"""The most that a message may be after decompression: a frame of 64 KiB of records, in columns, with room."""


Trail = tuple[tuple[int, bytes], ...]
"""(offset, hash chain of the feed there)"""

TRAIL_MAX = 24


@dataclass(frozen=True, slots=True)
class Hello:
    """Till → hub, first on every link: who speaks, where it stands. `greeting` counts the hellos of this boot.

    `trails`: places that it has passed in each feed, newest first, from which a restored hub finds where it forked.
    """

    site: int
    boot: bytes
    lot: bytes
    head: Head
    cursors: dict[Scope, Cursor]
    version: str
    clock_ms: int
    greeting: int = 0
    trails: dict[Scope, Trail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """What the hub says of one feed. `fork`: from where on its generation differs from the one before.

    `oldest`: the hub's log begins after this offset; who stands before it is filled from rows.
    """

    head: Cursor
    fork: Cursor
    oldest: int = 0


@dataclass(frozen=True, slots=True)
class Welcome:
    """Hub → till: the time, the position that the hub holds of this incarnation (None: it knows none), the feeds.

    `spread_ms` asks the till to wait up to so long, by chance, before it asks for ranges. `till` and `greeting` name
    the hello that this answers: an answer to an older one, or to another box with this site's disk, says what is not so
    any more. NOBODY: nothing was asked, but what the till sends does not continue what the hub holds. `fenced`: two
    boxes live under this site; they sell on without rights.
    """

    boot: bytes
    hub_ms: int
    head: Head | None
    feeds: dict[Scope, FeedStanding]
    spread_ms: int = 0
    till: bytes = NOBODY
    greeting: int = 0
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """Till → hub: sealed records. `till` is the boot that sends them; the answer names it.

    Two boxes with one disk hear each other's answers, and have given one position to different records.
    """

    batch: Batch
    till: bytes = NOBODY


@dataclass(frozen=True, slots=True)
class Ack:
    """Hub → till: applied with full durability up to `seq` of this incarnation."""

    incarnation: int
    seq: int
    till: bytes = NOBODY


@dataclass(frozen=True, slots=True)
class ResealWanted:
    """Hub → till: the stamp of record `seq` is more than ten minutes ahead; this is the time. All before is applied."""

    incarnation: int
    hub_ms: int
    seq: int
    till: bytes = NOBODY


@dataclass(frozen=True, slots=True)
class Refused:
    """Hub → till: record `seq` of this incarnation cannot be read."""

    incarnation: int
    seq: int
    reason: str
    till: bytes = NOBODY


@dataclass(frozen=True, slots=True)
class RangeWanted:
    """Till → hub: send the records of a feed after an offset, at most so many frames."""

    scope: Scope
    generation: int
    after: int
    frames: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """Hub → tills: the next records of a feed, live or as a range."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Marked:
    """Hub → tills: the root of a feed at an offset."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Report:
    """Till → hub: how it is. `facts` are numbers and short words by name; never a person."""

    clock_ms: int
    waiting: int
    offset: int
    version: str
    facts: dict[int, Any] = field(default_factory=dict)


Message = (
    Hello
    | Welcome
    | Upload
    | Ack
    | ResealWanted
    | Refused
    | RangeWanted
    | Ordered
    | Marked
    | Report
    | RenewalMessage
    | RowMessage
    | QuestionMessage
)


def encode(message: Message) -> bytes:
    """The bytes of a message."""
    number, to_plain, _ = _BY_TYPE[type(message)]
    plain = pack(to_plain(message))
    if len(plain) < COMPRESS_FROM_BYTES:
        return bytes((VERSION, number, 0)) + plain
    return bytes((VERSION, number, 1)) + zlib.compress(plain, 6)


def decode(raw: bytes) -> Message:
    """Read a message; raises PeerFault saying what is wrong."""
    if len(raw) < 4 or raw[0] != VERSION:
        raise PeerFault(f"a message of {len(raw)} bytes is not of wire version {VERSION}")
    known = _BY_NUMBER.get(raw[1])
    if known is None:
        raise PeerFault(f"a message has type {raw[1]}, which this version does not know")
    name, from_plain = known
    plain = raw[3:] if raw[2] == 0 else _decompress(raw[3:], name)
    value = unpack_foreign(plain, what=f"a message {name}", bytes_max=PLAIN_BYTES_MAX)
    try:
        return from_plain(value)
    except (ValueError, TypeError, IndexError, KeyError) as wrong:
        raise PeerFault(f"a message {name} does not have the parts of one") from wrong


def _decompress(packed: bytes, name: str) -> bytes:
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(packed, PLAIN_BYTES_MAX)
    except zlib.error as wrong:
        raise PeerFault(f"a message {name} does not decompress") from wrong
    if engine.unconsumed_tail or not engine.eof or engine.unused_data:
        raise PeerFault(f"a message {name} is longer than {PLAIN_BYTES_MAX} bytes, cut off, or has something behind it")
    return plain


def _hello(m: Hello) -> Any:
    cursors = tuple((from_scope(scope), from_cursor(cursor)) for scope, cursor in m.cursors.items())
    trails = tuple((from_scope(scope), trail) for scope, trail in m.trails.items())
    return (m.site, m.boot, m.lot, from_head(m.head), cursors, m.version, m.clock_ms, m.greeting, trails)


def _to_hello(plain: Any) -> Hello:
    site, boot, lot, head, cursors, version, clock_ms, greeting, trails, *_ = plain
    return Hello(
        site=natural(site),
        boot=exact(boot, 8),
        lot=exact(lot, 8),
        head=to_head(head),
        cursors={to_scope(scope): to_cursor(cursor) for scope, cursor in cursors},
        version=short_text(version),
        clock_ms=natural(clock_ms),
        greeting=natural(greeting),
        trails={to_scope(scope): _to_trail(trail) for scope, trail in trails},
    )


def _to_trail(plain: Any) -> Trail:
    if len(plain) > TRAIL_MAX:
        raise ValueError("too long a trail")
    return tuple((natural(offset), chain_bytes(chain)) for offset, chain in plain)


def _welcome(m: Welcome) -> Any:
    feeds = tuple(
        (from_scope(scope), from_cursor(one.head), from_cursor(one.fork), one.oldest) for scope, one in m.feeds.items()
    )
    fenced = (True,) if m.fenced else ()
    return (m.boot, m.hub_ms, from_head(m.head), feeds, m.spread_ms, m.till, m.greeting, *fenced)


def _to_welcome(plain: Any) -> Welcome:
    boot, hub_ms, head, feeds, spread_ms, till, greeting, *more = plain
    return Welcome(
        boot=exact(boot, 8),
        hub_ms=natural(hub_ms),
        head=None if head is None else to_head(head),
        feeds={
            to_scope(scope): FeedStanding(to_cursor(at), to_cursor(fork), natural(oldest))
            for scope, at, fork, oldest in feeds
        },
        spread_ms=natural(spread_ms),
        till=exact(till, 8),
        greeting=natural(greeting),
        fenced=more[:1] == [True],
    )


def _upload(m: Upload) -> Any:
    batch = m.batch
    return (batch.site, batch.incarnation, batch.first, batch.chain, to_columns(batch.records), m.till)


def _to_upload(plain: Any) -> Upload:
    site, incarnation, first, chain, columns, till, *_ = plain
    batch = Batch(natural(site), natural(incarnation), natural(first), chain_bytes(chain), from_columns(columns))
    return Upload(batch, exact(till, 8))


def _ordered(m: Ordered) -> Any:
    frame = m.frame
    plain = (from_scope(frame.scope), frame.generation, frame.first, frame.chain, to_columns(frame.records))
    return (*plain, frame.head) if frame.head else plain


def _to_ordered(plain: Any) -> Ordered:
    scope, generation, first, chain, columns, *more = plain
    head = more[0] if more and type(more[0]) is int and more[0] >= 0 else 0
    return Ordered(
        Frame(to_scope(scope), natural(generation), natural(first), chain_bytes(chain), from_columns(columns), head)
    )


def _marked(m: Marked) -> Any:
    mark = m.mark
    plain = (from_scope(mark.scope), from_cursor(mark.cursor), mark.root, mark.hub_ms, mark.backed_up, mark.is_whole)
    return plain if mark.erased is None else (*plain, mark.erased)


def _to_marked(plain: Any) -> Marked:
    scope, cursor, root, hub_ms, backed_up, is_whole, *more = plain
    if type(is_whole) is not bool:
        raise TypeError("a mark is whole or not")
    mark = Mark(
        to_scope(scope),
        to_cursor(cursor),
        chain_bytes(root),
        natural(hub_ms),
        natural(backed_up),
        is_whole=is_whole,
        erased=more[0] if more and type(more[0]) is int else None,
    )
    return Marked(mark)


def _to_ack(plain: Any) -> Ack:
    incarnation, seq, till, *_ = plain
    return Ack(natural(incarnation), natural(seq), exact(till, 8))


def _to_reseal(plain: Any) -> ResealWanted:
    incarnation, hub_ms, seq, till, *_ = plain
    return ResealWanted(natural(incarnation), natural(hub_ms), natural(seq), exact(till, 8))


def _to_refused(plain: Any) -> Refused:
    incarnation, seq, reason, till, *_ = plain
    return Refused(natural(incarnation), natural(seq), short_text(reason), exact(till, 8))


def _to_range(plain: Any) -> RangeWanted:
    scope, generation, after, frames, *_ = plain
    return RangeWanted(to_scope(scope), natural(generation), natural(after), natural(frames))


def _to_report(plain: Any) -> Report:
    clock_ms, waiting, offset, version, facts, *_ = plain
    if not isinstance(facts, dict):
        raise TypeError("facts are a map")
    return Report(natural(clock_ms), natural(waiting), natural(offset), short_text(version), facts)


_BY_TYPE: dict[type, tuple[int, Callable[[Any], Any], Callable[[Any], Message]]] = {
    Hello: (1, _hello, _to_hello),
    Welcome: (2, _welcome, _to_welcome),
    Upload: (3, _upload, _to_upload),
    Ack: (4, lambda m: (m.incarnation, m.seq, m.till), _to_ack),
    ResealWanted: (5, lambda m: (m.incarnation, m.hub_ms, m.seq, m.till), _to_reseal),
    Refused: (6, lambda m: (m.incarnation, m.seq, m.reason, m.till), _to_refused),
    RangeWanted: (7, lambda m: (from_scope(m.scope), m.generation, m.after, m.frames), _to_range),
    Ordered: (8, _ordered, _to_ordered),
    Marked: (9, _marked, _to_marked),
    Report: (10, lambda m: (m.clock_ms, m.waiting, m.offset, m.version, m.facts), _to_report),
    **RENEWAL_MESSAGES,
    **ROW_MESSAGES,
    **QUESTION_MESSAGES,
}
"""Message types by their number on the wire; a number is never reused."""

_BY_NUMBER = {number: (kind.__name__, from_plain) for kind, (number, _, from_plain) in _BY_TYPE.items()}
