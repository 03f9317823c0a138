"""Whose an account is, a coupon's too: the way back from what was booked to the customer, until an erasure cuts it."""

from collections.abc import Iterable, Sequence

from daemon.domain.account import ACCOUNT, account_of
from daemon.domain.coupon import ACCOUNT as COUPON_ACCOUNT
from daemon.domain.element import Element, Key
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.store.database import Connection

_NAMING: dict[int, int] = {Kind.CUSTOMER: ACCOUNT, Kind.COUPON: COUPON_ACCOUNT}
"""The field that names an account, by kind."""


def is_told(pair: tuple[Key, Element | None, Element | None], numbers: Sequence[int]) -> bool:
    """Whether a change of these fields may say another account: who comes or goes has one in any case."""
    (_, kind, _), before, after = pair
    named = _NAMING.get(kind)
    return named is not None and (before is None or after is None or named in numbers)


def write(conn: Connection, pairs: Iterable[tuple[Key, Element | None, Element | None]]) -> None:
    """Follow customers and coupons that come, name another account, or go; nearly all edits change nothing here."""
    gone: list[tuple[EntityId, bytes]] = []
    come: list[tuple[EntityId, bytes]] = []
    for key, before, after in pairs:
        if key[1] not in _NAMING:
            continue
        had, has = _named(before), _named(after)
        if had == has:
            continue
        if had is not None:
            gone.append((had, key[0]))
        if has is not None:
            come.append((has, key[0]))
    if gone:
        conn.executemany("DELETE FROM account_owner WHERE account = ? AND customer = ?", sorted(gone))
    if come:
        conn.executemany("INSERT OR IGNORE INTO account_owner (account, customer) VALUES (?,?)", sorted(come))


def write_again(conn: Connection, customer: bytes, rows: Iterable[Element]) -> None:
    """Find out anew whose accounts a customer's are: some row as it was before could not be read."""
    conn.execute("DELETE FROM account_owner WHERE customer = ?", (customer,))
    write(conn, [(row.key, None, row) for row in rows])


def _named(row: Element | None) -> EntityId | None:
    """The account that a row names."""
    if row is None:
        return None
    if row.kind == Kind.CUSTOMER:
        return account_of(row)
    account = row.fields.get(COUPON_ACCOUNT)
    return EntityId(account) if isinstance(account, bytes) else None


def owner(conn: Connection, account: bytes) -> EntityId | None:
    """The customer whose account this is, the first by id where rows of two name it; None once they are erased."""
    row = conn.execute("SELECT min(customer) FROM account_owner WHERE account = ?", (account,)).fetchone()
    return EntityId(row[0]) if row[0] is not None else None


def cut(conn: Connection, customer: bytes) -> None:
    """Nobody finds an erased customer by what was booked."""
    conn.execute("DELETE FROM account_owner WHERE customer = ?", (customer,))


def customers_after(conn: Connection, after: bytes, *, limit: int) -> list[EntityId]:
    """The next customers behind one, in the order of their ids: each has an account."""
    sql = "SELECT DISTINCT customer FROM account_owner WHERE customer > ? ORDER BY customer LIMIT ?"
    return [EntityId(customer) for (customer,) in conn.execute(sql, (after, limit))]
