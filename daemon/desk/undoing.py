"""What comes back of a sale takes along what the sale had brought, and gives back what was spent in it."""

from daemon.desk.sale_party import Selling
from daemon.domain import rights as booking
from daemon.domain.change import Operation
from daemon.domain.coupon import ACCOUNT as COUPON_ACCOUNT
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT, BOOK_LIMIT, BOOK_POINTS, Kind
from daemon.domain.ledger import AMOUNT
from daemon.domain.rate import share
from daemon.domain.rights import EARNED, ON_ACCOUNT, TAKEN_BACK, fact_of
from daemon.domain.sale import SaleHead
from daemon.store import elements, loyalty, rights, sales
from daemon.store.database import Connection
from daemon.store.replica import Replica


def undone(conn: Connection, replica: Replica, selling: Selling) -> list[Operation]:
    """What comes back of a sale takes its share of the points along; a cancellation gives back what was spent.

    Two tills may cancel one sale while the line is cut: what a cancellation takes is due, under the one fact that
    both state, and is collected by head office. A return takes from the rights that are here. What was bought on
    account and is owed still is owed no longer.
    """
    original = selling.original
    if original is None:
        return []
    earned = _booked(conn, EARNED, original.id, (original.account, BOOK_POINTS))
    before = sales.returned_total(conn, original.id)
    points = _taken_along(earned, original.total, before, -selling.total) if earned else 0
    debt = _off_the_debt(conn, selling, original)
    if selling.kind == "cancellation":
        due = booking.due_book(BOOK_POINTS)
        taken = booking.book(original.account, due, points, sale=selling.sale, cause=TAKEN_BACK)
        return [*taken, *debt, *_given_back(conn, original, selling)]
    purse = rights.purse(conn, replica, original.account, BOOK_POINTS)
    holder = rights.holder_of(replica)
    return [*booking.take_back(purse, points, holder=holder, sale=selling.sale), *debt]


def written_off(conn: Connection, back: SaleHead) -> int:
    """How much of a return went off what the customer owed: nobody gets that in money, nor as a credit note."""
    return -_booked(conn, TAKEN_BACK, back.id, (back.account, BOOK_CREDIT))


def _off_the_debt(conn: Connection, selling: Selling, original: SaleHead) -> list[Operation]:
    """What was bought on account comes off what is owed first, and may be bought for again."""
    account = original.account
    bought = _booked(conn, ON_ACCOUNT, original.id, (account, BOOK_CREDIT))
    if bought <= 0:
        return []
    gone = sum(written_off(conn, head) for head, _ in sales.following(conn, original.id))
    owed = rights.balance(conn, account, BOOK_CREDIT)
    part = min(-selling.total, bought - gone, owed)
    if part <= 0:
        return []
    return [
        *booking.book(account, BOOK_CREDIT, -part, sale=selling.sale, cause=TAKEN_BACK),
        *booking.earn(account, BOOK_LIMIT, part, sale=selling.sale, holder=None, cause=TAKEN_BACK),
    ]


def _given_back(conn: Connection, original: SaleHead, selling: Selling) -> list[Operation]:
    """What the customer had spent in a sale that is cancelled: points, and coupons that were used in it."""
    here = loyalty.owned(conn, selling.customer) if selling.customer is not None else []
    owned = [one.fields.get(COUPON_ACCOUNT) for one in here if one.kind == Kind.COUPON]
    others = loyalty.accounts_of(conn, selling.customer) if selling.customer is not None else []
    books = [(one, BOOK_POINTS) for one in dict.fromkeys((original.account, *others))]
    books += [(one, BOOK_COUPON) for one in owned if isinstance(one, bytes)]
    found: list[Operation] = []
    for whose, book in books:
        spent = _booked(conn, booking.SPENT, original.id, (whose, book))
        if spent < 0:
            found += booking.earn(whose, book, -spent, sale=selling.sale, holder=None, cause=booking.GIVEN_BACK)
    return found


def _booked(conn: Connection, cause: str, sale: bytes, where: tuple[bytes, int]) -> int:
    """What a sale has done to one book of an account for this cause."""
    account, book = where
    entry = elements.element(conn, (account, Kind.ENTRY, fact_of(cause, sale, account, book)))
    amount = entry.fields.get(AMOUNT) if entry is not None else None
    return amount if isinstance(amount, int) else 0


def _taken_along(earned: int, total: int, before: int, back: int) -> int:
    """The points that go with so many cents of a sale, after others: parts rounded one by one would come to more."""
    if total <= 0:
        return 0
    gone, after = (min(max(cents, 0), total) for cents in (before, before + back))
    return share(earned, after, total) - share(earned, gone, total)
