"""A share of the campaign with every test run; `make blackbox` runs 300 kills."""

from pathlib import Path

import pytest

from tests.blackbox.campaign import run

KILLS = 12
SEED = 3


@pytest.mark.needs("mosquitto")
@pytest.mark.feature("E3.1")
@pytest.mark.feature("E1.2")
def test_random_kills_on_bad_lines_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    figures = run(tmp_path, kills=KILLS, seed=SEED)
    assert figures.lost + figures.doubled + figures.oddities == [], str(figures)
    assert sum(figures.kills.values()) == KILLS
    assert figures.acknowledged > 100, str(figures)
    assert not [name for name in figures.unreached if name != "line cut"], str(figures)
