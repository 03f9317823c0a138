"""PINs of customers in the simulation: wrong and right ones typed at tills that are cut off from one another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain import pin_tries
from daemon.domain.canonical import digest8
from daemon.domain.change import Actor, ActorKind
from daemon.domain.change import Operation as Said
from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.pin_tries import CLOSED_AT, FORGIVEN, WRONG
from daemon.domain.rights import Holder
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import authoring, elements, proofs, rights
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.disk import EngineError
from tests.simulation.history import History
from tests.simulation.machine import Machine
from tests.simulation.planting import patched

if TYPE_CHECKING:
    from tests.simulation.world import World

REFUSED_AFTER = "PIN closed after wrong tries"


@dataclass(frozen=True, slots=True)
class TryPin:
    """Somebody types a PIN of a customer at a till; who tries is patient and waits as long as it takes."""

    at: int
    who: int
    right: bool


def try_pin(world: World, action: TryPin) -> None:
    """Count the try as the desk does; a PIN that is closed is not looked at."""
    machine = world.till(action.at)

    def guarded() -> None:
        try:
            done = machine.unit(lambda conn: _tried(world, machine, conn, action))
        except DamagedRow as hit:
            machine.damaged(hit)
            return
        except (EngineError, OperatorMistake):
            return
        if done is not None:
            world.book.note(machine.name, *done)
            machine.recorded()

    if machine.is_on and world.people.ids:
        machine.guarded(guarded)


def _tried(world: World, machine: Machine, conn: Connection, action: TryPin) -> tuple[list[Said], Saved] | None:
    customer = world.people.ids[action.who % len(world.people.ids)]
    if elements.element(conn, (customer, Kind.CUSTOMER, b"")) is None:
        return None
    known, own, holder = proofs.tries(conn, [customer]), proofs.own(conn, machine.replica, customer), _holder(machine)
    if known.is_closed:
        world.faults.count(REFUSED_AFTER)
        return None
    if action.right:
        said = pin_tries.forgive(own, customer, holder, known)
    else:
        said = pin_tries.wrong(own, customer, holder, now_ms=machine.wall_ms())
    actor = Actor(ActorKind.OPERATOR, "op1", "seller", machine.shop)
    return (said, authoring.commit(conn, machine.replica, actor, said, now_ms=machine.wall_ms())) if said else None


def _holder(machine: Machine) -> Holder:
    return rights.holder_of(machine.replica)


def tries(world: World) -> Iterator[str]:
    """Every wrong try that was ordered counts, none is forgiven that nobody made, and cut-off tills are bound."""
    if world.swapped_sites:
        return  # a disk that was put back says its own count anew; it is bound by what it made since
    for customer, count in _made(world).items():
        told = proofs.told(world.hub.conn.plain, [customer])
        known, forgiven = pin_tries.tries_of(told), max((_number(one, FORGIVEN) for one in told), default=0)
        tills = len({one.base[1] for one in told})
        if known.ever != count:
            yield f"{count} wrong PINs were typed, {known.ever} count"
        if forgiven > known.ever:
            yield "more wrong PINs are forgiven than were ever typed"
        if not forgiven and count > CLOSED_AT * tills:
            yield f"{tills} tills have let {count} wrong PINs be typed"


def _made(world: World) -> dict[bytes, int]:
    """How many wrong tries head office has ordered about each customer who was not erased."""
    history, found = History.of(world), dict[bytes, int]()
    for feeds in history.records.values():
        stands = next((stands for stands in feeds.values() if stands), [])
        for _, said in stands[0].operations() if stands else ():
            if said.kind == Kind.PIN_TRIES and WRONG in said.fields and said.entity not in history.erased:
                found[said.entity] = found.get(said.entity, 0) + 1
    return found


def _number(one: Element, at: int) -> int:
    value = one.fields.get(at)
    return value if isinstance(value, int) else 0


# Planted.


def tills_share_one_count() -> AbstractContextManager[None]:
    """All tills write the same element: of two counts that meet one is lost."""
    return patched(pin_tries, "dot_of", lambda customer, holder: digest8(b"shared", customer))


def right_pin_sets_the_count_back() -> AbstractContextManager[None]:
    """The right PIN makes the own count zero, instead of saying how many it had heard of."""

    def forgive(own: Any, customer: bytes, holder: Any, known: Any) -> list[Said]:
        return pin_tries._say(own, customer, holder, {WRONG: 0}) if known.open else []

    return patched(pin_tries, "forgive", forgive)


def right_pin_forgives_in_advance() -> AbstractContextManager[None]:
    """The right PIN forgives more than was heard of."""

    def forgive(own: Any, customer: bytes, holder: Any, known: Any) -> list[Said]:
        return pin_tries._say(own, customer, holder, {FORGIVEN: known.ever + CLOSED_AT})

    return patched(pin_tries, "forgive", forgive)


# Drawn.


def _type(chance: Random) -> TryPin:
    return TryPin(chance.randrange(1, 4), chance.randrange(2), chance.random() < 0.2)


def typed_at_two_cut_off_tills(chance: Random) -> list[Any]:
    """A thief goes from till to till while the line is cut; the customer comes in between."""
    one = chance.randrange(1, 4)
    other = one % 3 + 1
    found: list[Any] = [op.Cut(one), op.Cut(other)]
    found += [TryPin(chance.choice((one, other)), 0, right=False) for _ in range(chance.randrange(3, 9))]
    if chance.random() < 0.5:
        found += [op.Heal(one), op.Wait(4_000), TryPin(one, 0, right=True)]
    return [*found, op.Heal(one), op.Heal(other), op.Wait(8_000), TryPin(one, 0, right=False), op.Wait(4_000)]


def guessed_until_it_is_closed(chance: Random) -> list[Any]:
    """Six wrong ones close it, everywhere that has heard of them."""
    till = chance.randrange(1, 4)
    return [
        *(TryPin(till, 1, right=False) for _ in range(CLOSED_AT)), op.Wait(8_000),
        TryPin(till % 3 + 1, 1, right=False), TryPin(till, 1, right=True),
    ]  # fmt: skip


PINS = Addition(
    happenings={TryPin: try_pin},
    happenings_drawn={_type: 2},
    recipes=(typed_at_two_cut_off_tills, guessed_until_it_is_closed),
    judges=(tries,),
    planted=(tills_share_one_count, right_pin_sets_the_count_back, right_pin_forgives_in_advance),
    looked_for_in={
        "tills_share_one_count": (typed_at_two_cut_off_tills,),
        "right_pin_sets_the_count_back": (typed_at_two_cut_off_tills,),
        "right_pin_forgives_in_advance": (typed_at_two_cut_off_tills, guessed_until_it_is_closed),
    },
    must_be_reached=(REFUSED_AFTER,),
)
"""Wrong PINs, and the right one."""
