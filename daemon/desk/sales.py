"""The register of sales: found again, shown, taken back in part, cancelled; and what another till of the shop posts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.customer_fields import line
from daemon.desk.events import Event
from daemon.desk.inquiry import InquiryDesk
from daemon.desk.premises import Call, Premises, author_of, write_once
from daemon.desk.sale_ids import shop_that_issued
from daemon.desk.sale_party import Selling
from daemon.desk.sale_terms import REASON_LENGTH_MAX
from daemon.desk.sales_found import SalesFound, SaleShown, briefs, joined, show, told
from daemon.desk.selling import TICKET_LENGTH_MAX, NewSale, Place, SellingDesk
from daemon.desk.visits import VisitDesk, VisitShown
from daemon.domain.account import account_of
from daemon.domain.calendar import parse_day, start_ms, zone_of
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.remark import remark
from daemon.domain.sale import (
    Returned,
    SaleHead,
    SaleKind,
    SoldLine,
    TakenBack,
    cancellation_id,
    cancelled_lines,
    decide_reversal,
    left_to_return,
    return_lines,
    returned_of,
)
from daemon.errors import Conflicting, NoAnswer, NotFound, OperatorMistake, OutOfReach
from daemon.store import account_owners, customers, elements, idempotency, sales, terms, visits
from daemon.store import authoring as store
from daemon.store.database import Connection

FOUND_MAX: Final = sales.FOUND_MAX
SALE_TOPIC: Final = "sale"
SALES_TOPIC: Final = "sales"


@dataclass(frozen=True, kw_only=True, slots=True)
class SalesAsked:
    """What is remembered of a sale; empty: it does not matter. Days are those of this shop, both included."""

    customer: str = ""
    from_day: str = ""
    until_day: str = ""
    amount: int | None = None
    product: str = ""
    ticket: str = ""
    shop: int | None = None
    limit: int = 50
    over_returned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleAsked:
    """One sale, as head office is asked for it."""

    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleElsewhere:
    """A sale that another till of the shop began, or that no visit began: `sale_id` is what that till issued."""

    sale_id: str
    customer: str
    sale: NewSale
    lane: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReturn:
    """What comes back: of lines, or, where those are not known, an amount in cents. `return_id` of a visit, if any."""

    lines: tuple[TakenBack, ...] = ()
    amount: int | None = None
    reason: str = ""
    ticket: str = ""
    return_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelling:
    """Why a sale is cancelled."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Original:
    """A sale that is taken back, as it is known here, or at head office."""

    head: SaleHead
    lines: Sequence[SoldLine] | None
    returned: Returned


@dataclass(frozen=True, slots=True)
class _Reversal:
    """What takes a sale back, in part or whole: under which id, how much (below zero), of which lines.

    `shop`: of the till that issued the id; 0: the one that takes it back.
    """

    id: bytes
    kind: SaleKind
    total: int
    lines: tuple[SoldLine, ...]
    reason: str = ""
    ticket: str = ""
    shop: int = 0


