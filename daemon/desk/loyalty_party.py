"""Loyalty takes part in sales: points by rule, what the customer has chosen to spend, what returns undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.desk import benefits, coupons, minimums, undoing
from daemon.desk.benefits import Movement
from daemon.desk.coupons import CouponShown
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.customer_parts import number
from daemon.desk.premises import Premises
from daemon.desk.sale_party import Selling
from daemon.domain import coupon as issuing
from daemon.domain import loyalty as rules
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.element import Element
from daemon.domain.group import MEMBER_OF, PRINCIPAL
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import BOOK_COUPON, BOOK_POINTS, Kind
from daemon.domain.loyalty import Earned, EarningLine
from daemon.domain.visit import Visit
from daemon.store import balances, elements, loyalty, rights, terms
from daemon.store.database import Connection

BASKET_NEEDS: Final = 3
"""Tenths of the points that a scan asks for: customers spend less at once, and the other lanes keep theirs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineEarns:
    """What a line earns: hundredths of a point a euro, by which rule (empty: none names it)."""

    line: int
    rate: int
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoyaltyTerms:
    """What loyalty adds to a sale that is asked about. `here`: points that may be spent at this till now."""

    earns: int
    lines: tuple[LineEarns, ...]
    rules: str
    points: int
    here: int
    coupons: tuple[CouponShown, ...]


class LoyaltyParty:
    """Points, coupons and whatever else of an account a sale moves."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def opened(self, conn: Connection, visit: Visit) -> None:
        """The id of the sale was issued under this holder."""
        rights.issue(conn, self._premises.replica, visit.id)

    def attached(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """A birthday coupon that is due; and head office is asked for what this customer may want to spend here."""
        here = elements.elements_of(conn, visit.customer)
        row = row_of(here)
        if row is None or is_walk_in(row):
            return []
        replica = self._premises.replica
        day = terms.day_there(conn, replica.identity.shop, self._premises.clock.now_ms() + replica.timeline.offset_ms)
        found = self._birthday(conn, visit.customer, here, day)
        for account in loyalty.accounts_of(conn, visit.customer):
            need = rights.balance(conn, account, BOOK_POINTS) * BASKET_NEEDS // 10
            found += benefits.ask_for(conn, replica, account, BOOK_POINTS, need) if need > 0 else []
        for one in loyalty.owned(conn, visit.customer):
            account_ = one.fields.get(issuing.ACCOUNT) if issuing.is_coupon(one) else None
            if isinstance(account_, bytes) and coupons.state_of(conn, replica, one, day) == "elsewhere":
                found += benefits.ask_for(conn, replica, account_, BOOK_COUPON, 1)
        return found

    def _birthday(self, conn: Connection, customer: bytes, here: Sequence[Element], day: int) -> list[Operation]:
        row, known = row_of(here), issuing.known_facts(here)
        found: list[Operation] = []
        for rule in loyalty.rules(conn):
            born = row.fields.get(number("birthday")) if row is not None else None
            fact = issuing.birthday_due(rule, customer, born, known, day=day)
            found += issuing.issue(customer, fact, rule.coupon, day, rule=rule.id) if fact is not None else []
        return found

    def applies(self, conn: Connection, selling: Selling) -> LoyaltyTerms | None:
        """Points to be earned, and what may be spent."""
        if selling.is_walk_in or selling.customer is None:
            return None
        replica = self._premises.replica
        earned = self._earned(conn, selling)
        purses = [
            rights.purse(conn, replica, account, BOOK_POINTS, visit=selling.visit or b"")
            for account in loyalty.accounts_of(conn, selling.customer)
        ]
        return LoyaltyTerms(
            earns=max(earned.points, 0),
            lines=tuple(LineEarns(line=at, rate=rate, rule=rule) for at, (rate, rule) in enumerate(earned.lines)),
            rules=earned.rules,
            points=sum(purse.balance for purse in purses),
            here=sum(purse.left for purse in purses),
            coupons=tuple(minimums.held_against(self._coupons(conn, selling), minimums.basket_of(selling))),
        )

    def _coupons(self, conn: Connection, selling: Selling) -> list[CouponShown]:
        owned = loyalty.owned(conn, selling.customer) if selling.customer is not None else []
        return coupons.shown(conn, self._premises.replica, owned, selling.day)

    def posting(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """What the sale takes and brings; raises Conflicting for a coupon that takes a larger basket."""
        if selling.kind != "sale":
            return undoing.undone(conn, self._premises.replica, selling)
        if selling.visit is not None:
            minimums.refuse_below(conn, selling)
        points = self._earned(conn, selling).points if selling.customer is not None and not selling.is_walk_in else 0
        moved = [Movement(account=selling.account, book=BOOK_POINTS, amount=points)] if points > 0 else []
        if selling.visit is None:
            return benefits.posting_elsewhere(selling.account, BOOK_POINTS, points, selling.sale)
        taken = benefits.posting(conn, self._premises.replica, selling.visit, selling.sale, moved)
        return [*taken, *self._due_coupons(conn, selling, points)]

    def settled(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """What was chosen is taken: only this till knows of it. What the sale earned was booked by who posted it."""
        if selling.visit is None:
            return []
        return benefits.settling(conn, self._premises.replica, selling.visit, selling.sale)

    def cancelled(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """What was chosen is free again."""
        rights.release(conn, visit.id)
        return ()

    def _earned(self, conn: Connection, selling: Selling) -> Earned:
        standing = loyalty.rules(conn)
        names = [line.product for line in selling.lines]
        products = terms.products_named(conn, dict.fromkeys(name for name in names if name)) if standing else {}
        paid = [one.amount for one in selling.sold] or [line.amount or 0 for line in selling.lines]
        lines = [
            EarningLine(
                product=name, family=found.family if (found := products.get(_form(name))) else "", amount=amount
            )
            for name, amount in zip(names, paid, strict=False)
        ]
        return rules.earn(standing, lines, groups=groups_of(selling.here), day=selling.day)

    def _due_coupons(self, conn: Connection, selling: Selling, points: int) -> list[Operation]:
        """The coupons that these points make due; their right begins at head office."""
        thresholds = [rule for rule in loyalty.rules(conn) if rule.kind == "threshold"] if points > 0 else []
        if not thresholds or selling.customer is None:
            return []
        before = balances.from_sales(conn, selling.account, BOOK_POINTS)
        found: list[Operation] = []
        for rule in thresholds:
            numbers = rules.due(rule, before, before + points)
            for fact in issuing.due_by_threshold(selling.here, selling.account, rule, numbers):
                found += issuing.issue(selling.customer, fact, rule.coupon, selling.day, rule=rule.id)
        return found


def _form(product: str) -> str:
    return normal_form(Claim.PRODUCT, product)


def groups_of(here: Sequence[Element]) -> frozenset[str]:
    """The groups that a customer is in, by id."""
    found = {one.fields.get(MEMBER_OF) for one in here if one.kind == Kind.MEMBERSHIP and one.is_here}
    found |= {one.fields.get(PRINCIPAL) for one in here if one.kind == Kind.CUSTOMER}
    return frozenset(one.hex() for one in found if isinstance(one, bytes))
