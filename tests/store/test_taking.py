"""Rows of head office are taken in: what it says stands, what was saved here and waits stands over it."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element, Key, bucket_of, hash_of
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.merge import Delta, Needs
from daemon.domain.portion import BEFORE_ALL, Filling, Portion
from daemon.store import changes, elements, following, kept, only_here, portions, search, taking
from daemon.store.delta import write
from daemon.store.replica import get_meta
from daemon.store.verify import verify
from tests.simulation.machine import NEWER_KIND
from tests.store.small_chain import ANNE, BRUNO, EMAIL, NAME, NOW, Site, SmallChain

ACCOUNT = b"account."
CLARA = b"clara..."
SHOP = Scope(Reach.SHOP, 1)


def entry(amount: int) -> Operation:
    return wish.add(Kind.ENTRY, ACCOUNT, {1: 1, 2: amount, 3: "sale"})


def right(amount: int, site: int) -> Operation:
    return wish.add(Kind.RIGHT, ACCOUNT, {1: 1, 2: amount, 5: (site, bytes([site]) * 8)})


def tag(text: str) -> Operation:
    return wish.add(Kind.TAG, ANNE, {1: text})


def portion_of(chain: SmallChain, after: Key = BEFORE_ALL, *buckets: int, scope: Scope = CHAIN) -> Portion:
    hub = chain.hub
    return hub.unit(lambda conn: portions.read_portion(conn, hub.replica, scope, after, frozenset(buckets)))


def take(site: Site, portion: Portion, *buckets: int) -> taking.Taken:
    return site.unit(lambda conn: taking.take_portion(conn, site.replica, portion, frozenset(buckets)))


def fill_one(chain: SmallChain, site: Site) -> Filling | None:
    """The next portion, as a session asks for it."""
    begun = taking.fillings(site.conn).get(CHAIN)
    portion = portion_of(chain, begun.after if begun else BEFORE_ALL)
    return site.unit(lambda conn: taking.fill(conn, site.replica, portion))


def fill(chain: SmallChain, site: Site) -> int:
    """All of it; returns how many portions it took."""
    count = 1
    while fill_one(chain, site) is not None:
        count += 1
    return count


def balance(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT amount FROM balance WHERE holder = x'' AND amount != 0")


def found(site: Site, word: str) -> list[bytes]:
    while site.unit(lambda conn: search.reindex_some(conn, customers=9)):
        pass
    return search.find(site.conn, [word], limit=9)


def small_chain() -> SmallChain:
    """Two customers, tags and entries that everybody knows."""
    chain = SmallChain()
    chain.one.create()
    chain.one.create(BRUNO)
    chain.one.commit(tag("vip"), entry(10))
    chain.sync()
    return chain


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


def lose(site: Site, *keys: Key) -> None:
    """Rows vanish from a replica, and from its digest: nobody knows how."""
    wanted = Needs(frozenset(keys), frozenset())
    site.unit(lambda conn: write(conn, site.replica, elements.load(conn, site.replica, wanted), Delta(drops=set(keys))))


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


# Erasure.


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


def ticket(customer: bytes) -> Operation:
    return wish.add(Kind.HELD_TICKET, customer, {1: "wish", 4: "held", 6: 1, 9: NOW})


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


# Damage.


def damage(site: Site, key: Key, *, column: str = "body", bits: int = 0b1011) -> None:
    """Flip some bits of a stored row, in the file."""
    ((raw,),) = site.conn.execute(
        f"SELECT {column} FROM element WHERE entity = ? AND kind = ? AND dot = ?", key
    ).fetchall()
    site.conn.execute(
        f"UPDATE element SET {column} = ? WHERE entity = ? AND kind = ? AND dot = ?",
        (bytes([raw[0] ^ bits, *raw[1:]]), *key),
    )


def entry_key(site: Site) -> Key:
    ((dot,),) = site.conn.execute("SELECT dot FROM element WHERE kind = 16").fetchall()
    return (ACCOUNT, Kind.ENTRY, dot)


@pytest.mark.parametrize("column", ["body", "hash", "entity"])
@pytest.mark.parametrize("bits", [0b1, 0b1011])
@pytest.mark.parametrize("of_an_entry", [False, True])
def test_a_damaged_row_is_put_right_and_all_that_derives_from_it(column: str, bits: int, of_an_entry: bool) -> None:
    chain = small_chain()
    damage(chain.two, entry_key(chain.two) if of_an_entry else (ANNE, Kind.CUSTOMER, b""), column=column, bits=bits)
    taken = take(chain.two, portion_of(chain))
    assert taken.healed == 1
    assert chain.two.root() == chain.hub.root()
    assert verify(chain.two.conn).is_sound
    assert balance(chain.two) == [(10,)]
    assert sorted(found(chain.two, "a")) == [ANNE, BRUNO]


def test_a_damaged_row_that_has_moved_on_since_is_taken_out_with_its_traces() -> None:
    chain = small_chain()
    damage(chain.two, (ANNE, Kind.CUSTOMER, b""))
    chain.one.edit({EMAIL: "moved@b.fr"})
    chain.upload(chain.one)
    taken = take(chain.two, portion_of(chain))
    assert (taken.healed, taken.lost_count) == (1, True)
    assert chain.two.root() == chain.hub.root()
    assert verify(chain.two.conn).is_sound
    assert found(chain.two, "moved") == [ANNE]


def test_a_damaged_entry_that_nobody_else_has_is_taken_out_of_its_sum() -> None:
    chain = small_chain()
    damage(chain.two, entry_key(chain.two))
    take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, portion_of(chain).rows[:-1], 68))
    assert verify(chain.two.conn).is_sound
    chain.two.commit(entry(3))
    assert verify(chain.two.conn).is_sound


def test_a_damaged_ticket_that_is_taken_out_is_listed_no_more() -> None:
    chain = small_chain()
    chain.two.commit(ticket(ANNE))
    chain.sync()
    ((held_as,),) = chain.two.rows("SELECT dot FROM element WHERE kind = 75")
    assert isinstance(held_as, bytes)
    key: Key = (ANNE, Kind.HELD_TICKET, held_as)
    damage(chain.two, key)
    lose(chain.hub, key)
    take(chain.two, portion_of(chain, scope=SHOP), bucket_of(key))
    assert chain.two.rows("SELECT count(*) FROM held_ticket WHERE live = 1") == [(0,)]
    assert verify(chain.two.conn).is_sound


def test_a_damaged_right_that_was_passed_on_is_taken_out_where_it_counts() -> None:
    chain = SmallChain()
    chain.two.commit(right(50, 2))
    ((dot,),) = chain.two.rows("SELECT dot FROM element WHERE kind = 17")
    assert isinstance(dot, bytes)
    elsewhere: Key = (b"bccount.", Kind.RIGHT, dot)
    chain.two.conn.execute("UPDATE element SET entity = ? WHERE kind = 17", (elsewhere[0],))
    chain.two.unit(lambda conn: changes.apply_changes(conn, chain.two.replica, list(taking._waiting(conn))))
    chain.sync()
    take(chain.two, portion_of(chain, scope=Scope(Reach.SITE, 3)), bucket_of(elsewhere))
    assert chain.two.rows("SELECT entity FROM element WHERE kind = 17") == [(ACCOUNT,)]
    assert verify(chain.two.conn).is_sound


def test_vanished_customers_are_remembered_so_many_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "VANISHED_MAX", 1)
    chain = small_chain()
    take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, (), 68))
    assert get_meta(chain.two.conn, taking.VANISHED) == pack((ANNE,))


def test_a_removal_that_waits_is_laid_over_too() -> None:
    chain = small_chain()
    (member,) = chain.two.members(Kind.TAG)
    chain.two.commit(Operation(Kind.TAG, ANNE, Verb.REMOVE, {}, {}, member.dot))
    take(chain.two, portion_of(chain))
    assert chain.two.members(Kind.TAG) == []
    assert hash_of(member.body()) not in {row[0] for row in chain.two.rows("SELECT hash FROM element")}
