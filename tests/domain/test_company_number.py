from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.company_number import parse_siren, parse_siret, parse_vat, same_company, show_siret, vat_of_siren
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("parse", "typed", "stored"),
    [
        (parse_siren, "732 829 320", "732829320"),
        (parse_siret, "732 829 320 00074", "73282932000074"),
        (parse_siret, "732.829.320.00074", "73282932000074"),
        (parse_siret, "356 000 000 49837", "35600000049837"),  # a post office: sum of digits divisible by 5
        (parse_vat, "FR 40 303 265 045", "FR40303265045"),
        (parse_vat, "fr40303265045", "FR40303265045"),
        (parse_vat, "40303265045", "FR40303265045"),
        (parse_vat, "FR23334175221", "FR23334175221"),
        (parse_vat, "FRK7399859412", "FRK7399859412"),
        (parse_vat, "DE136695976", "DE136695976"),
        (parse_vat, "BE 0428.759.497", "BE0428759497"),
    ],
)
def test_numbers_are_stored_in_one_form(parse: Callable[[str], str], typed: str, stored: str) -> None:
    assert parse(typed) == stored


@pytest.mark.parametrize(
    ("parse", "typed", "sentence"),
    [
        (parse_siren, "732 829 321", "siren: a digit is wrong, the check digits do not agree"),
        (parse_siren, "73282932", "siren: a SIREN has 9 digits"),
        (parse_siret, "", "siret: the number is empty; a SIRET has 14 digits"),
        (parse_siret, "73282932000075", "siret: a digit is wrong, the check digits do not agree"),
        (parse_siret, "7328293200007", "siret: a SIRET has 14 digits"),
        (parse_siret, "٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "siret: a SIRET has 14 digits"),
        (parse_vat, "FR41303265045", "vat_number: a digit is wrong, the check digits do not agree"),
        (parse_vat, "FR4030326504", "vat_number: a French VAT number is FR, 2 signs and the 9 digits of the SIREN"),
        (parse_vat, "US123456789", "vat_number: the number starts with no country of the European Union"),
        (parse_vat, "X" * 50, "vat_number: a French VAT number is FR, 2 signs and the 9 digits of the SIREN"),
    ],
)
def test_a_wrong_number_is_refused_in_one_sentence(parse: Callable[[str], str], typed: str, sentence: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        parse(typed)
    assert str(refused.value) == sentence
    assert refused.value.field == sentence.partition(":")[0]


def test_a_siret_and_a_vat_number_of_two_companies_contradict_one_another() -> None:
    assert same_company("73282932000074", "FR44732829320")
    assert not same_company("73282932000074", "FR40303265045")
    assert same_company("73282932000074", "DE136695976")
    assert same_company("", "FR40303265045")


def test_a_siret_is_shown_in_groups() -> None:
    assert show_siret("73282932000074") == "732\u00a0829\u00a0320\u00a000074"


@given(st.integers(0, 99_999_999))
def test_every_siren_has_a_vat_number_that_passes(start: int) -> None:
    eight = f"{start:08d}"
    total = sum(sum(divmod(int(digit) * (2 if place % 2 else 1), 10)) for place, digit in enumerate(eight))
    siren = eight + str(-total % 10)
    assert parse_siren(siren) == siren
    assert parse_vat(vat_of_siren(siren)) == vat_of_siren(siren)


_COUNTRIES = st.sampled_from(
    ["FR", "DE", "BE", "ES", "IE", "IT", "NL", "EL", "XI", "EU", "IM", "CY", "RO", "GB", "", "XX"]
)


@given(_COUNTRIES, st.text(alphabet="0123456789ABWX .-*+é", max_size=16) | st.text(max_size=8))
def test_any_text_is_a_number_or_refused(country: str, rest: str) -> None:
    for parse in (parse_vat, parse_siret, parse_siren):
        try:
            stored = parse(country + rest)
        except OperatorMistake:
            continue
        assert parse(stored) == stored
