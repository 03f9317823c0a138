"""Makes a failing scenario as small as it goes: ddmin over its operations, then calm weather."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.simulation.operations import Operation, Scenario, Weather

RUNS_MAX = 300
"""Runs that shrinking may take: a failing run is a slow one, because it waits for a quiet that does not come."""


@dataclass(slots=True)
class Shrinking:
    """One failure being made smaller; `fails` says whether a scenario still fails in the same way.

    After `runs_enough` runs a scenario of not more than `enough` operations is left as it is.
    """

    fails: Callable[[Scenario], bool]
    enough: int = 0
    runs_enough: int = 0
    runs: int = 0

    def shrink(self, scenario: Scenario) -> Scenario:
        """The smallest scenario found that still fails."""
        calm = replace(scenario, weather=Weather())
        if self._still(calm):
            scenario = calm
        return replace(scenario, operations=tuple(self._ddmin(scenario, list(scenario.operations))))

    def _still(self, scenario: Scenario) -> bool:
        self.runs += 1
        return self.runs <= RUNS_MAX and self.fails(scenario)

    def _ddmin(self, scenario: Scenario, operations: list[Operation]) -> list[Operation]:
        parts = 2
        while len(operations) >= 2 and not self._is_enough(operations):
            size = max(len(operations) // parts, 1)
            smaller = self._without_a_part(scenario, operations, size)
            if smaller is not None:
                operations, parts = smaller, max(parts - 1, 2)
            elif size == 1:
                break
            else:
                parts = min(parts * 2, len(operations))
        return operations

    def _is_enough(self, operations: list[Operation]) -> bool:
        return self.runs >= self.runs_enough and len(operations) <= self.enough

    def _without_a_part(self, scenario: Scenario, operations: list[Operation], size: int) -> list[Operation] | None:
        for at in range(0, len(operations), size):
            rest = operations[:at] + operations[at + size :]
            if self._still(replace(scenario, operations=tuple(rest))):
                return rest
        return None
