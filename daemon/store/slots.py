"""How the slots of a record lie in a column, and in a message: each its bytes, or the one-tuple of its leaf."""

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Slot


def pack_slots(slots: tuple[Slot, ...]) -> bytes:
    """Slots as one blob."""
    return pack(slots)


def unpack_slots(raw: bytes) -> tuple[Slot, ...]:
    """Slots from the blob that this replica wrote."""
    slots: tuple[Slot, ...] = unpack(raw)
    return slots
