"""What the customer of a visit spends and earns: chosen durably on the visit, taken when the sale is posted.

Every function is a part of the caller's transaction, so that the sale and what it moves are one record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from daemon.domain import rights as rules
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_CREDIT, BOOK_LIMIT
from daemon.domain.rights import AT_RISK, ON_ACCOUNT
from daemon.domain.sale import returned_of
from daemon.errors import Conflicting
from daemon.store import rights, sales
from daemon.store.database import Connection
from daemon.store.replica import Replica
from daemon.store.rights import Reserved


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """What a sale brings to a book (above zero), or takes back of it (below)."""

    account: bytes
    book: int
    amount: int
    cause: str = rules.EARNED


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """How far a choice may go beyond the rights of this till, and on whose word."""

    beyond_max: int = 0
    by: str = ""


NOTHING_BEYOND = Allowance()


def choose(
    conn: Connection, replica: Replica, visit: bytes, wanted: Movement, allowed: Allowance = NOTHING_BEYOND
) -> Reserved:
    """Keep so much of a book for this visit, in place of what it had chosen of it (0: nothing any more).

    Raises Conflicting where this till does not hold as much and the allowance does not reach.
    """
    purse = rights.purse(conn, replica, wanted.account, wanted.book, visit=visit)
    beyond = max(wanted.amount - purse.left, 0)
    if beyond > allowed.beyond_max:
        raise Conflicting(
            f"amount: {purse.left} can be spent here now, of a balance of {purse.balance}", field="amount"
        )
    chosen = Reserved(
        visit=visit,
        account=wanted.account,
        book=wanted.book,
        amount=max(wanted.amount, 0),
        beyond=beyond,
        by=allowed.by if beyond else "",
    )
    rights.reserve(conn, chosen)
    return chosen


def posting(
    conn: Connection, replica: Replica, visit: bytes, sale: bytes, moved: Sequence[Movement]
) -> list[Operation]:
    """The operations by which a sale takes what its visit had chosen, and brings what it earns; the choice is over.

    What was chosen is taken whole: the sale is done. Should this till have lost rights since (a disk put back, a second
    box under its site), the rest is a debt, never a second spend.
    """
    holder = rights.holder_of(replica)
    operations: list[Operation] = []
    used: dict[tuple[bytes, int], int] = {}
    for chosen in rights.reservations(conn, visit):
        purse = rights.purse(conn, replica, chosen.account, chosen.book, visit=visit, is_chosen=True)
        here = used[chosen.account, chosen.book] = min(chosen.amount - chosen.beyond, purse.left)
        operations += rules.spend(purse, here, holder=holder, sale=sale)
        operations += rules.owe(chosen.account, chosen.book, chosen.amount - here, sale=sale, cause=AT_RISK)
        if chosen.book == BOOK_LIMIT:
            operations += rules.book(chosen.account, BOOK_CREDIT, chosen.amount, sale=sale, cause=ON_ACCOUNT)
    issuer = rights.issuer(conn, replica, visit)
    for one in moved:
        if one.amount > 0:
            operations += rules.earn(one.account, one.book, one.amount, sale=sale, holder=issuer, cause=one.cause)
            continue
        purse = rights.purse(conn, replica, one.account, one.book, visit=visit)
        purse = replace(purse, left=purse.left - used.get((one.account, one.book), 0))
        operations += rules.take_back(purse, -one.amount, holder=holder, sale=sale, cause=one.cause)
    rights.release(conn, visit)
    return operations


def settling(conn: Connection, replica: Replica, visit: bytes, sale: bytes) -> list[Operation]:
    """What the visit of a sale takes that another till has registered: what was chosen, which only this till knows.

    Of a sale that is known to be cancelled nothing is taken. One that was cancelled unheard takes it, and head office
    gives it back.
    """
    if returned_of(sales.following(conn, sale)).cancelled:
        rights.release(conn, visit)
        return []
    return posting(conn, replica, visit, sale, [])


def posting_elsewhere(account: bytes, book: int, amount: int, sale: bytes) -> list[Operation]:
    """What a sale earns that another till's visit issued: booked once, the right to it stays with nobody for now."""
    return rules.earn(account, book, amount, sale=sale, holder=None)


def ask_for(conn: Connection, replica: Replica, account: bytes, book: int, wanted: int) -> list[Operation]:
    """Ask head office for what a basket may need here; nothing where this till holds it already."""
    purse = rights.purse(conn, replica, account, book)
    return rules.ask(purse, min(wanted, purse.balance), holder=rights.holder_of(replica))
