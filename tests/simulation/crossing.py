"""Two faults that meet, or a fault that meets what people do: each alone is harmless."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.loyalty import Choose, IssueCoupon, PostAgain, PostVisit, Serve
from tests.simulation.merging import EraseWhole, Merge, Part
from tests.simulation.planted_crossing import PLANTED
from tests.simulation.selling import CancelSale, Sell, SellBack

YEAR_MS = 365 * 24 * 3_600_000

Steps = list[Any]


def _tills(chance: Random) -> list[int]:
    return chance.sample((1, 2, 3), 3)


def _damage(chance: Random, till: int) -> op.DamageFile:
    return op.DamageFile(till, chance.choice((1, 2, 4)), chance.randrange(1_000))


def rescued_while_head_office_forgets(chance: Random) -> Steps:
    """Head office is put back to its backup without a word; who could tell is away, or has just lost its file."""
    till, *others = _tills(chance)
    return [
        op.Wait(12_000), op.Backup(), *(op.Cut(other) for other in others), op.Edit(till, 0, 2, 3),
        op.Post(till, 0, 7, 0, False), Sell(till, 0, 300, 0), op.Wait(chance.choice((600, 6_000, 12_000))),
        op.RestoreHub(False), _damage(chance, till), op.Wait(chance.choice((0, 20_000))),
        *(op.Heal(other) for other in others), op.Edit(others[0], 0, 8, 2), op.Wait(20_000),
    ]  # fmt: skip


def rescued_alone_with_what_was_forgotten(chance: Random) -> Steps:
    """Of what head office has lost nothing is of a shop: the only till that has it may lose its file then, and does."""
    till, *others = _tills(chance)
    return [
        op.Wait(12_000), op.Backup(), *(op.Cut(other) for other in others), op.Edit(till, 0, 2, 3),
        op.Post(till, 0, 7, 0, False), op.Wait(chance.choice((600, 6_000, 12_000))), op.RestoreHub(False),
        op.DamageFile(till, 1, chance.randrange(1_000)), op.Wait(chance.choice((0, 20_000))),
        *(op.Heal(other) for other in others), op.Edit(others[0], 0, 8, 2), op.Wait(20_000),
    ]  # fmt: skip


def known_by_rows_alone(chance: Random) -> Steps:
    """What head office itself has booked is lost with its restore, and tills hold it as rows, not as records."""
    till, *others = _tills(chance)
    return [
        Sell(others[0], 0, 500, 0), op.Wait(12_000), op.Backup(), *(op.Cut(one) for one in (till, *others)),
        op.Post(0, 0, 9, 0, False), SellBack(0, 0, 1), op.Endow(till - 1, 1, 40), op.Wait(2_000), op.Prune(1_000),
        op.Heal(till), op.Wait(20_000), op.RestoreHub(chance.random() < 0.5), op.Wait(chance.choice((0, 12_000))),
        *(op.Heal(other) for other in others), op.Wait(20_000),
    ]  # fmt: skip


def a_year_back(chance: Random) -> Steps:
    """The clock of head office goes back by a year, and a till loses its file, or its image of before."""
    till, other, _ = _tills(chance)
    lost: Any = _damage(chance, till) if chance.random() < 0.7 else op.PutImageBack(till)
    return [
        op.Edit(till, 0, 2, 3), op.Wait(4_000), op.TakeImage(till), op.WrongClock(0, -YEAR_MS),
        op.Edit(till, 0, 2, 4), op.Post(till, 0, 7, 0, True), op.Wait(chance.choice((0, 3_000))), lost,
        op.Edit(other, 0, 2, 5), op.Edit(0, 1, 2, 1), op.Wait(12_000), op.Restart(till, 10), op.Edit(till, 1, 2, 3),
        op.Wait(chance.choice((0, 6_000))), op.WrongClock(0, 0), op.Edit(till, 0, 2, 1), op.Wait(12_000),
    ]  # fmt: skip


def sold_while_merged(chance: Random) -> Steps:
    """A sale is posted at one till while another makes its customer one person with somebody else, or undoes that."""
    till, other, _ = _tills(chance)
    one, two = chance.sample(range(3), 2)
    apart: Steps = [Part(other, one, 0), EraseWhole(other, one), Merge(other, two, 2, 5)]
    return [
        *(op.Create(other, number) for number in range(3)), op.Wait(4_000), Serve(till), Serve(other),
        PostVisit(till, 2 * one, 60), op.Wait(4_000), Serve(till), Choose(till, 2 * one, 30), op.Cut(till),
        Merge(other, one, two, chance.randrange(64)), PostVisit(till, 2 * one, 40), Sell(till, one, 700, 0),
        chance.choice((op.Wait(100), CancelSale(till, 0), SellBack(till, 0, 1))), PostAgain(other, 0),
        Merge(till, two, one, 9), op.Heal(till), op.Wait(chance.choice((300, 4_000))),
        *([chance.choice(apart)] if chance.random() < 0.5 else []), Serve(till), PostVisit(till, 2 * two, 20),
        op.Wait(6_000),
    ]  # fmt: skip


def fact_stated_twice_by_a_copied_box(chance: Random) -> Steps:
    """A fact is stated before the time is known; the box is copied, and the copy dates it later."""
    till, other, _ = _tills(chance)
    return [
        op.Cut(till), op.Restart(till, 10), op.Wait(1_000), IssueCoupon(till, 1), op.Wait(chance.choice((0, 4_000))),
        op.Clone(till), IssueCoupon(till, 1), op.Wait(chance.choice((0, 300))), op.Heal(4), op.Wait(9_000),
        op.Heal(till), IssueCoupon(other, 1), op.Wait(12_000),
    ]  # fmt: skip


def fact_stated_twice_in_one_breath(chance: Random) -> Steps:
    """The same on a box with a wrong clock, which hears of its copy while that is still answered."""
    till, other, _ = _tills(chance)
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((-24, -1, 1)) * 3_600_000), op.Wait(chance.choice((100, 300))),
        IssueCoupon(till, 1), op.Wait(chance.choice((100, 9_000))), op.Clone(till), IssueCoupon(till, 1),
        op.Wait(chance.choice((0, 300))), op.Heal(4), op.Wait(100), op.Heal(till), op.Wait(chance.choice((0, 100))),
        IssueCoupon(other, 1), op.Wait(12_000),
    ]  # fmt: skip


def put_back_before_the_posting(chance: Random) -> Steps:
    """A till forgets with its disk that it opened a visit, and posts its sale again as if it were another's."""
    till, other, third = _tills(chance)
    return [
        op.Create(other, 1), op.Wait(4_000), op.Cut(till), op.TakeImage(till), Serve(till), PostVisit(till, 0, 100),
        op.PutImageBack(till), PostAgain(till, 0), op.Wait(chance.choice((0, 3_000))), op.Heal(till),
        op.Wait(chance.choice((300, 12_000))), PostAgain(other, 0), PostAgain(third, 0), op.Wait(4_000), Serve(till),
        Choose(till, 0, -1), PostVisit(till, 0, 0), op.Wait(6_000),
    ]  # fmt: skip


