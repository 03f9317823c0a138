"""What the devices have to say, for one consumer: bounded, and never silent about what it refuses."""

import asyncio
from collections import deque
from typing import Final

from typing_extensions import override

from daemon.drivers.device import CardRead, DeviceEvent, DeviceHealth, ReadRefused, Refusal

QUEUED_READS_MAX: Final = 16
"""More cards than a queue at the counter shows while the till hangs; a card shown a minute late helps nobody."""


class EventQueue:
    """Reads in their order; refusals once per device and reason, and health once per device, until they are taken.

    When full, the newest read is refused with `Refusal.QUEUE_FULL`. Noise fills nothing.
    """

    def __init__(self, reads_max: int = QUEUED_READS_MAX) -> None:
        self._reads_max = reads_max
        self._reads: deque[CardRead] = deque()
        self._refusals: dict[tuple[str, Refusal], ReadRefused] = {}
        self._healths: dict[str, DeviceHealth] = {}
        self._waiting: asyncio.Future[None] | None = None

    @override
    def __repr__(self) -> str:
        return f"EventQueue({len(self._reads)} of {self._reads_max} reads, {len(self._refusals)} refusals)"

    def put(self, event: DeviceEvent) -> bool:
        """Queue `event`; False when it was a read and the queue is full. Never blocks."""
        if isinstance(event, DeviceHealth):
            self._healths[event.device] = event
        elif isinstance(event, ReadRefused):
            self._refusals[event.device, event.reason] = event
        elif len(self._reads) < self._reads_max:
            self._reads.append(event)
        else:
            self._refusals[event.device, Refusal.QUEUE_FULL] = ReadRefused(
                device=event.device, reason=Refusal.QUEUE_FULL
            )
            return False
        self._wake()
        return True

    async def get(self) -> DeviceEvent:
        """The next event, for one task: reads before refusals before health."""
        while True:
            event = self._take()
            if event is not None:
                return event
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _take(self) -> DeviceEvent | None:
        if self._reads:
            return self._reads.popleft()
        if self._refusals:
            return self._refusals.pop(next(iter(self._refusals)))
        if self._healths:
            return self._healths.pop(next(iter(self._healths)))
        return None
