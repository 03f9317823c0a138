"""What a till can tell of its machine's clock."""

import pytest

from daemon.domain.clock_doubt import UNCONFIRMED_MS_MAX, ClockDoubt, ClocksRead, doubt_of
from daemon.domain.hlc import AHEAD_MS_MAX, Timeline, ticks

NOW = 1_790_000_000_000
HOUR = 3_600_000
PLAUSIBLE = 1_735_689_600_000


def read(wall: int = NOW, counted: int = NOW, unanchored: int = 0) -> ClocksRead:
    return ClocksRead(counted_ms=counted, wall_ms=wall, plausible_ms=PLAUSIBLE, unanchored_ms=unanchored)


@pytest.mark.parametrize(
    ("timeline", "clocks", "doubt"),
    [
        (Timeline(anchored=True), read(), None),
        (Timeline(anchored=True, offset_ms=3 * HOUR), read(), ClockDoubt(kind="behind", ms=3 * HOUR)),
        (Timeline(anchored=True, offset_ms=-3 * HOUR), read(), ClockDoubt(kind="ahead", ms=3 * HOUR)),
        (Timeline(anchored=True, offset_ms=AHEAD_MS_MAX), read(), None),
        (Timeline(anchored=True, offset_ms=-AHEAD_MS_MAX), read(), None),
        # Somebody set the clock after the start: what it shows is right now, whatever the process counts.
        (Timeline(anchored=True, offset_ms=3 * HOUR), read(wall=NOW + 3 * HOUR), None),
        (Timeline(anchored=True), read(wall=NOW - 2 * HOUR), ClockDoubt(kind="behind", ms=2 * HOUR)),
        (Timeline(anchored=True, offset_ms=NOW), read(wall=5, counted=5), ClockDoubt(kind="never_set")),
        (Timeline(), read(wall=5), ClockDoubt(kind="never_set")),
        # Without an anchor: the time is not before the last stamp that this till gave.
        (Timeline(last=ticks(NOW + HOUR)), read(), ClockDoubt(kind="behind", ms=HOUR)),
        (Timeline(last=ticks(NOW + AHEAD_MS_MAX)), read(), None),
        (Timeline(last=ticks(NOW - 400 * 24 * HOUR)), read(), None),
        (Timeline(), read(unanchored=UNCONFIRMED_MS_MAX), None),
        (Timeline(), read(unanchored=3 * 24 * HOUR), ClockDoubt(kind="unconfirmed", ms=3 * 24 * HOUR)),
        (
            Timeline(last=ticks(NOW + HOUR)),
            read(unanchored=3 * 24 * HOUR),
            ClockDoubt(kind="behind", ms=HOUR),
        ),
        # The offset of an earlier anchor is no anchor.
        (Timeline(offset_ms=9 * HOUR), read(), None),
    ],
)
def test_a_clock_is_held_against_what_the_till_knows(
    timeline: Timeline, clocks: ClocksRead, doubt: ClockDoubt | None
) -> None:
    assert doubt_of(timeline, clocks) == doubt
