"""What shops complain of, each with a death at every await of the path: nothing is counted twice, or lost.

The till dies at every statement of what is asked of it; then, on the way of it to head office and to the other till,
whoever is at work dies at every await.

Of the eight sentences of the field, two boxes with one identity is in the simulation: it takes their conversations with
head office (`tests/simulation/test_loyalty_acceptance.py`).
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.credit_notes import NewCreditNote
from daemon.desk.edit import NewCustomer
from daemon.desk.loyalty_rules import GivenCoupon
from daemon.desk.purse_shown import NotePart, Spending, Wanted
from daemon.desk.sales import Cancelling, SaleElsewhere
from daemon.desk.selling import NewSale, PostedLine
from daemon.desk.visits import NewVisit, VisitShown
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_POINTS, Kind
from daemon.domain.loyalty import CouponTerms, NewLoyaltyRule
from daemon.domain.rights import EARNED, GIVEN_BACK, SPENT
from daemon.errors import Conflicting, NotFound
from daemon.hub import warden
from daemon.store import elements, loyalty, verify
from daemon.store import rights as kept
from tests.fakes.counter import Counter
from tests.fakes.dying_till import Chain, DyingTill, dying_chain


def on_a_chain(test: Callable[[Chain], Awaitable[None]]) -> Callable[[Path, pytest.MonkeyPatch], Awaitable[None]]:
    """The test with a chain of its own, opened and closed by the task that runs it."""

    async def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async with dying_chain(tmp_path, monkeypatch) as chain:
            office = chain.hub.counter
            await office.desks.loyalty.add_rule(office.call(), NewLoyaltyRule(label="r", kind="points", rate=100))
            await chain.sync()
            await test(chain)

    run.__name__ = test.__name__
    return run


async def customer(till: DyingTill, key: str = "new") -> EntityId:
    made = await till.dying(
        lambda at: at.desks.edits.create(at.call(key), NewCustomer(kind="person", last_name="Morel"))
    )
    return EntityId(bytes.fromhex(made.customer.id))


async def opened(till: DyingTill, who: EntityId, key: str) -> VisitShown:
    """A visit of lane 1 that serves somebody."""
    visit = await till.dying(lambda at: desk(at).open(at.call(f"open {key}"), NewVisit()))
    id_ = EntityId(bytes.fromhex(visit.id))
    return await till.dying(lambda at: desk(at).attach(at.call(f"attach {key}"), id_, who))


def desk(at: Counter) -> Any:
    assert at.desks.visits is not None
    return at.desks.visits


def sale(cents: int) -> NewSale:
    return NewSale(lines=(PostedLine(label="article", amount=cents, unit_price=cents),) if cents else ())


async def posted(till: DyingTill, visit: VisitShown, cents: int, key: str) -> None:
    """The sale is done; the process dies wherever it can, and the till software asks again each time."""
    id_ = EntityId(bytes.fromhex(visit.id))
    before = till.fuse.deaths
    await till.dying(lambda at: desk(at).post(at.call(f"post {key}"), id_, sale(cents) if cents else None))
    assert till.fuse.deaths - before > 10, "every statement of a posting"


async def chosen(till: DyingTill, visit: VisitShown, given: Spending, key: str) -> None:
    id_ = EntityId(bytes.fromhex(visit.id))
    await till.dying(lambda at: at.desks.purses.choose(at.call(f"choose {key}"), id_, given))


async def earned(chain: Chain, who: EntityId, cents: int) -> None:
    """A sale long ago."""
    visit = await opened(chain.one, who, "earlier")
    await posted(chain.one, visit, cents, "earlier")
    await chain.sync()


async def points(till: DyingTill, who: EntityId) -> int:
    return (await till.counter.desks.purses.show(who)).points.balance


async def entries(till: DyingTill, who: EntityId, cause: str, book: int = BOOK_POINTS) -> list[int]:
    """The amounts that were booked for a cause."""

    def unit(conn: Any) -> list[int]:
        found = [one for account in loyalty.accounts_of(conn, who) for one in loyalty.entries(conn, account)]
        return [one.fields[2] for one in found if (one.fields[1], one.fields[3]) == (book, cause)]

    return await till.counter.database.read(unit)


async def everywhere(chain: Chain, who: EntityId, balance: int) -> None:
    """All hold the same, the balances are the sums of the entries, and nobody may spend more than there is.

    Whatever has to travel for it travels with deaths at every await.
    """
    await chain.dying_sync()
    assert [await points(till, who) for till in chain.everybody] == [balance] * 3
    for till in chain.everybody:
        verdict = await till.counter.database.write(verify.verify)
        assert verdict.faults == ()

    def free(conn: Any) -> int:
        (account,) = loyalty.accounts_of(conn, who)
        return kept.standing(conn, account, BOOK_POINTS).free

    assert await chain.hub.counter.database.read(free) >= 0


@pytest.mark.feature("C1.6")
@on_a_chain
async def test_points_of_an_offline_sale_that_is_retried_are_earned_once(chain: Chain) -> None:
    who = await customer(chain.one)
    await chain.sync()
    visit = await opened(chain.one, who, "a")
    await posted(chain.one, visit, 10_000, "a")
    await posted_again(chain.one, visit, 10_000)
    again = SaleElsewhere(sale_id=visit.sale_id, customer=who.hex(), sale=sale(10_000))
    await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("elsewhere"), again))
    await everywhere(chain, who, 100)
    await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("later"), again))
    await everywhere(chain, who, 100)
    assert await entries(chain.hub, who, EARNED) == [100]


async def posted_again(till: DyingTill, visit: VisitShown, cents: int) -> None:
    """Under a key of its own: the till software has forgotten that it asked."""
    id_ = EntityId(bytes.fromhex(visit.id))
    await till.dying(lambda at: desk(at).post(at.call(f"again {cents}"), id_, sale(cents)))


@pytest.mark.feature("C3.3")
@on_a_chain
async def test_a_coupon_counts_once_after_a_time_out(chain: Chain) -> None:
    who = await customer(chain.one)
    given = await chain.one.dying(
        lambda at: at.desks.loyalty.give_coupon(at.call("give"), who, GivenCoupon(amount=300))
    )
    await chain.sync()
    await chain.one.dying(lambda at: at.desks.purses.ask(at.call("ask"), who, Wanted(coupons=(given.id,))))
    await chain.sync()
    visit = await opened(chain.one, who, "a")
    await chosen(chain.one, visit, Spending(coupons=(given.code,)), "a")
    await posted(chain.one, visit, 2_000, "a")
    await posted_again(chain.one, visit, 2_000)
    for till in (chain.one, chain.two):
        other = await opened(till, who, "b")
        with pytest.raises(Conflicting):
            await chosen(till, other, Spending(coupons=(given.code,)), "b")
        await chain.dying_sync()

    def uses(conn: Any) -> list[tuple[int, str]]:
        (coupon,) = [one for one in elements.elements_of(conn, who) if one.kind == Kind.COUPON]
        booked = loyalty.entries(conn, coupon.fields[2])
        return [(one.fields[2], one.fields[3]) for one in booked if one.fields[1] == BOOK_COUPON]

    assert sorted(await chain.hub.counter.database.read(uses)) == [(-1, SPENT), (1, "issued")]


@pytest.mark.feature("C2.2")
@on_a_chain
async def test_what_was_spent_offline_is_deducted_everywhere(chain: Chain) -> None:
    who = await customer(chain.one)
    await earned(chain, who, 10_000)
    visit = await opened(chain.one, who, "a")
    await chosen(chain.one, visit, Spending(points=40), "a")
    await posted(chain.one, visit, 0, "a")
    await everywhere(chain, who, 60)
    assert await entries(chain.hub, who, SPENT) == [-40]


@pytest.mark.feature("C4.5")
@on_a_chain
async def test_a_credit_note_that_was_used_is_not_used_again(chain: Chain) -> None:
    who = await customer(chain.one)
    wanted = NewCreditNote(amount=5_000, reason="geste", customer=who.hex())
    note = await chain.one.dying(lambda at: at.desks.credit_notes.issue(at.call("issue"), wanted))
    await chain.sync()
    whole = Spending(credit_notes=(NotePart(code=note.code, amount=5_000),))
    visit = await opened(chain.one, who, "a")
    await chosen(chain.one, visit, whole, "a")
    await posted(chain.one, visit, 0, "a")
    for till in (chain.one, chain.two):
        other = await opened(till, who, "b")
        with pytest.raises(Conflicting):
            await chosen(till, other, whole, "b")
        await chain.dying_sync()
    assert [(await till.counter.desks.credit_notes.find(note.code)).remainder for till in chain.everybody] == [0, 0, 0]

    def booked(conn: Any) -> list[int]:
        (held,) = [one for one in elements.elements_of(conn, who) if one.kind == Kind.CREDIT_NOTE]
        found = loyalty.entries(conn, held.fields[2])
        return sorted(one.fields[2] for one in found if one.fields[1] == BOOK_CREDIT_NOTE)

    assert await chain.hub.counter.database.read(booked) == [-5_000, 5_000]


@pytest.mark.feature("C1.6", "C9.1")
@on_a_chain
async def test_points_are_earned_at_the_order_or_at_its_settlement_not_at_both(chain: Chain) -> None:
    who = await customer(chain.one)
    await chain.sync()
    visit = await opened(chain.one, who, "order")
    await posted(chain.one, visit, 10_000, "order")
    settlement = SaleElsewhere(sale_id=visit.sale_id, customer=who.hex(), sale=sale(10_000))
    for till in (chain.two, chain.one):
        shown = await till.dying(lambda at: at.desks.sales.post_elsewhere(at.call("settle"), settlement))
        assert shown.sale.total == 10_000
        await chain.dying_sync()
    other = SaleElsewhere(sale_id=visit.sale_id, customer=who.hex(), sale=sale(10_001))
    with pytest.raises(Conflicting):
        await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("otherwise"), other))
    await everywhere(chain, who, 100)
    assert await entries(chain.hub, who, EARNED) == [100]


@pytest.mark.feature("C1.3")
@on_a_chain
async def test_redeemed_points_are_taken_once_when_the_same_customer_is_served_on(chain: Chain) -> None:
    who = await customer(chain.one)
    await earned(chain, who, 10_000)
    first = await opened(chain.one, who, "first")
    await chosen(chain.one, first, Spending(points=30), "first")
    await posted(chain.one, first, 0, "first")
    second = await opened(chain.one, who, "second")
    asked = await chain.one.counter.desks.purses.chosen(EntityId(bytes.fromhex(second.id)))
    assert asked.points == 0, "what the first sale took is not chosen any more"
    await chosen(chain.one, second, Spending(points=20), "second")
    await chain.one.dying(
        lambda at: desk(at).attach(at.call("selected again"), EntityId(bytes.fromhex(second.id)), who)
    )
    await posted(chain.one, second, 0, "second")
    await everywhere(chain, who, 50)
    assert sorted(await entries(chain.hub, who, SPENT)) == [-30, -20]


@pytest.mark.feature("C2.2", "C9.1")
@on_a_chain
async def test_what_was_chosen_is_taken_once_although_another_till_posts_the_sale_first(chain: Chain) -> None:
    who = await customer(chain.one)
    await earned(chain, who, 10_000)
    visit = await opened(chain.one, who, "a")
    await chosen(chain.one, visit, Spending(points=40), "a")
    first = SaleElsewhere(sale_id=visit.sale_id, customer=who.hex(), sale=sale(1_000))
    await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("first"), first))
    await everywhere(chain, who, 110)
    await posted(chain.one, visit, 1_000, "a")
    await everywhere(chain, who, 70)
    assert await entries(chain.hub, who, SPENT) == [-40]
    assert sorted(await entries(chain.hub, who, EARNED)) == [10, 100]
    again = await chain.one.counter.desks.purses.show(who)
    assert again.points.chosen == 0, "nothing is kept for a visit that is over"


@pytest.mark.feature("C2.2", "C9.2")
@on_a_chain
async def test_what_was_taken_for_a_sale_that_another_till_has_cancelled_unheard_comes_back(chain: Chain) -> None:
    who = await customer(chain.one)
    await earned(chain, who, 10_000)
    visit = await opened(chain.one, who, "a")
    await chosen(chain.one, visit, Spending(points=40), "a")
    first = SaleElsewhere(sale_id=visit.sale_id, customer=who.hex(), sale=sale(1_000))
    await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("first"), first))
    id_ = EntityId(bytes.fromhex(visit.sale_id))
    await chain.two.dying(lambda at: at.desks.sales.cancel(at.call("cancel"), id_, Cancelling()))
    await posted(chain.one, visit, 1_000, "a")
    await everywhere(chain, who, 100)
    assert await entries(chain.hub, who, SPENT) == [-40]
    assert await entries(chain.hub, who, GIVEN_BACK) == [40]
    assert (await chain.one.counter.desks.purses.show(who)).points.due == 0, "what it had earned is collected"


@pytest.mark.feature("C9.1")
@on_a_chain
async def test_an_order_for_a_customer_who_has_not_arrived_is_neither_lost_nor_booked_for_somebody_else(
    chain: Chain,
) -> None:
    who = await customer(chain.one)
    visit = await opened(chain.one, who, "a")
    early = SaleElsewhere(sale_id=visit.sale_id, customer=who.hex(), sale=sale(10_000))
    with pytest.raises(NotFound):
        await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("early"), early))
    await posted(chain.one, visit, 10_000, "a")
    await everywhere(chain, who, 100)
    await chain.two.dying(lambda at: at.desks.sales.post_elsewhere(at.call("early"), early))
    await everywhere(chain, who, 100)
    assert await entries(chain.two, who, EARNED) == [100]
    found = await chain.two.counter.desks.sales.sale(EntityId(bytes.fromhex(visit.sale_id)))
    assert found.sale.customer is not None
    assert found.sale.customer.id == who.hex()


@on_a_chain
async def test_two_tills_that_were_cut_off_cross_a_threshold_and_the_coupon_is_used_once(chain: Chain) -> None:
    office = chain.hub.counter
    rule = NewLoyaltyRule(label="bon", kind="threshold", every=100, coupon=CouponTerms(amount=500))
    await office.desks.loyalty.add_rule(office.call(), rule)
    who = await customer(chain.one)
    await chain.sync()
    for till in (chain.one, chain.two):
        await posted(till, await opened(till, who, "a"), 6_000, "a")
    await chain.sync()
    await office.database.write(lambda conn: warden.attend_funded(conn, office.replica, now_ms=office.clock.now_ms()))
    await chain.sync()
    shown = [(await till.counter.desks.purses.show(who)).coupons for till in (chain.one, chain.two)]
    assert sorted(one.state for found in shown for one in found) == ["elsewhere", "usable"]
    at = next(till for till, found in zip((chain.one, chain.two), shown, strict=True) if found[0].state == "usable")
    visit = await opened(at, who, "b")
    await chosen(at, visit, Spending(coupons=(shown[0][0].id,)), "b")
    await posted(at, visit, 1_000, "b")
    await everywhere(chain, who, 130)
    assert {(await till.counter.desks.purses.show(who)).coupons[0].state for till in chain.everybody} == {"used"}
