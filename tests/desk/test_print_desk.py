import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from daemon.clock import SystemClock
from daemon.desk.print_desk import CLOSED_KEPT_MS, PrintDesk, PrintRequest
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Cancelled, Cause, Hold, JobState, PrintJob, Step
from daemon.domain.print_kind import JobKind
from daemon.drivers.escpos import PAPERS, Escpos, picture_ticket
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Form, Patience
from daemon.drivers.printer_lines import TcpLine
from daemon.drivers.simulated_printer import SimulatedModel, SimulatedPrinter
from daemon.errors import Conflicting, NotFound, StoreFault
from daemon.store import print_jobs
from daemon.store.database import Database, open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.typed import to_json
from tests.fakes.badges import FACE, ORDER, codes_on, order
from tests.fakes.paper_tray import PaperTray
from tests.fakes.print_ear import PrintEar

HELENE = EntityId(b"helene00")
REQUEST = PrintRequest(
    request_key="press 1", kind=JobKind.BADGE, customer=HELENE, content=to_json(ORDER), printer="counter"
)
SLOW = SimulatedModel(rows_per_s=2000)
HASTY = Patience(status_s=0.5, stall_s=1.0, answer_s=0.5, poll_s=0.3)


class Shop:
    """A till with a print desk, and everything it tells."""

    def __init__(self, database: Database, printer_port: int, form: Form = Form.PICTURE) -> None:
        self.database = database
        self.ear = PrintEar()
        line = TcpLine(host="127.0.0.1", port=printer_port)
        setup = PrinterSetup(name="counter", line=line, language=Escpos(paper=PAPERS[80], form=form), patience=HASTY)
        self.desk = PrintDesk([LinePrinter(setup, SystemClock())], StoredPrintJobs(database), self.ear, SystemClock())
        self.until = self.ear.state


@asynccontextmanager
async def at_work(desk: PrintDesk) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.run(), name="print desk")
        yield
        running.cancel()


@asynccontextmanager
async def open_shop(folder: Path, printer_port: int, form: Form = Form.PICTURE) -> AsyncIterator[Shop]:
    """Leaving it is the end of the process: nobody is asked, nothing is tidied up."""
    async with open_database(folder / "till.db") as database:
        shop = Shop(database, printer_port, form)
        async with at_work(shop.desk):
            yield shop


@pytest.mark.feature("D3.3", "D3.4")
@pytest.mark.parametrize("form", Form)
async def test_a_badge_is_asked_for_and_comes_out_readable_with_its_accents(tmp_path: Path, form: Form) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port, form) as shop:
        request = replace(REQUEST, content=to_json(order(last_name="Lebœuf 3 €")))
        assert (await shop.desk.request(request)).state is JobState.QUEUED
        await shop.until(JobState.PRINTED)
        assert shop.ear.story() == ["queued", "sending", "sent", "printed"]
        assert codes_on(machine.tickets[-1].png) == [("EAN13", FACE.number)]
        if form is Form.TEXT:
            assert "Hélène\nLebœuf 3 €" in machine.tickets[-1].text
        assert machine.warnings == []


