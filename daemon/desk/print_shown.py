"""What is told of print jobs and printers, to screens and programs; nothing of what is printed. Pure."""

from dataclasses import dataclass
from typing import Any

from daemon.desk import instant
from daemon.desk.print_ports import PrintJobChanged, changed
from daemon.domain.print_job import GESTURES, Hold, PrintJob


@dataclass(frozen=True, kw_only=True, slots=True)
class PrinterHealth:
    """How a printer was when it was last asked; without `hold` it is ready. Counts run since the daemon started."""

    printer: str
    hold: Hold | None
    is_known: bool = True
    """Whether it was asked since the daemon started."""
    last_ticket_ms: int | None = None
    """When a ticket was last sent to it."""
    reconnects: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintJobShown:
    """A print job; `gesture` says what helps while it is held, `asks_operator` that somebody has to look."""

    id: str
    kind: str
    printer: str
    state: str
    customer: str | None
    duplicata: bool
    hold: str | None
    gesture: str | None
    cause: str | None
    asks_operator: bool
    requested_at: str
    changed_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintJobEvent:
    """A print job has moved."""

    id: str
    kind: str
    printer: str
    state: str
    customer: str | None
    duplicata: bool
    hold: str | None
    gesture: str | None
    cause: str | None
    asks_operator: bool


def event_of(told: PrintJobChanged) -> PrintJobEvent:
    """What the print desk tells, as the live events carry it."""
    return PrintJobEvent(**_said(told))


def shown(job: PrintJob) -> PrintJobShown:
    """A print job as the API shows it; nothing of what is printed."""
    return PrintJobShown(
        **_said(changed(job)),
        requested_at=instant.shown(job.requested_ms),
        changed_at=instant.shown(job.changed_ms),
    )


def _said(told: PrintJobChanged) -> dict[str, Any]:
    return {
        "id": told.job_id.hex(),
        "kind": told.kind.value,
        "printer": told.printer,
        "state": told.state.value,
        "customer": told.customer.hex() if told.customer else None,
        "duplicata": told.duplicata,
        "hold": told.hold.value if told.hold else None,
        "gesture": GESTURES[told.hold] if told.hold else None,
        "cause": told.cause.value if told.cause else None,
        "asks_operator": told.asks_operator,
    }
