"""What the desks ask of the print desk, and how its printers are."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from daemon.clock import Clock
from daemon.desk.print_desk import PrintRequest
from daemon.desk.print_shown import PrinterHealth
from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Hold, PrintJob
from daemon.errors import Conflicting

HEALTH_S: Final = 10.0
ASKED_S: Final = 1.5


class PrintRoom(Protocol):
    """What is asked of the print desk."""

    @property
    def printers(self) -> tuple[str, ...]:
        """The configured printers, the usual one first."""
        ...

    async def request(self, request: PrintRequest) -> PrintJob:
        """Keep a request; the same key is the same job."""
        ...

    async def preview(self, printer: str, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """A badge as that printer would print it."""
        ...

    def health(self, printer: str) -> PrinterHealth:
        """How that printer was when it was last asked."""
        ...

    def last_hold(self, printer: str) -> Hold | None:
        """Why that printer took nothing when it was last asked."""
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


def usual(prints: PrintRoom, wished: str | None) -> str:
    """The printer that is wished for, else the usual one; raises Conflicting where there is none."""
    printer = wished or next(iter(prints.printers), "")
    if not printer:
        raise Conflicting("printer: no printer is configured at this till", field="printer")
    return printer


class PrinterWatch:
    """How the printers are: asked of them, at most every `HEALTH_S`, since others may print there too.

    What the print desk hears meanwhile is told at once; one that was late is absent until something is heard of it.
    """

    def __init__(self, prints: PrintRoom, clock: Clock) -> None:
        self._prints = prints
        self._clock = clock
        self._late: dict[str, PrinterHealth] | None = None
        self._asked_s = 0.0

    async def printers(self) -> tuple[PrinterHealth, ...]:
        """Every printer, the usual one first."""
        now_s = self._clock.monotonic_s()
        if self._late is None or now_s - self._asked_s >= HEALTH_S:
            async with asyncio.TaskGroup() as tasks:
                asking = {
                    printer: tasks.create_task(self._answers(printer), name=f"how is {printer}")
                    for printer in self._prints.printers
                }
            late = [printer for printer, task in asking.items() if not task.result()]
            self._late = {printer: self._prints.health(printer) for printer in late}
            self._asked_s = self._clock.monotonic_s()
        return tuple(self._health(printer, self._late) for printer in self._prints.printers)

    async def _answers(self, printer: str) -> bool:
        """Whether it answers in time; one that does not is as good as switched off."""
        try:
            async with asyncio.timeout(ASKED_S):
                await self._prints.condition(printer)
        except TimeoutError:
            return False
        return True

    def _health(self, printer: str, late: dict[str, PrinterHealth]) -> PrinterHealth:
        health = self._prints.health(printer)
        if late.get(printer) == health:
            return replace(health, hold=Hold.ABSENT, is_known=True)
        late.pop(printer, None)
        return health
