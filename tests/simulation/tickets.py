"""Held tickets in the simulation: parked, taken over with and without head office, sold, put back, settled.

A lane is a till: its sale is the one that its standing take-over names. What a person sees is what that till holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.desk.ticket_awards import TakeAsked, TakeTold, award_in
from daemon.domain import sale as sales
from daemon.domain import ticket_step as steps
from daemon.domain.canonical import digest8
from daemon.domain.change import Actor, ActorKind
from daemon.domain.change import Operation as Said
from daemon.domain.element import read_body
from daemon.domain.ids import EntityId
from daemon.domain.ticket import OF, SALE, STAGES, WHAT, Step, Take, Ticket, TicketType
from daemon.domain.ticket_step import Hand, Held
from daemon.domain.visit import Visit, VisitState
from daemon.errors import Conflicting, DamagedRow, NotFound, OperatorMistake
from daemon.store import authoring, tickets, visits
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation import operations as op
from tests.simulation.acting import account_id
from tests.simulation.addition import Addition
from tests.simulation.disk import EngineError
from tests.simulation.machine import Machine
from tests.simulation.planted_tickets import PLANTED
from tests.simulation.tickets_judges import JUDGES, notes_of

if TYPE_CHECKING:
    from tests.simulation.world import World

TYPES = tuple(TicketType)


@dataclass(frozen=True, slots=True)
class Park:
    """A ticket is held at a till; `who` below zero: for nobody in particular."""

    at: int
    who: int
    kind: int


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A till takes a ticket over that it sees; head office is asked where it can be, `lost`: its answer gets lost.

    `despite`: also where another till is known to have it, and nobody can be asked.
    """

    at: int
    pick: int
    lost: bool
    despite: bool


@dataclass(frozen=True, slots=True)
class AskInVain:
    """A visit asks for a ticket, the answer gets lost, and the visit ends before any word of it: posted, or not."""

    at: int
    pick: int
    posted: bool


@dataclass(frozen=True, slots=True)
class SellTicket:
    """The till posts the sale that has a ticket; `person`: somebody is there to confirm what it takes."""

    at: int
    pick: int
    person: bool


@dataclass(frozen=True, slots=True)
class PutBack:
    """A ticket goes back; `theirs`: a person takes it away from another till."""

    at: int
    pick: int
    theirs: bool


@dataclass(frozen=True, slots=True)
class Advance:
    """A ticket comes to another stage, is paid on beforehand, closed or opened again."""

    at: int
    pick: int
    what: int


def _guarded(world: World, machine: Machine, work: Callable[[], None]) -> None:
    """One action at a box; what is refused is told to the person."""

    def told() -> None:
        try:
            work()
        except DamagedRow as hit:
            machine.damaged(hit)
        except Conflicting as refused:
            world.faults.count(f"ticket refused: {refused.field}")
        except (EngineError, OperatorMistake):
            return

    if machine.is_on:
        machine.guarded(told)


def _unit(world: World, machine: Machine, decide: Callable[[Connection], list[Said]]) -> bool:
    """Decide and save in one unit; returns whether something was saved."""
    actor = Actor(ActorKind.OPERATOR, "op1", "seller", machine.shop)

    def unit(conn: Connection) -> tuple[list[Said], Saved] | None:
        operations = decide(conn)
        if not operations:
            return None
        return operations, authoring.commit(conn, machine.replica, actor, operations, now_ms=machine.wall_ms())

    done = machine.unit(unit)
    if done is None:
        return False
    world.book.note(machine.name, *done)
    machine.recorded()
    return True


def _hand(machine: Machine) -> Hand:
    return Hand(site=machine.site, by="op1", at_ms=machine.wall_ms())


def _seen(machine: Machine, conn: Connection, pick: int) -> Ticket | None:
    """One of the tickets that this till sees in its shop's list."""
    found, _ = tickets.live_ones(conn, machine.shop, limit=20)
    return found[pick % len(found)] if found else None


def _mine(machine: Machine, conn: Connection, pick: int) -> tuple[Ticket, Take] | None:
    """One of the tickets that this till has on its lane."""
    found, _ = tickets.live_ones(conn, machine.shop, limit=20)
    mine = [(ticket, take) for ticket in found for take in ticket.takes if take.site == machine.site]
    return mine[pick % len(mine)] if mine else None


