"""Records in columns: how batches and frames lie on the wire.

Records of one till repeat each other in everything but the entity and the value. Side by side, the parts that repeat
nearly vanish in compression, and the random ids, which do not compress, cost their eight bytes and no more. The exact
header and operation bytes come back, because the hash chain runs over them.
"""

from typing import Any

from daemon.domain.change import Actor, Header, HeaderForm, Record, Slot, decode_header
from daemon.errors import PeerFault

_BEFORE_ID, _AFTER_ID = 6, 14
"""Where the entity stands in the bytes of an operation whose kind is below 128: after map, 1, kind, 2, bin 8."""

RAW = -1
"""The author number of a header that this version cannot take apart without loss."""

Author = tuple[int, bytes, int, tuple[int, str], str, int]


def to_columns(records: tuple[Record, ...]) -> tuple[Any, ...]:
    """(authors, author numbers, n, times, raw headers, slot counts, ids, slots): see `from_columns`."""
    authors: dict[Author, int] = {}
    forms: list[HeaderForm] = []
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
        author = _author(header)
        number = authors.get(author, len(forms))
        form = forms[number] if number < len(forms) else HeaderForm.of(header)
        if form.bytes_of(header.n, header.time) == record.header:
            if number == len(forms):
                authors[author] = number
                forms.append(form)
            numbers.append(number)
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
    step, time, raw = iter(steps), iter(times), iter(raws)
    whole = _with_ids(slots, ids)
    taken = n_before = time_before = 0
    forms: dict[int, tuple[HeaderForm, Header]] = {}
    records: list[Record] = []
    for number, count in zip(numbers, counts, strict=True):
        if number == RAW:
            header, read = _bytes(next(raw)), None
        else:
            n_before += next(step)
            time_before += next(time)
            known = forms.get(number)
            if known is None:
                known = forms[number] = _form(*authors[number])
            form, like = known
            header = form.bytes_of(n_before, time_before)
            read = Header(like.site, like.boot, n_before, time_before, like.incarnation, like.actor)
        records.append(Record(header, whole[taken : taken + count], read))
        taken += count
        if count < 0 or taken > len(whole):
            raise PeerFault("a record of a batch lacks operations")
    if taken != len(whole) or any(True for column in (step, time, raw) for _ in column):
        raise PeerFault("a batch carries more than its records")
    return tuple(records)


def _form(
    site: int, boot: bytes, incarnation: int, who: tuple[int, str], role: str, shop: int
) -> tuple[HeaderForm, Header]:
    """What the headers of an author have in common: their bytes, and what these say."""
    kind, ident = who
    header = Header(site, boot, 0, 0, incarnation, Actor(kind, ident, role, shop))
    return HeaderForm.of(header), header


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


def _with_ids(slots: Any, ids: Any) -> tuple[Slot, ...]:
    """The slots with the ids of their entities put back where they stood."""
    at = 0
    whole: list[Slot] = []
    for slot in slots:
        if isinstance(slot, bytes):
            whole.append(slot[:_BEFORE_ID] + ids[at : at + 8] + slot[_BEFORE_ID:])
            at += 8
        else:
            whole.append(_without_column(slot))
    if at != len(_bytes(ids)):
        raise PeerFault("a batch does not carry an id for each operation")
    return tuple(whole)


def _without_column(slot: Any) -> Slot:
    """An operation that kept its id, or a leaf."""
    if len(slot) == 2:
        return _bytes(slot[0])
    leaf = _bytes(slot[0])
    if len(slot) != 1 or len(leaf) != 16:
        raise PeerFault("a leaf of a batch is not 16 bytes")
    return (leaf,)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise PeerFault("a batch holds something else where bytes belong")
    return value
