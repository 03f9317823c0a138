"""Head office issues what no till could see to be due: once, whoever else finds it out."""

from dataclasses import replace
from typing import Any

import pytest

from daemon.domain import authoring as wish
from daemon.domain import coupon, rights
from daemon.domain.account import ACCOUNT as ACCOUNT_FIELD
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_POINTS, CUSTOMER, Kind
from daemon.domain.loyalty import CouponTerms, NewLoyaltyRule, coupon_fact, decide_rule
from daemon.domain.sale import new_sale_id
from daemon.hub import coupons_due, warden
from daemon.store import elements, verify
from daemon.store import rights as kept
from tests.hub.test_warden import ACCOUNT, ONE, Chain
from tests.store.small_chain import ANNE, BRUNO, NAME, NOW, Site

RULE = EntityId(b"rule....")
DAY = NOW // 86_400_000


@pytest.fixture
def chain() -> Chain:
    found = Chain()
    found.told(found.one)
    found.told(found.two)
    found.say(found.one, wish.create(Kind.CUSTOMER, ANNE, {NAME: ("Anne", "A"), ACCOUNT_FIELD: ACCOUNT}))
    return found


def rule(chain: Chain, **said: Any) -> None:
    chain.hub.commit(*decide_rule(None, RULE, NewLoyaltyRule(label="r", **said), is_new=True))


def sold(till: Site, points: int, n: int) -> list[Operation]:
    """A sale that this till's own visit began."""
    sale = new_sale_id(till.replica.identity.site, bytes([n]) * 5)
    return rights.earn(ACCOUNT, BOOK_POINTS, points, sale=sale, holder=kept.holder_of(till.replica))


def coupons(site: Site, customer: bytes = ANNE) -> list[bytes]:
    return [one.dot for one in site.members(Kind.COUPON, customer)]


def uses(chain: Chain, fact: bytes) -> rights.Standing:
    return kept.standing(chain.hub.conn, coupon.account_of_coupon(fact), BOOK_COUPON)


FIRST, SECOND = (coupon_fact(RULE.hex(), ACCOUNT, number) for number in (1, 2))


def test_two_tills_that_were_cut_off_cross_a_threshold_together(chain: Chain) -> None:
    rule(chain, kind="threshold", every=100, coupon=CouponTerms(amount=500))
    chain.say(chain.one, *sold(chain.one, 60, 1))
    assert coupons(chain.hub) == []
    chain.say(chain.two, *sold(chain.two, 60, 2))
    assert coupons(chain.hub) == [FIRST]
    chain.say(chain.two, *sold(chain.two, 100, 3))
    assert coupons(chain.hub) == [FIRST, SECOND] or set(coupons(chain.hub)) == {FIRST, SECOND}
    assert uses(chain, FIRST).balance == 1


def test_what_a_till_has_issued_with_the_sale_is_not_issued_again(chain: Chain) -> None:
    rule(chain, kind="threshold", every=100, coupon=CouponTerms(amount=500))
    made = coupon.issue(ANNE, FIRST, CouponTerms(amount=500), DAY, rule=RULE.hex())
    chain.say(chain.one, *sold(chain.one, 120, 1), *made)
    assert coupons(chain.hub) == [FIRST]
    assert uses(chain, FIRST).balance == 1
    assert chain.hub.rows("SELECT 1 FROM author WHERE actor LIKE '%loyalty%'") == [], "head office had nothing to add"


def test_a_till_that_says_so_later_adds_no_use(chain: Chain) -> None:
    rule(chain, kind="threshold", every=100, coupon=CouponTerms(amount=500))
    chain.say(chain.one, *sold(chain.one, 60, 1))
    chain.say(chain.two, *sold(chain.two, 60, 2))
    late = coupon.issue(ANNE, FIRST, CouponTerms(amount=500), DAY, rule=RULE.hex())
    chain.say(chain.one, *sold(chain.one, 10, 3), *late)
    assert coupons(chain.hub) == [FIRST]
    assert uses(chain, FIRST).balance == 1


