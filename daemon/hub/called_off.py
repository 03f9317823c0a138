"""Head office gives back what a cancelled sale has taken, where whoever cancelled it could not know of it.

What a visit has chosen is known to its own till alone. Another till may post that visit's sale and cancel it before the
first one hears of either, and takes what was chosen: only here do both come together. Facts are those of the
cancellation, so that a till which knew says the same. And what goes back is what the sale had brought as it stands in
the end, and no money twice: what was bought on account is owed still where it was paid out as a credit note.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from daemon.domain import rights
from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind, Header, Operation
from daemon.domain.ids import parse_entity
from daemon.domain.kinds import BOOK_CREDIT, BOOK_POINTS, Kind
from daemon.domain.ledger import BOOK
from daemon.domain.rights import (
    AT_RISK,
    CAUSE,
    CORRECTED,
    EARNED,
    GIVEN_BACK,
    ISSUED,
    ON_ACCOUNT,
    SALE,
    SETTLED,
    SPENT,
    TAKEN_BACK,
    debt_book,
    due_book,
)
from daemon.domain.sale import SaleHead, cancellation_id
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import account_owners, authoring, moved, sales
from daemon.store.database import Connection
from daemon.store.moved import GIVEN_BACK_BOOKS, Book
from daemon.store.replica import Replica

REGISTRAR = Actor(ActorKind.SYSTEM, "registrar", "hub")

_MOVING = frozenset({EARNED, CORRECTED, SPENT, AT_RISK, ON_ACCOUNT})

_COMING_BACK = frozenset({ISSUED, TAKEN_BACK, CORRECTED})


def give_back(
    conn: Connection,
    replica: Replica,
    booked: Iterable[tuple[Header, Operation]],
    registered: Iterable[bytes],
    *,
    now_ms: int,
) -> int:
    """Look at sales that were registered, taken back or cancelled just now, or moved something; how many operations."""
    concerned: dict[bytes, set[Book]] = {sale: set() for sale in registered}
    for moved_by, where in _moved(booked):
        concerned.setdefault(moved_by, set()).add(where)
    for sale in _came_back(conn, booked):
        concerned.setdefault(sale, set())
    count = 0
    for sale, books in sorted(concerned.items()):
        with suppress(DamagedRow, OperatorMistake):  # what cannot be read or said stops nobody
            operations = _wanted(conn, sale, books)
            for start in range(0, len(operations), OPERATIONS_MAX):
                part = operations[start : start + OPERATIONS_MAX]
                authoring.commit(conn, replica, REGISTRAR, part, now_ms=now_ms)
                count += len(part)
    return count


def _moved(booked: Iterable[tuple[Header, Operation]]) -> Iterator[tuple[bytes, Book]]:
    """The sales that have moved something, and in which book: also of whom an erasure has left no coupon."""
    for _, op in booked:
        sale, book = op.fields.get(SALE), op.fields.get(BOOK)
        if op.kind != Kind.ENTRY or op.fields.get(CAUSE) not in _MOVING or type(book) is not int:
            continue
        found = parse_entity(sale) if isinstance(sale, str) else None
        if found is not None:
            yield found, (op.entity, book - debt_book(0) if book > debt_book(0) else book)


def _came_back(conn: Connection, booked: Iterable[tuple[Header, Operation]]) -> Iterator[bytes]:
    """The sales of what came back: credit notes were issued for it, or it took along what the sale had brought."""
    for _, op in booked:
        sale = op.fields.get(SALE)
        back = parse_entity(sale) if op.fields.get(CAUSE) in _COMING_BACK and isinstance(sale, str) else None
        with suppress(DamagedRow):
            head = sales.head(conn, back) if back is not None else None
            if head is not None and head.original is not None:
                yield head.original


def _wanted(conn: Connection, sale: bytes, books: Iterable[Book]) -> list[Operation]:
    """What a cancelled sale has taken and not given back; nothing of one that stands."""
    back = sales.head(conn, cancellation_id(sale))
    original = sales.head(conn, sale) if back is not None else None
    if back is None or original is None:
        return []
    known = _known(conn, original.account)
    found = [*_off_the_debt(conn, original, back), *_points_even(conn, original, back)]
    for where in dict.fromkeys((*known, *sorted(books))):
        if where[1] in GIVEN_BACK_BOOKS:
            found += _returned(conn, sale, back, where)
    return found


def _known(conn: Connection, account: bytes) -> Sequence[Book]:
    """The books that a sale may have taken from; while a row of its customer waits for its mending, their own alone."""
    with suppress(DamagedRow):
        return moved.spent_from(conn, account, account_owners.owner(conn, account))
    return moved.spent_from(conn, account, None)


def _off_the_debt(conn: Connection, original: SaleHead, back: SaleHead) -> Sequence[Operation]:
    """What was bought on account is owed no longer, but for what was paid out as a credit note, now or later."""
    noted = moved.noted(conn, back)
    if not moved.is_booked(conn, TAKEN_BACK, back.id, (original.account, BOOK_CREDIT)):
        part = moved.owed_still(conn, original, -back.total - noted)
        return rights.off_the_debt(original.account, part, sale=back.id) if part else []
    twice = moved.written_off(conn, back) + noted + back.total
    if twice <= 0 or not noted or moved.is_booked(conn, ON_ACCOUNT, back.id, (original.account, BOOK_CREDIT)):
        return []
    return rights.owed_again(original.account, min(twice, noted), sale=back.id)


def _points_even(conn: Connection, original: SaleHead, back: SaleHead) -> Sequence[Operation]:
    """What the sale earned by the statement that stands, and others took by another one, or twice, comes to nothing."""
    left = moved.earned_still(conn, original, back.id)
    book = due_book(BOOK_POINTS) if left > 0 else BOOK_POINTS
    before = len(moved.evened(conn, back.id, (original.account, book)))
    return rights.even_out(original.account, BOOK_POINTS, left, sale=back.id, before=before)


def _returned(conn: Connection, sale: bytes, back: SaleHead, where: Book) -> list[Operation]:
    """What was spent of one book; of what was given at risk what is owed still, and what was deducted for it."""
    (account, book), found = where, list[Operation]()
    spent = moved.booked(conn, SPENT, sale, where)
    if spent < 0 and not moved.is_booked(conn, GIVEN_BACK, back.id, where):
        found += rights.give_back(account, book, -spent, sale=back.id)
    share = moved.risk_share(conn, sale, where)
    if share.owed and not moved.is_booked(conn, GIVEN_BACK, back.id, (account, debt_book(book))):
        found += rights.owe_less(account, book, share.owed, sale=back.id)
    if share.deducted and not moved.is_booked(conn, SETTLED, back.id, where):
        found += rights.give_back_deducted(account, book, share.deducted, sale=back.id)
    return found
