"""How customers earn and spend in a scenario, and what comes about only by many things in their order."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.simulation import loyalty as do
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.loyalty import COUPONS_FROM, NOTES_FROM
from tests.simulation.loyalty_judges import JUDGES
from tests.simulation.planted_loyalty import PLANTED

ALL = -1

Steps = list[Any]
"""Operations, of this addition too."""


def _till(chance: Random) -> int:
    return chance.choice((1, 1, 2, 2, 3, 4))


def _purse(chance: Random) -> int:
    """Mostly the points of two customers: hot purses."""
    return chance.choice((0, 0, 0, 2, 2, 1, 4, COUPONS_FROM, NOTES_FROM, NOTES_FROM + 1))


def _amount(chance: Random) -> int:
    """Near the balance, or all of it."""
    return chance.choice((ALL, ALL, 10, 30, 50, 100))


def _serve(chance: Random) -> do.Serve:
    return do.Serve(_till(chance))


def _choose(chance: Random) -> do.Choose:
    return do.Choose(_till(chance), _purse(chance), _amount(chance))


def _sell(chance: Random) -> do.PostVisit:
    return do.PostVisit(_till(chance), _purse(chance), chance.choice((0, 20, 50, 50, 100, -30)))


def _sell_again(chance: Random) -> do.PostAgain:
    return do.PostAgain(_till(chance), chance.randrange(4))


def _leave(chance: Random) -> do.Leave:
    return do.Leave(_till(chance))


def _ask(chance: Random) -> do.Ask:
    return do.Ask(_till(chance), _purse(chance), chance.choice((1, 30, 100, 1_000)))


def _fund(chance: Random) -> do.Fund:
    return do.Fund(_purse(chance), chance.choice((1, 50, 100, -20, -100)))


def _issue(chance: Random) -> do.IssueCoupon:
    return do.IssueCoupon(_till(chance), chance.randrange(2))


def visit(till: int, purse: int, amount: int, *, earning: int = 0, into: int = 0) -> Steps:
    """Somebody is served, chooses, and pays."""
    return [do.Serve(till), do.Choose(till, purse, amount), do.PostVisit(till, into, earning)]


def _two(chance: Random) -> tuple[int, int]:
    one = chance.randrange(1, 4)
    return one, one % 3 + 1


def spent_on_both_sides(chance: Random) -> Steps:
    """Head office gives points, two tills are cut off and the customer spends all there is at both."""
    one, other = _two(chance)
    purse = chance.choice((0, 1, COUPONS_FROM, NOTES_FROM))
    return [
        do.Fund(purse, 100), op.Wait(3_000), do.Ask(one, purse, 100), op.Wait(8_000), do.Ask(other, purse, 100),
        op.Wait(4_000), op.Cut(one), op.Cut(other), *visit(one, purse, ALL), *visit(other, purse, ALL), op.Heal(one),
        op.Wait(3_000), op.Heal(other), op.Wait(8_000),
    ]  # fmt: skip


def earned_and_spent_offline(chance: Random) -> Steps:
    """What was earned at a lane that is cut off is spent there at once; the sale is posted again elsewhere."""
    one, other = _two(chance)
    again: Steps = [do.PostAgain(other, 0), do.PostAgain(one, 0)]
    chance.shuffle(again)
    return [
        op.Cut(one), *visit(one, 0, 0, earning=100), *again, *visit(one, 0, ALL), *visit(other, 0, ALL), op.Wait(4_000),
        op.Heal(one), op.Wait(8_000), *visit(other, 0, ALL),
    ]  # fmt: skip


def put_back_with_rights(chance: Random) -> Steps:
    """A disk that holds rights is copied, they are spent, it is put back (or a second box starts from it)."""
    till = chance.randrange(1, 4)
    spent = visit(till, 0, ALL)
    back: Steps
    if chance.random() < 0.5:
        back = [op.TakeImage(till), *spent, op.Wait(4_000), op.Cut(till), op.PutImageBack(till), *visit(till, 0, ALL)]
    else:
        back = [op.Clone(till), op.Cut(4), *spent, *visit(4, 0, ALL), op.Heal(4)]
    return [
        *visit(till, 0, 0, earning=100),
        op.Wait(6_000),
        *back,
        op.Heal(till),
        op.Wait(12_000),
        *visit(till, 0, ALL),
    ]


def put_back_before_it_earned(chance: Random) -> Steps:
    """A disk from before the points were earned is put back after they were spent: it holds nothing."""
    till = chance.randrange(1, 4)
    found: Steps = [
        *visit(till, 0, 0), op.Wait(3_000), op.TakeImage(till), *visit(till, 0, 0, earning=100), *visit(till, 0, ALL),
        op.Wait(4_000), op.Cut(till), op.PutImageBack(till), op.Storm(0, 600, chance.choice((1_000, 3_000))),
        op.Heal(till),
    ]  # fmt: skip
    for _ in range(12):
        found += [op.Wait(chance.choice((300, 500, 700, 900))), *visit(till, 0, ALL)]
    return [*found, op.Storm(0, 0, 50), op.Wait(8_000)]


def hub_restored_with_rights_out(chance: Random) -> Steps:
    """What head office has granted since its backup is known to a till alone, which is away."""
    one, other = _two(chance)
    purse = chance.choice((0, 2, 1, COUPONS_FROM, NOTES_FROM))
    return [
        do.Fund(purse, 100), op.Wait(12_000), op.Backup(), do.Ask(one, purse, 80), op.Wait(6_000), op.Cut(one),
        op.RestoreHub(chance.random() < 0.4), op.Wait(12_000), do.Ask(other, purse, 100), op.Wait(6_000),
        *visit(other, purse, ALL), *visit(one, purse, ALL), op.Heal(one), op.Wait(20_000),
        *visit(other, purse, ALL),
    ]  # fmt: skip


def hub_restored_before_it_funded(chance: Random) -> Steps:
    """Head office booked and granted after its backup; everything of it is known to the grantee alone."""
    one, other = _two(chance)
    return [
        *visit(other, 0, 0, earning=50), op.Wait(12_000), op.Backup(), do.Fund(0, 100), op.Wait(3_000),
        do.Ask(one, 0, 150), op.Wait(6_000), op.Cut(one), op.RestoreHub(chance.random() < 0.4), op.Wait(8_000),
        do.Fund(0, -50), do.Ask(other, 0, 150), op.Wait(4_000), *visit(one, 0, ALL), op.Heal(one), op.Wait(20_000),
    ]  # fmt: skip


def lanes_of_one_shop(chance: Random) -> Steps:
    """A customer changes lanes in a shop whose line is cut now and then."""
    found: Steps = []
    for _ in range(chance.randrange(3, 7)):
        lane = chance.choice((1, 2))
        found += visit(lane, 0, chance.choice((0, 0, ALL, 20)), earning=chance.choice((20, 50)))
        found.append(op.Wait(chance.choice((500, 3_000, 9_000))))
        if chance.random() < 0.3:
            found += [op.Cut(chance.choice((1, 2)))]
        if chance.random() < 0.3:
            found += [op.Heal(1), op.Heal(2)]
    return [*found, op.Heal(1), op.Heal(2), op.Wait(8_000)]


def crash_with_a_choice(chance: Random) -> Steps:
    """The process dies while something is chosen, posted or passed on."""
    one, other = _two(chance)
    crash = op.Crash(one, chance.choice((1, 2, 4, 7, 12, 20, 30, 45)), after=chance.random() < 0.5)
    return [
        *visit(one, 0, 0, earning=100), op.Wait(4_000), do.Serve(one), do.Choose(one, 0, 60), crash,
        do.Ask(other, 0, 100), do.PostVisit(one, 0, 20), op.Wait(6_000), do.PostVisit(one, 0, 0), op.Wait(4_000),
    ]  # fmt: skip


def chosen_and_left(chance: Random) -> Steps:
    """The customer has chosen, then the process dies; what was chosen is offered again when it is back."""
    till = chance.randrange(1, 4)
    end = chance.choice(([op.PowerCut(till)], [op.Restart(till, 1_000)], [op.Crash(till, 3, after=True)]))
    return [
        *visit(till, 0, 0, earning=100),
        op.Wait(4_000),
        do.Serve(till),
        do.Choose(till, 0, 60),
        *end,
        op.Wait(8_000),
    ]


def asked_while_chosen(chance: Random) -> Steps:
    """Another till asks for what a customer has chosen here already."""
    one, other = _two(chance)
    return [
        *visit(one, 0, 0, earning=100), op.Wait(4_000), do.Serve(one), do.Choose(one, 0, chance.choice((60, ALL))),
        do.Ask(other, 0, 100), op.Wait(8_000), *visit(other, 0, ALL), op.Cut(one), do.PostVisit(one, 0, 0),
        op.Heal(one), op.Wait(8_000),
    ]  # fmt: skip


def taken_back_after_spending(chance: Random) -> Steps:
    """Goods come back, the points that they had earned are spent already."""
    one, other = _two(chance)
    return [
        *visit(one, 0, 0, earning=100), *visit(one, 0, 60), op.Wait(4_000),
        *visit(chance.choice((one, other)), 0, 0, earning=-100), op.Wait(4_000), *visit(one, 0, ALL), op.Wait(4_000),
    ]  # fmt: skip


def limit_lowered(chance: Random) -> Steps:
    """The credit maximum is lowered while tills hold shares of it."""
    one, other = _two(chance)
    return [
        do.Fund(1, 100), op.Wait(3_000), do.Ask(one, 1, 60), op.Wait(6_000), op.Cut(one), do.Fund(1, -100),
        do.Fund(1, -40), *visit(one, 1, ALL), *visit(other, 1, ALL), op.Heal(one), op.Wait(8_000),
        do.Fund(1, -40), op.Wait(8_000), do.Fund(1, -40), *visit(other, 1, ALL, earning=30, into=1),
    ]  # fmt: skip


def one_coupon(chance: Random) -> Steps:
    """A rule finds out the same thing at two tills; the coupon is used wherever it can be."""
    one, other = _two(chance)
    return [
        op.Cut(one), do.IssueCoupon(one, 0), do.IssueCoupon(other, 0), op.Wait(3_000), op.Heal(one), op.Wait(6_000),
        do.Ask(one, COUPONS_FROM, 1), do.Ask(other, COUPONS_FROM, 1), op.Wait(8_000), op.Cut(one), op.Cut(other),
        *visit(one, COUPONS_FROM, 1), *visit(other, COUPONS_FROM, 1), op.Heal(one), op.Heal(other), op.Wait(6_000),
        *visit(one, COUPONS_FROM, 1), *visit(other, COUPONS_FROM, 1),
    ]  # fmt: skip


def merged_and_erased(chance: Random) -> Steps:
    """Two records of one person earn, are merged, one is erased: what was booked stays booked."""
    one, other = _two(chance)
    return [
        *visit(one, 0, 0, earning=100), *visit(other, 2, 0, earning=50), op.Wait(4_000), op.Join(one, 0, 1),
        op.Cut(one), *visit(one, 0, 30), op.Erase(other, chance.choice((0, 1))), op.Wait(3_000), *visit(other, 2, ALL),
        op.Heal(one), op.Wait(8_000),
    ]  # fmt: skip


LOYALTY = Addition(
    happenings={
        do.Serve: do.serve,
        do.Choose: do.choose,
        do.PostVisit: do.post_visit,
        do.PostAgain: do.post_again,
        do.Leave: do.leave,
        do.Ask: do.ask,
        do.Fund: do.fund,
        do.IssueCoupon: do.issue_coupon,
    },
    happenings_drawn={
        _serve: 4, _choose: 4, _sell: 5, _sell_again: 1, _leave: 1, _ask: 2, _fund: 2, _issue: 1,
    },
    recipes=(
        spent_on_both_sides, earned_and_spent_offline, put_back_with_rights, put_back_before_it_earned,
        hub_restored_with_rights_out, hub_restored_before_it_funded, lanes_of_one_shop, crash_with_a_choice,
        chosen_and_left, asked_while_chosen, taken_back_after_spending, limit_lowered, one_coupon, merged_and_erased,
    ),
    judges=JUDGES,
    planted=PLANTED,
    looked_for_in={
        "lease_granted_twice": (spent_on_both_sides,),
        "right_created_by_whoever_posts": (earned_and_spent_offline,),
        "earnings_posted_elsewhere_are_free": (earned_and_spent_offline,),
        "restored_hub_grants_at_once": (hub_restored_with_rights_out, hub_restored_before_it_funded),
        "copy_keeps_its_rights": (put_back_before_it_earned,),
        "choice_not_kept": (chosen_and_left,),
        "chosen_is_passed_on": (asked_while_chosen,),
        "coupon_has_no_fact": (one_coupon,),
        "debt_not_booked": (put_back_with_rights,),
        "limit_lowered_below_what_is_held": (limit_lowered,),
        "passed_on_and_kept": (asked_while_chosen, spent_on_both_sides),
        "spent_without_taking_rights": (earned_and_spent_offline, lanes_of_one_shop),
        "choice_survives_the_sale": (crash_with_a_choice,),
        "erasure_takes_the_points_along": (merged_and_erased,),
    },
    must_be_reached=("sale posted again", "spend offline, served", "spend offline, refused", "spend online, served"),
)  # fmt: skip
"""Points, credit, coupons, credit notes: what customers do with them, and what must hold."""
