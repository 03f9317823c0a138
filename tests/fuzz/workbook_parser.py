"""Excel workbooks of customers, as other programs write and people, disks and attackers damage them."""

import io
import re
import zipfile
from functools import cache

from daemon.domain.customer_sheet import read_customers
from daemon.domain.headings import field_of
from daemon.domain.spreadsheet import Row
from daemon.domain.workbook import COLUMNS_MAX, open_table, written_workbook
from daemon.errors import OperatorMistake
from tests.fakes.chance import Random
from tests.fuzz.mutation import damaged
from tests.fuzz.parser import Parser
from tests.fuzz.sheet_parser import SEEDS as SHEETS

SHEET = "xl/worksheets/sheet1.xml"

PIECES = (
    b'r="XFD1"', b'r="A9000"', b'r="XFD9000"', b'r="ZZZ9"', b'r="1"', b'r=""', b't="s"', b't="b"', b't="d"',
    b't="e"', b't="n"', b't="inlineStr"', b't="str"', b's="1"', b's="99999"', b"<v>99999999</v>", b"<v>-1</v>",
    b"<v>1e400</v>", b"<v>NaN</v>", b"<v>60</v>", b"<v>2958466</v>", b"<v>44197.5</v>", b"<v>#N/A</v>", b"<v>0</v>",
    b"<v>2024-02-30</v>", b"<f>A1+A1</f>", b"<is><t>x</t></is>", b"<c/>", b"<row/>", b'<row r="9000"/>', b"&a;",
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>", b"&#0;", b"\xff\xfe", b"&b;",
    b"<mergeCell/>", b'<dimension ref="A1:XFD1048576"/>', b"<sheetData>", b"</sheetData>", b"x" * 40_000,
)  # fmt: skip
"""What a sheet may say where it says something else."""

FAR = b'r="XFD1048576"'
"""The last cell that there is: up to it a sheet has a million rows of nothing, which is a second to go through."""

_TAG = re.compile(rb'r="[A-Z]*\d+"|t="\w+"|s="\d+"|<v>[^<]*</v>|<t>[^<]*</t>|<c [^>]*>|<row [^>]*>|<sheetData>')


@cache
def seeds() -> tuple[dict[str, bytes], ...]:
    """The parts of a few workbooks, by their names."""
    found = []
    for text in SHEETS:
        separator = next((sign for sign in ("\t", ";", ",") if sign in text.splitlines()[-1]), ",")
        rows = [line.split(separator) for line in text.splitlines() if not line.startswith("sep=")]
        with zipfile.ZipFile(io.BytesIO(written_workbook(rows))) as parts:
            found.append({name: parts.read(name) for name in parts.namelist()})
    return tuple(found)


def make(chance: Random) -> bytes:
    """A workbook in whose sheet, other parts or packing something is otherwise."""
    parts = dict(chance.choice(seeds()))
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        name = SHEET if chance.random() < 0.7 else chance.choice(sorted(parts))
        parts[name] = _changed(chance, parts[name])
    if chance.random() < 0.1:
        del parts[chance.choice(sorted(parts))]
    raw = _packed(parts, twice=chance.random() < 0.03)
    for _ in range(chance.choice((0, 0, 0, 0, 1, 3))):
        raw = damaged(chance, raw)
    return raw if raw.startswith(b"PK\x03\x04") else b"PK\x03\x04" + raw[4:]


def _changed(chance: Random, part: bytes) -> bytes:
    tags = list(_TAG.finditer(part))
    if not tags or chance.random() < 0.2:
        return damaged(chance, part)
    one, piece = chance.choice(tags), FAR if chance.random() < 0.001 else chance.choice(PIECES)
    if chance.random() < 0.3:
        return part[: one.start()] + piece + part[one.start() :]
    if chance.random() < 0.1:
        return part[: one.start()] + one.group() * chance.choice((2, 300)) + part[one.end() :]
    return part[: one.start()] + piece + part[one.end() :]


def _packed(parts: dict[str, bytes], *, twice: bool) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for name, part in parts.items():
            packed.writestr(zipfile.ZipInfo(name), part)
        if twice:
            # A second central entry of the name: readers of the format disagree on which one counts.
            info = packed.infolist()[0]
            packed.filelist.append(info)
    return file.getvalue()


def check(raw: bytes) -> str:
    """Refused in a sentence; or rows in their order, of text without blanks around it, each cell under a heading."""
    try:
        lines = list(read_customers([raw]).lines)
        sheet = open_table(raw, lambda heading: field_of(heading) is not None)
        rows = list(sheet.rows)
    except OperatorMistake as mistake:
        return str(mistake)
    assert 0 < len(sheet.headings) <= COLUMNS_MAX, "headings that no workbook has"
    before = sheet.headings_line
    for row in rows:
        assert row.line > before, "a line comes twice"
        before = row.line
        if isinstance(row, Row):
            assert len(row.cells) <= len(sheet.headings), "cells that stand under nothing"
            assert all(isinstance(cell, str) and cell == cell.strip() for cell in row.cells)
    assert len(lines) <= len(rows), "more customers than lines"
    return "accepted"


WORKBOOK = Parser(name="workbook", make=make, check=check, heavy=25, slow_s=6.0)
