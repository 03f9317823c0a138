"""How far a sale was made cheaper by hand: what each line lacks of the rules' price, less what vouchers account for.

A discount needs no word of explanation to be one: a lower amount is held against the cap of the role, whether a reason
was given or not. What the visit has chosen of coupons and promo codes is nobody's discount: it is taken off first, in
proportion to what the lines lack.
"""

from collections.abc import Iterator, Sequence

from daemon.desk.promo_codes import ACCOUNT as PROMO_ACCOUNT
from daemon.desk.promo_codes import terms_of
from daemon.domain import coupon
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_QUOTA, Kind
from daemon.domain.pricing import beyond
from daemon.domain.rate import off, share
from daemon.store import elements, loyalty, rights
from daemon.store.database import Connection

Priced = tuple[int, int | None]
"""(what was paid for a line, what the rules say; None: no price is known)"""


def given_by_hand(conn: Connection, visit: bytes | None, customer: EntityId, lines: Sequence[Priced]) -> int:
    """The largest discount of a line that neither rules nor vouchers gave, in hundredths of a percent."""
    lacking = sum(_lacks(line) for line in lines)
    if not lacking:
        return 0
    basket = sum(usual for _, usual in lines if usual is not None)
    by_vouchers = min(sum(_vouchers(conn, visit, customer, basket)), lacking) if visit is not None else 0
    return max(
        beyond(paid + share(_lacks((paid, usual)), by_vouchers, lacking), usual)
        for paid, usual in lines
        if _lacks((paid, usual))
    )


def _lacks(line: Priced) -> int:
    paid, usual = line
    return max(usual - paid, 0) if usual is not None else 0


def _vouchers(conn: Connection, visit: bytes, customer: EntityId, basket: int) -> Iterator[int]:
    """What each voucher that a visit has chosen takes off a basket, in cents."""
    chosen = {one.account: one.book for one in rights.reservations(conn, visit)}
    if BOOK_COUPON in chosen.values():
        for one in loyalty.owned(conn, customer):
            if one.kind == Kind.COUPON and one.fields.get(coupon.ACCOUNT) in chosen:
                yield _worth(one.fields.get(coupon.AMOUNT), one.fields.get(coupon.PERCENT), basket)
    if BOOK_QUOTA in chosen.values():
        for row in elements.elements_of_kind(conn, Kind.PROMO_CODE):
            if row.fields.get(PROMO_ACCOUNT) in chosen:
                terms = terms_of(row)
                yield _worth(terms.amount, terms.percent, basket)


def _worth(amount: object, percent: object, basket: int) -> int:
    return (amount if isinstance(amount, int) else 0) + (off(basket, percent) if isinstance(percent, int) else 0)
