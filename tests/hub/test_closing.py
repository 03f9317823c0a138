"""Head office closes old sales in the transaction that orders newer ones."""

from dataclasses import replace

import pytest

from daemon.domain.closing import Bound
from daemon.domain.element import Element, Key
from daemon.domain.kinds import Kind
from daemon.domain.sale import COPY, SaleHead, SoldLine, decide_sale
from daemon.hub.closing import BOUND, close_old_sales
from daemon.store import elements, sales
from daemon.store.database import Connection
from tests.store.small_chain import Site, SmallChain

ACCOUNT = b"account1"
SMALL = Bound(kept=2, most=3)


def post(site: Site, at: int, *, is_old: bool = False) -> None:
    head = SaleHead(
        id=at.to_bytes(8, "big"), account=ACCOUNT, kind="sale", total=100, month=202510, sold_ms=at, shop=1, lines=1
    )
    stated, lines = decide_sale(head, (SoldLine(label="Stylo", amount=100),))
    if is_old:
        lines = replace(lines, fields={at: value for at, value in lines.fields.items() if at != COPY})
    site.commit(stated, lines)


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


def test_sales_of_an_earlier_release_are_not_walked_through_with_each_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = SmallChain()
    for at in range(1, 41):
        post(chain.one, at, is_old=True)
    for at in range(41, 46):
        post(chain.one, at)
    chain.sync()
    read: list[object] = []
    there = elements.element

    def counted(conn: Connection, key: Key) -> Element | None:
        read.append(key)
        return there(conn, key)

    monkeypatch.setattr(elements, "element", counted)
    close(chain)
    monkeypatch.undo()
    assert len(read) <= 20, "those that have no copy cannot be closed, however many there are"
    chain.sync()
    assert standing(chain.two) == [44, 45]
    for site in (chain.hub, chain.one, chain.two):
        assert site.rows("SELECT amount FROM balance WHERE book = 1202510") == [(4_500,)]


def test_a_damaged_sale_stops_no_batch_and_closes_nothing() -> None:
    chain = SmallChain()
    for at in range(1, 6):
        post(chain.one, at)
    chain.sync()
    chain.hub.conn.execute("UPDATE element SET body = x'90' WHERE kind = ? AND dot = ?", (Kind.SALE, (2).to_bytes(8)))
    before = chain.head()
    close(chain)
    assert chain.head() == before
