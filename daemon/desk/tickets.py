"""Held tickets: made, found, edited, advanced, paid on beforehand, closed. Taking them over is `ticket_taking`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from daemon.clock import random_id
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.customer_fields import line, paragraph
from daemon.desk.events import Event
from daemon.desk.inquiry import InquiryDesk
from daemon.desk.premises import Call, Premises, author_of, write_once
from daemon.desk.tickets_shown import TicketsFound, TicketShown, show
from daemon.desk.visits import refuse_card_in_basket
from daemon.domain import authoring
from daemon.domain import ticket as rules
from daemon.domain import ticket_step as steps
from daemon.domain.account import account_of
from daemon.domain.calendar import parse_day
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.leaving import is_deleted
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.ticket import Ticket, TicketType
from daemon.domain.ticket_step import Hand, Held, Left
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, tickets
from daemon.store.database import Connection
from daemon.typed import to_json

LABEL_LENGTH_MAX: Final = 100
COMMENT_LENGTH_MAX: Final = 2000
SOURCE_LENGTH_MAX: Final = 32
REASON_LENGTH_MAX: Final = 200
BASKET_BYTES_MAX: Final = 16_000
"""A record of 32 KiB carries it, whatever else is said of the ticket."""
FOUND_MAX: Final = tickets.FOUND_MAX
TICKETS_TOPIC: Final = "held_tickets"

FOR_NOBODY: Final = frozenset({TicketType.BASKET, TicketType.QUOTE})
"""Types that may be nobody's in particular."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketTerms:
    """What is said of a ticket beside its basket. `due_day`: until when it is good, or promised for."""

    type: TicketType = TicketType.BASKET
    label: str = field(default="", repr=False)
    comment: str = field(default="", repr=False)
    total: int = 0
    due_day: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTicket(TicketTerms):
    """A ticket to be held. `basket` is the till software's own JSON; `shop`: at head office, null for any shop."""

    customer: str | None = None
    basket: dict[str, Any] | None = field(default=None, repr=False)
    source: str = "till"
    shop: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketEdit:
    """What is said of it anew; what is absent stays."""

    label: str | None = field(default=None, repr=False)
    comment: str | None = field(default=None, repr=False)
    total: int | None = None
    due_day: str | None = None
    basket: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketsAsked:
    """Which tickets: of a customer, all; else those of a shop that somebody has still to do with."""

    customer: str = ""
    shop: int = 0
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Advancing:
    """The stage that a ticket comes to."""

    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Depositing:
    """What is paid beforehand, in cents."""

    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """There will be no sale, and why; what becomes of what was paid beforehand: `refunded` or `kept`."""

    reason: str = field(default="", repr=False)
    deposit: Left | None = None


Decide = Callable[[Connection, Ticket, Hand], Sequence[Operation]]


