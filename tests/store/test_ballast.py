"""The ballast: room for the day when the disk is full. On a real small file system where one may be mounted."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.errors import StoreFault
from daemon.store.ballast import NAME, Ballast, Refusal, fault_of, refusal_of
from daemon.store.database import Connection, Database, Unit, open_database
from daemon.store.replica import get_meta, put_meta
from tests.fakes.small_disk import fill, mounted_small_disk

MIB = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MiB."""
    with mounted_small_disk(tmp_path / "disk", mib=24) as folder:
        yield folder


def note(number: int) -> Unit[None]:
    return lambda conn: put_meta(conn, f"note {number}", b"x" * 4000)


async def write_on_and_on(database: Database) -> None:
    for number in range(10_000):
        await database.write(note(number))


def count(conn: Connection) -> int:
    found: int = conn.execute("SELECT count(*) FROM meta").fetchone()[0]
    return found


@pytest.mark.feature("F4.4")
async def test_on_a_full_disk_reads_go_on_a_write_says_so_and_it_recovers_by_itself(small_disk: Path) -> None:
    async with open_database(small_disk / "till.db", ballast_bytes=4 * MIB) as database:
        assert (small_disk / NAME).stat().st_blocks * 512 >= 4 * MIB
        await database.write(lambda conn: put_meta(conn, "before", 1))
        filler = fill(small_disk)
        with pytest.raises(StoreFault, match="the disk is full: reads go on, nothing can be saved until") as refused:
            await write_on_and_on(database)
        assert str(small_disk) in str(refused.value)
        saved = await database.read(count)
        assert not (small_disk / NAME).exists()
        with pytest.raises(StoreFault, match="the disk is full"):
            await database.write(lambda conn: put_meta(conn, "somebody's", 1))
        assert await database.read(count) == saved
        assert await database.read(lambda conn: get_meta(conn, "before")) == 1
        await database.write_in_turn(lambda conn: put_meta(conn, "acknowledged", b"y" * 100_000))
        filler.unlink()
        await database.write(lambda conn: put_meta(conn, "after", 1))
        assert (small_disk / NAME).stat().st_size == 4 * MIB
        assert await database.read(count) == saved + 2


async def test_a_daemon_that_starts_on_a_full_disk_reads_and_recovers(small_disk: Path) -> None:
    path = small_disk / "till.db"
    async with open_database(path, ballast_bytes=4 * MIB) as database:
        await database.write(lambda conn: put_meta(conn, "before", 1))
    fill(small_disk)
    async with open_database(path, ballast_bytes=4 * MIB) as database:
        assert await database.read(lambda conn: get_meta(conn, "before")) == 1
    (small_disk / NAME).unlink(missing_ok=True)
    filler = fill(small_disk)
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - MIB)
    async with open_database(path, ballast_bytes=4 * MIB) as database:
        with pytest.raises(StoreFault, match="the disk is full"):
            await database.write(lambda conn: put_meta(conn, "more", 1))
        filler.unlink()
        await database.write(lambda conn: put_meta(conn, "more", 1))


def test_the_ballast_takes_no_room_that_somebody_needs(small_disk: Path) -> None:
    ballast = Ballast(small_disk / "till.db", 20 * MIB)
    assert not ballast.take_in(), "as much must stay free beside it"
    assert not (small_disk / NAME).exists()
    ballast.begin()
    ballast.require()


def test_half_a_ballast_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"x")
    ballast = Ballast(tmp_path / "till.db", MIB)
    ballast.begin()
    assert (tmp_path / NAME).stat().st_size == MIB
    assert ballast.release()
    assert not ballast.release()
    ballast.require()
    assert (tmp_path / NAME).exists()


async def test_without_a_ballast_nothing_is_made_and_nothing_refused(tmp_path: Path) -> None:
    async with open_database(tmp_path / "till.db") as database:
        await database.write(lambda conn: put_meta(conn, "a", 1))
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("said", "free_bytes", "refusal"),
    [
        ("database or disk is full", 10 * MIB, Refusal.FULL),
        ("attempt to write a readonly database", 10 * MIB, Refusal.READ_ONLY),
        ("disk I/O error", 10 * MIB, Refusal.BROKEN),
        ("disk I/O error", 4096, Refusal.FULL),
        ("unable to open database file", 10 * MIB, Refusal.BROKEN),
        ("database is locked", 0, Refusal.OTHER),
    ],
)
def test_what_sqlite_says_of_the_disk_is_told_apart(said: str, free_bytes: int, refusal: Refusal) -> None:
    assert refusal_of(said, free_bytes) is refusal


def test_each_refusal_is_one_sentence_that_names_the_place() -> None:
    path = Path("/var/lib/x/till.db")
    sentences = [str(fault_of(refusal, "database is locked", path)) for refusal in Refusal]
    assert sentences == [
        "the disk is full: reads go on, nothing can be saved until /var/lib/x has room",
        "the disk is read-only: reads go on, nothing can be saved in /var/lib/x",
        "the disk of /var/lib/x reports errors: nothing was saved; look at the disk",
        "the database till.db is damaged: database is locked",
        "the database till.db refuses: database is locked",
    ]


async def test_a_disk_that_was_made_read_only_is_said_to_be_and_read_on(tmp_path: Path) -> None:
    async with open_database(tmp_path / "till.db", ballast_bytes=MIB) as database:
        await database.write(lambda conn: put_meta(conn, "a", 1))
        await database.write_in_turn(lambda conn: None)
        with pytest.raises(StoreFault, match="the disk is read-only: reads go on"):
            await database.read(lambda conn: put_meta(conn, "b", 1))
        assert await database.read(lambda conn: get_meta(conn, "a")) == 1


def test_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    ballast = Ballast(folder / "till.db", MIB)
    shutil.rmtree(folder)
    assert ballast.free_bytes() == 0
    assert not ballast.take_in()


def test_a_ballast_that_may_not_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_descriptor: int, _offset: int, _length: int) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "posix_fallocate", refused)
    with pytest.raises(StoreFault, match=r"the ballast .* cannot be made: Operation not permitted"):
        Ballast(tmp_path / "till.db", MIB).take_in()
