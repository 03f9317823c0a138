"""Where everything stands on a badge: a design in millimetres becomes a composition in the dots of a card. Pure."""

from dataclasses import dataclass
from typing import Final

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
from daemon.domain.badge_design import DEFAULT_DESIGN, BadgeDesign, Part
from daemon.domain.badge_text import texts_of
from daemon.domain.card_symbol import (
    QR_MODULES_MM,
    QUIET_MODULES,
    SymbolChoice,
    Symbology,
    SymbolWish,
    choose_symbol,
    number_as_read,
)
from daemon.domain.text_fit import Fitted, Room, fit, spelled

NUMBER_GAP_MM: Final = 2.4
"""Between a symbol and its number."""

NUMBER_MM: Final = 4.0
CORNER_MM: Final = 3.2
"""The corner of ISO/IEC 7810 ID-1: paper is cut along it."""

STAMP_MM, STAMP_WEIGHT, STAMP_PADDING_MM = 2.9, 780, 0.9

LEADING = 1.04
CAP_HEIGHT = 0.67
"""Height of a capital over the font size, of the face that we ship: a text is placed by what the eye sees of it."""


def compose(
    face: BadgeFace,
    card: Card,
    typesetter: Typesetter,
    *,
    design: BadgeDesign = DEFAULT_DESIGN,
    duplicata: bool = False,
    logo_px: tuple[int, int] | None = None,
) -> Composition:
    """Lay the face out on the card; `logo_px` is the width and height of the logo's picture."""
    page = _Page(face, card, typesetter, design)
    page.logo_px, page.is_copy = logo_px, duplicata
    elements = [element for part in design.parts for element in page.placed(part).elements]
    if card.outlined:
        radius = card.dots(CORNER_MM)
        outline = Shape(x=0, y=0, width=card.width, height=card.height, radius=radius, filled=False)
        elements.insert(0, outline)
    return Composition(card=card, elements=tuple(elements), findings=tuple(page.findings))


