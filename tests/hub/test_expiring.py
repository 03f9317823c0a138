"""Head office takes what has expired: from what no one holds, what tills hold first comes back; a little at a time."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain import rights
from daemon.domain.expiry import EXPIRED, EXPIRY, MONTH_MS
from daemon.domain.feed import Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.policy import policy_key
from daemon.hub import expiring
from daemon.store import ordering
from daemon.store import rights as kept
from daemon.till.keeper import pass_on
from tests.hub.test_warden import ACCOUNT, ONE, Chain, earn
from tests.store.small_chain import BIG

YEAR_MS = 13 * MONTH_MS


@pytest.fixture
def chain() -> Chain:
    found = Chain()
    found.told(found.one)
    found.told(found.two)
    key = policy_key(EXPIRY)[0]
    found.hub.commit(wish.create(Kind.POLICY, key, {1: '{"months": 12, "notice_days": 30}'}))
    return found


def look(chain: Chain, after: bytes = b"") -> bytes | None:
    hub = chain.hub
    return hub.unit(lambda conn: expiring.expire_some(conn, hub.replica, after, now_ms=hub.now + YEAR_MS))


def gift(chain: Chain, account: bytes, amount: int, *, cause: str = "by hand") -> None:
    """What nobody holds: no visit of a till has earned it."""
    chain.say(chain.two, *rights.earn(account, BOOK_POINTS, amount, sale=b"", holder=None, cause=cause))


def left(chain: Chain, account: bytes = ACCOUNT) -> int:
    return kept.balance(chain.hub.conn, account, BOOK_POINTS)


def test_what_no_one_holds_goes_at_once_and_once(chain: Chain) -> None:
    gift(chain, ACCOUNT, 80)
    for _ in range(2):
        assert look(chain) is None
        assert left(chain) == 0
    taken = [one for one in chain.hub.members(Kind.ENTRY, ACCOUNT) if one.fields.get(3) == EXPIRED]
    assert [one.fields[2] for one in taken] == [-80]


def test_what_a_till_holds_is_recalled_and_taken_at_the_next_look(chain: Chain) -> None:
    chain.say(chain.one, *earn(chain.one, 90))
    look(chain)
    assert left(chain) == 90
    scope = Scope(Reach.SITE, 2)
    last = ordering.frame_after(
        chain.hub.conn, scope, ordering.feed_head(chain.hub.conn, scope).offset - 1, bytes_max=BIG
    )
    assert last is not None
    chain.one.now = chain.hub.now = chain.hub.now + YEAR_MS
    chain.one.unit(lambda conn: pass_on(conn, chain.one.replica, last, now_ms=chain.one.now))
    chain.heard(chain.one)
    assert chain.standing().held[ONE] == 0
    assert left(chain) == 0, "taken as it came back, before it was handed out again"


def test_nothing_goes_before_every_till_has_reported(chain: Chain) -> None:
    gift(chain, ACCOUNT, 80)
    chain.hub.restart(b"anew....")
    assert look(chain) is None
    assert left(chain) == 80


def test_a_unit_ends_after_so_many_accounts_or_entries(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [b"acct%04d" % at for at in range(5)]
    for account in accounts:
        for at in range(3):
            gift(chain, account, 10, cause=f"gift {at}")
    monkeypatch.setattr(expiring, "ENTRIES_AT_ONCE", 6)
    steps: list[bytes | None] = [look(chain)]
    while steps[-1] is not None:
        steps.append(look(chain, steps[-1]))
    assert steps == [accounts[1], accounts[3], None]
    assert [left(chain, account) for account in accounts] == [0] * 5


def test_accounts_without_points_are_not_looked_at(chain: Chain) -> None:
    plan = chain.hub.conn.execute(f"EXPLAIN QUERY PLAN {expiring._WITH_POINTS}", (b"", 20)).fetchall()
    assert any("balance_points" in str(row) for row in plan), plan
