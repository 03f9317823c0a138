"""Coupons as facts: what one is, under which id a rule makes it due, how it is given. Pure.

A coupon that a rule makes due has the id of its fact, so that whoever finds it out issues the same one; its one use is
a right on an account of its own, which begins at head office.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from daemon.domain import authoring, birthday
from daemon.domain import rights as rules
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.element import Element, read_body
from daemon.domain.kinds import BOOK_COUPON, SHAPES, Kind
from daemon.domain.loyalty import CouponTerms, LoyaltyRule, coupon_fact
from daemon.domain.rights import ISSUED
from daemon.errors import OperatorMistake

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


def code_of(fact: bytes) -> str:
    """The code of a coupon: it follows from the fact, so that whoever issues it gives the same."""
    return "B" + signs(fact, CODE_DIGITS)


def signs(fact: bytes, count: int) -> str:
    """So many digits and capitals of an id: none that is read as another."""
    number = int.from_bytes(fact, "big")
    return "".join(_ALPHABET[number >> (5 * at) & 31] for at in reversed(range(count)))


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
    if rule.kind != "birthday" or rule.withdrawn or not isinstance(born, tuple):
        return None
    try:
        here = birthday.from_stored(list(born))
    except OperatorMistake:
        return None  # a record may hold any numbers
    today = _FIRST + timedelta(days=day)
    for year in (today.year, today.year + 1):
        ahead = (date(year, *here.celebrated_in(year)) - today).days
        fact = coupon_fact(rule.id, customer, year)
        if 0 <= ahead <= rule.before and fact not in known:
            return fact
    return None


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


def coupon_account_in(body: bytes) -> bytes | None:
    """The account that a coupon names, from its canonical bytes."""
    account = read_body(body).fields.get(ACCOUNT)
    return account if isinstance(account, bytes) else None
