"""Held tickets in the simulation: each recipe holds, reaches what it is for, and shows the bug that it is there for."""

from collections import Counter

import pytest

from tests.simulation import planted_tickets as planted
from tests.simulation.additions import plug_in
from tests.simulation.hunting import brief_scenario_of
from tests.simulation.planting import Plant
from tests.simulation.running import run_scenario
from tests.simulation.tickets import TICKETS

SHARE = range(1, 5)


@pytest.mark.feature("C8.2")
def test_tickets_are_awarded_once_and_sold_twice_on_a_persons_word_alone() -> None:
    plug_in()
    reached: Counter[str] = Counter()
    for recipe in TICKETS.recipes:
        for seed in SHARE:
            outcome = run_scenario(brief_scenario_of(seed, [recipe]))
            assert outcome.complaints == [], f"{recipe.__name__}, seed {seed}"
            reached.update(outcome.counts)
    for wanted in (
        "ticket taken over alone",
        "ticket refused by head office",
        "ticket refused: names",
        "ticket awarded to a sale that is over",
    ):
        assert reached[wanted], wanted


@pytest.mark.parametrize(
    "plant",
    [
        planted.award_given_to_whoever_asks,
        planted.second_sale_needs_nobody,
        planted.deposit_leaves_the_account_twice,
        planted.late_award_stays_taken,
    ],
)
def test_a_planted_bug_of_tickets_is_found(plant: Plant) -> None:
    plug_in()
    recipes = TICKETS.looked_for_in[plant.__name__]
    with plant():
        assert any(run_scenario(brief_scenario_of(seed, recipes)).complaints for seed in range(1, 25))
