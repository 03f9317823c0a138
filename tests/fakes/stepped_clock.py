"""A clock that moves only when a test says so."""

import asyncio
import heapq
from itertools import count


class SteppedClock:
    """Implements `daemon.clock.Clock`; starts at `now_ms` and 0 monotonic seconds."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._start_ms = now_ms
        self._now_s = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return self._start_ms + int(self._now_s * 1000)

    def monotonic_s(self) -> float:
        return self._now_s

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + seconds, next(self._order), woken))
        await woken

    def jump(self, seconds: float) -> None:
        """Move without waking anybody: for a single task that is not asleep."""
        self._now_s += seconds

    async def advance(self, seconds: float) -> None:
        """Let time pass; every sleeper wakes at its own instant, in order, and runs until it waits again."""
        await settle()
        until = self._now_s + seconds
        while self._sleepers and self._sleepers[0][0] <= until + 1e-9:
            due, _, woken = heapq.heappop(self._sleepers)
            self._now_s = max(self._now_s, due)
            if not woken.done():
                woken.set_result(None)
                await settle()
        self._now_s = until
        await settle()


async def settle() -> None:
    """Let every task run until it waits for something that only the test can give."""
    for _ in range(20):
        await asyncio.sleep(0)
