"""The print desk: takes requests, keeps one lane per printer, asks the operator what no machine can know."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from daemon.backoff import Backoff
from daemon.clock import Clock, jitter, random_id
from daemon.desk.print_lane import PrintLane
from daemon.desk.print_ports import Announce, JobStore, Printer, changed
from daemon.desk.print_shown import PrinterHealth
from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.ids import EntityId
from daemon.domain.print_job import CameOut, Cancelled, Hold, JobEvent, PrintJob, ReprintOrdered
from daemon.domain.print_kind import JobKind
from daemon.errors import NotFound, StoreFault

log = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.5, max_s=3.0)
"""How soon a printer that took nothing is asked again: the operator who has just put paper in is waiting."""

CLOSED_KEPT_MS = 30 * 24 * 3600 * 1000
"""As long as the answers to requests: until then the same request key gives the same job."""

SWEEP_S = 24 * 3600.0
WATCH_S = 5.0
LOOK_S = 60.0
"""A printer that was ready may be switched off meanwhile, and head office is told how it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintRequest:
    """Something to be printed, or a drawer to be opened."""

    request_key: str
    """Chosen by who asks: the same key is the same job, however often it is sent."""
    kind: JobKind
    printer: str
    customer: EntityId | None = None
    content: bytes | None = field(default=None, repr=False)
    """What to print, as JSON of its kind."""
    duplicata: bool = False


class PrintDesk:
    """All printing of a till. Nothing is printed unless `run` runs; requests are kept meanwhile."""

    def __init__(self, printers: Iterable[Printer], jobs: JobStore, announce: Announce, clock: Clock) -> None:
        self._jobs = jobs
        self._announce = announce
        self._clock = clock
        self._is_settled = False
        self._early: set[EntityId] = set()
        """What was asked for before that of the last process was settled: a till is pressed as soon as it is up."""
        self._lanes = {printer.name: PrintLane(printer, jobs, announce, clock, RETRY) for printer in printers}

    @property
    def printers(self) -> tuple[str, ...]:
        """The configured printers, the usual one first."""
        return tuple(self._lanes)

    async def run(self) -> None:
        """Settle what the last process left, then serve every printer; until cancelled."""
        await self._settle()
        async with asyncio.TaskGroup() as tasks:
            for name, lane in self._lanes.items():
                tasks.create_task(lane.run(), name=f"printer {name}")
            tasks.create_task(self._sweep(), name="old print jobs")
            tasks.create_task(self._watch(), name="printers that wait")

    async def request(self, request: PrintRequest) -> PrintJob:
        """Keep a request; durable when it returns. Raises NotFound for a printer, Conflicting for a reused key."""
        lane = self._lane(request.printer)
        now_ms = self._clock.now_ms()
        job = PrintJob(
            id=EntityId(random_id()),
            request_key=request.request_key,
            kind=request.kind,
            printer=request.printer,
            requested_ms=now_ms,
            changed_ms=now_ms,
            customer=request.customer,
            personal=request.content,
            duplicata=request.duplicata,
        )
        if not self._is_settled:
            self._early.add(job.id)
        kept = await self._jobs.enqueue(job)
        if kept.created:
            self._announce(changed(kept.job))
            lane.wake()
        return kept.job

    async def preview(self, printer: str, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """The badge as that printer would print it, and what could not be printed as asked."""
        return await self._lane(printer).printer.preview(order, duplicata=duplicata)

    async def condition(self, printer: str) -> Hold | None:
        """Why that printer would take nothing now; GESTURES says what helps."""
        return await self._lane(printer).condition()

    def health(self, printer: str) -> PrinterHealth:
        """How that printer was when it was last asked; asks nothing now."""
        return self._lane(printer).health()

    def healths(self) -> tuple[PrinterHealth, ...]:
        """How every printer was when it was last asked."""
        return tuple(lane.health() for lane in self._lanes.values())

    def last_hold(self, printer: str) -> Hold | None:
        """Why that printer took nothing when it was last asked; asks nothing now."""
        return self._lane(printer).hold

    async def answer_unknown(self, job_id: EntityId, came_out: bool) -> PrintJob:
        """The operator's answer to «did it come out?»; no means another one, marked DUPLICATA.

        Raises Conflicting when nothing was asked about this job.
        """
        return await self._advance(job_id, CameOut() if came_out else ReprintOrdered())

    async def cancel(self, job_id: EntityId) -> PrintJob:
        """Give a job up; raises Conflicting once its first byte has left and its fate is not known."""
        return await self._advance(job_id, Cancelled())

    async def jobs(self, limit: int = 50) -> Sequence[PrintJob]:
        """Open jobs and the last closed ones, newest first."""
        return await self._jobs.recent(limit)

    def printer_appeared(self, printer: str) -> None:
        """Something was plugged in: no need to wait until the printer is asked again."""
        self._lane(printer).wake()

    async def _advance(self, job_id: EntityId, event: JobEvent) -> PrintJob:
        step = await self._jobs.advance(job_id, event, self._clock.now_ms())
        lane = self._lanes.get(step.job.printer)
        if lane:
            lane.obey(step)
        elif step.changed:  # the job of a printer that is not configured any more
            self._announce(changed(step.job))
        return step.job

    async def _settle(self) -> None:
        """No lane may start before: it would take what was interrupted for what is being sent."""
        failures = 0
        while True:
            try:
                steps = await self._jobs.recover(self._clock.now_ms(), self._early)
            except StoreFault as fault:
                failures += 1
                log.warning("printing waits: %s", fault)
                await self._clock.sleep(RETRY.delay_s(failures, jitter()))
            else:
                self._is_settled = True
                self._early.clear()
                for step in steps:
                    self._announce(changed(step.job))
                return

    async def _watch(self) -> None:
        """Ask every printer now and then, often those that took nothing: a screen knows whether to offer a badge."""
        looked_s = float("-inf")
        while True:
            all_are_due = self._clock.monotonic_s() - looked_s >= LOOK_S
            if all_are_due:
                looked_s = self._clock.monotonic_s()
            for lane in self._lanes.values():
                if all_are_due or lane.hold:
                    await lane.condition()
            await self._clock.sleep(WATCH_S)

    async def _sweep(self) -> None:
        while True:
            try:
                await self._jobs.forget_closed(self._clock.now_ms() - CLOSED_KEPT_MS)
            except StoreFault as fault:
                log.warning("old print jobs stay for another day: %s", fault)
            await self._clock.sleep(SWEEP_S)

    def _lane(self, printer: str) -> PrintLane:
        lane = self._lanes.get(printer)
        if lane is None:
            raise NotFound(f"printer: no printer is named {printer!r} in the configuration", field="printer")
        return lane
