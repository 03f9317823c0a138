"""Sales that come back in part before or after they are cancelled, at tills and at head office, and closed ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from daemon.desk import undoing
from daemon.domain import rights as rules
from daemon.domain import sale as sales_rules
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation as Said
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.sale import SaleHead, cancellation_id, new_sale_id
from daemon.hub import called_off
from daemon.store import elements, moved, sales
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation import loyalty as people
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.called_off import CallOff, EndVisit, PostFor, Steps, sales_of
from tests.simulation.loyalty_recipes import visit
from tests.simulation.machine import Machine
from tests.simulation.planting import Plant, patched
from tests.simulation.reversing import cancelling, reversal

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class ReturnPart:
    """So many cents come back of a sale that is known to that box (0: head office), where as much is left of it."""

    at: int
    pick: int
    cents: int


@dataclass(frozen=True, slots=True)
class CallOffAtHeadOffice:
    """Head office cancels a sale that it knows."""

    pick: int


def return_part(world: World, action: ReturnPart) -> None:
    """As the desk does where the lines are not known."""
    machine, notes = world.machine(action.at), people.notes_of(world)
    drawn = digest8(b"returned in part", notes.visits.to_bytes(4, "big"))
    notes.visits += 1

    def decide(conn: Connection, head: SaleHead) -> list[Said]:
        returned = sales_rules.returned_of(sales.following(conn, head.id))
        if not 0 < action.cents <= sales_rules.left_to_return(head, returned):
            return []
        stated = SaleHead(
            id=new_sale_id(machine.site, drawn), account=head.account, kind="return", total=-action.cents,
            month=head.month, sold_ms=machine.wall_ms(), shop=machine.shop or head.shop, original=head.id,
        )  # fmt: skip
        return reversal(conn, machine.replica, stated, (), head)

    _take_back(world, machine, action.pick, decide)


def call_off_at_head_office(world: World, action: CallOffAtHeadOffice) -> None:
    """Head office is a desk as well; nobody looks at its own cancellations again."""
    hub = world.hub

    def decide(conn: Connection, head: SaleHead) -> list[Said]:
        return cancelling(conn, hub.replica, head, shop=hub.shop, now_ms=hub.wall_ms())

    _take_back(world, hub, action.pick, decide)


def _take_back(world: World, machine: Machine, pick: int, decide: Any) -> None:
    known = sales_of(world)

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        head = sales.head(conn, known[pick % len(known)])
        operations = decide(conn, head) if head is not None else []
        return operations, people.commit_at(world, machine, conn, operations)

    if known:
        people.at_box(world, machine, lambda: people.note_saved(world, machine, *machine.unit(unit)))


def _two(chance: Random) -> tuple[int, int]:
    return chance.choice(((1, 2), (2, 1)))


def _return(chance: Random) -> ReturnPart:
    return ReturnPart(chance.choice((0, 1, 1, 2, 2, 3)), -chance.randrange(1, 3), chance.choice((250, 400, 1_000)))


def _cancel(chance: Random) -> CallOffAtHeadOffice:
    return CallOffAtHeadOffice(-chance.randrange(1, 3))


def returned_by_another_statement(chance: Random) -> Steps:
    """A lane takes a part back by what it made the sale earn, another earned by the other lane; all is cancelled."""
    one, other = _two(chance)
    posted: Steps = [PostFor(other, one, 0), people.PostVisit(one, 0, chance.choice((5, 30, 60, 60)))]
    cancelled = chance.choice((CallOffAtHeadOffice(-1), CallOffAtHeadOffice(-1), CallOff(other, -1)))
    return [
        people.Serve(one), op.Cut(one), op.Cut(other), *posted,
        ReturnPart(other, -1, chance.choice((400, 700))), op.Heal(one), op.Heal(other), op.Wait(6_000),
        cancelled, op.Wait(6_000),
    ]  # fmt: skip


def returned_unheard(chance: Random) -> Steps:
    """Lanes take parts of a sale back while another, or head office, cancels it."""
    one, other = _two(chance)
    cancelled = chance.choice((CallOffAtHeadOffice(-1), CallOff(one, -1)))
    parts: Steps = [ReturnPart(other, -1, chance.choice((300, 400))), ReturnPart(3, -1, chance.choice((200, 500)))]
    return [
        people.Serve(one), EndVisit(one, 0), op.Wait(6_000), op.Cut(other), op.Cut(3), *parts, cancelled,
        op.Wait(chance.choice((0, 3_000))), op.Heal(other), op.Wait(chance.choice((0, 3_000))), op.Heal(3),
        op.Wait(8_000),
    ]  # fmt: skip


def closed_before_it_was_heard(chance: Random) -> Steps:
    """The neighbour posts and cancels a lane's sale, and head office closes both before it hears what they took."""
    one, other = _two(chance)
    later: Steps = [step for _ in range(4) for step in (people.Serve(other), EndVisit(other, 0), op.Wait(500))]
    return [
        *visit(one, 0, 0, earning=100), op.Wait(8_000), people.Serve(one), people.Choose(one, 0, 40),
        op.Cut(one), PostFor(other, one, 0), CallOff(other, -1), *later, op.Wait(4_000),
        EndVisit(one, 0), op.Heal(one), op.Wait(8_000),
    ]  # fmt: skip


