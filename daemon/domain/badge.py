"""The badge in words: what it says, on which card, and what a laid out one is made of. Pure values.

    face (what is said) + card (how large) > badge_layout.compose > composition (what is where) > a picture
    face > text_badge > lines for a printer that draws its own letters

Nothing is left out silently: what a font or a code page lacks, what had to be shortened and a symbol other than the
one wished for are findings, which the preview shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from daemon.domain.card_symbol import SymbolChoice, Symbology, SymbolWish
from daemon.domain.text_fit import spelled

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
    """A size of badge in dots of 1/8 mm (203 dpi); `outlined` where it has to be cut out of a roll."""

    width: int
    height: int
    outlined: bool


CARDS: Mapping[str, Card] = {
    "paper_80": Card(width=432, height=685, outlined=True),
    "paper_58": Card(width=384, height=640, outlined=True),
    "cr80": Card(width=432, height=685, outlined=False),
}
"""CR80 is 54 x 85.6 mm: it fits the 576 dots of an 80 mm roll, not the 384 of a 58 mm one."""


class Slot(StrEnum):
    """A place of the badge."""

    CHAIN = "chain"
    TITLE = "title"
    NAME = "name"
    SYMBOL = "symbol"
    NUMBER = "number"
    NOTE = "note"


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


# ---- the badge of a printer that draws its own letters ---------------------------------------------------------------

TEXT_CODEC = "cp1252"
"""Code page WPC1252: unlike CP858 it has œ and the dashes beside é and €."""


class Emphasis(StrEnum):
    """How a line of a text badge is set."""

    PLAIN = "plain"
    BOLD = "bold"
    LARGE = "large"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One centred line."""

    text: str = field(repr=False)
    emphasis: Emphasis = Emphasis.PLAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class TextBadge:
    """The lines above the symbol, those below, and what could not be said."""

    above: tuple[TextLine, ...]
    below: tuple[TextLine, ...]
    findings: tuple[Finding, ...]


def text_badge(face: BadgeFace, columns: int, *, duplicata: bool = False) -> TextBadge:
    """The face in lines of at most `columns` characters; a large line has half as many."""
    findings: list[Finding] = []

    def line(slot: Slot, text: str, emphasis: Emphasis) -> list[TextLine]:
        if not text:
            return []
        said = spelled(text, _outside_code_page)
        if said.missing:
            findings.append(Finding(kind=FindingKind.MISSING_GLYPH, slot=slot, detail="".join(said.missing)))
        room = columns // 2 if emphasis is Emphasis.LARGE else columns
        if len(said.text) > room and emphasis is Emphasis.LARGE:
            emphasis, room = Emphasis.BOLD, columns
        if len(said.text) > room:
            findings.append(Finding(kind=FindingKind.SHORTENED, slot=slot))
        return [TextLine(text=said.text[:room], emphasis=emphasis)]

    above = [
        *line(Slot.CHAIN, face.chain, Emphasis.BOLD),
        *line(Slot.TITLE, face.title, Emphasis.PLAIN),
        *([TextLine(text=DUPLICATA_WORD, emphasis=Emphasis.BOLD)] if duplicata else []),
        *line(Slot.NAME, face.first_name, Emphasis.LARGE),
        *line(Slot.NAME, face.last_name, Emphasis.LARGE),
    ]
    below = line(Slot.NOTE, face.note, Emphasis.PLAIN)
    return TextBadge(above=tuple(above), below=tuple(below), findings=tuple(findings))


def _outside_code_page(text: str) -> set[str]:
    return {character for character in text if not character.encode(TEXT_CODEC, errors="ignore")}