async def test_the_same_request_twice_is_one_badge(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        async with asyncio.TaskGroup() as presses:
            jobs = [presses.create_task(shop.desk.request(REQUEST)) for _ in range(3)]
        await shop.until(JobState.PRINTED)
        again = await shop.desk.request(REQUEST)
        assert {job.result().id for job in jobs} == {again.id}
        assert again.state is JobState.PRINTED
        assert len(machine.tickets) == 1


@pytest.mark.feature("D4.2")
@pytest.mark.parametrize(
    ("mishap", "repair", "hold"),
    [
        (SimulatedPrinter.take_paper_out, SimulatedPrinter.refill, Hold.PAPER_OUT),
        (SimulatedPrinter.open_cover, SimulatedPrinter.close_cover, Hold.COVER_OPEN),
    ],
)
async def test_a_badge_waits_for_paper_or_cover_and_then_comes_out_by_itself(
    tmp_path: Path, mishap: Callable[[SimulatedPrinter], None], repair: Callable[[SimulatedPrinter], None], hold: Hold
) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        mishap(machine)
        await shop.desk.request(REQUEST)
        await shop.until(JobState.HELD, hold=hold)
        repair(machine)
        await shop.until(JobState.PRINTED)
        assert len(machine.tickets) == 1


@pytest.mark.feature("D4.2")
async def test_a_badge_waits_for_a_printer_that_is_unplugged(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        await machine.cut_power()
        await shop.desk.request(REQUEST)
        await shop.until(JobState.HELD, hold=Hold.ABSENT)
        await machine.restore_power()
        shop.desk.printer_appeared("counter")
        await shop.until(JobState.PRINTED)


@pytest.mark.feature("D4.2")
async def test_paper_that_ends_within_a_badge_is_shown_and_the_badge_goes_on(tmp_path: Path) -> None:
    async with SimulatedPrinter(SLOW).serving() as machine, open_shop(tmp_path, machine.port) as shop:
        machine.take_paper_out(after_rows=300)
        await shop.desk.request(REQUEST)
        stopped = await shop.ear.until(lambda change: change.hold is Hold.PAPER_OUT)
        assert stopped.state in (JobState.SENDING, JobState.SENT)
        machine.refill()
        await shop.until(JobState.PRINTED)
        assert codes_on(machine.tickets[-1].png) == [("EAN13", FACE.number)]


@pytest.mark.feature("D4.2")
async def test_a_power_cut_within_a_badge_asks_and_no_gives_a_duplicata(tmp_path: Path) -> None:
    async with SimulatedPrinter(SLOW).serving() as machine, open_shop(tmp_path, machine.port, Form.PICTURE) as shop:
        machine.cut_power_after(300)
        job = await shop.desk.request(REQUEST)
        question = await shop.until(JobState.UNKNOWN)
        assert (question.asks_operator, question.cause) == (True, Cause.UNPLUGGED)
        await machine.restore_power()
        reprint = await shop.desk.answer_unknown(job.id, came_out=False)
        assert reprint.duplicata
        await shop.until(JobState.PRINTED)
        assert codes_on(machine.tickets[-1].png) == [("EAN13", FACE.number)]
        assert shop.ear.told[-1].duplicata


async def test_a_printer_that_was_left_within_a_picture_and_hears_nothing_there_is_helped_out(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        machine.is_deaf_in_pictures = True
        whole = picture_ticket(ORDER, PAPERS[80]).data
        _, far = await asyncio.open_connection("127.0.0.1", machine.port)
        far.write(whole[: len(whole) // 2])
        await far.drain()
        far.close()
        await shop.desk.request(REQUEST)
        await shop.until(JobState.PRINTED)
        assert codes_on(machine.tickets[-1].png) == [("EAN13", FACE.number)]


async def test_an_unknown_badge_that_came_out_is_printed_and_no_second_one_is(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        machine.answers_in_turn = False
        job = await shop.desk.request(REQUEST)
        assert (await shop.until(JobState.UNKNOWN)).cause is Cause.NO_ANSWER
        assert (await shop.desk.answer_unknown(job.id, came_out=True)).state is JobState.PRINTED
        with pytest.raises(Conflicting):
            await shop.desk.answer_unknown(job.id, came_out=False)
        assert len(machine.tickets) == 1


async def test_what_was_being_sent_when_the_process_ended_is_asked_about_by_the_next(tmp_path: Path) -> None:
    async with SimulatedPrinter(SLOW).serving() as machine:
        async with open_shop(tmp_path, machine.port) as shop:
            await shop.desk.request(REQUEST)
            await shop.until(JobState.SENDING)
        async with open_shop(tmp_path, machine.port) as shop:
            assert (await shop.until(JobState.UNKNOWN)).cause is Cause.RESTARTED


async def test_what_was_queued_when_the_process_ended_is_printed_by_the_next(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine:
        machine.take_paper_out()
        async with open_shop(tmp_path, machine.port) as shop:
            await shop.desk.request(REQUEST)
            await shop.until(JobState.HELD, hold=Hold.PAPER_OUT)
        machine.refill()
        async with open_shop(tmp_path, machine.port) as shop:
            await shop.until(JobState.PRINTED)
        assert len(machine.tickets) == 1


async def test_an_erased_customer_is_not_printed_and_nothing_of_them_stays(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        machine.take_paper_out()
        job = await shop.desk.request(REQUEST)
        await shop.until(JobState.HELD, hold=Hold.PAPER_OUT)
        await shop.database.write(lambda conn: print_jobs.cut_customer(conn, HELENE))
        machine.refill()
        other = await shop.desk.request(replace(REQUEST, request_key="2", customer=EntityId(b"anne0000")))
        await shop.until(JobState.PRINTED, job=other.id)
        erased = next(found for found in await shop.desk.jobs() if found.id == job.id)
        assert (erased.state, erased.customer, erased.personal) == (JobState.CANCELLED, None, None)
        assert len(machine.tickets) == 1


KICK = PrintRequest(request_key="kick", kind=JobKind.DRAWER, printer="counter")


@pytest.mark.feature("D6.2")
async def test_a_drawer_opens_once_for_one_press_and_never_for_one_that_waited(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        badge = await shop.desk.request(REQUEST)
        await shop.until(JobState.PRINTED, job=badge.id)
        job = await shop.desk.request(KICK)
        await shop.until(JobState.PRINTED, job=job.id)
        await shop.desk.request(KICK)
        machine.take_paper_out()
        late = await shop.desk.request(replace(KICK, request_key="kick 2"))
        await shop.until(JobState.CANCELLED, job=late.id)
        machine.refill()
        other = await shop.desk.request(replace(REQUEST, request_key="press 2"))
        await shop.until(JobState.PRINTED, job=other.id)
        assert machine.drawer_kicks == 1
        assert machine.warnings == []


async def test_how_a_printer_was_is_known_without_asking_it_again(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine, open_shop(tmp_path, machine.port) as shop:
        job = await shop.desk.request(REQUEST)
        await shop.until(JobState.PRINTED, job=job.id)
        [health] = shop.desk.healths()
        assert (health.printer, health.hold, health.is_known, health.reconnects) == ("counter", None, True, 0)
        assert health.last_ticket_ms
        await machine.cut_power()
        await condition_becomes(shop, Hold.ABSENT)
        await machine.restore_power()
        await condition_becomes(shop, None)
        assert shop.desk.health("counter").reconnects == 1


async def condition_becomes(shop: Shop, hold: Hold | None) -> None:
    """Asked again until then: a printer at work is not asked."""
    for _ in range(100):
        if await shop.desk.condition("counter") is hold:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the printer never became {hold}")


@pytest.mark.feature("D6.2")
async def test_a_drawer_kick_of_the_first_moment_opens_and_that_of_the_last_process_does_not(tmp_path: Path) -> None:
    """A till answers as soon as it listens, before it has looked what the process before it left."""
    async with SimulatedPrinter().serving() as machine:
        async with open_database(tmp_path / "till.db") as database:
            await desk_over(StoredPrintJobs(database)).request(KICK)
        async with open_database(tmp_path / "till.db") as database:
            shop = Shop(database, machine.port)
            again = await shop.desk.request(KICK)
            pressed = await shop.desk.request(replace(KICK, request_key="kick 2"))
            async with at_work(shop.desk):
                forgotten = await shop.until(JobState.CANCELLED, job=again.id)
                await shop.until(JobState.PRINTED, job=pressed.id)
        assert forgotten.cause is Cause.RESTARTED
        assert machine.drawer_kicks == 1


@pytest.mark.feature("D6.2")
async def test_a_drawer_kick_that_a_restart_finds_is_forgotten(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine:
        async with open_database(tmp_path / "till.db") as database:
            await desk_over(StoredPrintJobs(database)).request(KICK)
        async with open_shop(tmp_path, machine.port) as shop:
            told = await shop.until(JobState.CANCELLED)
            assert told.cause is Cause.RESTARTED
            assert machine.drawer_kicks == 0


# ---- without a machine -----------------------------------------------------------------------------------------------


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[StoredPrintJobs]:
    async with open_database(tmp_path / "till.db") as database:
        yield StoredPrintJobs(database)


def desk_over(jobs: StoredPrintJobs, *printers: PaperTray, ear: PrintEar | None = None) -> PrintDesk:
    return PrintDesk(printers or [PaperTray()], jobs, ear or PrintEar(), SystemClock())


async def test_a_request_waits_until_the_desk_runs(jobs: StoredPrintJobs) -> None:
    desk = desk_over(jobs)
    await desk.request(REQUEST)
    assert [job.state for job in await desk.jobs()] == [JobState.QUEUED]


async def test_a_printer_that_is_not_configured_is_refused_by_name(jobs: StoredPrintJobs) -> None:
    desk = desk_over(jobs, PaperTray("counter"), PaperTray("office"))
    assert desk.printers == ("counter", "office")
    with pytest.raises(NotFound, match="no printer is named 'attic'"):
        await desk.request(replace(REQUEST, printer="attic"))


async def test_a_queued_badge_can_be_cancelled_and_is_told(jobs: StoredPrintJobs) -> None:
    ear = PrintEar()
    desk = desk_over(jobs, ear=ear)
    job = await desk.request(REQUEST)
    cancelled = await desk.cancel(job.id)
    assert (cancelled.state, cancelled.personal) == (JobState.CANCELLED, None)
    assert ear.story() == ["queued", "cancelled"]


async def test_nothing_was_asked_about_a_badge_that_waits(jobs: StoredPrintJobs) -> None:
    desk = desk_over(jobs)
    job = await desk.request(REQUEST)
    with pytest.raises(Conflicting, match="the print job is queued: saying that it came out is not possible"):
        await desk.answer_unknown(job.id, came_out=True)


async def test_the_job_of_a_printer_that_was_taken_away_can_be_cancelled(jobs: StoredPrintJobs) -> None:
    job = await desk_over(jobs, PaperTray("attic")).request(replace(REQUEST, printer="attic"))
    ear = PrintEar()
    desk = desk_over(jobs, ear=ear)
    assert (await desk.cancel(job.id)).state is JobState.CANCELLED
    assert (await desk.cancel(job.id)).state is JobState.CANCELLED
    assert ear.story() == ["cancelled"]


async def test_preview_and_condition_are_those_of_the_printer(jobs: StoredPrintJobs) -> None:
    tray = PaperTray()
    tray.hold = Hold.PAPER_OUT
    desk = desk_over(jobs, tray)
    assert (await desk.preview("counter", ORDER)).png == FACE.number.encode()
    assert (await desk.preview("counter", ORDER, duplicata=True)).png == b"DUPLICATA"
    assert await desk.condition("counter") is Hold.PAPER_OUT


class FullDisk(StoredPrintJobs):
    """Refuses to recover twice, then to forget."""

    refusals = 2

    @override
    async def recover(self, now_ms: int, own: Collection[EntityId]) -> list[Step]:
        if self.refusals:
            self.refusals -= 1
            raise StoreFault("the disk is full")
        return list(await super().recover(now_ms, own))

    @override
    async def forget_closed(self, before_ms: int) -> int:
        raise StoreFault("the disk is full")


async def test_a_full_disk_at_the_start_delays_printing_and_stops_nothing(tmp_path: Path) -> None:
    tray, ear = PaperTray(), PrintEar()
    async with open_database(tmp_path / "till.db") as database:
        desk = desk_over(FullDisk(database), tray, ear=ear)
        await desk.request(REQUEST)
        async with at_work(desk):
            await ear.state(JobState.PRINTED)
    assert tray.tickets == [b"ticket"]


async def test_what_ended_long_ago_is_forgotten_when_the_desk_starts(jobs: StoredPrintJobs) -> None:
    long_ago = SystemClock().now_ms() - CLOSED_KEPT_MS - 1000
    old = PrintJob(
        id=EntityId(b"old00000"),
        request_key="long ago",
        kind=(await desk_over(jobs).request(REQUEST)).kind,
        printer="attic",
        requested_ms=long_ago,
        changed_ms=long_ago,
    )
    await jobs.enqueue(old)
    await jobs.advance(old.id, Cancelled(), long_ago)
    ear = PrintEar()
    desk = desk_over(jobs, ear=ear)
    async with at_work(desk):
        await ear.state(JobState.PRINTED)
    assert [job.request_key for job in await desk.jobs()] == [REQUEST.request_key]
