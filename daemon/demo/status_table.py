"""The table that `comptoir demo status` draws. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from daemon.demo.words import Speech

_COLUMNS: Final = (
    "name",
    "shop",
    "state",
    "line",
    "online",
    "waiting",
    "offset",
    "equal",
    "memory",
    "printer",
    "address",
)
_RIGHT: Final = ("waiting", "offset", "memory")
_GAP: Final = "  "


def rows_drawn(rows: Sequence[Mapping[str, Any]], speech: Speech) -> str:
    """Aligned lines under their titles."""
    table = [[speech(f"column_{column}") for column in _COLUMNS]]
    table += [[_cell(column, row, speech) for column in _COLUMNS] for row in rows]
    widths = [max(len(line[at]) for line in table) for at in range(len(_COLUMNS))]
    return "".join(_line(line, widths) for line in table)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (
        cell.rjust(width) if column in _RIGHT else cell.ljust(width)
        for column, cell, width in zip(_COLUMNS, cells, widths, strict=True)
    )
    return _GAP.join(aligned).rstrip() + "\n"


def _cell(column: str, row: Mapping[str, Any], speech: Speech) -> str:
    """What is not known stays blank, never 0."""
    if column == "memory":
        memory = row.get("memory_mib")
        return "" if memory is None else f"{speech.figure(round(memory))} MiB"
    value = row.get(column)
    match value:
        case None:
            return ""
        case bool():
            return speech("yes" if value else "no")
        case int():
            return speech.figure(value)
        case _ if column in {"state", "line", "printer"}:
            return speech(f"{column}_{value}")
        case _:
            return str(value)
