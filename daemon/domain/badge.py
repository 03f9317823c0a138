"""The badge in words: what it says, on which card, and what a laid out one is made of. Pure values.

    face (what is said) + design (how it looks) + card (how large) > badge_layout.compose > what is where > a picture
    face + design > badge_text.text_badge > lines for a printer that draws its own letters

Nothing is left out silently: what a font or a code page lacks, what had to be shortened and a symbol other than the
one wished for are findings, which the preview shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from daemon.domain.card_symbol import DOTS_PER_MM, SymbolChoice, Symbology, SymbolWish

DUPLICATA_WORD = "DUPLICATA"
"""On every copy that is not the first; a term of the trade, never translated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgeFace:
    """What a badge says. Personal, so it hides itself in `repr`."""

    chain: str
    title: str
    number: str = field(repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    """A company has its whole name here and no first name."""
    note: str = ""
    wish: SymbolWish = SymbolWish.BARS


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A size of badge in dots; `outlined` where it has to be cut out of a roll."""

    width: int
    height: int
    outlined: bool
    dots_per_mm: float = DOTS_PER_MM

    def dots(self, millimetres: float) -> int:
        """Millimetres in whole dots of this card."""
        return round(millimetres * self.dots_per_mm)


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSize:
    """A size of badge in millimetres."""

    width_mm: float
    height_mm: float
    outlined: bool

    def at(self, dots_per_mm: float) -> Card:
        """The card in the dots of a printer: 8 to the millimetre at 203 dpi, 11.8 at 300, 23.6 at 600."""
        return Card(
            width=round(self.width_mm * dots_per_mm),
            height=round(self.height_mm * dots_per_mm),
            outlined=self.outlined,
            dots_per_mm=dots_per_mm,
        )


CARD_SIZES: Mapping[str, CardSize] = {
    "paper_80": CardSize(width_mm=54.0, height_mm=85.6, outlined=True),
    "paper_58": CardSize(width_mm=48.0, height_mm=80.0, outlined=True),
    "cr80": CardSize(width_mm=54.0, height_mm=85.6, outlined=False),
}
"""CR80 is 54 x 85.6 mm: it fits the 576 dots of an 80 mm roll, not the 384 of a 58 mm one."""

CARDS: Mapping[str, Card] = {name: size.at(DOTS_PER_MM) for name, size in CARD_SIZES.items()}
"""The cards at 203 dpi, as receipt printers print them."""


class Slot(StrEnum):
    """A place of the badge."""

    CHAIN = "chain"
    TITLE = "title"
    NAME = "name"
    SYMBOL = "symbol"
    NUMBER = "number"
    NOTE = "note"
    TEXT = "text"
    """A line of a slip."""


class FindingKind(StrEnum):
    """What could not be printed as asked."""

    MISSING_GLYPH = "missing_glyph"
    SHORTENED = "shortened"
    OTHER_SYMBOL = "other_symbol"
    NO_SYMBOL = "no_symbol"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing the operator should know before the badge is handed over. `detail` may hold letters of a name."""

    kind: FindingKind
    slot: Slot
    detail: str = field(default="", repr=False)


# ---- a laid out badge; all in dots from the top left corner ----------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A rectangle with round corners; `square_below` leaves the lower two square; not filled means its outline."""

    x: int
    y: int
    width: int
    height: int
    radius: int = 0
    square_below: bool = False
    white: bool = False
    filled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One line of text, by the left end of its baseline."""

    x: int
    baseline: int
    text: str = field(repr=False)
    size: int
    weight: int
    white: bool = False
    slashed_zero: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbol:
    """A bar code or a QR code, by its top left module; its quiet zones are white around it."""

    x: int
    y: int
    height: int
    choice: SymbolChoice
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Logo:
    """Where the logo goes, white on black."""

    x: int
    y: int
    width: int
    height: int


Element: TypeAlias = Shape | Words | Symbol | Logo


@dataclass(frozen=True, kw_only=True, slots=True)
class Composition:
    """A badge ready to be drawn."""

    card: Card
    elements: tuple[Element, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What the screen shows before printing: a PNG of the very dots that would be printed."""

    png: bytes = field(repr=False)
    findings: tuple[Finding, ...]


class Typesetter(Protocol):
    """What a layout asks of the room that has fonts and encoders."""

    def width(self, text: str, size: int, weight: int) -> int:
        """How wide a line of text is, in dots."""
        ...

    def lacks(self, text: str) -> frozenset[str]:
        """The characters that have no glyph."""
        ...

    def modules(self, symbology: Symbology, text: str) -> int:
        """Modules across a symbol, quiet zones not counted."""
        ...
