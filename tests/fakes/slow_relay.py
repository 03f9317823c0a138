"""A line to a printer that carries as many bytes as real ones do, and that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class SlowRelay:
    """Between a till and a printer on TCP."""

    def __init__(self, port: int, bytes_per_s: int) -> None:
        self._port = port
        self._bytes_per_s = bytes_per_s
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.carried = 0
        """Bytes that went to the printer since the last cut."""
        self.cut_after: int | None = None

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @asynccontextmanager
    async def running(self) -> AsyncIterator["SlowRelay"]:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0, limit=2048)
        try:
            yield self
        finally:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    def cut(self) -> None:
        """The cable is pulled; it is in again for whoever connects next."""
        self.cut_after, self.carried = None, 0
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, onward}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pump(reader, onward, slow=True), name="to the printer")
            tasks.create_task(self._pump(onward_reader, writer, slow=False), name="from the printer")

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool) -> None:
        try:
            while data := await reader.read(512):
                writer.write(data)
                await writer.drain()
                if slow:
                    self.carried += len(data)
                    if self.cut_after is not None and self.carried >= self.cut_after:
                        self.cut()
                        return
                    await asyncio.sleep(len(data) / self._bytes_per_s)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
