"""A printer on a port of the kernel, played by a pseudo-terminal: answers come back, a full port makes nobody wait."""

import asyncio
import os
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.domain.print_job import AllSent, Cause, Confirmed, HandedOver, Hold, Interrupted, NothingSent, Stopped
from daemon.drivers.escpos import PAPERS, Escpos
from daemon.drivers.one_way import OneWayDialogue
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Form, Patience
from daemon.drivers.simulated_printer import SimulatedPrinter
from daemon.drivers.usb_line import UsbLine, hold_of
from daemon.errors import DeviceAbsent, DeviceFault
from tests.drivers.test_printer import Story, badge_job
from tests.fakes.serial_bridge import serial_bridge

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


async def test_a_port_without_a_way_back_hands_over_and_lets_somebody_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_way(*_: object) -> bytes:
        raise OSError(22, "usblp: the printer has no way back")

    async with SimulatedPrinter().serving() as machine, serial_bridge(machine.port) as path:
        printer, story = printer_at(path), Story()
        ticket = await printer.encode(badge_job())
        with monkeypatch.context() as patched:
            patched.setattr("daemon.drivers.usb_line.os.read", one_way)
            async with asyncio.timeout(10), UsbLine(path=path).open() as line:
                assert not line.answers
        dialogue = OneWayDialogue(HASTY, lambda: None, b"\0")
        dialogue.ask(0.0)
        dialogue.prepare(0.0)
        assert (dialogue.hold, dialogue.asking, dialogue.preparing, dialogue.outbox) == (None, False, False, b"\0")
        dialogue.begin(len(ticket), 0.0)
        assert dialogue.taken(len(ticket), 0.1) == [AllSent(), HandedOver()]
        assert dialogue.over
        assert story.events == []


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
