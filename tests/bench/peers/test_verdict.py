"""What became of an edit is read from states alone."""

import json
from pathlib import Path
from typing import Any

from tests.bench.peers.verdict import judge

EDITS = [
    {"till": 2, "at_ms": 10, "customer": "a", "field": "email", "value": "old@2"},
    {"till": 2, "at_ms": 20, "customer": "a", "field": "email", "value": "x@2"},
    {"till": 3, "at_ms": 30, "customer": "a", "field": "email", "value": "x@3"},
    {"till": 3, "at_ms": 5, "customer": "b", "field": "name", "value": ["B", "C"]},
]


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def state(email: str, *, named: tuple[str, ...] = (), history: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [
        {
            "customer": "a",
            "fields": {"email": email},
            "conflicts": {"email": list(named)},
            "history": {"email": list(history)},
        },
        {"customer": "b", "fields": {"name": ["B", "C"]}, "conflicts": {}, "history": {}},
    ]


def test_the_newer_edit_stands_and_the_older_is_named(tmp_path: Path) -> None:
    states = [written(tmp_path / name, state("x@3", named=("x@2",))) for name in ("2", "3")]
    fates = judge(written(tmp_path / "workload", EDITS), states)
    assert (fates.clashes, fates.newer_won, fates.named, fates.gone, fates.equal) == (1, 1, 1, 0, True)


def test_a_value_that_nothing_holds_is_gone_and_one_in_a_history_is_not(tmp_path: Path) -> None:
    gone = written(tmp_path / "2", state("x@2"))
    in_history = written(tmp_path / "3", state("x@2", history=("old@2", "x@3")))
    workload = written(tmp_path / "workload", EDITS)
    assert judge(workload, [in_history, in_history]).in_history == 1
    fates = judge(workload, [gone, in_history])
    assert (fates.newer_won, fates.named, fates.gone) == (0, 0, 1)


def test_tills_that_differ_are_not_equal(tmp_path: Path) -> None:
    states = [written(tmp_path / "2", state("x@2")), written(tmp_path / "3", state("x@3"))]
    assert not judge(written(tmp_path / "workload", EDITS), states).equal


def test_an_edit_that_never_arrived_is_gone(tmp_path: Path) -> None:
    states = [written(tmp_path / "2", state("x@3", named=("x@2",))[:1])] * 2
    assert judge(written(tmp_path / "workload", EDITS), states).gone == 1
