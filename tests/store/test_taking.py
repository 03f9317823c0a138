"""Rows of head office are taken in: what it says stands, what was saved here and waits stands over it."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.canonical import pack
from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element, Key, bucket_of, hash_of
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Portion
from daemon.store import changes, elements, following, kept, only_here, portions, taking
from daemon.store.verify import verify
from tests.simulation.machine import NEWER_KIND
from tests.store.small_chain import ANNE, BRUNO, EMAIL, Site
from tests.store.small_takings import (
    ACCOUNT,
    CLARA,
    balance,
    entry,
    fill,
    fill_one,
    found,
    lose,
    portion_of,
    right,
    small_chain,
    tag,
    take,
)


@pytest.fixture
def one_row_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PORTION_BYTES", 1)


# Filling.


def test_an_empty_till_is_filled_and_is_equal() -> None:
    chain = small_chain()
    new = Site(4)
    assert fill(chain, new) == 1
    assert new.root() == chain.hub.root()
    assert verify(new.conn).is_sound
    assert balance(new) == [(10,)]
    assert new.replica.cursors[CHAIN] == chain.head()
    assert found(new, "vip") == [ANNE]
    assert taking.fillings(new.conn) == {}


@pytest.mark.usefixtures("one_row_each")
def test_a_fill_goes_on_after_a_restart_at_any_portion() -> None:
    chain = small_chain()
    rows = chain.hub.rows("SELECT count(*) FROM element")[0][0]
    assert isinstance(rows, int)
    for stop in range(rows):
        new = Site(4)
        for _ in range(stop):
            fill_one(chain, new)
        new.restart(b"again...")
        begun = taking.fillings(new.conn).get(CHAIN)
        assert (begun.rows if begun else 0) == stop
        assert fill(chain, new) == rows - stop
        assert new.root() == chain.hub.root()
        assert verify(new.conn).is_sound


@pytest.mark.usefixtures("one_row_each")
def test_how_far_it_is_is_known_on_the_way() -> None:
    chain = small_chain()
    new = Site(4)
    first = fill_one(chain, new)
    assert first is not None
    assert (first.start, first.rows, first.total) == (chain.head(), 1, 4)
    assert new.replica.cursors[CHAIN] == Cursor(), "the feed is not followed before all rows are here"


@pytest.mark.usefixtures("one_row_each")
def test_what_moves_while_a_till_is_filled_comes_by_the_feed_again() -> None:
    chain = small_chain()
    new = Site(4)
    start = chain.head()
    fill_one(chain, new)
    chain.one.edit({EMAIL: "late@b.fr"})
    chain.one.edit({EMAIL: "late@b.fr"}, BRUNO)
    chain.one.commit(entry(5))
    chain.sync()
    fill(chain, new)
    assert new.replica.cursors[CHAIN] == start
    chain.download(new)
    assert new.root() == chain.hub.root()
    assert balance(new) == [(15,)]
    assert verify(new.conn).is_sound


def test_a_till_that_is_filled_again_forgets_what_it_followed() -> None:
    chain = small_chain()
    assert chain.two.rows("SELECT count(*) FROM followed") != [(0,)]
    fill(chain, chain.two)
    assert chain.two.rows("SELECT count(*) FROM followed") == [(0,)]
    assert kept.trail(chain.two.conn, CHAIN, chain.two.replica.cursors[CHAIN], length=4) == ()


def test_own_records_that_are_acknowledged_lie_in_the_rows_and_those_that_are_not_wait_on() -> None:
    chain = small_chain()
    chain.two.edit({EMAIL: "sent@b.fr"})
    chain.upload(chain.two)
    chain.two.edit({EMAIL: "mine@b.fr"})
    fill(chain, chain.two)
    assert chain.two.value(EMAIL) == "mine@b.fr"
    assert chain.two.rows("SELECT count(*) FROM change WHERE waiting != 0") == [(1,)]
    chain.sync()
    assert len(chain.roots()) == 1
    assert not changes.is_waiting(chain.two.conn, CHAIN)


def test_a_scope_of_its_own_is_filled_by_itself() -> None:
    chain = small_chain()
    chain.hub.commit(right(50, 2), right(70, 3))
    mine = Scope(Reach.SITE, 2)
    rows = portion_of(chain, scope=mine)
    assert len(rows.rows) == 1
    root = chain.one.root()
    chain.one.unit(lambda conn: taking.fill(conn, chain.one.replica, rows))
    assert chain.one.root(mine) == chain.hub.root(mine)
    assert chain.one.root() == root, "the chain's rows are not spoken of"
    assert taking.fillings(chain.one.conn) == {}


# Row meets row.


def test_the_hubs_row_stands_and_what_it_does_not_hold_goes() -> None:
    chain = small_chain()
    wrong = Element(Kind.CUSTOMER, ANNE, b"", (1, 2, 3), {EMAIL: "wrong@b.fr"})
    taken = take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, (wrong,), 68))
    assert (taken.put, taken.dropped, len(taken.again)) == (1, 2, 1)
    assert only_here.told(chain.two.conn).dropped == {Kind.CUSTOMER: 1, Kind.TAG: 1}
    assert chain.two.value(EMAIL) == "wrong@b.fr"
    assert chain.two.row(BRUNO) is None
    assert verify(chain.two.conn).is_sound
    assert take(chain.two, portion_of(chain)).changed
    chain.sync()
    assert chain.two.root() == chain.hub.root()
    assert not take(chain.two, portion_of(chain)).changed


@pytest.mark.parametrize("author", ["one", "two", "hub"])
def test_an_entry_that_head_office_does_not_hold_is_said_again_whoever_made_it(author: str) -> None:
    chain = small_chain()
    key: Key = (ACCOUNT, Kind.ENTRY, getattr(chain, author).commit(entry(7)).dots[0])
    chain.sync()
    lose(chain.hub, key)
    taken = take(chain.two, portion_of(chain))
    assert ([one.key for one in taken.again], taken.dropped) == ([key], 0)
    assert balance(chain.two) == [(17,)]
    assert only_here.told(chain.two.conn).entries == 1
    chain.sync()
    assert balance(chain.hub) == balance(chain.two) == balance(chain.one) == [(17,)]
    assert chain.two.root() == chain.hub.root()
    assert verify(chain.two.conn).is_sound
    assert only_here.told(chain.two.conn).dropped == {}
    here = chain.two.replica.cursors[CHAIN]
    chain.two.unit(lambda conn: following.compare(conn, chain.two.replica, CHAIN, here, chain.two.root(), now_ms=1))
    assert only_here.told(chain.two.conn).entries == 0


def test_entries_that_two_tills_say_again_count_once() -> None:
    chain = small_chain()
    key: Key = (ACCOUNT, Kind.ENTRY, chain.hub.commit(entry(7)).dots[0])
    chain.sync()
    lose(chain.hub, key)
    for till in (chain.one, chain.two):
        take(till, portion_of(chain))
    chain.sync()
    assert balance(chain.hub) == balance(chain.two) == balance(chain.one) == [(17,)]
    assert len(chain.roots()) == 1


def test_a_row_that_a_repair_replaces_is_counted() -> None:
    chain = small_chain()
    wrong = Element(Kind.CUSTOMER, ANNE, b"", (1, 2, 3), {EMAIL: "wrong@b.fr"})
    bucket = bucket_of(wrong.key)
    for buckets, expected in (((), {}), ((bucket,), {Kind.CUSTOMER: 1})):
        portion = Portion(CHAIN, chain.two.replica.cursors[CHAIN], BEFORE_ALL, None, (wrong,), 68)
        take(chain.two, portion, *buckets)
        assert only_here.told(chain.two.conn).replaced == expected
        take(chain.two, portion_of(chain))


def test_who_took_rows_that_a_restored_hub_lacks_has_told_all_only_once_equal() -> None:
    chain = small_chain()
    take(chain.two, portion_of(chain))
    here = chain.two.replica.cursors[CHAIN]
    assert only_here.has_told_all(chain.two.conn)
    for back, told in ((0, True), (1, False)):
        fork = Cursor(here.generation + 1 + back, here.offset - back, here.chain)
        chain.two.unit(lambda conn, fork=fork: following.rewind(conn, chain.two.replica, CHAIN, fork))  # type: ignore[misc]  # bound now
        assert only_here.has_told_all(chain.two.conn) is told
    root = chain.two.root()
    chain.two.unit(lambda conn: following.compare(conn, chain.two.replica, CHAIN, fork, root, now_ms=1))
    assert only_here.has_told_all(chain.two.conn)


def test_rows_that_only_this_till_held_are_counted_until_they_come_back() -> None:
    chain = small_chain()
    chain.two.create(CLARA)
    chain.sync()
    lose(chain.hub, (CLARA, Kind.CUSTOMER, b""))
    assert take(chain.two, portion_of(chain)).dropped == 1
    assert only_here.told(chain.two.conn).dropped == {Kind.CUSTOMER: 1}
    chain.one.edit({EMAIL: "c@b.fr"}, CLARA)
    chain.sync()
    assert only_here.told(chain.two.conn).dropped == {}


def test_of_somebody_who_was_erased_nothing_is_counted() -> None:
    chain = small_chain()
    chain.two.create(CLARA)
    chain.sync()
    lose(chain.hub, (CLARA, Kind.CUSTOMER, b""))
    take(chain.two, portion_of(chain))
    chain.one.commit(wish.erase(Kind.ERASE, CLARA))
    chain.sync()
    assert only_here.told(chain.two.conn).dropped == {}


def test_a_portion_of_a_fill_that_was_never_begun_is_seen_as_such() -> None:
    chain = small_chain()
    assert taking.is_begun(chain.two.conn, portion_of(chain))
    assert not taking.is_begun(chain.two.conn, portion_of(chain, (ANNE, Kind.CUSTOMER, b"")))


def test_own_waiting_records_are_laid_over_the_rows() -> None:
    chain = small_chain()
    chain.two.edit({EMAIL: "mine@b.fr"})
    added = chain.two.commit(tag("gold"))
    chain.two.create(CLARA)
    take(chain.two, portion_of(chain))
    assert chain.two.value(EMAIL) == "mine@b.fr"
    assert added.dots[0] in {one.dot for one in chain.two.members(Kind.TAG)}
    assert chain.two.row(CLARA) is not None
    assert found(chain.two, "gold") == [ANNE]
    chain.sync()
    assert len(chain.roots()) == 1


def test_a_portion_speaks_of_its_run_and_its_buckets_only() -> None:
    chain = small_chain()
    nothing = Portion(CHAIN, chain.head(), BEFORE_ALL, (ANNE, Kind.CUSTOMER, b""), (), 68)
    assert take(chain.two, nothing, 5).dropped == 0
    assert take(chain.two, nothing).dropped == 1
    assert chain.two.row(ANNE) is None
    assert chain.two.row(BRUNO) is not None


def test_what_the_hub_is_unsure_of_or_does_not_know_stays() -> None:
    chain = small_chain()
    key: Key = (ANNE, Kind.CUSTOMER, b"")
    silent = Portion(CHAIN, chain.head(), BEFORE_ALL, None, (), 3, unsure=(key,))
    taken = take(chain.two, silent)
    assert chain.two.row(ANNE) is not None
    assert len(chain.two.members(Kind.TAG)) == 1, "a hub that knows kinds up to 3 says nothing of kind 4"
    assert taken.dropped == 1
    assert chain.two.row(BRUNO) is None


def test_rows_of_a_kind_that_only_the_hub_knows_are_kept_as_they_are() -> None:
    chain = small_chain()
    newer = Element(NEWER_KIND, ANNE, b"dotdotdo", (5, 2, 7), {1: "new"})
    take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, (newer,), 0))
    assert elements.element(chain.two.conn, newer.key) == newer
    assert verify(chain.two.conn).is_sound


def test_the_hubs_list_of_what_lost_is_the_list() -> None:
    chain = small_chain()
    chain.one.edit({EMAIL: "one@b.fr"})
    chain.two.edit({EMAIL: "two@b.fr"})
    chain.sync()
    chain.two.conn.execute("UPDATE loser SET value = ?", (pack("wrong"),))
    take(chain.two, portion_of(chain))
    sql = "SELECT * FROM loser ORDER BY 1, 2, 3, 4, 5"
    assert len(chain.two.rows(sql)) == 1
    assert chain.two.rows(sql) == chain.hub.rows(sql)
    new = Site(4)
    take(new, portion_of(chain))
    assert new.rows(sql) == chain.hub.rows(sql)
    assert new.rows("SELECT * FROM author ORDER BY 1, 2, 3") != []


def test_a_removal_that_waits_is_laid_over_too() -> None:
    chain = small_chain()
    (member,) = chain.two.members(Kind.TAG)
    chain.two.commit(Operation(Kind.TAG, ANNE, Verb.REMOVE, {}, {}, member.dot))
    take(chain.two, portion_of(chain))
    assert chain.two.members(Kind.TAG) == []
    assert hash_of(member.body()) not in {row[0] for row in chain.two.rows("SELECT hash FROM element")}
