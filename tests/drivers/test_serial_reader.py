import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import SystemClock
from daemon.domain.code import ScannedCode, Symbology
from daemon.drivers.device import (
    AnyReader,
    ByteTransport,
    Candidate,
    CardRead,
    ReaderEvent,
    ReadRefused,
    ReadRepeated,
    Refusal,
)
from daemon.drivers.serial_reader import ScannerSession, SerialScannerConfig, build
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.errors import DeviceAbsent, OperatorMistake
from tests.captures.reader_captures import CapturedFrame, frames
from tests.fakes.pseudo_device import QUIET_S
from tests.fakes.stepped_clock import SteppedClock

FRAMES = frames("serial_scanner")
CONFIG = SerialScannerConfig(name="front", path="/dev/serial/by-id/usb-scanner")


@pytest.mark.feature("D1.1")
@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
async def test_a_frame_on_a_pseudo_terminal_becomes_its_event(frame: CapturedFrame, tmp_path: Path) -> None:
    clock = SystemClock()
    config = SerialScannerConfig(name="front", path=str(tmp_path / "scanner"))
    with SimulatedScanner(tmp_path / "scanner", clock) as scanner:
        reader = build(config, clock)
        events: asyncio.Queue[ReaderEvent] = asyncio.Queue()
        async with reader.open() as port, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(reader.run(port, events.put_nowait), name="session")
            await asyncio.sleep(QUIET_S)
            await scanner.play(frame.data)
            event = await events.get()
            running.cancel()
    assert isinstance(event, CardRead if frame.text else ReadRefused)
    if isinstance(event, CardRead):
        assert event.code.text == frame.text
    elif isinstance(event, ReadRefused):
        assert event.reason == frame.refused


@pytest.mark.feature("D1.1")
async def test_a_prefix_and_a_suffix_that_the_scanner_was_set_to_are_taken_off(tmp_path: Path) -> None:
    clock = SystemClock()
    config = SerialScannerConfig(name="front", path=str(tmp_path / "scanner"), prefix="<", suffix=">\t")
    with SimulatedScanner(tmp_path / "scanner", clock, baud=115_200, ending=b">\t") as scanner:
        reader = build(config, clock)
        events: asyncio.Queue[ReaderEvent] = asyncio.Queue()
        async with reader.open() as port, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(reader.run(port, events.put_nowait), name="session")
            await asyncio.sleep(QUIET_S)
            await scanner.tap("M-000123", aim="noise<]C0")
            event = await events.get()
            running.cancel()
    assert event == CardRead(device="front", code=ScannedCode(text="M-000123", symbology=Symbology.CODE128))


async def test_silence_inside_a_frame_is_refused_while_nothing_else_comes(tmp_path: Path) -> None:
    clock = SystemClock()
    config = SerialScannerConfig(name="front", path=str(tmp_path / "scanner"), idle_ms=30)
    with SimulatedScanner(tmp_path / "scanner", clock) as scanner:
        reader = build(config, clock)
        events: asyncio.Queue[ReaderEvent] = asyncio.Queue()
        async with reader.open() as port, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(reader.run(port, events.put_nowait), name="session")
            await asyncio.sleep(QUIET_S)
            await scanner.play(b"37601")
            assert await events.get() == ReadRefused(device="front", reason=Refusal.CUT)
            await scanner.tap("M-000123")
            assert (await events.get()) == CardRead(device="front", code=ScannedCode(text="M-000123", symbology=None))
            running.cancel()


async def test_an_unplug_inside_a_frame_is_refused_as_cut(tmp_path: Path) -> None:
    clock = SystemClock()
    config = SerialScannerConfig(name="front", path=str(tmp_path / "scanner"))
    events: list[ReaderEvent] = []
    with SimulatedScanner(tmp_path / "scanner", clock) as scanner:
        reader = build(config, clock)
        async with reader.open() as port, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(session_until_unplugged(reader, port, events), name="session")
            await scanner.play(b"37601")
            await asyncio.sleep(0.1)
            scanner.unplug()
        assert running.result() == f"{config.path} was unplugged"
    assert events == [ReadRefused(device="front", reason=Refusal.CUT)]


async def session_until_unplugged(reader: AnyReader, port: ByteTransport, events: list[ReaderEvent]) -> str:
    with pytest.raises(DeviceAbsent) as gone:
        await reader.run(port, events.append)
    return str(gone.value)


def test_a_session_is_bytes_and_time_in_and_events_out() -> None:
    session = ScannerSession(CONFIG)
    assert session.feed(b"]C0M-000", 0) == []
    assert session.due_ms == 300
    assert "holding 8 bytes" in repr(session)
    [read] = session.feed(b"123\r", 20)
    assert isinstance(read, CardRead)
    assert session.feed(b"]C0M-000123\r", 100) == [ReadRepeated(device="front")]
    assert session.close(100) == []


def test_a_repeated_payment_card_is_refused_each_time_and_never_remembered() -> None:
    session = ScannerSession(CONFIG)
    for now_ms in (0, 100):
        assert session.feed(b"4111111111111111\r", now_ms) == [ReadRefused(device="front", reason=Refusal.PAYMENT_CARD)]
    assert "0 texts" in repr(session)


def test_a_port_is_matched_by_the_name_that_was_configured_and_no_other() -> None:
    scanner = build(CONFIG, SteppedClock())
    link = "/dev/serial/by-id/usb-scanner"
    assert scanner.match(Candidate(subsystem="tty", node="/dev/ttyACM3", links=("/dev/other", link))) > 0
    assert scanner.match(Candidate(subsystem="tty", node="/dev/ttyACM3", links=("/dev/other",))) == 0
    assert scanner.watched_path == Path(link)
    assert repr(scanner) == f"SerialScanner(front at {link})"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("path", "ttyUSB0"),
        ("baud", 0),
        ("idle_ms", 0),
        ("frame_bytes_max", 3),
        ("frame_bytes_max", 10**9),
    ],
)
def test_a_wrong_value_is_named_by_its_key(key: str, value: Any) -> None:
    with pytest.raises(OperatorMistake, match=f"^{key}: ") as mistake:
        replace(CONFIG, **{key: value})
    assert mistake.value.field == key
