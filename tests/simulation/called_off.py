"""Sales that one till posts for another, and cancels: what the other's visit has chosen for them comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from daemon.desk import benefits
from daemon.desk.benefits import Movement
from daemon.domain import rights as rules
from daemon.domain import sale as sales_rules
from daemon.domain import visit as visit_rules
from daemon.domain.account import account_of
from daemon.domain.change import Operation as Said
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.sale import SaleHead, SoldLine
from daemon.domain.visit import Post
from daemon.hub import called_off
from daemon.hub import earned_otherwise as earned_otherwise_at_head_office
from daemon.store import elements, rights, sales, visits
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation import loyalty as people
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.history import History
from tests.simulation.loyalty_recipes import ALL, visit
from tests.simulation.machine import Machine
from tests.simulation.planting import Plant, everywhere, patched
from tests.simulation.reversing import cancelling

if TYPE_CHECKING:
    from tests.simulation.world import World

TOTAL, EARNS = 1_000, 10
BOOK, AMOUNT, CAUSE, SALE = 1, 2, 3, 4

Steps = list[Any]


@dataclass(frozen=True, slots=True)
class PostFor:
    """A till registers the sale of the visit that is open at another till of its shop."""

    at: int
    lane: int
    who: int


@dataclass(frozen=True, slots=True)
class EndVisit:
    """The visit that is open at a till is posted, with its lines, as the desk does it."""

    at: int
    who: int


@dataclass(frozen=True, slots=True)
class CallOff:
    """A sale that was registered so is cancelled at a till that knows it."""

    at: int
    pick: int


_SALES: WeakKeyDictionary[World, list[bytes]] = WeakKeyDictionary()


def sales_of(world: World) -> list[bytes]:
    """The sales of a run that are posted and cancelled so, as they were made."""
    return _SALES.setdefault(world, [])


def _sale(machine: Machine, conn: Connection, id_: bytes, row: Any) -> list[Said]:
    head = SaleHead(
        id=id_, account=account_of(row), kind="sale", total=TOTAL, month=202_506, sold_ms=machine.wall_ms(),
        shop=machine.shop, lines=1,
    )  # fmt: skip
    return sales_rules.decide_sale(head, (SoldLine(label="vase", amount=TOTAL),))


def post_for(world: World, action: PostFor) -> None:
    """What the till of the visit has told by word of mouth: whose sale, under which id."""
    machine, other = world.till(action.at), world.till(action.lane)
    if machine is other or machine.shop != other.shop or not (machine.is_on and other.is_on and world.people.ids):
        return
    with other.reading() as disk:
        found = people.open_at(disk)
    id_ = people.sale_of(other, found) if found is not None else b""

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        row = _customer(world, conn, action.who)
        if not id_ or row is None or sales.head(conn, id_) is not None:
            return [], None
        operations = _sale(machine, conn, id_, row)
        operations += benefits.posting_elsewhere(account_of(row), BOOK_POINTS, EARNS, id_)
        return operations, people.commit_at(world, machine, conn, operations)

    def work() -> None:
        operations, saved = machine.unit(unit)
        if saved is not None:
            sales_of(world).append(id_)
        people.note_saved(world, machine, operations, saved)

    people.at_box(world, machine, work)


def _customer(world: World, conn: Connection, who: int) -> Any:
    return elements.element(conn, (world.people.ids[who % len(world.people.ids)], Kind.CUSTOMER, b""))


def end_visit(world: World, action: EndVisit) -> None:
    """Post the open visit: its sale may be registered already, and cancelled."""
    machine, notes = world.till(action.at), people.notes_of(world)

    def unit(conn: Connection) -> tuple[Any, list[Said], Saved | None]:
        found, row = people.open_at(conn), _customer(world, conn, action.who)
        if found is None or row is None:
            return None, [], None
        id_ = people.sale_of(machine, found)
        if sales.head(conn, id_) is not None:
            operations = benefits.settling(conn, machine.replica, found.id, id_)
        else:
            earned = Movement(account=account_of(row), book=BOOK_POINTS, amount=EARNS)
            operations = _sale(machine, conn, id_, row)
            operations += benefits.posting(conn, machine.replica, found.id, id_, [earned])
        saved = people.commit_at(world, machine, conn, operations)
        visits.save(conn, visit_rules.apply(found, Post(), now_ms=machine.wall_ms()))
        return found, operations, saved

    def work() -> None:
        found, operations, saved = machine.unit(unit)
        if found is not None:
            people._closed(notes, machine, found)
            sales_of(world).append(people.sale_of(machine, found))
        people.note_saved(world, machine, operations, saved)

    if world.people.ids:
        people.at_box(world, machine, work)


def call_off(world: World, action: CallOff) -> None:
    """Cancel as the desk does."""
    machine, known = world.till(action.at), sales_of(world)

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        head = sales.head(conn, known[action.pick % len(known)])
        if head is None or sales_rules.returned_of(sales.following(conn, head.id)).cancelled:
            return [], None
        operations = cancelling(conn, machine.replica, head, shop=machine.shop, now_ms=machine.wall_ms())
        return operations, people.commit_at(world, machine, conn, operations)

    if known:
        people.at_box(world, machine, lambda: people.note_saved(world, machine, *machine.unit(unit)))


def _two(chance: Random) -> tuple[int, int]:
    """The lanes of one shop."""
    return chance.choice(((1, 2), (2, 1)))


def _post_for(chance: Random) -> PostFor:
    return PostFor(*_two(chance), chance.randrange(2))


def _end(chance: Random) -> EndVisit:
    return EndVisit(chance.choice((1, 1, 2, 3)), chance.randrange(2))


def _call_off(chance: Random) -> CallOff:
    return CallOff(chance.choice((1, 1, 2, 2, 3)), -chance.randrange(1, 3))


def posted_and_cancelled_unheard(chance: Random) -> Steps:
    """The neighbour posts and cancels the sale of a lane that is cut off, or hears half of it, and takes its points."""
    one, other = _two(chance)
    told: Steps = [PostFor(other, one, 0), *chance.choice(([], [op.Heal(one), op.Wait(6_000), op.Cut(one)]))]
    ended = [CallOff(other, -1), op.Wait(chance.choice((0, 200, 3_000))), EndVisit(one, 0)]
    first = chance.choice((one, other))
    return [
        *visit(one, 0, 0, earning=100), op.Wait(8_000), people.Serve(one),
        people.Choose(one, 0, chance.choice((30, 40, ALL))), op.Cut(one), op.Cut(other),
        *told, *chance.choice((ended, ended[::-1])), op.Heal(first), op.Wait(chance.choice((200, 6_000))),
        op.Heal(one), op.Heal(other), op.Wait(8_000), EndVisit(one, 0), op.Wait(4_000),
    ]  # fmt: skip


def cancelled_at_both(chance: Random) -> Steps:
    """A sale that took points is cancelled at both lanes, before one hears of the other."""
    one, other = _two(chance)
    return [
        *visit(one, 0, 0, earning=100), op.Wait(8_000), people.Serve(one), people.Choose(one, 0, 40), EndVisit(one, 0),
        op.Wait(chance.choice((0, 8_000, 8_000))), op.Cut(one), op.Cut(other), CallOff(one, -1), CallOff(other, -1),
        op.Heal(chance.choice((one, other))), op.Wait(chance.choice((0, 4_000))), op.Heal(one), op.Heal(other),
        op.Wait(8_000), *visit(one, 0, ALL), op.Wait(4_000),
    ]  # fmt: skip


def heard_before_it_ends(chance: Random) -> Steps:
    """A lane hears that its sale was posted and cancelled, and ends its visit then."""
    one, other = _two(chance)
    return [
        *visit(one, 0, 0, earning=100), op.Wait(8_000), people.Serve(one), people.Choose(one, 0, 40),
        PostFor(other, one, 0), CallOff(other, -1), op.Wait(8_000), EndVisit(one, 0), op.Wait(4_000),
        *visit(one, 0, ALL), op.Wait(4_000),
    ]  # fmt: skip


def earned_otherwise(chance: Random) -> Steps:
    """Two lanes post one sale before one hears of the other, and it earns otherwise at each; the points are spent."""
    one, other = _two(chance)
    heard: Steps = chance.choice(([], [op.Heal(other), op.Wait(6_000), op.Cut(other)]))
    posted: Steps = [PostFor(other, one, 0), *heard, people.PostVisit(one, 0, chance.choice((5, 30, 60)))]
    return [
        people.Serve(one), op.Cut(one), op.Cut(other), *posted, *visit(one, 0, chance.choice((0, ALL))),
        op.Heal(chance.choice((one, other))), op.Wait(chance.choice((0, 4_000))), op.Heal(one), op.Heal(other),
        op.Wait(8_000),
    ]  # fmt: skip


def earned_otherwise_and_cancelled(chance: Random) -> Steps:
    """The same, and one lane cancels the sale, by what it has heard of it."""
    one, other = _two(chance)
    posted: Steps = [PostFor(other, one, 0), people.PostVisit(one, 0, chance.choice((5, 30, 60)))]
    cut: Steps = [op.Cut(one), op.Cut(other)]
    cancelled: Steps = [*chance.choice((cut, [])), CallOff(other, -1), op.Wait(chance.choice((0, 4_000)))]
    return [
        people.Serve(one), *cut, *chance.choice((posted, posted[::-1])),
        *chance.choice(([], [op.Heal(chance.choice((one, other))), op.Wait(6_000)])), *cancelled,
        op.Heal(chance.choice((one, other))), op.Wait(chance.choice((0, 4_000))), op.Heal(one), op.Heal(other),
        op.Wait(8_000),
    ]  # fmt: skip


def reversed_sales(world: World) -> Iterator[SaleHead]:
    """The returns and cancellations that head office holds: of those whose heads it has closed, the shop's copy."""
    for one in History.of(world).elements.values():
        if one.is_here and one.kind in sales.SALES:
            head = sales_rules.head_of(one) if one.kind == Kind.SALE else sales_rules.copy_of(one)
            if head is not None and head.original is not None:
                yield head


