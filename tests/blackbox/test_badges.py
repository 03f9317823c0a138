from pathlib import Path

import pytest

from tests.blackbox.badges import run


@pytest.mark.needs("mosquitto")
@pytest.mark.feature("D4.1", "D4.3")
def test_a_till_killed_while_it_prints_doubles_no_badge_and_loses_none(tmp_path: Path) -> None:
    figures = run(tmp_path, badges=8, seed=11)
    assert (figures.doubled, figures.lost) == ([], []), str(figures)
    assert figures.kills >= 8