class TicketDesk:
    """Where held tickets are kept."""

    def __init__(self, premises: Premises, inquiry: InquiryDesk | None) -> None:
        self._premises = premises
        self._inquiry = inquiry

    @property
    def shop(self) -> int:
        """Whose tickets are here: this till's shop; 0 at head office, which has those of all."""
        return self._premises.replica.identity.shop

    async def find(self, asked: TicketsAsked) -> TicketsFound:
        """The tickets that are here, the newest first; raises NotFound, OperatorMistake."""
        return await self._premises.database.read(lambda conn: found_in(conn, self._premises, asked))

    async def find_at_head_office(self, asked: TicketsAsked) -> TicketsFound:
        """The same of all shops; raises OutOfReach, NoAnswer within the deadline, NotFound, OperatorMistake."""
        if self._inquiry is None:
            return await self.find(asked)
        found = await self._inquiry.ask(TICKETS_TOPIC, asked, TicketsFound)
        return found if found is not None else TicketsFound(tickets=())

    async def ticket(self, id_: EntityId) -> TicketShown:
        """One ticket; raises NotFound."""
        return await self._premises.database.read(lambda conn: self.shown(conn, load(conn, id_)))

    async def basket(self, id_: EntityId) -> bytes:
        """What is in a ticket, as JSON; raises NotFound where nothing is."""
        found = await self._premises.database.read(lambda conn: load(conn, id_).basket)
        if not found:
            raise NotFound("basket: there is nothing in this ticket", field="basket")
        return found.encode()

    async def make(self, call: Call, given: NewTicket) -> TicketShown:
        """Hold a ticket; raises NotFound, Conflicting, OperatorMistake."""
        customer = _customer(given.customer)
        held = replace(
            self.held_of(given, basket_text(given.basket, self._premises.customs.card_prefixes)),
            owner=customer or random_id(),
            shop=self._shop(given.shop),
            source=line(given.source, "source", SOURCE_LENGTH_MAX),
        )
        operation = steps.hold(held, id_=random_id())

        def unit(conn: Connection) -> TicketShown:
            if customer is not None:
                check_owner(conn, customer)
            elif held.type not in FOR_NOBODY:
                raise Conflicting("customer: a ticket of this type is somebody's", field="customer")
            now_ms = self._premises.clock.now_ms()
            store.commit(conn, self._premises.replica, call.actor, [operation], now_ms=now_ms)
            return self.shown(conn, load(conn, operation.dot))

        return await write_once(self._premises, call, TicketShown, unit, told=self.tell)

    async def edit(self, call: Call, id_: EntityId, given: TicketEdit) -> TicketShown:
        """Say anew what is in a ticket; raises NotFound, Conflicting, OperatorMistake."""
        terms = TicketTerms(
            label=given.label or "", comment=given.comment or "", total=given.total or 0, due_day=given.due_day
        )
        held = self.held_of(terms, basket_text(given.basket, self._premises.customs.card_prefixes))

        def decide(conn: Connection, ticket: Ticket, _: Hand) -> Sequence[Operation]:
            said = {
                rules.LABEL: (given.label, held.label),
                rules.COMMENT: (given.comment, held.comment),
                rules.TOTAL: (given.total, held.total),
                rules.DUE: (given.due_day, held.due_day),
                rules.BASKET: (given.basket, held.basket),
            }
            steps.check_held(ticket)
            return edited(conn, ticket, {at: value for at, (asked, value) in said.items() if asked is not None})

        return await self.step(call, id_, decide)

    async def advance(self, call: Call, id_: EntityId, given: Advancing) -> TicketShown:
        """Bring a ticket to another stage; raises NotFound, Conflicting, OperatorMistake."""
        return await self.step(call, id_, lambda _, ticket, hand: steps.advance(ticket, given.stage, hand))

    async def deposit(self, call: Call, id_: EntityId, given: Depositing) -> TicketShown:
        """Take a payment beforehand; raises NotFound, Conflicting, OperatorMistake."""
        fact = random_id()

        def decide(conn: Connection, ticket: Ticket, hand: Hand) -> Sequence[Operation]:
            account = account_in(conn, ticket)
            if account is None:
                raise Conflicting("customer: nobody's account is behind this ticket", field="customer")
            return steps.deposit(ticket, account, given.amount, fact, hand)

        return await self.step(call, id_, decide)

    async def close(self, call: Call, id_: EntityId, given: Closing) -> TicketShown:
        """There will be no sale; raises NotFound, Conflicting, OperatorMistake."""
        reason = line(given.reason, "reason", REASON_LENGTH_MAX)
        return await self.step(
            call,
            id_,
            lambda conn, ticket, hand: steps.close(ticket, reason, given.deposit, account_in(conn, ticket), hand),
        )

    async def reopen(self, call: Call, id_: EntityId) -> TicketShown:
        """It was closed by mistake; raises NotFound, Conflicting."""
        return await self.step(call, id_, lambda _, ticket, hand: steps.reopen(ticket, hand))

    # ---- within a unit -----------------------------------------------------------------------------------------------

    async def step(self, call: Call, id_: EntityId, decide: Decide) -> TicketShown:
        """Do something with a ticket, in one record; what is done already changes nothing."""

        def unit(conn: Connection) -> TicketShown:
            hand = self.hand(call)
            operations = decide(conn, load(conn, id_), hand)
            if operations:
                now_ms = self._premises.clock.now_ms()
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return self.shown(conn, load(conn, id_))

        return await write_once(self._premises, call, TicketShown, unit, told=self.tell)

    def shown(self, conn: Connection, ticket: Ticket) -> TicketShown:
        """A ticket as it is shown here."""
        return show(conn, self._premises.replica, [ticket])[0]

    def hand(self, call: Call) -> Hand:
        """Who states something, here and now; the time as head office has corrected it."""
        replica = self._premises.replica
        at_ms = self._premises.clock.now_ms() + replica.timeline.offset_ms
        return Hand(site=replica.identity.site, by=author_of(call.actor), at_ms=at_ms)

    def held_of(self, terms: TicketTerms, basket: str) -> Held:
        """What is in a ticket, checked; raises OperatorMistake."""
        if not 0 <= terms.total <= AMOUNT_MAX:
            raise OperatorMistake("total: cents, from nothing on", field="total")
        comment = paragraph(terms.comment, "comment", COMMENT_LENGTH_MAX) if terms.comment.strip() else ""
        return Held(
            owner=b"",
            type=terms.type,
            shop=self._premises.replica.identity.shop,
            at_ms=self._premises.clock.now_ms() + self._premises.replica.timeline.offset_ms,
            label=line(terms.label, "label", LABEL_LENGTH_MAX),
            comment=comment,
            total=terms.total,
            due_day=parse_day(terms.due_day, "due_day"),
            basket=basket,
        )

    def tell(self, ticket: TicketShown) -> None:
        """Tell whoever listens of a ticket."""
        self._premises.announce(Event.TICKET, ticket)

    def _shop(self, given: int | None) -> int:
        identity = self._premises.replica.identity
        if identity.is_hub:
            return given or 0
        if given not in (None, identity.shop):
            raise OperatorMistake("shop: a till holds tickets for its own shop", field="shop")
        return identity.shop


