"""What is loaded for a merge, and what people are shown."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import Operation, Verb
from daemon.domain.kinds import Kind
from daemon.domain.merge import Needs
from daemon.store import elements
from tests.store.small_chain import ANNE, BRUNO, EMAIL, SmallChain


def test_a_merge_is_shown_what_it_asks_for_and_edges_from_both_ends() -> None:
    chain = SmallChain()
    here = chain.one
    here.create(ANNE)
    here.create(BRUNO)
    here.commit(wish.add(Kind.EDGE, BRUNO, {1: ANNE}), wish.add(Kind.TAG, ANNE, {1: "vip"}))
    loaded = elements.load(here.conn, here.replica, Needs(frozenset({(BRUNO, Kind.CUSTOMER, b"")}), frozenset({ANNE})))
    assert sorted(int(key[1]) for key in loaded.view.elements) == [1, 1, 4, 7]
    assert loaded.hashes.keys() == loaded.view.elements.keys()
    assert loaded.view.tombstones is here.replica.tombstones
    assert elements.load(here.conn, here.replica, Needs(frozenset({(b"nobody..", 1, b"")}), frozenset())).hashes == {}


def test_removed_members_and_members_to_come_are_not_shown() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    here.commit(wish.add(Kind.TAG, ANNE, {1: "vip"}))
    (tag,) = here.members(Kind.TAG)
    here.commit(wish.remove(tag), Operation(Kind.TAG, ANNE, Verb.SET, {1: "x"}, {}, b"to come."))
    assert [int(one.kind) for one in elements.elements_of(here.conn, ANNE)] == [1]
    assert elements.element(here.conn, tag.key) is None
    assert elements.element(here.conn, (ANNE, Kind.TAG, b"to come.")) is None
    assert len(here.rows("SELECT * FROM element WHERE kind = 4")) == 2, "but they are held"


def test_the_chains_own_things_are_listed_whole() -> None:
    chain = SmallChain()
    chain.hub.commit(wish.create(Kind.SHOP, b"shop-one", {1: 1, 2: "Nantes"}))
    chain.sync()
    assert [one.fields[2] for one in elements.elements_of_kind(chain.two.conn, Kind.SHOP)] == ["Nantes"]
    with pytest.raises(AssertionError):
        elements.elements_of_kind(chain.two.conn, Kind.CUSTOMER)


def test_losers_are_shown_newest_first_and_twins_are_not() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    for site, value in ((chain.one, "one"), (chain.two, "two")):
        site.edit({EMAIL: value, 13: "same"})
    chain.sync()
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        assert [loser.value for loser in elements.losers_of(site.conn, ANNE)] == ["two"]
        assert sorted(str(loser.value) for loser in elements.rivals_of(site.conn, ANNE)) == ["same", "two"]


def test_who_corrects_with_all_before_their_eyes_settles_the_conflict_everywhere() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    chain.one.edit({EMAIL: "one"})
    chain.two.edit({EMAIL: "two"})
    chain.sync()
    chain.sync()
    (loser,) = elements.losers_of(chain.hub.conn, ANNE)
    row = chain.one.row()
    assert row is not None
    correction = wish.change(row, {EMAIL: "three"})
    chain.one.commit(Operation(correction.kind, ANNE, Verb.SET, correction.fields, {EMAIL: loser.stamp}))
    chain.sync()
    assert [one.value for one in elements.losers_of(chain.hub.conn, ANNE)] == ["one"], "which nobody named"
    assert len(chain.roots()) == 1
