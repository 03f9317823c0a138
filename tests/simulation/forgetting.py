"""Head office forgets old tickets in the simulation: what is in them goes, everywhere; nothing that matters does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain import ticket as rules
from daemon.domain.change import Operation as Said
from daemon.domain.change import Verb, dot_of
from daemon.domain.element import Element, read_body
from daemon.domain.hlc import Stamp, ms_of
from daemon.domain.kinds import SHOP_NUMBER, Kind
from daemon.domain.ticket import Ticket
from daemon.hub import forgetting
from daemon.store import tickets
from daemon.store.database import Connection
from tests.simulation import operations as op
from tests.simulation import tickets as held
from tests.simulation.addition import Addition
from tests.simulation.history import History
from tests.simulation.loyalty import at_box
from tests.simulation.planting import Plant, everywhere, patched
from tests.simulation.record_book import Ordered
from tests.simulation.waiting_for import StaySilent

if TYPE_CHECKING:
    from tests.simulation.world import World

MONTHS, MONTH_MS = 36, 1_000
"""Head office keeps customers for three years; of the simulation for some forty seconds."""


@dataclass(frozen=True, slots=True)
class ForgetTickets:
    """Head office looks at every old ticket, as it does a few times a day."""


def forget(world: World, _: ForgetTickets) -> None:
    """One round."""
    hub = world.hub

    def unit(conn: Connection) -> None:
        after: tickets.Written | None = tickets.OLDEST
        while after is not None:
            after = forgetting.forget_some(conn, hub.replica, after, now_ms=hub.wall_ms())

    def work() -> None:
        hub.unit(unit)
        hub.recorded()

    at_box(world, hub, work)


@dataclass(slots=True)
class _Heard:
    """What head office has heard of tickets up to a point of its feeds."""

    rows: dict[bytes, Element] = field(default_factory=dict)
    steps: dict[bytes, dict[bytes, Element]] = field(default_factory=dict)

    def hear(self, said: Said, dot: bytes, stamp: Stamp) -> Ticket | None:
        """One operation; the ticket that it forgets, as it stood."""
        if said.kind == Kind.TICKET_STEP:
            known = self.steps.setdefault(said.fields[rules.OF], {})
            if dot not in known or stamp < known[dot].base:
                known[dot] = Element(said.kind, said.entity, dot, stamp, dict(said.fields))
        elif said.kind == Kind.HELD_TICKET and said.verb == Verb.ADD:
            self.rows[dot] = Element(said.kind, said.entity, dot, stamp, dict(said.fields))
        elif said.kind == Kind.HELD_TICKET and said.verb == Verb.REMOVE and dot in self.rows:
            return rules.read(self.rows[dot], self.steps.get(dot, {}).values())
        return None

    def last_ms(self, ticket: Ticket) -> int:
        """When something was last said of a ticket."""
        stamps = (self.rows[ticket.id].base, *(one.base for one in self.steps.get(ticket.id, {}).values()))
        return max(map(ms_of, stamps))


def forgotten_when_over(world: World) -> Iterator[str]:
    """What head office forgot was over, or nobody's, for as long as customers are kept, as far as it had heard.

    Whoever was made at a till that was silent all that time is nobody to it.
    """
    counts = world.faults.counts
    if counts["hub restored, announced"] or counts["hub restored, unannounced"]:
        return
    people, heard = set(world.people.ids) - _made_out_of_reach(world), _Heard()
    for record in _ordered(world):
        for at, said in record.operations():
            ticket = heard.hear(said, said.dot or dot_of(record.header.record, at), record.header.stamp)
            if ticket is None:
                continue
            world.faults.count("ticket forgotten")
            if rules.is_live(ticket) and (ticket.owner in people or ticket.takes or ticket.deposits):
                yield "a ticket was forgotten with which somebody has still to do"
            if heard.last_ms(ticket) > ms_of(record.header.stamp) - MONTHS * MONTH_MS:
                yield "a ticket was forgotten of which something was said lately"


def _made_out_of_reach(world: World) -> set[bytes]:
    """Customers of tills that were cut off at some time: head office may have heard of them too late."""
    cut = {world.till(one.at).name for one in world.scenario.operations if isinstance(one, op.Cut | StaySilent)}
    made = (said for where, those in world.book.saved.values() if where in cut for said in those)
    return {said.entity for said in made if said.kind == Kind.CUSTOMER}


def _ordered(world: World) -> Iterator[Ordered]:
    """The records of each feed in their order: a ticket and its steps are in one."""
    feeds: dict[tuple[int, int], list[Ordered]] = {}
    for stands in History.of(world).records.values():
        for scope, records in stands.items():
            feeds.setdefault(scope, []).extend(records)
    for _, records in sorted(feeds.items()):
        yield from sorted(records, key=lambda one: one.offset)


def nothing_of_it_left(world: World) -> Iterator[str]:
    """Of a ticket that was forgotten no box has more than that there was one."""
    gone = {
        (element.entity, element.dot)
        for element in History.of(world).elements.values()
        if element.kind == Kind.HELD_TICKET and element.is_removed
    }
    for machine in world.machines:
        for (body,) in machine.conn.plain.execute(f"SELECT body FROM element WHERE kind = {Kind.HELD_TICKET:d}"):
            element = read_body(body)
            if (element.entity, element.dot) in gone and element.fields.keys() - {SHOP_NUMBER}:
                yield f"{machine.name}: what was in a forgotten ticket is there still"


def _draw(_: Random) -> ForgetTickets:
    return ForgetTickets()


def sold_and_forgotten(chance: Random) -> list[Any]:
    """A ticket is sold, another stays nobody's, a third somebody's; a till that is cut off has one of them."""
    one, other = chance.sample((1, 2), 2)
    alone = [held.TakeOver(other, 1, lost=False, despite=False)] if chance.random() < 0.5 else []
    half_ms = MONTHS * MONTH_MS // 2
    return [
        held.Park(one, -1, 0), held.Park(other, 0, 1), held.Park(one, 1, 0), op.Wait(5_000),
        held.TakeOver(one, 0, lost=False, despite=False), held.SellTicket(one, 0, person=False), op.Cut(other), *alone,
        op.Wait(half_ms), held.Advance(one, 0, 9), op.Wait(half_ms + chance.choice((0, 4_000, 20_000))),
        ForgetTickets(), op.Wait(2_000), op.Heal(other), op.Wait(6_000), held.SellTicket(other, 0, person=True),
        op.Wait(chance.choice((1_000, 2 * half_ms))), ForgetTickets(), op.Wait(6_000),
    ]  # fmt: skip


def forgotten_by_when_they_were_written() -> AbstractContextManager[None]:
    """What was last said of a ticket does not matter, only how old it is."""
    return patched(forgetting, "_last_ms", lambda row, ticket: ms_of(row.base))


def forgotten_though_it_is_held() -> AbstractContextManager[None]:
    """Whatever is old enough is forgotten, also what somebody has taken over, or still comes back for."""
    return everywhere(rules.is_over, lambda ticket, *, is_nobodys: True)


PLANTED: Sequence[Plant] = (forgotten_by_when_they_were_written, forgotten_though_it_is_held)

FORGETTING = Addition(
    happenings={ForgetTickets: forget},
    happenings_drawn={_draw: 1},
    recipes=(sold_and_forgotten,),
    judges=(forgotten_when_over, nothing_of_it_left),
    planted=PLANTED,
    looked_for_in={one.__name__: (sold_and_forgotten,) for one in PLANTED},
    must_be_reached=("ticket forgotten",),
)
"""Old tickets, and what stays of them."""
