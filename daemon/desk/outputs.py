"""How printers, customer displays and the drawer are, in one shape: what the API, a screen and head office are told.

Pure. A printer says how it is when it is asked; a display says nothing, so that what is told of it is whether it is
there and whether it took what it was sent last; a drawer hangs on a printer and is as well as that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.desk.display_desk import DisplayHealth
from daemon.desk.print_shown import PrinterHealth
from daemon.domain.print_job import GESTURES, Hold

State = Literal["connecting", "up", "absent", "error", "held"]

_STATES: Final[dict[Hold | None, State]] = {
    None: "up",
    Hold.ABSENT: "absent",
    Hold.SILENT: "error",
    Hold.FAULT: "error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputHealth:
    """How something that prints, shows or opens is; `detail` is a sentence for who can mend it."""

    device: str
    role: Literal["printer", "display", "drawer"]
    state: State
    detail: str
    last_used_ms: int | None
    reconnects: int


def outputs(
    printers: Sequence[PrinterHealth], displays: Sequence[DisplayHealth], drawer: str
) -> tuple[OutputHealth, ...]:
    """Printers, then displays, then the drawer, under the name of the printer that it hangs on."""
    return (
        *(_printer(one, "printer") for one in printers),
        *(_display(one) for one in displays),
        *(_printer(one, "drawer") for one in printers if one.printer == drawer),
    )


def _printer(health: PrinterHealth, role: Literal["printer", "drawer"]) -> OutputHealth:
    return OutputHealth(
        device=health.printer,
        role=role,
        state=_STATES.get(health.hold, "held") if health.is_known else "connecting",
        detail=GESTURES[health.hold] if health.hold else "",
        last_used_ms=health.last_ticket_ms if role == "printer" else None,
        reconnects=health.reconnects,
    )


def _display(health: DisplayHealth) -> OutputHealth:
    return OutputHealth(
        device=health.display,
        role="display",
        state=health.state,
        detail=health.detail,
        last_used_ms=health.last_shown_ms,
        reconnects=health.reconnects,
    )
