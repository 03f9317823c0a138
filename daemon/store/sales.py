"""The register of sales: which are known here, found by customer, time, amount, ticket, product, or by their original.

The entries are the truth; what is looked up derives from them in the transaction that brings them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.domain.claims import normal_form
from daemon.domain.element import Element, Key
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.sale import SaleHead, SoldLine, head_of, lines_of
from daemon.store import elements
from daemon.store.database import Connection

SALES = frozenset({Kind.SALE, Kind.SALE_LINES})

FOUND_MAX = 200
"""Sales of one answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What is remembered of a sale; what is absent does not matter. Moments in Unix milliseconds, `until_ms` excluded.

    `amount`: cents of the total, whatever its sign.
    """

    accounts: tuple[bytes, ...] = ()
    from_ms: int | None = None
    until_ms: int | None = None
    amount: int | None = None
    product: str = ""
    ticket: str = ""
    shop: int | None = None
    limit: int = 50


def write(conn: Connection, pairs: Iterable[tuple[Key, Element | None, Element | None]]) -> None:
    """Derive what is looked up from sales that come, are replaced by an earlier statement, or go."""
    for _, before, after in pairs:
        if before is not None:
            conn.executemany(_FORGET_SALE, [row[:3] for row in _sale_rows(before)])
            conn.executemany(_FORGET_PRODUCT, _product_rows(before))
        if after is not None:
            conn.executemany(_LEARN_SALE, _sale_rows(after))
            conn.executemany(_LEARN_PRODUCT, _product_rows(after))


_FORGET_SALE = "DELETE FROM sale WHERE account = ? AND sold_ms = ? AND id = ?"
_FORGET_PRODUCT = "DELETE FROM sold_product WHERE product = ? AND account = ? AND id = ?"
_LEARN_SALE = "INSERT OR REPLACE INTO sale (account, sold_ms, id, total, shop, ticket, original) VALUES (?,?,?,?,?,?,?)"
_LEARN_PRODUCT = "INSERT OR IGNORE INTO sold_product (product, account, id) VALUES (?,?,?)"


def write_again(conn: Connection, account: bytes, found: Iterable[Element]) -> None:
    """Derive one account's sales anew, from those of its entries that can be read."""
    conn.execute("DELETE FROM sale WHERE account = ?", (account,))
    conn.execute("DELETE FROM sold_product WHERE account = ?", (account,))
    write(conn, [(row.key, None, row) for row in found])


def head(conn: Connection, sale: bytes) -> SaleHead | None:
    """One sale by its id, or None. Of two accounts that name one id, the one that did so first."""
    accounts = conn.execute("SELECT account FROM sale WHERE id = ?", (sale,)).fetchall()
    found = [elements.element(conn, (account, Kind.SALE, sale)) for (account,) in accounts]
    stated = sorted((one.base, one.entity, one) for one in found if one is not None)
    return head_of(stated[0][2]) if stated else None


def registered_at(conn: Connection, sale: bytes) -> int:
    """The till that registered a sale, as it was first stated; 0 where it is not known."""
    accounts = conn.execute("SELECT account FROM sale WHERE id = ?", (sale,)).fetchall()
    found = [elements.element(conn, (account, Kind.SALE, sale)) for (account,) in accounts]
    return min((one.base for one in found if one is not None), default=(0, 0, 0))[1]


def lines(conn: Connection, of: SaleHead) -> tuple[SoldLine, ...] | None:
    """The lines of a sale; None where they are not here, or it has none."""
    entry = elements.element(conn, (of.account, Kind.SALE_LINES, of.id))
    return lines_of(entry) if entry is not None else None


_FOLLOWING = "SELECT account, id FROM sale WHERE original = ? AND original != x'' ORDER BY sold_ms, id"
"""The second condition is the index's own: without it every sale would be looked at."""


def following(conn: Connection, sale: bytes) -> list[tuple[SaleHead, tuple[SoldLine, ...]]]:
    """The returns and the cancellation of a sale, with those of their lines that are here."""
    rows = conn.execute(_FOLLOWING, (sale,)).fetchall()
    heads = _heads(conn, rows)
    return [(one, lines(conn, one) or ()) for one in heads]


def returned_total(conn: Connection, sale: bytes) -> int:
    """Cents that are known to have come back of a sale."""
    return -sum(head.total for head, _ in following(conn, sale))


def of_accounts(conn: Connection, accounts: Sequence[bytes], *, before_ms: int, limit: int) -> list[SaleHead]:
    """The last sales of some accounts before a moment, newest first."""
    rows: list[tuple[int, bytes, bytes]] = []
    for account in accounts:
        rows += conn.execute(
            "SELECT sold_ms, account, id FROM sale WHERE account = ? AND sold_ms < ? ORDER BY sold_ms DESC LIMIT ?",
            (account, before_ms, limit),
        )
    rows.sort(reverse=True)
    return _heads(conn, [(account, id_) for _, account, id_ in rows[:limit]])


def find(conn: Connection, sought: Sought) -> tuple[list[SaleHead], bool]:
    """The newest sales that fit, and whether there may be more than were looked at."""
    limit = max(1, min(sought.limit, FOUND_MAX))
    table, where, values = _conditions(sought)
    rows = conn.execute(
        f"SELECT s.account, s.id FROM {table} WHERE {where} ORDER BY s.sold_ms DESC, s.id LIMIT ?", (*values, limit + 1)
    ).fetchall()
    return _heads(conn, rows[:limit]), len(rows) > limit


def _conditions(sought: Sought) -> tuple[str, str, list[Any]]:
    """The most telling table first; the rest narrows it down."""
    table, where = "sale s", ["1"]
    values: list[Any] = []
    if sought.product:
        table = "sold_product p JOIN sale s ON s.account = p.account AND s.id = p.id"
        where.append("p.product = ?")
        values.append(normal_form(Claim.PRODUCT, sought.product))
    if sought.accounts:
        where.append(f"s.account IN ({','.join('?' * len(sought.accounts))})")
        values += sought.accounts
    simple = (
        ("s.sold_ms >= ?", sought.from_ms),
        ("s.sold_ms < ?", sought.until_ms),
        ("abs(s.total) = ?", abs(sought.amount) if sought.amount is not None else None),
        ("+s.shop = ?", sought.shop),  # the plus: newest first until enough are found, not all of them, sorted
        ("s.ticket = ? AND s.ticket != ''", sought.ticket or None),
    )
    for condition, value in simple:
        if value is not None:
            where.append(condition)
            values.append(value)
    return table, " AND ".join(where), values


def _heads(conn: Connection, rows: Iterable[tuple[bytes, bytes]]) -> list[SaleHead]:
    found = [elements.element(conn, (account, Kind.SALE, id_)) for account, id_ in rows]
    return [head_of(one) for one in found if one is not None]


def _sale_rows(entry: Element) -> list[tuple[Any, ...]]:
    if entry.kind != Kind.SALE:
        return []
    one = head_of(entry)
    return [(one.account, one.sold_ms, one.id, one.total, one.shop, one.ticket, one.original or b"")]


def _product_rows(entry: Element) -> list[tuple[str, bytes, bytes]]:
    if entry.kind != Kind.SALE_LINES:
        return []
    codes = {normal_form(Claim.PRODUCT, line.product) for line in lines_of(entry) if line.product}
    return [(code, entry.entity, entry.dot) for code in sorted(codes)]
