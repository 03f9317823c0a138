"""Held tickets as the till's screens show them: a line each, and what may be done with one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.desk.tickets_shown import TakeShown, TicketShown, TicketStep
from daemon.web.i18n import Words

TYPE_WORDS: Final = {
    "basket": "Basket",
    "quote": "Quote",
    "layaway": "Layaway",
    "special_order": "Special order",
    "work_order": "Work order",
}
"""Message ids by the type of a ticket."""

STAGE_WORDS: Final = {
    "held": "Parked",
    "made": "Made",
    "sent": "Sent",
    "accepted": "Accepted",
    "refused": "Refused",
    "set_aside": "Set aside",
    "paid": "Paid",
    "asked": "Asked for",
    "ordered": "Ordered",
    "arrived": "Arrived",
    "announced": "Customer told",
    "received": "Received",
    "in_work": "In work",
    "waiting": "Waits for parts",
    "ready": "Ready to fetch",
}
"""Message ids by stage."""

STEP_WORDS: Final = {
    "taken": "Resumed",
    "given back": "Put back",
    "advanced": "Stage",
    "deposit": "Deposit",
    "posted": "Sold",
    "confirmed": "Confirmed by a person",
    "closed": "Closed",
    "reopened": "Opened again",
}
"""Message ids by step; what is not here is not shown."""

SHOWN: Final = 60
WITH_DEPOSIT: Final = frozenset({"layaway", "special_order", "work_order"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketRow:
    """One line. `said`: who has it, and what taking it over means; `despite`: what is named when it is."""

    id: str
    title: str = field(repr=False)
    under: str = field(repr=False)
    stage: str
    total: str
    at_ms: int
    said: str
    look: str
    """ok, amber, blue or stamp: what the chip of its stage looks like."""
    may_take: bool
    is_mine: bool
    despite: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRow:
    """One thing that was done."""

    at_ms: int
    title: str
    text: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketView:
    """One ticket with all that may be done with it. `stages`: (stage, its word). `rivals`: what a person confirms."""

    row: TicketRow
    customer: str
    comment: str = field(repr=False)
    due: str
    deposits: str
    left: str
    is_open: bool
    is_closed: bool
    stages: tuple[tuple[str, str], ...]
    may_deposit: bool
    others: str
    """The take-over of another till that a person may take the ticket away from."""
    rivals: tuple[str, ...]
    unsettled: tuple[tuple[str, str], ...]
    """Sales that one ticket became, (id, in words), until a person has named one."""
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketRows:
    """The tickets of a record: what somebody has still to do with first; how many these are."""

    rows: tuple[TicketRow, ...]
    live: int


def row_of(ticket: TicketShown, words: Words, *, offline: bool, now_ms: int, on_record: bool = False) -> TicketRow:
    """A ticket as a line; on the record of its customer nobody has to be told whose it is."""
    holder, mine = ticket.taken_by, next((take for take in ticket.takes if take.here), None)
    is_theirs = holder is not None and mine is None
    kind = words.text(TYPE_WORDS[ticket.type])
    who = ticket.customer.display_name if ticket.customer and not on_record else ""
    word, look = _stage(ticket, words)
    return TicketRow(
        id=ticket.id,
        title=ticket.label or who or kind,
        under=" · ".join(part for part in (kind, who if ticket.label else "", _source(ticket, words)) if part),
        stage=word,
        total=words.euros(ticket.total) if ticket.total else "",
        at_ms=instant.parse(ticket.written_at, field="written_at"),
        said=_said(ticket, holder, words, offline=offline, now_ms=now_ms) if is_theirs or ticket.flags else "",
        look=look,
        may_take=ticket.state in {"open", "taken"} and mine is None and (offline or holder is None),
        is_mine=mine is not None,
        despite=holder.id if holder is not None and is_theirs else "",
    )


def rows_of(found: Iterable[TicketShown], words: Words, *, offline: bool, now_ms: int) -> tuple[TicketRow, ...]:
    """Tickets as lines."""
    return tuple(row_of(one, words, offline=offline, now_ms=now_ms) for one in found)


def of_record(found: Iterable[TicketShown], words: Words, *, offline: bool, now_ms: int) -> TicketRows:
    """The tickets of one customer."""
    ordered = sorted(found, key=lambda one: one.state in {"posted", "closed"} and one.settled)
    live = sum(1 for one in ordered if one.state not in {"posted", "closed"} or not one.settled)
    rows = tuple(row_of(one, words, offline=offline, now_ms=now_ms, on_record=True) for one in ordered)
    return TicketRows(rows=rows, live=live)


def view_of(ticket: TicketShown, words: Words, *, offline: bool, now_ms: int) -> TicketView:
    """One ticket."""
    row = row_of(ticket, words, offline=offline, now_ms=now_ms, on_record=bool(ticket.label))
    is_open = ticket.state in {"open", "taken"}
    sold = tuple((one.sale_id, _sale_words(one.at, one.till, one.site, words, now_ms)) for one in ticket.sales)
    return TicketView(
        row=row,
        customer=ticket.customer.id if ticket.customer else "",
        comment=ticket.comment,
        due=words.date(ticket.due_day) if ticket.due_day else "",
        deposits=words.euros(ticket.deposits) if ticket.deposits else "",
        left=words.euros(ticket.left_to_pay) if ticket.total else "",
        is_open=is_open,
        is_closed=ticket.state == "closed" and not ticket.deposits,
        stages=tuple((stage, words.text(STAGE_WORDS[stage])) for stage in ticket.next_stages),
        may_deposit=is_open and ticket.type in WITH_DEPOSIT and ticket.left_to_pay > 0 and ticket.customer is not None,
        others=row.despite if is_open else "",
        rivals=ticket.confirm,
        unsettled=() if ticket.settled else sold,
        steps=tuple(_step(one, words) for one in ticket.steps if one.what in STEP_WORDS),
    )


def _stage(ticket: TicketShown, words: Words) -> tuple[str, str]:
    """The word of the chip, and its look."""
    if not ticket.settled:
        return words.text("Sold twice"), "stamp"
    if ticket.state == "posted":
        return words.text("Sold"), "ok"
    if ticket.state == "closed":
        return words.text("Closed"), ""
    return words.text(STAGE_WORDS.get(ticket.stage, ticket.stage)), "blue"


def _said(ticket: TicketShown, holder: TakeShown | None, words: Words, *, offline: bool, now_ms: int) -> str:
    """Who has it; that several do; what taking it over would mean."""
    parts = []
    if len(ticket.takes) > 1:
        tills = [_till(take.till, take.site, words) for take in ticket.takes]
        parts.append(words.text("Resumed at %(tills)s while they could not hear each other.", tills=", ".join(tills)))
    elif holder is not None and not holder.here:
        at = words.moment(instant.parse(holder.at, field="at"), now_ms)
        till = _till(holder.till, holder.site, words)
        parts.append(words.text("Resumed at %(till)s, %(at)s.", till=till, at=at))
        if offline and ticket.state == "taken":
            parts.append(words.text("It can be resumed here; that will be reported."))
    if not ticket.settled:
        parts.append(words.text("Two tills sold it: somebody has to look."))
    return " ".join(parts)


def _till(label: str, site: int, words: Words) -> str:
    return label or words.text("Till %(site)s", site=site)


def _source(ticket: TicketShown, words: Words) -> str:
    return words.text("web store") if ticket.source == "web" else ""


def _sale_words(at: str, label: str, site: int, words: Words, now_ms: int) -> str:
    when = words.moment(instant.parse(at, field="at"), now_ms)
    return words.text("%(till)s, %(at)s", till=_till(label, site, words), at=when)


def _step(step: TicketStep, words: Words) -> StepRow:
    text = words.text(STAGE_WORDS[step.stage]) if step.stage in STAGE_WORDS else step.reason
    return StepRow(
        at_ms=instant.parse(step.at, field="at"),
        title=words.text(STEP_WORDS[step.what]),
        text=words.euros(step.amount) if step.amount else text,
        by=" · ".join(part for part in (words.author(step.by), _till(step.till, step.site, words)) if part),
    )