def earned_nothing(world: World) -> Iterator[str]:
    """A cancelled sale has brought no points, whatever each till made it earn.

    Save to another customer than the sale's by a till that said nothing of the sale itself: `people.PostVisit` posts
    points alone, which no till does, and then nobody at head office knows that the two are one.
    """
    heads = list(reversed_sales(world))
    cancelled = {
        one.original.hex(): one.account for one in heads if one.kind == "cancellation" and one.original is not None
    }
    bare = {(sale.hex(), account) for sale, _, account, *_ in people.notes_of(world).sales}
    backs = {one.id.hex(): one.original.hex() for one in heads if one.original is not None}
    brought: dict[str, int] = {}
    for one in History.of(world).elements.values():
        cause, book, sale = (one.fields.get(at) for at in (CAUSE, BOOK, SALE))
        if one.kind != Kind.ENTRY or not isinstance(sale, str) or backs.get(sale, sale) not in cancelled:
            continue
        if (sale, one.entity) in bare and cancelled.get(sale, one.entity) != one.entity:
            continue
        amount = int(one.fields[AMOUNT])
        if book == BOOK_POINTS and cause in (rules.EARNED, rules.CORRECTED, rules.TAKEN_BACK):
            brought[backs.get(sale, sale)] = brought.get(backs.get(sale, sale), 0) + amount
        elif book == rules.due_book(BOOK_POINTS) and cause == rules.TAKEN_BACK:
            brought[backs.get(sale, sale)] = brought.get(backs.get(sale, sale), 0) - amount
    if not world.swapped_sites:
        yield from (f"a cancelled sale has brought {left} points" for left in brought.values() if left)


