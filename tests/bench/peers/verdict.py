"""What became of each edit, by the workload and the states that both tills wrote after the exchange.

The last edit of a till to a field counts (an earlier one was replaced by somebody who had seen it). It stands, or the
library names its value as a conflict, or a history that can be read still has it, or it is gone.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Made = dict[tuple[str, str], dict[int, tuple[int, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fates:
    """How the edits fared at the worse of the two tills, and whether the tills are equal."""

    clashes: int
    newer_won: int
    named: int
    in_history: int
    gone: int
    equal: bool


def judge(workload: Path, states: list[Path]) -> Fates:
    """Read everything and say."""
    made = last_edits(workload)
    found = [{state["customer"]: state for state in _lines(path)} for path in states]
    fates = [_fates(made, here) for here in found]
    seen = [{customer: state["fields"] for customer, state in here.items()} for here in found]
    return Fates(
        clashes=fates[0]["clashes"],
        newer_won=min(fate["newer_won"] for fate in fates),
        named=min(fate["named"] for fate in fates),
        in_history=max(fate["in_history"] for fate in fates),
        gone=max(fate["gone"] for fate in fates),
        equal=all(one == seen[0] for one in seen),
    )


def last_edits(workload: Path) -> Made:
    """(customer, field) → till → (when, value)."""
    made: Made = {}
    for line in _lines(workload):
        if "till" in line:
            made.setdefault((line["customer"], line["field"]), {})[line["till"]] = (line["at_ms"], line["value"])
    return made


def _fates(made: Made, here: dict[str, Any]) -> dict[str, int]:
    count = {"clashes": 0, "newer_won": 0, "named": 0, "in_history": 0, "gone": 0}
    for (customer, field), edits in made.items():
        state = here.get(customer, {"fields": {}, "conflicts": {}, "history": {}})
        stands = state["fields"].get(field)
        if len(edits) > 1:
            count["clashes"] += 1
            count["newer_won"] += stands == max(edits.values())[1]
        for _, value in edits.values():
            if value != stands:
                count[_where(value, state, field)] += 1
    return count


def _where(value: Any, state: dict[str, Any], field: str) -> str:
    if value in state["conflicts"].get(field, []):
        return "named"
    return "in_history" if value in state["history"].get(field, []) else "gone"


def _lines(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        for text in file:
            yield json.loads(text)
