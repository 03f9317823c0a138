"""One printer and the jobs that wait for it, taken one after another for as long as the till runs.

Every state is committed before anything is done in its name: `sending` before the first byte leaves. So whenever the
process dies, the file says what may have come out.
"""

import asyncio
import logging
from enum import Enum, auto
from functools import partial

from typing_extensions import override

from daemon.backoff import Backoff
from daemon.clock import Clock, jitter
from daemon.desk.print_ports import Announce, JobStore, Printer, changed
from daemon.desk.print_shown import PrinterHealth
from daemon.domain.ids import EntityId
from daemon.domain.print_job import (
    Effect,
    Expired,
    Hold,
    JobEvent,
    PrintJob,
    Started,
    Step,
    Stopped,
    Unprintable,
    is_late,
)
from daemon.errors import Conflicting, DeviceFault, NotFound, StoreFault

log = logging.getLogger(__name__)


class _Found(Enum):
    """What a look at the queue came to."""

    NOTHING = auto()
    DONE = auto()
    STUCK = auto()


class PrintLane:
    """The queue of one printer."""

    def __init__(
        self,
        printer: Printer,
        jobs: JobStore,
        announce: Announce,
        clock: Clock,
        backoff: Backoff,
    ) -> None:
        self.printer = printer
        self.hold: Hold | None = None
        """Why the printer took nothing when it was last asked."""
        self._is_known = False
        self._last_ticket_ms: int | None = None
        self._reconnects = 0
        self._jobs = jobs
        self._announce = announce
        self._clock = clock
        self._backoff = backoff
        self._woken = asyncio.Event()
        self._line = asyncio.Lock()

    @override
    def __repr__(self) -> str:
        return f"PrintLane({self.printer.name}, hold={self.hold.value if self.hold else None})"

    def wake(self) -> None:
        """There may be something to print, or the printer may be ready again."""
        self._woken.set()

    def health(self) -> PrinterHealth:
        """How the printer was when it was last asked."""
        return PrinterHealth(
            printer=self.printer.name,
            hold=self.hold,
            is_known=self._is_known,
            last_ticket_ms=self._last_ticket_ms,
            reconnects=self._reconnects,
        )

    async def condition(self) -> Hold | None:
        """Why the printer would take nothing now; asked of it, unless it is at work."""
        if not self._line.locked():
            await self._talk(None, b"")
            if self.hold is None:
                self.wake()
        return self.hold

    async def run(self) -> None:
        """Print what there is, then wait for more; until cancelled."""
        failures = 0
        while True:
            self._woken.clear()
            found = await self._look()
            failures = failures + 1 if found is _Found.STUCK else 0
            if found is not _Found.DONE:
                await self._rest(self._backoff.delay_s(failures, jitter()) if failures else None)

    def obey(self, step: Step) -> None:
        """Tell what was committed, and do what follows from it. Transmitting is the business of `run` alone."""
        if step.changed:
            self._announce(changed(step.job))
        if Effect.WAKE_PRINTER in step.effects:
            self.wake()

    async def _look(self) -> _Found:
        try:
            job = await self._jobs.next_for(self.printer.name)
        except StoreFault as fault:
            log.warning("the printer %s waits: %s", self.printer.name, fault)
            return _Found.STUCK
        if job is None:
            return _Found.NOTHING
        await self._serve(job)
        return _Found.STUCK if self.hold else _Found.DONE

    async def _serve(self, job: PrintJob) -> None:
        if is_late(job, self._clock.now_ms()):
            await self._commit(job.id, Expired())
            return
        try:
            ticket = await self.printer.encode(job)
        except DeviceFault as wrong:
            log.warning("a print job is set aside: %s", wrong)
            await self._commit(job.id, Unprintable())
            return
        await self._talk(job, ticket)
        if self.hold:
            await self._commit(job.id, Stopped(self.hold))

    async def _talk(self, job: PrintJob | None, ticket: bytes) -> None:
        """Ask the printer, then send the job's ticket; `hold` says afterwards why nothing was sent."""
        async with self._line:
            was_absent = self.hold is Hold.ABSENT
            try:
                async with self.printer.session() as talk:
                    self.hold = await talk.ask(insist=job is not None)
                    self._reconnects += was_absent and self.hold is not Hold.ABSENT
                    if job and not self.hold:
                        self.hold = await talk.prepare()
                    if job and not self.hold and await self._commit(job.id, Started()):
                        self._last_ticket_ms = self._clock.now_ms()
                        await talk.transmit(ticket, partial(self._report, job.id))
            except DeviceFault as absent:
                log.info("the printer %s cannot be had: %s", self.printer.name, absent)
                self.hold = Hold.ABSENT
            self._is_known = True

    async def _report(self, job_id: EntityId, event: JobEvent) -> None:
        await self._commit(job_id, event)

    async def _commit(self, job_id: EntityId, event: JobEvent) -> bool:
        """Make an event durable, however long the disk refuses; False when the job was closed meanwhile."""
        failures = 0
        while True:
            try:
                step = await self._jobs.advance(job_id, event, self._clock.now_ms())
            except StoreFault as fault:
                failures += 1
                log.warning("a print job cannot be saved, trying again: %s", fault)
                await self._clock.sleep(self._backoff.delay_s(failures, jitter()))
            except (Conflicting, NotFound):
                return False
            else:
                self.obey(step)
                return step.job.is_open

    async def _rest(self, at_most_s: float | None) -> None:
        try:
            async with asyncio.timeout(at_most_s):
                await self._woken.wait()
        except TimeoutError:
            return
