"""Bugs of held tickets: of who gets one, of who may sell it, of what is told and of what was paid on it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from daemon.desk import ticket_awards
from daemon.domain import ticket as rules
from daemon.domain import ticket_step as steps
from daemon.domain.change import Operation
from daemon.domain.kinds import Kind
from daemon.domain.ticket import Ticket
from daemon.store import tickets
from tests.simulation.planting import Plant, everywhere, patched


def award_given_to_whoever_asks() -> AbstractContextManager[None]:
    """Head office awards a ticket without looking who has it."""
    real = steps.award

    def award(ticket: Ticket, sale: bytes, given_back: Sequence[bytes] = ()) -> steps.Award:
        return real(replace(ticket, takes=()), sale, given_back)

    return everywhere(real, award)


def second_sale_needs_nobody() -> AbstractContextManager[None]:
    """A till sells what it took over, whoever has sold it meanwhile."""
    return patched(Ticket, "rivals_of", lambda self, sale: ())


def posting_takes_the_ticket_off_the_list() -> AbstractContextManager[None]:
    """A ticket that was sold is over, however often it was."""
    return everywhere(rules.is_live, lambda ticket: ticket.state in {"open", "taken"})


def deposit_leaves_the_account_twice() -> AbstractContextManager[None]:
    """What was paid beforehand leaves the account whenever a till says so: at a closing, and at the sale elsewhere."""
    real = steps._settle_deposits

    def settle(*args: Any) -> list[Operation]:
        return [replace(operation, dot=b"") if operation.kind == Kind.ENTRY else operation for operation in real(*args)]

    return everywhere(real, settle)


def restored_hub_awards_at_once() -> AbstractContextManager[None]:
    """Head office awards before the tills of the shop have told it what it forgot."""
    return patched(tickets, "shop_has_told", lambda conn, shop, boot: True)


def late_award_stays_taken() -> AbstractContextManager[None]:
    """A till does not give back what is awarded to a sale of its own that is over."""
    return everywhere(ticket_awards.put_back_of_closed, lambda *args, **named: 0)


PLANTED: Sequence[Plant] = (
    award_given_to_whoever_asks,
    second_sale_needs_nobody,
    posting_takes_the_ticket_off_the_list,
    deposit_leaves_the_account_twice,
    restored_hub_awards_at_once,
    late_award_stays_taken,
)
