import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from daemon import typed
from daemon.clock import SystemClock
from daemon.domain.badge import FindingKind
from daemon.domain.ids import EntityId
from daemon.domain.print_job import (
    AllSent,
    Cause,
    Confirmed,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    PrintJob,
    Resumed,
    Stopped,
)
from daemon.domain.print_kind import JobKind
from daemon.drivers.escpos import PAPERS, Escpos, picture_ticket
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Form, Patience
from daemon.drivers.printer_lines import PrinterLine, PrinterTransport, SerialPrinterLine, TcpLine
from daemon.drivers.serial_port import SerialLine
from daemon.drivers.simulated_printer import SimulatedModel, SimulatedPrinter
from daemon.errors import DeviceAbsent, DeviceFault
from tests.fakes.badges import FACE, ORDER, codes_on, order
from tests.fakes.serial_bridge import serial_bridge

HASTY = Patience(status_s=0.3, stall_s=1.0, answer_s=0.5, poll_s=0.3, stopped_s=30.0)
SLOW = SimulatedModel(rows_per_s=2000)


def printer_at(line: PrinterLine, form: Form = Form.PICTURE, patience: Patience = HASTY) -> LinePrinter:
    setup = PrinterSetup(name="counter", line=line, language=Escpos(paper=PAPERS[80], form=form), patience=patience)
    return LinePrinter(setup, SystemClock())


def tcp(machine: SimulatedPrinter, form: Form = Form.PICTURE, patience: Patience = HASTY) -> LinePrinter:
    return printer_at(TcpLine(host="127.0.0.1", port=machine.port), form, patience)


def badge_job(number: str = FACE.number, **others: object) -> PrintJob:
    job = PrintJob(
        id=EntityId(b"00000001"),
        request_key="r1",
        kind=JobKind.BADGE,
        printer="counter",
        requested_ms=1,
        changed_ms=1,
        personal=typed.to_json(order(number=number)),
    )
    return replace(job, **others)  # type: ignore[arg-type]  # a test names fields that exist


class Story:
    """What is told of a ticket, and what the world does when it is told."""

    def __init__(self, **reactions: Callable[[], object]) -> None:
        self.events: list[JobEvent] = []
        self._reactions = reactions

    async def report(self, event: JobEvent) -> None:
        self.events.append(event)
        reaction = self._reactions.get(type(event).__name__)
        if reaction:
            reaction()


async def print_badge(printer: LinePrinter, story: Story | None = None, number: str = FACE.number) -> list[JobEvent]:
    told = story or Story()
    ticket = await printer.encode(badge_job(number))
    async with asyncio.timeout(15), printer.session() as session:
        assert await session.ask() is None
        assert await session.prepare() is None
        await session.transmit(ticket, told.report)
    return told.events


@pytest.mark.feature("D3.3")
@pytest.mark.parametrize("form", Form)
async def test_a_badge_is_printed_and_its_number_can_be_read(form: Form) -> None:
    async with SimulatedPrinter().serving() as machine:
        assert await print_badge(tcp(machine, form)) == [AllSent(), Confirmed()]
        assert codes_on(machine.tickets[-1].png) == [("EAN13", FACE.number)]
        assert machine.warnings == []
        assert machine.drawer_kicks == 0


async def test_a_badge_is_printed_over_a_serial_line() -> None:
    async with SimulatedPrinter().serving() as machine, serial_bridge(machine.port) as path:
        printer = printer_at(SerialPrinterLine(line=SerialLine(path=path, baud=115_200)), Form.TEXT)
        assert await print_badge(printer) == [AllSent(), Confirmed()]
        assert machine.tickets[-1].text.splitlines()[2:4] == [FACE.first_name, FACE.last_name]


@pytest.mark.parametrize(
    ("mishap", "hold"),
    [
        (SimulatedPrinter.take_paper_out, Hold.PAPER_OUT),
        (SimulatedPrinter.open_cover, Hold.COVER_OPEN),
        (lambda machine: setattr(machine, "answers", False), Hold.SILENT),
    ],
)
async def test_a_printer_that_is_not_ready_says_why_and_gets_nothing(
    mishap: Callable[[SimulatedPrinter], None], hold: Hold
) -> None:
    async with SimulatedPrinter().serving() as machine:
        mishap(machine)
        async with tcp(machine).session() as session:
            assert await session.ask() is hold
        assert not machine.tickets


async def test_a_printer_that_is_not_there_is_absent() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(DeviceAbsent, match="no printer answers at"):
            async with printer_at(TcpLine(host="127.0.0.1", port=nobody.getsockname()[1])).session():
                pass


async def test_paper_that_ends_within_a_badge_is_waited_for_longer_than_a_broken_line() -> None:
    """Three seconds: without care the kernel gives up a closed window after TCP_USER_TIMEOUT."""
    async with SimulatedPrinter(SLOW).serving() as machine, asyncio.TaskGroup() as tasks:

        async def walk_to_the_cupboard() -> None:
            await asyncio.sleep(3.0)
            machine.refill()

        machine.take_paper_out(after_rows=200)
        story = Story(Stopped=lambda: tasks.create_task(walk_to_the_cupboard(), name="operator"))
        events = await print_badge(tcp(machine), story)
        assert [event for event in events if event != AllSent()] == [Stopped(Hold.PAPER_OUT), Resumed(), Confirmed()]
        assert codes_on(machine.tickets[-1].png) == [("EAN13", FACE.number)]


