"""Head office: never more out than there is, whatever is asked, handed out, levelled, settled or corrected."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain import escrow, rights
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rights import Ask, Holder, Standing, debt_book, due_book
from tests.domain.test_rights import ACCOUNT, SALE, moved

HOLDERS: tuple[Holder, ...] = tuple((site, b"lot....%d" % site) for site in (2, 3, 4))


def standing(balance: int, *held: int, book: int = BOOK_POINTS) -> Standing:
    return Standing(account=ACCOUNT, book=book, balance=balance, held=dict(zip(HOLDERS, held, strict=False)))


def after(before: Standing, operations: list[Operation]) -> Standing:
    balance, held = moved(operations, before.book)
    total = {holder: before.held.get(holder, 0) + held.get(holder, 0) for holder in {*before.held, *held}}
    return Standing(account=ACCOUNT, book=before.book, balance=before.balance + balance, held=total)


def ask(wanted: int) -> Ask:
    return Ask(account=ACCOUNT, book=BOOK_POINTS, wanted=wanted, holder=HOLDERS[0])


sound = st.lists(st.integers(0, 60), min_size=3, max_size=3).flatmap(
    lambda held: st.integers(0, 100).map(lambda free: standing(sum(held) + free, *held))
)
any_standing = st.lists(st.integers(-60, 60), min_size=3, max_size=3).flatmap(
    lambda held: st.integers(-50, 200).map(lambda balance: standing(balance, *held))
)


@given(sound, st.integers(0, 400))
def test_what_is_granted_was_free(before: Standing, wanted: int) -> None:
    assert after(before, escrow.answer(before, ask(wanted), may_grant=True)).free >= 0


@given(sound, st.integers(0, 400))
def test_who_does_not_know_what_tills_hold_grants_nothing(before: Standing, wanted: int) -> None:
    assert after(before, escrow.answer(before, ask(wanted), may_grant=False)).held == before.held


def test_what_is_not_free_is_asked_of_those_who_hold_most() -> None:
    granted, *recalled = escrow.answer(standing(100, 10, 30, 50), ask(90), may_grant=True)
    assert granted.fields[2] == 10
    assert [(op.fields[5], op.fields[7], op.fields[9]) for op in recalled] == [
        (HOLDERS[2], 50, HOLDERS[0]),
        (HOLDERS[1], 20, HOLDERS[0]),
    ]


@given(any_standing)
def test_settling_makes_the_floor_whole_and_books_it_as_a_debt(before: Standing) -> None:
    operations = escrow.settle(before)
    settled = after(before, operations)
    assert settled.free >= 0
    assert min(settled.held.values()) >= 0
    assert moved(operations, debt_book(BOOK_POINTS))[0] == settled.balance - before.balance
    assert escrow.settle(settled) == []


@given(sound, st.integers(-300, 300))
def test_a_correction_takes_no_more_than_what_no_one_holds(before: Standing, amount: int) -> None:
    assert after(before, escrow.correct(before, amount, cause="by hand")).free >= 0


@given(sound, st.integers(1, 300))
def test_what_is_due_is_collected_from_what_is_free_and_the_rest_recalled(before: Standing, due: int) -> None:
    operations = escrow.collect(before, due)
    assert after(before, operations).free >= 0
    assert moved(operations)[0] == moved(operations, due_book(BOOK_POINTS))[0] == -min(due, before.free)


def test_what_another_till_posted_belongs_to_the_till_that_issued_the_sale() -> None:

    (entry,) = rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=None)
    assert escrow.unclaimed(2, entry, is_claimed=True) is None
    assert escrow.unclaimed(2, entry) == escrow.unclaimed(3, entry), "a till that has forgotten its visit"
    found = escrow.unclaimed(3, entry)
    assert found is not None
    asked = escrow.ask_whose(found, SALE.hex(), HOLDERS[0])
    assert (found.site, moved([asked])) == (2, (0, {HOLDERS[0]: 0})), "to ask moves nothing"
    assert rights.sale_asked(asked) == SALE
    answer = rights.answer_whose(asked, SALE, issuer=HOLDERS[1])
    assert (answer, moved(answer)) == (
        rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=HOLDERS[1])[1:], (0, {HOLDERS[1]: 9}),
    )  # fmt: skip


@pytest.mark.parametrize("fields", [{4: "no hex"}, {4: None}, {3: rights.RECALLED}])
def test_what_asks_for_no_sale_gets_no_answer(fields: dict[int, object]) -> None:
    found = escrow.unclaimed(3, rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=None)[0])
    assert found is not None
    asked = escrow.ask_whose(found, SALE.hex(), HOLDERS[0])
    assert rights.sale_asked(replace(asked, fields={**asked.fields, **fields})) is None


@pytest.mark.parametrize("fields", [{1: 1 << 63}, {1: "1"}, {7: 0}, {7: -5}, {7: "9"}])
def test_an_odd_question_creates_no_right(fields: dict[int, object]) -> None:
    found = escrow.unclaimed(3, rights.earn(ACCOUNT, BOOK_POINTS, 9, sale=SALE, holder=None)[0])
    assert found is not None
    asked = escrow.ask_whose(found, SALE.hex(), HOLDERS[0])
    assert rights.answer_whose(replace(asked, fields={**asked.fields, **fields}), SALE, issuer=HOLDERS[0]) == []
