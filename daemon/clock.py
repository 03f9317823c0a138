"""Time and chance: the only door to clocks, sleep and randomness.

Pure rooms take `now_ms`, ids and random bits as arguments; shells read them here.
"""

import asyncio
import os
import random
import time
from typing import Protocol


class Clock(Protocol):
    """What a shell may ask about time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC as this process counts them: maybe wrong, but never going back or jumping."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never go back, from an arbitrary start."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; cancelled with its task."""
        ...


class SystemClock:
    """The clocks of this machine.

    `now_ms` is the wall clock as it stood when the process began, counted on by the clock that runs through a suspend:
    somebody who sets the clock of a till at noon does not make its edits jump; the hub's time corrects both.
    """

    def __init__(self) -> None:
        self._start_ms = time.time_ns() // 1_000_000 - self._running_ms()

    @staticmethod
    def _running_ms() -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC, counted on from the start of the process."""
        return self._start_ms + self._running_ms()

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(seconds)


def random_bytes(count: int) -> bytes:
    """Bytes from the kernel's generator."""
    return os.urandom(count)


def random_id() -> bytes:
    """A new entity id: 8 random bytes."""
    return os.urandom(8)


def jitter() -> float:
    """A number in [0, 1) that spreads retries; not for secrets."""
    return random.random()
