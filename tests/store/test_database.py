"""The door to SQLite: what it is opened with, how it is migrated, and what a unit of work promises."""

import asyncio
from pathlib import Path

import pytest

from daemon.errors import OperatorMistake, StoreFault
from daemon.store import database as door
from daemon.store.database import Connection, migrate, open_connection, open_database, run

KEY = bytes(range(32))
OperationalError: type[Exception] = vars(door)["engine"].OperationalError


def one(conn: Connection, sql: str) -> object:
    return conn.execute(sql).fetchone()[0]


def test_a_file_is_opened_with_the_settings_that_the_promises_rest_on(tmp_path: Path) -> None:
    conn = open_connection(tmp_path / "till.db")
    assert one(conn, "PRAGMA journal_mode") == "wal"
    assert one(conn, "PRAGMA synchronous") == 2
    assert one(conn, "PRAGMA secure_delete") == 1
    conn.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    writer = open_connection(tmp_path / "till.db")
    migrate(writer)
    reader = open_connection(tmp_path / "till.db", read_only=True)
    with pytest.raises(OperationalError, match="readonly"):
        reader.execute("INSERT INTO meta VALUES ('a', 1)")
    reader.close()
    writer.close()


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "till.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StoreFault, match="cannot be opened"):
        open_connection(tmp_path / "till.db")


def test_a_folder_that_does_not_exist_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="cannot be opened"):
        open_connection(tmp_path / "nowhere" / "till.db")


def test_an_encrypted_file_holds_no_plain_text_and_opens_with_its_key_alone(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    conn = open_connection(path, key=KEY)
    migrate(conn)
    conn.execute("INSERT INTO meta VALUES ('secret', 'Zanzibar')")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    assert b"Zanzibar" not in path.read_bytes()
    assert b"SQLite format" not in path.read_bytes()
    for wrong in (None, bytes(32)):
        with pytest.raises(StoreFault):
            open_connection(path, key=wrong)
    again = open_connection(path, key=KEY)
    assert one(again, "SELECT value FROM meta WHERE name = 'secret'") == "Zanzibar"
    again.close()


def test_a_key_that_this_machine_cannot_use_is_not_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sqlite3

    monkeypatch.setattr(door, "engine", sqlite3)
    monkeypatch.setattr(door, "Courteous", sqlite3.Connection)
    with pytest.raises(StoreFault, match="cannot encrypt"):
        open_connection(tmp_path / "till.db", key=KEY)


def test_migrations_run_once_and_each_whole(tmp_path: Path) -> None:
    conn = open_connection(tmp_path / "till.db")
    backups: list[int] = []
    latest = migrate(conn, before=backups.append)
    assert migrate(conn, before=backups.append) == latest == one(conn, "PRAGMA user_version")
    assert backups == [], "an empty file needs no backup"
    conn.execute("PRAGMA user_version=31")  # the next step makes a table, which cannot be made twice
    with pytest.raises(OperationalError, match="already exists"):
        migrate(conn, before=backups.append)
    assert backups == [31]
    assert one(conn, "PRAGMA user_version") == 31
    assert not conn.in_transaction
    conn.close()


def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    conn = open_connection(tmp_path / "till.db")
    latest = migrate(conn)
    conn.execute(f"PRAGMA user_version={latest + 1}")
    with pytest.raises(StoreFault, match="downgrade refused"):
        migrate(conn)
    conn.close()


def test_a_unit_is_done_whole_or_not_at_all() -> None:
    conn = open_connection(":memory:")
    conn.execute("CREATE TABLE t (a)")

    def half(conn: Connection) -> None:
        conn.execute("INSERT INTO t VALUES (1)")
        raise OperatorMistake("no")

    with pytest.raises(OperatorMistake):
        run(conn, half)
    assert (one(conn, "SELECT count(*) FROM t"), conn.in_transaction) == (0, False)
    assert run(conn, lambda c: c.execute("INSERT INTO t VALUES (1)").rowcount) == 1
    assert one(conn, "SELECT count(*) FROM t") == 1
    conn.close()


async def test_whoever_keeps_something_in_mind_hears_of_each_commit_and_of_no_failure(tmp_path: Path) -> None:
    heard: list[int] = []
    async with door.open_database(tmp_path / "x.db") as database:
        database.on_commit(lambda: heard.append(database.commits))

        def fail(_: Connection) -> None:
            raise OperatorMistake("no")

        for write in (database.write, database.write_in_turn):
            await write(lambda conn: None)
            with pytest.raises(OperatorMistake):
                await write(fail)
            await database.read(lambda conn: None)
    assert (heard, database.commits) == ([1, 2], 2)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((3, 51, 2), False),
        ((3, 50, 7), True),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
    ],
)
def test_two_connections_only_where_they_cannot_corrupt_the_file(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], safe: bool
) -> None:
    monkeypatch.setattr(door, "sqlite_version", lambda: version)
    assert door.may_read_beside() is safe


