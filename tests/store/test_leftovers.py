"""A database that a restore has replaced holds persons: it goes with the first erasure."""

from pathlib import Path

import pytest

from daemon.domain import authoring as wish
from daemon.domain.kinds import Kind
from daemon.errors import StoreFault
from daemon.store import leftovers, personal
from daemon.store.database import migrate, open_connection, run
from tests.store.small_chain import ANNE, Site


def left_beside(database: Path) -> list[Path]:
    made = [database.with_name(f"hub.db.{name}") for name in ("replaced", "replaced-wal", "restoring", "restoring-shm")]
    for path in made:
        path.write_bytes(b"somebody")
    return made


def test_what_lies_beside_the_database_goes_when_somebody_is_erased(tmp_path: Path) -> None:
    database = tmp_path / "hub.db"
    conn = open_connection(database)
    migrate(conn)
    made = left_beside(database)
    other = tmp_path / "hub-20200101.db"
    other.touch()
    assert leftovers.found(database) == made
    run(conn, lambda c: personal.cut(c, ANNE))
    assert leftovers.found(database) == []
    assert database.exists()
    assert other.exists()
    conn.close()


def test_a_database_in_memory_has_nothing_beside_it() -> None:
    site = Site(2)
    site.create()
    site.commit(wish.erase(Kind.ERASE, ANNE))
    assert site.row() is None


def test_a_leftover_that_cannot_be_removed_is_named(tmp_path: Path) -> None:
    database = tmp_path / "hub.db"
    database.with_name("hub.db.replaced").mkdir()
    with pytest.raises(StoreFault, match=r"hub\.db\.replaced cannot be removed: Is a directory"):
        leftovers.remove(database)