class SalesDesk:
    """Where sales are found again."""

    def __init__(
        self, premises: Premises, selling: SellingDesk, visits_: VisitDesk | None, inquiry: InquiryDesk | None
    ) -> None:
        self._premises = premises
        self._selling = selling
        self._visits = visits_
        self._inquiry = inquiry

    async def find(self, asked: SalesAsked) -> SalesFound:
        """The newest sales that fit, of those that are known here; raises NotFound, OperatorMistake."""
        return await self._premises.database.read(lambda conn: found_in(conn, self._premises, asked))

    async def find_at_head_office(self, asked: SalesAsked) -> SalesFound:
        """The same of all shops; raises OutOfReach, NoAnswer within the deadline, OperatorMistake."""
        if self._inquiry is None:
            return await self.find(asked)
        found = await self._inquiry.ask(SALES_TOPIC, asked, SalesFound)
        return found if found is not None else SalesFound(sales=(), more=False, copy_until="")

    async def sale(self, id_: EntityId) -> SaleShown:
        """One sale as it is known here; raises NotFound."""
        return await self._premises.database.read(lambda conn: show(conn, _head(conn, id_)))

    async def sale_at_head_office(self, id_: EntityId) -> SaleShown:
        """One sale with its lines, from head office where they are not here; raises as `find_at_head_office`."""
        here = await self._premises.database.read(lambda conn: _shown_here(conn, id_))
        if self._inquiry is None or (here is not None and here.lines is not None):
            if here is None:
                raise NotFound("no sale has this id", field="id")
            return here
        found = await self._inquiry.ask(SALE_TOPIC, SaleAsked(id=id_.hex()), SaleShown)
        if found is None:
            raise NotFound("no sale has this id, neither here nor at head office", field="id")
        return replace(found, lines_from="head_office")

    async def post_elsewhere(self, call: Call, given: SaleElsewhere) -> SaleShown:
        """Register a sale that another till of this shop began; one that is registered already changes nothing.

        Raises NotFound, Forbidden for a till of another shop, Conflicting, OperatorMistake.
        """
        sale, customer = _id(given.sale_id, "sale_id"), _id(given.customer, "customer")
        now_ms, posted = self._premises.clock.now_ms(), list[VisitShown]()

        def unit(conn: Connection) -> SaleShown:
            shop = shop_that_issued(conn, self._premises.replica.identity, sale, "sale_id")
            visit = visits.of_sale(conn, sale.hex())
            if visit is not None and self._visits is not None:
                if visit.customer != customer:
                    raise Conflicting("customer: the visit of this sale serves another customer", field="customer")
                posted.append(self._visits.post_in(conn, call, visit, given.sale))
                return show(conn, _head(conn, sale))
            where = Place(sale=sale, visit=None, customer=customer, lane=given.lane, shop=shop)
            registered = self._selling.register(conn, call, where, given.sale)
            if registered.operations:
                store.commit(conn, self._premises.replica, call.actor, registered.operations, now_ms=now_ms)
            return show(conn, _head(conn, sale))

        def tell(_: SaleShown) -> None:
            for visit in posted:
                self._premises.announce(Event.VISIT, visit)

        return await write_once(self._premises, call, SaleShown, unit, told=tell)

    async def take_back(self, call: Call, id_: EntityId, given: NewReturn) -> SaleShown:
        """Register a return; raises NotFound, Conflicting for more than is left, Forbidden, OperatorMistake.

        An older sale of another shop is asked of head office: raises OutOfReach, NoAnswer where it cannot be.
        """
        back = _id(given.return_id, "return_id") if given.return_id else EntityId(random_id())
        identity = self._premises.replica.identity

        def decide(conn: Connection, original: _Original) -> _Reversal | None:
            known = sales.head(conn, back)
            if known is not None:
                if known.original != id_:
                    raise Conflicting("return_id: another sale has this id", field="return_id")
                return None
            shop = shop_that_issued(conn, identity, back, "return_id") if given.return_id else 0
            lines = _returned_lines(original, given)
            total = sum(one.amount for one in lines) if lines else -(given.amount or 0)
            return _Reversal(back, "return", total, lines, given.reason, given.ticket, shop)

        return await self._reverse(call, id_, decide)

    async def cancel(self, call: Call, id_: EntityId, given: Cancelling) -> SaleShown:
        """Cancel a sale: what is left of it goes back, once. Raises as `take_back`."""

        def decide(_: Connection, original: _Original) -> _Reversal | None:
            if original.returned.cancelled:
                return None
            left = left_to_return(original.head, original.returned)
            if not left:
                raise Conflicting("nothing of this sale is left to cancel")
            return _Reversal(cancellation_id(id_), "cancellation", -left, _rest(original, left), given.reason)

        return await self._reverse(call, id_, decide)

    async def _reverse(
        self, call: Call, id_: EntityId, decide: Callable[[Connection, _Original], _Reversal | None]
    ) -> SaleShown:
        now_ms, elsewhere = self._premises.clock.now_ms(), await self._known_elsewhere(call, id_)

        def unit(conn: Connection) -> SaleShown:
            original = _original(conn, id_, elsewhere)
            wanted = decide(conn, original)
            if wanted is not None:
                operations = self._reversal(conn, call, original.head, wanted)
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return show(conn, original.head) if elsewhere is None else joined(conn, elsewhere)

        return await write_once(self._premises, call, SaleShown, unit, told=lambda _: None)

    async def _known_elsewhere(self, call: Call, id_: EntityId) -> SaleShown | None:
        """What head office says of a sale that is not held by the whole chain; None: here is all that can be known.

        A sale that is here can be taken back without head office all the same. A repetition asks nobody.
        """

        def known(conn: Connection) -> str:
            now_ms = self._premises.clock.now_ms()
            is_answered = call.key and idempotency.recall(conn, call.who, call.key, now_ms=now_ms) is not None
            return "answered" if is_answered else sales.place(conn, id_)

        here = await self._premises.database.read(known)
        if self._inquiry is None or here in {"answered", "everywhere"}:
            return None
        try:
            return await self._inquiry.ask(SALE_TOPIC, SaleAsked(id=id_.hex()), SaleShown)
        except (OutOfReach, NoAnswer):
            if here == "unknown":
                raise
        return None

    def _reversal(self, conn: Connection, call: Call, original: SaleHead, wanted: _Reversal) -> list[Operation]:
        """What takes a sale back: on its account, in this shop's month; and what loyalty and others add."""
        shop, sold_ms = wanted.shop or self._premises.replica.identity.shop or original.shop, self._selling.now_ms()
        reason = line(wanted.reason, "reason", REASON_LENGTH_MAX)
        owner = account_owners.owner(conn, original.account)
        is_known = owner is not None and owner != customers.walk_in(conn, shop)
        sold = tuple(replace(one, reason="" if is_known else reason) for one in wanted.lines)
        head = SaleHead(
            id=wanted.id,
            account=original.account,
            kind=wanted.kind,
            total=wanted.total,
            month=terms.month_there(conn, shop, sold_ms),
            sold_ms=sold_ms,
            shop=shop,
            ticket=line(wanted.ticket, "ticket", TICKET_LENGTH_MAX),
            original=original.id,
            operator=author_of(call.actor)[:64],
            lines=len(sold),
        )
        moved = self._selling.parties.posting(conn, _taken_back(conn, original, head, sold))
        return [*decide_reversal(head, sold, original), *(remark(owner, head.id, reason) if is_known else []), *moved]


