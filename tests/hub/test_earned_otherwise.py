"""Two tills post one sale, and it earns otherwise at each: the larger promise is booked, and stands."""

import pytest

from daemon.domain import rights
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rights import CORRECTED
from daemon.domain.sale import new_sale_id
from daemon.store import moved
from daemon.store import rights as kept
from tests.hub.test_warden import ACCOUNT, ONE, Chain

SALE = new_sale_id(2, b"sale!")


@pytest.fixture
def chain() -> Chain:
    found = Chain()
    found.told(found.one)
    found.told(found.two)
    return found


def corrected(chain: Chain) -> int:
    return moved.booked(chain.hub.conn, CORRECTED, SALE, (ACCOUNT, BOOK_POINTS))


@pytest.mark.parametrize(
    ("own", "elsewhere", "more"), [(50, 10, 40), (10, 50, 0), (20, 20, 0)], ids=["more", "less", "the same"]
)
@pytest.mark.parametrize("is_own_first", [True, False])
def test_a_promise_beyond_the_statement_that_stands_is_booked_once(
    chain: Chain, own: int, elsewhere: int, more: int, is_own_first: bool
) -> None:
    mine = kept.holder_of(chain.one.replica)
    chain.two.commit(*rights.earn(ACCOUNT, BOOK_POINTS, elsewhere, sale=SALE, holder=None))
    chain.one.now = chain.two.now  # the other till has said it first
    chain.one.commit(*rights.earn(ACCOUNT, BOOK_POINTS, own, sale=SALE, holder=mine))
    for till in (chain.one, chain.two) if is_own_first else (chain.two, chain.one):
        chain.heard(till)
    standing = chain.standing()
    assert (corrected(chain), standing.balance) == (more, max(own, elsewhere))
    assert standing.held[ONE] >= own
    assert standing.free >= 0
    assert kept.balance(chain.hub.conn, ACCOUNT, rights.debt_book(BOOK_POINTS)) == 0