def given_back(world: World) -> Iterator[str]:
    """A cancelled sale has given back the points that it took, once; whoever took or cancelled first."""
    heads = [one for one in reversed_sales(world) if one.kind == "cancellation"]
    originals = {one.original.hex(): one.id.hex() for one in heads if one.original is not None}
    taken: dict[str, int] = {}
    for one in History.of(world).elements.values():
        cause, sale = one.fields.get(CAUSE), one.fields.get(SALE)
        if one.kind != Kind.ENTRY or one.fields.get(BOOK) != BOOK_POINTS or not isinstance(sale, str):
            continue
        if cause == rules.SPENT and sale in originals:
            taken[originals[sale]] = taken.get(originals[sale], 0) - int(one.fields[AMOUNT])
        elif cause == rules.GIVEN_BACK:
            taken[sale] = taken.get(sale, 0) - int(one.fields[AMOUNT])
            world.faults.count("points of a cancelled sale given back")
    if world.swapped_sites:
        return  # a disk that was put back may take something else for the same sale: the earliest statement stands
    for left in taken.values():
        if left:
            yield f"a cancelled sale has taken {left} points more than it gave back"


def nothing_kept_for_ended_visits(world: World) -> Iterator[str]:
    """What a visit had chosen is free once the visit is over."""
    for till in world.tills:
        (left,) = till.conn.plain.execute(
            "SELECT count(*) FROM reservation AS r JOIN visit AS v ON v.id = r.visit WHERE v.state != 'open'"
        ).fetchone()
        if left:
            yield f"{till.name} keeps {left} choices for visits that are over"


