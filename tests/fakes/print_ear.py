"""Listens to a print desk."""

import asyncio
from collections.abc import Callable

from daemon.desk.print_ports import PrintJobChanged
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Hold, JobState


class PrintEar:
    """Keeps what is told, and waits for what is to be told."""

    def __init__(self) -> None:
        self.told: list[PrintJobChanged] = []
        self._news = asyncio.Event()

    def __call__(self, change: PrintJobChanged) -> None:
        self.told.append(change)
        self._news.set()

    async def until(self, wanted: Callable[[PrintJobChanged], bool], within_s: float = 10) -> PrintJobChanged:
        """The first thing told, before or from now on, that is wanted."""
        async with asyncio.timeout(within_s):
            while not any(wanted(change) for change in self.told):
                self._news.clear()
                await self._news.wait()
        return next(change for change in self.told if wanted(change))

    async def state(self, state: JobState, *, job: EntityId | None = None, hold: Hold | None = None) -> PrintJobChanged:
        """Until a job, any or this one, is in a state, with this hold."""
        return await self.until(
            lambda change: (change.state, change.hold) == (state, hold) and job in (None, change.job_id)
        )

    def story(self, job: EntityId | None = None) -> list[str]:
        """The states told, of all jobs or of one."""
        return [change.state.value for change in self.told if job in (None, change.job_id)]
