"""What a till knows of the time without head office: the kernel's clock, where a time server keeps it right."""

import logging
from collections.abc import Callable
from typing import Final

from daemon.certificates import PLAUSIBLE_MS
from daemon.clock import Clock, synchronised_ms, wall_ms
from daemon.domain.clock_doubt import ClockDoubt, ClocksRead, doubt_of
from daemon.errors import StoreFault
from daemon.journal import event, failure
from daemon.store import sealing
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica
from daemon.tls import KnownTime, Validity

log = logging.getLogger(__name__)

LOOK_S: Final = 5.0

Kernel = Callable[[], int | None]
"""As `synchronised_ms`."""


async def follow_kernel_clock(
    database: Database, replica: Replica, clock: Clock, kernel: Kernel = synchronised_ms
) -> None:
    """Anchor this boot by the kernel's clock once that is right, for a till that head office does not greet; for ever.

    A rollback may lift the anchor, so it looks on.
    """
    while True:
        kernel_ms = kernel()
        if kernel_ms is not None and replica.timeline.trusts(kernel_ms):
            try:
                sealed = await _anchor(database, replica, local_ms=clock.now_ms(), kernel_ms=kernel_ms)
                event(log, "anchored-by-kernel", sealed=sealed)
            except StoreFault as fault:
                failure(log, "anchor-failed", fault)
        await clock.sleep(LOOK_S)


async def _anchor(database: Database, replica: Replica, *, local_ms: int, kernel_ms: int) -> int:
    def unit(conn: Connection) -> int:
        if replica.timeline.anchored:
            return 0  # head office was quicker
        return sealing.anchor(conn, replica, local_ms=local_ms, true_ms=kernel_ms)

    return await database.write(unit)


class WatchedClock:
    """The machine's clock held against what this till knows of the time, whenever somebody asks."""

    def __init__(self, replica: Replica, clock: Clock, shown: Callable[[], int] = wall_ms) -> None:
        self._replica = replica
        self._clock = clock
        self._shown = shown
        self._anchored_s = clock.monotonic_s()

    def doubt(self) -> ClockDoubt | None:
        """What is wrong with it; None while nothing is known to be."""
        now_s, timeline = self._clock.monotonic_s(), self._replica.timeline
        if timeline.anchored:
            self._anchored_s = now_s
        clocks = ClocksRead(
            counted_ms=self._clock.now_ms(),
            wall_ms=self._shown(),
            plausible_ms=PLAUSIBLE_MS,
            unanchored_ms=int((now_s - self._anchored_s) * 1000),
        )
        return doubt_of(timeline, clocks)


def known_time(ours: Validity, kernel: Kernel = synchronised_ms) -> KnownTime:
    """What to hold head office's certificate against.

    Our own certificate was made before now; head office's word on the time comes after the handshake, and would cut us
    off for good if its clock was wrong once.
    """
    kernel_ms = kernel()
    if kernel_ms is not None and kernel_ms >= ours.not_before_ms:
        return KnownTime(at_ms=kernel_ms, is_sure=True)
    return KnownTime(at_ms=ours.not_before_ms, is_sure=False)
