import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.code import ScannedCode, Symbology, gtin_check_digit, gtin_of, is_digits, is_gtin, lookup_form


@pytest.mark.parametrize(
    "gtin", ["3760123456784", "012345678905", "0012345678905", "37601232", "10012345678902", "9781234567897"]
)
def test_a_gtin_of_any_length_ends_with_its_check_digit(gtin: str) -> None:
    assert gtin_check_digit(gtin[:-1]) == gtin[-1]
    assert is_gtin(gtin)


@pytest.mark.parametrize("text", ["3760123456785", "37601234", "", "376012345678", "M-0001234567X", "376012345678４"])
def test_what_is_damaged_or_no_gtin_is_told_apart(text: str) -> None:
    assert not is_gtin(text)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(body: str, place: int, change: int) -> None:
    right = body + gtin_check_digit(body)
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    assert not is_gtin(wrong)


def test_only_ascii_digits_are_digits() -> None:
    assert is_digits("0123456789")
    assert not any(is_digits(text) for text in ("", "²", "٣", "1 2", "-1"))


def test_typed_printed_and_scanned_forms_of_a_card_look_up_the_same() -> None:
    assert {lookup_form(text) for text in ("3760123456784", "3 760123 456784", "03760123456784")} == {"3760123456784"}
    assert {lookup_form(text) for text in ("m-000123", "M-000123", " M-000123 ")} == {"M-000123"}
    assert {lookup_form(text) for text in ("012345678905", "0012345678905")} == {"0012345678905"}


def test_a_number_that_only_has_the_length_of_a_gtin_is_kept_as_it_is() -> None:
    assert lookup_form("012345678901") == "012345678901"
    assert lookup_form("00000000000001") == "00000000000001"


@given(st.text())
def test_the_lookup_form_of_a_lookup_form_is_itself(text: str) -> None:
    assert lookup_form(lookup_form(text)) == lookup_form(text)


def test_a_scanned_code_never_prints_its_text() -> None:
    code = ScannedCode(text="3760123456784", symbology=Symbology.EAN13)
    assert repr(code) == str(code) == "ScannedCode(ean13, 13 characters)"
    assert repr(ScannedCode(text="M-1", symbology=None)) == "ScannedCode(unnamed, 3 characters)"


@pytest.mark.parametrize(
    ("text", "symbology", "gtin"),
    [
        ("3760123456784", Symbology.EAN13, "3760123456784"),
        ("3760123456784", None, "3760123456784"),
        ("012345678905", None, "0012345678905"),
        ("0110012345678902", Symbology.GS1_DATABAR, "10012345678902"),
        ("0103760123456784\x1d10AB", Symbology.GS1_128, "3760123456784"),
        ("0110012345678903", Symbology.GS1_128, None),
        ("10AB", Symbology.GS1_128, None),
        ("01123", Symbology.GS1_QR, None),
        ("M-000123", Symbology.CODE128, None),
    ],
)
def test_the_product_number_in_a_code(text: str, symbology: Symbology | None, gtin: str | None) -> None:
    assert gtin_of(ScannedCode(text=text, symbology=symbology)) == gtin
