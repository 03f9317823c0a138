"""What is told at identification, over the record: what is to be done with this customer, or a block. Pure."""

from dataclasses import dataclass, field
from typing import Final, Literal

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Note
from daemon.web.customer_view import till_notes

NOTES_MAX: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert, whatever there is to tell: at most one stands over a screen."""

    level: Literal["todo", "blocked"]
    customer: str
    name: str = field(repr=False)
    reason: str = field(default="", repr=False)
    notes: tuple[Note, ...] = ()
    more: int = 0
    """Further notes, which the record lists."""


def alert_of(customer: Customer) -> Alert | None:
    """What has to be seen before this customer is served; None where there is nothing."""
    notes = till_notes(customer)
    if customer.walk_in or not (customer.blocked or notes):
        return None
    return Alert(
        level="blocked" if customer.blocked else "todo",
        customer=customer.id,
        name=customer.display_name,
        reason=customer.blocked_reason or "",
        notes=notes[:NOTES_MAX],
        more=max(len(notes) - NOTES_MAX, 0),
    )
