"""Digests and sums are made again from the rows."""

from daemon.domain import authoring as wish
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.store import rebuilding
from daemon.store.buckets import read_buckets
from tests.store.small_chain import ANNE, Site

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
