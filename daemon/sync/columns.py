"""Records in columns: how batches and frames lie on the wire.

Records of one till repeat each other in everything but the entity and the value. Side by side, the parts that repeat
nearly vanish in compression, and the random ids, which do not compress, cost their eight bytes and no more. The exact
header and operation bytes come back, because the hash chain runs over them.
"""

from typing import Any

from daemon.domain.change import Actor, Header, Record, Slot, decode_header, encode_header
from daemon.errors import PeerFault

_BEFORE_ID, _AFTER_ID = 6, 14
"""Where the entity stands in the bytes of an operation whose kind is below 128: after map, 1, kind, 2, bin 8."""

RAW = -1
"""The author number of a header that this version cannot take apart without loss."""

Author = tuple[int, bytes, int, tuple[int, str], str, int]


def to_columns(records: tuple[Record, ...]) -> tuple[Any, ...]:
    """(authors, author numbers, n, times, raw headers, slot counts, ids, slots): see `from_columns`."""
    authors: dict[Author, int] = {}
    numbers: list[int] = []
    counts: list[int] = []
    steps: list[int] = []
    times: list[int] = []
    raws: list[bytes] = []
    ids: list[bytes] = []
    slots: list[Any] = []
    n_before = time_before = 0
    for record in records:
        header = decode_header(record.header)
        if encode_header(header) == record.header:
            numbers.append(authors.setdefault(_author(header), len(authors)))
            steps.append(header.n - n_before)
            times.append(header.time - time_before)
            n_before, time_before = header.n, header.time
        else:
            numbers.append(RAW)
            raws.append(record.header)
        counts.append(len(record.slots))
        slots.extend(_without_id(slot, ids) for slot in record.slots)
    return (
        tuple(authors),
        tuple(numbers),
        tuple(steps),
        tuple(times),
        tuple(raws),
        tuple(counts),
        b"".join(ids),
        tuple(slots),
    )


def from_columns(columns: Any) -> tuple[Record, ...]:
    """The records again, byte for byte; raises PeerFault when the columns do not fit together."""
    try:
        return _from_columns(*columns)
    except (ValueError, TypeError, IndexError, StopIteration, OverflowError) as wrong:
        raise PeerFault("the columns of a batch do not fit together") from wrong


def _from_columns(authors: Any, numbers: Any, steps: Any, times: Any, *rest: Any) -> tuple[Record, ...]:
    raws, counts, ids, slots = rest
    if not all(type(column) is tuple for column in (authors, numbers, steps, times, raws, counts, slots)):
        raise PeerFault("a column of a batch is not one")
    step, time, raw, slot = iter(steps), iter(times), iter(raws), iter(slots)
    at = n_before = time_before = 0
    records: list[Record] = []
    for number, count in zip(numbers, counts, strict=True):
        if number == RAW:
            header = _bytes(next(raw))
        else:
            n_before += next(step)
            time_before += next(time)
            site, boot, incarnation, (kind, ident), role, shop = authors[number]
            actor = Actor(kind, ident, role, shop)
            header = encode_header(Header(site, boot, n_before, time_before, incarnation, actor))
        taken: list[Slot] = []
        for _ in range(count):
            whole, at = _with_id(next(slot), ids, at)
            taken.append(whole)
        records.append(Record(header, tuple(taken)))
    if at != len(ids):
        raise PeerFault("a batch carries ids that no operation names")
    if any(True for column in (step, time, raw, slot) for _ in column):
        raise PeerFault("a batch carries more than its records")
    return tuple(records)


def _author(header: Header) -> Author:
    who = header.actor
    return (header.site, header.boot, header.incarnation, (int(who.kind), who.id), who.role, who.shop)


def _without_id(slot: Slot, ids: list[bytes]) -> Any:
    """An operation without its entity, which joins the column of ids; anything else as it is, in a tuple."""
    if isinstance(slot, tuple):
        return slot
    if slot[1:2] == b"\x01" and slot[3:_BEFORE_ID] == b"\x02\xc4\x08" and len(slot) >= _AFTER_ID:
        ids.append(slot[_BEFORE_ID:_AFTER_ID])
        return slot[:_BEFORE_ID] + slot[_AFTER_ID:]
    return (slot, 0)


def _with_id(slot: Any, ids: bytes, at: int) -> tuple[Slot, int]:
    if isinstance(slot, bytes):
        ident = ids[at : at + 8]
        if len(ident) != 8:
            raise PeerFault("a batch lacks the id of an operation")
        return slot[:_BEFORE_ID] + ident + slot[_BEFORE_ID:], at + 8
    if len(slot) == 2:
        return _bytes(slot[0]), at
    leaf = _bytes(slot[0])
    if len(slot) != 1 or len(leaf) != 16:
        raise PeerFault("a leaf of a batch is not 16 bytes")
    return (leaf,), at


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise PeerFault("a batch holds something else where bytes belong")
    return value
