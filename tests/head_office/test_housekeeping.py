"""Head office forgets old records of the feed, a little at a time, and never those that a backup builds on."""

import asyncio
from pathlib import Path

import pytest

from daemon.domain.feed import CHAIN, Cursor
from daemon.head_office import housekeeping
from daemon.head_office.housekeeping import DAY_MS, PAUSE_S, REST_S, keep_feed_short, prune
from daemon.store import backup_list, ordering
from daemon.store.backup_list import Listed
from daemon.store.database import Connection, open_database
from tests.fakes.stepped_clock import SteppedClock

NOW_MS = 1_700_000_000_000


def ordered(conn: Connection, *, old: int, young: int) -> None:
    """A feed with old records and young ones."""
    conn.executemany(
        "INSERT INTO feed (reach, number, feed_offset, header, slots, chain, ordered_ms) VALUES (0,0,?,x'',x'',?,?)",
        [
            (at, bytes([at % 256]) * 16, NOW_MS - 36 * DAY_MS if at <= old else NOW_MS)
            for at in range(1, old + young + 1)
        ],
    )
    ordering.save_feed_head(conn, CHAIN, Cursor(1, old + young, bytes([(old + young) % 256]) * 16))


ROUNDS_MAX = 500
"""Of 20 ms: a busy machine gives the connection's thread its turn late."""


def offsets(conn: Connection) -> list[int]:
    return [at for (at,) in conn.execute("SELECT feed_offset FROM feed ORDER BY feed_offset")]


async def test_records_older_than_the_days_go_in_small_units_and_the_rest_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "RECORDS_MAX", 40)
    clock = SteppedClock(NOW_MS)
    async with open_database(tmp_path / "hub.db") as database:
        await database.write_in_turn(lambda conn: ordered(conn, old=100, young=20))
        before = database.commits
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(keep_feed_short(database, clock, days=35), name="old records")
            for _ in range(ROUNDS_MAX):
                await asyncio.sleep(0.02)  # the unit itself runs on the connection's thread
                await clock.advance(PAUSE_S)
                if database.commits - before >= 4:
                    break
            await clock.advance(PAUSE_S)
            assert database.commits - before == 4, "three units that drop something, one that finds nothing"
            # The last old one stays: it says the chain under the first young one.
            assert await database.read(offsets) == list(range(100, 121))
            clock.jump(36 * DAY_MS / 1000)
            for _ in range(ROUNDS_MAX):
                await clock.advance(REST_S)
                await asyncio.sleep(0.02)
                if await database.read(offsets) == [120]:
                    break
            assert await database.read(offsets) == [120]
            work.cancel()


async def test_what_comes_after_the_oldest_backup_that_may_be_restored_stays(tmp_path: Path) -> None:
    def unit(conn: Connection) -> int:
        ordered(conn, old=100, young=20)
        backup_list.enter(conn, Listed(path=Path("/b/hub-1.db"), taken_ms=1, at=Cursor(1, 60, b"c" * 16)))
        backup_list.enter(conn, Listed(path=Path("/b/hub-2.db"), taken_ms=2, at=Cursor(1, 90, b"c" * 16)))
        return prune(conn, before_ms=NOW_MS - 35 * DAY_MS)

    async with open_database(tmp_path / "hub.db") as database:
        assert await database.write_in_turn(unit) == 59
        assert (await database.read(offsets))[0] == 60
