"""Digests and sums are made again from the rows."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.element import Key
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Portion
from daemon.store import portions, rebuilding, scrubbing, taking
from daemon.store.buckets import read_buckets
from daemon.store.verify import verify
from tests.store.small_chain import ANNE, BRUNO, EMAIL, Site, SmallChain

ACCOUNT = b"account."
MINE = Scope(Reach.SITE, 2)


def site_with_rows() -> Site:
    site = Site(2)
    site.anchor()
    site.create()
    site.commit(
        wish.add(Kind.ENTRY, ACCOUNT, {1: 1, 2: 10, 3: "sale", 5: (2, b"\x02" * 8)}),
        wish.add(Kind.ENTRY, ACCOUNT, {1: 1, 2: -3, 3: "spend"}),
        wish.add(Kind.RIGHT, ACCOUNT, {1: 1, 2: 50, 5: (2, b"\x02" * 8)}),
    )
    return site


def test_the_digests_of_all_scopes_are_made_again() -> None:
    site = site_with_rows()
    before = (site.root(), site.root(MINE))
    site.conn.execute("DELETE FROM bucket")
    site.conn.execute("DELETE FROM bucket_log")
    site.restart(b"again...")
    assert site.root() != before[0]
    site.unit(lambda conn: rebuilding.count_again(conn, site.replica))
    assert (site.root(), site.root(MINE)) == before
    assert read_buckets(site.conn, CHAIN).root() == before[0]


def test_a_row_with_one_flipped_bit_is_counted_as_what_it_was() -> None:
    site = site_with_rows()
    before = site.root()
    body = site.rows("SELECT body FROM element WHERE kind = 1")[0][0]
    assert isinstance(body, bytes)
    site.conn.execute("UPDATE element SET body = ? WHERE kind = 1", (bytes([body[0] ^ 1, *body[1:]]),))
    site.unit(lambda conn: rebuilding.count_again(conn, site.replica))
    assert site.root() == before


def test_a_row_that_cannot_be_read_is_counted_where_and_as_it_stands() -> None:
    site = site_with_rows()
    before = site.root()
    site.conn.execute("UPDATE element SET body = x'0102' WHERE kind = 1")
    site.unit(lambda conn: rebuilding.count_again(conn, site.replica))
    assert site.root() == before, "its hash is what was counted"


def test_the_sums_of_one_account_are_made_again() -> None:
    site = site_with_rows()
    sql = "SELECT account, book, holder, amount, entries FROM balance ORDER BY 1, 2, 3"
    before = site.rows(sql)
    assert [row[3] for row in before] == [7, 60]
    site.conn.execute("UPDATE balance SET amount = 99")
    site.unit(lambda conn: rebuilding.sum_again(conn, ACCOUNT))
    assert site.rows(sql) == before
    site.unit(lambda conn: rebuilding.sum_again(conn, ANNE))
    assert site.rows(sql) == before


# Two rows of one owner are damaged, and one is put right before the other.

LOOKUPS = "SELECT claim, value, entity, kind, dot, field FROM lookup ORDER BY 1, 2, 3, 4, 5, 6"
ROW: Key = (ANNE, Kind.CUSTOMER, b"")


def damage(site: Site, key: Key, column: str, bits: int = 0b1011) -> None:
    where = "entity = ? AND kind = ? AND dot = ?"
    (raw,) = site.conn.execute(f"SELECT {column} FROM element WHERE {where}", key).fetchone()
    broken = bytes([raw[0] ^ bits, *raw[1:]])
    site.conn.execute(f"UPDATE element SET {column} = ? WHERE {where}", (broken, *key))


def keys_of(site: Site, kind: Kind) -> list[Key]:
    rows = site.conn.execute("SELECT entity, kind, dot FROM element WHERE kind = ? ORDER BY 1, 2, 3", (kind,))
    return [tuple(row) for row in rows.fetchall()]


def take(chain: SmallChain, after: Key, upto: Key | None) -> None:
    """The second till is told what head office has after one key, up to another."""
    hub = chain.hub
    whole = hub.unit(lambda conn: portions.read_portion(conn, hub.replica, CHAIN, BEFORE_ALL, ()))
    rows = tuple(row for row in whole.rows if after < row.key and (upto is None or row.key <= upto))
    portion = Portion(CHAIN, whole.cursor, after, upto, rows, whole.level)
    chain.two.unit(lambda conn: taking.take_portion(conn, chain.two.replica, portion, ()))


@pytest.fixture
def merged() -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    chain.one.create(BRUNO)
    chain.one.commit(wish.add(Kind.EDGE, ANNE, {1: BRUNO, 3: (8,)}))
    chain.sync()
    return chain


@pytest.mark.parametrize("bits", [0b1, 0b1011])
def test_a_damaged_edge_is_found_from_its_other_end_while_and_after_its_owner_is_put_right(
    merged: SmallChain, bits: int
) -> None:
    here, (edge,) = merged.two, keys_of(merged.two, Kind.EDGE)
    way_back = (100, BRUNO.hex(), *edge, 1)
    damage(here, ROW, "body")
    damage(here, edge, "body", bits)
    merged.one.edit({EMAIL: "moved@b.fr"})
    merged.upload(merged.one)
    take(merged, BEFORE_ALL, ROW)
    assert way_back in here.rows(LOOKUPS), "an erasure of the other end has to find it"
    take(merged, ROW, None)
    assert here.rows(LOOKUPS) == merged.hub.rows(LOOKUPS)
    assert here.root() == merged.hub.root()


def test_whose_an_account_is_stays_known_while_the_customer_cannot_be_read(merged: SmallChain) -> None:
    here, owners = merged.two, "SELECT account, customer FROM account_owner ORDER BY 1, 2"
    before = here.rows(owners)
    damage(here, ROW, "body")
    here.unit(lambda conn: rebuilding.claim_again(conn, ANNE))
    assert here.rows(owners) == before


def test_an_edge_whose_key_flipped_is_looked_up_again_once_it_is_back(merged: SmallChain) -> None:
    here, (edge,) = merged.two, keys_of(merged.two, Kind.EDGE)
    before = here.rows(LOOKUPS)
    damage(here, edge, "entity", 0b1)
    here.unit(lambda conn: rebuilding.claim_again(conn, ANNE))
    assert here.rows(LOOKUPS) != before
    here.unit(lambda conn: scrubbing.scrub(conn, here.replica, BEFORE_ALL))
    assert here.rows(LOOKUPS) == before


def test_a_damaged_entry_is_in_the_sum_again_after_another_of_its_account_was_put_right() -> None:
    chain = SmallChain()
    for amount in (10, 7):
        chain.one.commit(wish.add(Kind.ENTRY, ACCOUNT, {1: 1, 2: amount, 3: "sale"}))
    chain.sync()
    first, second = keys_of(chain.two, Kind.ENTRY)
    damage(chain.two, first, "hash")
    damage(chain.two, second, "body")
    take(chain, BEFORE_ALL, first)
    take(chain, first, None)
    assert chain.two.rows("SELECT amount FROM balance") == [(17,)]
    assert verify(chain.two.conn).is_sound
