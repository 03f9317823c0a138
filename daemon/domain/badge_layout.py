"""Where everything stands on a badge: one table in millimetres, one composer for every card. Pure.

A black head with the chain and the name, like the card on the screen of the till; a white foot that scanners read.
The foot is as high as it is on every card, the head takes the rest.
"""

from dataclasses import dataclass

from daemon.domain.badge import (
    DUPLICATA_WORD,
    BadgeFace,
    Card,
    Composition,
    Element,
    Finding,
    FindingKind,
    Logo,
    Shape,
    Slot,
    Symbol,
    Typesetter,
    Words,
)
from daemon.domain.card_symbol import (
    QR_MODULE_DOTS,
    QUIET_MODULES,
    SymbolChoice,
    Symbology,
    SymbolWish,
    choose_symbol,
    number_as_read,
)
from daemon.domain.text_fit import Fitted, Room, fit, spelled

DOTS_PER_MM = 8
MARGIN_MM = 4.5
CORNER_MM = 3.2
"""The corner of ISO/IEC 7810 ID-1."""

FOOT_MM = 40.0
HEADLINE_TOP_MM = 5.0
LOGO_MM = 10.0
LOGO_GAP_MM = 2.5
TITLE_GAP_MM = 2.4
NAME_BOTTOM_MM = 5.0
NAME_GAP_MM = 4.0
"""Above a name that is as high as it can be: room for the accent of a capital."""

BARS_MM = 15.0
QR_MM = 20.0
NUMBER_GAP_MM = 2.4
NOTE_BOTTOM_MM = 4.2
STAMP_PADDING_MM = 0.9

LEADING = 1.04
CAP_HEIGHT = 0.67
"""Height of a capital over the font size, of the face that we ship: a text is placed by what the eye sees of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeStyle:
    """How the text of a slot may look: font sizes in mm, weight of a variable font, lines and their height in mm."""

    size_mm: float
    size_mm_min: float
    weight: int
    height_mm: float
    lines_max: int = 1
    white: bool = False
    slashed_zero: bool = False


STYLES: dict[Slot, TypeStyle] = {
    Slot.CHAIN: TypeStyle(size_mm=5.2, size_mm_min=2.5, weight=700, height_mm=10.0, lines_max=2, white=True),
    Slot.TITLE: TypeStyle(size_mm=3.3, size_mm_min=2.4, weight=480, height_mm=3.0, white=True),
    Slot.NAME: TypeStyle(size_mm=10.5, size_mm_min=3.6, weight=780, height_mm=20.0, lines_max=4, white=True),
    Slot.NUMBER: TypeStyle(size_mm=4.6, size_mm_min=2.2, weight=560, height_mm=4.0, slashed_zero=True),
    Slot.NOTE: TypeStyle(size_mm=3.1, size_mm_min=2.4, weight=480, height_mm=3.0),
}
STAMP = TypeStyle(size_mm=2.9, size_mm_min=2.9, weight=780, height_mm=3.0)


def compose(
    face: BadgeFace,
    card: Card,
    typesetter: Typesetter,
    *,
    duplicata: bool = False,
    logo_px: tuple[int, int] | None = None,
) -> Composition:
    """Lay the face out on the card; `logo_px` is the width and height of the logo's picture."""
    page = _Page(card, typesetter)
    page.ground()
    left = page.logo(logo_px) if logo_px else dots(MARGIN_MM)
    page.name(face, below=page.headline(face, left, duplicata=duplicata))
    page.foot(face)
    return Composition(card=card, elements=tuple(page.elements), findings=tuple(page.findings))


def dots(millimetres: float) -> int:
    """Millimetres in whole dots."""
    return round(millimetres * DOTS_PER_MM)


def _cap(size: int) -> int:
    return round(size * CAP_HEIGHT)


