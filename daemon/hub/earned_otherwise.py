"""Two tills have posted one sale and make it earn otherwise: what the customer was promised more is booked.

Of what a sale earns the earliest statement stands, and the till whose visit issued the sale made the right to its own.
A rule or a group that only one of the two has heard of makes that right the larger one: without the difference it would
be a floor that is broken, and a debt of somebody who did nothing.
"""

from collections.abc import Iterable
from contextlib import suppress

from daemon.domain import authoring as authored
from daemon.domain import rights
from daemon.domain.change import Actor, ActorKind, Header, Operation
from daemon.domain.element import Element
from daemon.domain.ids import parse_entity
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER
from daemon.domain.rights import CAUSE, CORRECTED, EARNED, SALE, Holder, holder_in
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import authoring, elements, moved
from daemon.store.database import Connection
from daemon.store.replica import Replica

REGISTRAR = Actor(ActorKind.SYSTEM, "registrar", "hub")


Promise = tuple[int, Holder | None]
"""How much a till said that it may spend of a sale's earning, and as which holder."""


def even(conn: Connection, replica: Replica, booked: Iterable[tuple[Header, Operation]], *, now_ms: int) -> int:
    """Look at what sales have earned by what was ordered just now; returns how many were made even."""
    promised: dict[tuple[bytes, bytes], Promise] = {}
    for _, op in booked:
        if op.dot and op.fields.get(CAUSE) == EARNED:
            key, said = (op.entity, op.dot), (_amount(op), holder_in(op.fields.get(HOLDER)))
            known = promised.get(key, (0, None))
            promised[key] = said if op.kind == Kind.RIGHT and said[0] > known[0] else known
    count = 0
    for (account, fact), promise in sorted(promised.items()):
        with suppress(DamagedRow, OperatorMistake):  # what cannot be read or said stops nobody
            operations = _wanted(conn, account, fact, promise)
            if operations:
                authoring.commit(conn, replica, REGISTRAR, operations, now_ms=now_ms)
                count += 1
    return count


def _wanted(conn: Connection, account: bytes, fact: bytes, promise: Promise) -> list[Operation]:
    """What books the rest of a promise; and the right to it, where head office had kept less for that till before."""
    entry = elements.element(conn, (account, Kind.ENTRY, fact))
    right = elements.element(conn, (account, Kind.RIGHT, fact))
    if entry is None:
        return []
    said, book = entry.fields.get(SALE), entry.fields.get(BOOK)
    sale = parse_entity(said) if isinstance(said, str) else None
    standing, (amount, holder) = _amount(right) if right is not None else 0, promise
    missing = max(standing, amount) - _amount(entry)
    if sale is None or type(book) is not int or missing <= 0:
        return []
    if moved.is_booked(conn, CORRECTED, sale, (account, book)):
        return []
    found = rights.book(account, book, missing, sale=sale, cause=CORRECTED)
    if amount > standing and holder is not None:
        fields = {BOOK: book, AMOUNT: amount - standing, CAUSE: CORRECTED, HOLDER: holder}
        found.append(authored.add(Kind.RIGHT, account, fields, fact=found[0].dot))
    return found


def _amount(said: Element | Operation) -> int:
    amount = said.fields.get(AMOUNT)
    return amount if type(amount) is int else 0
