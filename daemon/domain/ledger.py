"""Balances are sums: what one entry or right adds to which sum. Amounts are integers (cents, points)."""

from daemon.domain.canonical import pack
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_MONTHS, Kind

BOOK, AMOUNT, HOLDER = 1, 2, 5

SALE_TOTAL, SALE_MONTH = 2, 3

POSTED = frozenset({Kind.ENTRY, Kind.RIGHT, Kind.SALE})
"""The kinds that add to sums."""

BOOKED = frozenset({Kind.ENTRY, Kind.RIGHT})
"""The kinds that move what an account has, or who may spend it."""

AMOUNT_MAX = 1 << 40
"""Eleven thousand million euros. Sums of larger amounts could leave what a column holds, and become floats."""

BOOK_MAX = 1 << 31

Posting = tuple[bytes, int, bytes, int]
"""(account, book, holder: empty for the balance itself, amount)"""


def postings(old: Element | None, new: Element | None) -> list[Posting]:
    """What to add to the sums when an element comes, is replaced by an earlier statement of its fact, or goes.

    An entry moves the balance; one that names a holder also uses up that holder's rights. A right only moves rights.
    A sale moves the revenue of its month.
    """
    return [(a, b, h, -amount) for a, b, h, amount in _of(old)] + _of(new)


def _of(element: Element | None) -> list[Posting]:
    if element is None or element.kind not in POSTED:
        return []
    if element.kind == Kind.SALE:
        return _of_sale(element)
    book, amount, holder = (element.fields.get(number) for number in (BOOK, AMOUNT, HOLDER))
    if type(book) is not int or type(amount) is not int or abs(amount) > AMOUNT_MAX or not 0 <= book < BOOK_MAX:
        return []
    held = [(element.entity, book, pack(holder), amount)] if holder is not None else []
    if element.kind == Kind.RIGHT:
        return held
    return [(element.entity, book, b"", amount), *held]


def _of_sale(sale: Element) -> list[Posting]:
    total, month = sale.fields.get(SALE_TOTAL), sale.fields.get(SALE_MONTH)
    if type(total) is not int or type(month) is not int or abs(total) > AMOUNT_MAX or not 0 < month < BOOK_MONTHS:
        return []
    return [(sale.entity, BOOK_MONTHS + month, b"", total)]
