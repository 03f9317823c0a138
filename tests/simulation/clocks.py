"""Clocks that are set while a process runs: by a hand, by a time server that was long out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.clock import SystemClock
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.machine import EPOCH_MS
from tests.simulation.planting import Plant, patched

if TYPE_CHECKING:
    from tests.simulation.world import World

YEAR_MS = 365 * 24 * 3_600_000
JUMPS_MS = (-EPOCH_MS, -YEAR_MS, -86_400_000, -300_000, 0, 300_000, 1_200_000, 86_400_000, 3 * YEAR_MS)

Steps = list[Any]


@dataclass(frozen=True, slots=True)
class SetClock:
    """The clock of a box jumps at this instant, to so much ahead of the true time; the process goes on."""

    at: int
    ahead_ms: int


def set_clock(world: World, operation: SetClock) -> None:
    """The process may look whenever it likes; the next one begins with it."""
    machine = world.machine(operation.at)
    if machine.is_on:
        machine.ahead_ms = operation.ahead_ms
        is_hub, is_set = machine is world.hub, machine.is_clock_set
        world.faults.count("clock of the hub set at run time" if is_hub else "clock set at run time", int(is_set))


def _set_clock(chance: Random) -> SetClock:
    return SetClock(chance.choice((0, 1, 1, 2, 2, 3, 4)), chance.choice(JUMPS_MS))


def set_while_people_work(chance: Random) -> Steps:
    """Clocks jump to and fro at a till that has something to say, on a line that loses some of it."""
    till, other, _ = chance.sample((1, 2, 3), 3)
    field = chance.choice((2, 8, 11))
    steps: Steps = [op.Wait(4_000), op.Storm(chance.choice((0, 200, 500)), 0, 300)]
    for _ in range(chance.randrange(2, 5)):
        at = chance.choice((till, till, 0))
        steps += [op.Edit(till, 0, field, chance.randrange(1, 6)), SetClock(at, chance.choice(JUMPS_MS))]
        steps += [op.Wait(chance.choice((0, 300, 4_000))), op.Edit(chance.choice((till, other)), 0, field, 4)]
        steps += [op.Wait(chance.choice((0, 4_000)))]
    return [*steps, op.Storm(0, 0, 50), op.Wait(8_000)]


def set_before_it_is_trusted(chance: Random) -> Steps:
    """A till that begins in another time is put right, or wrong, by a time server before it hears head office."""
    till, other, _ = chance.sample((1, 2, 3), 3)
    return [
        op.Cut(till), op.WrongClock(till, chance.choice((-EPOCH_MS, -YEAR_MS, 0))), op.Edit(till, 0, 2, 3),
        op.Wait(1_000), SetClock(till, chance.choice((0, 0, 300_000, 1_200_000, YEAR_MS))), op.Edit(till, 0, 2, 4),
        op.TrustClock(till), op.Edit(till, 1, 8, 3), op.Edit(other, 0, 2, 5), op.Wait(2_000),
        *([op.Restart(till, 10), op.Wait(1_000), op.Edit(till, 1, 8, 4)] if chance.random() < 0.5 else []),
        op.Heal(till), op.Wait(8_000),
    ]  # fmt: skip


def time_jumps_with_the_clock() -> AbstractContextManager[None]:
    """A process looks at the machine's clock each time that it wants to know the time."""
    return patched(SystemClock, "now_ms", lambda self: self._shown())


PLANTED: Sequence[Plant] = (time_jumps_with_the_clock,)

ADDITION = Addition(
    happenings={SetClock: set_clock},
    happenings_drawn={_set_clock: 1},
    recipes=(set_while_people_work, set_before_it_is_trusted),
    must_be_reached=("clock set at run time", "clock of the hub set at run time"),
    planted=PLANTED,
    looked_for_in={one.__name__: (set_while_people_work,) for one in PLANTED},
)
