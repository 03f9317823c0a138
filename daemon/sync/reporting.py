"""When a till tells head office how it is: soon after a link stands, every half minute, when a device comes or goes.

Pure. A cable that comes and goes is told of now and then, never each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from daemon.sync.till_facts import devices_told

REPORT_EVERY_MS = 30_000
FIRST_REPORT_MS = 3_000
"""Head office grants no rights before it has heard of each till, so the first report of a talk comes soon."""

CHANGES_APART_MS = 5_000
"""A report because of a device keeps the next one so long away. The one every half minute comes all the same."""

States: TypeAlias = tuple[tuple[str, str, str], ...]
"""Of each device: its role, its name and its state."""


def states_of(facts: Mapping[int, Any]) -> States:
    """How the devices are by the facts of a report; what they read and how often is no news of its own."""
    return tuple((one.role, one.device, one.state) for one in devices_told(facts) or ())


@dataclass(slots=True)
class Reporting:
    """What was told last, and when it is time again."""

    at_ms: int = 0
    """When the next report is due, whatever happens."""
    told: States | None = None
    """How the devices were at the last report of this link; None: there was none yet."""
    not_before_ms: int = 0
    """Until then, a device that comes or goes waits."""

    def link_up(self, now_ms: int) -> None:
        """A new link: what was said on the old one may be lost."""
        self.at_ms = now_ms + REPORT_EVERY_MS
        self.told = None

    def live(self, now_ms: int) -> None:
        """Head office has been greeted."""
        self.at_ms = min(self.at_ms, now_ms + FIRST_REPORT_MS)

    def is_due(self, devices: States, now_ms: int) -> bool:
        """Whether to report now; then it counts as done."""
        is_other = self.told not in (None, devices) and now_ms >= self.not_before_ms
        if not is_other and now_ms < self.at_ms:
            return False
        if is_other:
            self.not_before_ms = now_ms + CHANGES_APART_MS
        self.at_ms = now_ms + REPORT_EVERY_MS
        self.told = devices
        return True
