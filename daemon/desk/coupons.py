"""Coupons of a customer: listed with the days left and how they stand at this till."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from daemon.domain.calendar import day_text
from daemon.domain.coupon import ACCOUNT, AMOUNT, CODE, FROM, LABEL, MINIMUM, PERCENT, RULE, UNTIL, WITHDRAWN
from daemon.domain.customer_type import is_withdrawn
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_COUPON, Kind
from daemon.store import rights
from daemon.store.database import Connection
from daemon.store.replica import Replica

CouponState = Literal["usable", "below_minimum", "elsewhere", "chosen", "used", "expired", "not_yet", "withdrawn"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CouponShown:
    """A coupon. `amount` in cents or `percent` in hundredths of a percent; `days_left` counts today.

    usable         here and now
    below_minimum  it takes a larger basket than the one that was asked about
    elsewhere      its right is not at this till: ask for it while connected
    chosen         an open visit of this till has chosen it
    """

    id: str
    code: str
    label: str
    amount: int | None
    percent: int | None
    minimum: int
    until: str | None
    days_left: int | None
    state: CouponState
    rule: str


def shown(conn: Connection, replica: Replica, here: Iterable[Element], day: int) -> list[CouponShown]:
    """The coupons of a customer: current ones by their last day, then those that are over."""
    found = [_shown(conn, replica, one, day) for one in here if one.kind == Kind.COUPON and one.is_here]
    current = ("usable", "chosen", "elsewhere", "not_yet")
    return sorted(found, key=lambda one: (one.state not in current, one.until or "9999", one.code))


def coupon_of(here: Iterable[Element], id_or_code: str) -> Element | None:
    """A customer's coupon by its id, or by its code as it was typed or scanned."""
    wanted = id_or_code.strip().upper()
    for one in here:
        if one.kind == Kind.COUPON and one.is_here and wanted in (one.dot.hex().upper(), _text(one, CODE).upper()):
            return one
    return None


def state_of(conn: Connection, replica: Replica, one: Element, day: int, *, visit: bytes = b"") -> CouponState:
    """How a coupon stands at this till."""
    account = one.fields.get(ACCOUNT, b"")
    first, last = one.fields.get(FROM), one.fields.get(UNTIL)
    if is_withdrawn(one.fields.get(WITHDRAWN)):
        return "withdrawn"
    if rights.balance(conn, account, BOOK_COUPON) <= 0:
        return "used"
    if isinstance(last, int) and day > last:
        return "expired"
    if isinstance(first, int) and day < first:
        return "not_yet"
    if rights.purse(conn, replica, account, BOOK_COUPON, visit=visit).left > 0:
        return "usable"
    return "chosen" if rights.left(conn, replica, account, BOOK_COUPON) > 0 else "elsewhere"


def _shown(conn: Connection, replica: Replica, one: Element, day: int) -> CouponShown:
    until = one.fields.get(UNTIL)
    return CouponShown(
        id=one.dot.hex(),
        code=_text(one, CODE),
        label=_text(one, LABEL),
        amount=_number(one, AMOUNT),
        percent=_number(one, PERCENT),
        minimum=_number(one, MINIMUM) or 0,
        until=day_text(until) if isinstance(until, int) else None,
        days_left=max(until - day + 1, 0) if isinstance(until, int) else None,
        state=state_of(conn, replica, one, day),
        rule=_text(one, RULE),
    )


def _text(one: Element, at: int) -> str:
    value = one.fields.get(at)
    return value if isinstance(value, str) else ""


def _number(one: Element, at: int) -> int | None:
    value = one.fields.get(at)
    return value if type(value) is int else None
