"""The hub's list of backups: which may be restored, and what the tills are told of them."""

from pathlib import Path

import pytest

from daemon.domain.feed import Cursor
from daemon.store import backup_list
from daemon.store.backup_list import Listed
from daemon.store.database import Connection, migrate, open_connection


@pytest.fixture
def conn() -> Connection:
    conn = open_connection(":memory:")
    migrate(conn)
    return conn


def taken_at(offset: int) -> Listed:
    return Listed(path=Path(f"/b/hub-{offset}.db"), taken_ms=offset, at=Cursor(1, offset, bytes([offset]) * 16))


def test_the_tills_are_told_of_the_oldest_backup_that_may_be_restored(conn: Connection) -> None:
    assert (backup_list.backed_up(conn), backup_list.restorable(conn)) == (0, [])
    for offset in (10, 20, 30):
        backup_list.enter(conn, taken_at(offset))
        assert backup_list.backed_up(conn) == 10
    withdrawn = backup_list.withdraw_all_but(conn, 2, now_ms=99)
    assert withdrawn == [Path("/b/hub-10.db")]
    assert (backup_list.backed_up(conn), backup_list.restorable(conn)) == (20, [taken_at(20), taken_at(30)])


def test_a_withdrawn_backup_is_named_until_its_file_is_gone(conn: Connection) -> None:
    for offset in (10, 20, 30):
        backup_list.enter(conn, taken_at(offset))
    backup_list.withdraw_all_but(conn, 1, now_ms=99)
    assert len(backup_list.withdraw_all_but(conn, 1, now_ms=100)) == 2
    backup_list.forget(conn, Path("/b/hub-10.db"))
    backup_list.forget(conn, Path("/b/hub-30.db"))
    assert backup_list.withdraw_all_but(conn, 1, now_ms=100) == [Path("/b/hub-20.db")]
    assert backup_list.restorable(conn) == [taken_at(30)]


def test_what_the_tills_were_promised_is_not_taken_back(conn: Connection) -> None:
    for offset in (10, 20, 30):
        backup_list.enter(conn, taken_at(offset))
    backup_list.withdraw_before(conn, 20, now_ms=99)
    assert backup_list.backed_up(conn) == 20
    backup_list.withdraw_before(conn, 40, now_ms=99)
    assert backup_list.backed_up(conn) == 0
