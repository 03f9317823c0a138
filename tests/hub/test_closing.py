"""Head office closes old sales in the transaction that orders newer ones."""

from daemon.domain.closing import Bound
from daemon.domain.kinds import Kind
from daemon.domain.sale import SaleHead, SoldLine, decide_sale
from daemon.hub.closing import BOUND, close_old_sales
from daemon.store import elements, sales
from tests.store.small_chain import Site, SmallChain

ACCOUNT = b"account1"
SMALL = Bound(kept=2, most=3)


def post(site: Site, at: int) -> None:
    head = SaleHead(
        id=at.to_bytes(8, "big"), account=ACCOUNT, kind="sale", total=100, month=202510, sold_ms=at, shop=1, lines=1
    )
    site.commit(*decide_sale(head, (SoldLine(label="Stylo", amount=100),)))


def close(chain: SmallChain, bound: Bound | None = SMALL) -> None:
    hub = chain.hub
    hub.unit(lambda conn: close_old_sales(conn, hub.replica, [ACCOUNT, b"nobody.."], now_ms=hub.now, bound=bound))


def standing(site: Site) -> list[int]:
    return [one.dot[-1] for one in sales.standing(site.conn, ACCOUNT)]


def test_the_last_sales_stand_everywhere_and_the_others_with_their_shop_and_head_office() -> None:
    chain = SmallChain()
    for at in range(1, 6):
        post(chain.one, at)
    chain.sync()
    close(chain)
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        assert standing(site) == [4, 5]
        assert site.rows("SELECT amount FROM balance WHERE book = 1202510") == [(500,)]
        assert [one.dot[-1] for one in elements.elements_of(site.conn, ACCOUNT) if one.kind == Kind.SALE] == [4, 5]
        old = sales.head(site.conn, (1).to_bytes(8, "big"))
        assert old is not None, "these tills are of the shop that sold"
        assert (old.total, sales.registered_at(site.conn, old.id)) == (100, 2)
    assert len(chain.roots()) == 1
    before = chain.head()
    close(chain)
    assert chain.head() == before, "there is nothing left to be said"


def test_an_account_with_few_sales_is_left_alone() -> None:
    chain = SmallChain()
    for at in range(1, BOUND.most + 1):
        post(chain.one, at)
    chain.sync()
    before = chain.head()
    close(chain, None)
    assert chain.head() == before
    post(chain.two, 100)
    chain.sync()
    close(chain, None)
    assert len(standing(chain.hub)) == BOUND.kept == 20