def found_in(conn: Connection, premises: Premises, asked: SalesAsked) -> SalesFound:
    """The newest sales that fit, within a unit; raises NotFound, OperatorMistake."""
    sought = _sought(conn, premises.replica.identity.shop, asked)
    heads, more = sales.find(conn, sought)
    proved = instant.shown(customers.proved_ms(conn))
    older = not premises.replica.identity.is_hub and sales.are_closed(conn, sought.accounts)
    return SalesFound(sales=briefs(conn, heads), more=more, copy_until=proved, older_elsewhere=older)


def shown_in(conn: Connection, asked: SaleAsked) -> SaleShown:
    """One sale, within a unit; raises NotFound, OperatorMistake."""
    return show(conn, _head(conn, _id(asked.id, "id")))


def _sought(conn: Connection, shop: int, asked: SalesAsked) -> sales.Sought:
    begin, end = parse_day(asked.from_day, "from"), parse_day(asked.until_day, "until")
    customer = _id(asked.customer, "customer") if asked.customer else None
    zone = zone_of(terms.zone_name(conn, shop))
    return sales.Sought(
        accounts=accounts_of(conn, customer) if customer is not None else (),
        from_ms=start_ms(begin, zone) if begin is not None else None,
        until_ms=start_ms(end + 1, zone) if end is not None else None,
        amount=asked.amount,
        product=asked.product,
        ticket=asked.ticket,
        shop=asked.shop,
        over_returned=asked.over_returned,
        limit=asked.limit,
    )


