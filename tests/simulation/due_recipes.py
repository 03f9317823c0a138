"""How rules, silence, expiry and accounts come up in a scenario, and what comes about only by many things in order."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.simulation import coupons_found as due
from tests.simulation import loyalty as do
from tests.simulation import on_account as lent
from tests.simulation import operations as op
from tests.simulation import waiting_for as slow
from tests.simulation.addition import Addition
from tests.simulation.due_judges import JUDGES
from tests.simulation.loyalty_recipes import ALL, visit
from tests.simulation.planted_due import PLANTED
from tests.simulation.waiting_for import MONTH_MS

Steps = list[Any]


def _till(chance: Random) -> int:
    return chance.choice((1, 1, 2, 2, 3, 4))


def _two(chance: Random) -> tuple[int, int]:
    one = chance.randrange(1, 4)
    return one, one % 3 + 1


def _make_rule(chance: Random) -> due.MakeRule:
    return due.MakeRule(chance.randrange(2), chance.random() < 0.15)


def _born(chance: Random) -> due.Born:
    return due.Born(_till(chance), chance.randrange(3), chance.choice((0, 3, 10, 29, 60)))


def _greet(chance: Random) -> due.Greet:
    return due.Greet(_till(chance), chance.randrange(3))


def _look(_: Random) -> due.LookAtBirthdays:
    return due.LookAtBirthdays()


def _use(chance: Random) -> due.UseCoupon:
    return due.UseCoupon(_till(chance), chance.randrange(2), chance.randrange(2), chance.random() < 0.4)


def _expiry(chance: Random) -> slow.SetExpiry:
    return slow.SetExpiry(chance.choice((1, 1, 1, 0)))


def _expire(_: Random) -> slow.Expire:
    return slow.Expire()


def _buy(chance: Random) -> lent.BuyOnAccount:
    return lent.BuyOnAccount(_till(chance), chance.randrange(2), chance.choice((ALL, 10, 30, 60)))


def _back(chance: Random) -> lent.BringBack:
    return lent.BringBack(_till(chance), chance.randrange(4), chance.choice((0, 1, 5, 10)))


def crossed_together(chance: Random) -> Steps:
    """Two tills that are cut off earn a part each of what a threshold asks for; the coupon is used at both."""
    one, other = _two(chance)
    part = chance.choice((30, 30, 60))
    return [
        due.MakeRule(0, withdrawn=False), op.Wait(5_000), op.Cut(one), op.Cut(other), *visit(one, 0, 0, earning=part),
        *visit(other, 0, 0, earning=part), op.Heal(one), op.Wait(4_000), op.Heal(other), op.Wait(8_000),
        due.UseCoupon(one, 0, 0, ask=True), op.Wait(6_000), due.UseCoupon(other, 0, 0, ask=True), op.Wait(6_000),
        do.Serve(one), do.Serve(other), op.Cut(one), op.Cut(other), due.UseCoupon(one, 0, 0, ask=False),
        due.UseCoupon(other, 0, 0, ask=False), do.PostVisit(one, 0, 0), do.PostVisit(other, 0, 0), op.Heal(one),
        op.Heal(other), op.Wait(8_000),
    ]  # fmt: skip


def birthday_everywhere(chance: Random) -> Steps:
    """A birthday is found out at tills that are cut off, and at head office."""
    one, other = _two(chance)
    found: Steps = [due.Greet(one, 0), due.LookAtBirthdays(), due.Greet(other, 0)]
    chance.shuffle(found)
    return [
        due.MakeRule(1, withdrawn=False), due.Born(one, 0, chance.choice((0, 5, 30))), op.Wait(6_000), op.Cut(one),
        *found, do.Serve(one), due.UseCoupon(one, 0, 0, ask=False), do.PostVisit(one, 0, 0), op.Heal(one),
        op.Wait(8_000), due.UseCoupon(other, 0, 0, ask=True), op.Wait(6_000), do.Serve(other),
        due.UseCoupon(other, 0, 0, ask=False), do.PostVisit(other, 0, 0), due.LookAtBirthdays(), op.Wait(4_000),
    ]  # fmt: skip


def silent_for_a_day(chance: Random) -> Steps:
    """A till that holds points is away while head office starts again; another asks, both spend what they have."""
    one, other = _two(chance)
    return [
        *visit(one, 0, 0, earning=100), op.Wait(6_000), slow.StaySilent(one, heals=False), do.Fund(0, 50),
        do.Ask(other, 0, 1_000), op.Wait(8_000), *visit(other, 0, ALL), *visit(one, 0, ALL), op.Heal(one),
        op.Wait(12_000), *visit(other, 0, ALL), op.Wait(4_000),
    ]  # fmt: skip


def silent_after_a_restore(chance: Random) -> Steps:
    """Only the silent till knows what head office granted since its backup."""
    one, other = _two(chance)
    return [
        do.Fund(0, 100), *visit(one, 2, 0, earning=10), op.Wait(12_000), op.Backup(), do.Ask(one, 0, 100),
        *visit(other, 2, 0, earning=10), op.Wait(8_000), op.Cut(one), op.RestoreHub(announced=True),
        slow.StaySilent(one, heals=False), do.Ask(other, 0, 100), op.Wait(8_000), *visit(other, 0, ALL),
        *visit(one, 0, ALL), op.Heal(one), op.Wait(15_000),
    ]  # fmt: skip


def brought_back_on_account(chance: Random) -> Steps:
    """A sale on account comes back, in part and whole, at two tills that may not know of one another."""
    one, other = _two(chance) if chance.random() < 0.3 else (1, 2)
    back: Steps = [
        lent.BringBack(one, 0, chance.choice((0, 0, 4, 10))),
        lent.BringBack(other, 0, chance.choice((0, 0, 6))),
    ]
    cuts: Steps = [op.Cut(one), op.Cut(other)] if chance.random() < 0.7 else []
    paid: Steps = visit(other, 1, 0, earning=20, into=1) if chance.random() < 0.4 else []
    return [
        do.Fund(1, 100), op.Wait(4_000), do.Ask(one, 1, 80), op.Wait(8_000), lent.BuyOnAccount(one, 0, 60),
        op.Wait(6_000), *cuts, *paid, *back, lent.BringBack(one, 0, 3), op.Heal(one), op.Heal(other), op.Wait(8_000),
        lent.BringBack(other, 0, 10), lent.BuyOnAccount(one, 0, ALL), op.Wait(6_000),
    ]  # fmt: skip


def expired_while_held(chance: Random) -> Steps:
    """Points are over while a till that is cut off holds them, and spends some; the others come home."""
    one, other = _two(chance)
    return [
        slow.SetExpiry(1), *visit(one, 0, 0, earning=100), op.Wait(5_000), op.Cut(one), op.Wait(MONTH_MS),
        *visit(one, 0, chance.choice((ALL, 40))), slow.Expire(), op.Wait(3_000), op.Heal(one), op.Wait(10_000),
        slow.Expire(), op.Wait(6_000), *visit(other, 0, 0, earning=50), op.Wait(4_000), slow.Expire(),
        op.Wait(chance.choice((2_000, MONTH_MS))), slow.Expire(), *visit(other, 0, ALL), op.Wait(6_000),
    ]  # fmt: skip


def expired_by_a_gift(chance: Random) -> Steps:
    """What head office gave and nobody holds is over; what came later is not."""
    till = chance.randrange(1, 4)
    return [
        slow.SetExpiry(1), *visit(till, 0, 0, earning=60), op.Wait(4_000), *visit(till, 0, 50), op.Wait(MONTH_MS),
        do.Fund(0, 70), *visit(till, 0, 0, earning=10), op.Wait(5_000), slow.Expire(), op.Wait(8_000), slow.Expire(),
        op.Wait(6_000),
    ]  # fmt: skip


DUE = Addition(
    acts={due.Born: due.born},
    acts_drawn={_born: 1},
    happenings={
        due.MakeRule: due.make_rule,
        due.Greet: due.greet,
        due.LookAtBirthdays: due.look_at_birthdays,
        due.UseCoupon: due.use_coupon,
        slow.StaySilent: slow.stay_silent,
        slow.SetExpiry: slow.set_expiry,
        slow.Expire: slow.expire,
        lent.BuyOnAccount: lent.buy,
        lent.BringBack: lent.bring_back,
    },
    happenings_drawn={
        _make_rule: 1, _greet: 1, _look: 1, _use: 2, _expiry: 1, _expire: 2, _buy: 2, _back: 2,
    },
    recipes=(
        crossed_together, crossed_together, crossed_together, birthday_everywhere, silent_for_a_day,
        silent_after_a_restore, brought_back_on_account, brought_back_on_account, expired_while_held, expired_by_a_gift,
    ),
    judges=JUDGES,
    planted=PLANTED,
    looked_for_in={
        "coupon_of_head_office_has_its_own_name": (crossed_together,),
        "crossing_is_left_to_the_tills": (crossed_together,),
        "finder_keeps_the_use": (crossed_together, birthday_everywhere),
        "silent_till_holds_nothing": (silent_for_a_day,),
        "restored_hub_waits_a_day_as_well": (silent_after_a_restore,),
        "limit_is_back_and_the_debt_stands": (brought_back_on_account,),
        "cancelled_at_two_tills_counts_twice": (brought_back_on_account,),
        "expiry_takes_what_tills_hold": (expired_while_held,),
        "spent_points_expire_once_more": (expired_by_a_gift, expired_while_held),
    },
    must_be_reached=(
        "threshold crossed", "birthday found out at a till", "birthday found out at head office", "due coupon chosen",
        "silent till not waited for", "silent till waited for after a restore", "bought on account",
        "returned on account", "cancelled on account", "points expired",
    ),
)  # fmt: skip
"""Coupons that are due, tills that are silent, points that are over, what is bought on account."""
