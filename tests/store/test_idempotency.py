"""Answers kept under their keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.store import idempotency
from daemon.store.database import Connection, migrate, open_connection
from daemon.store.idempotency import KEPT_MS, Remembered

ANSWER = Remembered(b"f" * 16, b'{"id":"0101010101010101","name":"Morel"}')


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    found = open_connection(tmp_path / "x.db")
    migrate(found)
    yield found
    found.close()


def test_an_answer_is_remembered_for_its_actor_and_key(conn: Connection) -> None:
    idempotency.remember(conn, "1:lea", "k", ANSWER, now_ms=5)
    assert idempotency.recall(conn, "1:lea", "k", now_ms=5) == ANSWER
    assert idempotency.recall(conn, "1:paul", "k", now_ms=5) is None
    assert idempotency.recall(conn, "1:lea", "j", now_ms=5) is None
    assert "Morel" not in repr(ANSWER)


def test_an_answer_is_forgotten_after_thirty_days_and_swept_by_those_that_follow(conn: Connection) -> None:
    for at in range(25):
        idempotency.remember(conn, "a", f"old-{at}", ANSWER, now_ms=at)
    assert idempotency.recall(conn, "a", "old-0", now_ms=KEPT_MS) is None
    for at in range(2):
        idempotency.remember(conn, "a", f"new-{at}", ANSWER, now_ms=KEPT_MS + 100)
    assert conn.execute("SELECT count(*) FROM answer").fetchone() == (2,)


def test_of_an_erased_customer_the_key_stays_and_nothing_else(conn: Connection) -> None:
    idempotency.remember(conn, "a", "his", ANSWER, now_ms=5)
    idempotency.remember(conn, "a", "hers", Remembered(b"g", b'{"id":"0202020202020202"}'), now_ms=5)
    idempotency.cut(conn, b"\x01" * 8)
    assert idempotency.recall(conn, "a", "his", now_ms=5) == Remembered(b"", b"")
    assert idempotency.recall(conn, "a", "hers", now_ms=5) == Remembered(b"g", b'{"id":"0202020202020202"}')
