"""What a sale has moved on accounts, as far as it is booked here."""

from collections.abc import Sequence
from typing import Final

from daemon.domain.coupon import ACCOUNT as COUPON_ACCOUNT
from daemon.domain.credit_note import account_of_note, fact_of_return
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import (
    BOOK_COUPON,
    BOOK_CREDIT,
    BOOK_CREDIT_NOTE,
    BOOK_POINTS,
    BOOK_QUOTA,
    SHAPES,
    Kind,
)
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.domain.rights import (
    AT_RISK,
    CORRECTED,
    EARNED,
    ISSUED,
    ON_ACCOUNT,
    TAKEN_BACK,
    debt_book,
    due_book,
    evened_fact,
    fact_of,
)
from daemon.domain.risk_shares import Share, shares
from daemon.domain.sale import SaleHead
from daemon.store import elements, loyalty, past, rights, sales
from daemon.store.database import Connection

Book = tuple[bytes, int]
"""(account, book)"""

GIVEN_BACK_BOOKS: Final = frozenset({BOOK_POINTS, BOOK_COUPON, BOOK_QUOTA})
"""What a cancellation gives back. What was bought on account comes off the debt. Credit notes are money: what was paid
with one comes back as money does, or as another credit note."""

_PROMO_ACCOUNT: Final = SHAPES[Kind.PROMO_CODE].number("account")


def booked(conn: Connection, cause: str, sale: bytes, where: Book) -> int:
    """What a sale has done to one book for this cause; 0: nothing."""
    account, book = where
    entry = elements.element(conn, (account, Kind.ENTRY, fact_of(cause, sale, account, book)))
    amount = entry.fields.get(AMOUNT) if entry is not None else None
    return amount if isinstance(amount, int) else 0


def is_booked(conn: Connection, cause: str, sale: bytes, where: Book) -> bool:
    """Whether a sale has done anything to one book for this cause."""
    account, book = where
    return elements.element(conn, (account, Kind.ENTRY, fact_of(cause, sale, account, book))) is not None


def spent_from(conn: Connection, account: bytes, customer: EntityId | None) -> Sequence[Book]:
    """The books from which a sale on this account may have taken what its cancellation gives back.

    Points of every account of the person, their coupons, promo codes.
    """
    others = loyalty.accounts_of(conn, customer) if customer is not None else []
    here = loyalty.owned(conn, customer) if customer is not None else []
    owned = [one.fields.get(COUPON_ACCOUNT) for one in here if one.kind == Kind.COUPON]
    promos = [row.fields.get(_PROMO_ACCOUNT) for row in elements.elements_of_kind(conn, Kind.PROMO_CODE)]
    return [
        *((one, BOOK_POINTS) for one in dict.fromkeys((account, *others))),
        *((one, BOOK_COUPON) for one in owned if isinstance(one, bytes)),
        *((one, BOOK_QUOTA) for one in promos if isinstance(one, bytes)),
    ]


def owed_still(conn: Connection, original: SaleHead, back: int) -> int:
    """Cents of what comes back of a sale (`back`) that were bought on account in it, and are owed still."""
    bought = booked(conn, ON_ACCOUNT, original.id, (original.account, BOOK_CREDIT))
    if bought <= 0:
        return 0
    gone = sum(written_off(conn, head) for head, _ in sales.following(conn, original.id))
    return max(min(back, bought - gone, rights.balance(conn, original.account, BOOK_CREDIT)), 0)


def risk_share(conn: Connection, sale: bytes, where: Book) -> Share:
    """What a sale has taken of one book at risk: what is owed still, what was deducted for it. Known at head office."""
    account, debt = where[0], debt_book(where[1])
    if booked(conn, AT_RISK, sale, (account, debt)) <= 0:
        return Share()
    entries = [one for one in loyalty.entries(conn, account) if one.fields.get(BOOK) == debt]
    return shares(sorted(entries, key=lambda one: (_heard(conn, one), one.base, one.dot))).get(sale.hex(), Share())


def _heard(conn: Connection, entry: Element) -> int:
    """Where the record of an entry stands in the chain's feed; 0 where that is not known (any more)."""
    who = past.author(conn, entry.base)
    return who.feed_offset if who is not None else 0


def written_off(conn: Connection, back: SaleHead) -> int:
    """How much of a return went off what the customer owed: nobody gets that in money, nor as a credit note."""
    return -booked(conn, TAKEN_BACK, back.id, (back.account, BOOK_CREDIT))


def noted(conn: Connection, back: SaleHead) -> int:
    """Cents of a return, or a cancellation, for which a credit note was issued."""
    return booked(conn, ISSUED, back.id, (account_of_note(fact_of_return(back.id)), BOOK_CREDIT_NOTE))


def evened(conn: Connection, cancelled: bytes, where: Book) -> list[int]:
    """What head office has said to even a book out after a cancellation, each time that it did."""
    (account, book), found = where, list[int]()
    while entry := elements.element(conn, (account, Kind.ENTRY, evened_fact(cancelled, account, book, len(found)))):
        amount = entry.fields.get(AMOUNT)
        found.append(amount if isinstance(amount, int) else 0)
    return found


def earned_still(conn: Connection, original: SaleHead, cancelled: bytes) -> int:
    """Points that a sale has brought and nobody took along; below zero: more was taken than it brought.

    Whoever took it back, or cancelled it (under the id `cancelled`), knew another statement of what it earns than the
    one that stands.
    """
    points, due = (original.account, BOOK_POINTS), (original.account, due_book(BOOK_POINTS))
    left = booked(conn, EARNED, original.id, points) + booked(conn, CORRECTED, original.id, points)
    left += sum(evened(conn, cancelled, points)) - sum(evened(conn, cancelled, due))
    for head, _ in sales.following(conn, original.id):
        left += booked(conn, TAKEN_BACK, head.id, points) - booked(conn, TAKEN_BACK, head.id, due)
    return left
