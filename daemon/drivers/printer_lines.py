"""Where a printer is plugged in: a line that is taken for one ticket at a time. USB has a module of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from daemon.domain.print_job import Hold
from daemon.drivers.serial_port import SerialLine, SerialPort, open_serial
from daemon.errors import DeviceAbsent

READ_BYTES = 4096
CONNECT_S = 3.0
USER_TIMEOUT_MS = 2000
"""TCP gives up so long after a byte that nobody acknowledges: a pulled cable shows after 2.5 s instead of 15 min."""

SEND_BUFFER_BYTES = 8192
"""What the kernel may keep for itself; left alone it takes a whole badge, and `sent` would mean nothing."""


class PrinterTransport(Protocol):
    """An open line to a printer."""

    async def read(self) -> bytes:
        """What has arrived, at least one byte; raises DeviceAbsent when the printer went away."""
        ...

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the kernel; raises DeviceAbsent when the printer went away."""
        ...

    def expect_standstill(self, expected: bool) -> None:
        """Whether the printer has said why it takes nothing, so that silence is no sign of a broken line."""
        ...

    @property
    def answers(self) -> bool:
        """Whether anything can come back."""
        ...

    def port_hold(self) -> Hold | None:
        """What the port itself knows to be in the way, asked where nothing comes back."""
        ...


class PrinterLine(Protocol):
    """Where a printer is plugged in."""

    @property
    def watched_path(self) -> Path | None:
        """What shows that it is plugged in; None on a network."""
        ...

    def open(self) -> AbstractAsyncContextManager[PrinterTransport]:
        """Take the line; raises DeviceAbsent or DeviceFault with one sentence."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class TcpLine:
    """A printer on the network, raw port."""

    host: str
    port: int = 9100

    @property
    def watched_path(self) -> None:
        """Nothing shows it but an answer."""
        return None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PrinterTransport]:
        """Connect; closed on leaving, without waiting for a printer that takes nothing."""
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(self.host, self.port)
        except (OSError, TimeoutError) as refused:
            raise DeviceAbsent(f"no printer answers at {self.host}:{self.port}") from refused
        try:
            yield _TcpTransport(f"{self.host}:{self.port}", reader, writer)
        finally:
            writer.transport.abort()


class _TcpTransport:
    answers = True

    def __init__(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._name = name
        self._reader = reader
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.expect_standstill(expected=False)
        # `write` returns when the kernel has everything: what asyncio would keep for itself is not sent.
        writer.transport.set_write_buffer_limits(high=0)

    async def read(self) -> bytes:
        try:
            data = await self._reader.read(READ_BYTES)
        except OSError as gone:
            raise self._gone() from gone
        if not data:
            raise self._gone()
        return data

    async def write(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as gone:
            raise self._gone() from gone

    def expect_standstill(self, expected: bool) -> None:
        # A printer out of paper closes its window, and Linux counts that as unacknowledged: measured, the connection
        # of a printer that merely waits for a new roll ends after 2.3 s.
        timeout_ms = 0 if expected else USER_TIMEOUT_MS
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)

    def port_hold(self) -> Hold | None:
        return None

    def _gone(self) -> DeviceAbsent:
        return DeviceAbsent(f"the printer at {self._name} has gone")


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialPrinterLine:
    """A printer on a serial port."""

    line: SerialLine

    @property
    def watched_path(self) -> Path:
        """The port."""
        return Path(self.line.path)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PrinterTransport]:
        """Take the port for this process."""
        async with open_serial(self.line) as port:
            yield _SerialTransport(port)


class _SerialTransport:
    answers = True

    def __init__(self, port: SerialPort) -> None:
        self.read = port.read
        self.write = port.write

    def expect_standstill(self, expected: bool) -> None:
        """A serial line never gives up by itself."""

    def port_hold(self) -> Hold | None:
        """A serial line knows nothing of paper."""
        return None
