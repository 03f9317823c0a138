import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typing_extensions import override

from daemon.clock import SystemClock
from daemon.domain.code import ScannedCode
from daemon.drivers.device import (
    AnyReader,
    Candidate,
    CardRead,
    DeviceEvent,
    DeviceHealth,
    DeviceState,
    ReadRefused,
    ReadRepeated,
    Refusal,
)
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.serial_reader import SerialScannerConfig, build
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.drivers.supervisor import Supervisor
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake
from tests.fakes.pseudo_device import QUIET_S
from tests.fakes.scripted_reader import ScriptedReader
from tests.fakes.stepped_clock import SteppedClock, settle

CARD = CardRead(device="front", code=ScannedCode(text="M-000123", symbology=None))


@asynccontextmanager
async def supervised(
    clock: SteppedClock, *readers: AnyReader, events: EventQueue | None = None
) -> AsyncIterator[Supervisor]:
    """A running supervisor without jitter; cancelled on leaving."""
    supervisor = Supervisor(readers, events or EventQueue(), clock, chance=lambda: 0.0)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run(), name="supervisor")
        await settle()
        yield supervisor
        running.cancel()


async def drained(events: EventQueue) -> list[DeviceEvent]:
    """What is waiting now."""
    taken: list[DeviceEvent] = []
    try:
        while True:
            async with asyncio.timeout(0.01):
                taken.append(await events.get())
    except TimeoutError:
        return taken


def states(supervisor: Supervisor) -> list[DeviceState]:
    return [health.state for health in supervisor.healths()]


async def test_a_device_that_is_there_is_up_at_once() -> None:
    clock, events = SteppedClock(), EventQueue()
    reader = ScriptedReader(clock)
    async with supervised(clock, reader, events=events) as supervisor:
        assert states(supervisor) == [DeviceState.UP]
        assert repr(supervisor) == "Supervisor(front: up)"
        assert [event.state for event in await drained(events) if isinstance(event, DeviceHealth)] == [DeviceState.UP]


async def test_before_it_runs_a_device_is_connecting() -> None:
    supervisor = Supervisor([ScriptedReader(SteppedClock())], EventQueue(), SteppedClock())
    assert states(supervisor) == [DeviceState.CONNECTING]


async def test_an_absent_device_is_tried_after_a_quarter_second_doubling_to_fifteen() -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    reader.fault = DeviceAbsent("nothing is plugged in at /dev/front")
    async with supervised(clock, reader) as supervisor:
        await clock.advance(60)
        assert states(supervisor) == [DeviceState.ABSENT]
        assert supervisor.healths()[0].detail == "nothing is plugged in at /dev/front"
    assert reader.opened_at_s == [0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 30.75, 45.75]


async def test_jitter_shortens_the_wait_by_up_to_half() -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    reader.fault = DeviceAbsent("absent")
    supervisor = Supervisor([reader], EventQueue(), clock, chance=lambda: 0.5)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run(), name="supervisor")
        await clock.advance(0.6)
        running.cancel()
    assert reader.opened_at_s == [0, 0.1875, 0.5625]


async def test_an_unplug_and_a_replug_are_followed_without_restart() -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    async with supervised(clock, reader) as supervisor:
        reader.unplug()
        await clock.advance(0.1)
        assert states(supervisor) == [DeviceState.ABSENT]
        assert not reader.is_open
        reader.fault = None
        await clock.advance(1)
        assert states(supervisor) == [DeviceState.UP]
        assert supervisor.healths()[0].reconnects == 1
        assert supervisor.healths()[0].detail == ""


async def test_news_of_a_plug_wakes_the_device_that_it_may_be_and_no_other() -> None:
    clock = SteppedClock()
    front, rear = ScriptedReader(clock, "front"), ScriptedReader(clock, "rear")
    front.fault = rear.fault = DeviceAbsent("absent")
    async with supervised(clock, front, rear) as supervisor:
        await clock.advance(20)
        tried = len(front.opened_at_s), len(rear.opened_at_s)
        front.fault = None
        supervisor.wake(Candidate(subsystem="tty", node="/dev/front"))
        await settle()
        assert states(supervisor) == [DeviceState.UP, DeviceState.ABSENT]
        assert (len(front.opened_at_s), len(rear.opened_at_s)) == (tried[0] + 1, tried[1])


