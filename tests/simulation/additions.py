"""The further parts of the simulation, plugged into it wherever it runs: a part is one line in `ADDITIONS`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tests.simulation import (
    acting,
    called_off,
    clocks,
    crossing,
    due_recipes,
    faults,
    forgetting,
    generating,
    happenings,
    judge,
    leaving,
    lines,
    loyalty_recipes,
    merging,
    moving,
    operations,
    pins,
    selling,
    taken_along,
    tickets,
    too_long,
    withdrawing,
)
from tests.simulation.addition import Addition

ADDITIONS: Sequence[Addition] = (
    selling.ADDITION,
    loyalty_recipes.LOYALTY,
    merging.ADDITION,
    leaving.ADDITION,
    tickets.TICKETS,
    crossing.ADDITION,
    pins.PINS,
    moving.ADDITION,
    due_recipes.DUE,
    forgetting.FORGETTING,
    withdrawing.ADDITION,
    lines.ADDITION,
    clocks.ADDITION,
    too_long.ADDITION,
    called_off.ADDITION,
    taken_along.ADDITION,
)


@cache
def plug_in() -> None:
    """Make the whole simulation know the additions; once for a process."""
    for one in ADDITIONS:
        _plug_in(one)


def _plug_in(one: Addition) -> None:
    for kind in (*one.acts, *one.happenings):
        operations.learn(kind)
    acting.ACTS.update(one.acts)
    for kind, work in one.happenings.items():
        happenings.HAPPEN[kind] = lambda self, operation, work=work: work(self.world, operation)
    generating.ACTIONS.update(one.acts_drawn)
    generating.FAULTS.update(one.happenings_drawn)
    generating.RECIPES.extend(one.recipes)
    judge.JUDGES.extend(one.judges)
    faults.MUST_BE_REACHED.extend(one.must_be_reached)
