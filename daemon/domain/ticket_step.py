"""What somebody does with a held ticket: the steps that say so, or why it cannot be. Pure.

Steps stay for good, so nothing that people type is in one: why a ticket was closed or taken away is a remark under the
id of the step, and goes with the ticket, or with its customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from daemon.domain import authoring, rights
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_DEPOSIT, SHOP_NUMBER, Kind
from daemon.domain.ledger import AMOUNT, AMOUNT_MAX, BOOK
from daemon.domain.remark import remark
from daemon.domain.ticket import AMOUNT as PAID
from daemon.domain.ticket import (
    BASKET,
    BY,
    COMMENT,
    DUE,
    LABEL,
    NAMES,
    OF,
    REASON,
    SAID,
    SALE,
    SITE,
    SOURCE,
    STAGE,
    STAGES,
    TAKE,
    TOTAL,
    TURN,
    TYPE,
    WHAT,
    WITH_DEPOSIT,
    WRITTEN,
    Step,
    Take,
    Ticket,
    TicketType,
)
from daemon.errors import Conflicting, OperatorMistake

DEPOSITED: Final = "deposit"
MOVED: Final = "moved"
"""Why a ticket was closed where it was: another shop has it now."""

Left = Literal["used", "refunded", "kept"]
"""What became of what was paid beforehand: it paid for the sale, went back, or stays with the shop."""

Verdict = Literal["granted", "taken", "posted", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hand:
    """Who states something, where and when."""

    site: int
    by: str
    at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What is in a ticket when it is made; `owner`: the customer, or a fresh id where it is nobody's in particular."""

    owner: bytes
    type: TicketType
    shop: int
    at_ms: int
    label: str = ""
    basket: str = field(default="", repr=False)
    total: int = 0
    source: str = ""
    comment: str = field(default="", repr=False)
    due_day: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Award:
    """What head office says to a till that wants a ticket: whose it is, and by which take-over."""

    verdict: Verdict
    take: Take | None = None


def hold(held: Held, *, id_: bytes = b"") -> Operation:
    """A new ticket; `id_` where it is known beforehand."""
    fields = {
        TYPE: str(held.type),
        SHOP_NUMBER: held.shop,
        WRITTEN: held.at_ms,
        LABEL: held.label or None,
        BASKET: held.basket or None,
        TOTAL: held.total or None,
        SOURCE: held.source or None,
        COMMENT: held.comment or None,
        DUE: held.due_day,
    }
    return authoring.add(Kind.HELD_TICKET, held.owner, fields, fact=id_)


def moved_id(ticket: Ticket, shop: int) -> bytes:
    """The id of a ticket that comes to another shop: the same, whoever says it."""
    return digest8(b"moved/" + ticket.id, shop.to_bytes(4, "big"))


def move(ticket: Ticket, shop: int, hand: Hand) -> tuple[Ticket, list[Operation]]:
    """A ticket of another shop, or of none, comes to a shop with all it is: closed there, the same one here."""
    id_ = moved_id(ticket, shop)
    here = replace(ticket, id=id_, shop=shop, takes=(), steps=())
    held = Held(
        owner=ticket.owner,
        type=ticket.type,
        shop=shop,
        at_ms=ticket.written_ms,
        label=ticket.label,
        basket=ticket.basket,
        total=ticket.total,
        source=ticket.source,
        comment=ticket.comment,
        due_day=ticket.due_day,
    )
    closed = _step(ticket, Step.CLOSED, hand, {REASON: MOVED, NAMES: id_, TURN: ticket.next_turn})
    operations = [closed, hold(held, id_=id_)]
    if ticket.stage != next(iter(STAGES[ticket.type])):
        operations.append(_step(here, Step.ADVANCED, hand, {STAGE: ticket.stage, TURN: 1}))
    operations += [
        _step(here, Step.DEPOSIT, hand, {PAID: amount, TAKE: paid_on}) for paid_on, amount in ticket.paid_parts.items()
    ]
    return here, operations


def award(ticket: Ticket, sale: bytes, given_back: Sequence[bytes] = ()) -> Award:
    """Whether a sale may have the ticket. `given_back`: take-overs that its till knows to stand no more.

    One that was awarded to this very sale is granted again: the answer was lost on the way.
    """
    if ticket.state in {"posted", "closed"}:
        return Award(verdict="posted" if ticket.posted else "closed")
    mine = ticket.take_of(sale)
    if mine is not None and mine.awarded:
        return Award(verdict="granted", take=mine)
    others = [take for take in ticket.takes if take.sale != sale and take.id not in given_back]
    if others:
        holder = min(others, key=lambda take: (not take.awarded, take.stated, take.id))
        return Award(verdict="taken", take=holder)
    return Award(verdict="granted", take=mine)


