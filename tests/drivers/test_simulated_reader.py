"""A reader that is not there: what is tapped is read as a scanner's bytes are."""

import asyncio

import pytest

from daemon.drivers.device import Candidate, CardRead, ReaderEvent
from daemon.drivers.simulated_reader import SimulatedReaderConfig, build
from daemon.errors import DeviceAbsent, OperatorMistake
from tests.fakes.stepped_clock import SteppedClock

CARD = "M-000123"


def test_what_no_scanner_could_send_is_no_card() -> None:
    for card in ("", "a\rb", "x" * 300):
        with pytest.raises(OperatorMistake, match="cards: a code has 1 to 256 visible characters"):
            SimulatedReaderConfig(name="desk", cards=(card,))
    with pytest.raises(OperatorMistake, match="name: a device needs a name"):
        SimulatedReaderConfig(name="")


async def test_a_tap_is_read_through_the_driver_and_refused_while_nobody_listens() -> None:
    clock = SteppedClock()
    reader = build(SimulatedReaderConfig(name="desk", cards=(CARD,)), clock)
    assert reader.watched_path is None
    assert reader.match(Candidate(subsystem="tty", node="/simulated")) == 0
    with pytest.raises(DeviceAbsent, match="the simulated reader desk is not open"):
        reader.tap(CARD)
    came: asyncio.Queue[ReaderEvent] = asyncio.Queue()
    async with reader.open() as transport, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(reader.run(transport, came.put_nowait), name="session")
        await asyncio.sleep(0)
        clock.jump(1)
        with pytest.raises(OperatorMistake, match="code: "):
            reader.tap("\n")
        reader.tap(f" {CARD} ")
        read = await came.get()
        running.cancel()
    assert isinstance(read, CardRead)
    assert (read.device, read.code.text) == ("desk", CARD)
    with pytest.raises(DeviceAbsent):
        reader.tap(CARD)
