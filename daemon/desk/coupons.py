"""Coupons: issued by rule or by hand, listed with the days left, each one indivisible right on an account of its own.

A coupon that a rule makes due has the id of its fact, so that two tills that find it out issue one; its right begins at
head office, which hands it to a till of the customer's shop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from daemon.domain import authoring, birthday
from daemon.domain import rights as rules
from daemon.domain.calendar import day_text
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.customer_type import is_withdrawn
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_COUPON, SHAPES, Kind
from daemon.domain.loyalty import CouponTerms, LoyaltyRule, coupon_fact
from daemon.domain.rights import ISSUED
from daemon.store import rights
from daemon.store.database import Connection
from daemon.store.replica import Replica

_SHAPE: Final = SHAPES[Kind.COUPON]
CODE: Final = _SHAPE.number("code")
ACCOUNT: Final = _SHAPE.number("account")
LABEL: Final = _SHAPE.number("label")
RULE: Final = _SHAPE.number("rule")
AMOUNT: Final = _SHAPE.number("amount")
PERCENT: Final = _SHAPE.number("percent")
MINIMUM: Final = _SHAPE.number("minimum")
FROM: Final = _SHAPE.number("from_day")
UNTIL: Final = _SHAPE.number("until_day")
WITHDRAWN: Final = _SHAPE.number("withdrawn")

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_DIGITS: Final = 11
_FIRST: Final = date(1970, 1, 1)

CouponState = Literal["usable", "elsewhere", "chosen", "used", "expired", "not_yet", "withdrawn"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CouponShown:
    """A coupon. `amount` in cents or `percent` in hundredths of a percent; `days_left` counts today.

    usable      here and now
    elsewhere   its right is not at this till: ask for it while connected
    chosen      an open visit of this till has chosen it
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


def code_of(fact: bytes) -> str:
    """The code of a coupon: it follows from the fact, so that whoever issues it gives the same."""
    number = int.from_bytes(fact, "big")
    return "B" + "".join(_ALPHABET[number >> (5 * at) & 31] for at in reversed(range(CODE_DIGITS)))


def account_of_coupon(fact: bytes) -> bytes:
    """The account that holds a coupon's one use."""
    return digest8(b"coupon/account/" + fact)


def issue(customer: bytes, fact: bytes, terms: CouponTerms, day: int, *, rule: str) -> list[Operation]:
    """Give a customer a coupon: the same operations from whoever finds the same fact."""
    account = account_of_coupon(fact)
    fields: dict[int, Any] = {
        CODE: code_of(fact),
        ACCOUNT: account,
        LABEL: terms.label or None,
        RULE: rule or None,
        AMOUNT: terms.amount,
        PERCENT: terms.percent,
        MINIMUM: terms.minimum or None,
        FROM: day,
        UNTIL: day + terms.days - 1,
    }
    return [
        authoring.add(Kind.COUPON, customer, fields, fact=fact),
        *rules.earn(account, BOOK_COUPON, 1, sale=fact, holder=None, cause=ISSUED),
    ]


def birthday_due(rule: LoyaltyRule, customer: bytes, born: Any, known: frozenset[bytes], *, day: int) -> bytes | None:
    """The fact of this year's birthday coupon, from so many days before on until the birthday; None: not due.

    A fact that is `known` is not due again; 29 February is kept on the 28th in common years.
    """
    if rule.kind != "birthday" or rule.withdrawn or not isinstance(born, tuple) or len(born) != 3:
        return None
    today = _FIRST + timedelta(days=day)
    here = birthday.Birthday(year=None, month=born[1], day=born[2])
    for year in (today.year, today.year + 1):
        ahead = (date(year, *here.celebrated_in(year)) - today).days
        fact = coupon_fact(rule.id, customer, year)
        if 0 <= ahead <= rule.before and fact not in known:
            return fact
    return None


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


def is_coupon(one: Element) -> bool:
    """Whether an element is a coupon that there is."""
    return one.kind == Kind.COUPON and one.is_here


def known_facts(here: Iterable[Element]) -> frozenset[bytes]:
    """The coupons that a customer has, or had."""
    return frozenset(one.dot for one in here if one.kind == Kind.COUPON)


def due_by_threshold(
    owned: Sequence[Element], account: bytes, rule: LoyaltyRule, numbers: Iterable[int]
) -> list[bytes]:
    """The facts of a threshold that the customer does not have yet."""
    known = known_facts(owned)
    return [fact for fact in (coupon_fact(rule.id, account, at) for at in numbers) if fact not in known]


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
