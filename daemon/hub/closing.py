"""Head office closes old sales in the transaction that orders newer ones: the chain holds the last of each account."""

from collections.abc import Iterable
from contextlib import suppress

from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.closing import Bound, decide_closing
from daemon.domain.kinds import BOOK_MONTHS, BOOK_SOLD, Kind
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import authoring, balances, elements, sales
from daemon.store.database import Connection
from daemon.store.replica import Replica

BOUND = Bound()

REGISTRAR = Actor(ActorKind.SYSTEM, "registrar", "hub")


def close_old_sales(
    conn: Connection, replica: Replica, accounts: Iterable[bytes], *, now_ms: int, bound: Bound | None = None
) -> None:
    """Close what is old of the sales of these accounts, and let the months say what is right."""
    for account in sorted(accounts):
        operations = _wanted(conn, account, bound or BOUND)
        if operations:
            with suppress(OperatorMistake):  # what cannot be said stops nobody
                authoring.commit(conn, replica, REGISTRAR, operations, now_ms=now_ms)


def _wanted(conn: Connection, account: bytes, bound: Bound) -> list[Operation]:
    """What closes the old sales of one account; nothing while one of its rows waits for its mending."""
    with suppress(DamagedRow):
        row = elements.element(conn, (account, Kind.MONTH, b""))
        if row is None and not sales.held_everywhere(conn, account, more_than=bound.most):
            return []
        books = balances.of_account(conn, account).items()
        sold = {book - BOOK_SOLD: cents for book, cents in books if BOOK_SOLD < book < BOOK_SOLD + BOOK_MONTHS}
        standing = sales.standing(conn, account)
        return decide_closing(account, standing=standing, sold=sold, row=row, bound=bound)
    return []