def take_alone(ticket: Ticket, take: bytes, sale: bytes, hand: Hand, *, despite: bytes = b"") -> list[Operation]:
    """A till takes over without head office; nothing where this sale has it already.

    Raises Conflicting where another sale is known to have it, whose take-over `despite` does not name.
    """
    if ticket.take_of(sale) is not None:
        return []
    check_held(ticket)
    holder = ticket.holder
    if holder is not None and holder.id != despite:
        raise Conflicting(
            f"despite: site {holder.site} has this ticket, and head office cannot be asked: taken over all the same"
            f" as {holder.id.hex()}, it is reported",
            field="despite",
        )
    return take_over(ticket, take, sale, hand, awarded=False)


def take_over(ticket: Ticket, take: bytes, sale: bytes, hand: Hand, *, awarded: bool) -> list[Operation]:
    """A sale has the ticket from now on. Head office and the till state the same two facts, so that one is enough."""
    taken = _step(ticket, Step.TAKEN, hand, {SALE: sale}, fact=take)
    return [taken, awarded_to(ticket, take, sale, hand)] if awarded else [taken]


def awarded_to(ticket: Ticket, take: bytes, sale: bytes, hand: Hand) -> Operation:
    """Head office has awarded the ticket to this take-over."""
    return _step(ticket, Step.AWARDED, hand, {SALE: sale, TAKE: take}, fact=digest8(b"awarded/" + take))


def carry(ticket: Ticket, take: bytes, sale: bytes, hand: Hand) -> list[Operation]:
    """What is in the ticket is in the basket of this sale: told to the shop, where another till may post it."""
    if any(step.what == Step.CARRIED and step.take == take for step in ticket.steps):
        return []
    return [_step(ticket, Step.CARRIED, hand, {SALE: sale, TAKE: take}, fact=digest8(b"carried/" + take))]


def put_back(ticket: Ticket, sale: bytes, hand: Hand) -> list[Operation]:
    """The till of a sale puts the ticket back: all that this sale ever stated of having it."""
    mine = [take for take in ticket.takes if take.sale == sale]
    return [operation for take in mine for operation in give_back(ticket, take.id, hand)]


def give_back(ticket: Ticket, take: bytes, hand: Hand, reason: str = "") -> list[Operation]:
    """A take-over stands no more: its till put the ticket back, or a person elsewhere took it away from there."""
    fact = digest8(b"given back/" + take, hand.site.to_bytes(4, "big"))
    return [_step(ticket, Step.GIVEN_BACK, hand, {TAKE: take}, fact=fact), *remark(ticket.owner, fact, reason)]


def advance(ticket: Ticket, stage: str, hand: Hand) -> list[Operation]:
    """The ticket comes to another stage of its type; being there already changes nothing. Raises Conflicting."""
    if stage not in STAGES[ticket.type]:
        raise OperatorMistake(f"stage: a ticket of this type has no stage {stage[:16]}", field="stage")
    check_held(ticket)
    if stage == ticket.stage:
        return []
    if stage not in ticket.next_stages:
        raise Conflicting(f"stage: from {ticket.stage} it cannot go to {stage}", field="stage")
    return [_step(ticket, Step.ADVANCED, hand, {STAGE: stage, TURN: ticket.next_turn})]


def deposit(ticket: Ticket, account: bytes, amount: int, id_: bytes, hand: Hand) -> list[Operation]:
    """The customer pays something beforehand: a movement of their account, and a step. Raises Conflicting."""
    check_held(ticket)
    if ticket.type not in WITH_DEPOSIT:
        raise Conflicting("amount: nothing is paid beforehand on a ticket of this type", field="amount")
    if not 0 < amount <= AMOUNT_MAX:
        raise OperatorMistake("amount: more than nothing, within bounds", field="amount")
    if ticket.total and ticket.deposits + amount > ticket.total:
        left = ticket.total - ticket.deposits
        raise Conflicting(f"amount: {max(left, 0)} cents are left to pay", field="amount")
    return [
        *rights.book(account, BOOK_DEPOSIT, amount, sale=id_, cause=DEPOSITED),
        _step(ticket, Step.DEPOSIT, hand, {PAID: amount}, fact=id_),
    ]


