"""Implements `desk.badges.PrintRoom` in memory: jobs by their request key, no printer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from daemon.desk.print_desk import PrintRequest
from daemon.desk.print_shown import PrinterHealth
from daemon.domain.badge import BadgeFace, Finding, Preview
from daemon.domain.badge_design import BadgeOrder, order_of
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Cause, Hold, JobState, PrintJob
from daemon.domain.print_kind import JobKind
from daemon.errors import Conflicting, NotFound

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class FakePrintRoom:
    """Keeps what was asked for."""

    printers: tuple[str, ...] = ("counter",)
    asked: dict[str, PrintJob] = field(default_factory=dict)
    requests: list[PrintRequest] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    fate: JobState = JobState.QUEUED
    """What becomes of what is asked for."""
    cause: Cause | None = None
    holds: dict[str, Hold | float] = field(default_factory=dict)
    """Why a printer takes nothing; or how many seconds it lets one wait for an answer."""

    async def request(self, request: PrintRequest) -> PrintJob:
        if request.printer not in self.printers:
            raise NotFound("printer: no such printer", field="printer")
        known = self.asked.get(request.request_key)
        if known is not None:
            if known.customer != request.customer:
                raise Conflicting("this key meant another badge")
            return known
        self.requests.append(request)
        job = PrintJob(
            id=EntityId(len(self.asked).to_bytes(8, "big")),
            request_key=request.request_key,
            kind=request.kind,
            printer=request.printer,
            requested_ms=1_760_000_000_000,
            changed_ms=1_760_000_000_000,
            customer=request.customer,
            personal=request.content,
            duplicata=request.duplicata,
            state=self.fate,
            cause=self.cause,
            hold=self.last_hold(request.printer) if self.fate is JobState.HELD else None,
        )
        self.asked[request.request_key] = job
        return job

    async def answer_unknown(self, job_id: EntityId, came_out: bool) -> PrintJob:
        job = self._job(job_id)
        if job.state is not JobState.UNKNOWN:
            raise Conflicting("nothing was asked about this job")
        return self._keep(replace(job, state=JobState.PRINTED if came_out else JobState.QUEUED, duplicata=not came_out))

    async def cancel(self, job_id: EntityId) -> PrintJob:
        return self._keep(replace(self._job(job_id), state=JobState.CANCELLED))

    async def jobs(self, limit: int = 50) -> Sequence[PrintJob]:
        return list(self.asked.values())[-limit:][::-1]

    def health(self, printer: str) -> PrinterHealth:
        return PrinterHealth(printer=printer, hold=self.last_hold(printer))

    def last_hold(self, printer: str) -> Hold | None:
        hold = self.holds.get(printer)
        return None if isinstance(hold, float) else hold

    async def condition(self, printer: str) -> Hold | None:
        hold = self.holds.get(printer)
        if isinstance(hold, float):
            await asyncio.sleep(hold)
            return None
        return hold

    async def preview(self, printer: str, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        if printer not in self.printers:
            raise NotFound("printer: no such printer", field="printer")
        return Preview(png=PNG + order.face.number.encode(), findings=self.findings)

    @property
    def faces(self) -> list[BadgeFace]:
        """What the badges that were asked for say."""
        return [order_of(one.content or b"").face for one in self.requests if one.kind is JobKind.BADGE]

    def interrupt(self) -> None:
        """Nobody knows whether the last one came out."""
        self._keep(replace(list(self.asked.values())[-1], state=JobState.UNKNOWN))

    def _job(self, job_id: EntityId) -> PrintJob:
        found = next((job for job in self.asked.values() if job.id == job_id), None)
        if found is None:
            raise NotFound("no print job has this id", field="id")
        return found

    def _keep(self, job: PrintJob) -> PrintJob:
        self.asked[job.request_key] = job
        return job
