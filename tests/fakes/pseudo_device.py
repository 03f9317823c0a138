"""The far end of a serial line on a pseudo-terminal: a device that answers as a test tells it, byte by byte."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from daemon.clock import SystemClock
from daemon.drivers.catalogue import driver
from daemon.drivers.conformance import Capture
from daemon.drivers.device import AnyReader, ReaderEvent
from daemon.drivers.framing import SETTLE_MS
from daemon.typed import convert

QUIET_S = SETTLE_MS / 1000 + 0.02
"""After an opening; what comes sooner was being sent before."""


class PseudoDevice:
    """Plugged in at `path`, a symbolic link as udev makes them; what `answers` returns to what it hears is sent."""

    def __init__(self, path: Path, answers: Callable[[bytes], bytes]) -> None:
        self._path = path
        self._answers = answers
        self._line = -1
        self.heard = b""
        self._news = asyncio.Event()

    def plug(self) -> None:
        self._line, far_end = os.openpty()
        tty.setraw(far_end)
        os.set_blocking(self._line, False)
        self._path.unlink(missing_ok=True)
        self._path.symlink_to(os.ttyname(far_end))
        os.close(far_end)
        asyncio.get_running_loop().add_reader(self._line, self._hear)

    def unplug(self) -> None:
        if self._line >= 0:
            asyncio.get_running_loop().remove_reader(self._line)
            os.close(self._line)
            self._line = -1
            self._path.unlink(missing_ok=True)

    def send(self, data: bytes) -> None:
        os.write(self._line, data)

    async def is_told(self, last: bytes) -> None:
        """Wait until these are the last bytes that were written to it."""
        while not self.heard.endswith(last):
            self._news.clear()
            await self._news.wait()

    def _hear(self) -> None:
        try:
            data = os.read(self._line, 4096)
        except OSError:
            return  # nobody has the other end open
        self.heard += data
        self._news.set()
        answer = self._answers(data)
        if answer:
            self.send(answer)


def answers_of(capture: Capture, cards: list[bytes]) -> Callable[[bytes], bytes]:
    """A device that answers as its capture says, and to each question for a card with the next of `cards`."""

    def answer(data: bytes) -> bytes:
        told = b"".join(one.answer for one in capture.exchanges if one.command in data)
        if capture.poll and capture.poll in data and cards:
            told += cards.pop(0)
        return told

    return answer


@asynccontextmanager
async def reading(
    capture: Capture, path: Path, cards: list[bytes] | None = None
) -> AsyncIterator[tuple[PseudoDevice, "asyncio.Queue[ReaderEvent]"]]:
    """The driver of a capture on a pseudo-terminal, and what it emits."""
    device = PseudoDevice(path, answers_of(capture, cards if cards is not None else []))
    device.plug()
    events: asyncio.Queue[ReaderEvent] = asyncio.Queue()
    reader = reader_at(capture, path)
    try:
        async with asyncio.timeout(20), reader.open() as line, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(reader.run(line, events.put_nowait), name="session")
            await asyncio.sleep(QUIET_S)
            yield device, events
            running.cancel()
    finally:
        device.unplug()


def reader_at(capture: Capture, path: Path) -> AnyReader:
    """The driver of a capture, at this path."""
    module = driver(capture.kind)
    return module.build(convert({**capture.config, "path": str(path)}, module.Config), SystemClock())