def park(world: World, action: Park) -> None:
    """Hold a ticket."""
    machine, notes = world.till(action.at), notes_of(world)
    ids = world.people.ids
    id_ = digest8(b"ticket", notes.drawn())
    owner = ids[action.who % len(ids)] if action.who >= 0 and ids else digest8(b"owner", id_)
    held = Held(
        owner=owner,
        type=TYPES[action.kind % len(TYPES)],
        shop=machine.shop,
        at_ms=machine.wall_ms(),
        basket='{"lines":[]}',
        total=10_000,
    )

    def decide(conn: Connection) -> list[Said]:
        return [steps.hold(held, id_=id_)]

    _guarded(world, machine, lambda: notes.held(_unit(world, machine, decide), owner, id_))


def take_over(world: World, action: TakeOver) -> None:
    """Take a ticket over, as the desk does: head office first, then here."""
    machine, notes = world.till(action.at), notes_of(world)
    drawn = notes.drawn()
    sale, take = sales.new_sale_id(machine.site, digest8(b"sale", drawn)), digest8(b"take", drawn)

    def work() -> None:
        ticket = machine.unit(lambda conn: _seen(machine, conn, action.pick))
        if ticket is None or any(one.site == machine.site for one in ticket.takes):
            return
        hand = _hand(machine)
        told = _ask(world, machine, ticket, (sale, take), hand)
        if told is not None and action.lost:
            world.faults.count("answer about a ticket lost")
            told = None
        if told is not None and told.verdict != "granted":
            world.faults.count("ticket refused by head office")
            return

        def decide(conn: Connection) -> list[Said]:
            now = tickets.of_owner(conn, ticket.owner, ticket.id)
            return _taken(now, (sale, take), hand, told, despite=action.despite) if now is not None else []

        if _unit(world, machine, decide) and told is None:
            world.faults.count("ticket taken over alone")

    _guarded(world, machine, work)


def _taken(
    ticket: Ticket, wanted: tuple[bytes, bytes], hand: Hand, told: TakeTold | None, *, despite: bool
) -> list[Said]:
    sale, take = wanted
    holder = ticket.holder
    named = holder.id if despite and holder is not None else b""
    if told is not None:
        taken = steps.take_over(ticket, take, sale, hand, awarded=told.awarded)
    else:
        taken = steps.take_alone(ticket, take, sale, hand, despite=named)
    return [*taken, *steps.carry(ticket, take, sale, hand)] if taken else []


def _ask(world: World, machine: Machine, ticket: Ticket, wanted: tuple[bytes, bytes], hand: Hand) -> TakeTold | None:
    """What head office says, if it can be asked now."""
    hub, (sale, take) = world.hub, wanted
    if not (machine.is_linked and hub.is_on and hub.is_linked):
        return None
    asked = TakeAsked(
        ticket=ticket.id.hex(),
        sale=sale.hex(),
        take=take.hex(),
        by=hand.by,
        at_ms=hand.at_ms,
        given_back=tuple(step.take.hex() for step in ticket.steps if step.what == Step.GIVEN_BACK),
    )
    said: list[TakeTold] = []

    def answer() -> None:
        try:
            said.append(hub.unit(lambda conn: award_in(conn, hub.replica, asked, now_ms=hub.wall_ms())))
            hub.recorded()
        except (NotFound, EngineError):
            return
        except DamagedRow as hit:
            hub.damaged(hit)

    hub.guarded(answer)
    return said[0] if said else None


def ask_in_vain(world: World, action: AskInVain) -> None:
    """Head office awards a ticket to a sale that is over when the shop hears of it."""
    machine, drawn = world.till(action.at), notes_of(world).drawn()
    sale, take = sales.new_sale_id(machine.site, digest8(b"sale", drawn)), digest8(b"take", drawn)

    def work() -> None:
        ticket = machine.unit(lambda conn: _seen(machine, conn, action.pick))
        if ticket is None or any(one.site == machine.site for one in ticket.takes):
            return
        told = _ask(world, machine, ticket, (sale, take), _hand(machine))
        if told is None or told.verdict != "granted":
            return
        over = Visit(
            id=EntityId(digest8(b"visit", drawn)),
            lane="in vain",
            state=VisitState.POSTED if action.posted else VisitState.CANCELLED,
            customer=EntityId(account_id(0)),
            walk_in=EntityId(account_id(0)),
            sale=sale.hex(),
            opened_ms=machine.wall_ms(),
            changed_ms=machine.wall_ms(),
        )
        machine.unit(lambda conn: visits.save(conn, over))
        world.faults.count("ticket awarded to a sale that is over")

    _guarded(world, machine, work)


def sell_ticket(world: World, action: SellTicket) -> None:
    """Post the sale that has a ticket; a person confirms what has to be, if there is one."""
    machine, notes = world.till(action.at), notes_of(world)

    def work() -> None:
        found = machine.unit(lambda conn: _mine(machine, conn, action.pick))
        if found is None:
            return
        ticket, take = found
        if action.person:
            _confirm(world, machine, ticket, take.sale)
        known = machine.unit(lambda conn: _heard(conn, ticket, take.sale))
        if _unit(world, machine, lambda conn: _sold(machine, conn, ticket, take.sale)):
            notes.posted[ticket.id, take.sale] = known

    _guarded(world, machine, work)


