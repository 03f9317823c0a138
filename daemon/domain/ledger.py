"""Balances are sums: what one entry or right adds to which sum. Amounts are integers (cents, points)."""

from typing import Any

from daemon.domain.canonical import pack
from daemon.domain.element import Element, read_body
from daemon.domain.kinds import BOOK_DEBT, BOOK_MONTHS, BOOK_POINTS, BOOK_SOLD, SHAPES, Kind

BOOK, AMOUNT, CAUSE, HOLDER = 1, 2, 3, 5

EARNED, TAKEN_BACK = "earned", "taken back"
"""The causes of what a sale brings, and of what goods that come back take along."""

CORRECTED = "corrected"
"""What a sale brings beyond the statement that stands: another till than its own had made it earn less."""

DUE_BOOKS = (BOOK_DEBT << 8) + 128
"""Behind here, for each book, what came back of it and was spent already: head office collects it."""

SALE_TOTAL, SALE_MONTH = 2, 3

MONTHS = SHAPES[Kind.MONTH].number("months")
COPY = SHAPES[Kind.SALE_LINES].number("head")
COPY_TOTAL, COPY_MONTH = 1, 2
"""Where the shop's copy of a sale's head says its total and its month."""

POSTED = frozenset({Kind.ENTRY, Kind.RIGHT, Kind.SALE, Kind.SALE_LINES, Kind.MONTH})
"""The kinds that add to sums."""

BOOKED = frozenset({Kind.ENTRY, Kind.RIGHT})
"""The kinds that move what an account has, or who may spend it."""

AMOUNT_MAX = 1 << 40
"""Eleven thousand million euros. Sums of larger amounts could leave what a column holds, and become floats."""

BOOK_MAX = 1 << 31

FROM_SALES = 500_000
"""From here on, for each book, what sales have brought to it, less what came back with goods; spending leaves it."""

Posting = tuple[bytes, int, bytes, int]
"""(account, book, holder: empty for the balance itself, amount)"""


def postings(old: Element | None, new: Element | None) -> list[Posting]:
    """What to add to the sums when an element comes, is replaced by an earlier statement of its fact, or goes.

    An entry moves the balance; one that names a holder also uses up that holder's rights. A right only moves rights.
    A sale moves the revenue of its month, as does what head office says of sales that stand no longer.
    """
    return [(a, b, h, -amount) for a, b, h, amount in _of(old)] + _of(new)


def _of(element: Element | None) -> list[Posting]:
    if element is None or element.kind not in POSTED:
        return []
    if element.kind in _SOLD:
        return _of_sold(element)
    book, amount, holder = (element.fields.get(number) for number in (BOOK, AMOUNT, HOLDER))
    if type(book) is not int or type(amount) is not int or abs(amount) > AMOUNT_MAX or not 0 <= book < BOOK_MAX:
        return []
    held = [(element.entity, book, pack(holder), amount)] if holder is not None else []
    if element.kind == Kind.RIGHT:
        return held
    brought = [(element.entity, FROM_SALES + to, b"", by) for to, by in _from_sales(element, book, amount)]
    return [(element.entity, book, b"", amount), *held, *brought]


def _from_sales(entry: Element, book: int, amount: int) -> list[tuple[int, int]]:
    """(book, amount) of what a sale has brought by this entry, below zero for what came back."""
    cause = entry.fields.get(CAUSE)
    if cause in (EARNED, CORRECTED) and amount > 0 and book < FROM_SALES:
        return [(book, amount)]
    if cause == TAKEN_BACK and book == BOOK_POINTS and amount < 0:
        return [(BOOK_POINTS, amount)]
    if cause == TAKEN_BACK and book == DUE_BOOKS + BOOK_POINTS and amount > 0:
        return [(BOOK_POINTS, -amount)]
    return []


def earned_in(body: bytes) -> int:
    """What sales have brought by an entry, from its canonical bytes; 0: nothing, or this is no such entry."""
    return next((amount for _, book, _, amount in _of(read_body(body)) if _is_from_sales(book)), 0)


def earned_book_in(body: bytes) -> int:
    """The book of the sum that such an entry adds to."""
    return next((book for _, book, _, _ in _of(read_body(body)) if _is_from_sales(book)), 0)


def _is_from_sales(book: int) -> bool:
    return FROM_SALES <= book < BOOK_MONTHS


_SOLD = frozenset({Kind.SALE, Kind.SALE_LINES, Kind.MONTH})


def _of_sold(element: Element) -> list[Posting]:
    """What sales come to by month: those that stand, those that head office summed up, a shop's own copies."""
    if element.kind == Kind.MONTH:
        rows = element.fields.get(MONTHS)
        told = [row for row in rows if isinstance(row, tuple) and len(row) == 2] if isinstance(rows, tuple) else []
        return [one for month, total in told for one in _of_month(element.entity, BOOK_MONTHS, total, month)]
    if element.kind == Kind.SALE:
        total, month = element.fields.get(SALE_TOTAL), element.fields.get(SALE_MONTH)
        return _of_month(element.entity, BOOK_MONTHS, total, month)
    copy = element.fields.get(COPY)
    if not isinstance(copy, tuple) or len(copy) <= COPY_MONTH:
        return []
    return _of_month(element.entity, BOOK_SOLD, copy[COPY_TOTAL], copy[COPY_MONTH])


def _of_month(account: bytes, book: int, total: Any, month: Any) -> list[Posting]:
    if type(total) is not int or type(month) is not int or abs(total) > AMOUNT_MAX or not 0 < month < BOOK_MONTHS:
        return []
    return [(account, book + month, b"", total)]
