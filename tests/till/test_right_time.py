"""The time without head office: a kernel clock that a time server keeps right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.domain.clock_doubt import ClockDoubt
from daemon.domain.hlc import ticks
from daemon.store.database import Connection, Database, open_database
from daemon.store.replica import Identity, Replica, put_meta, write_identity
from daemon.till.right_time import LOOK_S, WatchedClock, follow_kernel_clock, known_time
from daemon.tls import KnownTime, Validity
from tests.fakes.stepped_clock import SteppedClock

NOW = 1_790_000_000_000
OURS = Validity(not_before_ms=NOW - 1000, not_after_ms=NOW + 1000)


@asynccontextmanager
async def replica_in(folder: Path, last: int = 0) -> AsyncIterator[tuple[Database, Replica]]:
    async with open_database(folder / "till.db") as database:
        replica = Replica(b"bootboot")

        def begin(conn: Connection) -> None:
            write_identity(conn, Identity(chain="c", site=2, shop=1, incarnation=7, lot=b"lotlotlo"))
            put_meta(conn, "last_time", last)
            replica.reload(conn)

        await database.write(begin)
        yield database, replica


async def looked(database: Database, replica: Replica, *answers: int | None) -> None:
    """The till looks so often, and is answered so; its own clock says 1970."""
    waiting = list(answers)
    asked_all = asyncio.Event()

    def kernel() -> int | None:
        if len(waiting) == 1:
            asked_all.set()
        return waiting.pop(0) if waiting else None

    clock = SteppedClock()
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow_kernel_clock(database, replica, clock, kernel), name="kernel clock")
        while not asked_all.is_set():
            await asyncio.sleep(0.01)
            await clock.advance(LOOK_S)
        await asyncio.sleep(0.05)
        following.cancel()


async def test_a_synchronised_clock_anchors_a_boot_that_head_office_has_not_greeted(tmp_path: Path) -> None:
    async with replica_in(tmp_path, last=ticks(NOW - 5)) as (database, replica):
        await looked(database, replica, None, None, NOW)
        assert replica.timeline.anchored
        time, _ = replica.timeline.next(local_ms=NOW - replica.timeline.offset_ms)
        assert time >= ticks(NOW)


async def test_a_clock_that_nobody_keeps_right_anchors_nothing(tmp_path: Path) -> None:
    async with replica_in(tmp_path) as (database, replica):
        await looked(database, replica, None, None)
        assert not replica.timeline.anchored


async def test_a_clock_before_the_last_stamp_is_not_believed(tmp_path: Path) -> None:
    async with replica_in(tmp_path, last=ticks(NOW + 5)) as (database, replica):
        await looked(database, replica, NOW)
        assert not replica.timeline.anchored


async def test_head_office_has_the_last_word(tmp_path: Path) -> None:
    async with replica_in(tmp_path) as (database, replica):
        replica.timeline = replica.timeline.anchor(local_ms=0, true_ms=NOW + 99)
        await looked(database, replica, NOW)
        assert replica.timeline.offset_ms == NOW + 99


@pytest.mark.parametrize(
    ("kernel_ms", "known"),
    [
        (NOW, KnownTime(at_ms=NOW, is_sure=True)),
        (None, KnownTime(at_ms=NOW - 1000, is_sure=False)),
        (NOW - 2000, KnownTime(at_ms=NOW - 1000, is_sure=False)),
    ],
)
def test_a_certificate_is_held_against_a_right_clock_or_against_our_own(
    kernel_ms: int | None, known: KnownTime
) -> None:
    assert known_time(OURS, lambda: kernel_ms) == known


async def test_the_machines_clock_is_watched_against_what_head_office_said(tmp_path: Path) -> None:
    async with replica_in(tmp_path) as (_, replica):
        clock, shown = SteppedClock(NOW), [NOW]
        watched = WatchedClock(replica, clock, lambda: shown[0])
        assert watched.doubt() is None
        clock.jump(3 * 86_400)
        shown[0] += 3 * 86_400_000
        assert watched.doubt() == ClockDoubt(kind="unconfirmed", ms=3 * 86_400_000)
        replica.timeline = replica.timeline.anchor(local_ms=clock.now_ms(), true_ms=clock.now_ms() + 7_200_000)
        assert watched.doubt() == ClockDoubt(kind="behind", ms=7_200_000)
        shown[0] += 7_200_000  # somebody has set it
        assert watched.doubt() is None
