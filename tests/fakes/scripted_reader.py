"""A reader whose openings and sessions a test decides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from typing_extensions import override

from daemon.drivers.device import ByteTransport, Candidate, Emit, Reader, ReaderEvent
from daemon.errors import DeviceAbsent
from tests.fakes.scripted_line import ScriptedLine
from tests.fakes.stepped_clock import SteppedClock


class ScriptedReader(Reader[ByteTransport]):
    """Each opening raises `fault` while there is one; a session lasts until `end` is called.

    With `is_loose` a session ends as soon as it begins, as with a plug that is not pushed in.
    """

    def __init__(self, clock: SteppedClock, device: str = "front", path: Path | None = None) -> None:
        self._clock = clock
        self._device = device
        self._path = path
        self.fault: Exception | None = None
        self.is_loose = False
        self.opened_at_s: list[float] = []
        self.is_open = False
        self._emit: Emit | None = None
        self._ended: asyncio.Future[None] | None = None

    @property
    @override
    def device(self) -> str:
        return self._device

    @property
    @override
    def watched_path(self) -> Path | None:
        return self._path

    @override
    def match(self, candidate: Candidate) -> int:
        return 1 if candidate.node == f"/dev/{self._device}" else 0

    @override
    def open(self) -> AbstractAsyncContextManager[ByteTransport]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[ByteTransport]:
        self.opened_at_s.append(self._clock.monotonic_s())
        if self.fault:
            raise self.fault
        self.is_open = True
        try:
            yield ScriptedLine([], self._clock)
        finally:
            self.is_open = False

    @override
    async def run(self, transport: ByteTransport, emit: Emit) -> None:
        if self.is_loose:
            raise DeviceAbsent(f"{self._device} was unplugged")
        self._emit = emit
        self._ended = asyncio.get_running_loop().create_future()
        await self._ended

    def emit(self, event: ReaderEvent) -> None:
        """The device has something to say."""
        assert self._emit
        self._emit(event)

    def end(self, error: Exception | None = None) -> None:
        """The session ends: by an error, or by itself."""
        assert self._ended
        if error:
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    def unplug(self) -> None:
        self.fault = DeviceAbsent(f"nothing is plugged in at {self._device}")
        self.end(DeviceAbsent(f"{self._device} was unplugged"))