def test_a_sale_that_is_said_twice_crosses_nothing_twice(chain: Chain) -> None:
    rule(chain, kind="threshold", every=100, coupon=CouponTerms(amount=500))
    entry, right = sold(chain.one, 100, 1)
    chain.say(chain.two, entry)
    chain.say(chain.one, entry, right)
    assert coupons(chain.hub) == [FIRST]


def test_the_coupon_is_handed_to_where_its_customer_buys(chain: Chain) -> None:
    rule(chain, kind="threshold", every=100, coupon=CouponTerms(amount=500))
    chain.say(chain.one, *sold(chain.one, 120, 1))
    chain.hub.unit(lambda conn: warden.attend_funded(conn, chain.hub.replica, now_ms=chain.hub.now))
    assert uses(chain, FIRST).held == {ONE: 1}


def test_a_birthday_is_seen_ahead_without_a_visit_once_a_year(chain: Chain) -> None:
    rule(chain, kind="birthday", before=7, coupon=CouponTerms(percent=1000))
    born = (1980, 6, 20)  # the tests' day is 15 June 2025
    row = elements.element(chain.one.conn, (ANNE, Kind.CUSTOMER, b""))
    assert row is not None
    chain.say(
        chain.one,
        wish.change(row, {CUSTOMER.number("birthday"): born}),
    )
    chain.say(chain.two, wish.create(Kind.CUSTOMER, BRUNO, {CUSTOMER.number("birthday"): (None, 7, 20)}))
    for _ in range(2):
        assert look(chain) is None
    assert (len(coupons(chain.hub)), coupons(chain.hub, BRUNO)) == (1, [])


def look(chain: Chain, after: bytes = b"") -> bytes | None:
    hub = chain.hub
    return hub.unit(lambda conn: coupons_due.issue_birthdays(conn, hub.replica, after, now_ms=hub.now))


def test_birthdays_of_a_large_chain_are_looked_at_a_few_at_a_time(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(chain, kind="birthday", before=7, coupon=CouponTerms(percent=1000))
    monkeypatch.setattr(coupons_due, "LOOKED_AT_ONCE", 2)
    for at in range(5):
        chain.say(chain.one, wish.create(Kind.CUSTOMER, b"p%07d" % at, {CUSTOMER.number("birthday"): (1980, 6, 16)}))
    after: bytes | None = b""
    rounds = 0
    while after is not None:
        after, rounds = look(chain, after), rounds + 1
    assert rounds == 4
    assert all(len(coupons(chain.hub, b"p%07d" % at)) == 1 for at in range(5))


def test_goods_that_are_bought_and_brought_back_again_and_again_bring_one_coupon(chain: Chain) -> None:
    rule(chain, kind="threshold", every=100, coupon=CouponTerms(amount=500))
    for at in range(3):
        chain.say(chain.one, *sold(chain.one, 120, 2 * at))
        till = chain.one
        sale = new_sale_id(till.replica.identity.site, bytes([100 + at]) * 5)
        purse = kept.purse(till.conn, till.replica, ACCOUNT, BOOK_POINTS)
        left = min(purse.left, 70)  # the rest was spent meanwhile, and is due
        chain.say(
            till,
            *rights.take_back(replace(purse, left=left), 120, holder=kept.holder_of(till.replica), sale=sale),
        )
    assert coupons(chain.hub) == [FIRST]
    assert verify.verify(chain.hub.conn).faults == ()


def test_sums_of_what_sales_brought_are_held_against_the_entries(chain: Chain) -> None:
    chain.say(chain.one, *sold(chain.one, 60, 1))
    hub = chain.hub
    assert verify.verify(hub.conn).faults == ()
    hub.conn.execute("UPDATE balance SET amount = amount + 1 WHERE book >= 500000 AND book < 1000000")
    assert verify.verify(hub.conn).faults == ("1 balances are not the sum of their entries",)
