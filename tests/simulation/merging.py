"""Records that become one person and two again, disagreements that are settled, questions to head office.

All boxes show the same person for each customer; who is erased is erased whole; what was chosen between is settled
wherever both values are known; a question has one answer, its own, or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from daemon.desk import merging as desk
from daemon.desk.provenance import Choice, decide_choice, field_name, value_id
from daemon.domain import authoring
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation as Said
from daemon.domain.change import Verb
from daemon.domain.element import Element, tombstone_key
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.person import shown_first
from daemon.errors import OperatorMistake
from daemon.store import customers, elements
from daemon.sync.wire_questions import TICKET_BYTES, Asked
from tests.simulation import operations as op
from tests.simulation.acting import Scene
from tests.simulation.addition import Addition

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Merge:
    """Two customers turn out to be one person; `take`: what of the younger record is right."""

    at: int
    who: int
    other: int
    take: int


@dataclass(frozen=True, slots=True)
class Part:
    """A merge is undone."""

    at: int
    who: int
    pick: int


@dataclass(frozen=True, slots=True)
class EraseWhole:
    """A person asks to be forgotten: every record of it."""

    at: int
    who: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Somebody chooses between two values that met."""

    at: int
    who: int
    pick: int
    keep: bool


@dataclass(frozen=True, slots=True)
class AskOffice:
    """A till asks head office something."""

    at: int
    number: int


def _shown(scene: Scene, who: int) -> Element | None:
    """The record that shows somebody's person."""
    row = scene.pick(who)
    return None if row is None else scene.row(customers.person_of(scene.conn, EntityId(row.entity)))


def _merge(scene: Scene, action: Merge) -> list[Said]:
    one, other = _shown(scene, action.who), _shown(scene, action.other)
    if one is None or other is None:
        return []
    second = shown_first([one, other])[1].entity.hex()
    fields = [each.field for each in desk.differences(one, other)] if one.entity != other.entity else []
    choose = {name: second for at, name in enumerate(fields) if action.take >> at & 1}
    with suppress(OperatorMistake):
        return desk.decide_merge(one, other, choose)
    return []


def _part(scene: Scene, action: Part) -> list[Said]:
    row = scene.pick(action.who)
    around = customers.records_of(scene.conn, EntityId(row.entity)) if row is not None else []
    if row is None or len(around) < 2:
        return []
    other = around[1 + action.pick % (len(around) - 1)]
    edges = desk.edges_between(scene.conn, EntityId(row.entity), other)
    return [authoring.remove(edge) for edge in edges]


def _erase_whole(scene: Scene, action: EraseWhole) -> list[Said]:
    row = scene.pick(action.who)
    if row is None:
        return []
    return [authoring.erase(Kind.ERASE, one) for one in customers.records_of(scene.conn, EntityId(row.entity))]


def _settle(scene: Scene, action: Settle) -> list[Said]:
    row = scene.pick(action.who)
    losers = elements.losers_of(scene.conn, row.entity) if row is not None else []
    if row is None or not losers:
        return []
    here, loser = elements.elements_of(scene.conn, row.entity), losers[action.pick % len(losers)]
    standing = next((one for one in here if one.key == loser.key), None)
    stands = value_id(standing.stamp(loser.number)) if standing is not None else ""
    chosen = stands if action.keep else value_id(loser.stamp)
    name, member = field_name(loser.key[1], loser.number), loser.key[2].hex() or None
    with suppress(OperatorMistake):
        return decide_choice(here, losers, Choice(field=name, member=member, chosen=chosen, standing=stands))
    return []


def _ask(world: World, action: AskOffice) -> None:
    till = world.till(action.at)
    if till.is_on and till.is_linked and not till.asking.is_full:
        ticket = digest8(b"ticket", world.chance.randbytes(8)) + bytes(TICKET_BYTES - 8)
        till.guarded(lambda: till.ask(Asked(ticket, "echo", f"question {action.number}".encode())))
        world.faults.count("question asked")


# What must hold.


def _same_persons(world: World) -> Iterator[str]:
    """All boxes show the same person for each customer."""
    hub = world.hub.connection
    for customer in world.people.ids:
        if elements.element(hub, (customer, Kind.CUSTOMER, b"")) is None:
            continue
        shown = {
            machine.name: customers.person_of(machine.connection, EntityId(customer)) for machine in world.machines
        }
        if len(set(shown.values())) > 1:
            yield f"customer {world.people.ids.index(customer)} is shown as different persons: {sorted(shown)}"


def _whole_persons(world: World) -> Iterator[str]:
    """Of a person whose records were erased in one action, none is left."""
    tombs = {row[0] for row in world.hub.conn.plain.execute("SELECT entity FROM element WHERE kind = 8")}
    for _, operations in world.book.saved.values():
        gone = {tombstone_key(one.entity)[0] for one in operations if one.verb == Verb.ERASE}
        if gone & tombs and not gone <= tombs and len(gone) > 1:
            yield "half of a person was erased"


def _answers(world: World) -> Iterator[str]:
    """A question has one answer, its own, or none; nobody waits for ever."""
    for till in world.tills:
        tickets = [reply.ticket for reply in till.answers]
        if len(tickets) != len(set(tickets)):
            yield f"{till.name} took two answers to one question"
        if any(till.asked.get(reply.ticket) != reply.body for reply in till.answers):
            yield f"{till.name} took the answer to another question"
        if till.asking.waiting:
            yield f"{till.name} still waits for an answer"


def _site(chance: Random) -> int:
    return chance.randrange(4)


def _who(chance: Random) -> int:
    """Hot customers: people merge those whom they have just seen."""
    return chance.randrange(4)


def _crossing(chance: Random) -> list[op.Operation]:
    """Two tills merge the same people crosswise while the line is cut; somebody undoes one of it, somebody erases."""
    a, b = chance.sample(range(1, 4), 2)
    one, other, third = chance.sample(range(4), 3)
    found: list[op.Operation] = [op.Create(a, chance.randrange(9)) for _ in range(3)]
    found += [op.Wait(3_000), op.Cut(a), op.Cut(b)]
    found += [Merge(a, one, other, chance.randrange(64)), Merge(b, other, one, chance.randrange(64))]  # type: ignore[list-item]  # learned
    found += [Merge(b, third, one, 0), op.Edit(a, other, 8, 3)]  # type: ignore[list-item]  # learned
    found += [op.Heal(a), op.Heal(b), op.Wait(4_000)]
    found += [chance.choice([Part(a, one, 0), EraseWhole(b, one), Settle(a, one, 0, keep=False)])]  # type: ignore[list-item]  # learned
    return found


ADDITION = Addition(
    acts={Merge: _merge, Part: _part, EraseWhole: _erase_whole, Settle: _settle},
    happenings={AskOffice: _ask},
    acts_drawn={
        lambda chance: Merge(_site(chance), _who(chance), _who(chance), chance.randrange(64)): 3,
        lambda chance: Part(_site(chance), _who(chance), chance.randrange(4)): 2,
        lambda chance: EraseWhole(_site(chance), chance.randrange(12)): 1,
        lambda chance: Settle(_site(chance), _who(chance), chance.randrange(4), chance.random() < 0.5): 3,
    },
    happenings_drawn={lambda chance: AskOffice(1 + chance.randrange(3), chance.randrange(100)): 2},
    recipes=(_crossing,),
    judges=(_same_persons, _whole_persons, _answers),
    must_be_reached=("question answered", "question given up"),
)
