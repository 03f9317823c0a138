"""How a sale is registered: once, with its lines, in one record with all that it moves.

`SellingDesk` works within the transaction of its caller: the visit that is posted, or the posting that another till of
the shop takes over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.desk import instant
from daemon.desk.approvals import Capped, authorise
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.customer_fields import line
from daemon.desk.discount_cap import given_by_hand
from daemon.desk.premises import Call, Premises, author_of
from daemon.desk.sale_party import Parties, Selling
from daemon.desk.sale_terms import REASON_LENGTH_MAX, Basket, Priced, SaleTerms, codes_of, price, served
from daemon.domain.account import account_of
from daemon.domain.calendar import day_text
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.pricing import AskedLine, LineTerms, applied_rule
from daemon.domain.remark import remark_on_lines
from daemon.domain.rights import points_earned
from daemon.domain.sale import SaleHead, SoldLine, decide_sale, without_reasons
from daemon.errors import Conflicting, OperatorMistake
from daemon.store import sales, terms
from daemon.store.database import Connection

TICKET_LENGTH_MAX: Final = 64
TAX_LENGTH_MAX: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class PostedLine:
    """A line as it was sold: `amount` is what the customer paid for it, in cents with taxes.

    `unit_price` is what the till software would charge without any discount. `reason`: why an operator overrode the
    rules on this line.
    """

    amount: int
    product: str = ""
    label: str = ""
    quantity_milli: int = 1000
    unit_price: int | None = None
    discount: int | None = None
    vat: int | None = None
    tax_category: str = ""
    discountable: bool = True
    labour: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSale:
    """A sale as the till software made it. `sold_at`: now where it is absent; `total` is held against the lines.

    `rules`: what the terms rested on that the customer was told, as they named it; the posting says whether these are
    others by now. `approval`: what a second person said yes with, where a discount goes beyond the caller's role.
    """

    lines: tuple[PostedLine, ...]
    total: int | None = None
    ticket: str = ""
    sold_at: str | None = None
    codes: tuple[str, ...] = ()
    rules: str = ""
    approval: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceDifference:
    """A line that was sold for another amount than the rules say here and now."""

    line: int
    expected: int
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A sale that is being made: whose, where, under which id. `visit`: None where it is not this till's."""

    sale: EntityId
    visit: bytes | None
    customer: EntityId
    lane: str
    shop: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """What a posting saves: nothing where it was registered before; and where it differs from the rules.

    `earned`: the points that it brings. `has_other_rules`: it was told under others than those of here and now.
    """

    head: SaleHead
    operations: tuple[Operation, ...] = ()
    differs: tuple[PriceDifference, ...] = ()
    earned: int = 0
    has_other_rules: bool = False