async def test_a_woken_device_is_impatient_again() -> None:
    """udev creates the node before it gives the daemon's group access: the first try may fail."""
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    reader.fault = DeviceAbsent("absent")
    async with supervised(clock, reader) as supervisor:
        await clock.advance(20)
        reader.fault = DeviceFault("no permission")
        supervisor.wake(Candidate(subsystem="tty", node="/dev/front"))
        await settle()
        reader.fault = None
        await clock.advance(0.25)
        assert states(supervisor) == [DeviceState.UP]


async def test_a_path_that_appears_wakes_its_device_where_nobody_brings_news(tmp_path: Path) -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock, path=tmp_path / "scanner")
    reader.fault = DeviceAbsent("absent")
    async with supervised(clock, reader) as supervisor:
        await clock.advance(20)
        (tmp_path / "scanner").touch()
        reader.fault = None
        await clock.advance(0.25)
        assert states(supervisor) == [DeviceState.UP]


async def test_a_path_that_stays_wakes_nobody(tmp_path: Path) -> None:
    (tmp_path / "scanner").touch()
    clock = SteppedClock()
    reader = ScriptedReader(clock, path=tmp_path / "scanner")
    reader.fault = DeviceFault("in use by another program")
    async with supervised(clock, reader) as supervisor:
        await clock.advance(4)
        assert states(supervisor) == [DeviceState.ERROR]
    assert reader.opened_at_s == [0, 0.25, 0.75, 1.75, 3.75]


async def test_a_loose_plug_is_not_opened_four_times_a_second() -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    reader.is_loose = True
    async with supervised(clock, reader):
        await clock.advance(4)
    assert reader.opened_at_s == [0, 0.25, 0.75, 1.75, 3.75]


async def test_after_a_steady_session_the_first_wait_is_short_again() -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    reader.fault = DeviceAbsent("absent")
    async with supervised(clock, reader) as supervisor:
        await clock.advance(20)
        reader.fault = None
        await clock.advance(30)
        reader.end(DeviceAbsent("was unplugged"))
        await clock.advance(0.25)
        assert states(supervisor) == [DeviceState.UP]


async def test_reads_and_refusals_are_passed_on_and_counted() -> None:
    clock, events = SteppedClock(now_ms=1_000), EventQueue()
    reader = ScriptedReader(clock)
    async with supervised(clock, reader, events=events) as supervisor:
        await clock.advance(2)
        reader.emit(CARD)
        reader.emit(ReadRepeated(device="front"))
        reader.emit(ReadRefused(device="front", reason=Refusal.CHECK_DIGIT))
        reader.emit(ReadRefused(device="front", reason=Refusal.PAYMENT_CARD))
        health = supervisor.healths()[0]
        assert (health.last_read_ms, health.suppressed, health.bad_frames) == (3_000, 1, 1)
        assert [type(event) for event in await drained(events)] == [CardRead, ReadRefused, ReadRefused, DeviceHealth]


async def test_a_tag_that_lies_there_is_counted_each_time_and_told_once_in_a_second() -> None:
    clock, events = SteppedClock(), EventQueue()
    reader = ScriptedReader(clock)
    async with supervised(clock, reader, events=events) as supervisor:
        await drained(events)
        told = []
        for _ in range(40):
            reader.emit(ReadRepeated(device="front"))
            told += await drained(events)
            await clock.advance(0.05)
        assert supervisor.healths()[0].suppressed == 40
        assert [event.suppressed for event in told if isinstance(event, DeviceHealth)] == [1, 21]


async def test_a_driver_that_cannot_say_where_it_stands_is_tried_again_all_the_same() -> None:
    class Lost(ScriptedReader):
        @property
        @override
        def watched_path(self) -> Path | None:
            raise KeyError("path")

    clock = SteppedClock()
    reader = Lost(clock)
    reader.fault = DeviceAbsent("absent")
    async with supervised(clock, reader) as supervisor:
        reader.fault = None
        await clock.advance(0.25)
        assert states(supervisor) == [DeviceState.UP]


async def test_a_read_that_nobody_has_room_for_is_refused_and_counted() -> None:
    clock, events = SteppedClock(), EventQueue(reads_max=1)
    reader = ScriptedReader(clock)
    async with supervised(clock, reader, events=events) as supervisor:
        reader.emit(CARD)
        reader.emit(CARD)
        assert supervisor.healths()[0].refused_full == 1
        assert ReadRefused(device="front", reason=Refusal.QUEUE_FULL) in await drained(events)


