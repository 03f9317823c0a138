"""Disks that go on in other hardware: copied there, or taken along. What the image holds is not spent there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain import machine
from daemon.store import following
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.loyalty import Choose, PostAgain, PostVisit, Serve
from tests.simulation.machine import hardware_of
from tests.simulation.planting import everywhere, patched

if TYPE_CHECKING:
    from tests.simulation.world import World

ALL = -1

Steps = list[Any]


@dataclass(frozen=True, slots=True)
class MoveDisk:
    """The disk of a till is put into another box, which takes the place of the first one."""

    at: int


def move(world: World, operation: MoveDisk) -> None:
    """Nobody tells the program."""
    till = world.till(operation.at)
    till.stop()
    world.faults.count("disk moved")
    till.hardware = hardware_of(f"{till.name} box {world.faults.counts['disk moved']}")
    world.swapped_sites.add(till.site)
    till.boot()


def _move(chance: Random) -> MoveDisk:
    return MoveDisk(chance.choice((1, 1, 2, 2, 3, 4)))


def _visit(till: int, amount: int, *, earning: int = 0) -> Steps:
    return [Serve(till), Choose(till, 0, amount), PostVisit(till, 0, earning)]


def copied_elsewhere_with_rights(chance: Random) -> Steps:
    """A disk that holds rights is copied to another box; both serve, neither has a line."""
    till = chance.randrange(1, 4)
    both = [*_visit(till, ALL), *_visit(4, ALL)] if chance.random() < 0.5 else [*_visit(4, ALL), *_visit(till, ALL)]
    return [
        *_visit(till, 0, earning=100), op.Wait(6_000), op.Cut(till), op.Clone(till, elsewhere=True), op.Cut(4), *both,
        *_visit(4, 0, earning=30), *_visit(4, ALL), op.Heal(till), op.Wait(chance.choice((0, 6_000))), op.Heal(4),
        op.Wait(12_000), *_visit(till, ALL),
    ]  # fmt: skip


def image_put_into_another_box(chance: Random) -> Steps:
    """The first box has spent what it held, and has broken; an old image of its disk goes on in another one."""
    till = chance.randrange(1, 4)
    waits = chance.choice((0, 4_000))
    return [
        *_visit(till, 0, earning=100), op.Wait(6_000), op.TakeImage(till), *_visit(till, ALL), op.Edit(till, 0, 2, 3),
        op.Wait(waits), op.Cut(till), MoveDisk(till), op.PutImageBack(till), *_visit(till, ALL),
        *_visit(till, 0, earning=40), *_visit(till, ALL), op.Heal(till), op.Wait(12_000),
    ]  # fmt: skip


def copied_elsewhere_and_posted_by_a_neighbour(chance: Random) -> Steps:
    """Two boxes of one number serve; what one of them sold without a line is posted by another till as well."""
    till = chance.randrange(1, 3)
    away, there = chance.choice(((4, till), (till, 4)))
    return [
        op.Clone(till, elsewhere=True), op.Cut(away), op.Wait(6_000), *_visit(away, 0, earning=100),
        PostAgain(3 - till, 0), op.Wait(6_000), *_visit(there, ALL), *_visit(away, ALL), op.Heal(away), op.Wait(12_000),
    ]  # fmt: skip


def moved_with_what_waits(chance: Random) -> Steps:
    """A box without a line breaks; its disk goes on elsewhere with all that it had not sent, and with open visits."""
    till = chance.randrange(1, 4)
    return [
        *_visit(till, 0, earning=60), op.Wait(chance.choice((0, 6_000))), op.Cut(till), op.Edit(till, 0, 2, 3),
        op.Post(till, 0, 7, 0, False), Serve(till), Choose(till, 0, 20), MoveDisk(till), PostVisit(till, 0, 10),
        op.Edit(till, 1, 8, 4), op.Restart(till, 10), op.Wait(1_000), op.Heal(till), op.Wait(12_000),
        *_visit(till, ALL),
    ]  # fmt: skip


def put_back_from_before_a_reseal(chance: Random) -> Steps:
    """An image of before a till was given other positions goes on in the same box: by those it is none that is known.

    Looked for where its bug is planted; whole scenarios come upon it by themselves.
    """
    till = chance.randrange(1, 4)
    return [
        op.TakeImage(till), Serve(till), op.WrongClock(till, 1_200_000), op.TrustClock(till), op.Edit(till, 0, 8, 3),
        op.Wait(8_000), PostVisit(till, 0, 100), *_visit(till, ALL), op.PutImageBack(till),
        op.Storm(0, chance.choice((400, 600)), 1_000), op.Wait(8_000),
    ]  # fmt: skip


def twin_goes_unnoticed() -> AbstractContextManager[None]:
    """A till does not mind that somebody of its name has done what its disk knows nothing of."""
    return patched(following, "is_told_of_a_twin", lambda conn, replica, frame: False)


def fingerprint_not_compared() -> AbstractContextManager[None]:
    """A till does not look at the machine that it is started in."""
    real = machine.recognise
    return everywhere(real, lambda stored, here: replace(real(stored, here), changed=()))


ADDITION = Addition(
    happenings={MoveDisk: move},
    happenings_drawn={_move: 1},
    recipes=(copied_elsewhere_with_rights, image_put_into_another_box, moved_with_what_waits),
    must_be_reached=("clone on other hardware", "disk moved", "another machine recognised"),
    planted=(fingerprint_not_compared, twin_goes_unnoticed),
    looked_for_in={
        "fingerprint_not_compared": (copied_elsewhere_with_rights, image_put_into_another_box),
        "twin_goes_unnoticed": (put_back_from_before_a_reseal,),
        "issuer_is_guessed": (copied_elsewhere_and_posted_by_a_neighbour,),
        "issuer_is_whoever_is_asked": (copied_elsewhere_and_posted_by_a_neighbour,),
    },
)
