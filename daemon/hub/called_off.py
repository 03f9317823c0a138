"""Head office gives back what a cancelled sale has taken, where whoever cancelled it could not know of it.

What a visit has chosen is known to its own till alone. Another till may post that visit's sale and cancel it before the
first one hears of either, and takes what was chosen: only here do both come together. Facts are those of the
cancellation, so that a till which knew says the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from daemon.domain import rights
from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind, Header, Operation
from daemon.domain.ids import parse_entity
from daemon.domain.kinds import BOOK_CREDIT, Kind
from daemon.domain.ledger import BOOK
from daemon.domain.rights import AT_RISK, CAUSE, GIVEN_BACK, ON_ACCOUNT, SALE, SPENT, TAKEN_BACK, debt_book
from daemon.domain.sale import SaleHead, cancellation_id
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import account_owners, authoring, moved, sales
from daemon.store.database import Connection
from daemon.store.moved import GIVEN_BACK_BOOKS, Book
from daemon.store.replica import Replica

REGISTRAR = Actor(ActorKind.SYSTEM, "registrar", "hub")

_TAKING = frozenset({SPENT, AT_RISK, ON_ACCOUNT})


def give_back(
    conn: Connection,
    replica: Replica,
    booked: Iterable[tuple[Header, Operation]],
    cancelled: Iterable[bytes],
    *,
    now_ms: int,
) -> int:
    """Look at sales of which something was booked just now, or that were cancelled; returns how many operations."""
    concerned: dict[bytes, set[Book]] = {sale: set() for sale in cancelled}
    for taken_from, where in _taken(booked):
        concerned.setdefault(taken_from, set()).add(where)
    count = 0
    for sale, books in sorted(concerned.items()):
        with suppress(DamagedRow, OperatorMistake):  # what cannot be read or said stops nobody
            operations = _wanted(conn, sale, books)
            for start in range(0, len(operations), OPERATIONS_MAX):
                part = operations[start : start + OPERATIONS_MAX]
                authoring.commit(conn, replica, REGISTRAR, part, now_ms=now_ms)
                count += len(part)
    return count


def _taken(booked: Iterable[tuple[Header, Operation]]) -> Iterator[tuple[bytes, Book]]:
    """The sales that have taken something, and from which book: also of whom an erasure has left no coupon."""
    for _, op in booked:
        sale, book = op.fields.get(SALE), op.fields.get(BOOK)
        if op.kind != Kind.ENTRY or op.fields.get(CAUSE) not in _TAKING or type(book) is not int:
            continue
        found = parse_entity(sale) if isinstance(sale, str) else None
        if found is not None:
            yield found, (op.entity, book - debt_book(0) if book > debt_book(0) else book)


def _wanted(conn: Connection, sale: bytes, books: Iterable[Book]) -> list[Operation]:
    """What a cancelled sale has taken and not given back; nothing of one that stands."""
    back, original = sales.head(conn, cancellation_id(sale)), sales.head(conn, sale)
    if back is None or original is None:
        return []
    known = moved.spent_from(conn, original.account, account_owners.owner(conn, original.account))
    found = list(_off_the_debt(conn, original, back))
    for where in dict.fromkeys((*known, *sorted(books))):
        if where[1] in GIVEN_BACK_BOOKS:
            found += _returned(conn, sale, back, where)
    return found


def _off_the_debt(conn: Connection, original: SaleHead, back: SaleHead) -> Sequence[Operation]:
    if moved.is_booked(conn, TAKEN_BACK, back.id, (original.account, BOOK_CREDIT)):
        return []
    part = moved.owed_still(conn, original, -back.total)
    return rights.off_the_debt(original.account, part, sale=back.id) if part else []


def _returned(conn: Connection, sale: bytes, back: SaleHead, where: Book) -> list[Operation]:
    """What was spent of one book, and what was given at risk as far as nobody has settled it."""
    (account, book), found = where, list[Operation]()
    spent = moved.booked(conn, SPENT, sale, where)
    if spent < 0 and not moved.is_booked(conn, GIVEN_BACK, back.id, where):
        found += rights.give_back(account, book, -spent, sale=back.id)
    if not moved.is_booked(conn, GIVEN_BACK, back.id, (account, debt_book(book))):
        found += rights.owe_less(account, book, moved.risked_still(conn, sale, where), sale=back.id)
    return found
