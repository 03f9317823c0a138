"""A label printer on TCP that answers as the manual says: ~HS at once, ^HW in its turn; labels come out one by one."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

LABEL = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)


class LabelPrinter:
    """Its attributes are what hands and mishaps do to it."""

    def __init__(self) -> None:
        self.labels: list[bytes] = []
        self.paper_out = self.head_open = self.ribbon_out = self.paused = False
        self.answers = True
        self.label_s = 0.05
        self.dies_at_bytes: int | None = None
        self._taken = 0
        self._buffer = b""
        self._waiting: list[bytes] = []
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["LabelPrinter"]:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with asyncio.TaskGroup() as tasks:
            printing = tasks.create_task(self._print(), name="labels come out")
            try:
                yield self
            finally:
                printing.cancel()
                self._server.close()
                self.cut_power()
                await self._server.wait_closed()

    def cut_power(self) -> None:
        """What it had in its memory is gone."""
        self._buffer, self._waiting, self._taken = b"", [], 0
        for client in self._clients:
            client.transport.abort()
        self._clients.clear()

    @property
    def _stands_still(self) -> bool:
        return self.paper_out or self.head_open or self.ribbon_out or self.paused

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        with suppress(ConnectionError):
            while data := await reader.read(512):
                self._taken += len(data)
                if self.dies_at_bytes is not None and self._taken >= self.dies_at_bytes:
                    self.dies_at_bytes = None
                    self.cut_power()
                    return
                self._buffer += data
                self._obey(writer)
        writer.transport.abort()

    def _obey(self, writer: asyncio.StreamWriter) -> None:
        while b"~HS" in self._buffer:
            self._buffer = self._buffer.replace(b"~HS", b"", 1)
            if self.answers:
                writer.write(self._status())
        if b"~JX" in self._buffer:
            self._buffer = self._buffer.split(b"~JX")[-1]
        while found := LABEL.search(self._buffer):
            self._buffer = self._buffer[found.end() :]
            if b"^HW" in found[0]:
                if self.answers:
                    writer.write(b"\x02\r\n- DIR R:COMPTOIR.GRF\r\n-  31000000 bytes free R: RAM\r\n\x03\r\n")
            else:
                self._waiting.append(found[0])

    def _status(self) -> bytes:
        partial = int(b"^XA" in self._buffer)
        first = f"030,{int(self.paper_out)},{int(self._stands_still)},1245,000,0,0,{partial},000,0,0,0"
        flags = f"001,0,{int(self.head_open)},{int(self.ribbon_out)},1,2,4,0,{len(self._waiting):08d},1,000"
        return b"".join(f"\x02{line}\x03\r\n".encode() for line in (first, flags, "1234,0"))

    async def _print(self) -> None:
        while True:
            await asyncio.sleep(self.label_s)
            if self._waiting and not self._stands_still:
                self.labels.append(self._waiting.pop(0))
