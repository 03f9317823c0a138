"""Many seeds: runs them, adds up what was reached, shrinks and keeps what failed."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.faults import MUST_BE_REACHED
from tests.simulation.generating import scenario_of
from tests.simulation.operations import Scenario, scenario_from_plain, scenario_to_plain, to_plain
from tests.simulation.running import Outcome, run_scenario
from tests.simulation.shrinking import Shrinking

KEPT = Path(__file__).parent / "kept"
"""Scenarios that failed once; the test-suite runs each of them for ever."""

DAY_MS = 86_400_000


@dataclass(slots=True)
class Tally:
    """What a campaign came to."""

    seeds: int = 0
    operations: int = 0
    records: int = 0
    till_ms: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, seed: int, operations: int, outcome: Outcome) -> None:
        """One more seed."""
        self.seeds += 1
        self.operations += operations
        self.records += outcome.records
        self.till_ms += outcome.till_ms
        self.counts += outcome.counts
        if outcome.complaints:
            self.failures.append((seed, outcome.complaints))

    @property
    def unreached(self) -> list[str]:
        """The faults that no seed has met: the campaign proves nothing about them."""
        return [name for name in MUST_BE_REACHED if not self.counts[name]]


def run_seed(seed: int) -> tuple[int, int, Outcome]:
    """Run the scenario of a seed."""
    scenario = scenario_of(seed)
    return seed, len(scenario.operations), run_scenario(scenario)


def run_seeds(seeds: Iterable[int], *, jobs: int, told: Callable[[Tally], None] = lambda _: None) -> Tally:
    """Run seeds, on several processes if wanted."""
    tally = Tally()
    for seed, operations, outcome in _outcomes(seeds, jobs):
        tally.add(seed, operations, outcome)
        told(tally)
    return tally


def _outcomes(seeds: Iterable[int], jobs: int) -> Iterator[tuple[int, int, Outcome]]:
    if jobs <= 1:
        yield from map(run_seed, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(run_seed, seeds, chunksize=4)


def shrink(scenario: Scenario, kind: str) -> Scenario:
    """The smallest scenario that fails with the same kind of complaint."""
    return Shrinking(lambda smaller: run_scenario(smaller).kind == kind).shrink(scenario)


def write_scenario(path: Path, scenario: Scenario, complaint: str) -> None:
    """Keep a scenario as text that people can read: one operation a line."""
    plain = scenario_to_plain(scenario)
    lines = ",\n".join(f"    {json.dumps(to_plain(operation))}" for operation in scenario.operations)
    path.write_text(
        "{\n"
        f'  "complaint": {json.dumps(complaint)},\n'
        f'  "seed": {plain["seed"]},\n'
        f'  "weather": {json.dumps(plain["weather"])},\n'
        f'  "operations": [\n{lines}\n  ]\n'
        "}\n",
        "utf-8",
    )


def read_scenario(path: Path) -> Scenario:
    """A scenario that was kept."""
    return scenario_from_plain(json.loads(path.read_text("utf-8")))
