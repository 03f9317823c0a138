"""How the operations of a record lie in a column."""

from daemon.store.slots import pack_slots, unpack_slots


def test_operations_and_leaves_come_back_as_they_were() -> None:
    slots = (b"an operation", (b"a leaf of sixteen",), b"")
    assert unpack_slots(pack_slots(slots)) == slots
    assert unpack_slots(pack_slots(())) == ()
