"""Label printers: a badge becomes a label, once, whatever happens to the printer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.desk.print_desk import PrintDesk, PrintRequest
from daemon.domain.badge import FindingKind
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Cause, Hold, JobState
from daemon.domain.print_kind import JobKind
from daemon.domain.slip import Slip, SlipLine
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Form, Patience
from daemon.drivers.printer_lines import PrinterLine, SerialPrinterLine, TcpLine
from daemon.drivers.serial_port import SerialLine
from daemon.drivers.usb_line import UsbLine
from daemon.drivers.zpl import Zpl, crc16
from daemon.errors import DeviceFault
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.typed import to_json
from tests.fakes.badges import ORDER, order
from tests.fakes.label_printer import LabelPrinter
from tests.fakes.print_ear import PrintEar
from tests.fakes.serial_bridge import serial_bridge

HASTY = Patience(status_s=0.3, stall_s=1.0, answer_s=1.0, poll_s=0.2, stopped_s=20.0)
BADGE = PrintRequest(
    request_key="press 1", kind=JobKind.BADGE, customer=EntityId(b"helene00"), content=to_json(ORDER), printer="cards"
)


@asynccontextmanager
async def shop(folder: Path, at: int | PrinterLine) -> AsyncIterator[tuple[PrintDesk, PrintEar]]:
    """A print desk at work with one printer, on a TCP port of this machine or on a line."""
    line = TcpLine(host="127.0.0.1", port=at) if isinstance(at, int) else at
    printer = LinePrinter(PrinterSetup(name="cards", line=line, language=Zpl(), patience=HASTY), SystemClock())
    ear = PrintEar()
    async with open_database(folder / "till.db") as database, asyncio.TaskGroup() as tasks:
        desk = PrintDesk([printer], StoredPrintJobs(database), ear, SystemClock())
        working = tasks.create_task(desk.run(), name="print desk")
        yield desk, ear
        working.cancel()


@pytest.mark.feature("D2.2")
async def test_a_label_is_printed_when_nothing_is_left_to_print(tmp_path: Path) -> None:
    async with LabelPrinter().serving() as machine, shop(tmp_path, machine.port) as (desk, ear):
        job = await desk.request(BADGE)
        await ear.state(JobState.PRINTED, job=job.id)
        assert len(machine.labels) == 1
        assert ear.story(job.id) == ["queued", "sending", "sent", "printed"]


@pytest.mark.feature("D2.2", "D4.2")
@pytest.mark.parametrize("port", ["serial", "usb"])
async def test_a_label_over_a_serial_line_or_a_port_waits_for_its_ribbon_and_is_printed_once(
    port: str, tmp_path: Path
) -> None:
    async with LabelPrinter().serving() as machine, serial_bridge(machine.port) as path:
        serial = SerialPrinterLine(line=SerialLine(path=path, baud=9600))
        async with shop(tmp_path, serial if port == "serial" else UsbLine(path=path)) as (desk, ear):
            machine.ribbon_out = True
            job = await desk.request(BADGE)
            await ear.state(JobState.HELD, job=job.id, hold=Hold.RIBBON_OUT)
            machine.ribbon_out = False
            await ear.state(JobState.PRINTED, job=job.id)
            assert len(machine.labels) == 1


@pytest.mark.feature("D4.2")
@pytest.mark.parametrize(
    ("mishap", "hold"),
    [
        ("paper_out", Hold.PAPER_OUT),
        ("head_open", Hold.COVER_OPEN),
        ("ribbon_out", Hold.RIBBON_OUT),
        ("paused", Hold.PAUSED),
    ],
)
async def test_a_label_printer_says_what_it_waits_for(tmp_path: Path, mishap: str, hold: Hold) -> None:
    async with LabelPrinter().serving() as machine, shop(tmp_path, machine.port) as (desk, ear):
        setattr(machine, mishap, True)
        job = await desk.request(BADGE)
        await ear.state(JobState.HELD, job=job.id, hold=hold)
        setattr(machine, mishap, False)
        await ear.state(JobState.PRINTED, job=job.id)
        assert len(machine.labels) == 1


async def test_a_ribbon_that_ends_under_a_label_is_told_and_the_label_comes_out_once(tmp_path: Path) -> None:
    async with LabelPrinter().serving() as machine, shop(tmp_path, machine.port) as (desk, ear):
        machine.label_s = 0.5
        job = await desk.request(BADGE)
        await ear.state(JobState.SENT, job=job.id)
        machine.ribbon_out = True
        await ear.state(JobState.SENT, job=job.id, hold=Hold.RIBBON_OUT)
        machine.ribbon_out = False
        await ear.state(JobState.PRINTED, job=job.id)
        assert len(machine.labels) == 1


async def test_power_cut_within_a_label_asks_and_the_next_label_is_whole(tmp_path: Path) -> None:
    async with LabelPrinter().serving() as machine, shop(tmp_path, machine.port) as (desk, ear):
        machine.dies_at_bytes = 2000
        job = await desk.request(BADGE)
        told = await ear.state(JobState.UNKNOWN, job=job.id)
        assert told.cause is Cause.UNPLUGGED
        other = await desk.request(replace(BADGE, request_key="2", customer=EntityId(b"anne0000")))
        await ear.state(JobState.PRINTED, job=other.id)
        assert len(machine.labels) == 1


async def test_a_label_printer_that_says_nothing_is_silent_before_and_unknown_after(tmp_path: Path) -> None:
    async with LabelPrinter().serving() as machine, shop(tmp_path, machine.port) as (desk, ear):
        machine.answers = False
        job = await desk.request(BADGE)
        await ear.state(JobState.HELD, job=job.id, hold=Hold.SILENT)
        machine.answers = True
        await ear.state(JobState.SENDING, job=job.id)
        machine.answers = False
        told = await ear.until(lambda change: change.state in (JobState.UNKNOWN, JobState.PRINTED))
        assert told.cause in (Cause.NO_ANSWER, None)


def test_the_check_of_a_picture_is_that_of_the_manual() -> None:
    assert crc16(b"123456789") == 0x31C3


@pytest.mark.parametrize("form", Form)
def test_what_a_label_cannot_say_is_reported(form: Form) -> None:
    language = Zpl(form=form)
    long = language.badge(order(number="C-2024-ABCDEF-99817712-XYZ"), duplicata=False)
    assert [found.kind for found in long.findings] == [FindingKind.OTHER_SYMBOL]
    assert language.preview(order(number="é" * 2000), duplicata=False).findings[-1].kind is FindingKind.NO_SYMBOL
    assert language.badge(order(wish=SymbolWish.QR), duplicata=True).findings == ()
    slip = Slip(lines=(SlipLine(text="Bon"),), code="2900042187005", below=(SlipLine(text="merci"),))
    assert b"^XA" in language.slip(slip, duplicata=True).data
    assert language.test_page(slip).findings == ()
    with pytest.raises(DeviceFault):
        language.drawer_kick()
