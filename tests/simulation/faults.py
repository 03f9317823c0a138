"""How often each fault was reached: a fault that never happened proves nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MUST_BE_REACHED = [
    "drop",
    "duplicate",
    "reorder",
    "partition",
    "crash",
    "crash of the hub",
    "power cut",
    "restart",
    "wrong clock",
    "wrong clock of the hub",
    "trusted clock",
    "disk full",
    "old image put back",
    "clone",
    "fenced",
    "backup",
    "hub restored, announced",
    "hub restored, unannounced",
    "broker wiped",
    "storm",
    "poison record",
    "garbage message",
    "newer kind parked",
    "upgrade",
    "acted between two units",
    "begin again",
    "resend after",
    "reseal",
    "set aside",
    "rewind",
    "generation",
    "log pruned",
    "bit flipped",
    "bit flipped at the hub",
    "given to the hub",
    "file damaged",
    "filled from rows",
    "history filled",
    "repaired",
    "given back",
    "loser",
    "award",
    "erasure",
]
"""What a campaign of seeds must have met, else it is void."""


@dataclass(slots=True)
class Faults:
    """The counters of one run, and remarks for whoever debugs it."""

    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def count(self, name: str, times: int = 1) -> None:
        """It happened."""
        self.counts[name] += times

    def note(self, remark: str) -> None:
        """Something worth reading beside a failure."""
        if len(self.remarks) < 200:
            self.remarks.append(remark)
