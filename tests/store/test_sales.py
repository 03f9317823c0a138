"""The register of sales derives from entries: what comes, what is stated earlier, what goes, what is made again."""

from dataclasses import replace

from daemon.domain import sale as rules
from daemon.domain.sale import SaleHead, SoldLine
from daemon.store import elements, rebuilding, sales
from daemon.store.sales import Sought
from tests.store.small_chain import Site, SmallChain

ACCOUNT, OTHER = b"account1", b"account2"
HEAD = SaleHead(
    id=b"saleidsa", account=ACCOUNT, kind="sale", total=500, month=202510, sold_ms=1_000, shop=1, ticket="T-1", lines=1
)
LINES = (SoldLine(product="A 1", label="Stylo", amount=500),)


def post(site: Site, head: SaleHead, lines: tuple[SoldLine, ...] = ()) -> None:
    site.commit(*rules.decide_sale(head, lines))


def found(site: Site, **sought: object) -> list[bytes]:
    return [one.id for one in sales.find(site.conn, Sought(**sought))[0]]  # type: ignore[arg-type]  # a test's own


def test_a_sale_is_found_by_all_that_is_remembered_of_it() -> None:
    site = SmallChain().one
    post(site, HEAD, LINES)
    post(site, replace(HEAD, id=b"saleidsb", sold_ms=2_000, total=-200, kind="return", original=HEAD.id, ticket=""))
    assert found(site) == [b"saleidsb", b"saleidsa"]
    assert found(site, amount=200) == found(site, from_ms=1_500) == [b"saleidsb"]
    assert found(site, product="a1") == found(site, ticket="T-1") == found(site, until_ms=1_001) == [b"saleidsa"]
    assert found(site, accounts=(OTHER,)) == found(site, shop=2) == found(site, product="B2") == []
    (one,), more = sales.find(site.conn, Sought(limit=1))
    assert (one.id, more) == (b"saleidsb", True)
    assert sales.head(site.conn, b"nothing.") is None
    assert [head.id for head, _ in sales.following(site.conn, HEAD.id)] == [b"saleidsb"]
    assert [head.id for head in sales.of_accounts(site.conn, [OTHER, ACCOUNT], before_ms=2_000, limit=5)] == [HEAD.id]


def test_a_sale_stated_twice_is_one_and_the_earlier_statement_stands_everywhere() -> None:
    chain = SmallChain()
    chain.one.now -= 60_000
    post(chain.one, replace(HEAD, ticket="first"), LINES)
    post(chain.two, replace(HEAD, ticket="second"), (replace(LINES[0], product="B2"),))
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        assert site.conn.execute("SELECT ticket FROM sale").fetchall() == [("first",)]
        assert site.conn.execute("SELECT product FROM sold_product").fetchall() == [("A1",)]
        balances = site.conn.execute("SELECT book, amount FROM balance ORDER BY book").fetchall()
        assert balances == [(1_202_510, 500), (2_202_510, 500)]


def test_of_two_accounts_that_name_one_id_the_first_to_do_so_is_told() -> None:
    site = SmallChain().one
    post(site, HEAD)
    post(site, replace(HEAD, account=OTHER, total=7))
    told = sales.head(site.conn, HEAD.id)
    assert told is not None
    assert told.account == ACCOUNT


def test_lines_stay_in_their_shop_and_heads_reach_everybody() -> None:
    chain = SmallChain()
    post(chain.one, replace(HEAD, shop=1), LINES)
    chain.sync()
    assert sales.lines(chain.two.conn, HEAD) == LINES, "another till of the shop"
    assert sales.lines(chain.hub.conn, HEAD) == LINES
    away = Site(9, shop=2)
    chain.download(away)
    assert found(away) == [HEAD.id]
    assert sales.lines(away.conn, HEAD) is None
    assert away.conn.execute("SELECT count(*) FROM sold_product").fetchone() == (0,)


def test_the_register_of_an_account_is_made_again_with_its_sums() -> None:
    site = SmallChain().one
    post(site, HEAD, LINES)
    before = [site.conn.execute(f"SELECT * FROM {table}").fetchall() for table in ("sale", "sold_product", "balance")]
    site.conn.execute("DELETE FROM sale")
    site.conn.execute("UPDATE sold_product SET product = 'X'")
    site.unit(lambda conn: rebuilding.sum_again(conn, ACCOUNT))
    after = [site.conn.execute(f"SELECT * FROM {table}").fetchall() for table in ("sale", "sold_product", "balance")]
    assert after == before
    assert elements.element(site.conn, (ACCOUNT, 72, HEAD.id)) is not None


def test_what_came_back_of_a_sale_is_found_without_looking_at_every_sale() -> None:
    conn = SmallChain().one.conn
    plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sales._FOLLOWING}", (HEAD.id,))]
    assert "sale_of_original" in plan[0], plan


def test_whatever_is_remembered_leads_to_the_newest_sales_without_sorting_or_walking_through_others() -> None:
    conn = SmallChain().one.conn
    told: list[str] = []
    conn.set_trace_callback(told.append)
    for sought in (
        Sought(), Sought(shop=2), Sought(amount=-5), Sought(product="A 1"), Sought(ticket="T"),
        Sought(accounts=(OTHER,)), Sought(over_returned=True), Sought(shop=2, product="A 1", amount=5),
    ):  # fmt: skip
        assert sales.find(conn, sought) == ([], False)
    conn.set_trace_callback(None)
    for statement in told:
        plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert not any("SCAN sale" in step or "SCAN s " in step for step in plan if "INDEX" not in step), statement
        assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)


def test_sales_of_which_too_much_came_back_are_marked_until_they_are_not() -> None:
    chain = SmallChain()
    post(chain.one, HEAD, LINES)
    chain.sync()
    back = replace(HEAD, id=b"backidsa", kind="return", original=HEAD.id, total=-500, ticket="")
    post(chain.one, back, (replace(LINES[0], quantity_milli=-1000, amount=-500, original=0),))
    post(chain.two, replace(back, id=b"backidsb"), (replace(LINES[0], quantity_milli=-1000, amount=-500, original=0),))
    assert found(chain.one, over_returned=True) == []
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        assert found(site, over_returned=True) == [HEAD.id]
        assert site.rows("SELECT sold_ms FROM over_returned") == [(1_000,)]
