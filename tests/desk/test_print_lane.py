import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typing_extensions import override

from daemon.backoff import Backoff
from daemon.clock import SystemClock
from daemon.desk.print_lane import PrintLane
from daemon.desk.print_ports import PrintJobChanged
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Cancelled, Cause, Hold, Interrupted, JobEvent, JobState, NothingSent, PrintJob, Step
from daemon.domain.print_kind import JobKind
from daemon.errors import StoreFault
from daemon.store.database import Database, open_database
from daemon.store.print_jobs import StoredPrintJobs
from tests.fakes.paper_tray import PaperTray
from tests.fakes.print_ear import PrintEar

SOON = Backoff(first_s=0.01, max_s=0.02)


class MoodyJobs(StoredPrintJobs):
    """A store whose disk is full for a while."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.refuses_to_find = 0
        self.refuses_to_advance = 0

    @override
    async def next_for(self, printer: str) -> PrintJob | None:
        if self.refuses_to_find:
            self.refuses_to_find -= 1
            raise StoreFault("the disk cannot be read")
        return await super().next_for(printer)

    @override
    async def advance(self, job_id: EntityId, event: JobEvent, now_ms: int) -> Step:
        if self.refuses_to_advance:
            self.refuses_to_advance -= 1
            raise StoreFault("the disk is full")
        return await super().advance(job_id, event, now_ms)


class Room:
    """A lane at work, and what it says."""

    def __init__(self, jobs: MoodyJobs) -> None:
        self.jobs = jobs
        self.tray = PaperTray()
        self.ear = PrintEar()
        self.lane = PrintLane(self.tray, jobs, self.ear, SystemClock(), SOON)

    async def keep(self, number: int, kind: JobKind = JobKind.BADGE) -> EntityId:
        job_id = EntityId(b"job%05d" % number)
        job = PrintJob(
            id=job_id,
            request_key=str(number),
            kind=kind,
            printer="counter",
            requested_ms=1,
            changed_ms=1,
            personal=b"{}",
        )
        await self.jobs.enqueue(job)
        self.lane.wake()
        return job_id

    async def until(self, job_id: EntityId, state: JobState, hold: Hold | None = None) -> PrintJobChanged:
        return await self.ear.state(state, job=job_id, hold=hold)

    def story(self, job_id: EntityId) -> list[str]:
        return self.ear.story(job_id)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_database(tmp_path / "till.db") as database:
        yield Room(MoodyJobs(database))


@asynccontextmanager
async def at_work(room: Room) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(room.lane.run(), name="lane")
        yield
        running.cancel()


async def test_every_state_is_told_in_its_order(room: Room) -> None:
    async with at_work(room):
        job = await room.keep(1)
        await room.until(job, JobState.PRINTED)
    assert room.story(job) == ["sending", "sent", "printed"]


async def test_sending_is_committed_before_the_first_byte(room: Room) -> None:
    room.tray.may_go_on.clear()
    async with at_work(room):
        job = await room.keep(1)
        await room.tray.fed.wait()
        assert (await room.jobs.find(job)).state is JobState.SENDING


async def test_jobs_are_printed_one_after_the_other(room: Room) -> None:
    jobs = [await room.keep(number) for number in (1, 2, 3)]
    async with at_work(room):
        await room.until(jobs[2], JobState.PRINTED)
    assert [change.job_id for change in room.ear.told if change.state is JobState.PRINTED] == jobs


@pytest.mark.parametrize("hold", [Hold.PAPER_OUT, Hold.COVER_OPEN, Hold.SILENT])
async def test_a_job_is_held_with_its_reason_and_printed_when_the_reason_has_gone(room: Room, hold: Hold) -> None:
    room.tray.hold = hold
    async with at_work(room):
        job = await room.keep(1)
        await room.until(job, JobState.HELD, hold)
        assert room.tray.tickets == []
        room.tray.hold = None
        await room.until(job, JobState.PRINTED)
    assert room.story(job) == ["held", "sending", "sent", "printed"]


async def test_a_held_job_is_told_once_however_often_the_printer_is_asked(room: Room) -> None:
    room.tray.absent = True
    async with at_work(room):
        job = await room.keep(1)
        await room.until(job, JobState.HELD, Hold.ABSENT)
        await asyncio.sleep(0.1)
        assert room.lane.hold is Hold.ABSENT
    assert room.story(job) == ["held"]
    assert repr(room.lane) == "PrintLane(counter, hold=absent)"


async def test_a_line_that_goes_before_the_first_byte_costs_nothing(room: Room) -> None:
    room.tray.fates = [(NothingSent(Hold.ABSENT),)]
    async with at_work(room):
        job = await room.keep(1)
        await room.until(job, JobState.PRINTED)
    assert room.story(job) == ["sending", "held", "sending", "sent", "printed"]


async def test_an_interrupted_badge_asks_the_operator_and_the_next_one_is_printed(room: Room) -> None:
    room.tray.fates = [(Interrupted(Cause.UNPLUGGED),)]
    first, second = await room.keep(1), await room.keep(2)
    async with at_work(room):
        assert (await room.until(first, JobState.UNKNOWN)).asks_operator
        await room.until(second, JobState.PRINTED)
    assert len(room.tray.tickets) == 2


async def test_an_interrupted_report_is_printed_again_by_itself(room: Room) -> None:
    room.tray.fates = [(Interrupted(Cause.UNPLUGGED),)]
    async with at_work(room):
        job = await room.keep(1, JobKind.REPORT)
        await room.until(job, JobState.PRINTED)
    assert room.story(job) == ["sending", "queued", "sending", "sent", "printed"]


async def test_a_job_that_cannot_be_encoded_is_set_aside_and_does_not_block_the_next(room: Room) -> None:
    bad, good = await room.keep(1), await room.keep(2)
    room.tray.unprintable.add(bad)
    async with at_work(room):
        assert (await room.until(bad, JobState.CANCELLED)).cause is Cause.UNPRINTABLE
        await room.until(good, JobState.PRINTED)


async def test_a_job_cancelled_at_the_last_moment_is_not_printed(room: Room) -> None:
    job = await room.keep(1)
    room.tray.while_encoding = lambda: room.jobs.advance(job, Cancelled(), 5)
    async with at_work(room):
        await room.until(await room.keep(2), JobState.PRINTED)
    assert len(room.tray.tickets) == 1
    assert (await room.jobs.find(job)).state is JobState.CANCELLED


async def test_a_full_disk_delays_printing_and_loses_nothing(room: Room) -> None:
    job = await room.keep(1)
    room.jobs.refuses_to_find = 2
    room.jobs.refuses_to_advance = 3
    async with at_work(room):
        await room.until(job, JobState.PRINTED)
    assert room.tray.tickets == [b"ticket"]


async def test_the_printer_can_be_asked_while_there_is_nothing_to_print(room: Room) -> None:
    assert await room.lane.condition() is None
    room.tray.hold = Hold.COVER_OPEN
    assert await room.lane.condition() is Hold.COVER_OPEN
    room.tray.absent = True
    assert await room.lane.condition() is Hold.ABSENT


async def test_asking_a_printer_at_work_does_not_disturb_it(room: Room) -> None:
    room.tray.may_go_on.clear()
    async with at_work(room):
        await room.until(await room.keep(1), JobState.SENDING)
        assert await room.lane.condition() is None
        assert room.tray.sessions == 1


@pytest.mark.feature("D6.2")
async def test_a_drawer_that_is_asked_for_too_late_stays_shut(room: Room) -> None:
    kick = await room.keep(1, JobKind.DRAWER)  # asked for in 1970
    async with at_work(room):
        assert (await room.until(kick, JobState.CANCELLED)).cause is Cause.TOO_LATE
    assert room.tray.tickets == []