async def test_a_cover_opened_behind_the_last_byte_is_waited_for() -> None:
    async with SimulatedPrinter(SLOW).serving() as machine:
        later = asyncio.get_running_loop().call_later
        story = Story(AllSent=machine.open_cover, Stopped=lambda: later(0.1, machine.close_cover))
        assert await print_badge(tcp(machine), story) == [AllSent(), Stopped(Hold.COVER_OPEN), Resumed(), Confirmed()]


async def test_a_power_cut_within_a_badge_leaves_its_fate_unknown() -> None:
    async with SimulatedPrinter(SLOW).serving() as machine:
        machine.cut_power_after(200)
        events = await print_badge(tcp(machine))
        assert events[-1] == Interrupted(Cause.UNPLUGGED)
        assert [ticket.cut for ticket in machine.torn] == [False]


async def test_a_printer_that_does_not_answer_behind_the_cut_leaves_the_fate_unknown() -> None:
    async with SimulatedPrinter().serving() as machine:
        machine.answers_in_turn = False
        assert await print_badge(tcp(machine)) == [AllSent(), Interrupted(Cause.NO_ANSWER)]
        assert len(machine.tickets) == 1


async def test_a_printer_that_stops_taking_bytes_without_a_word_is_given_up() -> None:
    async with SimulatedPrinter().serving() as machine:
        printer = tcp(machine, patience=replace(HASTY, stall_s=0.3))
        ticket = (await printer.encode(badge_job())) * 40
        story = Story()
        async with printer.session() as session:
            assert await session.ask() is None
            machine.answers = False
            machine.take_paper_out()
            await session.transmit(ticket, story.report)
        assert story.events == [Interrupted(Cause.NO_ANSWER)]


async def test_a_line_that_goes_between_question_and_ticket_means_that_nothing_was_sent() -> None:
    async with SimulatedPrinter().serving() as machine:
        story = Story()
        async with tcp(machine).session() as session:
            assert await session.ask() is None
            await machine.cut_power()
            await asyncio.sleep(0.05)
            await session.transmit(b"ticket", story.report)
        assert story.events == [NothingSent(Hold.ABSENT)]


async def test_the_badge_after_an_interrupted_picture_comes_out_whole() -> None:
    async with SimulatedPrinter().serving() as machine:
        half = picture_ticket(ORDER, PAPERS[80]).data[:20_000]
        reader, writer = await asyncio.open_connection("127.0.0.1", machine.port)
        writer.write(half + b"\x10\x04\x01")
        await reader.readexactly(5)
        writer.transport.abort()
        await print_badge(tcp(machine), number="M-000123")
        assert codes_on(machine.tickets[-1].png)[-1][1] == "M-000123"


async def test_cancelling_within_a_badge_gives_the_line_free() -> None:
    async with SimulatedPrinter(SLOW).serving() as machine:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await print_badge(tcp(machine))
        await print_badge(tcp(machine), number="M-000123")
        assert codes_on(machine.tickets[-1].png)[-1][1] == "M-000123"


async def test_a_job_without_its_words_cannot_be_encoded() -> None:
    printer = printer_at(TcpLine(host="127.0.0.1"))
    with pytest.raises(DeviceFault, match="nothing is left to print of a badge"):
        await printer.encode(badge_job(personal=None))
    with pytest.raises(DeviceFault, match="the stored report cannot be read"):
        await printer.encode(badge_job(kind=JobKind.REPORT))
    with pytest.raises(DeviceFault, match="cannot be read by this version"):
        await printer.encode(badge_job(personal=b'{"chain": 3}'))


async def test_a_badge_that_breaks_a_library_is_a_fault_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("daemon.drivers.escpos.picture_ticket", broken)
    with pytest.raises(DeviceFault, match="a badge cannot be made into a ticket"):
        await printer_at(TcpLine(host="127.0.0.1")).encode(badge_job())


@pytest.mark.feature("D3.2")
@pytest.mark.parametrize("form", Form)
async def test_the_preview_shows_the_badge_and_what_is_missing(form: Form) -> None:
    preview = await printer_at(TcpLine(host="127.0.0.1"), form).preview(order(first_name="Ősz"), duplicata=True)
    assert codes_on(preview.png) == [("EAN13", FACE.number)]
    assert [finding.kind for finding in preview.findings] == [FindingKind.MISSING_GLYPH]


class ScriptedLine:
    """A line whose printer, once it is written to, says its words and goes away."""

    answers = True
    watched_path = None

    def __init__(self, *words: bytes) -> None:
        self._words = list(words)
        self._spoken_to = asyncio.Event()
        self.standstill: list[bool] = []

    def open(self) -> AbstractAsyncContextManager[PrinterTransport]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[PrinterTransport]:
        yield self

    async def read(self) -> bytes:
        await self._spoken_to.wait()
        if not self._words:
            raise DeviceAbsent("the script is over")
        return self._words.pop(0)

    async def write(self, data: bytes) -> None:
        self._spoken_to.set()

    def port_hold(self) -> Hold | None:
        return None

    def expect_standstill(self, expected: bool) -> None:
        self.standstill.append(expected)


async def test_the_line_is_told_that_silence_is_no_fault_while_the_printer_stands_still() -> None:
    line, story = ScriptedLine(bytes.fromhex("18000c00"), bytes.fromhex("10000000")), Story()
    async with printer_at(line).session() as session:
        await session.transmit(b"x", story.report)
    assert line.standstill == [True, False]
    assert story.events == [AllSent(), Stopped(Hold.PAPER_OUT), Resumed(), Interrupted(Cause.UNPLUGGED)]
