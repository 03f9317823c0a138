import pytest

from daemon import typed
from daemon.domain.badge import CARDS, BadgeFace

FACE = BadgeFace(
    chain="Maison Kermarrec",
    title="Carte de fidélité",
    first_name="Hélène",
    last_name="Lebœuf",
    number="3760123456784",
    note="À présenter à chaque achat",
)


def test_a_badge_hides_the_person_in_its_repr() -> None:
    assert "Lebœuf" not in repr(FACE)
    assert "3760123456784" not in repr(FACE)


def test_a_badge_survives_being_stored() -> None:
    assert typed.parse_json(typed.to_json(FACE), BadgeFace) == FACE


def test_the_cards_are_whole_bytes_wide() -> None:
    assert all(card.width % 8 == 0 for card in CARDS.values())
    assert (CARDS["cr80"].width / 8, CARDS["cr80"].height / 8) == pytest.approx((54.0, 85.6), abs=0.05)
