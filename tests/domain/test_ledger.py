"""Balances are sums: what an entry or a right adds to which of them."""

from typing import Any

import pytest

from daemon.domain.canonical import pack
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_MONTHS, BOOK_POINTS, Kind
from daemon.domain.ledger import AMOUNT_MAX, FROM_SALES, postings

ACCOUNT, DOT, HOLDER = b"account.", b"dotdotdo", (4, b"lotlotlo")


def entry(amount: Any, *, kind: int = Kind.ENTRY, book: Any = BOOK_POINTS, holder: Any = None) -> Element:
    fields = {1: book, 2: amount} | ({5: holder} if holder else {})
    return Element(kind, ACCOUNT, DOT, (1, 2, 7), fields)


def test_an_entry_moves_the_balance() -> None:
    assert postings(None, entry(7)) == [(ACCOUNT, BOOK_POINTS, b"", 7)]


def test_an_entry_of_a_holder_uses_up_that_holders_rights_too() -> None:
    assert postings(None, entry(-7, holder=HOLDER)) == [
        (ACCOUNT, BOOK_POINTS, b"", -7),
        (ACCOUNT, BOOK_POINTS, pack(HOLDER), -7),
    ]


def test_a_right_moves_rights_alone() -> None:
    assert postings(None, entry(7, kind=Kind.RIGHT, holder=HOLDER)) == [(ACCOUNT, BOOK_POINTS, pack(HOLDER), 7)]
    assert postings(None, entry(7, kind=Kind.RIGHT)) == []


@pytest.mark.parametrize("cause", ["earned", "corrected"])
def test_what_a_sale_brings_is_a_sum_of_its_own_too(cause: str) -> None:
    row = entry(7)
    row.fields[3] = cause
    assert postings(None, row) == [
        (ACCOUNT, BOOK_POINTS, b"", 7), (ACCOUNT, FROM_SALES + BOOK_POINTS, b"", 7)
    ]  # fmt: skip


def test_an_earlier_statement_of_a_fact_takes_the_place_of_the_later_one() -> None:
    assert postings(entry(7), entry(5)) == [(ACCOUNT, BOOK_POINTS, b"", -7), (ACCOUNT, BOOK_POINTS, b"", 5)]


def test_other_kinds_move_nothing() -> None:
    assert postings(None, Element(Kind.CUSTOMER, ACCOUNT, b"", (1, 2, 7), {1: 1, 2: 5})) == []


@pytest.mark.parametrize("amount", ["7", None, 7.0, True, AMOUNT_MAX + 1, -AMOUNT_MAX - 1])
def test_an_amount_that_is_none_moves_nothing(amount: Any) -> None:
    assert postings(None, entry(amount)) == []


@pytest.mark.parametrize("book", ["1", None, -1, 2**31])
def test_a_book_that_is_none_holds_nothing(book: Any) -> None:
    assert postings(None, entry(7, book=book)) == []


def sale(total: Any, month: Any = 202611) -> Element:
    return Element(Kind.SALE, ACCOUNT, DOT, (1, 2, 7), {2: total, 3: month})


def test_a_sale_moves_the_revenue_of_its_month_and_a_return_moves_it_back() -> None:
    assert postings(None, sale(1990)) == [(ACCOUNT, BOOK_MONTHS + 202611, b"", 1990)]
    assert postings(None, sale(-1990)) == [(ACCOUNT, BOOK_MONTHS + 202611, b"", -1990)]


@pytest.mark.parametrize(("total", "month"), [("1", 202611), (1, "202611"), (1, 0), (1, BOOK_MONTHS), (1.5, 202611)])
def test_a_sale_without_an_amount_or_a_month_moves_nothing(total: Any, month: Any) -> None:
    assert postings(None, sale(total, month)) == []
