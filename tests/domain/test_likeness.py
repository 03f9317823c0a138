"""How likely two records are one person."""

import pytest

from daemon.domain.element import Element
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.likeness import Likeness, Traits, likeness, traits_of

PLACE = ("12 rue Crébillon", "", "44000", "Nantes", "FR")


def traits(card: str = "", **fields: object) -> Traits:
    values = {CUSTOMER.number(field): value for field, value in fields.items()}
    here = [Element(Kind.CUSTOMER, b"customer", b"", (1, 1, 1), values)]
    if card:
        here.append(Element(Kind.CARD, b"customer", b"cardcard", (1, 1, 1), {1: card}))
    found = traits_of(here)
    assert found is not None
    return found


def alike(one: dict[str, object], other: dict[str, object]) -> Likeness:
    return likeness(traits(**one), traits(**other))  # type: ignore[arg-type]  # fields by name


HELENE: dict[str, object] = {"name": ("Hélène", "Lefèvre"), "address": PLACE}


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        ({"name": ("Helene", "Lefebvre"), "address": PLACE}, ("name", "address")),
        ({"name": ("Lefebvre", "Hélène"), "address": ("12, r. Crébillon", "", "44000", "NANTES", "FR")},
         ("name", "address")),
        ({"name": ("", "Lefevre"), "address": ("", "", "44000", "Nantes", "FR")}, ("name", "address")),
        ({"name": ("H", "Lefèvre"), "address": PLACE}, ("name", "address")),
    ],
)  # fmt: skip
def test_who_sounds_alike_at_one_address_is_likely(other: dict[str, object], reasons: tuple[str, ...]) -> None:
    found = alike(HELENE, other)
    assert (found.is_likely, found.reasons) == (True, reasons)


@pytest.mark.parametrize(
    "other",
    [
        {"name": ("Hélène", "Lefèvre"), "address": ("3 rue Crébillon", "", "44000", "Nantes", "FR")},
        {"name": ("Hélène", "Lefèvre"), "address": ("12 rue Crébillon", "", "35000", "Rennes", "FR")},
        {"name": ("Paul", "Lefèvre"), "address": PLACE},
        {"name": ("Hélène", "Lefèvre")},
        {},
    ],
)
def test_a_name_alone_another_house_or_another_first_name_is_not(other: dict[str, object]) -> None:
    assert not alike(HELENE, other).is_likely


def test_one_email_card_number_or_siret_is_enough_whatever_the_name() -> None:
    for same in (
        {"email": "a@x.fr"},
        {"card": "2900 0001"},
        {"mobile": "+33612345678"},
        {"member_number": "M1"},
        {"siret": "73282932000074"},
    ):
        assert alike({"name": ("A", "Durand"), **same}, {"name": ("Zoé", "Martin"), **same}).is_likely


def test_a_telephone_in_either_field_counts_once() -> None:
    found = alike({"mobile": "+33612345678"}, {"phone": "+33612345678"})
    assert (found.reasons, found.score) == (("phone",), 55)


def test_birthdays_speak_for_and_against() -> None:
    born: dict[str, object] = {"name": ("Zoé", "Martin"), "mobile": "+33612345678"}
    same = alike({**born, "birthday": (1984, 5, 3)}, {**born, "birthday": (None, 5, 3)})
    other = alike({**born, "birthday": (1984, 5, 3)}, {**born, "birthday": (1999, 1, 1)})
    assert "birthday" in same.reasons
    assert other.score < same.score
    strangers = alike({**born, "birthday": (1984, 5, 3)}, {"birthday": (1984, 5, 3), "mobile": "+33612345678"})
    assert "birthday" not in strangers.reasons


def test_companies_are_compared_by_their_names() -> None:
    one: dict[str, object] = {"company_name": "Garage Le Goff", "address": PLACE}
    assert alike(one, {"company_name": "Garage Le Gof", "address": PLACE}).is_likely
    assert not alike(one, {"company_name": "Boulangerie Petit", "address": PLACE}).is_likely


def test_cards_without_a_customer_have_no_traits() -> None:
    assert traits_of([Element(Kind.CARD, b"customer", b"cardcard", (1, 1, 1), {1: "x"})]) is None
