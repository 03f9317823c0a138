"""Spending, earning and passing on: each operation keeps the floor, whatever the amounts."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain import rights
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER
from daemon.domain.rights import Holder, Purse

ACCOUNT, SALE = b"account!", b"\x00\x00\x02sale!"
HERE: Holder = (2, b"here....")
THERE: Holder = (3, b"there...")


def purse(left: int, balance: int = 100) -> Purse:
    return Purse(account=ACCOUNT, book=BOOK_POINTS, left=left, balance=balance)


def moved(operations: Iterable[Operation], book: int = BOOK_POINTS) -> tuple[int, dict[Holder, int]]:
    """What operations add to the balance, and to what each holder has left."""
    balance, held = 0, dict[Holder, int]()
    for op in operations:
        if op.fields[BOOK] != book:
            continue
        if op.kind == Kind.ENTRY:
            balance += op.fields[AMOUNT]
        if HOLDER in op.fields:
            held[op.fields[HOLDER]] = held.get(op.fields[HOLDER], 0) + op.fields[AMOUNT]
    return balance, held


def test_a_spend_takes_as_much_from_the_balance_as_from_the_rights() -> None:
    assert moved(rights.spend(purse(50), 30, holder=HERE)) == (-30, {HERE: -30})


@given(st.integers(-10, 100), st.integers(-10, 200))
def test_nobody_spends_more_than_is_held(left: int, amount: int) -> None:
    balance, held = moved(rights.spend(purse(left), amount, holder=HERE))
    assert (balance, held) == ((-amount, {HERE: -amount}) if 0 < amount <= left else (0, {}))


def test_a_sale_earns_and_gives_the_right_to_the_till_that_issued_it() -> None:
    assert moved(rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=HERE)) == (9, {HERE: 9})


def test_a_sale_that_another_till_issued_earns_without_a_right() -> None:
    assert moved(rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=None)) == (9, {})


def test_one_sale_is_one_fact_whoever_states_it() -> None:
    here, there = (rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=who)[0] for who in (HERE, None))
    assert here.dot == there.dot != rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=b"another!", holder=None)[0].dot


@given(st.integers(-10, 100), st.integers(1, 200))
def test_what_was_earned_and_spent_is_due_and_the_floor_stays(left: int, amount: int) -> None:
    operations = rights.take_back(purse(left), amount, holder=HERE, sale=SALE)
    balance, held = moved(operations)
    due, _ = moved(operations, rights.due_book(BOOK_POINTS))
    assert balance == held.get(HERE, 0) >= -max(left, 0)
    assert due - balance == amount


def recall(wanted: int, keep: int, to: Holder | None) -> Operation:
    fields = {1: BOOK_POINTS, 2: 0, 3: rights.RECALLED, 5: HERE, 7: wanted, 8: keep, 9: to}
    return Operation(Kind.RIGHT, ACCOUNT, 3, fields)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_what_is_passed_on_leaves_one_holder_and_comes_to_the_other(left: int, wanted: int, keep: int) -> None:
    balance, held = moved(rights.answer_recall(recall(wanted, keep, THERE), purse(left), holder=HERE))
    assert (balance, sum(held.values())) == (0, 0)
    assert 0 <= held.get(THERE, 0) <= min(wanted, max(left - keep, 0))


def test_what_is_returned_goes_to_nobody() -> None:
    assert moved(rights.answer_recall(recall(30, 0, None), purse(20), holder=HERE)) == (0, {HERE: -20})


def test_a_recall_of_another_holder_is_not_answered() -> None:
    assert rights.answer_recall(recall(30, 0, None), purse(20), holder=THERE) == []
    assert rights.answer_recall(recall(30, 0, HERE), purse(20), holder=HERE) == []


def test_nobody_asks_for_what_they_hold() -> None:
    assert rights.ask(purse(30), 30, holder=HERE) == []
    (asked,) = rights.ask(purse(30), 31, holder=HERE)
    assert moved([asked]) == (0, {HERE: 0})


def test_points_and_cents_at_risk_are_never_added_up() -> None:
    books = [rights.debt_book(book) for book in rights.GUARDED] + [rights.due_book(book) for book in rights.GUARDED]
    assert len(set(books)) == 2 * len(rights.GUARDED)