class _Page:
    """A card being filled."""

    def __init__(self, card: Card, typesetter: Typesetter) -> None:
        self._card = card
        self._typesetter = typesetter
        self._head = card.height - dots(FOOT_MM)
        self._right = card.width - dots(MARGIN_MM)
        self.elements: list[Element] = []
        self.findings: list[Finding] = []

    def ground(self) -> None:
        """The outline to cut along, and the black head."""
        card, radius = self._card, dots(CORNER_MM)
        if card.outlined:
            self.elements.append(Shape(x=0, y=0, width=card.width, height=card.height, radius=radius, filled=False))
        head = Shape(x=0, y=0, width=card.width, height=self._head, radius=radius, square_below=True)
        self.elements.append(head)

    def logo(self, px: tuple[int, int]) -> int:
        """Fit the logo into its square; returns where the text beside it starts."""
        side = dots(LOGO_MM)
        width, height = (max(1, round(length * side / max(px))) for length in px)
        x = dots(MARGIN_MM)
        y = dots(HEADLINE_TOP_MM) + (side - height) // 2
        self.elements.append(Logo(x=x, y=y, width=width, height=height))
        return x + width + dots(LOGO_GAP_MM)

    def headline(self, face: BadgeFace, left: int, *, duplicata: bool) -> int:
        """The chain, below it what the card is, and the stamp of a copy; returns the lowest edge."""
        chain = self._fitted(Slot.CHAIN, [face.chain], self._right - left)
        baseline = self._stack(Slot.CHAIN, chain, left, dots(HEADLINE_TOP_MM) + _cap(chain.size))
        row = dots(TITLE_GAP_MM) + _cap(dots(STYLES[Slot.TITLE].size_mm))
        title = self._fitted(Slot.TITLE, [face.title], self._right - left)
        baseline = self._stack(Slot.TITLE, title, left, baseline + row)
        if duplicata:
            width = self._typesetter.width(title.lines[0], title.size, STYLES[Slot.TITLE].weight)
            baseline = self._stamp(left, left + width, baseline, row)
        return baseline

    def name(self, face: BadgeFace, *, below: int) -> None:
        """First and last name, as large as both can be, standing on the lower edge of the head."""
        lowest = self._head - dots(NAME_BOTTOM_MM)
        names = [part for part in (face.first_name, face.last_name) if part]
        name = self._fitted(Slot.NAME, names, height=lowest - below - dots(NAME_GAP_MM))
        self._stack(Slot.NAME, name, dots(MARGIN_MM), lowest - round(name.size * LEADING) * (len(name.lines) - 1))

    def foot(self, face: BadgeFace) -> None:
        """Symbol and number, as one block in the middle of what the note leaves."""
        note_top = self._note(face.note)
        number = self._fitted(Slot.NUMBER, [number_as_read(face.number)])
        choice = self._symbol_choice(face)
        symbol_height = _symbol_height(choice)
        block = symbol_height + dots(NUMBER_GAP_MM) + _cap(number.size)
        top = self._head + (note_top - self._head - block) // 2
        if choice:
            x = (self._card.width - choice.width_dots) // 2
            self.elements.append(Symbol(x=x, y=top, height=symbol_height, choice=choice, text=face.number))
        self._centred(Slot.NUMBER, number, top + block)

    def _note(self, note: str) -> int:
        """Returns the top of the note, or of the white margin that stands for it."""
        baseline = self._card.height - dots(NOTE_BOTTOM_MM)
        if not note:
            return self._card.height
        fitted = self._fitted(Slot.NOTE, [note])
        self._centred(Slot.NOTE, fitted, baseline)
        return baseline - _cap(fitted.size)

    def _symbol_choice(self, face: BadgeFace) -> SymbolChoice | None:
        quiet = 2 * QUIET_MODULES[Symbology.QR] * QR_MODULE_DOTS[0]
        rooms = {
            Symbology.EAN13: self._card.width,
            Symbology.CODE128: self._card.width,
            Symbology.QR: dots(QR_MM) + quiet,
        }
        choice = choose_symbol(face.number, face.wish, rooms, self._typesetter.modules)
        if choice is None:
            self.findings.append(Finding(kind=FindingKind.NO_SYMBOL, slot=Slot.SYMBOL))
        elif choice.symbology is Symbology.QR and face.wish is not SymbolWish.QR:
            self.findings.append(Finding(kind=FindingKind.OTHER_SYMBOL, slot=Slot.SYMBOL, detail=choice.symbology))
        return choice

    def _stamp(self, left: int, title_end: int, baseline: int, row: int) -> int:
        """DUPLICATA in a white box at the end of the title's row, or on a row of its own; returns its lowest edge."""
        size, padding = dots(STAMP.size_mm), dots(STAMP_PADDING_MM)
        width = self._typesetter.width(DUPLICATA_WORD, size, STAMP.weight) + 2 * padding
        x = self._right - width
        if x < title_end + 2 * padding:
            x, baseline = left, baseline + row + padding
        y, height = baseline - _cap(size) - padding, _cap(size) + 2 * padding
        box = Shape(x=x, y=y, width=width, height=height, radius=padding, white=True)
        words = Words(x=x + padding, baseline=baseline, text=DUPLICATA_WORD, size=size, weight=STAMP.weight)
        self.elements += [box, words]
        return baseline + padding

    def _fitted(self, slot: Slot, texts: list[str], width: int | None = None, height: int | None = None) -> Fitted:
        style = STYLES[slot]
        said = [spelled(text, self._typesetter.lacks) for text in texts]
        missing = "".join(dict.fromkeys("".join("".join(part.missing) for part in said)))
        if missing:
            self.findings.append(Finding(kind=FindingKind.MISSING_GLYPH, slot=slot, detail=missing))
        room = Room(
            width=self._card.width - 2 * dots(MARGIN_MM) if width is None else width,
            height=min(dots(style.height_mm), height or dots(style.height_mm)),
            size_max=dots(style.size_mm),
            size_min=dots(style.size_mm_min),
            lines_max=style.lines_max,
            leading=LEADING,
            cap_height=CAP_HEIGHT,
        )
        fitted = fit(
            [part.text for part in said],
            room,
            lambda text, size: self._typesetter.width(text, size, style.weight),
        )
        if fitted.shortened:
            self.findings.append(Finding(kind=FindingKind.SHORTENED, slot=slot))
        return fitted

    def _stack(self, slot: Slot, fitted: Fitted, left: int, baseline: int) -> int:
        """Set lines below one another from the left; returns the last baseline."""
        for number, line in enumerate(fitted.lines):
            self._words(slot, line, fitted.size, left, baseline + number * round(fitted.size * LEADING))
        return baseline + (len(fitted.lines) - 1) * round(fitted.size * LEADING)

    def _centred(self, slot: Slot, fitted: Fitted, baseline: int) -> None:
        for line in fitted.lines:
            width = self._typesetter.width(line, fitted.size, STYLES[slot].weight)
            self._words(slot, line, fitted.size, (self._card.width - width) // 2, baseline)

    def _words(self, slot: Slot, text: str, size: int, x: int, baseline: int) -> None:
        style = STYLES[slot]
        words = Words(
            x=x,
            baseline=baseline,
            text=text,
            size=size,
            weight=style.weight,
            white=style.white,
            slashed_zero=style.slashed_zero,
        )
        self.elements.append(words)


def _symbol_height(choice: SymbolChoice | None) -> int:
    if choice is None:
        return 0
    return choice.width_dots if choice.symbology is Symbology.QR else dots(BARS_MM)
