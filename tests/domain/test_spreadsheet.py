import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.spreadsheet import LINE_BYTES_MAX, BadLine, Row, Sheet, guarded, open_sheet, unguarded, written
from daemon.errors import OperatorMistake


def opened(raw: bytes, chunk_bytes: int = 7) -> Sheet:
    chunks = [raw[at : at + chunk_bytes] for at in range(0, len(raw), chunk_bytes)]
    return open_sheet(chunks, known={"Nom", "Ville", "Prénom"}.__contains__)


def rows(raw: bytes) -> list[tuple[int, tuple[str, ...]] | tuple[int, str]]:
    return [
        (row.line, row.cells) if isinstance(row, Row) else (row.line, row.sentence.partition(" ")[0])
        for row in opened(raw).rows
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_separator_and_line_end_are_found(encoding: str, separator: str, line_end: str) -> None:
    text = line_end.join((f"Nom{separator}Prénom", f"Lefèvre{separator}Zoé", f"Œuvrard{separator}Noël", ""))
    sheet = opened(text.encode(encoding))
    assert sheet.separator == separator
    assert sheet.headings == ("Nom", "Prénom")
    assert list(sheet.rows) == [Row(line=2, cells=("Lefèvre", "Zoé")), Row(line=3, cells=("Œuvrard", "Noël"))]


def test_known_headings_outweigh_a_separator_that_stands_inside_cells() -> None:
    sheet = opened(b"Nom;Remarques, divers, autres, et cetera;Ville\nA;b, c;D\n")
    assert sheet.separator == ";"


def test_the_hint_of_excel_is_followed() -> None:
    sheet = opened(b"sep=,\r\nNom,Ville\r\nA;B,C\r\n")
    assert (sheet.headings, sheet.headings_line) == (("Nom", "Ville"), 2)
    assert list(sheet.rows) == [Row(line=3, cells=("A;B", "C"))]


def test_quoted_cells_hold_separators_quotes_and_lines() -> None:
    assert rows(b'Nom;Ville\n"A;""B""";"ligne 1\r\nligne 2"\nC;D\n') == [
        (2, ('A;"B"', "ligne 1\r\nligne 2")),
        (4, ("C", "D")),
    ]


def test_blank_lines_are_passed_over_and_short_lines_taken() -> None:
    assert rows(b"\n\nNom;Ville\n\n;\nA\nB;C;;\n") == [(6, ("A",)), (7, ("B", "C", "", ""))]


def test_a_quote_that_nobody_closes_costs_its_line_only() -> None:
    many = b"".join(b"A%d;B\n" % n for n in range(1000))
    found = rows(b'Nom;Ville\n"oops;X\n' + many)
    assert found[0] == (2, "its")
    assert found[1:] == [(n + 3, (f"A{n}", "B")) for n in range(1000)]


def test_a_quote_that_another_line_closes_costs_its_line_only() -> None:
    assert rows(b'Nom;Ville\n"oops;X\n"A";B\nC;D\n') == [(2, "its"), (3, ("A", "B")), (4, ("C", "D"))]


def test_a_cell_that_swallows_lines_and_then_has_too_many_neighbours_costs_its_line_only() -> None:
    assert rows(b'Nom;Ville\n"oops\n";B;C\nD;E\n') == [(2, "its"), (3, "its"), (4, ("D", "E"))]


def test_a_quote_left_open_at_the_end_costs_its_line_only() -> None:
    assert rows(b'Nom;Ville\nA;"oops\nB;C') == [(2, "its"), (3, ("B", "C"))]


def test_quotes_inside_a_quoted_cell_that_are_not_doubled_are_told_not_guessed() -> None:
    assert rows(b'Nom;Ville\n"Le "Bon" Pain";X\nA;B\n') == [(2, "its"), (3, ("A", "B"))]
    assert rows(b'Nom;Ville\nLe "Bon" Pain;X\n') == [(2, ('Le "Bon" Pain', "X"))]


def test_a_line_with_more_cells_than_headings_is_told() -> None:
    bad = list(opened(b"Nom;Ville\nA;B;C\n").rows)
    assert bad == [BadLine(line=2, sentence="the line has 3 cells and the headings are 2")]


@pytest.mark.parametrize("chunk_bytes", [1000, 10**6])
def test_a_line_of_a_megabyte_is_passed_over(chunk_bytes: int) -> None:
    raw = b"Nom;Ville\nA;B\n" + b"x" * 10**6 + b"\r\nC;D\n"
    assert list(opened(raw, chunk_bytes).rows) == [
        Row(line=2, cells=("A", "B")),
        BadLine(line=3, sentence=f"the line has more than {LINE_BYTES_MAX // 1024} KiB"),
        Row(line=4, cells=("C", "D")),
    ]


def test_an_overlong_line_inside_a_quoted_cell_costs_two_lines() -> None:
    raw = b'Nom;Ville\n"A;B\n' + b"x" * 100_000 + b"\nC;D\n"
    assert [row.line for row in opened(raw, 5000).rows] == [2, 3, 4]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "the file has no line with headings"),
        (b"\n\n  \n", "the file has no line with headings"),
        (b"x" * 100_000, "the file has no line with headings"),
        (b'"Nom;Ville\n', "the file has no line with headings"),
        (b"PK\x03\x04....", "the file is a workbook, not text: save it as CSV"),
    ],
)
def test_a_file_without_headings_is_refused(raw: bytes, sentence: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        opened(raw, 1000)
    assert str(refused.value) == sentence


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_bytes_break_the_reader_and_lines_are_told_in_order(raw: bytes, chunk_bytes: int) -> None:
    try:
        sheet = opened(b"Nom;Ville\n" + raw, chunk_bytes)
    except OperatorMistake:
        return
    lines = [row.line for row in sheet.rows]
    assert lines == sorted(set(lines))


_MESSY = st.lists(st.sampled_from(['"', ";", "\n", "\r\n", "a", "é", "'", "=", " ", "\t", ","]), max_size=40).map(
    "".join
)


@given(_MESSY, st.integers(1, 50))
def test_chunks_of_any_size_read_alike(text: str, chunk_bytes: int) -> None:
    raw = b"Nom;Ville\n" + text.encode()
    assert list(opened(raw, chunk_bytes).rows) == list(opened(raw, 10_000).rows)


@given(st.text(max_size=30) | _MESSY)
def test_a_guarded_cell_never_starts_a_formula_and_is_read_back(cell: str) -> None:
    assert not guarded(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("name", ["'t Hooft", "O'Connor", "d'Artagnan", "Lefèvre", ""])
def test_names_with_apostrophes_are_not_changed(name: str) -> None:
    assert guarded(name) == name == unguarded(name)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | _MESSY, min_size=2, max_size=5
    )
)
def test_a_written_line_is_read_back_by_another_reader(cells: list[str]) -> None:
    line = written(cells)
    found = list(csv.reader(io.StringIO(line, newline=""), delimiter=";"))
    assert [unguarded(cell) for cell in found[0]] == cells