def sold(ticket: Ticket, sale: bytes, account: bytes | None, hand: Hand) -> list[Operation]:
    """The ticket became this sale; raises Conflicting where a person has to name who else had it."""
    rivals = ticket.rivals_of(sale)
    if rivals:
        name = rivals[0].hex()
        if ticket.posted:
            raise Conflicting(f"names: this was sold elsewhere as {name}: a person has to confirm it", field="names")
        raise Conflicting(f"names: another till has this as {name}: a person has to confirm it", field="names")
    fact = digest8(b"posted/" + ticket.id + sale)
    return [
        _step(ticket, Step.POSTED, hand, {SALE: sale}, fact=fact),
        *_settle_deposits(ticket, account, "used"),
    ]


def confirm(ticket: Ticket, names: bytes, sale: bytes, hand: Hand) -> list[Operation]:
    """A person has looked: `names` is the take-over or sale of somebody else, `sale` the one to be made all the same.

    Without a sale of their own they settle a ticket that was sold twice. Raises Conflicting for what it is not about.
    """
    known = {take.id for take in ticket.takes} | {one.sale for one in ticket.posted} | {ticket.gone_by}
    if names not in known or (sale and names not in ticket.rivals_of(sale)):
        raise Conflicting("names: nobody else has this ticket by that name", field="names")
    if not sale and not ticket.is_unsettled:
        raise Conflicting("names: there is nothing to settle on this ticket", field="names")
    fact = digest8(b"confirmed/" + ticket.id + names + sale)
    return [_step(ticket, Step.CONFIRMED, hand, {NAMES: names, SALE: sale or None}, fact=fact)]


def close(ticket: Ticket, reason: str, left: Left | None, account: bytes | None, hand: Hand) -> list[Operation]:
    """There will be no sale; `left`: what becomes of what was paid beforehand. Raises Conflicting."""
    if ticket.state == "closed":
        return []
    check_held(ticket)
    if ticket.takes:
        raise Conflicting("the ticket is taken over: put it back first", field="ticket")
    if ticket.deposits and left not in {"refunded", "kept"}:
        raise Conflicting("deposit: say what becomes of what was paid beforehand", field="deposit")
    turn = ticket.next_turn
    fact = digest8(b"closed/" + ticket.id, pack((hand.site, hand.at_ms, turn)))
    closed = _step(ticket, Step.CLOSED, hand, {TURN: turn}, fact=fact)
    settled = _settle_deposits(ticket, account, left) if left else []
    return [closed, *settled, *remark(ticket.owner, fact, reason)]


def reopen(ticket: Ticket, hand: Hand) -> list[Operation]:
    """It was closed by mistake; raises Conflicting where money went with it."""
    if ticket.state in {"open", "taken"}:
        return []
    if ticket.posted:
        raise Conflicting("the ticket was sold: make a new one", field="ticket")
    if ticket.deposits:
        raise Conflicting("what was paid beforehand went with its closing: make a new one", field="ticket")
    return [_step(ticket, Step.REOPENED, hand, {TURN: ticket.next_turn})]


def check_held(ticket: Ticket) -> None:
    """Whether something can still become of it; raises Conflicting."""
    if ticket.state == "posted":
        raise Conflicting("ticket: it was sold already", field="ticket")
    if ticket.state == "closed":
        raise Conflicting("ticket: it was closed", field="ticket")


def _settle_deposits(ticket: Ticket, account: bytes | None, left: Left) -> list[Operation]:
    """What was paid beforehand leaves the account once, whatever becomes of it, in whatever shop, whoever says so."""
    if account is None:
        return []
    operations = []
    for paid_on, amount in ticket.paid_parts.items():
        fact = rights.fact_of("deposit settled", paid_on, account, BOOK_DEPOSIT)
        fields = {BOOK: BOOK_DEPOSIT, AMOUNT: -amount, rights.CAUSE: f"{DEPOSITED} {left}"}
        operations.append(authoring.add(Kind.ENTRY, account, fields, fact=fact))
    return operations


def _step(ticket: Ticket, what: Step, hand: Hand, more: dict[int, Any], *, fact: bytes = b"") -> Operation:
    said = {
        OF: ticket.id,
        WHAT: str(what),
        SITE: hand.site,
        SAID: hand.at_ms,
        SHOP_NUMBER: ticket.shop,
        BY: hand.by[:64] or None,
    }
    return authoring.add(Kind.TICKET_STEP, ticket.owner, said | more, fact=fact)