def _confirm(world: World, machine: Machine, ticket: Ticket, sale: bytes) -> None:
    def decide(conn: Connection) -> list[Said]:
        now = tickets.of_owner(conn, ticket.owner, ticket.id)
        rivals = now.rivals_of(sale) if now is not None else ()
        return [
            operation
            for rival in rivals
            if now is not None
            for operation in steps.confirm(now, rival, sale, _hand(machine))
        ]

    if _unit(world, machine, decide):
        world.faults.count("second sale of a ticket confirmed")


def _sold(machine: Machine, conn: Connection, ticket: Ticket, sale: bytes) -> list[Said]:
    """The sale, and what it says of the ticket, in one record."""
    now = tickets.of_owner(conn, ticket.owner, ticket.id)
    if now is None:
        return []
    head = sales.SaleHead(
        id=sale,
        account=account_id(0),
        kind="sale",
        total=10_000,
        month=202_611,
        sold_ms=machine.wall_ms(),
        shop=machine.shop,
    )
    return [*sales.decide_sale(head, ()), *steps.sold(now, sale, account_id(1), _hand(machine))]


def _heard(conn: Connection, ticket: Ticket, sale: bytes) -> frozenset[bytes]:
    """The other sales of a ticket that this till has heard of: read from what is stored, by nobody's rules."""
    rows = conn.execute("SELECT body FROM element WHERE entity = ? AND kind = 80", (ticket.owner,)).fetchall()
    said = [read_body(body).fields for (body,) in rows]
    return frozenset(
        one[SALE] for one in said if one[OF] == ticket.id and one[WHAT] == Step.POSTED and one[SALE] != sale
    )


def put_back(world: World, action: PutBack) -> None:
    """Put a ticket back, or take it away from another till."""
    machine = world.till(action.at)

    def decide(conn: Connection) -> list[Said]:
        if not action.theirs:
            found = _mine(machine, conn, action.pick)
            return steps.put_back(found[0], found[1].sale, _hand(machine)) if found is not None else []
        ticket = _seen(machine, conn, action.pick)
        others = [take for take in ticket.takes if take.site != machine.site] if ticket is not None else []
        if ticket is None or not others:
            return []
        return steps.give_back(ticket, others[0].id, _hand(machine), "a person")

    _guarded(world, machine, lambda: _just(_unit(world, machine, decide)))


def advance(world: World, action: Advance) -> None:
    """Whatever else somebody does with a ticket."""
    machine, drawn = world.till(action.at), notes_of(world).drawn()

    def decide(conn: Connection) -> list[Said]:
        ticket, hand = _seen(machine, conn, action.pick), _hand(machine)
        if ticket is None:
            return []
        if action.what % 4 == 0:
            return steps.deposit(ticket, account_id(1), 100 + action.what, digest8(b"deposit", drawn), hand)
        if action.what % 4 == 1 and action.what > 8:
            return steps.close(ticket, "no sale", "refunded" if ticket.deposits else None, account_id(1), hand)
        if action.what % 4 == 2 and ticket.is_unsettled:
            return steps.confirm(ticket, ticket.posted[0].sale, b"", hand)
        stages = ticket.next_stages or tuple(STAGES[ticket.type])
        return steps.advance(ticket, stages[action.what % len(stages)], hand)

    _guarded(world, machine, lambda: _just(_unit(world, machine, decide)))


def _just(_: bool) -> None:
    """Whether something was saved is no matter."""


# How it is drawn.


def _site(chance: Random) -> int:
    return chance.choice((1, 1, 2, 2, 3, 4))


def _draw_park(chance: Random) -> Park:
    return Park(_site(chance), chance.randrange(-2, 4), chance.randrange(len(TYPES)))


def _draw_take(chance: Random) -> TakeOver:
    return TakeOver(_site(chance), chance.randrange(4), chance.random() < 0.2, chance.random() < 0.5)


def _draw_sell(chance: Random) -> SellTicket:
    return SellTicket(_site(chance), chance.randrange(4), chance.random() < 0.5)


def _draw_back(chance: Random) -> PutBack:
    return PutBack(_site(chance), chance.randrange(4), chance.random() < 0.3)


def _draw_advance(chance: Random) -> Advance:
    return Advance(_site(chance), chance.randrange(4), chance.randrange(12))


