"""The line of one till to the broker: a TCP relay that can be cut and healed, as a shop's connection is.

A cut line refuses and resets. A silent one keeps its connections open and carries nothing: a router that hangs, a
mobile network out of reach; what was sent meanwhile arrives when it is healed, as TCP would have it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Final, Self

from typing_extensions import override

_READ_BYTES: Final = 64 * 1024
_HOST: Final = "127.0.0.1"


class LineState(StrEnum):
    """How a line is."""

    OPEN = "open"
    CUT = "cut"
    SILENT = "silent"


class Line:
    """One line. Its state can be changed at any time."""

    def __init__(self, name: str, target_port: int) -> None:
        self.name = name
        self.port = 0
        self.state = LineState.OPEN
        self._target_port = target_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @override
    def __repr__(self) -> str:
        return f"Line({self.name}, {self.state}, {len(self._ends) // 2} connections)"

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[Self]:
        """Listen on a loopback port (0: a free one) while the block runs."""
        server = await asyncio.start_server(self._carry, _HOST, port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await server.wait_closed()
            await self._idle.wait()

    def cut(self, *, silent: bool = False) -> None:
        """Carry nothing from now on; `silent` leaves both ends believing that the line stands."""
        self.state = LineState.SILENT if silent else LineState.CUT
        self._flowing.clear()
        if not silent:
            for end in self._ends:
                end.transport.abort()
            self._flowing.set()  # whoever waits finds its connection gone

    def heal(self) -> None:
        """Carry again."""
        self.state = LineState.OPEN
        self._flowing.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        self._idle.clear()
        try:
            await self._flowing.wait()
            if self.state is LineState.OPEN:
                await self._join(reader, writer)
        finally:
            self._ends.discard(writer)
            writer.transport.abort()
            if not self._ends:
                self._idle.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect to the other side and carry both ways; when one way ends, so does the other."""
        try:
            far_reader, far_writer = await asyncio.open_connection(_HOST, self._target_port)
        except OSError:
            return
        self._ends.add(far_writer)
        try:
            async with asyncio.TaskGroup() as tasks:
                there = tasks.create_task(self._pump(reader, far_writer), name=f"{self.name} to the broker")
                back = tasks.create_task(self._pump(far_reader, writer), name=f"{self.name} from the broker")
                there.add_done_callback(lambda _: back.cancel())
                back.add_done_callback(lambda _: there.cancel())
        finally:
            self._ends.discard(far_writer)
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError):
            while data := await reader.read(_READ_BYTES):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
