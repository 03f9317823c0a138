"""After an erasure the file is written anew: nothing stays in unused parts of its pages."""

import asyncio
from pathlib import Path

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import Actor
from daemon.domain.kinds import Kind
from daemon.errors import StoreFault
from daemon.store import authoring, compacting
from daemon.store.compacting import SMALL_BYTES, keep_erased_out, may_begin, remains
from daemon.store.database import Connection
from daemon.store.index_merging import forget_by_and_by
from tests.fakes.counter import Counter, open_counter

ROOM = 1 << 40


@pytest.mark.parametrize(
    ("size", "free", "may"),
    [
        (SMALL_BYTES, ROOM, True),
        (SMALL_BYTES + 1, ROOM, False),
        (SMALL_BYTES, SMALL_BYTES + SMALL_BYTES // 2, False),
    ],
)
def test_a_small_file_is_written_anew_where_there_is_room(size: int, free: int, may: bool) -> None:
    assert may_begin(size=size, free=free) is may


async def say(counter: Counter, *operations: object) -> None:
    def unit(conn: Connection) -> None:
        authoring.commit(conn, counter.replica, Actor(), operations, now_ms=1)  # type: ignore[arg-type]  # operations

    await counter.database.write(unit)


def in_files(where: Path, marker: bytes) -> bool:
    files = [file.read_bytes() for file in where.rglob("*") if file.is_file()]
    assert files
    return any(marker in raw for raw in files)


async def looked(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let it look, until it has nothing to do or its patience ends; what is left to do."""
    monkeypatch.setattr(compacting, "LOOK_S", 0.001)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(keep_erased_out(counter.database, counter.clock), name="looks")
        for _ in range(40):
            await asyncio.sleep(0.01)
            if not await counter.database.read(remains):
                break
        task.cancel()
    return await counter.database.read(remains)


async def test_what_lies_in_an_unused_part_of_a_page_goes_with_who_was_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_counter(tmp_path) as counter:
        await say(counter, wish.create(Kind.CUSTOMER, b"anne....", {2: ("Anne", "Zqmarker")}))
        assert await looked(counter, monkeypatch) == 0

        def left_behind(conn: Connection) -> None:
            conn.execute("PRAGMA secure_delete=OFF")  # as the balancing of a tree leaves it
            conn.execute("CREATE TABLE moved (row TEXT)")
            conn.execute("INSERT INTO moved VALUES ('Zqmarker')")
            conn.execute("DELETE FROM moved")

        await counter.database.write(left_behind)
        await say(counter, wish.erase(Kind.ERASE, b"anne...."))
        assert await counter.database.read(remains) == 1
        assert await looked(counter, monkeypatch) == 0
        await counter.database.write(lambda conn: None)
    assert not in_files(tmp_path, b"Zqmarker")


async def test_a_large_file_stays_and_words_that_are_going_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_counter(tmp_path) as counter:
        await say(counter, wish.create(Kind.CUSTOMER, b"anne....", {2: ("Anne", "Zqmarker")}))
        await say(counter, wish.erase(Kind.ERASE, b"anne...."))
        monkeypatch.setattr(compacting, "SMALL_BYTES", 0)
        assert await looked(counter, monkeypatch) == 1
        await counter.database.write(forget_by_and_by)
        assert await counter.database.read(remains) == 0


async def test_a_disk_that_refuses_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_counter(tmp_path) as counter:
        await say(counter, wish.create(Kind.CUSTOMER, b"anne....", {2: ("Anne", "Zqmarker")}))
        await say(counter, wish.erase(Kind.ERASE, b"anne...."))
        asked: list[int] = []

        async def refused() -> None:
            asked.append(1)
            if len(asked) == 1:
                raise StoreFault("the disk says no")

        monkeypatch.setattr(compacting, "REST_S", 0.001)
        monkeypatch.setattr(counter.database, "compact", refused)
        assert await looked(counter, monkeypatch) == 0
        assert len(asked) == 2
