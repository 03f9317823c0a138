"""Records as the hub reads them: strictly, each operation with its leaf; and what of them others have to mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from daemon.domain.change import (
    OPERATIONS_MAX,
    RECORD_BYTES_MAX,
    Header,
    Operation,
    Record,
    leaf_of,
    read_header,
    read_operation,
    record_bytes,
)
from daemon.domain.kinds import Kind
from daemon.domain.ledger import BOOKED
from daemon.domain.sale import KIND, ORIGINAL
from daemon.errors import PeerFault


@dataclass(frozen=True, slots=True)
class Readable:
    """A record that was read strictly."""

    record: Record
    header: Header
    ops: tuple[Operation | None, ...]
    leaves: tuple[bytes, ...]


def read_record(record: Record) -> Readable:
    """Read a record strictly; raises PeerFault saying what is wrong."""
    header = read_header(record.header)
    if not 0 < len(record.slots) <= OPERATIONS_MAX or record_bytes(record) > RECORD_BYTES_MAX:
        raise PeerFault("a record is empty or too long")
    ops = tuple(read_operation(slot) if isinstance(slot, bytes) else None for slot in record.slots)
    leaves = tuple([leaf_of(slot, op.entity if op else b"") for slot, op in zip(record.slots, ops, strict=True)])
    return Readable(record, header, ops, leaves)


def booked_in(records: Sequence[Readable]) -> tuple[tuple[Header, Operation], ...]:
    """The entries and rights in some records, each with its record's header."""
    return tuple((one.header, op) for one in records for op in one.ops if op is not None and op.kind in BOOKED)


def sold_in(records: Sequence[Readable]) -> frozenset[bytes]:
    """The accounts of the sales that some records speak of."""
    return frozenset(op.entity for one in records for op in one.ops if op is not None and op.kind in _SOLD)


def registered_in(records: Sequence[Readable]) -> frozenset[bytes]:
    """The sales that some records register or cancel: a restored hub may hear of the cancellation first."""
    said = (op for one in records for op in one.ops if op is not None and op.kind == Kind.SALE)
    found = (op.dot if op.fields.get(KIND) == "sale" else _cancelled(op) for op in said)
    return frozenset(one for one in found if isinstance(one, bytes) and one)


def _cancelled(op: Operation) -> Any:
    return op.fields.get(ORIGINAL) if op.fields.get(KIND) == "cancellation" else None


_SOLD = frozenset({Kind.SALE, Kind.SALE_LINES, Kind.MONTH})
