"""Boxes that a till was before: known from what it says, until somebody writes off what they held."""

from daemon.store import holders, rights
from daemon.store.database import Connection
from tests.store.small_chain import Site

OLD, NEW, NEWER = b"lot-old.", b"lot-new.", b"lot-last"


def told(conn: Connection, lot: bytes, at_ms: int) -> None:
    """A till has reported under which lot it holds rights, as head office's performer hears it."""
    holders.note_lot(conn, 2, lot, now_ms=at_ms)
    rights.has_told(conn, 2, boot=b"boot-hub", lot=lot)


def test_a_till_that_holds_rights_under_another_lot_has_a_former_box() -> None:
    conn = Site(1).conn
    assert (holders.former(conn, 2), holders.all_former(conn), holders.former_since_ms(conn, 2)) == ({}, {}, 0)
    told(conn, OLD, 1)
    told(conn, OLD, 2)
    assert holders.former(conn, 2) == {}
    told(conn, NEW, 3)
    told(conn, NEWER, 4)
    assert holders.former(conn, 2) == {OLD: 3, NEW: 4}
    assert holders.all_former(conn) == {2: 3}
    holders.forget_former(conn, 2)
    assert (holders.former(conn, 2), holders.all_former(conn)) == ({}, {})


def test_a_box_that_speaks_again_is_not_a_former_one() -> None:
    conn = Site(1).conn
    for at_ms, lot in enumerate((OLD, NEW, OLD), 1):
        told(conn, lot, at_ms)
    assert holders.former(conn, 2) == {NEW: 3}, "two boxes under one number: the one that was taken away"
