"""Head office minds the rights: it answers what tills ask for, hands out what no one holds, and mends the floor.

It runs in the transaction that orders what a till has said, so that it decides on all that the till had done before.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from daemon.domain import escrow, rights
from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind, Header, Operation
from daemon.domain.hlc import ticks
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.errors import OperatorMistake
from daemon.store import authoring
from daemon.store import rights as kept
from daemon.store.database import Connection
from daemon.store.replica import Replica

WARDEN = Actor(ActorKind.SYSTEM, "warden", "hub")

Booked = Sequence[tuple[Header, Operation]]
"""Entries and rights that were ordered just now, with the headers of their records."""


def attend(conn: Connection, replica: Replica, booked: Booked, *, now_ms: int) -> int:
    """Look at what was ordered just now; returns how many operations that took."""
    books = _books(booked)
    if not books:
        return 0
    may_grant = kept.may_grant(conn, replica.boot)
    _keep_for_issuers(conn, replica, [escrow.unclaimed(header.site, op) for header, op in booked], now_ms=now_ms)
    _note_habits(conn, booked)
    operations: list[Operation] = []
    for header, op in booked:
        one = escrow.asked(op)
        if one is not None and header.time >= ticks(now_ms - rights.ASKED_MS):
            operations += escrow.answer(kept.standing(conn, one.account, one.book), one, may_grant=may_grant)
            books.discard((one.account, one.book))
            _commit(conn, replica, operations, now_ms=now_ms)
            operations = []
    return _mind(conn, replica, books, may_grant=may_grant, now_ms=now_ms)


def attend_all(conn: Connection, replica: Replica, *, now_ms: int) -> int:
    """Every till has reported: look at every account."""
    _keep_for_issuers(conn, replica, kept.take_unclaimed(conn), now_ms=now_ms)
    return _mind(conn, replica, kept.guarded_books(conn), may_grant=True, now_ms=now_ms)


def _mind(
    conn: Connection, replica: Replica, books: Iterable[tuple[bytes, int]], *, may_grant: bool, now_ms: int
) -> int:
    if not may_grant:
        return 0
    count = 0
    for account, book in sorted(books):
        operations = escrow.settle(kept.standing(conn, account, book))
        _commit(conn, replica, operations, now_ms=now_ms)
        due = kept.balance(conn, account, rights.due_book(book))
        if due > 0:
            _commit(conn, replica, escrow.collect(kept.standing(conn, account, book), due), now_ms=now_ms)
        standing, usual = kept.standing(conn, account, book), kept.usual(conn, account)
        given = [] if due > 0 else escrow.hand_out(standing, usual) or escrow.even_out(standing, usual)
        _commit(conn, replica, given, now_ms=now_ms)
        count += len(operations) + len(given)
    return count


def _keep_for_issuers(
    conn: Connection, replica: Replica, found: Iterable[escrow.Unclaimed | None], *, now_ms: int
) -> None:
    """What was earned by another till's sale is that till's: before anything is handed out."""
    operations: list[Operation] = []
    for one in found:
        lot = kept.lot_of(conn, one.site) if one is not None else b""
        if one is not None and lot:
            operations.append(escrow.keep_for(one, (one.site, lot)))
        elif one is not None:
            kept.keep_unclaimed(conn, one)
    _commit(conn, replica, operations, now_ms=now_ms)


def _books(booked: Booked) -> set[tuple[bytes, int]]:
    found: set[tuple[bytes, int]] = set()
    for _, op in booked:
        book = op.fields.get(BOOK)
        if type(book) is int and book in rights.GUARDED:
            found.add((op.entity, book))
        elif type(book) is int and book - rights.due_book(0) in rights.GUARDED:
            found.add((op.entity, book - rights.due_book(0)))
    return found


def _note_habits(conn: Connection, booked: Booked) -> None:
    for header, op in booked:
        amount = op.fields.get(AMOUNT)
        if op.kind == Kind.ENTRY and op.fields.get(rights.CAUSE) == rights.EARNED and type(amount) is int:
            kept.earned_at(conn, op.entity, header.site)


def _commit(conn: Connection, replica: Replica, operations: Sequence[Operation], *, now_ms: int) -> None:
    for start in range(0, len(operations), OPERATIONS_MAX):
        with suppress(OperatorMistake):  # what cannot be said stops nobody
            authoring.commit(conn, replica, WARDEN, operations[start : start + OPERATIONS_MAX], now_ms=now_ms)
