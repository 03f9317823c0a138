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

VERSION = 1
COMPRESS_FROM_BYTES = 1024
NOBODY = bytes(8)
"""No boot of any till."""

PLAIN_BYTES_MAX = 256 * 1024
"""The most that a message may be after decompression: a frame of 64 KiB of records, in columns, with room."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Till → hub, first on every link: who speaks, where it stands. `greeting` counts the hellos of this boot."""

    site: int
    boot: bytes
    lot: bytes
    head: Head
    cursors: dict[Scope, Cursor]
    version: str
    clock_ms: int
    greeting: int = 0


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """What the hub says of one feed. `fork`: from where on its generation differs from the one before."""

    head: Cursor
    fork: Cursor


@dataclass(frozen=True, slots=True)
class Welcome:
    """Hub → till: the time, the position that the hub holds of this incarnation (None: it knows none), the feeds.

    `spread_ms` asks the till to wait up to so long, by chance, before it asks for ranges. `till` and `greeting` name
    the hello that this answers: an answer to an older one, or to another box with this site's disk, says what is not so
    any more. NOBODY: nothing was asked, but what the till sends does not continue what the hub holds.
    """

    boot: bytes
    hub_ms: int
    head: Head | None
    feeds: dict[Scope, FeedStanding]
    spread_ms: int = 0
    till: bytes = NOBODY
    greeting: int = 0


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


Message = Hello | Welcome | Upload | Ack | ResealWanted | Refused | RangeWanted | Ordered | Marked | Report


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


def _scope(scope: Scope) -> tuple[int, int]:
    return (int(scope.reach), scope.number)


def _to_scope(plain: Any) -> Scope:
    reach, number = plain
    return Scope(_int(reach), _int(number))


def _cursor(cursor: Cursor) -> tuple[int, int, bytes]:
    return (cursor.generation, cursor.offset, cursor.chain)


def _to_cursor(plain: Any) -> Cursor:
    generation, offset, chain = plain
    return Cursor(_int(generation), _int(offset), _chain(chain))


def _head(head: Head | None) -> tuple[int, int, bytes] | None:
    return None if head is None else (head.incarnation, head.seq, head.chain)


def _to_head(plain: Any) -> Head:
    incarnation, seq, chain = plain
    return Head(_int(incarnation), _int(seq), _chain(chain))


def _int(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a natural number")
    return value


def _bytes(value: Any, length: int) -> bytes:
    if type(value) is not bytes or len(value) != length:
        raise ValueError("not the bytes that belong here")
    return value


def _chain(value: Any) -> bytes:
    return _bytes(value, 16)


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > 500:
        raise ValueError("not a short text")
    return value


def _hello(m: Hello) -> Any:
    cursors = tuple((_scope(scope), _cursor(cursor)) for scope, cursor in m.cursors.items())
    return (m.site, m.boot, m.lot, _head(m.head), cursors, m.version, m.clock_ms, m.greeting)


def _to_hello(plain: Any) -> Hello:
    site, boot, lot, head, cursors, version, clock_ms, greeting, *_ = plain
    return Hello(
        site=_int(site),
        boot=_bytes(boot, 8),
        lot=_bytes(lot, 8),
        head=_to_head(head),
        cursors={_to_scope(scope): _to_cursor(cursor) for scope, cursor in cursors},
        version=_text(version),
        clock_ms=_int(clock_ms),
        greeting=_int(greeting),
    )


def _welcome(m: Welcome) -> Any:
    feeds = tuple((_scope(scope), _cursor(one.head), _cursor(one.fork)) for scope, one in m.feeds.items())
    return (m.boot, m.hub_ms, _head(m.head), feeds, m.spread_ms, m.till, m.greeting)


def _to_welcome(plain: Any) -> Welcome:
    boot, hub_ms, head, feeds, spread_ms, till, greeting, *_ = plain
    return Welcome(
        boot=_bytes(boot, 8),
        hub_ms=_int(hub_ms),
        head=None if head is None else _to_head(head),
        feeds={_to_scope(scope): FeedStanding(_to_cursor(at), _to_cursor(fork)) for scope, at, fork in feeds},
        spread_ms=_int(spread_ms),
        till=_bytes(till, 8),
        greeting=_int(greeting),
    )


def _upload(m: Upload) -> Any:
    batch = m.batch
    return (batch.site, batch.incarnation, batch.first, batch.chain, to_columns(batch.records), m.till)


def _to_upload(plain: Any) -> Upload:
    site, incarnation, first, chain, columns, till, *_ = plain
    batch = Batch(_int(site), _int(incarnation), _int(first), _chain(chain), from_columns(columns))
    return Upload(batch, _bytes(till, 8))


def _ordered(m: Ordered) -> Any:
    frame = m.frame
    return (_scope(frame.scope), frame.generation, frame.first, frame.chain, to_columns(frame.records))


def _to_ordered(plain: Any) -> Ordered:
    scope, generation, first, chain, columns, *_ = plain
    return Ordered(Frame(_to_scope(scope), _int(generation), _int(first), _chain(chain), from_columns(columns)))


def _marked(m: Marked) -> Any:
    mark = m.mark
    return (_scope(mark.scope), _cursor(mark.cursor), mark.root, mark.hub_ms, mark.backed_up)


def _to_marked(plain: Any) -> Marked:
    scope, cursor, root, hub_ms, backed_up, *_ = plain
    return Marked(Mark(_to_scope(scope), _to_cursor(cursor), _chain(root), _int(hub_ms), _int(backed_up)))


def _to_ack(plain: Any) -> Ack:
    incarnation, seq, till, *_ = plain
    return Ack(_int(incarnation), _int(seq), _bytes(till, 8))


def _to_reseal(plain: Any) -> ResealWanted:
    incarnation, hub_ms, seq, till, *_ = plain
    return ResealWanted(_int(incarnation), _int(hub_ms), _int(seq), _bytes(till, 8))


def _to_refused(plain: Any) -> Refused:
    incarnation, seq, reason, till, *_ = plain
    return Refused(_int(incarnation), _int(seq), _text(reason), _bytes(till, 8))


def _to_range(plain: Any) -> RangeWanted:
    scope, generation, after, frames, *_ = plain
    return RangeWanted(_to_scope(scope), _int(generation), _int(after), _int(frames))


def _to_report(plain: Any) -> Report:
    clock_ms, waiting, offset, version, facts, *_ = plain
    if not isinstance(facts, dict):
        raise TypeError("facts are a map")
    return Report(_int(clock_ms), _int(waiting), _int(offset), _text(version), facts)


_BY_TYPE: dict[type, tuple[int, Callable[[Any], Any], Callable[[Any], Message]]] = {
    Hello: (1, _hello, _to_hello),
    Welcome: (2, _welcome, _to_welcome),
    Upload: (3, _upload, _to_upload),
    Ack: (4, lambda m: (m.incarnation, m.seq, m.till), _to_ack),
    ResealWanted: (5, lambda m: (m.incarnation, m.hub_ms, m.seq, m.till), _to_reseal),
    Refused: (6, lambda m: (m.incarnation, m.seq, m.reason, m.till), _to_refused),
    RangeWanted: (7, lambda m: (_scope(m.scope), m.generation, m.after, m.frames), _to_range),
    Ordered: (8, _ordered, _to_ordered),
    Marked: (9, _marked, _to_marked),
    Report: (10, lambda m: (m.clock_ms, m.waiting, m.offset, m.version, m.facts), _to_report),
}
"""Message types by their number on the wire; a number is never reused."""

_BY_NUMBER = {number: (kind.__name__, from_plain) for kind, (number, _, from_plain) in _BY_TYPE.items()}
