"""A configured printer on a line of its own: takes the line, sends one ticket, tells what became of it.

What the bytes mean is decided by its language and the dialogue of that; here they are moved.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from daemon.clock import Clock
from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder, order_of
from daemon.domain.print_job import Hold, JobEvent, PrintJob
from daemon.domain.print_kind import JobKind
from daemon.domain.slip import slip_of
from daemon.drivers.failure import place_of
from daemon.drivers.guarded_dialogue import GuardedDialogue
from daemon.drivers.one_way import OneWayDialogue
from daemon.drivers.printer_language import CHUNK_BYTES, Language, Patience, Ticket
from daemon.drivers.printer_lines import PrinterLine, PrinterTransport
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake

Report: TypeAlias = Callable[[JobEvent], Awaitable[None]]
"""Takes an event of the job; must not raise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrinterSetup:
    """One printer of the configuration."""

    name: str
    line: PrinterLine
    language: Language
    patience: Patience = field(default_factory=Patience)


class LinePrinter:
    """A printer that is sent bytes. Opens its line for each ticket, so that several tills can share it."""

    def __init__(self, setup: PrinterSetup, clock: Clock) -> None:
        self._setup = setup
        self._clock = clock

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""
        return self._setup.name

    async def encode(self, job: PrintJob) -> bytes:
        """The bytes of a job, made in a thread; raises DeviceFault when this printer cannot print it."""
        return (await ticket_in_thread(self.name, job, self._setup.language)).data

    async def preview(self, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """The badge as it would be printed here, and what could not be printed as asked."""
        return await asyncio.to_thread(self._setup.language.preview, order, duplicata=duplicata)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["PrinterSession"]:
        """Take the line for one ticket; raises DeviceFault when it cannot be had."""
        setup = self._setup
        async with setup.line.open() as transport:
            talk = self._talk(transport)
            async with asyncio.TaskGroup() as tasks:
                session = PrinterSession(transport, talk, self._clock)
                listening = tasks.create_task(session.listen(), name=f"answers of {self.name}")
                speaking = tasks.create_task(session.speak(), name=f"bytes to {self.name}")
                yield session
                listening.cancel()
                speaking.cancel()

    def _talk(self, transport: PrinterTransport) -> GuardedDialogue:
        """What is understood of this printer: all that it says, or only what the port lets through."""
        language = self._setup.language
        return GuardedDialogue(
            self.name,
            lambda patience: (
                language.talk(patience)
                if transport.answers
                else OneWayDialogue(patience, transport.port_hold, language.recovery)
            ),
            self._setup.patience,
        )


async def ticket_in_thread(printer: str, job: PrintJob, language: Language) -> Ticket:
    """A job in the language of its printer; raises DeviceFault, whatever goes wrong: the jobs behind it must go on."""
    try:
        return await asyncio.to_thread(_checked_ticket, job, language)
    except DeviceFault:
        raise
    except Exception as wrong:  # whatever four libraries may raise
        raise DeviceFault(
            f"a {job.kind.value} cannot be made into a ticket for the printer {printer}: {place_of(wrong)}"
        ) from wrong


def _checked_ticket(job: PrintJob, language: Language) -> Ticket:
    ticket = ticket_of(job, language)
    if not (isinstance(ticket, Ticket) and isinstance(ticket.data, bytes) and ticket.data):
        raise TypeError("a language, perhaps a third party's, made something else of the job")
    return ticket


def ticket_of(job: PrintJob, language: Language) -> Ticket:
    """A job in the language of its printer; raises DeviceFault for what cannot be printed."""
    if job.kind is JobKind.DRAWER:
        return language.drawer_kick()
    if job.personal is None:
        raise DeviceFault(f"nothing is left to print of a {job.kind.value}")
    try:
        if job.kind is JobKind.BADGE:
            return language.badge(order_of(job.personal), duplicata=job.duplicata)
        if job.kind is JobKind.TEST_PAGE:
            return language.test_page(slip_of(job.personal))
        return language.slip(slip_of(job.personal), duplicata=job.duplicata)
    except OperatorMistake as wrong:
        raise DeviceFault(f"the stored {job.kind.value} cannot be read by this version") from wrong


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

    def __init__(self, transport: PrinterTransport, dialogue: GuardedDialogue, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._dialogue = dialogue
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

    async def ask(self, *, insist: bool = False) -> Hold | None:
        """Why the printer would take nothing now, or None when it is ready. Nothing is printed.

        `insist`: a silent one may be waiting for the rest of what was cut off; it is helped out of that first.
        """
        self._dialogue.ask(self._clock.monotonic_s(), insist=insist)
        self._post()
        while self._dialogue.asking:
            await self._next()
        return self._dialogue.hold

    async def prepare(self) -> Hold | None:
        """Make sure that the next byte begins a ticket; nothing is printed. Why not, or None."""
        self._dialogue.prepare(self._clock.monotonic_s())
        self._post()
        while self._dialogue.preparing:
            await self._next()
        return self._dialogue.hold

    async def transmit(self, ticket: bytes, report: Report) -> None:
        """Send the ticket and stay until its fate is known; the last report is always an ending.

        That is NothingSent, Confirmed or Interrupted.
        """
        while not self._news.empty():  # the printer may have gone while the job was being committed
            await _tell(self._weighed(self._news.get_nowait()), report)
        if not self._dialogue.over:
            await _tell(self._dialogue.begin(len(ticket), self._clock.monotonic_s()), report)
        if self._dialogue.over:
            return
        for start in range(0, len(ticket), CHUNK_BYTES):
            self._unwritten.put_nowait(_Piece(ticket[start : start + CHUNK_BYTES], of_ticket=True))
        while not self._dialogue.over:
            await _tell(await self._next(), report)

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


async def _tell(events: list[JobEvent], report: Report) -> None:
    for event in events:
        await report(event)