class SellingDesk:
    """Where sales are asked about and registered."""

    def __init__(self, premises: Premises, parties: Parties) -> None:
        self._premises = premises
        self.parties = parties

    async def terms_for(self, customer: EntityId, basket: Basket) -> SaleTerms:
        """What would apply to a customer outside of any visit; raises NotFound, OperatorMistake."""
        shop = self._premises.replica.identity.shop
        where = Place(sale=EntityId(bytes(8)), visit=None, customer=customer, lane="", shop=shop)
        return await self._premises.database.read(lambda conn: self.terms(conn, where, basket))

    def terms(self, conn: Connection, where: Place, basket: Basket) -> SaleTerms:
        """What applies to a basket; raises NotFound, OperatorMistake."""
        here, day = served(conn, where.customer), terms.day_there(conn, where.shop, self.now_ms())
        priced = price(conn, here, basket.lines, day)
        selling = self._selling(where, here, day, lines=priced.lines, codes=codes_of(basket.codes))
        return SaleTerms(
            customer=where.customer.hex(),
            day=day_text(day) or "",
            lines=priced.lines,
            total=priced.total,
            approval_needed=priced.beyond,
            rules=priced.rules,
            loyalty=self.parties.applies(conn, selling),
        )

    def register(self, conn: Connection, call: Call, where: Place, given: NewSale) -> Registered:
        """Decide what a posting saves; a sale that is registered already saves nothing.

        Raises Conflicting for the id of another sale, Forbidden beyond a cap, OperatorMistake.
        """
        total = sum(one.amount for one in given.lines)
        if not given.lines:
            raise OperatorMistake("lines: the sale has no lines", field="lines")
        if given.total not in (None, total):
            raise OperatorMistake("total: this is not the sum of the lines", field="total")
        here = served(conn, where.customer, even_deleted=True)
        known = sales.head(conn, where.sale)
        if known is not None:
            return Registered(head=_same(known, _account(here), total))
        sold_ms = instant.parse(given.sold_at, field="sold_at") if given.sold_at else self.now_ms()
        day = terms.day_there(conn, where.shop, sold_ms)
        priced = price(conn, here, [_asked(one) for one in given.lines], day)
        self._authorise(conn, call, where, given, priced)
        pairs = list(zip(given.lines, priced.usual, strict=True))
        sold = tuple(_sold(paid, usual, f"lines[{at}]") for at, (paid, usual) in enumerate(pairs))
        head = SaleHead(
            id=where.sale,
            account=_account(here),
            kind="sale",
            total=total,
            month=terms.month_there(conn, where.shop, sold_ms),
            sold_ms=sold_ms,
            shop=where.shop,
            lane=where.lane[:16],
            ticket=line(given.ticket, "ticket", TICKET_LENGTH_MAX),
            operator=author_of(call.actor)[:64],
            lines=len(sold),
            rules=priced.rules,
        )
        codes = codes_of(given.codes)
        selling = self._selling(where, here, day, lines=priced.usual, codes=codes, sold=sold, total=total)
        said = () if selling.is_walk_in else remark_on_lines(where.customer, head.id, [one.reason for one in sold])
        kept = sold if selling.is_walk_in else without_reasons(sold)
        operations = (*decide_sale(head, kept), *said, *self.parties.posting(conn, selling))
        return Registered(
            head=head,
            operations=operations,
            differs=_differences(pairs),
            earned=points_earned(operations),
            has_other_rules=bool(given.rules) and given.rules != priced.rules,
        )

    def without_lines(self, conn: Connection, where: Place) -> list[Operation]:
        """What a visit moves that is posted without a word about its sale, or after another till has registered it."""
        here = served(conn, where.customer, even_deleted=True)
        selling = self._selling(where, here, terms.day_there(conn, where.shop, self.now_ms()))
        if sales.head(conn, where.sale) is not None:
            return self.parties.settled(conn, selling)
        return self.parties.posting(conn, selling)

    def now_ms(self) -> int:
        """The time, as head office has corrected it."""
        return self._premises.clock.now_ms() + self._premises.replica.timeline.offset_ms

    def _selling(self, where: Place, here: Sequence[Element], day: int, **more: Any) -> Selling:
        row = row_of(here)
        return Selling(
            visit=where.visit,
            sale=where.sale,
            customer=where.customer,
            account=_account(here),
            is_walk_in=row is not None and is_walk_in(row),
            here=here,
            shop=where.shop,
            day=day,
            now_ms=self.now_ms(),
            **more,
        )

    def _authorise(self, conn: Connection, call: Call, where: Place, given: NewSale, priced: Priced) -> None:
        """A discount goes as far as the role, or as a second person has approved; no word is needed to make it one."""
        pairs = [(paid.amount, usual.amount) for paid, usual in zip(given.lines, priced.usual, strict=True)]
        most = given_by_hand(conn, where.visit, where.customer, pairs)
        if most:
            wanted = Capped(act=Act.DISCOUNT, amount=most, approval=given.approval)
            authorise(conn, self._premises.replica, call, wanted, now_ms=self._premises.clock.now_ms())


def _account(here: Sequence[Element]) -> EntityId:
    row = row_of(here)
    assert row is not None, "a customer that is there has a row"
    return account_of(row)


def _same(known: SaleHead, account: bytes, total: int) -> SaleHead:
    """A sale that is posted again says the same; raises Conflicting."""
    if known.account != account:
        raise Conflicting("sale_id: this sale was posted for another customer", field="sale_id")
    if known.total != total:
        raise Conflicting(
            f"total: this sale was posted with {known.total} cents, now it is {total}: return or cancel instead",
            field="total",
        )
    return known


def _asked(paid: PostedLine) -> AskedLine:
    return AskedLine(
        product=paid.product,
        label=paid.label,
        quantity_milli=paid.quantity_milli,
        unit_price=paid.unit_price,
        discountable=paid.discountable,
        labour=paid.labour,
    )


def _sold(paid: PostedLine, usual: LineTerms, where: str) -> SoldLine:
    """A line as it is kept: what the till software said, completed by what the rules know."""
    as_usual = paid.amount == usual.amount
    discount = paid.discount if paid.discount is not None else usual.discount if as_usual else 0
    return SoldLine(
        product=usual.product,
        label=usual.label,
        quantity_milli=paid.quantity_milli,
        amount=paid.amount,
        discount=discount,
        vat=paid.vat if paid.vat is not None else usual.vat,
        tax_category=line(paid.tax_category, f"{where}.tax_category", TAX_LENGTH_MAX) or usual.tax_category,
        rule=applied_rule(usual) if as_usual else "override" if paid.reason else "",
        reason=line(paid.reason, f"{where}.reason", REASON_LENGTH_MAX),
    )


def _differences(pairs: Sequence[tuple[PostedLine, LineTerms]]) -> tuple[PriceDifference, ...]:
    return tuple(
        PriceDifference(line=at, expected=usual.amount, amount=paid.amount)
        for at, (paid, usual) in enumerate(pairs)
        if usual.amount is not None and usual.amount != paid.amount
    )
