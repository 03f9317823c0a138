import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.card_symbol import (
    QUIET_MODULES,
    SymbolChoice,
    Symbology,
    SymbolWish,
    choose_symbol,
    ean13_is_valid,
    number_as_read,
)

GOOD, WRONG_CHECK_DIGIT = "3760123456784", "3760123456785"
WIDTHS = {Symbology.EAN13: 95, Symbology.CODE128: 123, Symbology.QR: 21}


def choice(number: str, wish: SymbolWish = SymbolWish.BARS, room: int = 432) -> SymbolChoice | None:
    return choose_symbol(number, wish, dict.fromkeys(Symbology, room), lambda symbology, _: WIDTHS[symbology])


@pytest.mark.parametrize("number", [GOOD, "2900042187005", "0000000000000"])
def test_a_right_check_digit_is_accepted(number: str) -> None:
    assert ean13_is_valid(number)


@pytest.mark.parametrize(
    "number", [WRONG_CHECK_DIGIT, "", "376012345678", "37601234567844", "376012345678x", "३760123456784"]
)
def test_what_is_no_ean_13_is_not_taken_for_one(number: str) -> None:
    assert not ean13_is_valid(number)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_every_twelve_digits_have_exactly_one_check_digit(digits: str) -> None:
    assert [ean13_is_valid(digits + last) for last in "0123456789"].count(True) == 1


def test_an_ean_13_has_modules_of_three_dots_and_its_quiet_zones_fit() -> None:
    found = choice(GOOD)
    assert found == SymbolChoice(symbology=Symbology.EAN13, module_dots=3, width_dots=285)
    assert found.width_dots + 2 * QUIET_MODULES[Symbology.EAN13] * 3 <= 384


def test_a_wrong_check_digit_is_printed_as_code_128_which_scanners_read_as_it_is() -> None:
    found = choice(WRONG_CHECK_DIGIT)
    assert found
    assert found.symbology is Symbology.CODE128


@pytest.mark.parametrize(("room", "module"), [(432, 3), (428, 2), (286, 2)])
def test_code_128_takes_the_widest_module_that_fits(room: int, module: int) -> None:
    found = choice("M-000123", room=room)
    assert found
    assert (found.symbology, found.module_dots) == (Symbology.CODE128, module)


def test_what_is_too_long_for_bars_becomes_a_qr_code() -> None:
    found = choice("M-000123", room=285)
    assert found
    assert found.symbology is Symbology.QR


def test_what_bars_cannot_say_becomes_a_qr_code() -> None:
    found = choice("É-42")
    assert found
    assert found.symbology is Symbology.QR


def test_a_wish_for_a_qr_code_is_followed() -> None:
    assert choice(GOOD, SymbolWish.QR) == SymbolChoice(symbology=Symbology.QR, module_dots=8, width_dots=168)


def test_nothing_fits_on_too_small_a_card() -> None:
    assert choice(GOOD, room=80) is None


def test_an_ean_13_is_read_in_its_three_groups() -> None:
    assert number_as_read(GOOD) == "3 760123 456784"
    assert number_as_read("M-000123") == "M-000123"
