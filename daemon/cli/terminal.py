"""Where answers and complaints are written: text, tables, colours where a person looks, JSON where a script does."""

import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TextIO

Style = Literal["bold", "dim", "red", "green", "yellow", "underline"]
_CODES: Final[Mapping[Style, int]] = {"bold": 1, "dim": 2, "underline": 4, "red": 31, "green": 32, "yellow": 33}
_COLUMN_GAP: Final = 2
_COLUMN_MIN: Final = 6
_WIDTH_MAX: Final = 160
_NO_BREAK: Final = "\u00a0\u202f"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A text of a table, in one style; `ranges` ([start, end) in characters) are underlined."""

    text: str
    style: Style | None = None
    ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of a table. `right` aligns numbers; those with the least `keep` are cut first on a narrow screen."""

    title: str
    right: bool = False
    keep: int = 1


class Terminal:
    """Standard output for answers, standard error for all else. With `as_json` answers are JSON, one value a line."""

    def __init__(self, out: TextIO, err: TextIO, *, environ: Mapping[str, str], as_json: bool = False) -> None:
        self.out = out
        self.err = err
        self.as_json = as_json
        self.asks = not as_json and sys.stdin is not None and sys.stdin.isatty() and err.isatty()
        """Whether somebody is there to answer a question."""
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self._colour = {True: out.isatty() and not plain and not as_json, False: err.isatty() and not plain}
        self.watched = err.isatty()
        """Whether somebody sees standard error: progress is shown then."""
        self.width = _columns(out)
        """Columns of the screen; None in a file or a pipe, where nothing is cut."""

    def styled(self, text: str, style: Style | None, *, err: bool = False) -> str:
        """The text in a style, where the stream shows styles."""
        if style is None or not text or not self._colour[not err]:
            return text
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"

    def say(self, text: str = "", style: Style | None = None) -> None:
        """A line of the answer."""
        print(self.styled(printable(text), style), file=self.out)

    def write(self, *pieces: str | Cell) -> None:
        """A line of the answer made of pieces in their styles."""
        print("".join(self._drawn(_cell(piece)) for piece in pieces).rstrip(), file=self.out)

    def note(self, text: str, style: Style | None = None) -> None:
        """A line beside the answer: it goes to standard error, so that a pipe gets the answer alone."""
        self.err.write(self.styled(printable(text), style, err=True) + "\n")
        self.err.flush()

    def answer(self, value: Any) -> None:
        """The whole answer of a command as JSON."""
        import json

        json.dump(value, self.out, ensure_ascii=False, indent=2 if self.out.isatty() else None)
        self.out.write("\n")

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]]) -> None:
        """Aligned columns under their titles; empty ones are left out, and long texts are cut on a screen only."""
        cells = [[_cell(cell) for cell in row] for row in rows]
        used = [at for at in range(len(columns)) if any(row[at].text for row in cells)]
        widths = self._widths([columns[at] for at in used], [[row[at] for at in used] for row in cells])
        titles = [Cell(text=columns[at].title, style="dim") for at in used]
        for row in [titles, *([row[at] for at in used] for row in cells)]:
            drawn = [
                self._padded(cell, width, right=columns[at].right)
                for at, cell, width in zip(used, row, widths, strict=True)
            ]
            print((" " * _COLUMN_GAP).join(drawn).rstrip(), file=self.out)

    def facts(self, pairs: Sequence[tuple[str, str | Cell]]) -> None:
        """Names and values, the values under one another; pairs without a value are left out."""
        shown = [(name, _cell(value)) for name, value in pairs if _cell(value).text]
        width = max((width_of(name) for name, _ in shown), default=0)
        for name, value in shown:
            padding = " " * (width - width_of(name) + _COLUMN_GAP)
            lines = value.text.split("\n")
            self.write(Cell(text=f"  {name}", style="dim"), padding, Cell(text=lines[0], style=value.style))
            for line in lines[1:]:
                self.write(" " * (2 + width + _COLUMN_GAP), Cell(text=line, style=value.style))

    def _widths(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
        widths = [
            max([width_of(column.title), *(width_of(printable(row[at].text)) for row in rows)])
            for at, column in enumerate(columns)
        ]
        if self.width is None:
            return widths
        room = self.width - _COLUMN_GAP * (len(columns) - 1)
        while sum(widths) > room:
            at = max(
                range(len(widths)), key=lambda at: (widths[at] > _COLUMN_MIN, -columns[at].keep, widths[at]), default=-1
            )
            if at < 0 or widths[at] <= _COLUMN_MIN:
                break
            widths[at] -= 1
        return widths

    def _padded(self, cell: Cell, width: int, *, right: bool) -> str:
        text = shortened(printable(cell.text), width)
        blank = " " * (width - width_of(text))
        drawn = self._drawn(Cell(text=text, style=cell.style, ranges=cell.ranges))
        return blank + drawn if right else drawn + blank

    def _drawn(self, cell: Cell) -> str:
        text = printable(cell.text)
        if not cell.ranges or not self._colour[True]:
            return self.styled(text, cell.style)
        return "".join(
            self.styled(part, "underline" if marked else cell.style) for part, marked in _parts(text, cell.ranges)
        )


def _columns(out: TextIO) -> int | None:
    try:
        return min(os.get_terminal_size(out.fileno()).columns or 80, _WIDTH_MAX)
    except (OSError, ValueError):
        return None


def printable(text: str) -> str:
    """The text without the signs that would command a terminal: names come from other machines."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in _NO_BREAK else " " for sign in text)


def width_of(text: str) -> int:
    """Columns that a text takes on a screen."""
    if text.isascii():
        return len(text)
    return sum(_sign_width(sign) for sign in text)


def shortened(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis where it is wider."""
    if width_of(text) <= width:
        return text
    kept = ""
    room = width - 1
    for sign in text:
        room -= _sign_width(sign)
        if room < 0:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def _sign_width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _cell(piece: str | Cell) -> Cell:
    return piece if isinstance(piece, Cell) else Cell(text=piece)


def _parts(text: str, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """The text cut at its ranges: (part, whether it lies in one)."""
    at = 0
    for start, end in sorted(ranges):
        if start > at:
            yield text[at:start], False
        if end > max(at, start):
            yield text[max(at, start) : end], True
        at = max(at, end)
    if at < len(text):
        yield text[at:], False
