"""How the slots of a record lie in a column, and in a message: each its bytes, or the one-tuple of its leaf."""

from collections.abc import Iterable

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Record, Slot


def pack_slots(slots: tuple[Slot, ...]) -> bytes:
    """Slots as one blob."""
    return pack(slots)


def unpack_slots(raw: bytes) -> tuple[Slot, ...]:
    """Slots from the blob that this replica wrote."""
    slots: tuple[Slot, ...] = unpack(raw)
    return slots


def pack_records(records: Iterable[Record]) -> bytes:
    """Records as one blob: header and slots of each."""
    return pack(tuple([(record.header, record.slots) for record in records]))


def unpack_records(raw: bytes) -> list[Record]:
    """Records from the blob that this replica wrote."""
    return [Record(header, slots) for header, slots in unpack(raw)]


def one_record(header: bytes, slots: bytes) -> bytes:
    """A record from its two columns, as a blob of one."""
    return pack(((header, unpack(slots)),))
