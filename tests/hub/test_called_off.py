"""Head office gives back what a cancelled sale has taken, in the transaction that orders it."""

from dataclasses import replace

import pytest

from daemon.domain import authoring, rights
from daemon.domain.account import ACCOUNT as ACCOUNT_OF
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.rights import EARNED, GIVEN_BACK, SPENT, TAKEN_BACK, Purse, due_book
from daemon.domain.sale import SaleHead, SoldLine, cancellation_id, decide_reversal, decide_sale, new_sale_id
from daemon.store import moved
from daemon.store import rights as kept
from tests.hub.test_warden import ACCOUNT, Chain
from tests.store.small_chain import Site

SALE, BEFORE = new_sale_id(2, b"later"), new_sale_id(2, b"first")
HEAD = SaleHead(id=SALE, account=ACCOUNT, kind="sale", total=900, month=202_510, sold_ms=1_000, shop=1, lines=1)
LINES = (SoldLine(label="vase", amount=900),)
BACK = replace(HEAD, id=cancellation_id(SALE), kind="cancellation", total=-900, original=SALE)


@pytest.fixture
def chain() -> Chain:
    """The first till holds a hundred points that were earned there."""
    found = Chain()
    found.told(found.one)
    found.told(found.two)
    mine = kept.holder_of(found.one.replica)
    found.say(found.one, *rights.earn(ACCOUNT, BOOK_POINTS, 100, sale=BEFORE, holder=mine))
    return found


def spends(chain: Chain, points: int) -> None:
    purse = Purse(account=ACCOUNT, book=BOOK_POINTS, left=100)
    chain.say(chain.one, *rights.spend(purse, points, holder=kept.holder_of(chain.one.replica), sale=SALE))


def cancels(chain: Chain, till: Site) -> None:
    returned = tuple(replace(line, quantity_milli=-line.quantity_milli, amount=-line.amount) for line in LINES)
    chain.say(till, *decide_reversal(BACK, returned, HEAD))


def given_back(chain: Chain) -> int:
    return moved.booked(chain.hub.conn, GIVEN_BACK, BACK.id, (ACCOUNT, BOOK_POINTS))


def test_what_a_sale_that_stands_has_taken_stays_taken(chain: Chain) -> None:
    chain.say(chain.two, *decide_sale(HEAD, LINES))
    spends(chain, 40)
    assert (given_back(chain), chain.standing().balance) == (0, 60)


@pytest.mark.parametrize("is_taken_first", [True, False])
def test_what_a_cancelled_sale_has_taken_comes_back_once_whatever_is_heard_first(
    chain: Chain, is_taken_first: bool
) -> None:
    chain.say(chain.two, *decide_sale(HEAD, LINES))
    if is_taken_first:
        spends(chain, 40)
    cancels(chain, chain.two)
    if not is_taken_first:
        spends(chain, 40)
    assert (given_back(chain), chain.standing().balance) == (40, 100)
    cancels(chain, chain.one)
    assert (given_back(chain), chain.standing().balance) == (40, 100)
    assert moved.booked(chain.hub.conn, SPENT, SALE, (ACCOUNT, BOOK_POINTS)) == -40
    assert chain.standing().free >= 0


def test_what_a_till_has_given_back_itself_is_not_given_back_again(chain: Chain) -> None:
    chain.say(chain.one, *decide_sale(HEAD, LINES))
    spends(chain, 40)
    cancelled = decide_reversal(BACK, (), HEAD)
    chain.say(chain.one, *cancelled, *rights.give_back(ACCOUNT, BOOK_POINTS, 40, sale=BACK.id))
    assert chain.standing().balance == 100


def test_nothing_comes_back_of_a_sale_that_nobody_knows(chain: Chain) -> None:
    spends(chain, 40)
    assert moved.booked(chain.hub.conn, EARNED, BEFORE, (ACCOUNT, BOOK_POINTS)) == 100
    assert (given_back(chain), chain.standing().balance) == (0, 60)


def test_a_cancellation_that_is_heard_before_its_sale_gives_back_once_that_is_heard_too(chain: Chain) -> None:
    cancels(chain, chain.two)
    spends(chain, 40)
    assert (given_back(chain), chain.standing().balance) == (0, 60)
    chain.say(chain.one, *decide_sale(HEAD, LINES))
    assert (given_back(chain), chain.standing().balance) == (40, 100)


