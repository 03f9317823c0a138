from dataclasses import replace
from itertools import combinations

import pytest
from typing_extensions import override

from daemon.domain.badge import (
    CARD_SIZES,
    CARDS,
    BadgeFace,
    Card,
    Composition,
    Element,
    FindingKind,
    Logo,
    Shape,
    Slot,
    Symbol,
    Words,
)
from daemon.domain.badge_layout import compose
from daemon.domain.card_symbol import QUIET_MODULES, Symbology, SymbolWish

FACE = BadgeFace(
    chain="Maison Kermarrec",
    title="Carte de fidélité",
    first_name="Sophie",
    last_name="Lefèvre",
    number="3760123456784",
    note="À présenter à chaque achat",
)
ALL_CARDS = pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)


class SquareLetters:
    """A typeface whose letters are 0.55 of their size wide and that knows no Cyrillic."""

    def width(self, text: str, size: int, weight: int) -> int:
        assert 200 <= weight <= 800
        return -(-len(text) * size * 55 // 100)

    def lacks(self, text: str) -> frozenset[str]:
        return frozenset(character for character in text if "Ѐ" <= character <= "ӿ")

    def modules(self, symbology: Symbology, text: str) -> int:
        return {Symbology.EAN13: 95, Symbology.CODE128: 11 * len(text) + 35, Symbology.QR: 21}[symbology]


def composed(face: BadgeFace = FACE, card: Card = CARDS["cr80"], *, duplicata: bool = False) -> Composition:
    return compose(face, card, SquareLetters(), duplicata=duplicata)


def words(layout: Composition) -> dict[str, Words]:
    return {element.text: element for element in layout.elements if isinstance(element, Words)}


def symbol(layout: Composition) -> Symbol:
    return next(element for element in layout.elements if isinstance(element, Symbol))


def box(element: Element) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the eye sees."""
    match element:
        case Words(x=x, baseline=baseline, text=text, size=size):
            return x, baseline - round(size * 0.67), x + SquareLetters().width(text, size, 400), baseline
        case Symbol(x=x, y=y, height=height, choice=choice):
            return x, y, x + choice.width_dots, y + height
        case Shape(x=x, y=y, width=width, height=height) | Logo(x=x, y=y, width=width, height=height):
            return x, y, x + width, y + height


@ALL_CARDS
def test_everything_stands_on_the_card(card: Card) -> None:
    for element in composed(card=card, duplicata=True).elements:
        left, top, right, bottom = box(element)
        assert 0 <= left < right <= card.width
        assert 0 <= top < bottom <= card.height


@ALL_CARDS
@pytest.mark.parametrize("wish", SymbolWish)
@pytest.mark.parametrize("chain", ["Kermarrec", "Les Jardins de la Baie des Trépassés"])
@pytest.mark.parametrize("logo_px", [None, (400, 400)])
@pytest.mark.parametrize(
    ("first", "last"), [("Zoë", "Ly"), ("", "Coeur d'Étoffe & Fils"), ("Marie-Antoinette", "de La Roche-Montmorency")]
)
def test_nothing_stands_on_anything_else(
    card: Card, wish: SymbolWish, chain: str, logo_px: tuple[int, int] | None, first: str, last: str
) -> None:
    face = replace(FACE, first_name=first, last_name=last, wish=wish, chain=chain)
    layout = compose(face, card, SquareLetters(), duplicata=True, logo_px=logo_px)
    boxes = [box(element) for element in layout.elements if not isinstance(element, Shape)]
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] < other[1] or other[3] < one[1]
    assert layout.findings == ()


@ALL_CARDS
def test_the_bars_keep_their_quiet_zones_and_their_height(card: Card) -> None:
    bars = symbol(composed(card=card))
    quiet = QUIET_MODULES[Symbology.EAN13] * bars.choice.module_dots
    assert bars.choice.module_dots == 3
    assert bars.x >= quiet
    assert bars.x + bars.choice.width_dots + quiet <= card.width
    assert bars.height >= 70


def test_the_name_is_the_largest_thing_and_stands_in_white_on_black() -> None:
    said = words(composed())
    assert said["Sophie"].size == said["Lefèvre"].size == max(word.size for word in said.values())
    assert said["Sophie"].white
    assert said["Sophie"].baseline < said["Lefèvre"].baseline


def test_the_number_has_zeros_that_are_not_letters() -> None:
    assert words(composed())["3 760123 456784"].slashed_zero


@ALL_CARDS
def test_only_a_card_that_is_cut_out_of_a_roll_is_outlined(card: Card) -> None:
    outlines = [shape for shape in composed(card=card).elements if isinstance(shape, Shape) and not shape.filled]
    assert bool(outlines) is card.outlined


def test_a_copy_is_stamped_beside_the_title_or_below_a_long_one() -> None:
    beside = words(composed(replace(FACE, title="Carte"), duplicata=True))
    assert beside["DUPLICATA"].baseline == beside["Carte"].baseline
    below = words(composed(replace(FACE, title="Carte de fidélité permanente"), duplicata=True))
    assert below["DUPLICATA"].baseline > below["Carte de fidélité permanente"].baseline
    assert "DUPLICATA" not in words(composed())


def test_a_logo_moves_the_chain_aside_and_keeps_its_shape() -> None:
    layout = compose(FACE, CARDS["cr80"], SquareLetters(), logo_px=(400, 200))
    logo = next(element for element in layout.elements if isinstance(element, Logo))
    assert (logo.width, logo.height) == (80, 40)
    assert words(layout)["Carte de fidélité"].x > logo.x + logo.width


def test_a_badge_without_a_note_moves_the_symbol_to_the_middle() -> None:
    without = composed(replace(FACE, note=""))
    assert symbol(without).y > symbol(composed()).y
    assert FACE.note not in words(without)


def test_what_the_font_lacks_is_replaced_and_reported() -> None:
    layout = composed(replace(FACE, first_name="Жанна"))
    assert "?????" in words(layout)
    assert [(found.kind, found.slot, found.detail) for found in layout.findings] == [
        (FindingKind.MISSING_GLYPH, Slot.NAME, "Жан")
    ]


def test_a_name_beyond_all_measure_is_shortened_and_reported() -> None:
    layout = composed(replace(FACE, last_name="x" * 200))
    assert [(found.kind, found.slot) for found in layout.findings] == [(FindingKind.SHORTENED, Slot.NAME)]


def test_a_number_too_long_for_bars_is_a_qr_code_and_reported() -> None:
    layout = composed(replace(FACE, number="C-2024-ABCDEF-99817712"))
    assert symbol(layout).choice.symbology is Symbology.QR
    assert [found.kind for found in layout.findings] == [FindingKind.OTHER_SYMBOL]
    assert composed(replace(FACE, wish=SymbolWish.QR)).findings == ()


def test_a_number_that_no_symbol_holds_is_reported() -> None:
    class NoSymbol(SquareLetters):
        @override
        def modules(self, symbology: Symbology, text: str) -> int:
            return 500

    layout = compose(FACE, CARDS["cr80"], NoSymbol())
    assert [found.kind for found in layout.findings] == [FindingKind.NO_SYMBOL]
    assert not any(isinstance(element, Symbol) for element in layout.elements)


def test_a_card_is_as_large_in_millimetres_at_every_printer() -> None:
    assert [CARD_SIZES["cr80"].at(density).width for density in (8, 11.811, 23.622)] == [432, 638, 1276]
