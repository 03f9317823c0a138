import base64
import io

import pytest
from PIL import Image

from daemon.domain.badge import CARDS, Card, FindingKind
from daemon.domain.badge_design import BadgeDesign
from daemon.domain.card_symbol import SymbolWish
from daemon.drivers.badge_picture import draw_badge, preview_badge
from tests.fakes.badges import ORDER, codes_on, logo_png, order

ALL_CARDS = pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)


@ALL_CARDS
@pytest.mark.parametrize(
    ("number", "wish", "expected"),
    [
        ("2900042187005", SymbolWish.BARS, ("EAN13", "2900042187005")),
        ("M-000123", SymbolWish.BARS, ("Code128", "M-000123")),
        ("2900042187004", SymbolWish.BARS, ("Code128", "2900042187004")),
        ("2900042187005", SymbolWish.QR, ("QRCode", "2900042187005")),
        ("C-2024-ABCDEF-99817712", SymbolWish.BARS, ("QRCode", "C-2024-ABCDEF-99817712")),
    ],
)
def test_the_number_on_every_badge_is_read_by_a_decoder(
    card: Card, number: str, wish: SymbolWish, expected: tuple[str, str]
) -> None:
    picture = draw_badge(order(number=number, wish=wish), card)
    assert [(kind.replace("-", ""), text) for kind, text in codes_on(picture.sheet.png())] == [expected]


@ALL_CARDS
def test_a_badge_is_as_large_as_its_card(card: Card) -> None:
    sheet = draw_badge(ORDER, card).sheet
    assert (sheet.width, sheet.height) == (card.width, card.height)


def test_accents_change_the_picture() -> None:
    card = CARDS["cr80"]
    pictures = {name: draw_badge(order(first_name=name), card).sheet.png() for name in ("Helene", "Hélène", "Hêlène")}
    assert len(set(pictures.values())) == 3
    assert draw_badge(order(last_name="Lebœuf & Cie 3 €"), card).findings == ()


def test_a_letter_that_the_font_lacks_is_reported() -> None:
    findings = draw_badge(order(first_name="Ősz"), CARDS["cr80"]).findings
    assert [(found.kind, found.detail) for found in findings] == [(FindingKind.MISSING_GLYPH, "Ő")]


def test_a_logo_shows_white_on_black() -> None:
    drawn = draw_badge(order(BadgeDesign(logo=base64.b64encode(logo_png()).decode())), CARDS["cr80"]).sheet.png()
    square = Image.open(io.BytesIO(drawn)).crop((36, 40, 116, 120))
    assert [square.getpixel(at) for at in ((40, 40), (4, 4))] == [255, 0]


def test_the_preview_is_the_very_badge_enlarged() -> None:
    preview = preview_badge(ORDER, CARDS["paper_58"], duplicata=True)
    shown = Image.open(io.BytesIO(preview.png))
    drawn = Image.open(io.BytesIO(draw_badge(ORDER, CARDS["paper_58"], duplicata=True).sheet.png()))
    assert shown.size == (2 * drawn.width, 2 * drawn.height)
    assert shown.resize(drawn.size, Image.Resampling.NEAREST).tobytes() == drawn.tobytes()