def found_in(conn: Connection, premises: Premises, asked: TicketsAsked) -> TicketsFound:
    """The tickets that fit, within a unit; raises NotFound, OperatorMistake. At head office those of any shop too."""
    limit = max(1, min(asked.limit, tickets.FOUND_MAX))
    customer = _customer(asked.customer)
    if customer is not None:
        found = tickets.of_owners(conn, customers.records_of(conn, customer))
        return TicketsFound(tickets=show(conn, premises.replica, found[:limit]), more=len(found) > limit)
    identity = premises.replica.identity
    shops = dict.fromkeys((asked.shop or identity.shop, 0 if identity.is_hub else identity.shop))
    several = [tickets.live_ones(conn, shop, limit=limit) for shop in shops]
    found = list(rules.by_written(one for some, _ in several for one in some))
    more = any(more for _, more in several) or len(found) > limit
    return TicketsFound(tickets=show(conn, premises.replica, found[:limit]), more=more)


def load(conn: Connection, id_: bytes) -> Ticket:
    """A ticket that is here; raises NotFound."""
    found = tickets.ticket(conn, id_)
    if found is None:
        raise NotFound("no held ticket has this id", field="id")
    return found


def check_owner(conn: Connection, customer: EntityId) -> None:
    """Whether a ticket can be somebody's; raises NotFound."""
    row = row_of(customers.listed(conn, [customer])[0])
    if row is None or is_deleted(row) or is_walk_in(row):
        raise NotFound("customer: no customer has this id", field="customer")


def account_in(conn: Connection, ticket: Ticket) -> bytes | None:
    """The account of whose ticket it is; None where it is nobody's, or they were erased."""
    (row,) = customers.rows(conn, [ticket.owner])
    return account_of(row) if row is not None else None


def edited(conn: Connection, ticket: Ticket, fields: Mapping[int, Any]) -> list[Operation]:
    """What sets fields of a ticket; nothing where they say so already."""
    element = tickets.element_of(conn, ticket)
    if element is None:
        raise Conflicting("the ticket is still on its way to this till: try again in a moment", field="ticket")
    changed = {at: value or None for at, value in fields.items() if (element.fields.get(at) or None) != (value or None)}
    return [authoring.change(element, changed)] if changed else []


def basket_text(basket: dict[str, Any] | None, card_prefixes: Collection[str]) -> str:
    """A basket as it is kept; raises OperatorMistake for one that is too long or holds a payment card."""
    return kept_basket(to_json(basket), card_prefixes) if basket is not None else ""


def kept_basket(raw: bytes, card_prefixes: Collection[str]) -> str:
    """The same of bytes that a till software put; raises OperatorMistake."""
    if len(raw) > BASKET_BYTES_MAX:
        raise OperatorMistake(
            f"basket: it is {len(raw)} bytes long, a held ticket has at most {BASKET_BYTES_MAX}", field="basket"
        )
    if raw:
        refuse_card_in_basket(raw, card_prefixes)
    return raw.decode()


def _customer(text: str | None) -> EntityId | None:
    found = parse_entity(text) if text else None
    if text and found is None:
        raise OperatorMistake("customer: an id is 16 hexadecimal digits", field="customer")
    return found
