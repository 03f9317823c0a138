"""A printer on a port of the kernel, played by a pseudo-terminal: answers come back, a full port makes nobody wait."""

import asyncio
import errno
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.desk.print_desk import PrintDesk, PrintRequest
from daemon.domain.ids import EntityId
from daemon.domain.print_job import AllSent, Cause, Confirmed, Hold, Interrupted, JobState, NothingSent, Stopped
from daemon.domain.print_kind import JobKind
from daemon.drivers.escpos import PAPERS, Escpos
from daemon.drivers.one_way import OneWayDialogue
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Form, Patience
from daemon.drivers.simulated_printer import SimulatedPrinter
from daemon.drivers.usb_line import NO_ERROR, PAPER_OUT, SELECTED, UsbLine, hold_of
from daemon.errors import DeviceAbsent, DeviceFault
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.typed import to_json
from tests.drivers.test_printer import Story, badge_job
from tests.fakes.badges import ORDER
from tests.fakes.print_ear import PrintEar
from tests.fakes.serial_bridge import serial_bridge

BADGE = PrintRequest(
    request_key="press 1", kind=JobKind.BADGE, customer=EntityId(b"helene00"), content=to_json(ORDER), printer="usb"
)
HASTY = Patience(status_s=0.3, stall_s=0.4, answer_s=1.0, poll_s=0.2, stopped_s=0.5)


def printer_at(path: str) -> LinePrinter:
    setup = PrinterSetup(
        name="usb", line=UsbLine(path=path), language=Escpos(paper=PAPERS[80], form=Form.TEXT), patience=HASTY
    )
    return LinePrinter(setup, SystemClock())


@pytest.mark.feature("D2.1")
async def test_a_badge_over_a_port_that_answers() -> None:
    async with SimulatedPrinter().serving() as machine, serial_bridge(machine.port) as path:
        printer, story = printer_at(path), Story()
        ticket = await printer.encode(badge_job())
        async with asyncio.timeout(10), printer.session() as session:
            assert await session.ask() is None
            assert await session.prepare() is None
            await session.transmit(ticket, story.report)
        assert story.events == [AllSent(), Confirmed()]
        assert len(machine.tickets) == 1


async def test_a_port_that_takes_nothing_is_given_up_in_time() -> None:
    master, slave = os.openpty()
    try:
        async with UsbLine(path=os.ttyname(slave)).open() as line:
            assert line.answers
            assert line.port_hold() is None
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await line.write(bytes(1_000_000))
    finally:
        os.close(master)
        os.close(slave)


async def test_a_port_whose_printer_goes_says_so() -> None:
    master, slave = os.openpty()
    async with UsbLine(path=os.ttyname(slave)).open() as line:
        os.close(slave)
        os.close(master)
        with pytest.raises(DeviceAbsent, match="was unplugged"):
            await line.read()
        with pytest.raises(DeviceAbsent, match="was unplugged"):
            await line.write(b"x")


async def test_one_process_has_the_port(tmp_path: Path) -> None:
    master, slave = os.openpty()
    line = UsbLine(path=os.ttyname(slave))
    try:
        async with line.open():
            with pytest.raises(DeviceFault, match="in use"):
                async with line.open():
                    pass
    finally:
        os.close(master)
        os.close(slave)
    with pytest.raises(DeviceAbsent, match="nothing is plugged in"):
        async with UsbLine(path=str(tmp_path / "lp0")).open():
            pass


