"""Points, credit, coupons and credit notes in the simulation: what customers and tills do with them.

A purse is one guarded book of one account. Purse numbers: of customer n the points are 2n and the credit 2n + 1; from
100 on coupons, from 200 on credit notes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from daemon.desk import benefits
from daemon.desk.benefits import Movement
from daemon.domain import escrow
from daemon.domain import rights as rules
from daemon.domain import visit as visit_rules
from daemon.domain.account import account_of
from daemon.domain.canonical import digest8
from daemon.domain.change import Actor, ActorKind
from daemon.domain.change import Operation as Said
from daemon.domain.coupon import coupon_account_in
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_POINTS, Kind
from daemon.domain.rights import EARNED, ISSUED, PAID
from daemon.domain.sale import new_sale_id
from daemon.domain.visit import Cancel, Post, Visit
from daemon.errors import Conflicting, DamagedRow, OperatorMistake
from daemon.store import authoring, elements, rights, visits
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation.disk import EngineError
from tests.simulation.machine import Machine
from tests.simulation.thresholds import due_at

if TYPE_CHECKING:
    from tests.simulation.world import World

COUPONS_FROM, NOTES_FROM = 100, 200
SPECIAL = 2
"""Coupons, and credit notes, of a run."""

LANE = "1"


@dataclass(frozen=True, slots=True)
class Serve:
    """A lane begins to serve, if it serves nobody."""

    at: int


@dataclass(frozen=True, slots=True)
class Choose:
    """The customer at a lane chooses to spend so much of a purse; `amount` -1: as much as there is here."""

    at: int
    purse: int
    amount: int


@dataclass(frozen=True, slots=True)
class PostVisit:
    """The visit at a lane is posted; its sale earns so much in a purse (below zero: it takes back)."""

    at: int
    purse: int
    amount: int


@dataclass(frozen=True, slots=True)
class PostAgain:
    """A sale that was posted is posted once more, here: the till software did not hear the answer."""

    at: int
    number: int


@dataclass(frozen=True, slots=True)
class Leave:
    """The visit at a lane is cancelled."""

    at: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A till asks head office for rights to a purse."""

    at: int
    purse: int
    amount: int


@dataclass(frozen=True, slots=True)
class Fund:
    """Head office books on a purse: a gift, a correction, a higher or lower maximum, a coupon by hand."""

    purse: int
    amount: int


@dataclass(frozen=True, slots=True)
class IssueCoupon:
    """A rule issues a coupon: the same fact wherever it is found out."""

    at: int
    purse: int


@dataclass(slots=True)
class Notes:
    """What the people of a run were told."""

    sales: list[tuple[bytes, bytes, bytes, int, int]] = field(default_factory=list)
    """(sale, visit, account, book, amount)"""
    chosen: dict[tuple[str, bytes, bytes, int], int] = field(default_factory=dict)
    """(till, visit, account, book) → amount, while the visit is open"""
    visits: int = 0
    on_account: list[bytes] = field(default_factory=list)
    """Sales on account, as they were made."""


_NOTES: WeakKeyDictionary[World, Notes] = WeakKeyDictionary()


def notes_of(world: World) -> Notes:
    """The notes of a run."""
    return _NOTES.setdefault(world, Notes())


def special_account(number: int) -> bytes:
    """The account of a coupon or a credit note."""
    group = COUPONS_FROM if number < NOTES_FROM else NOTES_FROM
    return digest8(b"special", (group + number % SPECIAL).to_bytes(2, "big"))


