"""What shops complain of, with tills that die and are heard again: nothing is counted twice or lost.

The same complaints at a till's own desks, dying at every statement: `tests/desk/test_benefits_killed.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from daemon.domain.account import derived_account
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_POINTS
from daemon.domain.rights import Standing, debt_book
from daemon.store import rights
from tests.simulation import loyalty as do
from tests.simulation import operations as op
from tests.simulation.additions import plug_in
from tests.simulation.happenings import Happenings
from tests.simulation.loyalty import COUPONS_FROM, NOTES_FROM, special_account
from tests.simulation.loyalty_judges import JUDGES
from tests.simulation.loyalty_recipes import ALL, visit
from tests.simulation.running import folder
from tests.simulation.world import World

STATEMENTS = range(1, 44, 2)
"""More than a posting has; a crash that comes later comes during replication."""

EVERY_STATEMENT = range(1, 31)
"""All that a posting has, from its first to its commit."""

HUB, HERE, THERE, COPY = 0, 1, 2, 4


@contextmanager
def chain(operations: Sequence[Any]) -> Iterator[World]:
    """A chain after these operations, healed and quiet; every invariant of loyalty holds."""
    plug_in()
    with folder() as place:
        world = World(op.Scenario(1), place)
        happen = Happenings(world)
        for operation in (
            op.Create(0, 1),
            op.Wait(12_000),
            *operations,
            op.Heal(HERE),
            op.Heal(THERE),
            op.Wait(20_000),
        ):
            happen.apply(operation)
        assert [complaint for judge in JUDGES for complaint in judge(world)] == []
        yield world
        for machine in world.machines:
            machine.stop()


def points(world: World) -> Standing:
    return rights.standing(world.hub.conn.plain, derived_account(world.people.ids[0]), BOOK_POINTS)


def crash(statement: int) -> list[Any]:
    """The till dies at that statement of what comes next, and is back two seconds later."""
    return [op.Crash(HERE, statement, after=statement % 4 == 1)]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_points_of_an_offline_sale_that_is_retried_are_earned_once(statement: int) -> None:
    told = [do.Serve(HERE), op.Cut(HERE), *crash(statement), do.PostVisit(HERE, 0, 100), op.Wait(4_000)]
    again = [do.PostVisit(HERE, 0, 100), do.PostAgain(HERE, 0), do.PostAgain(THERE, 0), op.Heal(HERE), op.Wait(4_000)]
    with chain([*told, *again, do.PostAgain(THERE, 0)]) as world:
        assert points(world).balance == 100


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_coupon_counts_once_after_a_time_out(statement: int) -> None:
    given = [do.IssueCoupon(HERE, 0), op.Wait(4_000), do.Ask(HERE, COUPONS_FROM, 1), op.Wait(4_000)]
    used = [
        do.Serve(HERE),
        do.Choose(HERE, COUPONS_FROM, 1),
        *crash(statement),
        do.PostVisit(HERE, 0, 0),
        op.Wait(4_000),
    ]
    again = [do.PostVisit(HERE, 0, 0), *visit(HERE, COUPONS_FROM, 1), *visit(THERE, COUPONS_FROM, 1)]
    with chain([*given, *used, *again]) as world:
        assert rights.balance(world.hub.conn.plain, special_account(COUPONS_FROM), BOOK_COUPON) == 0


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_was_spent_offline_is_deducted_everywhere(statement: int) -> None:
    earned = [*visit(HERE, 0, 0, earning=100), op.Wait(4_000), op.Cut(HERE)]
    spent = [do.Serve(HERE), do.Choose(HERE, 0, 40), *crash(statement), do.PostVisit(HERE, 0, 0), op.Wait(4_000)]
    with chain([*earned, *spent, do.PostVisit(HERE, 0, 0), op.Heal(HERE), op.Wait(6_000)]) as world:
        assert points(world).balance == 60
        for till in world.tills:
            assert rights.balance(till.conn.plain, derived_account(world.people.ids[0]), BOOK_POINTS) == 60


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_credit_note_that_was_used_is_not_used_again(statement: int) -> None:
    issued = [do.Serve(HERE), do.PostVisit(HERE, NOTES_FROM, 50), op.Wait(4_000)]
    used = [do.Serve(HERE), do.Choose(HERE, NOTES_FROM, 50), op.Cut(HERE), *crash(statement)]
    again = [do.PostVisit(HERE, 0, 0), op.Wait(4_000), do.PostVisit(HERE, 0, 0)]
    elsewhere = [*visit(THERE, NOTES_FROM, 50), *visit(HERE, NOTES_FROM, 50), *visit(HERE, NOTES_FROM, ALL)]
    with chain([*issued, *used, *again, *elsewhere]) as world:
        assert rights.balance(world.hub.conn.plain, special_account(NOTES_FROM), BOOK_CREDIT_NOTE) == 0


@pytest.mark.parametrize("statement", STATEMENTS)
def test_redeemed_points_are_taken_once_when_the_same_customer_is_served_on(statement: int) -> None:
    earned = [*visit(HERE, 0, 0, earning=100), op.Wait(4_000)]
    first = [do.Serve(HERE), do.Choose(HERE, 0, 30), *crash(statement), do.PostVisit(HERE, 0, 0), op.Wait(4_000)]
    second = [do.PostVisit(HERE, 0, 0), do.Serve(HERE), do.PostVisit(HERE, 0, 0)]
    with chain([*earned, *first, *second]) as world:
        assert points(world).balance == 70


@pytest.mark.parametrize("statement", EVERY_STATEMENT)
def test_two_boxes_with_one_identity_spend_no_more_than_the_copy_held(statement: int) -> None:
    copied = [*visit(HERE, 0, 0, earning=100), op.Wait(6_000), op.Clone(HERE), op.Cut(COPY)]
    spent: list[Any] = []
    for box in (HERE, COPY):
        dies = op.Crash(box, statement, after=statement % 2 == 1)
        spent += [do.Serve(box), do.Choose(box, 0, ALL), dies, do.PostVisit(box, 0, 0), op.Wait(4_000)]
        spent += [do.PostVisit(box, 0, 0)]
    with chain([*copied, *spent, op.Heal(COPY), op.Wait(20_000)]) as world:
        no_more_than_the_copy_held(world)


@pytest.mark.parametrize("statement", range(1, 91, 5))
@pytest.mark.parametrize("dying", [HERE, COPY, HUB], ids=["the box", "its copy", "head office"])
def test_two_boxes_with_one_identity_are_found_out_whoever_dies_meanwhile(dying: int, statement: int) -> None:
    copied = [*visit(HERE, 0, 0, earning=100), op.Wait(6_000), op.Clone(HERE), op.Cut(HERE), op.Cut(COPY)]
    spent = [one for box in (HERE, COPY) for one in visit(box, 0, ALL)]
    dies = op.Crash(dying, statement, after=statement % 2 == 1)
    with chain([*copied, *spent, dies, op.Heal(HERE), op.Heal(COPY), op.Wait(30_000)]) as world:
        no_more_than_the_copy_held(world)


def no_more_than_the_copy_held(world: World) -> None:
    """Half of what was earned lies at the other lane by then: the copy held 50, and each box spent them."""
    debt = rights.balance(world.hub.conn.plain, derived_account(world.people.ids[0]), debt_book(BOOK_POINTS))
    assert points(world).balance - debt == 100 - 50 - 50
    assert 0 <= debt <= 50
