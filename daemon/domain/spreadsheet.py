"""CSV as other programs write it: bytes in, numbered rows of cells out, whatever the encoding, separator and damage.

Nothing is held but the row at hand: a file of a million lines streams. A line that cannot be read is told and skipped.
"""

import codecs
import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from daemon.errors import OperatorMistake

SEPARATORS: Final = (";", ",", "\t")
LINE_BYTES_MAX: Final = 64 * 1024
ROW_LINES_MAX: Final = 200
"""Lines that one row may span by a quoted cell; behind a quote that nobody closed, reading starts again."""

UNREAD: Final = "the cell holds an error of a formula, or a day that no calendar has: it is left out"
_UNPAIRED: Final = "its quotation marks do not pair"
_ZIP: Final = b"PK\x03\x04"
_FORMULA_STARTS: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""First signs that make a spreadsheet program compute a cell (OWASP, CSV injection), in their wide forms too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: the number of its first line in the file, its cells without surrounding blanks.

    `unread`: which of its cells hold what is no value; they are blank.
    """

    line: int
    cells: tuple[str, ...]
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BadLine:
    """A line that was skipped, and why."""

    line: int
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """An opened file: its headings as written, and the rows behind them, to be gone through once."""

    separator: str
    headings: tuple[str, ...]
    headings_line: int
    rows: Iterator[Row | BadLine]


def open_sheet(chunks: Iterable[bytes], known: Callable[[str], bool]) -> Sheet:
    """Find encoding and separator, read the headings; `known` says whether a heading names a field.

    UTF-8 with or without mark, UTF-16 with its mark, and Windows-1252 are read; whether a line is UTF-8 or Windows-1252
    is found line by line, so that a file need not be read twice. Raises OperatorMistake when there are no headings.
    """
    lines = _text_lines(_utf8(iter(chunks)))
    said = ""
    for number, text in lines:
        if text is None:
            break
        if text.lower().startswith("sep=") and len(text.rstrip("\r\n")) == 5:
            said = text[4]  # Excel's own hint
        elif text.strip():
            separator = said or _separator(text, known)
            source = _Lines(chain([(number, text)], lines))
            rows = _rows(source, separator)
            first = next(rows, None)
            if isinstance(first, Row):
                return Sheet(separator=separator, headings=first.cells, headings_line=number, rows=rows)
            break
    raise OperatorMistake("the file has no line with headings")


def guarded(cell: str) -> str:
    """The cell with an apostrophe before it if a spreadsheet program would compute it; `unguarded` takes it off."""
    if cell and (cell[0] in _FORMULA_STARTS or (cell[0] == "'" and _is_guard(cell))):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that `guarded`, or another program's export, put before it."""
    return cell[1:] if _is_guard(cell) else cell


def written(cells: Sequence[str], separator: str = ";") -> str:
    """One line of CSV, its line end included: cells guarded, and quoted where they must be."""
    return separator.join(_quoted(guarded(cell), separator) for cell in cells) + "\r\n"


def _is_guard(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == "'" and (cell[1] in _FORMULA_STARTS or cell[1] == "'")


def _quoted(cell: str, separator: str) -> str:
    if separator in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks without their mark, UTF-16 made UTF-8."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    if head.startswith(_ZIP):
        raise OperatorMistake("the file is a workbook, not text: save it as CSV")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
        for chunk in chain([head], chunks):
            yield decoder.decode(chunk).encode("utf-8", "replace")
        return
    yield head.removeprefix(codecs.BOM_UTF8)
    yield from chunks


def _text_lines(chunks: Iterator[bytes]) -> Iterator[tuple[int, str | None]]:
    """(number, text with its line end); None instead of a line that is too long to be one."""
    for number, line in enumerate(_byte_lines(chunks), start=1):
        if len(line) > LINE_BYTES_MAX:
            yield number, None
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("cp1252", "replace")
        yield number, text.replace("\x00", "")


def _byte_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    pending = bytearray()
    for chunk in chunks:
        if b"\n" in chunk or b"\r" in chunk or pending.endswith(b"\r"):
            lines = bytes(pending + chunk).splitlines(keepends=True)
            pending.clear()
            if lines and not lines[-1].endswith(b"\n"):
                pending += lines.pop()
            yield from lines
        else:  # nothing ends here: what is pending is not gone through again for each small chunk
            pending += chunk
        if len(pending) > LINE_BYTES_MAX:  # keep enough to know that it is too long, and its line end
            del pending[LINE_BYTES_MAX:-1]
    if pending:
        yield bytes(pending)


def _cells(text: str, separator: str) -> list[str]:
    return next(csv.reader([text], delimiter=separator), [])


def _separator(text: str, known: Callable[[str], bool]) -> str:
    """The one that yields most known headings, then most cells; `;` when all are equal."""

    def worth(separator: str) -> tuple[int, int]:
        cells = _cells(text, separator)
        return sum(known(cell) for cell in cells), len(cells)

    return max(SEPARATORS, key=worth)


class _UnclosedError(Exception):
    """A quoted cell goes on and on."""


class _Lines:
    """The lines that a csv.reader takes, with those of the row at hand kept so that they can be given back."""

    def __init__(self, lines: Iterator[tuple[int, str | None]]) -> None:
        self._lines = lines
        self._returned: deque[tuple[int, str | None]] = deque()
        self.taken: list[tuple[int, str]] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= ROW_LINES_MAX:
            raise _UnclosedError
        number, text = self._next()
        if text is None:
            self._returned.appendleft((number, None))
            raise _UnclosedError
        self.taken.append((number, text))
        return text

    def _next(self) -> tuple[int, str | None]:
        if self._returned:
            return self._returned.popleft()
        try:
            return next(self._lines)
        except StopIteration:
            if self.taken:
                raise _UnclosedError from None
            raise

    def pass_over(self) -> int:
        """Leave out the line that comes next, one too long to be one; returns its number."""
        number, text = self._returned.popleft()
        assert text is None, "only such a line stops a reader before it has taken any"
        return number

    def give_back(self) -> int:
        """All lines of the row but its first come again; returns the first one's number."""
        self._returned.extendleft(reversed(self.taken[1:]))
        return self.taken[0][0]


def _rows(source: _Lines, separator: str) -> Iterator[Row | BadLine]:
    reader = csv.reader(source, delimiter=separator, strict=True)
    columns = 0
    while True:
        source.taken.clear()
        try:
            cells = next(reader, None)
            if cells is None:
                return
            columns = columns or len(cells)
            wrong = _wrong(cells, columns, len(source.taken))
        except (_UnclosedError, csv.Error):
            cells, wrong = [], _UNPAIRED
            reader = csv.reader(source, delimiter=separator, strict=True)
        if not source.taken:
            yield BadLine(line=source.pass_over(), sentence=f"the line has more than {LINE_BYTES_MAX // 1024} KiB")
        elif wrong:
            yield BadLine(line=source.give_back(), sentence=wrong)
        elif any(cells):
            yield Row(line=source.taken[0][0], cells=tuple(cell.strip() for cell in cells))


def _wrong(cells: list[str], columns: int, lines: int) -> str:
    if lines > 1 and len(cells) != columns:
        return _UNPAIRED  # what closed it belongs to another line
    if len(cells) > columns and any(cell.strip() for cell in cells[columns:]):
        return f"the line has {len(cells)} cells and the headings are {columns}"
    return ""