def purse_of(world: World, conn: Connection, number: int) -> tuple[bytes, int] | None:
    """Account and book of a purse; None for a customer who is not known here."""
    if number >= NOTES_FROM:
        return special_account(number), BOOK_CREDIT_NOTE
    if number >= COUPONS_FROM:
        return special_account(number), BOOK_COUPON
    ids = world.people.ids
    row = elements.element(conn, (ids[number // 2 % len(ids)], Kind.CUSTOMER, b"")) if ids else None
    return None if row is None else (account_of(row), BOOK_LIMIT if number % 2 else BOOK_POINTS)


def all_purses(world: World) -> set[tuple[bytes, int]]:
    """Every purse that this part of the simulation ever touched: nobody else's entries are on them."""
    found = {(special_account(COUPONS_FROM + at), BOOK_COUPON) for at in range(SPECIAL)}
    found |= {(special_account(NOTES_FROM + at), BOOK_CREDIT_NOTE) for at in range(SPECIAL)}
    derived = [digest8(b"account/" + customer) for customer in world.people.ids]
    found |= {(account, BOOK_COUPON) for account in ruled_coupons(world)}
    return found | {(account, book) for account in derived for book in (BOOK_POINTS, BOOK_LIMIT)}


def ruled_coupons(world: World) -> set[bytes]:
    """The accounts of the coupons that rules have made due, as head office holds them."""
    bodies = world.hub.conn.plain.execute("SELECT body FROM element WHERE kind = ?", (int(Kind.COUPON),))
    return {account for (body,) in bodies if (account := coupon_account_in(body)) is not None}


def actor_at(machine: Machine) -> Actor:
    """The seller there."""
    return Actor(ActorKind.OPERATOR, "op1", "seller", machine.shop)


def at_box(world: World, machine: Machine, work: object) -> None:
    """One action at a box; what is refused is told to the person."""

    def guarded() -> None:
        try:
            work()  # type: ignore[operator]  # a closure of this module
        except DamagedRow as hit:
            machine.damaged(hit)
        except (EngineError, OperatorMistake):
            return

    if machine.is_on:
        machine.guarded(guarded)


def commit_at(world: World, machine: Machine, conn: Connection, operations: list[Said]) -> Saved | None:
    if not operations:
        return None
    return authoring.commit(conn, machine.replica, actor_at(machine), operations, now_ms=machine.wall_ms())


def note_saved(world: World, machine: Machine, operations: list[Said], saved: Saved | None) -> None:
    if saved is not None:
        world.book.note(machine.name, operations, saved)
        machine.recorded()


def open_at(conn: Connection) -> Visit | None:
    found = visits.open_ones(conn, LANE)
    return found[0] if found else None


def new_visit(machine: Machine, id_: bytes) -> Visit:
    """A visit as the desk opens it."""
    now_ms = machine.wall_ms()
    return visit_rules.open_visit(
        id_=EntityId(id_), lane=LANE, walk_in=EntityId(bytes(8)), site=machine.site, now_ms=now_ms
    )


def sale_of(machine: Machine, visit: Visit) -> bytes:
    """The id of the sale of a visit."""
    return new_sale_id(machine.site, visit.id)


def serve(world: World, operation: Serve) -> None:
    """Open a visit where none is open."""
    machine, notes = world.till(operation.at), notes_of(world)
    id_ = digest8(b"visit", notes.visits.to_bytes(4, "big"))
    notes.visits += 1

    def unit(conn: Connection) -> None:
        if open_at(conn) is None:
            visits.save(conn, new_visit(machine, id_))
            rights.issue(conn, machine.replica, id_)

    at_box(world, machine, lambda: machine.unit(unit))


def choose(world: World, operation: Choose) -> None:
    """Reserve on the open visit."""
    machine, notes = world.till(operation.at), notes_of(world)

    def unit(conn: Connection) -> tuple[Visit, rights.Reserved] | None:
        visit, purse = open_at(conn), purse_of(world, conn, operation.purse)
        if visit is None or purse is None:
            return None
        account, book = purse
        here = rights.purse(conn, machine.replica, account, book, visit=visit.id)
        amount = here.left if operation.amount < 0 else operation.amount
        _count(world, machine, here.left >= amount > 0)
        try:
            return visit, benefits.choose(
                conn, machine.replica, visit.id, Movement(account=account, book=book, amount=amount)
            )
        except Conflicting:
            return None

    def work() -> None:
        found = machine.unit(unit)
        if found is not None:
            visit, chosen = found
            notes.chosen[machine.name, visit.id, chosen.account, chosen.book] = chosen.amount

    at_box(world, machine, work)


def _count(world: World, machine: Machine, is_served: bool) -> None:
    where = "offline" if machine.is_cut or not machine.is_linked else "online"
    world.faults.count(f"spend {where}, {'served' if is_served else 'refused'}")


def post_visit(world: World, operation: PostVisit) -> None:
    """Post the open visit."""
    machine, notes = world.till(operation.at), notes_of(world)

    def unit(conn: Connection) -> tuple[Visit, list[Said], Saved | None, Movement | None] | None:
        visit, purse = open_at(conn), purse_of(world, conn, operation.purse)
        if visit is None:
            return None
        moved = _moved(purse, operation.amount) if purse is not None else None
        operations = benefits.posting(
            conn, machine.replica, visit.id, sale_of(machine, visit), [moved] if moved is not None else []
        )
        operations += [*_paid(moved, sale_of(machine, visit)), *due_at(machine, conn, moved)]
        saved = commit_at(world, machine, conn, operations)
        visits.save(conn, visit_rules.apply(visit, Post(), now_ms=machine.wall_ms()))
        return visit, operations, saved, moved

    def work() -> None:
        found = machine.unit(unit)
        if found is None:
            return
        visit, operations, saved, moved = found
        if moved is not None and moved.amount > 0 and moved.cause == EARNED:
            notes.sales.append((sale_of(machine, visit), visit.id, moved.account, moved.book, moved.amount))
        _closed(notes, machine, visit)
        note_saved(world, machine, operations, saved)

    at_box(world, machine, work)


def _moved(purse: tuple[bytes, int], amount: int) -> Movement | None:
    """What a sale brings to a purse: points are earned, what was owed is paid, a credit note is issued."""
    account, book = purse
    if amount == 0 or book == BOOK_COUPON or (book != BOOK_POINTS and amount < 0):
        return None
    if amount < 0:
        return Movement(account=account, book=book, amount=amount, cause=rules.TAKEN_BACK)
    causes = {BOOK_POINTS: EARNED, BOOK_LIMIT: PAID, BOOK_CREDIT_NOTE: ISSUED}
    return Movement(account=account, book=book, amount=amount, cause=causes[book])


def _paid(moved: Movement | None, sale: bytes) -> list[Said]:
    if moved is None or moved.cause != PAID:
        return []
    return rules.book(moved.account, BOOK_CREDIT, -moved.amount, sale=sale, cause=PAID)


def _closed(notes: Notes, machine: Machine, visit: Visit) -> None:
    for key in [key for key in notes.chosen if key[:2] == (machine.name, visit.id)]:
        del notes.chosen[key]


def post_again(world: World, operation: PostAgain) -> None:
    """Post a sale once more: where its visit is posted nothing happens, elsewhere it is booked as the same fact."""
    machine, notes = world.till(operation.at), notes_of(world)
    if not notes.sales:
        return
    sale, visit_id, account, book, amount = notes.sales[operation.number % len(notes.sales)]

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        visit = visits.load(conn, EntityId(visit_id))
        moved = Movement(account=account, book=book, amount=amount)
        if visit is None:
            operations = benefits.posting_elsewhere(account, book, amount, sale)
        elif visit.state.value != "open":
            return [], None
        else:  # this disk was put back to before the posting
            operations = benefits.posting(conn, machine.replica, visit.id, sale, [moved])
            visits.save(conn, visit_rules.apply(visit, Post(), now_ms=machine.wall_ms()))
        return operations, commit_at(world, machine, conn, operations)

    def work() -> None:
        note_saved(world, machine, *machine.unit(unit))
        world.faults.count("sale posted again")

    at_box(world, machine, work)


def leave(world: World, operation: Leave) -> None:
    """Cancel the open visit."""
    machine, notes = world.till(operation.at), notes_of(world)

    def unit(conn: Connection) -> Visit | None:
        visit = open_at(conn)
        if visit is not None:
            rights.release(conn, visit.id)
            visits.save(conn, visit_rules.apply(visit, Cancel(), now_ms=machine.wall_ms()))
        return visit

    def work() -> None:
        visit = machine.unit(unit)
        if visit is not None:
            _closed(notes, machine, visit)

    at_box(world, machine, work)


def ask(world: World, operation: Ask) -> None:
    """Ask for what a basket may need."""
    machine = world.till(operation.at)

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        purse = purse_of(world, conn, operation.purse)
        operations = benefits.ask_for(conn, machine.replica, *purse, operation.amount) if purse is not None else []
        return operations, commit_at(world, machine, conn, operations)

    at_box(world, machine, lambda: note_saved(world, machine, *machine.unit(unit)))


def fund(world: World, operation: Fund) -> None:
    """Book at head office, from what no one holds; what is not free is recalled first."""
    hub = world.hub

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        purse = purse_of(world, conn, operation.purse)
        if purse is None or not rights.may_grant(conn, hub.replica.boot):
            return [], None
        amount = min(operation.amount, 1) if purse[1] == BOOK_COUPON else operation.amount
        standing = rights.standing(conn, *purse)
        if purse[1] == BOOK_COUPON and amount + standing.balance > 1:
            return [], None
        operations = escrow.correct(standing, amount, cause="by hand") or escrow.recall(standing, -amount)
        return operations, commit_at(world, hub, conn, operations)

    at_box(world, hub, lambda: note_saved(world, hub, *hub.unit(unit)))


def issue_coupon(world: World, operation: IssueCoupon) -> None:
    """A threshold was reached: the fact has one id, and its right begins at head office."""
    machine, account = world.till(operation.at), special_account(COUPONS_FROM + operation.purse)

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        operations = rules.earn(account, BOOK_COUPON, 1, sale=b"threshold", holder=None, cause=ISSUED)
        return operations, commit_at(world, machine, conn, operations)

    at_box(world, machine, lambda: note_saved(world, machine, *machine.unit(unit)))
