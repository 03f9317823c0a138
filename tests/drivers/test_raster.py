import io
from pathlib import Path

import pytest
from PIL import Image, features

from daemon.domain.badge import Shape
from daemon.domain.card_symbol import Symbology
from daemon.drivers.raster import FONT_FILE, Sheet, Typeface, open_picture, symbol_rows
from daemon.errors import OperatorMistake
from tests.fakes.badges import codes_on, logo_png

FRENCH = "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ€«»’“”–—…°"


@pytest.fixture(scope="module")
def typeface() -> Typeface:
    return Typeface()


def picture(sheet: Sheet) -> Image.Image:
    return Image.open(io.BytesIO(sheet.png()))


def words(text: str, typeface: Typeface, size: int = 40) -> bytes:
    sheet = Sheet(400, 60)
    sheet.words((10, 45), text, typeface.font(size, 700), white=False, extras=None)
    return b"".join(sheet.rows())


def test_the_font_is_shipped_with_its_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONT_FILE.parent / "OFL.txt").read_text("utf-8")


def test_the_font_has_every_letter_of_french(typeface: Typeface) -> None:
    assert typeface.lacks(FRENCH) == frozenset()


def test_the_font_says_what_it_lacks_and_a_space_is_not_lacking(typeface: Typeface) -> None:
    assert typeface.lacks("Жанна 中 a") == frozenset("Жан中")


def test_accents_and_ligatures_are_drawn_as_themselves(typeface: Typeface) -> None:
    drawn = {text: words(text, typeface) for text in ("e", "é", "è", "ê", "oe", "œ", "€", "?")}
    assert len(set(drawn.values())) == len(drawn)


def test_a_width_is_in_proportion_and_heavier_letters_are_wider(typeface: Typeface) -> None:
    assert typeface.width("Kermarrec", 80, 400) == pytest.approx(2 * typeface.width("Kermarrec", 40, 400), abs=3)
    assert typeface.width("Kermarrec", 40, 800) > typeface.width("Kermarrec", 40, 300)


def test_zero_can_be_told_from_the_letter_where_the_system_can_shape_text(typeface: Typeface) -> None:
    assert typeface.extras(slashed_zero=True) in (["zero"], None)
    assert typeface.extras(slashed_zero=False) is None


def test_without_text_shaping_zeros_are_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda _feature: False)
    assert Typeface().extras(slashed_zero=True) is None


@pytest.mark.parametrize(
    ("symbology", "text", "modules"), [(Symbology.EAN13, "2900042187005", 95), (Symbology.QR, "2900042187005", 21)]
)
def test_a_symbol_has_its_modules(typeface: Typeface, symbology: Symbology, text: str, modules: int) -> None:
    assert typeface.modules(symbology, text) == modules


@pytest.mark.parametrize(
    ("symbology", "text", "format_name", "height"),
    [
        (Symbology.EAN13, "2900042187005", "EAN13", 80),
        (Symbology.CODE128, "M-000123", "Code128", 80),
        (Symbology.CODE128, "3760123456785", "Code128", 80),
        (Symbology.QR, "C-2024-É€", "QRCode", None),
    ],
)
def test_a_drawn_symbol_is_read_by_a_decoder(
    symbology: Symbology, text: str, format_name: str, height: int | None
) -> None:
    sheet = Sheet(600, 200)
    sheet.symbol((60, 40), symbol_rows(symbology, text), 3, height)
    assert [(name.replace("-", ""), read) for name, read in codes_on(sheet.png())] == [(format_name, text)]


def test_a_sheet_has_one_bit_a_dot_most_significant_left() -> None:
    sheet = Sheet(12, 2)
    sheet.shape(Shape(x=0, y=0, width=1, height=1))
    sheet.shape(Shape(x=9, y=1, width=3, height=1))
    assert sheet.rows() == [b"\x80\x00", b"\x00\x70"]
    assert (sheet.width, sheet.height) == (12, 2)


def test_rows_become_a_sheet_again() -> None:
    rows = [b"\x80\x01", b"\x00\xff"]
    assert Sheet.from_rows(rows, 16).rows() == rows
    assert Sheet.from_rows([], 16).rows() == [b"\0\0"]


def test_shapes_are_filled_outlined_rounded_and_white() -> None:
    sheet = Sheet(40, 40)
    sheet.shape(Shape(x=0, y=0, width=40, height=40, radius=12, square_below=True))
    sheet.shape(Shape(x=10, y=10, width=4, height=4, white=True))
    drawn = picture(sheet)
    assert [drawn.getpixel(at) for at in ((0, 0), (0, 39), (20, 20), (11, 11))] == [255, 0, 0, 255]
    outline = Sheet(40, 40)
    outline.shape(Shape(x=0, y=0, width=40, height=40, filled=False))
    assert [picture(outline).getpixel(at) for at in ((1, 1), (20, 20))] == [0, 255]


def test_a_png_is_black_and_white_and_can_be_enlarged() -> None:
    shown = Image.open(io.BytesIO(Sheet(10, 5).png(enlarge=3)))
    assert (shown.mode, shown.size, shown.format) == ("1", (30, 15), "PNG")


def test_a_logo_is_a_stencil_and_its_transparent_parts_are_no_ink() -> None:
    sheet = Sheet(20, 20)
    sheet.shape(Shape(x=0, y=0, width=20, height=20))
    sheet.picture((0, 0), (20, 20), logo_png(), white=True)
    assert [picture(sheet).getpixel(at) for at in ((0, 0), (10, 10))] == [0, 255]


@pytest.mark.parametrize("raw", [b"", b"GIF89a", logo_png()[:60]])
def test_what_is_no_picture_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(OperatorMistake, match="the logo is not a picture"):
        open_picture(raw)


def test_a_logo_as_large_as_a_wall_is_refused(tmp_path: Path) -> None:
    Image.new("1", (4000, 2000)).save(tmp_path / "wall.png")
    with pytest.raises(OperatorMistake, match="more than"):
        open_picture((tmp_path / "wall.png").read_bytes())
