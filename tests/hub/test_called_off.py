"""Head office gives back what a cancelled sale has taken, in the transaction that orders it."""

from dataclasses import replace

import pytest

from daemon.domain import rights
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rights import EARNED, GIVEN_BACK, SPENT, Purse
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
