"""What a till can tell of its machine's clock: wrong by how much, or confirmed by nobody."""

from dataclasses import dataclass
from typing import Final, Literal

from daemon.domain.hlc import AHEAD_MS_MAX, Timeline, ms_of

UNCONFIRMED_MS_MAX: Final = 24 * 3_600_000
"""A clock that nobody has confirmed for so long is worth a look at a watch."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockDoubt:
    """`ms`: how far behind or ahead; how long unconfirmed; of a clock that was never set nothing."""

    kind: Literal["never_set", "behind", "ahead", "unconfirmed"]
    ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClocksRead:
    """The clocks of a machine, read at one moment, in milliseconds.

    `counted_ms` is the process's own count since its start, which the timeline corrects; `wall_ms` what the machine
    shows; `plausible_ms` is earlier than any day on which this program can run.
    """

    counted_ms: int
    wall_ms: int
    plausible_ms: int
    unanchored_ms: int
    """For how long no anchor was seen; 0 where there is one."""


def doubt_of(timeline: Timeline, clocks: ClocksRead) -> ClockDoubt | None:
    """What is to be said of the clock; None where it is right, as far as is known.

    With an anchor it is held against head office's time, without one against the last stamp given: it cannot be
    earlier. Less than head office lets pass for an edit is no doubt.
    """
    known_ms = clocks.counted_ms + timeline.offset_ms if timeline.anchored else ms_of((timeline.last, 0, 0))
    ahead_ms = clocks.wall_ms - known_ms
    if clocks.wall_ms < clocks.plausible_ms:
        return ClockDoubt(kind="never_set")
    if ahead_ms < -AHEAD_MS_MAX:
        return ClockDoubt(kind="behind", ms=-ahead_ms)
    if timeline.anchored:
        return ClockDoubt(kind="ahead", ms=ahead_ms) if ahead_ms > AHEAD_MS_MAX else None
    if clocks.unanchored_ms > UNCONFIRMED_MS_MAX:
        return ClockDoubt(kind="unconfirmed", ms=clocks.unanchored_ms)
    return None
