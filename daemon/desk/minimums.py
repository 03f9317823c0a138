"""Coupons and promo codes that take a basket of some size: said while it is asked about, held to when it is posted."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from daemon.desk.coupons import CouponShown
from daemon.desk.promo_codes import ACCOUNT as PROMO_ACCOUNT
from daemon.desk.promo_codes import terms_of
from daemon.desk.sale_party import Selling
from daemon.domain.coupon import ACCOUNT, MINIMUM, is_coupon
from daemon.domain.kinds import BOOK_COUPON, BOOK_QUOTA, Kind
from daemon.errors import Conflicting
from daemon.store import elements, loyalty, rights
from daemon.store.database import Connection


def basket_of(selling: Selling) -> int | None:
    """What a basket comes to before coupons, in cents; None where prices are not known, or no line was told.

    Of a line that was sold for less than the rules say, the coupon may be the reason: it counts as the rules say.
    """
    usual = [one.amount for one in selling.lines]
    if selling.sold:
        return sum(max(paid.amount, said or 0) for paid, said in zip(selling.sold, usual, strict=True))
    known = [amount for amount in usual if amount is not None]
    return sum(known) if known and len(known) == len(usual) else None


def held_against(found: Iterable[CouponShown], basket: int | None) -> Iterator[CouponShown]:
    """Coupons as they stand for a basket of this size."""
    for one in found:
        is_short = basket is not None and basket < one.minimum and one.state in ("usable", "chosen")
        yield replace(one, state="below_minimum") if is_short else one


def refuse_below(conn: Connection, selling: Selling) -> None:
    """Raise Conflicting for what the visit has chosen and this basket is too small for."""
    basket = basket_of(selling) if selling.sold else None
    if basket is None or selling.visit is None:
        return
    chosen = {one.account: one.book for one in rights.reservations(conn, selling.visit)}
    if BOOK_COUPON in chosen.values() and selling.customer is not None:
        for coupon in loyalty.owned(conn, selling.customer):
            minimum = coupon.fields.get(MINIMUM)
            if is_coupon(coupon) and coupon.fields.get(ACCOUNT) in chosen and isinstance(minimum, int):
                _refuse(basket, minimum, "coupons")
    if BOOK_QUOTA in chosen.values():
        for row in elements.elements_of_kind(conn, Kind.PROMO_CODE):
            if row.fields.get(PROMO_ACCOUNT) in chosen:
                _refuse(basket, terms_of(row).minimum, "promo_codes")


def _refuse(basket: int, minimum: int, field: str) -> None:
    if basket < minimum:
        raise Conflicting(f"{field}: this takes a basket of {minimum} cents, this one has {basket}", field=field)
