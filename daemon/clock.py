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
        """Wall clock in milliseconds since 1970 UTC; it may be wrong or jump."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never go back, from an arbitrary start."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; cancelled with its task."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now_ms(self) -> int:
        """Wall clock in milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

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
