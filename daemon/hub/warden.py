"""Head office minds the rights: it answers what tills ask for, hands out what no one holds, and mends the floor.

It runs in the transaction that orders what a till has said, so that it decides on all that the till had done before.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.domain import escrow, rights, spreading
from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind, Header, Operation
from daemon.domain.element import Element, Key
from daemon.domain.hlc import ticks
from daemon.domain.kinds import BOOK_POINTS, BOOK_QUOTA, Kind
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.errors import DamagedRow, OperatorMistake, StoreFault
from daemon.hub.coupons_due import issue_crossed
from daemon.hub.expiring import expire_returned
from daemon.store import authoring, elements, issuers
from daemon.store import rights as kept
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica

log = logging.getLogger(__name__)

FUNDED_AT_ONCE: Final = 20
ROUND_BEGINS: Final = 50
"""Books that are looked at in the unit of the last report: a few milliseconds."""
LOOK_S: Final = 2.0
AGAIN_S: Final = 0.05
"""While more is waiting: others have their turn in between."""

WARDEN = Actor(ActorKind.SYSTEM, "warden", "hub")

Booked = Sequence[tuple[Header, Operation]]
"""Entries and rights that were ordered just now, with the headers of their records."""

Books = dict[tuple[bytes, int], frozenset[int]]
"""Guarded books, by account, and the tills that have just booked on each."""


def attend(conn: Connection, replica: Replica, booked: Booked, *, now_ms: int) -> int:
    """Look at what was ordered just now; returns how many operations that took."""
    books = _books(booked)
    if not books:
        return 0
    may_grant = kept.may_grant(conn, replica.boot)
    _keep_for_issuers(conn, replica, _unclaimed(booked), now_ms=now_ms)
    _note_habits(conn, booked)
    count = issue_crossed(conn, replica, booked, now_ms=now_ms)
    for header, op in booked:
        one = escrow.asked(op)
        if one is None or header.time < ticks(now_ms - rights.ASKED_MS):
            continue
        books.pop((one.account, one.book), None)
        standing = kept.standing(conn, one.account, one.book)
        is_free = may_grant and not kept.is_held_back(conn, one.account, one.book, now_ms=now_ms)
        count += _commit(conn, replica, escrow.answer(standing, one, may_grant=is_free), now_ms=now_ms)
    for account in sorted({op.entity for _, op in booked if _is_returned(op)}):
        count += expire_returned(conn, replica, account, now_ms=now_ms)
    return count + _mind(conn, replica, books, may_grant=may_grant, now_ms=now_ms)


def ask_again(conn: Connection, replica: Replica, site: int, *, now_ms: int) -> int:
    """A till reports to this process for the first time, or as another box: it is asked what it has not answered.

    Returns how many operations that took.
    """
    return _keep_for_issuers(conn, replica, issuers.waiting_for(conn, site), now_ms=now_ms)


def attend_all(conn: Connection, replica: Replica, *, now_ms: int) -> int:
    """Every till has reported: look at every account, at some of a large chain now and at the rest a little at a time.

    Returns how many operations that took now.
    """
    kept.begin_round(conn)
    books: Books = {one: frozenset() for one in kept.next_of_round(conn, ROUND_BEGINS)}
    return _mind(conn, replica, books, may_grant=True, now_ms=now_ms)


def attend_round(conn: Connection, replica: Replica, *, now_ms: int) -> int:
    """Look at the next accounts of a round that was begun; returns how many books that were.

    With a till that has not reported the round waits: its report begins another.
    """
    if not kept.may_grant(conn, replica.boot):
        return 0
    books: Books = {one: frozenset() for one in kept.next_of_round(conn, FUNDED_AT_ONCE)}
    _mind(conn, replica, books, may_grant=True, now_ms=now_ms)
    return len(books)


def attend_funded(conn: Connection, replica: Replica, *, now_ms: int) -> int:
    """Look at what head office has booked itself; returns how many books that were."""
    if not kept.may_grant(conn, replica.boot):
        return 0
    books: Books = {one: frozenset() for one in kept.take_funded(conn, FUNDED_AT_ONCE)}
    _mind(conn, replica, books, may_grant=True, now_ms=now_ms)
    return len(books)


async def keep_minding(database: Database, replica: Replica, clock: Clock) -> None:
    """Hand out what head office books itself, soon after it did, and end the rounds that were begun; for ever."""
    while True:
        count = 0
        try:
            if await database.read(kept.is_funded):
                count += await database.write_in_turn(partial(attend_funded, replica=replica, now_ms=clock.now_ms()))
            if await database.read(kept.is_round):
                count += await database.write_in_turn(partial(attend_round, replica=replica, now_ms=clock.now_ms()))
        except StoreFault as fault:
            count = 0
            log.warning("rights are handed out later: %s", fault)
        await clock.sleep(AGAIN_S if count >= FUNDED_AT_ONCE else LOOK_S)


def _mind(conn: Connection, replica: Replica, books: Books, *, may_grant: bool, now_ms: int) -> int:
    """Mend the floor, collect what is due, hand out what is free, bring the rest to where the customer goes."""
    count = 0
    for (account, book), sold_at in sorted(books.items()):
        due = kept.balance(conn, account, rights.due_book(book))
        if may_grant:
            count += _commit(conn, replica, escrow.settle(kept.standing(conn, account, book)), now_ms=now_ms)
        if may_grant and due > 0:
            collected = escrow.collect(kept.standing(conn, account, book), due)
            count += _commit(conn, replica, collected, now_ms=now_ms)
            continue
        standing = kept.standing(conn, account, book)
        places = kept.everybody(conn) if book == BOOK_QUOTA else kept.places(conn, account)
        is_free = may_grant and not kept.is_held_back(conn, account, book, now_ms=now_ms)
        given = spreading.hand_out(standing, places) if is_free else []
        count += _commit(conn, replica, given or spreading.even_out(standing, places, sold_at), now_ms=now_ms)
    return count


def _is_returned(op: Operation) -> bool:
    """Points that a till has returned to nobody: perhaps because they are over."""
    is_back = op.kind == Kind.RIGHT and op.fields.get(rights.CAUSE) == rights.RETURNED
    return is_back and op.fields.get(BOOK) == BOOK_POINTS


def _unclaimed(booked: Booked) -> list[escrow.Unclaimed]:
    claimed = {(header.record, op.dot) for header, op in booked if op.kind == Kind.RIGHT and op.dot}
    found = (
        escrow.unclaimed(header.site, op, is_claimed=(header.record, op.dot) in claimed)
        for header, op in booked
        if op.kind == Kind.ENTRY
    )
    return [one for one in found if one is not None]


def _keep_for_issuers(conn: Connection, replica: Replica, found: Iterable[escrow.Unclaimed], *, now_ms: int) -> int:
    """What was earned by another till's sale is that till's: before anything is handed out.

    The till is asked as which holder it issued the sale; one that never said how it holds rights is asked later.
    """
    operations: list[Operation] = []
    for one in found:
        entry = _readable(conn, (one.account, Kind.ENTRY, one.fact))
        amount = entry.fields.get(AMOUNT) if entry is not None else None
        # Another till may have said earlier that the sale earns less: a right to more would break the floor.
        stands = replace(one, amount=amount) if type(amount) is int else one
        issuers.keep_unclaimed(conn, stands)
        lot, sale = kept.lot_of(conn, one.site), entry.fields.get(rights.SALE) if entry is not None else None
        if lot and isinstance(sale, str) and _readable(conn, (one.account, Kind.RIGHT, one.fact)) is None:
            operations.append(escrow.ask_whose(stands, sale, (one.site, lot)))
    return _commit(conn, replica, operations, now_ms=now_ms)


def _readable(conn: Connection, key: Key) -> Element | None:
    with suppress(DamagedRow):
        return elements.element(conn, key)
    return None


def _books(booked: Booked) -> Books:
    found: dict[tuple[bytes, int], frozenset[int]] = {}
    for header, op in booked:
        book = op.fields.get(BOOK)
        if type(book) is not int:
            continue
        book = book - rights.due_book(0) if book > rights.due_book(0) else book
        if book in rights.GUARDED:
            sold_at = frozenset({header.site} if op.kind == Kind.ENTRY else ())
            found[op.entity, book] = found.get((op.entity, book), frozenset()) | sold_at
    return found


def _note_habits(conn: Connection, booked: Booked) -> None:
    for header, op in booked:
        amount = op.fields.get(AMOUNT)
        if op.kind == Kind.ENTRY and op.fields.get(rights.CAUSE) == rights.EARNED and type(amount) is int:
            kept.earned_at(conn, op.entity, header.site)


def _commit(conn: Connection, replica: Replica, operations: Sequence[Operation], *, now_ms: int) -> int:
    for start in range(0, len(operations), OPERATIONS_MAX):
        with suppress(OperatorMistake):  # what cannot be said stops nobody
            authoring.commit(conn, replica, WARDEN, operations[start : start + OPERATIONS_MAX], now_ms=now_ms)
    return len(operations)
