"""A printer without bytes: takes tickets and does with them what the test arranged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.print_job import AllSent, Confirmed, Hold, JobEvent, PrintJob
from daemon.errors import DeviceFault

PRINTED: tuple[JobEvent, ...] = (AllSent(), Confirmed())


class PaperTray:
    """Implements `daemon.desk.print_ports.Printer` and its own talk."""

    def __init__(self, name: str = "counter") -> None:
        self.name = name
        self.tickets: list[bytes] = []
        self.hold: Hold | None = None
        self.absent = False
        self.unprintable: set[bytes] = set()
        self.fates: list[tuple[JobEvent, ...]] = []
        """What becomes of the next tickets; after the last one they are printed."""
        self.may_go_on = asyncio.Event()
        """Cleared: a ticket waits in the middle."""
        self.may_go_on.set()
        self.while_encoding: Callable[[], Awaitable[object]] | None = None
        self.sessions = 0
        self.fed = asyncio.Event()

    async def encode(self, job: PrintJob) -> bytes:
        if self.while_encoding:
            await self.while_encoding()
        if job.id in self.unprintable:
            raise DeviceFault("it cannot be printed")
        return b"DUPLICATA" if job.duplicata else b"ticket"

    async def preview(self, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        return Preview(png=b"DUPLICATA" if duplicata else order.face.number.encode(), findings=())

    @asynccontextmanager
    async def session(self) -> AsyncIterator["PaperTray"]:
        if self.absent:
            raise DeviceFault("nobody is there")
        self.sessions += 1
        yield self

    async def ask(self, *, insist: bool = False) -> Hold | None:
        return self.hold

    async def prepare(self) -> Hold | None:
        return self.hold

    async def transmit(self, ticket: bytes, report: Callable[[JobEvent], Awaitable[None]]) -> None:
        self.tickets.append(ticket)
        self.fed.set()
        await self.may_go_on.wait()
        for event in self.fates.pop(0) if self.fates else PRINTED:
            await report(event)
