"""Held tickets: baskets that were set aside, quotes, layaways, special orders, work orders. Pure.

A held ticket is an element that says what is in it, and steps: facts that tills state of it and that never change. How
it stands follows from both alone, so that every till of the shop says the same, whatever came first.

A take-over is such a fact. While head office can be asked it awards a ticket to one sale of one till. Without it a till
takes over by itself; where two have done so, both stand, everybody sees it, and who sells it after the other needs a
person who names what the other did.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from daemon.domain.element import Element
from daemon.domain.hlc import Stamp, ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import SHAPES, SHOP_NUMBER, Kind

_TICKET: Final = SHAPES[Kind.HELD_TICKET]
TYPE: Final = _TICKET.number("kind")
LABEL: Final = _TICKET.number("label")
BASKET: Final = _TICKET.number("basket")
TOTAL: Final = _TICKET.number("total")
WRITTEN: Final = _TICKET.number("written_ms")
SOURCE: Final = _TICKET.number("source")
COMMENT: Final = _TICKET.number("comment")
DUE: Final = _TICKET.number("due_day")

_STEP: Final = SHAPES[Kind.TICKET_STEP]
OF: Final = _STEP.number("ticket")
WHAT: Final = _STEP.number("what")
SITE: Final = _STEP.number("site")
SAID: Final = _STEP.number("said_ms")
BY: Final = _STEP.number("by")
SALE: Final = _STEP.number("sale")
STAGE: Final = _STEP.number("stage")
AMOUNT: Final = _STEP.number("amount")
TAKE: Final = _STEP.number("take")
NAMES: Final = _STEP.number("names")
REASON: Final = _STEP.number("reason")
"""Why the program said it. What people type is a remark of the ticket's owner, under the id of the step."""
TURN: Final = _STEP.number("turn")
"""Of steps that replace one another: one more than all that their author had seen, whatever the clocks say."""


class TicketType(StrEnum):
    """What is held; the stored spelling."""

    BASKET = "basket"
    QUOTE = "quote"
    LAYAWAY = "layaway"
    SPECIAL_ORDER = "special_order"
    WORK_ORDER = "work_order"


STAGES: Final[Mapping[TicketType, Mapping[str, tuple[str, ...]]]] = {
    TicketType.BASKET: {"held": ()},
    TicketType.QUOTE: {
        "made": ("sent", "accepted", "refused"),
        "sent": ("accepted", "refused"),
        "accepted": ("refused",),
        "refused": ("sent", "accepted"),
    },
    TicketType.LAYAWAY: {"set_aside": ("paid",), "paid": ("set_aside",)},
    TicketType.SPECIAL_ORDER: {
        "asked": ("ordered",),
        "ordered": ("arrived", "asked"),
        "arrived": ("announced", "ordered"),
        "announced": ("arrived",),
    },
    TicketType.WORK_ORDER: {
        "received": ("in_work",),
        "in_work": ("ready", "waiting", "received"),
        "waiting": ("in_work",),
        "ready": ("announced", "in_work"),
        "announced": ("ready", "in_work"),
    },
}
"""The stages of each type, the first one first, and where each may go: onward first, then back."""

WITH_DEPOSIT: Final = frozenset({TicketType.LAYAWAY, TicketType.SPECIAL_ORDER, TicketType.WORK_ORDER})
"""The types that a customer pays something on beforehand; they are somebody's."""


class Step(StrEnum):
    """What is stated of a ticket; the stored spelling."""

    TAKEN = "taken"
    AWARDED = "awarded"
    """Head office said that this take-over is the one."""
    CARRIED = "carried"
    """The till put what is in it into the basket of its visit: whoever posts that sale sells the ticket with it."""
    GIVEN_BACK = "given back"
    ADVANCED = "advanced"
    DEPOSIT = "deposit"
    POSTED = "posted"
    CONFIRMED = "confirmed"
    """A person names a take-over or a sale of another till, and lets this one be sold all the same."""
    CLOSED = "closed"
    REOPENED = "reopened"


WITH_REMARK: Final = frozenset({Step.GIVEN_BACK, Step.CLOSED})
"""Steps that somebody may say a word about."""