def taken_unheard_is_lost() -> AbstractContextManager[None]:
    """Head office gives nothing back of what a sale took whose cancellation had not heard of it."""
    return everywhere(called_off.give_back, lambda *_, **__: 0)


def given_back_by_each_that_cancels() -> AbstractContextManager[None]:
    """What a cancellation gives back is not the same fact at every till."""
    real = rules.give_back

    def give_back(*given: Any, **more: Any) -> list[Said]:
        return [replace(one, dot=b"") for one in real(*given, **more)]

    return patched(rules, "give_back", give_back)


def choice_for_a_cancelled_sale_stays() -> AbstractContextManager[None]:
    """A visit that hears that its sale was cancelled takes nothing, and keeps what it had chosen."""
    real = benefits.settling

    def settling(conn: Any, here: Any, visit_: bytes, sale: bytes) -> list[Said]:
        kept = rights.reservations(conn, visit_)
        operations = real(conn, here, visit_, sale)
        for one in kept if not operations else ():
            rights.reserve(conn, one)
        return operations

    return patched(benefits, "settling", settling)


def cancelled_by_what_its_till_knew() -> AbstractContextManager[None]:
    """A cancellation takes the points that its till knew of, and nobody looks at what stands in the end."""
    return everywhere(called_off._points_even, lambda *_: ())


def larger_promise_is_a_debt() -> AbstractContextManager[None]:
    """What the till of a sale made it earn beyond another's statement is not booked."""
    return everywhere(earned_otherwise_at_head_office.even, lambda *_, **__: 0)


PLANTED: Sequence[Plant] = (
    taken_unheard_is_lost,
    given_back_by_each_that_cancels,
    choice_for_a_cancelled_sale_stays,
    larger_promise_is_a_debt,
    cancelled_by_what_its_till_knew,
)

ADDITION = Addition(
    happenings={PostFor: post_for, EndVisit: end_visit, CallOff: call_off},
    happenings_drawn={_post_for: 1, _end: 2, _call_off: 1},
    recipes=(
        posted_and_cancelled_unheard,
        cancelled_at_both,
        heard_before_it_ends,
        earned_otherwise,
        earned_otherwise_and_cancelled,
    ),
    judges=(given_back, earned_nothing, nothing_kept_for_ended_visits),
    must_be_reached=("points of a cancelled sale given back",),
    planted=PLANTED,
    looked_for_in={
        "taken_unheard_is_lost": (posted_and_cancelled_unheard,),
        "given_back_by_each_that_cancels": (cancelled_at_both,),
        "choice_for_a_cancelled_sale_stays": (heard_before_it_ends,),
        "larger_promise_is_a_debt": (earned_otherwise,),
        "cancelled_by_what_its_till_knew": (earned_otherwise_and_cancelled,),
    },
)
"""Sales that are posted by one till for another, and cancelled."""
