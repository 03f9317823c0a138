"""The feature list as tests see it: its rows, their clauses, and which clauses passing tests drive.

`python -m tests.features` prints a line for each row: from what the last whole run (`make test`) left, while nothing
was changed since it began; else it runs the tests that carry the marker `feature`.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from daemon.clock import SystemClock

ROOT = Path(__file__).parent.parent
FEATURE_LIST = ROOT / "docs" / "features.md"
RECORD = ROOT / ".pytest_cache" / "features.json"
"""What `make test` leaves; as old as the beginning of that run."""
CLAUSES = "clauses"
SOURCES = ("daemon", "tests", "docs", "systemd", "pyproject.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of the list: `A1`, its title, and its clauses in order; `A1.1` is the first."""

    id: str
    title: str
    clauses: tuple[str, ...]

    def clause_ids(self) -> list[str]:
        return [f"{self.id}.{number}" for number in range(1, len(self.clauses) + 1)]


def read_rows(text: str) -> list[Row]:
    """The rows of the list's tables; clauses are separated by semicolons."""
    found = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)
    return [
        Row(id=id_, title=title, clauses=tuple(clause.strip() for clause in clauses.split(";")))
        for id_, title, clauses in found
    ]


def known_clauses() -> frozenset[str]:
    """Every clause that a marker may name."""
    return frozenset(clause for row in read_rows(FEATURE_LIST.read_text("utf-8")) for clause in row.clause_ids())


class Recorder:
    """A pytest plugin: which clauses were driven by a test that passed, and by none that failed.

    Tests run in several processes; what a test is marked with goes with its report to the one that writes.
    """

    def __init__(self, target: Path | None) -> None:
        """`target`: the file that is written at the end; None: another process writes it."""
        self._target = target
        self._began_s = SystemClock().now_ms() / 1000
        self._driven: set[str] = set()
        self._broken: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        clauses = sorted({clause for marker in item.iter_markers("feature") for clause in marker.args})
        report.user_properties.append((CLAUSES, clauses))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        clauses = {
            clause for name, those in report.user_properties if name == CLAUSES for clause in cast("list[str]", those)
        }
        if report.failed:
            self._broken |= clauses
        elif report.when == "call" and report.passed:
            self._driven |= clauses

    def pytest_sessionfinish(self) -> None:
        if self._target is None:
            return
        self._target.parent.mkdir(exist_ok=True)
        self._target.write_text(json.dumps(sorted(self._driven - self._broken)), "utf-8")
        os.utime(self._target, (self._began_s, self._began_s))


def refuse_unknown_clauses(items: list[pytest.Item]) -> None:
    """Stop when a marker names a clause that the list has not."""
    known = known_clauses()
    for item in items:
        for marker in item.iter_markers("feature"):
            unknown = [clause for clause in marker.args if clause not in known]
            if unknown or not marker.args:
                message = f"{item.nodeid}: feature{marker.args!r} names no clause of docs/features.md"
                raise pytest.UsageError(message)


def report_lines(rows: list[Row], driven: frozenset[str]) -> Iterator[str]:
    """A line for each row, the sum, then every clause that no test drives."""
    missing = []
    for row in rows:
        have = [clause for clause in row.clause_ids() if clause in driven]
        yield f"{row.id:<4}{len(have)}/{len(row.clauses)} clauses  {row.title}"
        missing += [
            f"{id_:<6}{text}" for id_, text in zip(row.clause_ids(), row.clauses, strict=True) if id_ not in driven
        ]
    total = sum(len(row.clauses) for row in rows)
    yield ""
    yield f"{total - len(missing)} of {total} clauses are driven by passing tests"
    if missing:
        yield "no test drives yet:"
        yield from (f"  {line}" for line in missing)


def is_fresh(record: Path, root: Path = ROOT) -> bool:
    """Whether nothing was changed since the run that left this record began."""
    try:
        made = record.stat().st_mtime
    except FileNotFoundError:
        return False
    paths = (path for name in SOURCES for path in ((root / name), *(root / name).rglob("*")))
    return all(path.stat().st_mtime <= made for path in paths if path.is_file() and "__pycache__" not in path.parts)


def main() -> int:
    if is_fresh(RECORD):
        driven = frozenset(json.loads(RECORD.read_text("utf-8")))
        print("\n".join(report_lines(read_rows(FEATURE_LIST.read_text("utf-8")), driven)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "driven.json"
        code = pytest.main(["-q", "-m", "feature", f"--features-record={record}"])
        driven = frozenset(json.loads(record.read_text("utf-8")))
    for line in report_lines(read_rows(FEATURE_LIST.read_text("utf-8")), driven):
        print(line)
    return 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else int(code)


if __name__ == "__main__":
    sys.exit(main())