State = Literal["open", "taken", "posted", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Take:
    """A take-over that stands: by the sale of a till. `awarded`: head office was asked and said yes."""

    id: bytes
    sale: bytes
    site: int
    at_ms: int
    by: str
    stated: Stamp
    awarded: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """A sale that a ticket became."""

    sale: bytes
    site: int
    at_ms: int
    by: str
    stated: Stamp


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One step, for whoever reads how a ticket came to where it is."""

    what: str
    id: bytes
    site: int
    at_ms: int
    by: str
    stated: Stamp
    sale: bytes = b""
    stage: str = ""
    amount: int = 0
    take: bytes = b""
    names: bytes = b""
    reason: str = ""
    turn: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A held ticket as it stands. `owner`: the customer, or an id of its own where it is nobody's in particular.

    `takes`: those that stand; `posted`: the sales that it became, in their order (two: it was sold twice).
    `named`: sales that somebody has named for each sale that was made beside them.
    """

    owner: EntityId
    id: bytes
    type: TicketType
    shop: int
    label: str = field(default="", repr=False)
    basket: str = field(default="", repr=False)
    total: int = 0
    source: str = ""
    comment: str = field(default="", repr=False)
    written_ms: int = 0
    due_day: int | None = None
    stage: str = ""
    is_closed: bool = False
    deposits: int = 0
    takes: tuple[Take, ...] = ()
    posted: tuple[Posting, ...] = ()
    named: frozenset[bytes] = frozenset()
    steps: tuple[Said, ...] = ()

    @property
    def state(self) -> State:
        """How it stands; a sale outweighs a closing that had not heard of it."""
        if self.posted:
            return "posted"
        if self.is_closed:
            return "closed"
        return "taken" if self.takes else "open"

    @property
    def holder(self) -> Take | None:
        """Whose ticket it is: the take-over that head office awarded, else the one that was stated first."""
        return min(self.takes, key=lambda take: (not take.awarded, take.stated, take.id), default=None)

    @property
    def is_taken_twice(self) -> bool:
        """Whether two sales have it, or had it until one was posted: tills that could not hear of each other."""
        return len({take.sale for take in self.takes} | {sold.sale for sold in self.posted}) > 1

    @property
    def gone_by(self) -> bytes:
        """The closing with which it went to another shop, or what was paid beforehand went; empty: none.

        A till that had not heard of it may have sold the ticket all the same: then it was given away twice.
        """
        closing = _last(step for step in self.steps if step.what in {Step.CLOSED, Step.REOPENED})
        if closing is None or closing.what != Step.CLOSED or not (closing.names or self.deposits):
            return b""
        return closing.id

    @property
    def is_unsettled(self) -> bool:
        """Whether it was sold twice, or sold and gone, and nobody has said so of each but one."""
        ways = [sold.sale for sold in self.posted] + ([self.gone_by] if self.posted and self.gone_by else [])
        return sum(1 for one in ways if one not in self.named) > 1

    @property
    def paid_parts(self) -> Mapping[bytes, int]:
        """What was paid beforehand, by the ticket that it was paid on: one comes to another shop with what was."""
        parts: dict[bytes, int] = {}
        for step in self.steps:
            if step.what == Step.DEPOSIT:
                parts[step.take or self.id] = parts.get(step.take or self.id, 0) + step.amount
        return parts

    @property
    def next_stages(self) -> tuple[str, ...]:
        """Where it may go from here."""
        return STAGES[self.type].get(self.stage, ()) if self.state in {"open", "taken"} else ()

    @property
    def next_turn(self) -> int:
        """The turn of a step that replaces what has been said."""
        return max((step.turn for step in self.steps), default=0) + 1

    def take_of(self, sale: bytes) -> Take | None:
        """The standing take-over of a sale."""
        return next((take for take in self.takes if take.sale == sale), None)

    def is_carried_by(self, sale: bytes) -> bool:
        """Whether posting this sale may sell the ticket: its till took it over and has not given it back itself."""
        back = {(step.take, step.site) for step in self.steps if step.what == Step.GIVEN_BACK}
        return any(
            step.what == Step.TAKEN and step.sale == sale and (step.id, step.site) not in back for step in self.steps
        )

    def is_inside(self, sale: bytes) -> bool:
        """Whether its till has said that the ticket is in the basket of this sale; what it has not, is perhaps not."""
        back = {(step.take, step.site) for step in self.steps if step.what == Step.GIVEN_BACK}
        return any(
            step.what == Step.CARRIED and step.sale == sale and (step.take, step.site) not in back
            for step in self.steps
        )

    def rivals_of(self, sale: bytes) -> tuple[bytes, ...]:
        """What a person has to name before this sale is posted: other sales of the ticket, its holder, how it went."""
        rivals = [sold.sale for sold in self.posted if sold.sale != sale]
        holder = self.holder
        if holder is not None and holder.sale not in {sale, *rivals}:
            rivals.append(holder.id)
        if self.gone_by and all(sold.sale != sale for sold in self.posted):
            rivals.append(self.gone_by)
        confirmed = {step.names for step in self.steps if step.what == Step.CONFIRMED and step.sale == sale}
        return tuple(one for one in rivals if one not in confirmed)


def read(element: Element, steps: Iterable[Element]) -> Ticket:
    """A ticket as it stands after its steps, in whatever order they are given."""
    said = sorted((_said(one) for one in steps), key=lambda step: (step.stated, step.id))
    value = element.fields.get
    type_ = _type(value(TYPE))
    gone = {step.take for step in said if step.what == Step.GIVEN_BACK}
    awarded = {step.take for step in said if step.what == Step.AWARDED}
    takes = [_take(step, awarded) for step in said if step.what == Step.TAKEN]
    posted = tuple(_posting(step) for step in said if step.what == Step.POSTED)
    sold = {one.sale for one in posted}
    named = {step.names for step in said if step.what == Step.CONFIRMED}
    named |= {take.sale for take in takes if take.id in named}
    closing = _last(step for step in said if step.what in {Step.CLOSED, Step.REOPENED})
    advanced = _last(step for step in said if step.what == Step.ADVANCED and step.stage in STAGES[type_])
    return Ticket(
        owner=EntityId(element.entity),
        id=element.dot,
        type=type_,
        shop=_number(value(SHOP_NUMBER)),
        label=_text(value(LABEL)),
        basket=_text(value(BASKET)),
        total=_number(value(TOTAL)),
        source=_text(value(SOURCE)),
        comment=_text(value(COMMENT)),
        written_ms=_number(value(WRITTEN)) or ms_of(element.base),
        due_day=_number(value(DUE)) or None,
        stage=advanced.stage if advanced is not None else next(iter(STAGES[type_])),
        is_closed=closing is not None and closing.what == Step.CLOSED,
        deposits=sum(step.amount for step in said if step.what == Step.DEPOSIT),
        takes=tuple(take for take in takes if take.id not in gone and take.sale not in sold),
        posted=posted,
        named=frozenset(named),
        steps=tuple(said),
    )


def _last(steps: Iterable[Said]) -> Said | None:
    """The one that stands: whose author had seen the others, else the newer one."""
    return max(steps, key=lambda step: (step.turn, step.stated, step.id), default=None)


def ticket_of(step: Element) -> bytes:
    """The ticket that a step is of; empty for one that names none."""
    return _id(step.fields.get(OF))


def sale_taking(step: Element) -> bytes:
    """The sale that a step says to have taken its ticket over; empty for other steps."""
    return _id(step.fields.get(SALE)) if step.fields.get(WHAT) == Step.TAKEN else b""


def is_live(ticket: Ticket) -> bool:
    """Whether somebody has still to do with it: it is held, or was sold while another till has it, or twice."""
    return ticket.state in {"open", "taken"} or bool(ticket.takes) or ticket.is_unsettled


def is_over(ticket: Ticket, *, is_nobodys: bool) -> bool:
    """Whether a ticket that is old may be forgotten: nothing can become of it, or nobody has come back for theirs."""
    return not is_live(ticket) or (is_nobodys and ticket.state == "open" and not ticket.deposits)


def by_written(tickets: Iterable[Ticket]) -> Sequence[Ticket]:
    """The newest first."""
    return sorted(tickets, key=lambda one: (-one.written_ms, one.id))


def _said(step: Element) -> Said:
    value = step.fields.get
    return Said(
        what=_text(value(WHAT)),
        id=step.dot,
        site=_number(value(SITE)),
        at_ms=_number(value(SAID)) or ms_of(step.base),
        by=_text(value(BY)),
        stated=step.base,
        sale=_id(value(SALE)),
        stage=_text(value(STAGE)),
        amount=_number(value(AMOUNT)),
        take=_id(value(TAKE)),
        names=_id(value(NAMES)),
        reason=_text(value(REASON)),
        turn=_number(value(TURN)),
    )


def _take(step: Said, awarded: set[bytes]) -> Take:
    return Take(
        id=step.id,
        sale=step.sale,
        site=step.site,
        at_ms=step.at_ms,
        by=step.by,
        stated=step.stated,
        awarded=step.id in awarded,
    )


def _posting(step: Said) -> Posting:
    return Posting(sale=step.sale, site=step.site, at_ms=step.at_ms, by=step.by, stated=step.stated)


def _type(value: Any) -> TicketType:
    """The type that a ticket says; one of a newer version is shown as a basket."""
    try:
        return TicketType(value)
    except ValueError:
        return TicketType.BASKET


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if type(value) is int and abs(value) < 1 << 62 else 0


def _id(value: Any) -> bytes:
    return value if isinstance(value, bytes) and len(value) == 8 else b""