async def test_a_bug_of_a_driver_names_its_place_and_quotes_nothing() -> None:
    clock = SteppedClock()
    buggy, other = ScriptedReader(clock), ScriptedReader(clock, "rear")
    async with supervised(clock, buggy, other) as supervisor:
        buggy.end(ValueError("4111111111111111"))
        await settle()
        assert states(supervisor) == [DeviceState.ERROR, DeviceState.UP]
        detail = supervisor.healths()[0].detail
        assert detail.startswith("the driver failed: ValueError in scripted_reader.py, line ")
        assert "4111" not in detail
        await clock.advance(1)
        assert states(supervisor) == [DeviceState.UP, DeviceState.UP]


async def test_a_driver_that_ends_by_itself_is_started_again() -> None:
    clock = SteppedClock()
    reader = ScriptedReader(clock)
    async with supervised(clock, reader) as supervisor:
        reader.end()
        await settle()
        assert states(supervisor) == [DeviceState.CONNECTING]
        await clock.advance(0.25)
        assert states(supervisor) == [DeviceState.UP]


async def test_a_driver_whose_match_fails_is_woken_rather_than_lost() -> None:
    class Broken(ScriptedReader):
        @override
        def match(self, candidate: Candidate) -> int:
            raise KeyError(candidate.node)

    clock = SteppedClock()
    reader = Broken(clock)
    reader.fault = DeviceAbsent("absent")
    async with supervised(clock, reader) as supervisor:
        reader.fault = None
        supervisor.wake(Candidate(subsystem="tty", node="/dev/any"))
        await settle()
        assert states(supervisor) == [DeviceState.UP]


@pytest.mark.parametrize("fault", [None, DeviceAbsent("absent")])
async def test_cancelling_ends_every_task_and_closes_every_device(fault: Exception | None) -> None:
    clock = SteppedClock()
    readers = [ScriptedReader(clock, name) for name in ("front", "rear")]
    for reader in readers:
        reader.fault = fault
    before = asyncio.all_tasks()
    async with supervised(clock, *readers):
        await clock.advance(0.1)
        named = {task.get_name() for task in asyncio.all_tasks() - before}
        assert {"device front", "device rear"} <= named
    assert asyncio.all_tasks() == before
    assert not any(reader.is_open for reader in readers)


async def test_a_till_without_readers_has_nothing_to_supervise() -> None:
    await Supervisor([], EventQueue(), SteppedClock()).run()


def test_two_devices_with_one_name_are_a_mistake_of_the_configuration() -> None:
    clock = SteppedClock()
    with pytest.raises(OperatorMistake, match="same name"):
        Supervisor([ScriptedReader(clock), ScriptedReader(clock)], EventQueue(), clock)


@pytest.mark.feature("D5.1")
@pytest.mark.feature("D5.2")
async def test_a_simulated_scanner_is_read_unplugged_inside_a_frame_and_read_again(tmp_path: Path) -> None:
    clock, events = SystemClock(), EventQueue()
    path = tmp_path / "scanner"
    scanner = SimulatedScanner(path, clock, baud=115_200)
    supervisor = Supervisor([build(SerialScannerConfig(name="front", path=str(path)), clock)], events, clock)

    async def until(state: DeviceState) -> DeviceHealth:
        while True:
            event = await events.get()
            if isinstance(event, DeviceHealth) and event.state is state:
                return event

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run(), name="supervisor")
        await until(DeviceState.ABSENT)
        with scanner:
            await until(DeviceState.UP)
            await asyncio.sleep(QUIET_S)
            await scanner.tap("3760123456784", aim="]E0")
            assert isinstance(await events.get(), CardRead)
            await scanner.play(b"]C0M-0")
            await clock.sleep(0.1)
            scanner.unplug()
            assert await events.get() == ReadRefused(device="front", reason=Refusal.CUT)
            await until(DeviceState.ABSENT)
            scanner.plug()
            assert (await until(DeviceState.UP)).reconnects == 1
            await asyncio.sleep(QUIET_S)
            await scanner.tap("M-000123", aim="]C0")
            read = await events.get()
        running.cancel()
    assert isinstance(read, CardRead)
    assert read.code.text == "M-000123"
    health = supervisor.healths()[0]
    assert (health.bad_frames, health.reconnects) == (1, 1)
