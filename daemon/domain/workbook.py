"""Excel workbooks (XLSX), and the table of a file whatever it is. The door to `openpyxl`.

The first sheet that has rows is read, row by row. The library is imported at the first workbook (60 ms, 8 MB).
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from daemon.domain.spreadsheet import BadLine, Row, Sheet, open_sheet
from daemon.errors import OperatorMistake

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import (  # type: ignore[import-untyped]  # the library ships no types
        ReadOnlyWorksheet,
    )

UNPACKED_BYTES_MAX: Final = 1 << 30
"""A workbook that says it is larger once unpacked is no list of customers."""

COLUMNS_MAX: Final = 256
ROWS_MAX: Final = 1_048_575
"""What fits under the headings of one sheet."""

_ZIP: Final = b"PK\x03\x04"
_NO_WORKBOOK: Final = "the workbook cannot be read: save it again as XLSX, or as CSV"
_CHUNK_BYTES: Final = 64 * 1024

_Cells = tuple[int, list[str], list[int]]
"""A row: its number, the texts of its cells, which of them hold an error."""


def open_table(raw: bytes, known: Callable[[str], bool]) -> Sheet:
    """The table in a file, CSV or XLSX, told by its first bytes; `known` says whether a heading names a field.

    Raises OperatorMistake.
    """
    if raw.startswith(_ZIP):
        return open_workbook(raw)
    return open_sheet((raw[at : at + _CHUNK_BYTES] for at in range(0, len(raw), _CHUNK_BYTES)), known)


def open_workbook(raw: bytes) -> Sheet:
    """The first sheet with rows; raises OperatorMistake for what is no workbook or is one of formulas only."""
    rows = _rows(raw)
    for number, cells, _ in rows:
        if any(cells):
            return Sheet(
                separator="", headings=_trimmed(cells), headings_line=number, rows=_under(rows, len(_trimmed(cells)))
            )
    raise OperatorMistake("the file has no line with headings")


def _under(rows: Iterator[_Cells], columns: int) -> Iterator[Row | BadLine]:
    for number, cells, unread in rows:
        if any(cells[columns:]):
            filled = max(at for at, cell in enumerate(cells, start=1) if cell)
            yield BadLine(line=number, sentence=f"the line has {filled} cells and the headings are {columns}")
        elif any(cells) or unread:
            yield Row(line=number, cells=tuple(cells[:columns]), unread=tuple(at for at in unread if at < columns))


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    """Without the blank cells at the end."""
    last = max(at for at, cell in enumerate(cells, start=1) if cell)
    return tuple(cells[:last])


def _rows(raw: bytes) -> Iterator[_Cells]:
    """Each row; any fault of the file is one sentence."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # the library ships no types

    # It warns of cells that are odd by what stands in them, and a warning goes to the journal.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    file = io.BytesIO(raw)
    try:
        _refuse_huge(file)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                found = False
                for number, values in _values(sheet):
                    found = True
                    cells = [_text(value) for value in values[:COLUMNS_MAX]]
                    yield number, cells, [at for at, value in enumerate(values[:COLUMNS_MAX]) if _is_error(value)]
                if found:
                    return
        finally:
            book.close()
    except OperatorMistake:
        raise
    except Exception as wrong:  # a damaged workbook raises whatever its XML, its zip or its dates stumble over
        raise OperatorMistake(_NO_WORKBOOK) from wrong


def _refuse_huge(file: io.BytesIO) -> None:
    """Raise OperatorMistake before anything is unpacked."""
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES_MAX:
            raise OperatorMistake(_NO_WORKBOOK)


def _values(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, Sequence[object]]]:
    sheet.reset_dimensions()  # some programs state a size that is not theirs
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > ROWS_MAX + 1:
            return
        if any(value is not None for value in values):
            yield number, values


def _text(value: object) -> str:
    """A cell as somebody would have typed it: `44000` of a number, `1984-05-03` of a date."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case str() if _is_error(value):
            return ""
        case _:
            return str(value).strip()


def _is_error(value: object) -> bool:
    """An error of a formula (#N/A, #REF!, #NAME?), or what the library makes of a day that it cannot count to."""
    return isinstance(value, str) and value[:1] == "#" and value.endswith(("!", "?", "/A"))


def written_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX file of one sheet, the first row bold and fixed; every cell is text, so that nothing is computed."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]  # the library ships no types
    from openpyxl.styles import Font  # type: ignore[import-untyped]  # the library ships no types

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Comptoir")
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    for number, row in enumerate(rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, _storable(text))
            cell.data_type = "s"  # a text that begins with = is a text
            if number == 0:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _storable(text: str) -> str:
    """Without the control signs that XML cannot hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r")
