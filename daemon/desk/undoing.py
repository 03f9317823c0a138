"""What comes back of a sale takes along what the sale had brought, and gives back what was spent in it."""

from daemon.desk.sale_party import Selling
from daemon.domain import rights as booking
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rate import share
from daemon.domain.rights import CORRECTED, EARNED, SPENT, TAKEN_BACK
from daemon.domain.sale import SaleHead
from daemon.store import moved, rights, sales
from daemon.store.database import Connection
from daemon.store.replica import Replica


def undone(conn: Connection, replica: Replica, selling: Selling) -> list[Operation]:
    """What comes back of a sale takes its share of the points along; a cancellation gives back what was spent.

    Two tills may cancel one sale while the line is cut: what a cancellation takes is due, under the one fact that
    both state, and is collected by head office. A return takes from the rights that are here. What was bought on
    account and is owed still is owed no longer. What this till has not heard of, head office gives back, and evens out.
    """
    original = selling.original
    if original is None:
        return []
    where = (original.account, BOOK_POINTS)
    earned = sum(moved.booked(conn, cause, original.id, where) for cause in (EARNED, CORRECTED))
    before = sales.returned_total(conn, original.id)
    points = _taken_along(earned, original.total, before, -selling.total) if earned else 0
    debt = _off_the_debt(conn, selling, original)
    if selling.kind == "cancellation":
        left = moved.earned_still(conn, original, selling.sale) if replica.identity.is_hub else points
        return [*_come_to_nothing(original, left, selling), *debt, *_given_back(conn, replica, original, selling)]
    purse = rights.purse(conn, replica, original.account, BOOK_POINTS)
    holder = rights.holder_of(replica)
    return [*booking.take_back(purse, points, holder=holder, sale=selling.sale), *debt]


def _come_to_nothing(original: SaleHead, left: int, selling: Selling) -> list[Operation]:
    """What takes the points along that a cancelled sale has left.

    Head office says at once what it would say of a till's cancellation: a return may have known of fewer points than
    the sale has brought, or (`left` below zero) of more.
    """
    if left < 0:
        return booking.even_out(original.account, BOOK_POINTS, left, sale=selling.sale)
    due = booking.due_book(BOOK_POINTS)
    return booking.book(original.account, due, left, sale=selling.sale, cause=TAKEN_BACK)


def _off_the_debt(conn: Connection, selling: Selling, original: SaleHead) -> list[Operation]:
    """What was bought on account comes off what is owed first, and may be bought for again."""
    part = moved.owed_still(conn, original, -selling.total)
    return booking.off_the_debt(original.account, part, sale=selling.sale) if part else []


def _given_back(conn: Connection, replica: Replica, original: SaleHead, selling: Selling) -> list[Operation]:
    """What the customer had spent in a sale that is cancelled: points, coupons, uses of promo codes.

    What was given at risk is head office's to settle: a till leaves that to it.
    """
    found: list[Operation] = []
    for where in moved.spent_from(conn, original.account, selling.customer):
        spent = moved.booked(conn, SPENT, original.id, where)
        found += booking.give_back(*where, -spent, sale=selling.sale) if spent < 0 else []
        if replica.identity.is_hub:
            risked = moved.risk_share(conn, original.id, where)
            found += booking.owe_less(*where, risked.owed, sale=selling.sale)
            found += booking.give_back_deducted(*where, risked.deducted, sale=selling.sale)
    return found


def _taken_along(earned: int, total: int, before: int, back: int) -> int:
    """The points that go with so many cents of a sale, after others: parts rounded one by one would come to more."""
    if total <= 0:
        return 0
    gone, after = (min(max(cents, 0), total) for cents in (before, before + back))
    return share(earned, after, total) - share(earned, gone, total)
