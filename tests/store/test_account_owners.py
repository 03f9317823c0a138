"""Whose an account is: followed with the customers' rows, cut with an erasure, made for files of earlier releases."""

from daemon.domain import authoring as wish
from daemon.domain.account import ACCOUNT, derived_account
from daemon.domain.kinds import Kind
from daemon.store import account_owners, elements, rebuilding
from tests.store.small_chain import ANNE, BRUNO, NAME, Site, SmallChain

HERS = b"account1"


def rows(site: Site) -> set[tuple[bytes, bytes]]:
    return {tuple(row) for row in site.conn.execute("SELECT account, customer FROM account_owner")}


def test_an_account_belongs_to_whom_the_row_names_or_follows_from_their_id() -> None:
    chain = SmallChain()
    chain.one.commit(wish.create(Kind.CUSTOMER, ANNE, {NAME: ("Anne", "A"), ACCOUNT: HERS}))
    chain.one.commit(wish.create(Kind.CUSTOMER, BRUNO, {NAME: ("Bruno", "B")}))
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        assert rows(site) == {(HERS, ANNE), (derived_account(BRUNO), BRUNO)}
        assert account_owners.owner(site.conn, HERS) == ANNE
        assert account_owners.owner(site.conn, b"nobody's") is None


def test_a_row_that_names_another_account_is_followed_and_an_edit_changes_nothing() -> None:
    site = SmallChain().one
    site.commit(wish.create(Kind.CUSTOMER, ANNE, {NAME: ("Anne", "A")}))
    row = elements.element(site.conn, (ANNE, Kind.CUSTOMER, b""))
    assert row is not None
    site.commit(wish.change(row, {NAME: ("Anne", "B"), ACCOUNT: HERS}))
    assert rows(site) == {(HERS, ANNE)}
    site.commit(wish.erase(Kind.ERASE, ANNE))
    assert rows(site) == set()


def test_owners_are_made_again_with_what_identifies() -> None:
    site = SmallChain().one
    site.commit(wish.create(Kind.CUSTOMER, ANNE, {ACCOUNT: HERS}))
    site.conn.execute("UPDATE account_owner SET account = ?", (b"wrong...",))
    site.unit(lambda conn: rebuilding.claim_again(conn, ANNE))
    assert rows(site) == {(HERS, ANNE)}
    site.unit(lambda conn: rebuilding.claim_again(conn, b"nobody.."))
    assert rows(site) == {(HERS, ANNE)}


def test_an_erasure_does_not_look_at_everybody_s_accounts() -> None:
    conn = SmallChain().one.conn
    plan = [row[3] for row in conn.execute("EXPLAIN QUERY PLAN DELETE FROM account_owner WHERE customer = ?", (ANNE,))]
    assert "account_of_owner" in plan[0], plan
