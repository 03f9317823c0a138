"""Looks for one planted bug: in short scenarios of one recipe and in whole ones; makes the shortest that shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.simulation import operations as op
from tests.simulation.generating import RECIPES, Recipe, scenario_of, weather_of
from tests.simulation.planted_places import looked_for_in
from tests.simulation.planting import Plant
from tests.simulation.running import run_scenario
from tests.simulation.shrinking import Shrinking

STEPS_MAX = 15
"""A bug counts as understood when so few operations show it."""

SHRUNK_MAX = 6
"""Failing scenarios that are shrunk before the best of them has to do."""

RUNS_ENOUGH = 30
"""Runs after which a scenario that is short enough is left as it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one planted bug; no scenario: it survived."""

    name: str
    scenario: op.Scenario | None
    where: str
    complaint: str
    seconds: float
    odd: tuple[str, ...] = ()
    """Scenarios that fail without the bug as well: a finding of its own."""

    @property
    def is_understood(self) -> bool:
        """Whether it was caught, and by few enough steps."""
        return self.scenario is not None and len(self.scenario.operations) <= STEPS_MAX


def brief_scenario_of(seed: int, recipes: Sequence[Recipe]) -> op.Scenario:
    """Three customers and one recipe: a part of what the generator draws around its recipes."""
    chance = Random(f"brief {seed}")
    start: list[op.Operation] = [op.Create(chance.randrange(4), chance.randrange(8)) for _ in range(3)]
    weather = weather_of(chance) if chance.random() < 0.3 else op.Weather()
    return op.Scenario(seed, weather, (*start, op.Wait(3_000), *chance.choice(recipes)(chance)))


def places(plant: Plant, seeds_max: int) -> Iterator[tuple[str, op.Scenario]]:
    """Where a bug may show itself: its own recipes first, then any recipe and whole scenarios by turns."""
    own = looked_for_in(plant)
    for seed in range(1, 25 if own else 1):
        yield f"recipe {seed}", brief_scenario_of(seed, own)
    for seed in range(1, seeds_max + 1):
        yield f"brief {seed}", brief_scenario_of(seed, RECIPES)
        yield f"seed {seed}", scenario_of(seed)


def hunt(plant: Plant, *, seeds_max: int, is_shrunk: bool) -> Found:
    """Run scenarios with a bug planted until one fails, and shrink it; the same scenario holds without the bug."""
    began = time.perf_counter()
    best = Found(plant.__name__.replace("_", " "), None, "", "", 0.0)
    shrunk = 0
    for where, scenario in places(plant, seeds_max):
        if not _complaint(plant, scenario):
            continue
        small = _shrunk(plant, scenario) if is_shrunk else scenario
        if run_scenario(small).complaints:
            best = replace(best, odd=(*best.odd, where))
            continue
        shrunk += 1
        if best.scenario is None or len(small.operations) < len(best.scenario.operations):
            best = replace(best, scenario=small, where=where, complaint=_complaint(plant, small))
        if best.is_understood or not is_shrunk or shrunk >= SHRUNK_MAX:
            break
    return replace(best, seconds=time.perf_counter() - began)


def _complaint(plant: Plant, scenario: op.Scenario) -> str:
    with plant():
        found = run_scenario(scenario).complaints
    return found[0] if found else ""


def _shrunk(plant: Plant, scenario: op.Scenario) -> op.Scenario:
    fails: Callable[[op.Scenario], bool] = lambda smaller: bool(_complaint(plant, smaller))  # noqa: E731  # one line
    return Shrinking(fails, enough=STEPS_MAX, runs_enough=RUNS_ENOUGH).shrink(scenario)
