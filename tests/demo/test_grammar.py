from pathlib import Path

import pytest

from daemon.demo import grammar
from daemon.demo.gestures import GESTURES
from daemon.demo.words import Speech

ENGLISH, FRENCH = Speech("en"), Speech("fr")


def test_nothing_typed_runs_the_demo_with_two_thousand_customers_in_the_usual_place() -> None:
    given = grammar.read([], ENGLISH)
    assert (given.do, given.customers, given.directory, given.fresh) == (None, 2000, Path(".demo"), False)


def test_options_may_stand_before_and_after_the_command() -> None:
    for words in (["--directory", "x", "tap", "caisse-1", "29"], ["tap", "caisse-1", "29", "--directory", "x"]):
        given = grammar.read(words, ENGLISH)
        assert (given.do, given.name, given.code, given.directory) == ("tap", "caisse-1", "29", Path("x"))


def test_a_card_may_be_left_out() -> None:
    assert grammar.read(["tap", "caisse-1"], ENGLISH).code == ""


def test_a_line_can_fall_silent() -> None:
    assert grammar.read(["cut", "caisse-1", "--silent"], ENGLISH).silent


@pytest.mark.parametrize("word", GESTURES)
def test_every_gesture_can_be_typed_and_is_explained(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        grammar.read([word, "--help"], FRENCH)
    assert ended.value.code == 0
    assert FRENCH(f"help_{word}")[:20] in capsys.readouterr().out


def test_too_few_customers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        grammar.read(["--customers", "3"], FRENCH)
    assert ended.value.code == 2
    assert "une démo a au moins 100 clients" in capsys.readouterr().err
