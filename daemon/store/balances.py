"""Sums of accounts, as they are kept with each entry; whether somebody has a history of money."""

from collections.abc import Iterable
from typing import Final

from daemon.domain.coupon import ACCOUNT as COUPON_ACCOUNT
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_COUPON, SHAPES, Kind
from daemon.domain.ledger import FROM_SALES
from daemon.store.database import Connection

_NOTE_ACCOUNT: Final = SHAPES[Kind.CREDIT_NOTE].number("account")


def of_account(conn: Connection, account: bytes) -> dict[int, int]:
    """The balance of each book of an account that has entries."""
    rows = conn.execute("SELECT book, amount FROM balance WHERE account = ? AND holder = x''", (account,))
    return {int(book): int(amount) for book, amount in rows}


def from_sales(conn: Connection, account: bytes, book: int) -> int:
    """What sales have brought to a book, less what came back with goods; whatever was spent of it."""
    row = conn.execute(
        "SELECT amount FROM balance WHERE account = ? AND book = ? AND holder = x''", (account, FROM_SALES + book)
    ).fetchone()
    return int(row[0]) if row else 0


def has_money_history(conn: Connection, here: Iterable[Element]) -> bool:
    """Whether a customer, of whom these are the elements, was ever given a credit note, or has used a coupon."""
    for one in here:
        if one.kind == Kind.CREDIT_NOTE and isinstance(one.fields.get(_NOTE_ACCOUNT), bytes):
            return True
        account = one.fields.get(COUPON_ACCOUNT) if one.kind == Kind.COUPON else None
        if isinstance(account, bytes) and of_account(conn, account).get(BOOK_COUPON) == 0:
            return True
    return False
