"""Card printers behind a real CUPS: what it says, what it does not know, and what came out."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from daemon.clock import SystemClock
from daemon.desk.print_desk import PrintDesk, PrintRequest
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Cause, Hold, JobState
from daemon.domain.print_kind import JobKind
from daemon.drivers.folder_printer import FolderPrinter
from daemon.drivers.ipp_printer import IppPrinter, Queue
from daemon.drivers.page_printer import Pages
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.typed import to_json
from tests.fakes.badges import ORDER, codes_on
from tests.fakes.print_ear import PrintEar
from tests.independents.print_server import PDF_QUEUE, QUEUE, cups_pdf, print_server

BADGE = PrintRequest(
    request_key="press 1", kind=JobKind.BADGE, customer=EntityId(b"helene00"), content=to_json(ORDER), printer="cards"
)


@asynccontextmanager
async def shop(folder: Path, printer: IppPrinter | FolderPrinter) -> AsyncIterator[tuple[PrintDesk, PrintEar]]:
    ear = PrintEar()
    async with open_database(folder / "till.db") as database, asyncio.TaskGroup() as tasks:
        desk = PrintDesk([printer], StoredPrintJobs(database), ear, SystemClock())
        working = tasks.create_task(desk.run(), name="print desk")
        yield desk, ear
        working.cancel()


def queue(uri: str) -> IppPrinter:
    return IppPrinter(Queue(uri=uri), Pages(name="cards"), SystemClock())


def drawn(page: Path) -> bytes:
    command = ["pdftoppm", "-png", "-r", "300", "-singlefile", str(page)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def width_mm(page: Path) -> int:
    """Of all that is not white: the band on top of a badge goes from edge to edge."""
    picture = Image.open(BytesIO(drawn(page))).convert("L")
    box = picture.point(lambda level: 255 if level < 128 else 0).getbbox()
    assert box is not None
    return round((box[2] - box[0]) / 300 * 25.4)


def words_on(page: Path) -> list[str]:
    found = subprocess.run(["pdftotext", "-layout", str(page), "-"], capture_output=True, check=True)
    return found.stdout.decode().split()


@pytest.mark.needs("cupsd", "pdftoppm")
@pytest.mark.feature("D2.3")
async def test_a_badge_comes_out_of_the_queue_and_the_operator_is_asked_since_the_queue_does_not_know(
    tmp_path: Path,
) -> None:
    async with print_server() as server, shop(tmp_path, queue(server.uri)) as (desk, ear):
        job = await desk.request(BADGE)
        told = await ear.state(JobState.UNKNOWN, job=job.id)
        assert (told.cause, told.asks_operator) == (Cause.UNPROVEN, True)
        (page,) = server.pages()
        assert codes_on(drawn(page)) == [("EAN13", "2900042187005")]
        await desk.answer_unknown(job.id, came_out=True)
        report = replace(BADGE, request_key="2", kind=JobKind.REPORT, content=b'{"lines": [{"text": "Recettes"}]}')
        done = await ear.state(JobState.PRINTED, job=(await desk.request(report)).id)
        assert done.cause is Cause.UNPROVEN


@pytest.mark.needs("cupsd", "cups-pdf", "pdftoppm")
@pytest.mark.feature("D2.3")
async def test_a_badge_out_of_a_print_system_by_others_is_as_large_as_a_card_and_can_be_read(tmp_path: Path) -> None:
    async with (
        print_server() as server,
        cups_pdf(server) as pages,
        shop(tmp_path, queue(server.queue(PDF_QUEUE))) as (desk, ear),
    ):
        job = await desk.request(BADGE)
        told = await ear.until(lambda change: change.state is JobState.UNKNOWN, 30)
        assert (told.job_id, told.cause, told.asks_operator) == (job.id, Cause.UNPROVEN, True)
        [page] = pages()
        assert codes_on(drawn(page)) == [("EAN13", "2900042187005")]
        assert width_mm(page) == 54


@pytest.mark.needs("cupsd", "pdftoppm")
@pytest.mark.feature("D4.2")
async def test_a_queue_without_cards_says_so_and_goes_on_by_itself(tmp_path: Path) -> None:
    async with print_server() as server, shop(tmp_path, queue(server.uri)) as (desk, ear):
        server.mishap("no-cards")
        job = await desk.request(BADGE)
        told = await ear.until(lambda change: change.hold is Hold.PAPER_OUT)
        assert told.state is JobState.SENT
        server.mishap("no-cards", on=False)
        await ear.state(JobState.UNKNOWN, job=job.id)
        assert len(server.pages()) == 1


@pytest.mark.needs("cupsd")
async def test_a_queue_that_swallows_a_page_says_completed_and_is_not_believed(tmp_path: Path) -> None:
    async with print_server() as server, shop(tmp_path, queue(server.uri)) as (desk, ear):
        server.mishap("swallows")
        job = await desk.request(BADGE)
        await ear.state(JobState.UNKNOWN, job=job.id)
        assert server.pages() == []
        server.mishap("swallows", on=False)
        assert (await desk.answer_unknown(job.id, came_out=False)).duplicata


@pytest.mark.needs("cupsd")
async def test_a_paused_queue_holds_the_badge_before_anything_was_sent(tmp_path: Path) -> None:
    async with print_server() as server, shop(tmp_path, queue(server.uri)) as (desk, ear):
        await server.tell("cupsdisable", QUEUE)
        job = await desk.request(BADGE)
        await ear.state(JobState.HELD, job=job.id, hold=Hold.PAUSED)
        await server.tell("cupsenable", QUEUE)
        await ear.state(JobState.UNKNOWN, job=job.id)
        assert len(server.pages()) == 1


async def test_a_server_that_is_not_there_and_a_queue_that_is_not_are_absent_printers(tmp_path: Path) -> None:
    async with shop(tmp_path, queue("ipp://127.0.0.1:9/printers/none")) as (desk, ear):
        job = await desk.request(BADGE)
        await ear.state(JobState.HELD, job=job.id, hold=Hold.ABSENT)


@pytest.mark.needs("pdftoppm")
@pytest.mark.feature("D2.4", "D3.4")
async def test_a_badge_in_a_folder_is_a_page_that_others_draw_read_and_search(tmp_path: Path) -> None:
    (tmp_path / "badges").mkdir()
    printer = FolderPrinter(tmp_path / "badges", Pages(name="cards"))
    async with shop(tmp_path, printer) as (desk, ear):
        job = await desk.request(BADGE)
        await ear.state(JobState.PRINTED, job=job.id)
    (page,) = (tmp_path / "badges").iterdir()
    assert page.name == f"badge-{job.id.hex()}.pdf"
    assert codes_on(drawn(page)) == [("EAN13", "2900042187005")]
    assert {"Hélène", "Lebœuf", "fidélité"} <= set(words_on(page))


async def test_a_folder_that_is_not_there_holds_the_badge(tmp_path: Path) -> None:
    printer = FolderPrinter(tmp_path / "badges", Pages(name="cards"))
    async with shop(tmp_path, printer) as (desk, ear):
        job = await desk.request(BADGE)
        await ear.state(JobState.HELD, job=job.id, hold=Hold.ABSENT)
        (tmp_path / "badges").mkdir()
        await ear.state(JobState.PRINTED, job=job.id)
