"""Bars of the screen are read by an independent decoder, after an independent drawing of the path."""

import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from daemon.domain.card_symbol import Symbology
from daemon.web.barcode_svg import HEIGHT, Bars, bars_of

MODULE_PX = 3


def read(bars: Bars) -> tuple[str, str]:
    """What a decoder makes of a path of rectangles."""
    picture = Image.new("L", (bars.width * MODULE_PX, HEIGHT * MODULE_PX), 255)
    draw = ImageDraw.Draw(picture)
    for left, width, height in re.findall(r"M(\d+) 0h(\d+)v(\d+)h-\d+z", bars.path):
        x, w, h = int(left) * MODULE_PX, int(width) * MODULE_PX, int(height) * MODULE_PX
        draw.rectangle((x, 0, x + w - 1, h - 1), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text, found.format.name.lower().replace("_", "").replace("-", "")


@pytest.mark.parametrize("number", ["2900042187005", "4006381333931", "0012345678905", "9780201379624"])
def test_a_valid_ean13_is_drawn_as_one(number: str) -> None:
    bars = bars_of(number)
    assert bars is not None
    assert read(bars) == (number, Symbology.EAN13.value)


@pytest.mark.parametrize(
    "number",
    [
        "C004218",
        "2900042187",
        "29000421873",
        "12",
        "A1234567B",
        "1234A",
        "A123456",
        "AB-12 345678-9z",
        "~",
        "123456789",
    ],
)
def test_any_other_number_is_drawn_as_code_128(number: str) -> None:
    bars = bars_of(number)
    assert bars is not None
    assert read(bars) == (number, Symbology.CODE128.value)


def test_pairs_of_digits_take_half_the_room() -> None:
    digits, letters = bars_of("29000421"), bars_of("C" * 8)
    assert digits is not None
    assert letters is not None
    assert digits.width == letters.width - 4 * 11


@pytest.mark.parametrize("number", ["", "clé", "carte\n1", "9" * 41])
def test_what_no_bars_can_carry_has_none(number: str) -> None:
    assert bars_of(number) is None


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=2, max_size=24))
def test_every_printable_number_is_read_back(number: str) -> None:
    bars = bars_of(number)
    assert bars is not None
    assert read(bars)[0] == number