def _take(at: int, *, despite: bool = False) -> TakeOver:
    return TakeOver(at, 0, lost=False, despite=despite)


def taken_on_both_sides(chance: Random) -> list[Any]:
    """A ticket is taken over at two tills that are cut off; both sell, before or after they hear of each other."""
    one, other = chance.sample((1, 2), 2)
    heard = [op.Heal(one), op.Heal(other), op.Wait(9_000)]
    first = [SellTicket(one, 0, person=False)] if chance.random() < 0.5 else []
    return [
        Park(one, 0, chance.randrange(len(TYPES))), op.Wait(5_000), op.Cut(one), op.Cut(other), _take(one),
        _take(other), *first, *(heard if chance.random() < 0.7 else []), SellTicket(one, 0, person=False),
        SellTicket(other, 0, person=False), op.Wait(4_000), SellTicket(other, 0, person=chance.random() < 0.7), *heard,
        Advance(one, 0, 2), op.Wait(5_000),
    ]  # fmt: skip


def asked_at_once(chance: Random) -> list[Any]:
    """Two tills ask for one ticket before either has heard of the other; the answer to one may be lost."""
    one, other = chance.sample((1, 2), 2)
    return [
        Park(other, -1, 0), op.Wait(5_000), TakeOver(one, 0, chance.random() < 0.3, despite=False), _take(other),
        op.Wait(4_000), *([PutBack(one, 0, theirs=False)] if chance.random() < 0.6 else []),
        op.Wait(chance.choice((0, 4_000))), _take(other),
        SellTicket(one, 0, person=False), SellTicket(other, 0, person=False), op.Wait(6_000),
    ]  # fmt: skip


def award_forgotten(chance: Random) -> list[Any]:
    """Head office is put back to before it awarded a ticket, and is asked for it by the other till."""
    one, other = chance.sample((1, 2), 2)
    return [
        Park(one, -1, 0), op.Wait(6_000), op.Backup(), _take(one), op.Wait(chance.choice((0, 500, 4_000))), op.Cut(one),
        op.RestoreHub(chance.random() < 0.5), op.Wait(6_000), _take(other), SellTicket(other, 0, person=False),
        SellTicket(one, 0, person=False), op.Heal(one), op.Wait(15_000), SellTicket(one, 0, person=True),
        op.Wait(6_000),
    ]  # fmt: skip


def paid_on_and_closed(chance: Random) -> list[Any]:
    """A layaway is paid on at one till and closed, or sold, at the other one."""
    one, other = chance.sample((1, 2), 2)
    end = [Advance(other, 0, 9)] if chance.random() < 0.5 else [_take(other), SellTicket(other, 0, person=True)]
    return [
        Park(one, 0, 2), op.Wait(5_000), Advance(one, 0, 4), op.Wait(chance.choice((0, 4_000))), op.Cut(one), *end,
        Advance(one, 0, 8), Advance(one, 0, 9), op.Heal(one), op.Wait(9_000),
    ]  # fmt: skip


def awarded_too_late(chance: Random) -> list[Any]:
    """A ticket is awarded to a sale that is over by then; somebody else wants it."""
    one, other = chance.sample((1, 2), 2)
    return [
        Park(other, -1, 0), op.Wait(5_000), AskInVain(one, 0, chance.random() < 0.5), *_line(chance, one),
        op.Wait(chance.choice((0, 6_000))), _take(other), op.Heal(one), op.Wait(9_000), _take(other),
        SellTicket(other, 0, person=False), op.Wait(6_000),
    ]  # fmt: skip


def _line(chance: Random, at: int) -> list[Any]:
    return [op.Cut(at)] if chance.random() < 0.4 else []


TICKETS = Addition(
    happenings={
        Park: park, TakeOver: take_over, AskInVain: ask_in_vain, SellTicket: sell_ticket, PutBack: put_back,
        Advance: advance,
    },
    happenings_drawn={_draw_park: 2, _draw_take: 4, _draw_sell: 3, _draw_back: 1, _draw_advance: 2},
    recipes=(taken_on_both_sides, asked_at_once, award_forgotten, paid_on_and_closed, awarded_too_late),
    judges=JUDGES,
    must_be_reached=("ticket taken over alone",),
    planted=PLANTED,
    looked_for_in={
        "award_given_to_whoever_asks": (asked_at_once,),
        "second_sale_needs_nobody": (taken_on_both_sides,),
        "posting_takes_the_ticket_off_the_list": (taken_on_both_sides,),
        "deposit_leaves_the_account_twice": (paid_on_and_closed,),
        "restored_hub_awards_at_once": (award_forgotten,),
        "late_award_stays_taken": (awarded_too_late,),
    },
)  # fmt: skip
