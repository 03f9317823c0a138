"""A configured ESC/POS printer: takes its line, sends one ticket, tells what became of it.

What the bytes mean is decided by `printer_dialogue`; here they are moved.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from daemon import typed
from daemon.clock import Clock
from daemon.domain.badge import CARDS, BadgeFace, Preview
from daemon.domain.print_job import Hold, JobEvent, JobKind, PrintJob
from daemon.drivers.escpos import Paper, Ticket, picture_ticket, text_ticket
from daemon.drivers.printer_dialogue import CHUNK_BYTES, Patience, PrinterDialogue
from daemon.drivers.serial_port import SerialLine, SerialPort, open_serial
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake

CONNECT_S = 3.0
USER_TIMEOUT_MS = 2000
"""TCP gives up so long after a byte that nobody acknowledges: a pulled cable shows after 2.5 s instead of 15 min."""

SEND_BUFFER_BYTES = 8192
"""What the kernel may keep for itself; left alone it takes a whole badge, and `sent` would mean nothing."""

Report: TypeAlias = Callable[[JobEvent], Awaitable[None]]
"""Takes an event of the job; must not raise."""


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


class PrinterLine(Protocol):
    """Where a printer is plugged in."""

    def open(self) -> AbstractAsyncContextManager[PrinterTransport]:
        """Take the line; raises DeviceAbsent or DeviceFault with one sentence."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class TcpLine:
    """A printer on the network, raw port."""

    host: str
    port: int = 9100

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
            data = await self._reader.read(CHUNK_BYTES)
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

    def _gone(self) -> DeviceAbsent:
        return DeviceAbsent(f"the printer at {self._name} has gone")


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialPrinterLine:
    """A printer on a serial port."""

    line: SerialLine

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PrinterTransport]:
        """Take the port for this process."""
        async with open_serial(self.line) as port:
            yield _SerialTransport(port)


class _SerialTransport:
    def __init__(self, port: SerialPort) -> None:
        self.read = port.read
        self.write = port.write

    def expect_standstill(self, expected: bool) -> None:
        """A serial line never gives up by itself."""


class Form(StrEnum):
    """How a printer prints badges: pictures, or its own letters where the line is slow."""

    PICTURE = "picture"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class PrinterSetup:
    """One printer of the configuration."""

    name: str
    line: PrinterLine
    paper: Paper
    form: Form = Form.PICTURE
    logo: bytes | None = field(default=None, repr=False)
    patience: Patience = field(default_factory=Patience)


class EscposPrinter:
    """A receipt printer that speaks ESC/POS. Opens its line for each ticket, so that several tills can share it."""

    def __init__(self, setup: PrinterSetup, clock: Clock) -> None:
        self._setup = setup
        self._clock = clock

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""
        return self._setup.name

    async def encode(self, job: PrintJob) -> bytes:
        """The bytes of a job, made in a thread; raises DeviceFault when this printer cannot print it."""
        try:
            return (await asyncio.to_thread(self._ticket, job)).data
        except DeviceFault:
            raise
        except Exception as wrong:  # whatever four libraries may raise: the jobs behind this one must go on
            raise DeviceFault(f"a {job.kind.value} cannot be made into a ticket for the printer {self.name}") from wrong

    async def preview(self, face: BadgeFace, *, duplicata: bool = False) -> Preview:
        """The badge as it would be printed here, and what could not be printed as asked."""
        return await asyncio.to_thread(self._preview, face, duplicata)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["PrinterSession"]:
        """Take the line for one ticket; raises DeviceFault when it cannot be had."""
        async with self._setup.line.open() as transport, asyncio.TaskGroup() as tasks:
            session = PrinterSession(transport, self._setup.patience, self._clock)
            listening = tasks.create_task(session.listen(), name=f"answers of {self.name}")
            speaking = tasks.create_task(session.speak(), name=f"bytes to {self.name}")
            yield session
            listening.cancel()
            speaking.cancel()

    def _ticket(self, job: PrintJob) -> Ticket:
        match job.kind:
            case JobKind.BADGE if job.personal:
                return self._badge(_face_of(job.personal), duplicata=job.duplicata)
            case JobKind.BADGE | JobKind.CREDIT_NOTE | JobKind.REPORT:
                raise DeviceFault(f"the printer {self.name} cannot print a {job.kind.value}")

    def _badge(self, face: BadgeFace, *, duplicata: bool) -> Ticket:
        match self._setup.form:
            case Form.PICTURE:
                return picture_ticket(face, self._setup.paper, duplicata=duplicata, logo=self._setup.logo)
            case Form.TEXT:
                return text_ticket(face, self._setup.paper, duplicata=duplicata)

    def _preview(self, face: BadgeFace, duplicata: bool) -> Preview:
        setup = self._setup
        match setup.form:
            case Form.PICTURE:
                from daemon.drivers.badge_picture import preview_badge

                return preview_badge(face, CARDS[setup.paper.card], duplicata=duplicata, logo=setup.logo)
            case Form.TEXT:
                ticket = text_ticket(face, setup.paper, duplicata=duplicata)
                from daemon.drivers.paper_roll import on_paper

                return Preview(png=on_paper(ticket.data, setup.paper.width_dots).png, findings=ticket.findings)


