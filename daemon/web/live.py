"""The ring of live events and its listeners: what happened lately, to whoever was away for a moment.

Events live in memory only. An id is `EPOCH-NUMBER`; the epoch is new at each start, so that a client from before is
told to fetch again. A listener that does not keep up is told so and cut: it never holds anybody up.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from typing_extensions import override

from daemon.clock import random_bytes
from daemon.desk.events import Event, Refetch
from daemon.typed import to_json

RING_EVENTS_MAX = 1000
RING_BYTES_MAX = 1024 * 1024
QUEUED_MAX = 256
LATE_S = 1.0
"""A scan that was looked up before an erasure may be told so much after it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveEvent:
    """One event as it is sent; a `refetch` has the id of the last event that it stands for."""

    id: str
    kind: str
    data: bytes = field(repr=False)

    def encoded(self) -> bytes:
        """As the stream carries it (HTML, server-sent events)."""
        return b"id: %s\nevent: %s\ndata: %s\n\n" % (self.id.encode(), self.kind.encode(), self.data)


class Listener:
    """One client's queue: bounded, and closed when it overflows."""

    def __init__(self, queued_max: int) -> None:
        self._queued_max = queued_max
        self._queue: deque[LiveEvent] = deque()
        self._filled = asyncio.Event()
        self.is_cut = False

    @override
    def __repr__(self) -> str:
        return f"Listener({len(self._queue)} queued{', cut' if self.is_cut else ''})"

    def offer(self, event: LiveEvent) -> None:
        """Queue an event; when there is no room, forget them all, say so, and take no more."""
        if self.is_cut:
            return
        if len(self._queue) >= self._queued_max:
            self._queue.clear()
            event = refetch(event.id, "slow")
            self.is_cut = True
        self._queue.append(event)
        self._filled.set()

    def skip(self, last_id: str) -> None:
        """Give none of what is queued: it is to be fetched again as it is now."""
        if self._queue:
            self._queue.clear()
            self._queue.append(refetch(last_id, "missed"))

    def close(self) -> None:
        """Take no more; what is queued is still given."""
        self.is_cut = True
        self._filled.set()

    async def next(self, wait_s: float) -> LiveEvent | None:
        """The next event, or None when there was none for so long, or when the listener was cut."""
        if not self._queue and not self.is_cut:
            self._filled.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._filled.wait()
            except TimeoutError:
                return None
        return self._queue.popleft() if self._queue else None

    @property
    def is_over(self) -> bool:
        """Whether nothing will ever come again."""
        return self.is_cut and not self._queue


class Live:
    """The ring and its listeners."""

    def __init__(self, *, queued_max: int = QUEUED_MAX) -> None:
        self._epoch = random_bytes(6).hex()
        self._number = 0
        self._ring: deque[tuple[int, LiveEvent]] = deque()
        self._ring_bytes = 0
        self._queued_max = queued_max
        self._count: Callable[[str], None] = lambda _: None
        self._listeners: set[Listener] = set()

    @override
    def __repr__(self) -> str:
        return f"Live(at {self.last_id}, {len(self._ring)} kept, {len(self._listeners)} listeners)"

    @property
    def last_id(self) -> str:
        """The id of the last event; of none, at the start."""
        return f"{self._epoch}-{self._number}"

    @property
    def listeners(self) -> int:
        """How many clients listen."""
        return len(self._listeners)

    def publish(self, kind: str, data: object) -> None:
        """Tell everybody; never blocks. `data` is a dataclass or plain values."""
        self._number += 1
        event = LiveEvent(id=self.last_id, kind=str(kind), data=to_json(data))
        self._ring.append((self._number, event))
        self._ring_bytes += len(event.data)
        while len(self._ring) > RING_EVENTS_MAX or self._ring_bytes > RING_BYTES_MAX:
            self._ring_bytes -= len(self._ring.popleft()[1].data)
        self._count(event.kind)
        for listener in self._listeners:
            listener.offer(event)

    def count_with(self, count: Callable[[str], None]) -> None:
        """Call `count` with the kind of each event from now on."""
        self._count = count

    def forget(self, ids: Collection[bytes]) -> None:
        """Drop the events that speak of erased customers; who missed them, or waits for them still, fetches again."""
        sought = [id_.hex().encode() for id_ in ids]
        if any(one in event.data for one in sought for _, event in self._ring):
            self._ring.clear()
            self._ring_bytes = 0
            for listener in self._listeners:
                listener.skip(self.last_id)

    def forget_soon(self, ids: Collection[bytes]) -> None:
        """Forget now, and again once what was looked up before the erasure has been told."""
        if ids:
            self.forget(ids)
            asyncio.get_running_loop().call_later(LATE_S, self.forget, ids)

    @contextmanager
    def listen(self, last_id: str | None) -> Iterator[Listener]:
        """Hear everything from now on, after what came since `last_id`; first a `refetch` where that is not known."""
        listener = Listener(self._queued_max)
        for event in self._since(last_id):
            listener.offer(event)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let every listener go: the daemon stops."""
        for listener in self._listeners:
            listener.close()

    def _since(self, last_id: str | None) -> list[LiveEvent]:
        if not last_id:
            return []
        epoch, _, number = last_id.rpartition("-")
        if epoch != self._epoch or not number.isascii() or not number.isdecimal() or int(number) > self._number:
            return [refetch(self.last_id, "restarted")]
        missed = [event for at, event in self._ring if at > int(number)]
        if len(missed) != self._number - int(number) or len(missed) >= self._queued_max:
            return [refetch(self.last_id, "missed")]
        return missed


def refetch(id_: str, reason: str) -> LiveEvent:
    """Tell a client to fetch again whatever it shows."""
    assert reason in {"restarted", "missed", "slow"}
    return LiveEvent(id=id_, kind=Event.REFETCH, data=to_json(Refetch(reason=reason)))  # type: ignore[arg-type]  # asserted above


async def stream(live: Live, listener: Listener, *, heartbeat_s: float) -> AsyncIterator[LiveEvent]:
    """What to tell a client: events, and a beat whenever there was none for `heartbeat_s`: silence is a fault."""
    while not listener.is_over:
        event = await listener.next(heartbeat_s)
        if event is not None:
            yield event
        elif not listener.is_over:
            yield LiveEvent(id=live.last_id, kind=Event.BEAT, data=b"{}")
