"""The count of `make features`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.features import FEATURE_LIST, ROOT, Recorder, Row, is_fresh, read_rows, report_lines

TABLE = """
| id | feature | what must be true |
|---|---|---|
| A1 | one search box | finds by name; prefix from 1 character; a cut list says so ("50 first") |
| A2 | whole base local | every customer is searchable |
"""


def test_clauses_are_counted_one_by_one() -> None:
    box, local = read_rows(TABLE)
    assert box.id == "A1"
    assert box.title == "one search box"
    assert box.clause_ids() == ["A1.1", "A1.2", "A1.3"]
    assert local.clauses == ("every customer is searchable",)


def test_a_row_says_how_many_of_its_clauses_are_driven() -> None:
    lines = list(report_lines(read_rows(TABLE), frozenset({"A1.1", "A1.3"})))
    assert lines[0] == "A1  2/3 clauses  one search box"
    assert lines[1] == "A2  0/1 clauses  whole base local"
    assert "2 of 4 clauses are driven by passing tests" in lines
    assert "  A1.2  prefix from 1 character" in lines


def test_the_list_of_the_product_is_read_whole() -> None:
    rows = read_rows(FEATURE_LIST.read_text("utf-8"))
    assert [row.id for row in rows if row.id.startswith("B")] == [f"B{number}" for number in range(1, 24)]
    assert all(isinstance(row, Row) and all(row.clauses) for row in rows)


def test_what_a_whole_run_left_counts_until_something_is_changed(tmp_path: Path) -> None:
    source, record = tmp_path / "daemon" / "clock.py", tmp_path / "cache" / "features.json"
    source.parent.mkdir()
    source.touch()
    assert not is_fresh(record, tmp_path)
    began = source.stat().st_mtime + 10
    recorder = Recorder(record)
    recorder._began_s = began
    recorder.pytest_sessionfinish()
    assert json.loads(record.read_text("utf-8")) == []
    assert is_fresh(record, tmp_path)
    os.utime(source, (began + 1, began + 1))
    assert not is_fresh(record, tmp_path), "changed while the tests ran"


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_was_driven_in_other_processes_is_counted(tmp_path: Path, processes: str) -> None:
    marked = tmp_path / "test_marked.py"
    marked.write_text(
        "import pytest\n"
        "@pytest.mark.feature('A1.1', 'A1.2')\ndef test_one(): pass\n"
        "@pytest.mark.feature('A1.2')\ndef test_other(): assert False\n"
    )
    record = tmp_path / "features.json"
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, "-p", "no:cacheprovider", "-p", "tests.conftest"]
    where = [f"--rootdir={tmp_path}", "--strict-markers", f"--features-record={record}", str(marked)]
    options = ["-o", "markers=feature(clause)", "-c", os.devnull]
    done = subprocess.run([*command, *options, *where], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert json.loads(record.read_text("utf-8")) == ["A1.1"]