def both_put_back(chance: Random) -> Steps:
    """Head office goes back to its backup and a till to an old image, before either has heard of the other's."""
    till, other, third = _tills(chance)
    restored: Steps = [op.RestoreHub(chance.random() < 0.5), op.PutImageBack(till)]
    chance.shuffle(restored)
    return [
        op.Wait(12_000), *chance.sample([op.TakeImage(till), op.Backup()], 2), op.Edit(till, 0, 2, 3),
        op.Post(till, 0, 7, 0, chance.random() < 0.5), Sell(till, 0, 300, 0), op.Edit(other, 1, 8, 2),
        op.Wait(chance.choice((6_000, 14_000))), restored[0], op.Wait(chance.choice((0, 0, 300))), restored[1],
        op.Edit(till, 0, 2, 4), op.Post(third, 0, 5, 0, False), op.Wait(20_000),
    ]  # fmt: skip


ADDITION = Addition(
    recipes=(
        both_put_back,
        rescued_while_head_office_forgets,
        known_by_rows_alone,
        a_year_back,
        sold_while_merged,
        put_back_before_the_posting,
        fact_stated_twice_by_a_copied_box,
    ),
    must_be_reached=(
        "head office and a till put back",
        "file damaged, head office has forgotten",
        "file damaged, head office in the past",
        "said again",
    ),
    planted=PLANTED,
    looked_for_in={
        "rescued_sends_what_waits_alone": (rescued_alone_with_what_was_forgotten,),
        "entries_of_others_are_not_said_again": (known_by_rows_alone,),
        "forgotten_visit_earns_for_nobody": (put_back_before_the_posting,),
        "earliest_statement_sought_in_one_record": (
            fact_stated_twice_in_one_breath,
            fact_stated_twice_by_a_copied_box,
        ),
    },
)
