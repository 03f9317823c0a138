"""Sessions, tries and applications as they are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.domain.ids import EntityId
from daemon.store import operators
from daemon.store.database import Connection, migrate, open_connection
from daemon.store.operators import Application, Session, Tries

LEA = EntityId(b"lea-lea-")


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    found = open_connection(tmp_path / "x.db")
    migrate(found)
    yield found
    found.close()


def test_a_session_lasts_until_it_ends(conn: Connection) -> None:
    operators.open_session(conn, b"t1", Session(LEA, 100), now_ms=5)
    assert operators.session(conn, b"t1", now_ms=99) == Session(LEA, 100)
    assert operators.session(conn, b"t1", now_ms=100) is None
    operators.open_session(conn, b"t2", Session(LEA, 300), now_ms=200)
    assert conn.execute("SELECT token FROM session").fetchall() == [(b"t2",)]
    operators.close_session(conn, b"t2")
    assert operators.session(conn, b"t2", now_ms=200) is None


def test_tries_are_counted_until_forgiven(conn: Connection) -> None:
    assert operators.tries(conn, LEA) == Tries()
    for wrong in (1, 2):
        operators.save_tries(conn, LEA, Tries(wrong, wrong * 10))
    assert operators.tries(conn, LEA) == Tries(2, 20)
    operators.save_tries(conn, LEA, Tries())
    assert operators.tries(conn, LEA) == Tries()


def test_an_application_has_one_token_at_a_time(conn: Connection) -> None:
    operators.save_application(conn, Application("till software", "application"), b"old", now_ms=1)
    operators.save_application(conn, Application("till software", "monitor"), b"new", now_ms=2)
    assert operators.application(conn, b"old") is None
    assert operators.application(conn, b"new") == Application("till software", "monitor")
    assert operators.applications(conn) == [Application("till software", "monitor")]
    assert [operators.revoke_application(conn, "till software") for _ in range(2)] == [True, False]
