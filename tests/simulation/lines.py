"""Lines that are worse than lossy: half open, so that nobody knows; so slow that the broker drops what waits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.sync.outbox import Outbox
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.planting import Plant, patched

if TYPE_CHECKING:
    from tests.simulation.world import World

KEEP_ALIVES_MS = (2_000, 12_000, 30_000, 45_000)
"""How long it takes until a box notices: what MQTT allows for is one and a half times the keep-alive."""

AGAIN_MS = 700
"""After the line has dropped, until the next one stands."""

Steps = list[Any]


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """A cable is pulled somewhere: the box takes itself for connected so long, and all that it says is lost."""

    at: int
    ms: int


@dataclass(frozen=True, slots=True)
class Stall:
    """A box takes nothing from the broker for a while; what it says goes out. The broker keeps a few messages."""

    at: int
    ms: int


def half_open(world: World, operation: HalfOpen) -> None:
    """Both ends believe in the line until the keep-alive says otherwise."""
    machine = world.machine(operation.at)
    if not machine.is_on or not machine.is_linked:
        return
    world.broker.half_open(machine)

    def notice() -> None:
        if world.broker.is_half_open(machine):
            machine.unlink()
            machine.later(AGAIN_MS, machine.link)

    machine.later(operation.ms, notice)


def stall(world: World, operation: Stall) -> None:
    """The line stands throughout; the broker is slow to pass on, and forgets what is too much."""
    machine = world.machine(operation.at)
    if not machine.is_on or not machine.is_linked:
        return
    world.broker.stall(machine)
    world.after(operation.ms, lambda: world.broker.flow(machine))


def _half_open(chance: Random) -> HalfOpen:
    return HalfOpen(chance.choice((0, 1, 1, 2, 2, 3, 3, 4)), chance.choice(KEEP_ALIVES_MS))


def _stall(chance: Random) -> Stall:
    return Stall(chance.choice((0, 1, 2, 3, 4)), chance.choice((3_000, 14_000, 40_000)))


def said_into_the_void(chance: Random) -> Steps:
    """Somebody works on at a box whose line is none any more; head office and the others go on as well."""
    till, other, _ = chance.sample((1, 2, 3), 3)
    at = chance.choice((till, till, till, 0))
    return [
        op.Wait(8_000), HalfOpen(at, chance.choice(KEEP_ALIVES_MS)), op.Edit(till, 0, 2, 3),
        op.Post(till, 0, 7, 0, True), op.Edit(other, 0, 2, 4), op.Wait(chance.choice((300, 4_000, 20_000))),
        op.Edit(till, 1, 8, 2), op.Erase(chance.choice((0, other)), 2), op.Wait(4_000),
        *([HalfOpen(till, 2_000), op.Edit(till, 0, 11, 5)] if chance.random() < 0.5 else []), op.Wait(12_000),
    ]  # fmt: skip


def more_than_is_kept(chance: Random) -> Steps:
    """So much happens while a till takes nothing that the broker drops most of it."""
    till, other, third = chance.sample((1, 2, 3), 3)
    said: Steps = []
    for number in range(8):
        at = chance.choice((0, other, third))
        said += [op.Edit(at, number % 3, chance.choice((2, 8, 11)), chance.randrange(1, 6)), op.Wait(1_000)]
    mine = [op.Edit(till, 0, 2, 4), op.Post(till, 0, 5, 0, False)]
    return [op.Wait(4_000), Stall(chance.choice((till, till, 0)), 12_000), *mine, *said, op.Wait(12_000)]


def what_was_sent_stays_sent() -> AbstractContextManager[None]:
    """A till on a new line goes on behind what it said on the old one, as if somebody had heard it."""
    real = Outbox.stand

    def stand(self: Outbox, applied_seq: int) -> None:
        sent, under_way = self.sent_seq, list(self.under_way)
        real(self, applied_seq)
        self.sent_seq, self.under_way = max(sent, applied_seq), under_way

    return patched(Outbox, "stand", stand)


PLANTED: Sequence[Plant] = (what_was_sent_stays_sent,)

ADDITION = Addition(
    happenings={HalfOpen: half_open, Stall: stall},
    happenings_drawn={_half_open: 1, _stall: 1},
    recipes=(said_into_the_void, more_than_is_kept),
    must_be_reached=("lost on a half-open line", "queue overflow"),
    planted=PLANTED,
    looked_for_in={one.__name__: (said_into_the_void,) for one in PLANTED},
)
