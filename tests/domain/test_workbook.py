"""Workbooks are read like text, and what is no workbook is refused in one sentence."""

import io
import warnings
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]  # the library ships no types

from daemon.domain.spreadsheet import BadLine, Row
from daemon.domain.workbook import open_table, open_workbook, written_workbook
from daemon.errors import OperatorMistake


def made(*rows: list[object], empty_first: bool = False) -> bytes:
    book = Workbook()
    sheet = book.create_sheet("clients") if empty_first else book.active
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_cells_become_the_texts_that_somebody_would_have_typed() -> None:
    raw = made(
        ["CP", "Né le", "Points", "Newsletter", "Nom"],
        [44000, date(1984, 5, 3), 1250.0, True, " Lefèvre "],
        [None, datetime(1984, 5, 3), 12.5, False, "#N/A"],  # noqa: DTZ001  a workbook knows no zones
        [None] * 5,
    )
    sheet = open_workbook(raw)
    assert sheet.headings == ("CP", "Né le", "Points", "Newsletter", "Nom")
    assert [row.cells for row in sheet.rows if isinstance(row, Row)] == [
        ("44000", "1984-05-03", "1250", "1", "Lefèvre"),
        ("", "1984-05-03", "12.5", "0", ""),
    ]


def test_what_is_no_value_is_left_out_and_known_by_its_column() -> None:
    book = Workbook()
    book.active.append(["Nom", "Né le", "Tél"])
    book.active.append(["Lefèvre", 30_000, 612_345_678])
    book.active.append(["#REF!", 30_000, "0612345678"])
    for column in "BC":
        for row in (2, 3):
            book.active[f"{column}{row}"].number_format = "dd/mm/yyyy"
    file = io.BytesIO()
    book.save(file)
    rows = list(open_workbook(file.getvalue()).rows)
    assert rows == [
        Row(line=2, cells=("Lefèvre", "1982-02-18", ""), unread=(2,)),
        Row(line=3, cells=("", "1982-02-18", "0612345678"), unread=(0,)),
    ]


def test_the_first_sheet_with_rows_is_read_and_numbers_of_lines_are_those_of_the_sheet() -> None:
    raw = made([], ["Nom", "Tel"], [], ["A", "1"], ["B", "2", "trop"], empty_first=True)
    sheet = open_workbook(raw)
    rows = list(sheet.rows)
    assert sheet.headings_line == 2
    assert rows == [
        Row(line=4, cells=("A", "1")),
        BadLine(line=5, sentence="the line has 3 cells and the headings are 2"),
    ]


@pytest.mark.parametrize(
    "raw",
    [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, made([]), made([None, None])],
    ids=["short", "noise", "0", "none"],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(OperatorMistake):
        open_workbook(raw)


def test_a_zip_that_says_it_unpacks_to_gigabytes_is_refused_before_anything_is_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(3):
            with parts.open(f"xl/{number}.xml", "w") as part:
                for _ in range(512):
                    part.write(bytes(1 << 20))
    with pytest.raises(OperatorMistake, match="cannot be read"):
        open_workbook(file.getvalue())


def test_text_that_looks_like_a_formula_stays_text() -> None:
    raw = written_workbook([["Nom"], ["=1+1"], ["+33"], ["a\x00b"]])
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml")
    rows = [row.cells for row in open_table(raw, lambda _: True).rows if isinstance(row, Row)]
    assert rows == [("=1+1",), ("+33",), ("ab",)]


def test_a_cell_that_is_odd_is_no_reason_to_quote_it_in_a_warning() -> None:
    book = Workbook()
    book.active.append(["Nom", "Mobile"])
    book.active.append(["Morel", 33639980012])
    book.active["B2"].number_format = "yyyy-mm-dd"
    file = io.BytesIO()
    book.save(file)
    with warnings.catch_warnings(record=True) as quoted:
        warnings.simplefilter("always")
        (row,) = open_workbook(file.getvalue()).rows
    assert quoted == []
    assert isinstance(row, Row)
    assert row.cells[0] == "Morel"
