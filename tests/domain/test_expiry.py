"""What expires: the oldest points go first, and what was spent is counted off them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.element import Element
from daemon.domain.expiry import MONTH_MS, Expiry, expiry_of, horizon_ms, over
from daemon.domain.hlc import ticks
from daemon.domain.kinds import BOOK_COUPON, BOOK_POINTS, Kind

NOW_MS = 1_760_000_000_000


def entry(amount: object, at_ms: int, book: int = BOOK_POINTS, *, n: int = 0) -> Element:
    return Element(
        kind=Kind.ENTRY, entity=b"account!", dot=b"%08d" % n, base=(ticks(at_ms), 2, 1), fields={1: book, 2: amount}
    )


def test_nothing_expires_without_a_policy_that_can_be_read() -> None:
    assert expiry_of("") is None
    assert expiry_of("no JSON") is None
    assert expiry_of('{"months": 0}') is None
    assert expiry_of('{"months": 12, "notice_days": -1}') is None
    assert expiry_of('{"months": 12}') == Expiry(months=12, notice_days=30)


def test_the_horizon_lies_so_many_months_back() -> None:
    assert horizon_ms(Expiry(months=24), NOW_MS) == NOW_MS - 24 * MONTH_MS


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ([(50, 10)], 50),
        ([(50, 20)], 0),
        ([(50, 10), (30, 20)], 50),
        ([(50, 10), (30, 20), (-20, 25)], 30),
        ([(50, 10), (-20, 5), (-40, 25)], 0),
        ([(50, 10), (-50, 12), (30, 20)], 0),
    ],
)
def test_what_was_spent_comes_off_the_oldest(entries: list[tuple[int, int]], left: int) -> None:
    assert over([entry(amount, at, n=n) for n, (amount, at) in enumerate(entries)], BOOK_POINTS, 20) == left


def test_other_books_and_what_cannot_be_read_do_not_count() -> None:
    found = [entry(50, 10), entry(40, 10, BOOK_COUPON), entry(None, 10), entry("9", 10)]
    assert over(found, BOOK_POINTS, 20) == 50


amounts = st.lists(st.tuples(st.integers(-60, 60), st.integers(0, 40)), max_size=12)


@given(amounts, st.integers(0, 40))
def test_no_more_expires_than_came_in_before_and_a_second_look_finds_nothing(
    booked: list[tuple[int, int]], horizon: int
) -> None:
    found = [entry(amount, at, n=n) for n, (amount, at) in enumerate(booked)]
    gone = over(found, BOOK_POINTS, horizon)
    assert 0 <= gone <= sum(amount for amount, at in booked if amount > 0 and at < horizon)
    assert over([*found, entry(-gone, 50, n=99)], BOOK_POINTS, horizon) == 0


@given(amounts)
def test_a_later_horizon_takes_no_less(booked: list[tuple[int, int]]) -> None:
    found = [entry(amount, at, n=n) for n, (amount, at) in enumerate(booked)]
    taken = [over(found, BOOK_POINTS, horizon) for horizon in range(42)]
    assert taken == sorted(taken)
