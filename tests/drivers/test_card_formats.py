import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.code import ScannedCode, Symbology
from daemon.drivers.card_formats import FORMATS, CardFormats, read_frame
from daemon.drivers.device import Refusal
from tests.captures.reader_captures import CapturedFrame, frames

PLAIN = CardFormats()


def read(text: str | bytes, formats: CardFormats = PLAIN) -> ScannedCode | Refusal:
    return read_frame(text if isinstance(text, bytes) else text.encode(), formats)


@pytest.mark.parametrize("frame", frames("serial_scanner"), ids=lambda frame: frame.name)
def test_every_captured_frame_is_read_as_its_capture_says(frame: CapturedFrame) -> None:
    code = read(frame.data.rstrip(b"\r\n"))
    if frame.text is None:
        assert code == frame.refused
    else:
        assert code == ScannedCode(text=frame.text, symbology=Symbology(frame.symbology) if frame.symbology else None)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("]E03760123456785", Refusal.CHECK_DIGIT),
        ("]E0376012345678X", Refusal.NOT_DIGITS),
        ("]E037601234", Refusal.WRONG_LENGTH),
        ("]E437601234", Refusal.CHECK_DIGIT),
        ("]E112", Refusal.ADD_ON),
        ("]E251299", Refusal.ADD_ON),
        ("]I0M123", Refusal.NOT_DIGITS),
        ("012345678904", Refusal.CHECK_DIGIT),
        ("3760123456785", Refusal.CHECK_DIGIT),
        ("]C10110012345678903", Refusal.CHECK_DIGIT),
        ("]C1011001234", Refusal.CHECK_DIGIT),
        ("]C0", Refusal.EMPTY),
        ("   ", Refusal.EMPTY),
        ("]Q1caf\u00e9\u0085", Refusal.NOT_TEXT),
        ("]Q1\u202e321", Refusal.NOT_TEXT),
        (b"]Q1caf\xe9", Refusal.NOT_TEXT),
        (b"37601\x9923456784", Refusal.NOT_TEXT),
        ("4111111111111111", Refusal.PAYMENT_CARD),
        ("]C04111111111111111", Refusal.PAYMENT_CARD),
        ("]Q14111 1111 1111 1111", Refusal.PAYMENT_CARD),
        ("]j04111111111111111", Refusal.PAYMENT_CARD),
        ("]I0378282246310005", Refusal.PAYMENT_CARD),
        ("%B4111111111111111^DOE/JANE^2912?;4111111111111111=2912?", Refusal.PAYMENT_CARD),
    ],
)
def test_what_is_refused_says_why(text: str | bytes, refusal: Refusal) -> None:
    assert read(text) == refusal


@pytest.mark.parametrize(
    ("text", "symbology", "code"),
    [
        ("]E0012345678905", Symbology.EAN13, "012345678905"),
        ("]C1https", Symbology.GS1_128, "https"),
        ("]C4=W1234", Symbology.CODE128, "=W1234"),
        ("]A0M123", Symbology.CODE39, "M123"),
        ("]F0A123B", Symbology.CODABAR, "A123B"),
        ("]Q2\\000026H\u00e9l\u00e8ne\\\\1", Symbology.QR, "H\u00e9l\u00e8ne\\1"),
        ("]Q1\\000026", Symbology.QR, "\\000026"),
        ("]Q1\ufeffM-1", Symbology.QR, "M-1"),
        ("]d10 1", Symbology.DATA_MATRIX, "0 1"),
        ("]j0M-1", Symbology.OTHER, "M-1"),
        ("]", None, "]"),
        ("]é0M", None, "]é0M"),
        ("M-000123 ", None, "M-000123"),
        ("10012345678902", None, "10012345678902"),
        ("123456", None, "123456"),
    ],
)
def test_what_is_read(text: str, symbology: Symbology | None, code: str) -> None:
    assert read(text) == ScannedCode(text=code, symbology=symbology)


def test_a_declared_prefix_reads_a_card_that_looks_like_a_payment_number() -> None:
    assert read("]C06299123456789012", PLAIN) == Refusal.PAYMENT_CARD
    own = CardFormats(card_prefixes=("6299",))
    assert read("]C06299123456789012", own) == ScannedCode(text="6299123456789012", symbology=Symbology.CODE128)


def test_bare_numbers_of_a_chain_need_no_check_digit_when_the_configuration_says_so() -> None:
    assert read("37601234", CardFormats(check_bare_gtin=False)) == ScannedCode(text="37601234", symbology=None)
    assert read("]E437601234", CardFormats(check_bare_gtin=False)) == Refusal.CHECK_DIGIT


@given(st.binary(min_size=1, max_size=64))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    code = read(data)
    assert isinstance(code, Refusal) or code.text


@given(st.text("0123456789", min_size=15, max_size=19), st.sampled_from(["", "]C0", "]Q1", "]I0", "]X0", "]j1"]))
def test_an_identifier_changes_nothing_about_payment_cards(digits: str, identifier: str) -> None:
    refused = read(digits) == Refusal.PAYMENT_CARD
    assert (read(identifier + digits) == Refusal.PAYMENT_CARD) == refused


def test_every_row_of_the_table_is_a_letter_and_at_most_a_modifier() -> None:
    assert all(re.fullmatch(r"[A-Za-z][0-9A-Za-z]?", identifier) for identifier in FORMATS)
