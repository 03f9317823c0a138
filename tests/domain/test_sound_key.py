"""The sound of names, judged by pairs that people hear alike and pairs that they tell apart."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.folding import fold
from daemon.domain.sound_key import SOUND_LENGTH_MIN, sound_key

PAIRS = Path(__file__).with_name("sound_pairs.tsv")
RECALL_MIN, PRECISION_MIN = 0.92, 0.97


def pairs() -> list[tuple[str, bool, str]]:
    lines = PAIRS.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(one, mark == "=", other) for one, mark, other in rows]


def alike(one: str, other: str) -> bool:
    return sound_key(fold(one)) == sound_key(fold(other)) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lefebvre", "Lefèvre"),
        ("Lefebvre", "Lefevre"),
        ("Meunier", "Munier"),
        ("Hainault", "Hénault"),
        ("Gauthier", "Gautier"),
        ("Gauthier", "Gothier"),
        ("Berthelot", "Bertelo"),
        ("Dupont", "Dupond"),
        ("Christophe", "Kristof"),
        ("Le Goff", "Legoff"),
        ("Saint-Martin", "St Martin"),
        ("Cœuret", "Coeuret"),
    ],
)
def test_names_that_are_said_alike_have_one_key(one: str, other: str) -> None:
    assert alike(one, other)


def test_recall_and_precision_over_real_names_hold(capsys: pytest.CaptureFixture[str]) -> None:
    judged = pairs()
    said_alike = [(one, other) for one, same, other in judged if same]
    heard = [same for one, same, other in judged if alike(one, other)]
    recall, precision = sum(heard) / len(said_alike), sum(heard) / len(heard)
    figures = f"{len(judged)} pairs, {len(said_alike)} alike: recall {recall:.3f}, precision {precision:.3f}"
    with capsys.disabled():
        sys.stdout.write(f" sound key: {figures} ")
    assert len(judged) >= 300
    assert len(judged) - len(said_alike) >= 150
    assert (recall >= RECALL_MIN, precision >= PRECISION_MIN) == (True, True), figures


def test_no_pair_stands_twice() -> None:
    judged = [frozenset((one, other)) for one, _, other in pairs()]
    assert len(judged) == len(set(judged))


@pytest.mark.parametrize("text", ["", "l", "le", "eau", "c000123", "44000", "ж", "阮文"])
def test_what_says_too_little_has_no_key(text: str) -> None:
    assert sound_key(fold(text)) == ""


@given(st.text(max_size=30))
def test_every_text_has_a_key_or_none(text: str) -> None:
    key = sound_key(fold(text))
    assert key == "" or (len(key) >= SOUND_LENGTH_MIN and key.isascii() and key == key.upper())
