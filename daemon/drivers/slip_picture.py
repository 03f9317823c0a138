"""A slip as a picture: the letters that we ship on paper of any width, for printers that are sent dots."""

from dataclasses import dataclass
from typing import Final

from daemon.domain.badge import Finding, FindingKind, Slot
from daemon.domain.badge_text import Emphasis
from daemon.domain.card_symbol import SymbolChoice, Symbology, choose_symbol, number_as_read
from daemon.domain.slip import Slip, SlipLine
from daemon.domain.text_fit import spelled
from daemon.drivers.badge_picture import shipped_typeface
from daemon.drivers.raster import Sheet, Typeface, symbol_rows

SIZES: Final = {Emphasis.PLAIN: 24, Emphasis.BOLD: 24, Emphasis.LARGE: 44}
"""Font sizes in dots: a line of 80 mm holds about 48 characters, as printers' own letters do."""

WEIGHTS: Final = {Emphasis.PLAIN: 460, Emphasis.BOLD: 740, Emphasis.LARGE: 760}
LEADING: Final = 1.25
BASELINE: Final = 0.96
MARGIN_DOTS: Final = 8
BARS_DOTS: Final = 96
GAP_DOTS: Final = 20
COLUMN_SHARE: Final = 0.5
"""Width of a character over the font size: how wide a slip of so many columns is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipPicture:
    """A drawn slip and what could not be drawn as asked."""

    sheet: Sheet
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One row of letters: where its two texts start, and by how much it moves the paper on."""

    left: str
    right: str
    emphasis: Emphasis
    centred: bool

    @property
    def step(self) -> int:
        return round(SIZES[self.emphasis] * LEADING)


def draw_slip(slip: Slip, width_dots: int) -> SlipPicture:
    """Wrap and draw a slip for paper of this width."""
    setter = _Setter(shipped_typeface(), slip, width_dots)
    above, below = setter.rows(slip.lines), setter.rows(slip.below)
    choice = setter.choice(slip) if slip.code else None
    block = _block_height(choice) if slip.code else 0
    height = sum(row.step for row in above) + sum(row.step for row in below) + block
    sheet = Sheet(width_dots, max(1, height))
    y = setter.draw(sheet, above, 0)
    if slip.code:
        setter.code(sheet, slip.code, choice, y + GAP_DOTS)
    setter.draw(sheet, below, y + block)
    return SlipPicture(sheet=sheet, findings=setter.findings)


def _block_height(choice: SymbolChoice | None) -> int:
    """The code with its number and white around it."""
    symbol = 0 if choice is None else choice.width_dots if choice.symbology is Symbology.QR else BARS_DOTS
    return symbol + round(SIZES[Emphasis.BOLD] * LEADING) + 2 * GAP_DOTS


class _Setter:
    """Sets rows, and keeps what the font lacks."""

    def __init__(self, typeface: Typeface, slip: Slip, width_dots: int) -> None:
        self._typeface = typeface
        self._left = MARGIN_DOTS
        self._page = width_dots
        room = width_dots - 2 * MARGIN_DOTS
        wanted = round((slip.columns or 0) * SIZES[Emphasis.PLAIN] * COLUMN_SHARE)
        self._room = min(room, wanted) if wanted else room
        self._missing: dict[str, None] = {}
        self._no_symbol = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        found = []
        if self._missing:
            found.append(Finding(kind=FindingKind.MISSING_GLYPH, slot=Slot.TEXT, detail="".join(self._missing)))
        if self._no_symbol:
            found.append(Finding(kind=FindingKind.NO_SYMBOL, slot=Slot.SYMBOL))
        return tuple(found)

    def rows(self, lines: tuple[SlipLine, ...]) -> list[_Row]:
        return [row for line in lines for row in self._wrapped(line)]

    def choice(self, slip: Slip) -> SymbolChoice | None:
        rooms = dict.fromkeys(Symbology, self._page)
        found = choose_symbol(slip.code, slip.wish, rooms, self._typeface.modules)
        self._no_symbol = found is None
        return found

    def draw(self, sheet: Sheet, rows: list[_Row], y: int) -> int:
        """Returns where the paper goes on."""
        for row in rows:
            baseline = y + round(SIZES[row.emphasis] * BASELINE)
            left = self._left + ((self._room - self._width(row.left, row.emphasis)) // 2 if row.centred else 0)
            self._words(sheet, (left, baseline), row.left, row.emphasis)
            right = self._left + self._room - self._width(row.right, row.emphasis)
            self._words(sheet, (right, baseline), row.right, row.emphasis)
            y += row.step
        return y

    def code(self, sheet: Sheet, text: str, choice: SymbolChoice | None, y: int) -> None:
        if choice is not None:
            bars = choice.symbology is not Symbology.QR
            rows = symbol_rows(choice.symbology, text)
            height = BARS_DOTS if bars else None
            sheet.symbol(((self._page - choice.width_dots) // 2, y), rows, choice.module_dots, height)
            y += BARS_DOTS if bars else choice.width_dots
        number = number_as_read(text)
        left = (self._page - self._width(number, Emphasis.BOLD)) // 2
        self._words(sheet, (left, y + SIZES[Emphasis.BOLD] + 4), number, Emphasis.BOLD, slashed=True)

    def _wrapped(self, line: SlipLine) -> list[_Row]:
        left, right = (self._spelled(text) for text in (line.text, line.right))
        rows, words = [""], left.split()
        for word in words:
            longer = f"{rows[-1]} {word}".strip()
            if rows[-1] and self._width(longer, line.emphasis) > self._room:
                rows.append(word)
            else:
                rows[-1] = longer
        rows = [part for row in rows for part in self._cut(row, line.emphasis)]
        if right and self._width(f"{rows[-1]}  {right}", line.emphasis) > self._room:
            rows.append("")
        centred = line.align == "center"
        last = len(rows) - 1
        return [
            _Row(left=row, right=right if at == last else "", emphasis=line.emphasis, centred=centred)
            for at, row in enumerate(rows)
        ]

    def _cut(self, row: str, emphasis: Emphasis) -> list[str]:
        """A word that is wider than the paper goes on below."""
        parts = [""]
        for letter in row:
            if parts[-1] and self._width(parts[-1] + letter, emphasis) > self._room:
                parts.append("")
            parts[-1] += letter
        return parts

    def _spelled(self, text: str) -> str:
        said = spelled(text, self._typeface.lacks)
        self._missing |= dict.fromkeys(said.missing)
        return said.text

    def _width(self, text: str, emphasis: Emphasis) -> int:
        return self._typeface.width(text, SIZES[emphasis], WEIGHTS[emphasis]) if text else 0

    def _words(
        self, sheet: Sheet, at: tuple[int, int], text: str, emphasis: Emphasis, *, slashed: bool = False
    ) -> None:
        if text:
            face = self._typeface.font(SIZES[emphasis], WEIGHTS[emphasis])
            sheet.words(at, text, face, white=False, extras=self._typeface.extras(slashed_zero=slashed))