async def test_what_is_written_is_read_and_what_failed_is_told_to_memory(tmp_path: Path) -> None:
    reloaded: list[object] = []
    written: list[None] = []
    async with open_database(tmp_path / "till.db") as database:
        database.on_rollback(lambda conn: reloaded.append(one(conn, "SELECT count(*) FROM meta")))
        database.on_write(lambda: written.append(None))
        await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('a', 1)"))
        assert await database.read(lambda conn: one(conn, "SELECT value FROM meta")) == 1

        def fails(conn: Connection) -> None:
            conn.execute("INSERT INTO meta VALUES ('b', 1)")
            raise OperatorMistake("no")

        with pytest.raises(OperatorMistake):
            await database.write(fails)
        with pytest.raises(StoreFault, match=r"till\.db refuses"):
            await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('a', 2)"))
        await asyncio.sleep(0)
    assert reloaded == [1, 1]
    assert len(written) == 1


async def test_no_unit_begins_on_a_memory_that_could_not_be_read_again(tmp_path: Path) -> None:
    read: list[object] = []
    is_bad = [True]

    def reload(conn: Connection) -> None:
        if is_bad[0]:
            raise OperationalError("disk I/O error")
        read.append(one(conn, "SELECT count(*) FROM meta"))

    async with open_database(tmp_path / "till.db") as database:
        database.on_rollback(reload)
        with pytest.raises(StoreFault):
            await database.write(lambda conn: conn.execute("INSERT INTO nowhere VALUES (1)"))
        with pytest.raises(StoreFault, match="reports errors"):
            await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('a', 1)"))
        is_bad[0] = False
        await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('b', 1)"))
        await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('c', 1)"))
        assert await database.read(lambda conn: one(conn, "SELECT group_concat(name, '') FROM meta")) == "bc"
    assert read == [0]


async def test_replication_waits_for_the_counter(tmp_path: Path) -> None:
    order: list[str] = []
    async with open_database(tmp_path / "till.db") as database:

        def slow(conn: Connection) -> None:
            order.append("counter")

        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(database.write(slow), name="counter")
            await asyncio.sleep(0)
            tasks.create_task(database.write_in_turn(lambda conn: order.append("replication")), name="replication")
    assert order == ["counter"] * 3 + ["replication"]


async def test_without_a_safe_reader_the_writer_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "may_read_beside", lambda: False)
    async with open_database(tmp_path / "till.db") as database:
        await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('a', 1)"))
        assert await database.read(lambda conn: one(conn, "SELECT value FROM meta")) == 1


async def test_all_that_one_read_sees_is_of_one_moment(tmp_path: Path) -> None:
    other = open_connection(tmp_path / "till.db")
    async with open_database(tmp_path / "till.db") as database:
        await database.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('a', 1)"))

        def twice(conn: Connection) -> tuple[object, object]:
            first = one(conn, "SELECT value FROM meta")
            other.execute("UPDATE meta SET value = 2")
            return first, one(conn, "SELECT value FROM meta")

        if door.may_read_beside():
            assert await database.read(twice) == (1, 1)
            assert await database.read(lambda conn: one(conn, "SELECT value FROM meta")) == 2
    other.close()
