"""Sums of accounts, as they are kept with each entry."""

from daemon.store.database import Connection


def of_account(conn: Connection, account: bytes) -> dict[int, int]:
    """The balance of each book of an account that has entries."""
    rows = conn.execute("SELECT book, amount FROM balance WHERE account = ? AND holder = x''", (account,))
    return {int(book): int(amount) for book, amount in rows}
