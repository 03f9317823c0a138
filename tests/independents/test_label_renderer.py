"""What we send to label printers, drawn by a renderer of ZPL by others and read by a decoder."""

import subprocess

import pytest

from daemon.domain.badge_text import Emphasis
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.slip import Slip, SlipLine
from daemon.drivers.printer_language import Form
from daemon.drivers.zpl import Zpl
from tests.fakes.badges import codes_on, order
from tests.independents.environments import zpl_renderer

EAN, CODE128, QR = "EAN13", "Code128", "QRCode"


def drawn(label: bytes, *, dots_per_mm: int = 8, height_mm: float = 86) -> bytes:
    command = [*zpl_renderer(), "54", str(height_mm), str(dots_per_mm)]
    return subprocess.run(command, input=label, capture_output=True, check=True, timeout=60).stdout


@pytest.mark.feature("D2.2", "D3.3")
@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(
    ("number", "wish", "kind"),
    [
        ("2900042187005", SymbolWish.BARS, EAN),
        ("2900042187005", SymbolWish.QR, QR),
        ("M-000123", SymbolWish.BARS, CODE128),
    ],
)
def test_the_number_on_a_label_is_read(form: Form, dpi: int, number: str, wish: SymbolWish, kind: str) -> None:
    language = Zpl(dots_per_mm=8 if dpi == 203 else 300 / 25.4, form=form)
    label = language.badge(order(number=number, wish=wish, last_name="Lebœuf — 3 €"), duplicata=True)
    assert label.findings == ()
    assert codes_on(drawn(label.data, dots_per_mm=8 if dpi == 203 else 12)) == [(kind, number)]


@pytest.mark.feature("D3.4")
def test_signs_that_mean_something_to_the_printer_are_letters_like_others() -> None:
    slip = Slip(lines=(SlipLine(text="^XZ ~JA _41 \\& é œ €", emphasis=Emphasis.BOLD),), code="2900042187005")
    label = Zpl(form=Form.TEXT).slip(slip, duplicata=False)
    assert codes_on(drawn(label.data, height_mm=40)) == [(EAN, "2900042187005")]
    assert b"^XZ ~JA" not in label.data


@pytest.mark.feature("D3.4")
def test_accents_ligatures_and_the_euro_in_the_letters_of_the_printer_are_what_they_are() -> None:
    texts = ("Lebeuf", "Lebéuf", "Lebœuf", "Leboeuf", "Leb?uf", "Leb€uf", "Lebuf")
    pictures = {}
    for text in texts:
        label = Zpl(form=Form.TEXT).slip(Slip(lines=(SlipLine(text=text),)), duplicata=False)
        assert label.findings == ()
        pictures[text] = drawn(label.data, height_mm=20)
    assert len(set(pictures.values())) == len(texts)


def test_a_picture_is_small_on_the_wire() -> None:
    assert len(Zpl().badge(order(), duplicata=False).data) < 6000
