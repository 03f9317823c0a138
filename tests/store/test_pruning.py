"""Of what the log drops the chain stays, for as long as a till may stand there."""

import pytest

from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.store import ordering, pruning
from tests.store.small_chain import EMAIL, SmallChain


def chain_of(records: int) -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    for number in range(records - 1):
        chain.one.edit({EMAIL: f"{number}@b.fr"})
    chain.upload(chain.one)
    return chain


def prune(chain: SmallChain, *, records_max: int = 1000) -> None:
    chain.hub.unit(lambda conn: pruning.prune_log(conn, before_ms=1 << 60, records_max=records_max))


def offsets(chain: SmallChain) -> list[object]:
    return [at for (at,) in chain.hub.rows("SELECT feed_offset FROM feed WHERE reach = 0 ORDER BY 1")]


def stands(chain: SmallChain, **places: int) -> None:
    """These tills are enrolled, and have told that they stand there (-1: nothing yet)."""
    for name, offset in places.items():
        site = getattr(chain, name).replica.identity.site
        chain.hub.conn.execute("INSERT OR IGNORE INTO site (site, shop, enrolled_ms) VALUES (?, 1, 0)", (site,))
        if offset >= 0:
            chain.hub.conn.execute("INSERT OR REPLACE INTO roster (site, feed_offset) VALUES (?,?)", (site, offset))


def passed(chain: SmallChain) -> list[object]:
    return [at for (at,) in chain.hub.rows("SELECT feed_offset FROM passed ORDER BY 1")]


def test_of_what_is_dropped_the_chain_stays_from_the_furthest_till_on() -> None:
    chain = chain_of(6)
    stands(chain, one=6, two=3)
    before = {at: ordering.chain_in_feed(chain.hub.conn, CHAIN, at) for at in range(1, 7)}
    prune(chain)
    assert (offsets(chain), passed(chain)) == ([6], [3, 4, 5])
    there = {at: ordering.chain_at(chain.hub.conn, CHAIN, at) for at in range(1, 7)}
    assert there == {**before, 1: None, 2: None}
    assert ordering.chain_at(chain.hub.conn, Scope(Reach.SHOP, 1), 3) is None, "it is the chain's feed alone"
    stands(chain, two=5)
    prune(chain)
    assert passed(chain) == [5]


def test_a_till_that_has_told_nothing_may_stand_anywhere_and_a_withdrawn_one_nowhere() -> None:
    chain = chain_of(6)
    stands(chain, one=6, two=-1)
    prune(chain)
    assert passed(chain) == [1, 2, 3, 4, 5]
    chain.hub.conn.execute("UPDATE site SET revoked_ms = 1 WHERE site = 3")
    prune(chain)
    assert passed(chain) == []


def test_no_more_places_are_kept_than_a_disk_bears_and_few_are_forgotten_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pruning, "PASSED_MAX", 3)
    monkeypatch.setattr(pruning, "FORGET_MAX", 2)
    chain = chain_of(8)
    stands(chain, two=-1)
    prune(chain, records_max=3)
    assert passed(chain) == [1, 2, 3]
    prune(chain)
    assert passed(chain) == [3, 5, 6, 7]
    prune(chain)
    assert passed(chain) == [5, 6, 7]
