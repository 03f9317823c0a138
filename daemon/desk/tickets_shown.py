"""Held tickets as the API shows them: one with how it came to where it is, and lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from daemon.desk import instant
from daemon.desk.lookup import operator_names
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.domain.calendar import day_text
from daemon.domain.hlc import Stamp
from daemon.domain.remark import texts
from daemon.domain.site_row import label_of, site_key
from daemon.domain.ticket import Posting, Said, State, Take, Ticket, TicketType
from daemon.store import customers, elements, tickets
from daemon.store.database import Connection
from daemon.store.replica import Replica

Flag = Literal["taken_offline", "taken_twice", "sold_twice"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeShown:
    """Who has a ticket: a sale of a till. `awarded`: head office was asked; `here`: it is this till's."""

    id: str
    sale_id: str
    site: int
    till: str
    at: str
    by: str
    awarded: bool
    here: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketSale:
    """A sale that a ticket became."""

    sale_id: str
    site: int
    till: str
    at: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketStep:
    """One thing that was done with a ticket; `what` in the words of `domain.ticket.Step`."""

    at: str
    what: str
    by: str
    site: int
    till: str
    stage: str = ""
    amount: int = 0
    sale_id: str = ""
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketShown:
    """A held ticket; cents. `customer` is null where it is nobody's in particular.

    `taken_by`: whose it is now, `takes` all who have it. Flags: `taken_offline`, without asking head office;
    `taken_twice`, by tills that could not hear of each other; `sold_twice`, until `settled` by a person.
    `confirm`: what a person has to name before a sale of this till that has the ticket can be posted.
    """

    id: str
    type: TicketType
    state: State
    stage: str
    next_stages: tuple[str, ...]
    shop: int
    customer: CustomerBrief | None
    label: str = field(repr=False)
    comment: str = field(repr=False)
    total: int
    deposits: int
    left_to_pay: int
    source: str
    written_at: str
    due_day: str | None
    basket_bytes: int
    taken_by: TakeShown | None
    takes: tuple[TakeShown, ...]
    sales: tuple[TicketSale, ...]
    flags: tuple[Flag, ...]
    settled: bool
    confirm: tuple[str, ...]
    steps: tuple[TicketStep, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketsFound:
    """Held tickets, the newest first; `more`: there are others."""

    tickets: tuple[TicketShown, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Names:
    operators: Mapping[str, str]
    tills: Mapping[int, str]
    authors: Mapping[Stamp, str]
    said: Mapping[bytes, str]

    def who(self, said: str, stated: Stamp) -> str:
        by = said or self.authors.get(stated, "")
        return self.operators.get(by, by)


def show(conn: Connection, replica: Replica, found: Sequence[Ticket]) -> tuple[TicketShown, ...]:
    """Tickets as they are shown at this replica."""
    steps = [step for ticket in found for step in ticket.steps]
    tills = {site: label_of(elements.element(conn, site_key(site))) for site in {step.site for step in steps}}
    authors = customers.authors(conn, {step.stated for step in steps if not step.by})
    said = texts(one for ticket in found for one in tickets.remarks(conn, ticket))
    names = _Names(operator_names(conn), tills, authors, said)
    people = [brief_of(one) for one in customers.listed(conn, [ticket.owner for ticket in found])]
    site = replica.identity.site
    return tuple(_shown(ticket, who, names, site) for ticket, who in zip(found, people, strict=True))


def _shown(ticket: Ticket, customer: CustomerBrief | None, names: _Names, site: int) -> TicketShown:
    holder = ticket.holder
    mine = next((take for take in ticket.takes if take.site == site), None)
    return TicketShown(
        id=ticket.id.hex(),
        type=ticket.type,
        state=ticket.state,
        stage=ticket.stage,
        next_stages=ticket.next_stages,
        shop=ticket.shop,
        customer=customer,
        label=ticket.label,
        comment=ticket.comment,
        total=ticket.total,
        deposits=ticket.deposits,
        left_to_pay=max(ticket.total - ticket.deposits, 0),
        source=ticket.source,
        written_at=instant.shown(ticket.written_ms),
        due_day=day_text(ticket.due_day),
        basket_bytes=len(ticket.basket.encode()),
        taken_by=_take(holder, names, site) if holder is not None else None,
        takes=tuple(_take(take, names, site) for take in ticket.takes),
        sales=tuple(_sale(sold, names) for sold in ticket.posted),
        flags=_flags(ticket),
        settled=not ticket.is_unsettled,
        confirm=tuple(one.hex() for one in ticket.rivals_of(mine.sale)) if mine is not None else (),
        steps=tuple(_step(step, names) for step in ticket.steps),
    )


def _flags(ticket: Ticket) -> tuple[Flag, ...]:
    told: list[Flag] = []
    if any(not take.awarded for take in ticket.takes):
        told.append("taken_offline")
    if ticket.is_taken_twice:
        told.append("taken_twice")
    if len(ticket.posted) + bool(ticket.posted and ticket.gone_by) > 1:
        told.append("sold_twice")
    return tuple(told)


def _take(take: Take, names: _Names, site: int) -> TakeShown:
    return TakeShown(
        id=take.id.hex(),
        sale_id=take.sale.hex(),
        site=take.site,
        till=names.tills.get(take.site, ""),
        at=instant.shown(take.at_ms),
        by=names.who(take.by, take.stated),
        awarded=take.awarded,
        here=take.site == site,
    )


def _sale(sold: Posting, names: _Names) -> TicketSale:
    return TicketSale(
        sale_id=sold.sale.hex(),
        site=sold.site,
        till=names.tills.get(sold.site, ""),
        at=instant.shown(sold.at_ms),
        by=names.who(sold.by, sold.stated),
    )


def _step(step: Said, names: _Names) -> TicketStep:
    return TicketStep(
        at=instant.shown(step.at_ms),
        what=step.what,
        by=names.who(step.by, step.stated),
        site=step.site,
        till=names.tills.get(step.site, ""),
        stage=step.stage,
        amount=step.amount,
        sale_id=step.sale.hex(),
        reason=names.said.get(step.id, step.reason),
    )