@pytest.fixture
def no_way_back(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Ports (by device number) that the kernel reads nothing from, as usblp says of a printer of one direction."""
    ports: set[int] = set()
    read = os.read

    def refusing(descriptor: int, count: int) -> bytes:
        if os.fstat(descriptor).st_rdev in ports:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return read(descriptor, count)

    monkeypatch.setattr(os, "read", refusing)
    return ports


def device_number(path: str) -> int:
    return Path(path).stat().st_rdev


@asynccontextmanager
async def shop_on(path: str, folder: Path) -> AsyncIterator[tuple[PrintDesk, PrintEar]]:
    """A print desk at work with one printer on a port."""
    ear = PrintEar()
    async with open_database(folder / "till.db") as database, asyncio.TaskGroup() as tasks:
        desk = PrintDesk([printer_at(path)], StoredPrintJobs(database), ear, SystemClock())
        working = tasks.create_task(desk.run(), name="print desk")
        yield desk, ear
        working.cancel()


@pytest.mark.feature("D2.1", "D4.3")
async def test_a_port_without_a_way_back_hands_a_badge_over_and_asks_whether_it_came_out(
    tmp_path: Path, no_way_back: set[int]
) -> None:
    async with SimulatedPrinter().serving() as machine, serial_bridge(machine.port) as path:
        no_way_back.add(device_number(path))
        async with shop_on(path, tmp_path) as (desk, ear):
            job = await desk.request(BADGE)
            told = await ear.state(JobState.UNKNOWN, job=job.id)
            assert (told.cause, told.asks_operator) == (Cause.UNPROVEN, True)
            assert ear.story(job.id) == ["queued", "sending", "sent", "unknown"]
            await machine.tickets_reach(1)
            again = await desk.answer_unknown(job.id, came_out=False)
            assert again.duplicata
            await ear.until(lambda change: ear.story(job.id).count("unknown") == 2)
            assert (await desk.answer_unknown(job.id, came_out=True)).state is JobState.PRINTED
            await machine.tickets_reach(2)


async def test_a_port_without_a_way_back_says_paper_by_its_status_byte(
    tmp_path: Path, no_way_back: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    status = [SELECTED | NO_ERROR | PAPER_OUT]
    async with SimulatedPrinter().serving() as machine, serial_bridge(machine.port) as path:
        no_way_back.add(device_number(path))
        monkeypatch.setattr(fcntl, "ioctl", lambda *_: bytes([status[0], 0, 0, 0]))
        async with shop_on(path, tmp_path) as (desk, ear):
            job = await desk.request(BADGE)
            await ear.state(JobState.HELD, job=job.id, hold=Hold.PAPER_OUT)
            assert not machine.tickets
            status[0] = SELECTED | NO_ERROR
            await ear.state(JobState.UNKNOWN, job=job.id)


def test_the_status_byte_of_a_port_says_what_stands_in_the_way() -> None:
    assert [hold_of(status) for status in (0x18, 0x38, 0x10, 0x08)] == [None, Hold.PAPER_OUT, Hold.FAULT, Hold.ABSENT]


def test_a_one_way_printer_that_stops_says_why_by_its_port_and_is_given_up() -> None:
    holds: list[Hold | None] = [None]
    dialogue = OneWayDialogue(HASTY, lambda: holds[0])
    dialogue.begin(10, 0.0)
    assert dialogue.taken(4, 0.1) == []
    holds[0] = Hold.PAPER_OUT
    assert dialogue.passed(1.0) == [Stopped(Hold.PAPER_OUT)]
    assert dialogue.passed(1.2) == []
    assert "PAPER_OUT" in repr(dialogue).upper()
    assert dialogue.passed(2.0) == [Interrupted(Cause.NO_ANSWER)]
    assert dialogue.passed(3.0) == dialogue.received(b"x", 3.0) == dialogue.taken(1, 3.0) == dialogue.lost() == []
    untouched = OneWayDialogue(HASTY, lambda: None)
    untouched.begin(10, 0.0)
    assert untouched.passed(1.0) == [NothingSent(Hold.SILENT)]
    for begun, events in ((False, [NothingSent(Hold.ABSENT)]), (True, [Interrupted(Cause.UNPLUGGED)])):
        lost = OneWayDialogue(HASTY, lambda: None)
        if begun:
            lost.begin(10, 0.0)
        assert lost.lost() == events
