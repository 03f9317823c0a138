"""A share of the simulation runs with every test run; scenarios that failed once run for ever."""

from pathlib import Path

import pytest

from tests.simulation.campaign import KEPT, read_scenario, run_seed, write_scenario
from tests.simulation.generating import scenario_of
from tests.simulation.operations import Create, During, Edit, Scenario, Wait, from_plain, to_plain
from tests.simulation.planted import PLANTED, losers_vanish
from tests.simulation.running import run_scenario
from tests.simulation.shrinking import Shrinking

SHARE = range(1, 31)


@pytest.mark.parametrize("seed", SHARE)
def test_after_all_faults_of_a_seed_everything_is_equal_and_nothing_is_lost(seed: int) -> None:
    _, _, outcome = run_seed(seed)
    assert outcome.complaints == []


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")), ids=lambda path: path.stem)
def test_what_failed_once_does_not_fail_again(path: Path) -> None:
    assert run_scenario(read_scenario(path)).complaints == []


def test_a_seed_is_one_scenario_and_a_scenario_one_run() -> None:
    assert scenario_of(7) == scenario_of(7)
    first, second = run_scenario(scenario_of(7)), run_scenario(scenario_of(7))
    assert (first.counts, first.virtual_ms, first.records) == (second.counts, second.virtual_ms, second.records)


def test_a_scenario_survives_being_written_down(tmp_path: Path) -> None:
    scenario = scenario_of(11)
    write_scenario(tmp_path / "kept.json", scenario, "a complaint")
    assert read_scenario(tmp_path / "kept.json") == scenario
    armed = During(Edit(1, 0, 2, 3))
    assert from_plain(to_plain(armed)) == armed


def test_a_failing_scenario_is_shrunk_to_what_matters() -> None:
    noise = [Wait(ms) for ms in range(20)]
    scenario = Scenario(1, operations=(*noise[:9], Create(1, 1), *noise[9:], Edit(1, 0, 2, 3)))
    small = Shrinking(lambda one: {Create, Edit} <= {type(op) for op in one.operations}).shrink(scenario)
    assert small.operations == (Create(1, 1), Edit(1, 0, 2, 3))


def test_a_planted_bug_is_found_by_what_it_breaks() -> None:
    with losers_vanish():
        found = (complaint for seed in range(1, 11) for complaint in run_seed(seed)[2].complaints)
        assert any("a value vanished" in complaint for complaint in found)


def test_planted_bugs_are_taken_out_again() -> None:
    for plant in PLANTED:
        with plant():
            pass
    assert run_seed(8)[2].complaints == []
