"""Time and chance: the only door to clocks, sleep and randomness.

Pure rooms take `now_ms`, ids and random bits as arguments; shells read them here.
"""

import asyncio
import ctypes
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

TIMESYNC_TOUCHES: Final = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd(8): gone with each boot, touched at each synchronisation."""
TRUSTED_S: Final = 32_000
"""The kernel counts 500 ppm of error for a clock that nobody corrects, and gives it up at 16 s (ntp.c)."""
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 512
"""Larger than struct timex anywhere."""


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


def wall_ms() -> int:
    """What the machine's clock shows now, as its screens do; it jumps when somebody sets it."""
    return time.time_ns() // 1_000_000


def running_ms() -> int:
    """How long the machine has been up, through any suspend; nobody can set it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class SystemClock:
    """The clocks of this machine.

    `now_ms` is the wall clock as it stood when the process began, counted on by the clock that runs through a suspend:
    somebody who sets the clock of a till at noon does not make its edits jump; the hub's time corrects both.
    """

    def __init__(self, shown: Callable[[], int] = wall_ms, running: Callable[[], int] = running_ms) -> None:
        self._shown = shown
        self._running = running
        self._start_ms = shown() - running()

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC, counted on from the start of the process."""
        return self._start_ms + self._running()

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(seconds)


def kernel_is_synchronised() -> bool | None:
    """Whether something keeps the kernel's clock right, as adjtimex(2) says; None where that may not be asked.

    All zero asks and changes nothing. Our own unit may not ask (ProtectClock).
    """
    try:
        said = int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return None
    return None if said < 0 else said != _TIME_ERROR


def synchronised_ms(touched: Path = TIMESYNC_TOUCHES) -> int | None:
    """The time of the kernel's clock in Unix milliseconds, if a time server keeps it right; else None.

    Where the kernel may not be asked, the file counts that systemd-timesyncd touches at each synchronisation, for as
    long as the kernel itself would trust a clock that nobody corrects.
    """
    now_ms = wall_ms()
    said = kernel_is_synchronised()
    if said is None:
        try:
            age_s = now_ms / 1000 - touched.stat().st_mtime
        except OSError:
            return None
        said = 0 <= age_s < TRUSTED_S
    return now_ms if said else None


def random_bytes(count: int) -> bytes:
    """Bytes from the kernel's generator."""
    return os.urandom(count)


def random_id() -> bytes:
    """A new entity id: 8 random bytes."""
    return os.urandom(8)


def jitter() -> float:
    """A number in [0, 1) that spreads retries; not for secrets."""
    return random.random()
