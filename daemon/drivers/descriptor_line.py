"""An open descriptor as awaitable bytes, read by the event loop without a thread: a serial port, an input device."""

import asyncio
import os
from typing import Final

from typing_extensions import override

from daemon.errors import DeviceAbsent

_READ_BYTES_MAX: Final = 4096


class DescriptorLine:
    """An open device; a `daemon.drivers.device.ByteTransport`. The descriptor is not this object's to close."""

    def __init__(self, path: str, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._is_listening = False
        self._gone = False
        self._waiting: asyncio.Future[None] | None = None

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path})"

    async def read(self) -> bytes:
        """What has arrived, at least one byte; raises DeviceAbsent when the device was unplugged.

        For one task. The kernel keeps what comes while the caller is slow, so a babbling device floods nobody.
        """
        while not self._received:
            if self._gone:
                raise self._unplugged()
            self._listen()
            self._waiting = self._loop.create_future()
            await self._waiting
        data = bytes(self._received)
        self._received.clear()
        return data

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the kernel; a device that reads slowly makes this wait."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                await self._writable()
            except OSError as gone:
                raise self._unplugged() from gone

    def close(self) -> None:
        """Let go of the event loop, and wipe what nobody took."""
        self._deafen()
        self._received[:] = bytes(len(self._received))

    def _listen(self) -> None:
        if not self._is_listening:
            self._loop.add_reader(self._descriptor, self._arrived)
            self._is_listening = True

    def _deafen(self) -> None:
        if self._is_listening:
            self._loop.remove_reader(self._descriptor)
            self._is_listening = False

    def _arrived(self) -> None:
        """Called by the loop for as long as there is something to read, or an end to be told."""
        try:
            data = os.read(self._descriptor, _READ_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._received += data
        self._gone = not data
        if self._gone or len(self._received) >= _READ_BYTES_MAX:
            self._deafen()
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def _writable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._descriptor)

    def _unplugged(self) -> DeviceAbsent:
        return DeviceAbsent(f"{self._path} was unplugged")
