"""Whose an account is: the way back from a sale or an entry to the customer, until an erasure cuts it."""

from collections.abc import Iterable

from daemon.domain.account import account_of
from daemon.domain.element import Element, Key
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.store.database import Connection


def write(conn: Connection, pairs: Iterable[tuple[Key, Element | None, Element | None]]) -> None:
    """Follow customers that come, name another account, or go; nearly all edits change nothing here."""
    for key, before, after in pairs:
        if key[1] != Kind.CUSTOMER:
            continue
        had = account_of(before) if before is not None else None
        has = account_of(after) if after is not None else None
        if had == has:
            continue
        if had is not None:
            conn.execute("DELETE FROM account_owner WHERE account = ? AND customer = ?", (had, key[0]))
        if has is not None:
            conn.execute("INSERT OR IGNORE INTO account_owner (account, customer) VALUES (?,?)", (has, key[0]))


def write_again(conn: Connection, customer: bytes, row: Element | None) -> None:
    """Find out anew whose account a customer's is: the row as it was before could not be read."""
    conn.execute("DELETE FROM account_owner WHERE customer = ?", (customer,))
    if row is not None:
        write(conn, [(row.key, None, row)])


def owner(conn: Connection, account: bytes) -> EntityId | None:
    """The customer whose account this is, the first by id where rows of two name it; None once they are erased."""
    row = conn.execute("SELECT min(customer) FROM account_owner WHERE account = ?", (account,)).fetchone()
    return EntityId(row[0]) if row[0] is not None else None


def cut(conn: Connection, customer: bytes) -> None:
    """Nobody finds an erased customer by what was booked."""
    conn.execute("DELETE FROM account_owner WHERE customer = ?", (customer,))