@pytest.mark.parametrize(("own", "elsewhere"), [(20, 10), (10, 20), (20, 20)], ids=["more", "less", "the same"])
@pytest.mark.parametrize("is_own_earlier", [True, False])
@pytest.mark.parametrize("is_own_first", [True, False])
@pytest.mark.parametrize("is_cancelled_last", [True, False])
def test_a_cancelled_sale_leaves_no_point_whatever_two_tills_have_made_it_earn(
    chain: Chain, own: int, elsewhere: int, is_own_earlier: bool, is_own_first: bool, is_cancelled_last: bool
) -> None:
    mine = kept.holder_of(chain.one.replica)
    earned = {
        chain.one: rights.earn(ACCOUNT, BOOK_POINTS, own, sale=SALE, holder=mine),
        chain.two: rights.earn(ACCOUNT, BOOK_POINTS, elsewhere, sale=SALE, holder=None),
    }
    first, then = (chain.one, chain.two) if is_own_earlier else (chain.two, chain.one)
    first.commit(*decide_sale(HEAD, LINES), *earned[first])
    then.now = first.now
    then.commit(*decide_sale(HEAD, LINES), *earned[then])
    if is_own_first:
        chain.heard(chain.one)
    if is_cancelled_last:
        chain.heard(chain.two)
    due = rights.book(ACCOUNT, due_book(BOOK_POINTS), elsewhere, sale=BACK.id, cause=TAKEN_BACK)
    chain.two.commit(*decide_reversal(BACK, (), HEAD), *due)
    chain.heard(chain.two)
    if not is_own_first:
        chain.heard(chain.one)
    owed = [kept.balance(chain.hub.conn, ACCOUNT, one(BOOK_POINTS)) for one in (due_book, rights.debt_book)]
    assert chain.standing().balance - owed[0] == 100
    assert owed[1] == 0, "nobody is in debt"
    assert chain.standing().free >= 0


@pytest.mark.parametrize("is_taken_first", [True, False])
def test_points_come_back_also_while_a_row_of_their_customer_is_damaged(chain: Chain, is_taken_first: bool) -> None:
    anne = EntityId(b"anne....")
    chain.say(chain.one, authoring.create(Kind.CUSTOMER, anne, {ACCOUNT_OF: ACCOUNT}))
    chain.say(chain.one, authoring.add(Kind.TAG, anne, {1: "vip"}))
    chain.say(chain.two, *decide_sale(HEAD, LINES))
    if is_taken_first:
        spends(chain, 40)
    chain.hub.conn.execute("UPDATE element SET body = x'ffff' WHERE kind = ?", (int(Kind.TAG),))
    cancels(chain, chain.two)
    if not is_taken_first:
        spends(chain, 40)
    assert (given_back(chain), chain.standing().balance) == (40, 100)


def takes_back(chain: Chain, till: Site, drawn: bytes, points: int) -> None:
    """A part of the sale comes back at a till that has not heard of its cancellation."""
    part = replace(HEAD, id=new_sale_id(3, drawn), kind="return", total=-90 * points // 2, original=SALE, lines=0)
    due = rights.book(ACCOUNT, due_book(BOOK_POINTS), points, sale=part.id, cause=TAKEN_BACK)
    chain.say(till, *decide_reversal(part, (), HEAD), *due)


def test_what_returns_took_that_are_heard_after_the_cancellation_is_given_back_each_time(chain: Chain) -> None:
    mine = kept.holder_of(chain.one.replica)
    chain.say(chain.one, *decide_sale(HEAD, LINES), *rights.earn(ACCOUNT, BOOK_POINTS, 20, sale=SALE, holder=mine))
    due = rights.book(ACCOUNT, due_book(BOOK_POINTS), 20, sale=BACK.id, cause=TAKEN_BACK)
    chain.say(chain.one, *decide_reversal(BACK, (), HEAD), *due)
    for drawn, points in ((b"part1", 4), (b"part2", 6), (b"part2", 6)):
        takes_back(chain, chain.two, drawn, points)
    owed = kept.balance(chain.hub.conn, ACCOUNT, due_book(BOOK_POINTS))
    assert chain.standing().balance - owed == 100
    assert moved.evened(chain.hub.conn, BACK.id, (ACCOUNT, BOOK_POINTS)) == [4, 6]
    assert moved.earned_still(chain.hub.conn, HEAD, BACK.id) == 0
