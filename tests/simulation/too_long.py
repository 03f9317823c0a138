"""Actions that no record can carry: refused before anything of them is saved, and nothing is there of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain import authoring
from daemon.domain.change import RECORD_BYTES_MAX
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import changes
from daemon.store.authoring import commit
from daemon.store.buckets import read_buckets
from daemon.store.changes import Saved
from daemon.store.database import Connection
from daemon.store.replica import Replica
from tests.simulation import operations as op
from tests.simulation.acting import Scene
from tests.simulation.addition import Addition
from tests.simulation.disk import EngineError
from tests.simulation.loyalty import actor_at
from tests.simulation.planting import Plant, patched

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World

NOTE_CHARACTERS = 900

Steps = list[Any]


@dataclass(frozen=True, slots=True)
class SayTooMuch:
    """One action of so many notes on one customer that its record is longer than any may be."""

    at: int
    who: int


def say_too_much(world: World, operation: SayTooMuch) -> None:
    """Somebody tries; if it is saved after all, it is judged like everything that is."""
    machine = world.machine(operation.at)
    if not machine.is_on:
        return

    def work() -> None:
        try:
            _try(world, machine, operation.who)
        except DamagedRow as hit:
            machine.damaged(hit)

    machine.guarded(work)


def _try(world: World, machine: Machine, who: int) -> None:
    mine = (machine.site, machine.replica.identity.lot)
    scene = Scene(machine.connection, world.people, mine, (), False, machine.replica)
    row = scene.pick(who)
    if row is None:
        return
    text = f"{world.people.marker(row.entity)} ".ljust(NOTE_CHARACTERS, "x")
    many = RECORD_BYTES_MAX // NOTE_CHARACTERS + 1
    notes = [authoring.add(Kind.NOTE, row.entity, {1: text, 2: 1}) for _ in range(many)]
    before: list[tuple[object, ...]] = []

    def unit(conn: Connection) -> Saved:
        # Looked at within the unit: until one begins, memory may still hold what a full disk refused just before.
        before.append(_all_of(machine))
        return commit(conn, machine.replica, actor_at(machine), notes, now_ms=machine.wall_ms())

    try:
        saved = machine.unit(unit)
    except EngineError:
        return
    except OperatorMistake as refused:
        is_said = str(RECORD_BYTES_MAX) in str(refused)
        world.faults.count("oversized record refused", int(is_said))
        if before != [_all_of(machine)]:
            world.alarms.append(f"{machine.name} has kept something of what it refused")
        return
    world.book.note(machine.name, notes, saved)
    machine.recorded()


def _all_of(machine: Machine) -> tuple[object, ...]:
    """What a record leaves behind, in memory and in the file."""
    conn, replica = machine.conn.plain, machine.replica
    counted = [conn.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("element", "change", "feed")]
    root = read_buckets(conn, CHAIN).root()
    return (*counted, root, replica.buckets.root(), replica.n, replica.head, replica.timeline)


def _too_much(chance: Random) -> SayTooMuch:
    return SayTooMuch(chance.choice((0, 1, 1, 2, 2, 3, 4)), chance.randrange(4))


def between_others(chance: Random) -> Steps:
    """What is refused stands between what is not: nobody waits for it, and no number is used twice."""
    till, other, _ = chance.sample((1, 2, 3), 3)
    return [
        op.Edit(till, 0, 2, 3), SayTooMuch(till, 0), op.Edit(till, 0, 2, 4), SayTooMuch(chance.choice((0, other)), 1),
        op.Post(till, 0, 7, 0, False), op.Wait(6_000),
    ]  # fmt: skip


def length_is_not_looked_at() -> AbstractContextManager[None]:
    """What is said is saved, however long it is."""
    return patched(changes, "RECORD_BYTES_MAX", 1 << 30)


def what_is_refused_uses_up_a_number() -> AbstractContextManager[None]:
    """Memory keeps the number of a record that was not saved."""
    real = changes.save

    def save(conn: Connection, replica: Replica, *said: Any, now_ms: int) -> Saved:
        try:
            return real(conn, replica, *said, now_ms=now_ms)
        except OperatorMistake:
            replica.n += 1
            raise

    return patched(changes, "save", save)


PLANTED: Sequence[Plant] = (length_is_not_looked_at, what_is_refused_uses_up_a_number)

ADDITION = Addition(
    happenings={SayTooMuch: say_too_much},
    happenings_drawn={_too_much: 1},
    recipes=(between_others,),
    must_be_reached=("oversized record refused",),
    planted=PLANTED,
    looked_for_in={one.__name__: (between_others,) for one in PLANTED},
)
