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


@pytest.mark.parametrize(
    ("typed", "english", "french"),
    [
        ("bogus", "COMMAND: invalid choice: 'bogus' (choose from 'tap',", "choix inconnu\u00a0: 'bogus' (parmi 'tap',"),
        ("tap", "comptoir demo tap: the following arguments are required: TILL", "il manque\u00a0: CAISSE"),
        ("--customers abc", "--customers: invalid int value: 'abc'", "--customers\u00a0: 'abc' n’est pas un nombre"),
        ("--customers", "expected one argument", "une valeur est attendue"),
        ("cut caisse-1 --nope", "unrecognized arguments: --nope", "non reconnu\u00a0: --nope"),
        ("--fresh=1", "ignored explicit argument '1'", "la valeur '1' est de trop"),
    ],
)
def test_what_was_mistyped_is_said_in_one_line_of_the_language(
    typed: str, english: str, french: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for speech, said, see in ((ENGLISH, english, "see: "), (FRENCH, french, "voir\u00a0: ")):
        with pytest.raises(SystemExit) as ended:
            grammar.read(typed.split(), speech)
        assert ended.value.code == 2
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 2
        assert said in told[0]
        assert told[1].startswith(f"{see}comptoir demo")


def test_the_help_is_french_to_the_colon(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        grammar.read(["--help"], FRENCH)
    told = capsys.readouterr().out
    assert told.startswith("usage\u00a0: comptoir demo")
    assert "options\u00a0:" in told
    assert "depuis un autre terminal\u00a0:" in told
