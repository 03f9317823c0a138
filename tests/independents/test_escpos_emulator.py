"""What we send to receipt printers, given to a printer by others: it understands every byte, whatever happens to it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.desk.print_desk import PrintDesk, PrintRequest
from daemon.domain.badge_text import Emphasis
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Hold, JobState
from daemon.domain.print_kind import JobKind
from daemon.domain.slip import Slip, SlipLine
from daemon.drivers.escpos import PAPERS, Escpos, picture_ticket
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Form, Patience
from daemon.drivers.printer_lines import PrinterLine, SerialPrinterLine, TcpLine
from daemon.drivers.serial_port import SerialLine
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.typed import to_json
from tests.fakes.badges import ORDER, codes_on, order
from tests.fakes.print_ear import PrintEar
from tests.fakes.slow_relay import SlowRelay
from tests.independents.emulated_printer import emulated_printer

HASTY = Patience(status_s=0.5, stall_s=2.0, answer_s=1.5, poll_s=0.3, stopped_s=30.0)
BADGE = PrintRequest(
    request_key="press 1", kind=JobKind.BADGE, customer=EntityId(b"helene00"), content=to_json(ORDER), printer="counter"
)
SLIP = Slip(
    lines=(
        SlipLine(text="Maison Kermarrec", emphasis=Emphasis.LARGE, align="center"),
        SlipLine(text="Avoir à valoir", right="23,90 €", emphasis=Emphasis.BOLD),
    ),
    code="2900042187005",
    below=(SlipLine(text="Cœur, Noël, maïs — à présenter en caisse."),),
)


@asynccontextmanager
async def shop(
    folder: Path, line: PrinterLine, form: Form, patience: Patience = HASTY
) -> AsyncIterator[tuple[PrintDesk, PrintEar]]:
    """A print desk at work with one printer."""
    language = Escpos(paper=PAPERS[80], form=form)
    printer = LinePrinter(PrinterSetup(name="counter", line=line, language=language, patience=patience), SystemClock())
    ear = PrintEar()
    async with open_database(folder / "till.db") as database, asyncio.TaskGroup() as tasks:
        desk = PrintDesk([printer], StoredPrintJobs(database), ear, SystemClock())
        working = tasks.create_task(desk.run(), name="print desk")
        yield desk, ear
        working.cancel()


async def printed(ear: PrintEar, job: EntityId) -> None:
    async with asyncio.timeout(30):
        await ear.state(JobState.PRINTED, job=job)


@pytest.mark.feature("D2.1", "D3.4")
@pytest.mark.parametrize("form", Form)
async def test_badge_slip_and_drawer_over_ethernet(tmp_path: Path, form: Form) -> None:
    async with (
        emulated_printer() as machine,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=machine.port), form) as (desk, ear),
    ):
        await printed(ear, (await desk.request(BADGE)).id)
        slip = replace(BADGE, request_key="2", kind=JobKind.CREDIT_NOTE, content=to_json(SLIP))
        await printed(ear, (await desk.request(slip)).id)
        assert await machine.drawer() == "closed"
        kick = replace(BADGE, request_key="3", kind=JobKind.DRAWER, customer=None, content=None)
        await printed(ear, (await desk.request(kick)).id)
        assert await machine.drawer() == "open"
        pictures = machine.receipts()
        assert [codes_on(picture) for picture in pictures] == [[("EAN13", "2900042187005")]] * 2
        if form is Form.TEXT:
            badge, note = machine.texts()
            assert "Hélène\nLebœuf" in badge
            assert "Cœur, Noël, maïs — à présenter en caisse." in note
            assert "23,90 €" in note
        assert machine.complaints == []


@pytest.mark.feature("D2.1", "D3.3")
@pytest.mark.parametrize("form", Form)
async def test_every_symbol_of_a_badge_is_drawn_by_the_printer_so_that_it_can_be_read(
    tmp_path: Path, form: Form
) -> None:
    symbols = [
        ("2900042187005", SymbolWish.BARS, "EAN13"),
        ("M-000123", SymbolWish.BARS, "Code128"),
        ("2900042187005", SymbolWish.QR, "QRCode"),
    ]
    async with (
        emulated_printer() as machine,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=machine.port), form) as (desk, ear),
    ):
        for number, wish, kind in symbols:
            asked = replace(BADGE, request_key=kind, content=to_json(order(number=number, wish=wish)))
            await printed(ear, (await desk.request(asked)).id)
            assert codes_on(machine.receipts()[-1]) == [(kind, number)]
        assert machine.complaints == []


@pytest.mark.feature("D2.1")
async def test_a_badge_over_a_serial_line_in_the_letters_of_the_printer(tmp_path: Path) -> None:
    async with emulated_printer() as machine:
        line = SerialPrinterLine(line=SerialLine(path=await machine.serial_path(), baud=9600))
        async with shop(tmp_path, line, Form.TEXT) as (desk, ear):
            await printed(ear, (await desk.request(BADGE)).id)
            assert "Hélène\nLebœuf" in machine.texts()[-1]
            assert codes_on(machine.receipts()[-1]) == [("EAN13", "2900042187005")]
            assert machine.complaints == []


@pytest.mark.feature("D4.2")
@pytest.mark.parametrize("form", Form)
async def test_a_printer_that_was_left_within_a_picture_is_helped_out_of_it(tmp_path: Path, form: Form) -> None:
    """Its parser stays as it was when a serial line goes, and takes even real-time questions for dots."""
    async with emulated_printer() as machine:
        path = await machine.serial_path()
        whole = picture_ticket(ORDER, PAPERS[80]).data
        far = os.open(path, os.O_WRONLY | os.O_NOCTTY)
        await asyncio.to_thread(os.write, far, whole[: len(whole) // 2])
        os.close(far)
        line = SerialPrinterLine(line=SerialLine(path=path, baud=9600))
        # This printer writes a line into its journal for every NUL, which takes it seconds.
        async with shop(tmp_path, line, form, replace(HASTY, answer_s=60.0)) as (desk, ear):
            job = await desk.request(BADGE)
            await ear.until(lambda told: (told.job_id, told.state) == (job.id, JobState.PRINTED), 90)
            assert codes_on(machine.receipts()[-1]) == [("EAN13", "2900042187005")]


@pytest.mark.feature("D4.2")
@pytest.mark.parametrize(("fault", "hold"), [("paper-out", Hold.PAPER_OUT), ("cover-open", Hold.COVER_OPEN)])
async def test_a_printer_that_stands_still_gets_its_badge_once_when_it_goes_on(
    tmp_path: Path, fault: str, hold: Hold
) -> None:
    async with (
        emulated_printer() as machine,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=machine.port), Form.PICTURE) as (desk, ear),
    ):
        await machine.fault(fault)
        job = await desk.request(BADGE)
        await ear.state(JobState.HELD, job=job.id, hold=hold)
        await machine.fault(fault, on=False)
        await printed(ear, job.id)
        assert len(machine.receipts()) == 1
        assert machine.complaints == []


@pytest.mark.feature("D4.2")
async def test_paper_that_ends_within_a_badge_is_told_and_the_badge_comes_out_once(tmp_path: Path) -> None:
    async with (
        emulated_printer() as machine,
        SlowRelay(machine.port, 40_000).running() as relay,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=relay.port), Form.PICTURE) as (desk, ear),
    ):
        job = await desk.request(BADGE)
        await ear.state(JobState.SENDING, job=job.id)
        await machine.fault("paper-out")
        told = await ear.until(lambda change: change.hold is Hold.PAPER_OUT)
        assert told.state in (JobState.SENDING, JobState.SENT)
        await machine.fault("paper-out", on=False)
        await printed(ear, job.id)
        assert len(machine.receipts()) == 1
        assert machine.complaints == []


@pytest.mark.feature("D4.2", "D4.3")
async def test_a_cable_pulled_within_a_badge_asks_the_operator_and_the_reprint_is_a_duplicata(tmp_path: Path) -> None:
    async with (
        emulated_printer() as machine,
        SlowRelay(machine.port, 40_000).running() as relay,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=relay.port), Form.PICTURE) as (desk, ear),
    ):
        relay.cut_after = 12_000
        job = await desk.request(BADGE)
        told = await ear.state(JobState.UNKNOWN, job=job.id)
        assert told.asks_operator
        await desk.answer_unknown(job.id, came_out=False)
        await printed(ear, job.id)
        assert len(machine.receipts()) == 1
        assert codes_on(machine.receipts()[-1]) == [("EAN13", "2900042187005")]
        half_a_picture = ["unknown bytes 1d 76 30" in line for line in machine.complaints]
        assert half_a_picture in ([], [True]), "what came after the cut was understood"


@pytest.mark.feature("D4.3")
async def test_a_badge_in_the_letters_of_the_printer_that_comes_out_again_says_so_on_it(tmp_path: Path) -> None:
    async with (
        emulated_printer() as machine,
        SlowRelay(machine.port, 40_000).running() as relay,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=relay.port), Form.TEXT) as (desk, ear),
    ):
        relay.cut_after = 120
        job = await desk.request(BADGE)
        assert (await ear.state(JobState.UNKNOWN, job=job.id)).asks_operator
        await desk.answer_unknown(job.id, came_out=False)
        await printed(ear, job.id)
        *before, last = machine.texts()  # whether the first one came out, nobody knows
        assert not any("DUPLICATA" in text for text in before)
        assert "DUPLICATA" in last
        assert "Hélène\nLebœuf" in last


@pytest.mark.feature("D4.2")
async def test_a_printer_that_loses_its_power_within_a_badge_leaves_a_question_not_a_second_badge(
    tmp_path: Path,
) -> None:
    async with (
        emulated_printer() as machine,
        SlowRelay(machine.port, 40_000).running() as relay,
        shop(tmp_path, TcpLine(host="127.0.0.1", port=relay.port), Form.PICTURE) as (desk, ear),
    ):
        job = await desk.request(BADGE)
        await ear.state(JobState.SENDING, job=job.id)
        machine.process.kill()
        await machine.process.wait()
        await ear.state(JobState.UNKNOWN, job=job.id)
        async with emulated_printer(port=machine.port) as again:
            other = await desk.request(
                replace(BADGE, request_key="2", customer=EntityId(b"anne0000"), content=to_json(order()))
            )
            await printed(ear, other.id)
            assert len(again.receipts()) == 1
            assert again.complaints == []
        assert {found.id: found.state for found in await desk.jobs()}[job.id] is JobState.UNKNOWN
