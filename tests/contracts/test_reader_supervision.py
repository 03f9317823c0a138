"""Every reader of bytes under the supervisor, on a pty: read, pulled inside a frame, plugged in, read again."""

import asyncio
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.drivers.conformance import read_capture
from daemon.drivers.device import CardRead, DeviceEvent, DeviceHealth, DeviceState
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.supervisor import Supervisor
from tests.captures.reader_captures import FOLDER, devices
from tests.fakes.pseudo_device import QUIET_S, PseudoDevice, answers_of, reader_at

SERIAL = [device for device in devices() if device not in {"keyboard_scanner", "simulated"}]


class Watched:
    """A supervised reader, the device that it reads, and all that has come of it."""

    def __init__(self, name: str, path: Path) -> None:
        self.capture = read_capture(FOLDER / f"{name}.reader.toml")
        self.cards: list[bytes] = []
        self.device = PseudoDevice(path, answers_of(self.capture, self.cards))
        self.events = EventQueue()
        self.supervisor = Supervisor([reader_at(self.capture, path)], self.events, SystemClock())
        self.heard: list[DeviceEvent] = []

    async def until(self, state: DeviceState) -> DeviceHealth:
        while True:
            event = await self.next()
            if isinstance(event, DeviceHealth) and event.state is state:
                return event

    async def text(self) -> str:
        """The next card that is read."""
        while True:
            event = await self.next()
            if isinstance(event, CardRead):
                return event.code.text

    async def next(self) -> DeviceEvent:
        self.heard.append(await self.events.get())
        return self.heard[-1]

    def show(self, frame: bytes) -> None:
        """Send a frame, or have it ready for the next question."""
        if self.capture.poll:
            self.cards.append(frame)
        else:
            self.device.send(frame)


@pytest.mark.feature("D5.1")
@pytest.mark.parametrize("name", SERIAL)
async def test_a_reader_pulled_inside_a_frame_reads_no_phantom_and_is_back_within_a_second(
    name: str, tmp_path: Path
) -> None:
    clock, watched = SystemClock(), Watched(name, tmp_path / "reader")
    first, second = watched.capture.two_good()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watched.supervisor.run(), name="supervisor")
        await watched.until(DeviceState.ABSENT)
        watched.device.plug()
        await watched.until(DeviceState.UP)
        await asyncio.sleep(0.2)
        watched.show(first.data)
        assert await watched.text() == first.text
        await asyncio.sleep(0.7)  # the same card once more would be a second reading
        watched.heard.clear()
        watched.show(first.data[: len(first.data) // 2])
        await asyncio.sleep(0.2)
        watched.device.unplug()
        await watched.until(DeviceState.ABSENT)
        watched.cards.clear()
        watched.device.plug()
        back_s = clock.monotonic_s()
        health = await watched.until(DeviceState.UP)
        assert clock.monotonic_s() - back_s < 1
        assert not [event for event in watched.heard if isinstance(event, CardRead)]
        assert health.reconnects == 1
        await asyncio.sleep(0.2)
        watched.show(second.data)
        assert await watched.text() == second.text
        running.cancel()
    watched.device.unplug()


@pytest.mark.feature("D1.7")
@pytest.mark.parametrize("name", ["QR, UTF-8", "GS1 QR"])
async def test_a_code_on_a_telephones_screen_is_read_like_a_card(name: str, tmp_path: Path) -> None:
    watched = Watched("serial_scanner", tmp_path / "reader")
    [sample] = [sample for sample in watched.capture.good if sample.name == name]
    watched.device.plug()
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watched.supervisor.run(), name="supervisor")
        await watched.until(DeviceState.UP)
        await asyncio.sleep(QUIET_S)
        watched.show(sample.data)
        assert await watched.text() == sample.text
        running.cancel()
    watched.device.unplug()