def head_office_takes_what_returns_left() -> AbstractContextManager[None]:
    """Head office cancels as a till does, by shares of what the sale has brought, and nobody looks at that again."""

    def share(conn: Connection, original: SaleHead, _: bytes) -> int:
        where, before = (original.account, BOOK_POINTS), sales.returned_total(conn, original.id)
        earned = sum(moved.booked(conn, cause, original.id, where) for cause in (rules.EARNED, rules.CORRECTED))
        return undoing._taken_along(earned, original.total, before, original.total - before)

    return patched(undoing, "moved", SimpleNamespace(**(vars(moved) | {"earned_still": share})))


def returns_heard_later_are_not_looked_at() -> AbstractContextManager[None]:
    """Whoever took a part back had not heard of the cancellation, and the points go twice."""
    return patched(called_off, "_came_back", lambda *_: iter(()))


def evened_out_once() -> AbstractContextManager[None]:
    """After a cancellation head office evens the points out once, however many are heard later."""
    real = rules.even_out

    def even_out(*given: Any, before: int = 0, **more: Any) -> list[Said]:
        return [] if before else real(*given, **more)

    return patched(rules, "even_out", even_out)


def closed_sales_give_nothing_back() -> AbstractContextManager[None]:
    """Head office looks for cancellations among the sales that the whole chain holds."""
    real = called_off._wanted

    def wanted(conn: Connection, sale: bytes, books: Any) -> list[Said]:
        back = sales.head(conn, cancellation_id(sale))
        stands = back is not None and elements.element(conn, (back.account, Kind.SALE, back.id)) is not None
        return real(conn, sale, books) if stands else []

    return patched(called_off, "_wanted", wanted)


PLANTED: Sequence[Plant] = (
    head_office_takes_what_returns_left,
    returns_heard_later_are_not_looked_at,
    evened_out_once,
    closed_sales_give_nothing_back,
)

ADDITION = Addition(
    happenings={ReturnPart: return_part, CallOffAtHeadOffice: call_off_at_head_office},
    happenings_drawn={_return: 1, _cancel: 1},
    recipes=(returned_by_another_statement, returned_unheard, closed_before_it_was_heard),
    planted=PLANTED,
    looked_for_in={
        "head_office_takes_what_returns_left": (returned_by_another_statement,),
        "returns_heard_later_are_not_looked_at": (returned_unheard,),
        "evened_out_once": (returned_unheard,),
        "closed_sales_give_nothing_back": (closed_before_it_was_heard,),
    },
)
"""Sales that come back in part, and are cancelled besides; judged with those that are called off."""
