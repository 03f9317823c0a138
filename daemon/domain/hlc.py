"""Stamps: hybrid logical time, which decides only which of two edits is newer.

48 bits of milliseconds since 1970 UTC, then 16 bits of counter, in one integer. A stamp is
(time, site, incarnation) as a plain tuple, so that stamps compare in C; ties fall to the origin.
"""

from dataclasses import dataclass, replace

Stamp = tuple[int, int, int]
"""(ms << 16 | counter, site, incarnation)"""

NO_STAMP: Stamp = (0, 0, 0)
"""Older than every stamp: the stamp of what was never written."""

AHEAD_MS_MAX = 600_000
"""A stamp more than ten minutes ahead of the hub is not ordered: the till restamps it."""


def ticks(ms: int) -> int:
    """The first stamp time of a millisecond."""
    return ms << 16


def ms_of(stamp: Stamp) -> int:
    """The milliseconds since 1970 that a stamp carries."""
    return stamp[0] >> 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """What a replica knows of time: the last stamp time it gave, and how far its clock is from the anchor.

    `anchored` says that this boot has an anchor: a hub hello, or a kernel clock reported synchronised.
    `offset_ms` is anchor minus local clock.
    """

    last: int = 0
    anchored: bool = False
    offset_ms: int = 0

    def anchor(self, *, local_ms: int, true_ms: int) -> "Timeline":
        """Take `true_ms` (from the hub) as the time it is now."""
        return replace(self, anchored=True, offset_ms=true_ms - local_ms)

    def trusts(self, kernel_ms: int | None) -> bool:
        """Whether a kernel clock anchors this boot: it is said to be right, and not before the last stamp given."""
        return not self.anchored and kernel_ms is not None and ticks(kernel_ms) >= self.last

    def next(self, *, local_ms: int, after: int = 0) -> tuple[int, "Timeline"]:
        """The time for the next stamp: later than the last one given and than `after` (what it replaces)."""
        time = max(ticks(max(local_ms + self.offset_ms, 0)), self.last + 1, after + 1)
        return time, replace(self, last=time)


def is_too_far_ahead(stamp: Stamp, hub_ms: int, newest: int = 0) -> bool:
    """Whether the hub must ask for a restamp instead of ordering.

    `newest` is the latest time that it has ordered: what replaces that must come after it, also where the hub's clock
    was wrong then, or is wrong now.
    """
    return stamp[0] > max(ticks(hub_ms + AHEAD_MS_MAX) | 0xFFFF, newest + (1 << 16))