def _face_of(personal: bytes) -> BadgeFace:
    try:
        return typed.parse_json(personal, BadgeFace)
    except OperatorMistake as wrong:
        raise DeviceFault("the stored badge cannot be read by this version") from wrong


@dataclass(frozen=True, slots=True)
class _Heard:
    data: bytes


@dataclass(frozen=True, slots=True)
class _Taken:
    count: int


@dataclass(frozen=True, slots=True)
class _Lost:
    pass


@dataclass(frozen=True, slots=True)
class _Piece:
    data: bytes
    of_ticket: bool


_News: TypeAlias = _Heard | _Taken | _Lost


class PrinterSession:
    """One talk with a printer whose line is ours: ask, then at most one ticket. What runs in it must not raise."""

    def __init__(self, transport: PrinterTransport, patience: Patience, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._dialogue = PrinterDialogue(patience)
        self._news: asyncio.Queue[_News] = asyncio.Queue()
        self._unwritten: asyncio.Queue[_Piece] = asyncio.Queue()

    async def listen(self) -> None:
        """Take in what the printer says until it goes away; runs beside the rest."""
        try:
            while True:
                self._news.put_nowait(_Heard(await self._transport.read()))
        except DeviceAbsent:
            self._news.put_nowait(_Lost())

    async def speak(self) -> None:
        """Write what there is to write; a printer that takes nothing stops this, and nothing else."""
        try:
            while True:
                piece = await self._unwritten.get()
                await self._transport.write(piece.data)
                if piece.of_ticket:
                    self._news.put_nowait(_Taken(len(piece.data)))
        except DeviceAbsent:
            self._news.put_nowait(_Lost())

    async def ask(self) -> Hold | None:
        """Why the printer would take nothing now, or None when it is ready. Nothing is printed."""
        self._dialogue.ask(self._clock.monotonic_s())
        self._post()
        while self._dialogue.asking:
            await self._next()
        return self._dialogue.hold

    async def transmit(self, ticket: bytes, report: Report) -> None:
        """Send the ticket and stay until its fate is known; the last report is always an ending.

        That is NothingSent, Confirmed or Interrupted.
        """
        while not self._news.empty():  # the printer may have gone while the job was being committed
            for event in self._weighed(self._news.get_nowait()):
                await report(event)
        if self._dialogue.over:
            return
        self._dialogue.begin(len(ticket), self._clock.monotonic_s())
        for start in range(0, len(ticket), CHUNK_BYTES):
            self._unwritten.put_nowait(_Piece(ticket[start : start + CHUNK_BYTES], of_ticket=True))
        while not self._dialogue.over:
            for event in await self._next():
                await report(event)

    async def _next(self) -> list[JobEvent]:
        """Wait for news, or for the time to run out, and let the dialogue decide."""
        try:
            async with asyncio.timeout(max(0.0, self._dialogue.due_s - self._clock.monotonic_s())):
                news = await self._news.get()
        except TimeoutError:
            events = self._dialogue.passed(self._clock.monotonic_s())
        else:
            events = self._weighed(news)
        self._post()
        return events

    def _weighed(self, news: _News) -> list[JobEvent]:
        stood_still = self._dialogue.hold is not None
        events = self._decided(news, self._clock.monotonic_s())
        stands_still = self._dialogue.hold is not None
        if stands_still is not stood_still:
            self._transport.expect_standstill(stands_still)
        return events

    def _decided(self, news: _News, now_s: float) -> list[JobEvent]:
        match news:
            case _Heard(data):
                return self._dialogue.received(data, now_s)
            case _Taken(count):
                return self._dialogue.taken(count, now_s)
            case _Lost():
                return self._dialogue.lost()

    def _post(self) -> None:
        data, self._dialogue.outbox = self._dialogue.outbox, b""
        if data:
            self._unwritten.put_nowait(_Piece(data, of_ticket=False))
