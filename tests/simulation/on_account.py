"""Sales on account in the simulation, and what comes back: it is owed no longer, and may be bought for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.desk import benefits, undoing
from daemon.desk.benefits import Movement
from daemon.desk.sale_party import Selling
from daemon.domain import sale as sales_rules
from daemon.domain import visit as visit_rules
from daemon.domain.account import account_of
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation as Said
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_LIMIT, Kind
from daemon.domain.sale import SaleHead, SaleKind, SoldLine, TakenBack, cancellation_id, new_sale_id
from daemon.domain.visit import Post
from daemon.errors import Conflicting, OperatorMistake
from daemon.store import elements, rights, sales, visits
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation import loyalty as people
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World

PIECES = 10
"""Of the one line of each sale."""


@dataclass(frozen=True, slots=True)
class BuyOnAccount:
    """Somebody buys for so much on account; below zero: for as much as this till may lend them."""

    at: int
    who: int
    amount: int


@dataclass(frozen=True, slots=True)
class BringBack:
    """So many of ten pieces of a sale on account come back at a till; none: the whole sale is cancelled."""

    at: int
    pick: int
    pieces: int


def buy(world: World, action: BuyOnAccount) -> None:
    """Serve, choose and post in one unit: the parts are met one by one elsewhere."""
    machine, notes = world.till(action.at), people.notes_of(world)
    id_ = digest8(b"visit", notes.visits.to_bytes(4, "big"))
    notes.visits += 1

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        row = elements.element(conn, (world.people.ids[action.who % len(world.people.ids)], Kind.CUSTOMER, b""))
        if row is None:
            return [], None
        account, visit = account_of(row), people.new_visit(machine, id_)
        visits.save(conn, visit)
        rights.issue(conn, machine.replica, id_)
        here = rights.purse(conn, machine.replica, account, BOOK_LIMIT).left
        amount = here if action.amount < 0 else action.amount
        benefits.choose(conn, machine.replica, id_, Movement(account=account, book=BOOK_LIMIT, amount=amount))
        sale = people.sale_of(machine, visit)
        operations = benefits.posting(conn, machine.replica, id_, sale, [])
        operations += sales_rules.decide_sale(*_sale(machine, sale, account, amount))
        visits.save(conn, visit_rules.apply(visit, Post(), now_ms=machine.wall_ms()))
        return operations, people.commit_at(world, machine, conn, operations) if amount else None

    def work() -> None:
        try:
            operations, saved = machine.unit(unit)
        except Conflicting:
            world.faults.count("refused on account")
            return
        if saved is not None:
            world.faults.count("bought on account")
            notes.on_account.append(next(one.dot for one in operations if one.kind == Kind.SALE))
        people.note_saved(world, machine, operations, saved)

    if world.people.ids:
        people.at_box(world, machine, work)


def _sale(machine: Machine, id_: bytes, account: bytes, amount: int) -> tuple[SaleHead, tuple[SoldLine, ...]]:
    head = SaleHead(
        id=id_, account=account, kind="sale", total=amount, month=202_506, sold_ms=machine.wall_ms(),
        shop=machine.shop, lines=1,
    )  # fmt: skip
    return head, (SoldLine(label="toile", quantity_milli=1_000 * PIECES, amount=amount),)


def bring_back(world: World, action: BringBack) -> None:
    """Return or cancel as the desk does: what is known here of the sale decides."""
    machine, notes = world.till(action.at), people.notes_of(world)
    drawn = digest8(b"brought back", notes.visits.to_bytes(4, "big"))
    notes.visits += 1

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        head = sales.head(conn, notes.on_account[action.pick % len(notes.on_account)])
        back = _back(machine, conn, head, (drawn, action.pieces)) if head is not None else None
        operations = _undone(machine, conn, head, back) if head is not None and back is not None else []
        return operations, people.commit_at(world, machine, conn, operations)

    def work() -> None:
        try:
            operations, saved = machine.unit(unit)
        except OperatorMistake:
            world.faults.count("more brought back than was sold")
            return
        if any(one.fields.get(3) == "taken back" for one in operations):
            world.faults.count("cancelled on account" if not action.pieces else "returned on account")
        people.note_saved(world, machine, operations, saved)

    if notes.on_account:
        people.at_box(world, machine, work)


_Back = tuple[EntityId, SaleKind, tuple[SoldLine, ...]]


def _back(machine: Machine, conn: Connection, head: SaleHead, wanted: tuple[bytes, int]) -> _Back | None:
    """What comes back of a sale, as far as this box knows that it may: so many pieces, or (none) all that is left."""
    drawn, pieces = wanted
    lines, returned = sales.lines(conn, head), sales_rules.returned_of(sales.following(conn, head.id))
    if lines is None or returned.cancelled:
        return None
    if pieces:
        piece = TakenBack(line=0, quantity_milli=1_000 * pieces)
        return new_sale_id(machine.site, drawn), "return", sales_rules.return_lines(lines, [piece], returned)
    left = sales_rules.cancelled_lines(lines, returned)
    return (cancellation_id(head.id), "cancellation", left) if left else None


def _undone(machine: Machine, conn: Connection, head: SaleHead, back: _Back) -> list[Said]:
    id_, kind, taken = back
    now_ms, total = machine.wall_ms(), sum(line.amount for line in taken)
    selling = Selling(
        visit=None, sale=id_, kind=kind, customer=None, account=EntityId(head.account), is_walk_in=False, sold=taken,
        total=total, original=head, shop=machine.shop, day=now_ms // 86_400_000, now_ms=now_ms,
    )  # fmt: skip
    stated = SaleHead(
        id=id_, account=head.account, kind=kind, total=total, month=head.month, sold_ms=now_ms, shop=machine.shop,
        original=head.id, lines=len(taken),
    )  # fmt: skip
    return [*undoing.undone(conn, machine.replica, selling), *sales_rules.decide_reversal(stated, taken, head)]
