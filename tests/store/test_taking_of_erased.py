"""Rows of head office are taken in by who was away while somebody was erased."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.canonical import digest8, pack
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Portion
from daemon.store import portions, taking
from daemon.store.replica import get_meta
from daemon.store.verify import verify
from tests.store.small_chain import ANNE, NAME, Site, SmallChain
from tests.store.small_takings import (
    SHOP,
    fill,
    found,
    lose,
    portion_of,
    small_chain,
    tag,
    take,
    ticket,
)


def traces(site: Site, customer: bytes) -> int:
    sql = (
        "SELECT count(*) FROM (SELECT slots AS r FROM change UNION ALL SELECT records FROM followed) WHERE instr(r, ?)"
    )
    (count,) = site.conn.execute(sql, (customer,)).fetchone()
    return int(count)


def erased_while_away(customer: bytes) -> SmallChain:
    """A till that knows somebody, has written of them, and is away when they are erased."""
    chain = SmallChain()
    chain.two.create(customer)
    chain.sync()
    chain.hub.commit(wish.erase(Kind.ERASE, customer))
    return chain


BEFORE_ITS_TOMBSTONE = next(bytes([at]) * 8 for at in range(256) if digest8(bytes([at]) * 8) > bytes([at]) * 8)
AFTER_ITS_TOMBSTONE = next(bytes([at]) * 8 for at in range(255, 0, -1) if digest8(bytes([at]) * 8) < bytes([at]) * 8)


@pytest.mark.parametrize("customer", [BEFORE_ITS_TOMBSTONE, AFTER_ITS_TOMBSTONE])
@pytest.mark.parametrize("is_split", [False, True])
def test_who_was_erased_meanwhile_is_gone_with_all_traces(
    monkeypatch: pytest.MonkeyPatch, customer: bytes, is_split: bool
) -> None:
    chain = erased_while_away(customer)
    assert traces(chain.two, customer) > 0
    if is_split:
        monkeypatch.setattr(portions, "PORTION_BYTES", 1)
        chain.hub.create(b"\x00" * 8)
        chain.hub.create(b"\xff" * 8)
    fill(chain, chain.two)
    assert chain.two.row(customer) is None
    assert traces(chain.two, customer) == 0
    assert found(chain.two, "a") == found(chain.hub, "a")
    chain.download(chain.two)
    assert chain.two.root() == chain.hub.root()


@pytest.mark.parametrize("customer", [BEFORE_ITS_TOMBSTONE, AFTER_ITS_TOMBSTONE])
def test_what_was_saved_here_of_somebody_erased_meanwhile_is_cut(
    monkeypatch: pytest.MonkeyPatch, customer: bytes
) -> None:
    chain = erased_while_away(customer)
    monkeypatch.setattr(portions, "PORTION_BYTES", 1)
    chain.two.edit({NAME: ("Again", "B")}, customer)
    fill(chain, chain.two)
    assert chain.two.row(customer) is None
    assert traces(chain.two, customer) == 0
    chain.sync()
    assert chain.two.root() == chain.hub.root()


@pytest.mark.parametrize("customer", [BEFORE_ITS_TOMBSTONE, AFTER_ITS_TOMBSTONE])
@pytest.mark.parametrize("is_split", [False, True])
@pytest.mark.parametrize("is_known", [False, True])
def test_what_a_shop_holds_of_who_was_erased_meanwhile_goes_too(
    monkeypatch: pytest.MonkeyPatch, customer: bytes, is_split: bool, is_known: bool
) -> None:
    chain = SmallChain()
    chain.one.create(customer)
    chain.one.commit(ticket(customer))
    chain.upload(chain.one)
    chain.download(chain.two)
    if not is_known:
        # The shop's feed was ahead of the chain's: this till holds a ticket of somebody who never came.
        lose(chain.two, (customer, Kind.CUSTOMER, b""))
    assert len(chain.two.members(Kind.HELD_TICKET, customer)) == 1
    chain.hub.commit(wish.erase(Kind.ERASE, customer))
    if is_split:
        monkeypatch.setattr(portions, "PORTION_BYTES", 1)
    fill(chain, chain.two)
    assert chain.two.rows("SELECT count(*) FROM element WHERE kind = 75") == [(0,)]
    assert chain.two.rows("SELECT count(*) FROM held_ticket") == [(0,)]
    assert chain.two.root(SHOP) == chain.hub.root(SHOP)
    assert verify(chain.two.conn).is_sound
    assert get_meta(chain.two.conn, taking.VANISHED, pack(())) == pack(()), "their id is kept nowhere"


def test_a_customer_whom_a_restored_hub_has_lost_is_not_taken_for_erased() -> None:
    chain = small_chain()
    chain.two.commit(tag("gold"))
    without = Portion(CHAIN, chain.head(), BEFORE_ALL, None, (), 68)
    take(chain.two, without)
    assert chain.two.row(ANNE) is None
    assert len(chain.two.members(Kind.TAG)) == 1, "what is saved here and waits stands"
    assert traces(chain.two, ANNE) > 0
    take(chain.two, portion_of(chain))
    assert chain.two.row(ANNE) is not None
    chain.two.restart(b"again...")
    chain.sync()
    assert len(chain.roots()) == 1


def test_vanished_customers_are_remembered_so_many_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "VANISHED_MAX", 1)
    chain = small_chain()
    take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, (), 68))
    assert get_meta(chain.two.conn, taking.VANISHED) == pack((ANNE,))


def test_an_erasure_that_a_restored_hub_has_lost_hides_nobody() -> None:
    chain = erased_while_away(ANNE)
    chain.sync()
    assert chain.two.replica.tombstones == {digest8(ANNE)}
    take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, (), 68))
    assert chain.two.replica.tombstones == set()
