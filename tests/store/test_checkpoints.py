"""The log is folded into the database beside whoever writes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.domain.disk_room import FREE_BYTES_LOW
from daemon.errors import StoreFault
from daemon.store import checkpoints, courtesy
from daemon.store import database as door
from daemon.store.ballast import Ballast
from daemon.store.database import Connection, open_connection, open_database

CONTENT = bytes(3000)


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Connection]:
    """A connection that only asks."""
    conn = open_connection(tmp_path / "x.db")
    yield conn
    conn.close()


def fill(conn: Connection) -> None:
    """Some forty pages."""
    (first,) = conn.execute("SELECT count(*) FROM meta").fetchone()
    for at in range(40):
        conn.execute("INSERT INTO meta VALUES (?, ?)", (f"{first + at:06d}", CONTENT))


def log_of(conn: Connection) -> tuple[int, int]:
    """(pages of the log, how many of them are folded)"""
    conn.execute("SELECT count(*) FROM meta").fetchone()  # else it is the log as this connection last saw it
    _, pages, folded = conn.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    return pages, folded


async def folded(asker: Connection, *, least: int | None = None) -> None:
    """Until so many pages of the log are folded; all of them."""
    async with asyncio.timeout(10):
        while True:
            pages, done = log_of(asker)
            if done >= (pages if least is None else least):
                return
            await asyncio.sleep(0.01)


async def test_what_is_written_at_the_counter_is_folded_after_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asker: Connection
) -> None:
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 20)
    async with open_database(tmp_path / "x.db") as database:
        for _ in range(3):
            await database.write(fill)
            await folded(asker)
            await database.write(
                lambda conn: conn.execute("DELETE FROM meta WHERE name = (SELECT max(name) FROM meta)")
            )
            assert log_of(asker)[0] < 20, "a log that is folded begins again"
    assert asker.execute("SELECT count(*) FROM meta").fetchone() == (117,)
    assert asker.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_while_somebody_types_only_a_long_log_is_folded_and_then_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asker: Connection
) -> None:
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 20)
    monkeypatch.setattr(checkpoints, "LONG_PAGES", 100)
    monkeypatch.setattr(checkpoints, "PUT_OFF_PAGES", 400)
    monkeypatch.setattr(courtesy, "QUIET_S", 1.0)
    async with open_database(tmp_path / "x.db") as database:
        await database.read(lambda _: None, is_search=True)
        await database.write(fill)
        await asyncio.sleep(3 * checkpoints.LOOK_S)
        assert log_of(asker)[1] == 0, "somebody types"
        await folded(asker)
        await database.write(fill)
        await folded(asker)
        monkeypatch.setattr(courtesy, "QUIET_S", 10**6)
        await database.read(lambda _: None, is_search=True)
        for _ in range(30):
            await database.write(fill)
        await folded(asker, least=400)


async def test_while_somebody_types_a_merge_goes_on_up_to_a_longer_log_unless_the_disk_has_little_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asker: Connection
) -> None:
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 20)
    monkeypatch.setattr(checkpoints, "LONG_PAGES", 100)
    monkeypatch.setattr(checkpoints, "PUT_OFF_PAGES", 900)
    monkeypatch.setattr(courtesy, "QUIET_S", 10**6)
    async with open_database(tmp_path / "x.db") as database:
        await database.read(lambda _: None, is_search=True)
        for _ in range(10):
            await database.write_in_turn(fill)
        length, done = log_of(asker)
        assert length > 400
        assert done == 0, "nobody waits for it"
        for _ in range(40):
            await database.write_in_turn(fill)
        assert log_of(asker)[0] < 1_000, "it was folded, and began again"
        monkeypatch.setattr(Ballast, "free_bytes", lambda _: FREE_BYTES_LOW - 1)
        for _ in range(5):
            await database.write_in_turn(fill)
        await folded(asker)


async def test_a_long_task_waits_for_a_long_log_and_the_counter_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asker: Connection
) -> None:
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 10**6)
    monkeypatch.setattr(checkpoints, "LONG_PAGES", 400)
    async with open_database(tmp_path / "x.db") as database:
        for _ in range(20):
            await database.write(fill)
        assert log_of(asker)[0] > 800
        for write in (database.write_in_turn, database.write_behind):
            for _ in range(20):
                await write(fill)
            assert log_of(asker)[0] < 500


async def test_a_log_that_was_long_gives_its_disk_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "LONG_PAGES", 400)
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 10**6)
    monkeypatch.setattr(checkpoints, "KEPT_BYTES", 100_000)
    log = tmp_path / "x.db-wal"
    async with open_database(tmp_path / "x.db") as database:
        for _ in range(20):
            await database.write(fill)
        assert log.stat().st_size > 3_000_000
        await database.write_in_turn(fill)
        assert log.stat().st_size < 1_000_000


async def test_where_the_length_cannot_be_asked_commits_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "sqlite_version", lambda: (3, 50, 7))
    async with open_database(tmp_path / "x.db") as database:
        assert await database.write(lambda conn: conn.execute("PRAGMA wal_autocheckpoint").fetchone()) == (1000,)


def test_a_log_that_cannot_be_folded_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asker: Connection
) -> None:
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 1)

    def refused() -> Connection:
        raise StoreFault("the database cannot be opened")

    writer = open_connection(tmp_path / "x.db")
    folding = checkpoints.Checkpoints(refused, door.DatabaseError)
    folding.leave_to_us(writer)
    door.migrate(writer)
    folding.look(writer)
    folding.begin().result()
    folding.close()
    assert log_of(asker)[1] == 0
    writer.close()


def test_folding_that_always_fails_is_told_and_a_file_that_is_there_again_is_opened_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.db"
    is_broken = True

    def connect() -> Connection:
        if is_broken:
            raise StoreFault("the database cannot be opened")
        return open_connection(path)

    writer = open_connection(path)
    folding = checkpoints.Checkpoints(connect, door.DatabaseError, tmp_path)
    folding.leave_to_us(writer)
    door.migrate(writer)
    for _ in range(checkpoints.FAILURES_TOLD - 1):
        folding.begin().result()
        assert folding.trouble == ""
    for _ in range(3):
        folding.begin().result()
    assert folding.trouble == (
        "what is saved cannot be moved from the log into the database, 5 times in a row:"
        f" look at the disk of {tmp_path}"
    )
    assert sum("folding-fails" in record.message for record in caplog.records) == 1, "once, and not at each commit"
    is_broken = False
    folding.begin().result()
    assert folding.trouble == ""
    folding.close()
    writer.close()


async def test_a_log_that_somebody_reads_for_ever_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "FOLD_PAGES", 20)
    monkeypatch.setattr(checkpoints, "STUCK_PAGES", 400)
    async with open_database(tmp_path / "x.db") as database:
        reader = open_connection(tmp_path / "x.db", read_only=True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchone()
        for _ in range(20):
            await database.write(fill)
        assert database.trouble == (
            "the log beside the database grows, because something has been reading it for long: restart comptoir"
        )
        reader.close()
        async with asyncio.timeout(10):
            while database.trouble:
                await database.write(fill)
