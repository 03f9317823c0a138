"""What the print desk needs of the store and of a printer, and what it tells."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Cause, Enqueued, Hold, JobEvent, JobState, PrintJob, Step
from daemon.domain.print_kind import JobKind


class JobStore(Protocol):
    """Where jobs are kept; every method that changes one is durable when it returns."""

    async def enqueue(self, job: PrintJob) -> Enqueued:
        """Store a new job, once for each request key; raises Conflicting when the key meant something else."""
        ...

    async def next_for(self, printer: str) -> PrintJob | None:
        """The oldest job, queued or held, of a printer."""
        ...

    async def advance(self, job_id: EntityId, event: JobEvent, now_ms: int) -> Step:
        """Apply an event to a job; raises Conflicting or NotFound."""
        ...

    async def recover(self, now_ms: int, own: Collection[EntityId]) -> Sequence[Step]:
        """Settle what the last process left half done; not `own`, which this one was asked for."""
        ...

    async def recent(self, limit: int) -> Sequence[PrintJob]:
        """Open jobs and the last closed ones, newest first."""
        ...

    async def forget_closed(self, before_ms: int) -> int:
        """Delete jobs that ended before this time."""
        ...


class PrinterTalk(Protocol):
    """One talk with a printer whose line is ours."""

    async def ask(self, *, insist: bool = False) -> Hold | None:
        """Why the printer would take nothing now, or None when it is ready.

        `insist`: a silent one may be waiting for the rest of what was cut off; it is helped out of that first.
        """
        ...

    async def prepare(self) -> Hold | None:
        """Make sure that the next byte begins a ticket; why not, or None."""
        ...

    async def transmit(self, ticket: bytes, report: Callable[[JobEvent], Awaitable[None]]) -> None:
        """Send a ticket and report what becomes of it, to the end."""
        ...


class Printer(Protocol):
    """A configured printer."""

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""
        ...

    async def encode(self, job: PrintJob) -> bytes:
        """The bytes of a job; raises DeviceFault when this printer cannot print it."""
        ...

    async def preview(self, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """A badge as it would be printed here."""
        ...

    def session(self) -> AbstractAsyncContextManager[PrinterTalk]:
        """Take the printer's line; raises DeviceFault when it cannot be had."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintJobChanged:
    """A job has moved; committed before it is told. Says nothing personal."""

    job_id: EntityId
    kind: JobKind
    printer: str
    state: JobState
    customer: EntityId | None
    duplicata: bool
    hold: Hold | None
    cause: Cause | None
    asks_operator: bool
    """Whether somebody has to say if it came out."""


def changed(job: PrintJob) -> PrintJobChanged:
    """What is told of a job."""
    return PrintJobChanged(
        job_id=job.id,
        kind=job.kind,
        printer=job.printer,
        state=job.state,
        customer=job.customer,
        duplicata=job.duplicata,
        hold=job.hold,
        cause=job.cause,
        asks_operator=job.state is JobState.UNKNOWN,
    )


Announce = Callable[[PrintJobChanged], None]
"""Takes an event of the desk for whoever listens; never blocks and never raises."""