def _cap(size: int) -> int:
    return round(size * CAP_HEIGHT)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Box:
    """A part's place, in dots."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return max(1, self.right - self.left)

    @property
    def height(self) -> int:
        return max(1, self.bottom - self.top)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Placed:
    """A part as it is printed: its elements, and the edges of what the eye sees; nothing where it is not printed."""

    elements: tuple[Element, ...] = ()
    edges: _Box | None = None


class _Page:
    """A card being filled; parts are placed when somebody asks where they are."""

    def __init__(self, face: BadgeFace, card: Card, typesetter: Typesetter, design: BadgeDesign) -> None:
        self._face = face
        self._card = card
        self._typesetter = typesetter
        self._named = {part.name: part for part in design.parts if part.name}
        self._placed: dict[Part, _Placed] = {}
        self.logo_px: tuple[int, int] | None = None
        self.is_copy = False
        self.findings: list[Finding] = []

    def placed(self, part: Part) -> _Placed:
        """The part on the card; the design has no circles, so this ends."""
        if part not in self._placed:
            self._placed[part] = self._place(part, self._box(part))
        return self._placed[part]

    def _place(self, part: Part, box: _Box) -> _Placed:
        match part.part:
            case "panel":
                return self._panel(part, box)
            case "logo":
                return self._logo(box)
            case "text":
                return self._text(part, box)
            case _:
                return self._symbol(part, box)

    # ---- where -------------------------------------------------------------------------------------------------------

    def _box(self, part: Part) -> _Box:
        gap = self._card.dots(part.gap)
        beside, above, below = (self._edges(name) for name in (part.beside, part.above, part.below))
        left = beside.right + gap if beside else self._near(part.left)
        right = self._far(self._card.width, part.right)
        if part.width is not None:
            width = self._card.dots(part.width)
            left, right = (left, left + width) if part.left is not None or beside else (right - width, right)
        top, bottom = self._upright(part)
        if above:
            bottom = above.top - gap
        if below:
            is_hung = part.bottom is None and part.height is not None and not above
            top = below.bottom + gap if is_hung else max(top, below.bottom + gap)
            bottom = top + self._card.dots(part.height or 0) if is_hung else bottom
        return _Box(left=left, top=top, right=max(right, left + 1), bottom=max(bottom, top + 1))

    def _upright(self, part: Part) -> tuple[int, int]:
        """Top and bottom by the edges of the card alone."""
        top, bottom = self._near(part.top), self._far(self._card.height, part.bottom)
        if part.height is not None:
            height = self._card.dots(part.height)
            if part.top is not None:
                bottom = top + height
            elif part.bottom is not None:
                top = bottom - height
        return top, bottom

    def _near(self, length: float | None) -> int:
        return self._card.dots(length or 0)

    def _far(self, whole: int, length: float | None) -> int:
        return whole - self._card.dots(length or 0)

    def _edges(self, name: str) -> _Box | None:
        return self.placed(self._named[name]).edges if name else None

    # ---- what --------------------------------------------------------------------------------------------------------

    def _panel(self, part: Part, box: _Box) -> _Placed:
        shape = Shape(
            x=box.left,
            y=box.top,
            width=box.width,
            height=box.height,
            radius=self._card.dots(part.radius),
            square_below=part.square_below,
            white=part.white,
        )
        return _Placed(elements=(shape,), edges=box)

    def _logo(self, box: _Box) -> _Placed:
        """As large as it fits, in the middle of its box's height."""
        if self.logo_px is None:
            return _Placed()
        scale = min(box.width / self.logo_px[0], box.height / self.logo_px[1])
        width, height = (max(1, round(length * scale)) for length in self.logo_px)
        y = box.top + (box.height - height) // 2
        edges = _Box(left=box.left, top=box.top, right=box.left + width, bottom=box.bottom)
        return _Placed(elements=(Logo(x=box.left, y=y, width=width, height=height),), edges=edges)

    def _text(self, part: Part, box: _Box) -> _Placed:
        texts = texts_of(self._face, part)
        if not texts:
            # Its row stays, where a copy has to be stamped.
            return self._stamp(part, box, box.left, box.top + _cap(self._card.dots(part.size))) or _Placed()
        fitted = self._fitted(part, list(texts), box)
        step = round(fitted.size * LEADING)
        rest = step * (len(fitted.lines) - 1)
        high = _cap(fitted.size) + rest
        tops = {"top": box.top, "middle": box.top + (box.height - high) // 2, "bottom": box.bottom - high}
        baseline = tops[part.stand] + _cap(fitted.size)
        widths = [self._typesetter.width(line, fitted.size, part.weight) for line in fitted.lines]
        words = [
            self._words(part, line, fitted.size, (_aligned(part, box, width), baseline + number * step))
            for number, (line, width) in enumerate(zip(fitted.lines, widths, strict=True))
        ]
        right = max(word.x + width for word, width in zip(words, widths, strict=True))
        edges = _Box(left=min(word.x for word in words), top=tops[part.stand], right=right, bottom=baseline + rest)
        stamp = self._stamp(part, box, right, edges.bottom)
        if stamp is None or stamp.edges is None:
            return _Placed(elements=tuple(words), edges=edges)
        lowest = _Box(left=edges.left, top=edges.top, right=edges.right, bottom=stamp.edges.bottom)
        return _Placed(elements=(*words, *stamp.elements), edges=lowest)

    def _words(self, part: Part, text: str, size: int, at: tuple[int, int]) -> Words:
        return Words(
            x=at[0],
            baseline=at[1],
            text=text,
            size=size,
            weight=part.weight,
            white=part.white,
            slashed_zero=part.slashed_zero,
        )

    def _stamp(self, part: Part, box: _Box, text_end: int, baseline: int) -> _Placed | None:
        """DUPLICATA in a box at the end of a text's row, or on a row of its own below."""
        if not (part.stamp and self.is_copy):
            return None
        size, padding = self._card.dots(STAMP_MM), self._card.dots(STAMP_PADDING_MM)
        width = self._typesetter.width(DUPLICATA_WORD, size, STAMP_WEIGHT) + 2 * padding
        x = box.right - width
        if x < text_end + 2 * padding:
            x, baseline = box.left, baseline + self._card.dots(part.gap) + _cap(self._card.dots(part.size)) + padding
        y, height = baseline - _cap(size) - padding, _cap(size) + 2 * padding
        ground = Shape(x=x, y=y, width=width, height=height, radius=padding, white=part.white)
        words = Words(
            x=x + padding,
            baseline=baseline,
            text=DUPLICATA_WORD,
            size=size,
            weight=STAMP_WEIGHT,
            white=not part.white,
        )
        edges = _Box(left=x, top=y, right=x + width, bottom=y + height)
        return _Placed(elements=(ground, words), edges=edges)

    def _symbol(self, part: Part, box: _Box) -> _Placed:
        """Symbol and number, as one block in the middle of the box."""
        number = self._fitted(part, [number_as_read(self._face.number)], _caption_box(box, self._card.dots(NUMBER_MM)))
        choice = self._symbol_choice(part, box)
        height = self._symbol_height(part, choice)
        gap = self._card.dots(NUMBER_GAP_MM) if choice else 0
        block = height + gap + _cap(number.size)
        top = box.top + (box.height - block) // 2
        elements: list[Element] = []
        if choice:
            x = box.left + (box.width - choice.width_dots) // 2
            elements.append(Symbol(x=x, y=top, height=height, choice=choice, text=self._face.number))
        for line in number.lines:
            width = self._typesetter.width(line, number.size, part.weight)
            elements.append(self._words(part, line, number.size, (box.left + (box.width - width) // 2, top + block)))
        edges = _Box(left=box.left, top=top, right=box.right, bottom=top + block)
        return _Placed(elements=tuple(elements), edges=edges)

    def _symbol_choice(self, part: Part, box: _Box) -> SymbolChoice | None:
        quiet = 2 * QUIET_MODULES[Symbology.QR] * self._card.dots(QR_MODULES_MM[0])
        rooms = {
            Symbology.EAN13: box.width,
            Symbology.CODE128: box.width,
            Symbology.QR: self._card.dots(part.qr) + quiet,
        }
        face = self._face
        choice = choose_symbol(face.number, face.wish, rooms, self._typesetter.modules, self._card.dots_per_mm)
        if choice is None:
            self.findings.append(Finding(kind=FindingKind.NO_SYMBOL, slot=Slot.SYMBOL))
        elif choice.symbology is Symbology.QR and face.wish is not SymbolWish.QR:
            self.findings.append(Finding(kind=FindingKind.OTHER_SYMBOL, slot=Slot.SYMBOL, detail=choice.symbology))
        return choice

    def _symbol_height(self, part: Part, choice: SymbolChoice | None) -> int:
        if choice is None:
            return 0
        return choice.width_dots if choice.symbology is Symbology.QR else self._card.dots(part.bars)

    def _fitted(self, part: Part, texts: list[str], box: _Box) -> Fitted:
        slot = Slot.NUMBER if part.part == "symbol" else part.slot
        said = [spelled(text, self._typesetter.lacks) for text in texts]
        missing = "".join(dict.fromkeys("".join("".join(one.missing) for one in said)))
        if missing:
            self.findings.append(Finding(kind=FindingKind.MISSING_GLYPH, slot=slot, detail=missing))
        room = Room(
            width=box.width,
            height=box.height,
            size_max=self._card.dots(part.size),
            size_min=self._card.dots(part.size_min),
            lines_max=part.lines,
            leading=LEADING,
            cap_height=CAP_HEIGHT,
        )
        fitted = fit(
            [one.text for one in said],
            room,
            lambda text, size: self._typesetter.width(text, size, part.weight),
        )
        if fitted.shortened:
            self.findings.append(Finding(kind=FindingKind.SHORTENED, slot=slot))
        return fitted


def _aligned(part: Part, box: _Box, width: int) -> int:
    free = box.width - width
    return box.left + {"left": 0, "center": free // 2, "right": free}[part.align]


def _caption_box(box: _Box, height: int) -> _Box:
    """Room for the number: a margin of 4.5 mm on a card of 54 mm."""
    margin = box.width // 12
    return _Box(left=box.left + margin, top=box.top, right=box.right - margin, bottom=box.top + height)
