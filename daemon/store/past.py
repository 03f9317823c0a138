"""What was said before of a value that stands now: read from the records that are kept, own and followed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from daemon.domain.change import Operation, Record, Verb, decode_header, decode_operation, dot_of
from daemon.domain.element import Key
from daemon.domain.feed import CHAIN
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.store import kept
from daemon.store.database import Connection
from daemon.store.slots import unpack_slots


@dataclass(frozen=True, slots=True)
class Said:
    """A value, and the stamp of what its author saw there.

    NO_STAMP: the row or member began with it. None: it was the stamp of the element's beginning.
    """

    value: Any
    replaced: Stamp | None


@dataclass(frozen=True, slots=True)
class Author:
    """Who gave a stamp."""

    actor: str
    shop: int
    feed_offset: int


def author(conn: Connection, stamp: Stamp) -> Author | None:
    """Who gave a stamp, where this replica knows it."""
    row = conn.execute(
        "SELECT actor, shop, feed_offset FROM author WHERE time = ? AND site = ? AND incarnation = ?", stamp
    ).fetchone()
    return None if row is None else Author(*row)


def said(conn: Connection, key: Key, number: int, stamp: Stamp) -> Said | None:
    """What the record with this stamp said of a field; None where no replica's record of it is left here."""
    for record in _records(conn, key[0], stamp):
        header = decode_header(record.header)
        if header.stamp != stamp:
            continue
        found: Said | None = None
        for at, slot in enumerate(record.slots):
            op = decode_operation(slot) if isinstance(slot, bytes) else None
            if op is None or (op.entity, op.kind) != key[:2]:
                continue
            if key[2] and (op.dot or dot_of(header.record, at)) != key[2]:
                continue
            found = _said(op, number) or found
        if found is not None:
            return found
    return None


def _said(op: Operation, number: int) -> Said | None:
    """What one operation says of a field; a row or a member that begins without it says that it is empty."""
    if op.verb in (Verb.CREATE, Verb.ADD):
        return Said(op.fields.get(number), NO_STAMP)
    return Said(op.fields[number], op.replaces.get(number)) if number in op.fields else None


def _records(conn: Connection, entity: bytes, stamp: Stamp) -> Iterator[Record]:
    """The records that may carry a stamp: the one at its place in the feed, and own ones about the same customer."""
    known = author(conn, stamp)
    if known is not None and known.feed_offset:
        row = conn.execute(
            "SELECT header, slots FROM feed WHERE reach = 0 AND number = 0 AND feed_offset = ?", (known.feed_offset,)
        ).fetchone()
        there = kept.record_at(conn, CHAIN, known.feed_offset) if row is None else Record(row[0], unpack_slots(row[1]))
        if there is not None:
            yield there
    for header, slots in conn.execute("SELECT header, slots FROM change WHERE instr(slots, ?)", (entity,)):
        yield Record(header, unpack_slots(slots))
