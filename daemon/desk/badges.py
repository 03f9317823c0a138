"""Decides what stands on a customer's badge and hands it to the print desk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from daemon.clock import Clock
from daemon.desk import instant
from daemon.desk.customer import Customer
from daemon.desk.lookup import LookupDesk
from daemon.desk.premises import Call
from daemon.desk.print_desk import BadgeRequest
from daemon.desk.print_ports import PrintJobChanged
from daemon.domain.badge import BadgeFace
from daemon.domain.ids import EntityId
from daemon.domain.print_job import GESTURES, Hold, JobState, PrintJob
from daemon.errors import Conflicting, Forbidden, OperatorMistake

HEALTH_S: Final = 10.0
ASKED_S: Final = 1.5


class PrintRoom(Protocol):
    """What is asked of the print desk."""

    @property
    def printers(self) -> tuple[str, ...]:
        """The configured printers, the usual one first."""
        ...

    async def request_badge(self, request: BadgeRequest) -> PrintJob:
        """Keep a request; the same key is the same badge."""
        ...

    async def answer_unknown(self, job_id: EntityId, came_out: bool) -> PrintJob:
        """The operator's answer to «did it come out?»."""
        ...

    async def cancel(self, job_id: EntityId) -> PrintJob:
        """Give a job up."""
        ...

    async def jobs(self, limit: int = 50) -> Sequence[PrintJob]:
        """Open jobs and the last closed ones, newest first."""
        ...

    async def condition(self, printer: str) -> Hold | None:
        """Why that printer would take nothing now; asked of it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBadge:
    """A badge to print; without a printer the usual one, without a card the first good one (else the code)."""

    printer: str | None = None
    card: str | None = None
    duplicata: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class JobAnswer:
    """What the operator saw: it came out, print it again, or give it up."""

    answer: Literal["came_out", "again", "cancel"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PrinterHealth:
    """How a printer was when it was last asked; without `hold` it is ready."""

    printer: str
    hold: Hold | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintJobShown:
    """A print job; `gesture` says what helps while it is held, `asks_operator` that somebody has to look."""

    id: str
    kind: str
    printer: str
    state: str
    customer: str | None
    duplicata: bool
    hold: str | None
    gesture: str | None
    cause: str | None
    asks_operator: bool
    requested_at: str
    changed_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintJobEvent:
    """A print job has moved."""

    id: str
    kind: str
    printer: str
    state: str
    customer: str | None
    duplicata: bool
    hold: str | None
    gesture: str | None
    cause: str | None
    asks_operator: bool


class BadgeDesk:
    """Where badges are asked for."""

    def __init__(self, lookup: LookupDesk, prints: PrintRoom, clock: Clock, *, chain_name: str, title: str) -> None:
        self._lookup = lookup
        self._prints = prints
        self._clock = clock
        self._health: tuple[PrinterHealth, ...] = ()
        self._asked_s = 0.0
        self._chain_name = chain_name
        self._title = title

    async def request(self, call: Call, id_: EntityId, given: NewBadge) -> PrintJobShown:
        """Ask for a badge; raises NotFound, Forbidden for the walk-in, Conflicting when nothing identifies."""
        customer = await self._lookup.customer(id_)
        printer = given.printer or next(iter(self._prints.printers), "")
        if not printer:
            raise Conflicting("printer: no printer is configured at this till", field="printer")
        job = await self._prints.request_badge(
            BadgeRequest(
                request_key=f"{call.who}:{call.key}",
                customer=id_,
                face=face_of(customer, given.card, chain_name=self._chain_name, title=self._title),
                printer=printer,
                duplicata=given.duplicata,
            )
        )
        return shown(job)

    async def jobs(self) -> tuple[PrintJobShown, ...]:
        """Open jobs and the last closed ones, newest first."""
        return tuple(shown(job) for job in await self._prints.jobs())

    async def printers(self) -> tuple[PrinterHealth, ...]:
        """How each printer is: asked of it, at most every `HEALTH_S`, since others may print there too."""
        now_s = self._clock.monotonic_s()
        if not self._health or now_s - self._asked_s >= HEALTH_S:
            async with asyncio.TaskGroup() as tasks:
                asking = [
                    tasks.create_task(self._ask(printer), name=f"how is {printer}") for printer in self._prints.printers
                ]
            self._health = tuple(task.result() for task in asking)
            self._asked_s = self._clock.monotonic_s()
        return self._health

    async def _ask(self, printer: str) -> PrinterHealth:
        """One that does not answer in time is as good as switched off."""
        try:
            async with asyncio.timeout(ASKED_S):
                return PrinterHealth(printer=printer, hold=await self._prints.condition(printer))
        except TimeoutError:
            return PrinterHealth(printer=printer, hold=Hold.ABSENT)

    async def answer(self, id_: EntityId, given: JobAnswer) -> PrintJobShown:
        """What the operator saw; raises Conflicting when nothing was asked."""
        if given.answer == "cancel":
            return shown(await self._prints.cancel(id_))
        return shown(await self._prints.answer_unknown(id_, given.answer == "came_out"))


def event_of(told: PrintJobChanged) -> PrintJobEvent:
    """What the print desk tells, as the live events carry it."""
    return PrintJobEvent(
        id=told.job_id.hex(),
        kind=told.kind.value,
        printer=told.printer,
        state=told.state.value,
        customer=told.customer.hex() if told.customer else None,
        duplicata=told.duplicata,
        hold=told.hold.value if told.hold else None,
        gesture=GESTURES[told.hold] if told.hold else None,
        cause=told.cause.value if told.cause else None,
        asks_operator=told.asks_operator,
    )


def face_of(customer: Customer, card: str | None, *, chain_name: str, title: str) -> BadgeFace:
    """What a customer's badge says. Pure; raises OperatorMistake."""
    if customer.walk_in:
        raise Forbidden("the walk-in customer has no badge")
    good = [one for one in customer.cards if one.state == "active" and not one.blocked]
    if card is not None:
        good = [one for one in good if one.id == card]
        if not good:
            raise OperatorMistake("card: the customer has no good card of this id", field="card")
    number = good[0].number if good else customer.code
    if not number:
        raise Conflicting("the customer has neither a good card nor a code to print")
    company = customer.kind == "company"
    return BadgeFace(
        chain=chain_name,
        title=title,
        number=number,
        first_name="" if company else customer.first_name or "",
        last_name=customer.display_name if company else customer.last_name or "",
    )


def shown(job: PrintJob) -> PrintJobShown:
    """A print job as the API shows it; nothing of what is printed."""
    return PrintJobShown(
        id=job.id.hex(),
        kind=job.kind.value,
        printer=job.printer,
        state=job.state.value,
        customer=job.customer.hex() if job.customer else None,
        duplicata=job.duplicata,
        hold=job.hold.value if job.hold else None,
        gesture=GESTURES[job.hold] if job.hold else None,
        cause=job.cause.value if job.cause else None,
        asks_operator=job.state is JobState.UNKNOWN,
        requested_at=instant.shown(job.requested_ms),
        changed_at=instant.shown(job.changed_ms),
    )