def accounts_of(conn: Connection, customer: EntityId) -> tuple[bytes, ...]:
    """The accounts of a person: of every record that was merged into them. Raises NotFound."""
    whole = customers.records_of(conn, customer)
    rows = [row for row in customers.rows(conn, whole) if row is not None]
    if not rows:
        raise NotFound("customer: no customer has this id", field="customer")
    return tuple(dict.fromkeys(account_of(row) for row in rows))


def _head(conn: Connection, id_: bytes) -> SaleHead:
    found = sales.head(conn, id_)
    if found is None:
        raise NotFound("no sale has this id", field="id")
    return found


def _shown_here(conn: Connection, id_: bytes) -> SaleShown | None:
    found = sales.head(conn, id_)
    return show(conn, found) if found is not None else None


def _original(conn: Connection, id_: bytes, elsewhere: SaleShown | None) -> _Original:
    if elsewhere is not None:
        head, lines, returned = told(joined(conn, elsewhere))
    else:
        head = _head(conn, id_)
        lines, returned = sales.lines(conn, head), returned_of(sales.following(conn, id_))
    if head.kind != "sale":
        raise OperatorMistake("id: this is a return or a cancellation, not a sale", field="id")
    return _Original(head=head, lines=lines, returned=returned)


def _returned_lines(original: _Original, given: NewReturn) -> tuple[SoldLine, ...]:
    """The lines that come back, none for an amount; never more than is left. Raises Conflicting, OperatorMistake."""
    if bool(given.lines) == (given.amount is not None):
        raise OperatorMistake("lines: say which lines come back, or which amount", field="lines")
    lines: tuple[SoldLine, ...] = ()
    amount = given.amount or 0
    if given.lines:
        if original.lines is None:
            raise Conflicting("lines: the lines of this sale are not on this till: return an amount", field="lines")
        lines = return_lines(original.lines, given.lines, original.returned)
        amount = -sum(one.amount for one in lines)
    elif amount <= 0:
        raise OperatorMistake("amount: more than nothing comes back", field="amount")
    left = left_to_return(original.head, original.returned)
    if amount > left:
        raise Conflicting(f"amount: {left} cents of this sale can still come back", field="amount")
    return lines


def _rest(original: _Original, left: int) -> tuple[SoldLine, ...]:
    """The lines that a cancellation takes back; none where they are not known, or an amount came back before."""
    lines = cancelled_lines(original.lines, original.returned) if original.lines is not None else ()
    return lines if -sum(one.amount for one in lines) == left else ()


def _taken_back(conn: Connection, original: SaleHead, head: SaleHead, sold: Sequence[SoldLine]) -> Selling:
    """A return or a cancellation as others hear of it: they know the sale by its id."""
    owner = account_owners.owner(conn, head.account)
    return Selling(
        visit=None,
        sale=EntityId(head.id),
        kind=head.kind,
        customer=owner,
        account=EntityId(head.account),
        is_walk_in=owner is not None and owner == customers.walk_in(conn, head.shop),
        here=elements.elements_of(conn, owner) if owner is not None else [],
        sold=tuple(sold),
        total=head.total,
        original=original,
        shop=head.shop,
        day=terms.day_there(conn, head.shop, head.sold_ms),
        now_ms=head.sold_ms,
    )


def _id(text: str, field: str) -> EntityId:
    found = parse_entity(text)
    if found is None:
        raise OperatorMistake(f"{field}: an id is 16 hexadecimal digits", field=field)
    return found
