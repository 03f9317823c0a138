"""A receipt printer on TCP that exists only here: real bytes in, pictures out, and every mishap on demand.

It behaves as the real ones do where that matters: a small receive buffer and a closed window when it stands still;
real-time questions answered on arrival, even inside a picture; the parser kept when a client goes, lost with the power.
"""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from typing_extensions import override

from daemon.clock import Clock, SystemClock
from daemon.drivers.escpos_commands import Command, CommandStream, Op
from daemon.drivers.paper_roll import PaperRoll, PrintedTicket

READ_BYTES = 1024
TICKETS_KEPT = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedModel:
    """How the printer is built."""

    width_dots: int = 576
    buffer_bytes: int = 4096
    rows_per_s: float | None = None
    """How fast it burns, 8 rows to the mm: real ones manage 1200 to 2400. None: as fast as this machine draws."""


class SimulatedPrinter:
    """The machine. Its methods are what a hand, a plug or a fault would do."""

    def __init__(self, model: SimulatedModel | None = None, clock: Clock | None = None) -> None:
        self._model = model or SimulatedModel()
        self._clock = clock or SystemClock()
        self._stream = CommandStream()
        self._paper = PaperRoll(self._model.width_dots)
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._client: asyncio.StreamWriter | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._one_client = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._address = ("127.0.0.1", 0)
        self._automatic = False
        self._real_time_tail = b""
        self._rows_left: int | None = None
        self._cut_power_when_done = False
        self._owed_rows = 0.0
        self.has_paper = True
        self.cover_is_open = False
        self.answers = True
        """False: prints, but says nothing, like a printer whose answer line is not wired."""
        self.is_deaf_in_pictures = False
        """True: takes a real-time question within a picture for dots, as some do."""
        self.answers_in_turn = True
        """False: knows DLE EOT but not GS r."""
        self.tickets: deque[PrintedTicket] = deque(maxlen=TICKETS_KEPT)
        self.torn: deque[PrintedTicket] = deque(maxlen=TICKETS_KEPT)
        """What hung out of the printer when its power went."""
        self.drawer_kicks = 0

    @override
    def __repr__(self) -> str:
        return f"SimulatedPrinter(paper={self.has_paper}, cover_open={self.cover_is_open}, {self._stream!r})"

    @property
    def port(self) -> int:
        """The TCP port it listens on; kept through power cuts."""
        return self._address[1]

    @property
    def warnings(self) -> list[str]:
        """The nonsense that it was sent."""
        return self._paper.warnings

    @property
    def is_ready(self) -> bool:
        """Whether it prints."""
        return self.has_paper and not self.cover_is_open

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator["SimulatedPrinter"]:
        """Switch on, and off again on leaving."""
        self._address = (host, port)
        await self.restore_power()
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._work(), name=f"simulated printer {self.port}")
            try:
                yield self
            finally:
                working.cancel()
                await self.cut_power()

    # ---- what happens to it ------------------------------------------------------------------------------------------

    def take_paper_out(self, *, after_rows: int = 0) -> None:
        """The roll ends, at once or so many rows from now."""
        self._rows_left, self._cut_power_when_done = after_rows, False
        if not after_rows:
            self._roll_ends()

    def refill(self) -> None:
        """A new roll."""
        self._rows_left, self.has_paper = None, True
        self._tell_change()

    def open_cover(self) -> None:
        """Somebody opens it."""
        self.cover_is_open = True
        self._tell_change()

    def close_cover(self) -> None:
        """And closes it."""
        self.cover_is_open = False
        self._tell_change()

    def cut_power_after(self, rows: int) -> None:
        """The plug is pulled so many rows from now."""
        self._rows_left, self._cut_power_when_done = rows, True

    async def cut_power(self) -> None:
        """The plug is pulled: what is in its memory is gone, and half a ticket may hang out."""
        self._pull_plug()
        if self._server:
            await self._server.wait_closed()
            self._server = None

    async def restore_power(self) -> None:
        """It starts again with an empty memory, at the same address."""
        if self._server:
            await self._server.wait_closed()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # The window of a printer is as small as its memory; without this the kernel would swallow whole tickets.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._model.buffer_bytes)
        listener.bind(self._address)
        self._address = listener.getsockname()[:2]
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=READ_BYTES)

    async def tickets_reach(self, count: int) -> None:
        """Wait until so many tickets were cut."""
        while len(self.tickets) < count:
            self._room.clear()
            await self._room.wait()

    # ---- the machine -------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client at a time, as the raw port of a printer has it."""
        self._clients.add(writer)
        try:
            async with self._one_client:
                self._client, self._real_time_tail = writer, b""
                await self._swallow(reader, writer)
        except (ConnectionError, TimeoutError):
            pass  # a client that was cut off
        finally:
            self._clients.discard(writer)
            if self._client is writer:
                self._client, self._automatic = None, False
            writer.transport.abort()

    async def _swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (data := await reader.read(READ_BYTES)) and self._client is writer:
            if not (self.is_deaf_in_pictures and self._stream.waits_for_rows):
                self._answer_real_time(data)
            self._stream.add(data)
            self._changed.set()
            while len(self._stream) >= self._model.buffer_bytes:
                self._room.clear()
                await self._room.wait()

    def _answer_real_time(self, data: bytes) -> None:
        """DLE EOT n and DLE DC4 1 are obeyed as they arrive, wherever they stand."""
        seen = self._real_time_tail + data
        for place in range(len(seen) - 2):
            lead, n = seen[place : place + 2], seen[place + 2]
            if lead == b"\x10\x04":
                self._say(self._real_time_status(n))
            elif lead == b"\x10\x14" and n == 1:
                self.drawer_kicks += 1
        self._real_time_tail = seen[-2:]

    def _real_time_status(self, n: int) -> bytes:
        match n:
            case 1:
                return bytes((0x12 | (0 if self.is_ready else 0x08),))
            case 2:
                return bytes((0x12 | (0x04 if self.cover_is_open else 0) | (0 if self.has_paper else 0x20),))
            case 3:
                return b"\x12"
            case 4:
                return bytes((0x12 | (0 if self.has_paper else 0x60),))
            case _:
                return b""

    def _tell_change(self) -> None:
        self._changed.set()
        if self._automatic:
            first = 0x10 | (0 if self.is_ready else 0x08) | (0x20 if self.cover_is_open else 0)
            self._say(bytes((first, 0, 0 if self.has_paper else 0x0C, 0)))

    def _say(self, answer: bytes) -> None:
        if self._client and self.answers and answer:
            with suppress(ConnectionError):
                self._client.write(answer)

    async def _work(self) -> None:
        """Take commands from the buffer while there is paper and the cover is closed."""
        while True:
            command = self._stream.take() if self.is_ready else None
            if command is None:
                self._changed.clear()
                self._room.set()
                await self._changed.wait()
            else:
                before = self._paper.rows
                self._obey(command)
                self._room.set()
                await self._burn(self._paper.rows - before)

    def _obey(self, command: Command) -> None:
        match command.op:
            case Op.ASK_IN_TURN if self.answers_in_turn:
                self._say(b"\x00")
            case Op.AUTOMATIC_STATUS:
                self._automatic = bool(command.data[0])
                self._tell_change()
            case Op.DRAWER:
                self.drawer_kicks += 1
            case _:
                ticket = self._paper.obey(command)
                if ticket:
                    (self.tickets if ticket.cut else self.torn).append(ticket)

    async def _burn(self, rows: int) -> None:
        """Time passes, and the roll gets shorter."""
        if rows <= 0:
            return
        if self._rows_left is not None:
            self._rows_left -= rows
            if self._rows_left <= 0:
                self._rows_left = None
                self._end_as_arranged()
        if self._model.rows_per_s:
            self._owed_rows += rows
            if self._owed_rows >= 16:
                await self._clock.sleep(self._owed_rows / self._model.rows_per_s)
                self._owed_rows = 0.0

    def _end_as_arranged(self) -> None:
        if self._cut_power_when_done:
            self._pull_plug()
        else:
            self._roll_ends()

    def _roll_ends(self) -> None:
        self.has_paper = False
        self._tell_change()

    def _pull_plug(self) -> None:
        if self._server:
            self._server.close()
        for client in self._clients:
            client.transport.abort()
        self._client = None
        if self._paper.rows:
            self.torn.append(self._paper.tear(cut=False))
        self._stream = CommandStream()
        self._automatic = False
        self._room.set()
        self._changed.set()
