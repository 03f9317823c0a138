"""The register of sales: which are known here, found by customer, time, amount, ticket, product, or by their original.

The entries are the truth; what is looked up derives from them in the transaction that brings them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from daemon.domain.claims import normal_form
from daemon.domain.element import Element, Key
from daemon.domain.hlc import Stamp, ms_of
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.sale import (
    SaleHead,
    SoldLine,
    copy_of,
    head_of,
    is_over_returned,
    lines_of,
    returned_of,
)
from daemon.errors import DamagedRow
from daemon.store import elements
from daemon.store.database import Connection

SALES = frozenset({Kind.SALE, Kind.SALE_LINES})

FOUND_MAX = 200
"""Sales of one answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What is remembered of a sale; what is absent does not matter. Moments in Unix milliseconds, `until_ms` excluded.

    `amount`: cents of the total, whatever its sign. `over_returned`: more came back than was sold, as far as is known.
    """

    accounts: tuple[bytes, ...] = ()
    from_ms: int | None = None
    until_ms: int | None = None
    amount: int | None = None
    product: str = ""
    ticket: str = ""
    shop: int | None = None
    over_returned: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class _Stated:
    """What is stated of one sale: its head, which the chain holds, and its shop's entry. Either may be absent."""

    head: Element | None
    kept: Element | None

    def sale_row(self) -> tuple[Any, ...] | None:
        """What the register lists: by the head, or by the shop's copy where the head was closed, or is not here yet."""
        copy = copy_of(self.kept) if self.kept is not None else None
        if self.head is not None:
            return (*_listed(head_of(self.head)), 1, int(copy is not None))
        return (*_listed(copy), 0, 1) if copy is not None else None

    def product_rows(self) -> set[tuple[str, int, bytes, bytes]]:
        """By which products it is found, where its lines are here."""
        listed = self.sale_row()
        if listed is None or self.kept is None:
            return set()
        account, sold_ms, id_, *_ = listed
        return {(code, sold_ms, account, id_) for code in _codes(self.kept)}


def write(conn: Connection, pairs: Iterable[tuple[Key, Element | None, Element | None]]) -> None:
    """Derive what is looked up from sales that come, are replaced by an earlier statement, are closed, or go.

    The elements are written already.
    """
    moved: dict[tuple[bytes, bytes], dict[int, tuple[Element | None, Element | None]]] = {}
    for (account, kind, id_), before, after in pairs:
        moved.setdefault((account, id_), {})[kind] = (_here(before), _here(after))
    for (account, id_), kinds in moved.items():
        for kind in SALES - kinds.keys():
            other = _readable(conn, (account, kind, id_))
            kinds[kind] = (other, other)
        head, kept = kinds[Kind.SALE], kinds[Kind.SALE_LINES]
        _derive(conn, _Stated(head[0], kept[0]), _Stated(head[1], kept[1]))
    _mark_over_returned(conn, moved)


def _readable(conn: Connection, key: Key) -> Element | None:
    """An element that can be read: what derives from a damaged one is made again once it is healed."""
    try:
        return elements.element(conn, key)
    except DamagedRow:
        return None


def _here(found: Element | None) -> Element | None:
    return found if found is not None and found.is_here else None


def _derive(conn: Connection, before: _Stated, after: _Stated) -> None:
    was, now = before.sale_row(), after.sale_row()
    if was != now:
        if was is not None:
            conn.execute("DELETE FROM sale WHERE account = ? AND sold_ms = ? AND id = ?", was[:3])
        if now is not None:
            conn.execute(_LEARN_SALE, now)
    gone, come = before.product_rows(), after.product_rows()
    conn.executemany(_FORGET_PRODUCT, sorted(gone - come))
    conn.executemany(_LEARN_PRODUCT, sorted(come - gone))


_LEARN_SALE = (
    "INSERT OR REPLACE INTO sale (account, sold_ms, id, total, shop, ticket, original, everywhere, copied)"
    " VALUES (?,?,?,?,?,?,?,?,?)"
)
_FORGET_PRODUCT = "DELETE FROM sold_product WHERE product = ? AND sold_ms = ? AND account = ? AND id = ?"
_LEARN_PRODUCT = "INSERT OR IGNORE INTO sold_product (product, sold_ms, account, id) VALUES (?,?,?,?)"


def _mark_over_returned(
    conn: Connection, moved: dict[tuple[bytes, bytes], dict[int, tuple[Element | None, Element | None]]]
) -> None:
    """Look anew at the sales that were taken back, or of which something was."""
    concerned = {id_ for _, id_ in moved}
    for kinds in moved.values():
        for stated in kinds.values():
            concerned |= {one for found in stated if found is not None and (one := _original(found)) is not None}
    for sale in sorted(concerned):
        conn.execute("DELETE FROM over_returned WHERE sale = ?", (sale,))
        if conn.execute("SELECT 1 FROM sale WHERE original = ? AND original != x'' LIMIT 1", (sale,)).fetchone():
            _mark(conn, sale)


def _mark(conn: Connection, sale: bytes) -> None:
    with suppress(DamagedRow):
        of = head(conn, sale)
        if of is None or not is_over_returned(of, lines(conn, of) or (), returned_of(following(conn, sale))):
            return
        conn.execute("INSERT INTO over_returned (sale, sold_ms) VALUES (?,?)", (sale, of.sold_ms))


def _original(stated: Element) -> bytes | None:
    if stated.kind == Kind.SALE:
        return head_of(stated).original
    copy = copy_of(stated)
    return copy.original if copy is not None else None


def write_again(conn: Connection, account: bytes, found: Iterable[Element]) -> None:
    """Derive one account's sales anew, from those of its entries that can be read."""
    conn.execute("DELETE FROM sale WHERE account = ?", (account,))
    conn.execute("DELETE FROM sold_product WHERE account = ?", (account,))
    stated: dict[bytes, dict[int, Element]] = {}
    for row in found:
        if row.kind in SALES and row.is_here:
            stated.setdefault(row.dot, {})[row.kind] = row
    for kinds in stated.values():
        _derive(conn, _Stated(None, None), _Stated(kinds.get(Kind.SALE), kinds.get(Kind.SALE_LINES)))


def head(conn: Connection, sale: bytes) -> SaleHead | None:
    """One sale by its id, or None. Of two accounts that name one id, the one that did so first."""
    stated = min(_stated(conn, sale), key=lambda one: (one.base, one.entity), default=None)
    return _head_in(stated) if stated is not None else None


def place(conn: Connection, sale: bytes) -> Literal["everywhere", "shop", "unknown"]:
    """Who holds a sale that is known here: the whole chain, or its shop and head office; "unknown": nobody here."""
    rows = conn.execute("SELECT everywhere FROM sale WHERE id = ?", (sale,)).fetchall()
    if not rows:
        return "unknown"
    return "everywhere" if any(everywhere for (everywhere,) in rows) else "shop"


def registered_at(conn: Connection, sale: bytes) -> int:
    """The till that registered a sale, as it was first stated; 0 where it is not known."""
    return min((one.base for one in _stated(conn, sale)), default=(0, 0, 0))[1]


def _stated(conn: Connection, sale: bytes) -> list[Element]:
    """What states a sale, one element for each account that does: its head, else its shop's copy."""
    accounts = conn.execute("SELECT account FROM sale WHERE id = ?", (sale,)).fetchall()
    found = [_statement(conn, account, sale) for (account,) in accounts]
    return [one for one in found if one is not None]


def _statement(conn: Connection, account: bytes, sale: bytes) -> Element | None:
    here = elements.element(conn, (account, Kind.SALE, sale))
    return here if here is not None else elements.element(conn, (account, Kind.SALE_LINES, sale))


def _head_in(stated: Element) -> SaleHead | None:
    return head_of(stated) if stated.kind == Kind.SALE else copy_of(stated)


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


DAY_MS: Final = 24 * 3_600_000


def stated_from(conn: Connection, accounts: Sequence[bytes], since: Stamp) -> int:
    """How many sales of some accounts the till that gave a stamp has registered from there on.

    Whose visit it was does not matter. What was sold a day before that stamp is not looked at.
    """
    oldest_ms = ms_of(since) - DAY_MS
    rows = [
        (account, id_)
        for account in accounts
        for (id_,) in conn.execute("SELECT id FROM sale WHERE account = ? AND sold_ms >= ?", (account, oldest_ms))
    ]
    stated = (_statement(conn, account, id_) for account, id_ in rows)
    return sum(one is not None and one.base[1] == since[1] and one.base >= since for one in stated)


def find(conn: Connection, sought: Sought) -> tuple[list[SaleHead], bool]:
    """The newest sales that fit, and whether there may be more than were looked at.

    What tells most leads, by its own index, from the newest on; the rest is looked at on the way, so far at most.
    """
    limit = max(1, min(sought.limit, FOUND_MAX))
    found: list[tuple[bytes, bytes]] = []
    looked = 0
    for account, id_, *said in _leading(conn, sought):
        looked += 1
        if _fits(conn, sought, (account, id_), said):
            found.append((account, id_))
        if len(found) > limit or looked >= LOOKED_MAX:
            break
    return _heads(conn, found[:limit]), len(found) > limit or looked >= LOOKED_MAX


LOOKED_MAX = 20_000
"""Sales that one search looks at: some hundredths of a second. A day, or the customer, leads further."""

_SAID = "s.account, s.id, s.total, s.shop, s.ticket"


def _leading(conn: Connection, sought: Sought) -> Iterator[tuple[Any, ...]]:
    """The sales to look at, newest first: (account, id, total, shop, ticket)."""
    span = (sought.from_ms if sought.from_ms is not None else -_EVER, _until(sought))
    sql, values = "sale s INDEXED BY sale_of_time WHERE 1", tuple[Any, ...]()
    if sought.over_returned:
        sql = "sale s JOIN over_returned o ON o.sale = s.id WHERE 1"
    elif sought.accounts:
        marks = ",".join("?" * len(sought.accounts))
        sql, values = f"sale s WHERE s.account IN ({marks})", (*sought.accounts,)
    elif sought.ticket:
        sql, values = "sale s INDEXED BY sale_of_ticket WHERE s.ticket = ? AND s.ticket != ''", (sought.ticket,)
    elif sought.product:
        code = normal_form(Claim.PRODUCT, sought.product)
        rows = conn.execute(
            "SELECT account, id FROM sold_product WHERE product = ? AND sold_ms >= ? AND sold_ms < ?"
            " ORDER BY sold_ms DESC LIMIT ?",
            (code, *span, LOOKED_MAX),
        )
        for account, id_ in rows:
            yield from conn.execute(f"SELECT {_SAID} FROM sale s WHERE s.id = ? AND s.account = ?", (id_, account))
        return
    elif sought.amount is not None:
        sql, values = "sale s INDEXED BY sale_of_amount WHERE abs(s.total) = ?", (abs(sought.amount),)
    elif sought.shop is not None:
        sql, values = "sale s INDEXED BY sale_of_shop WHERE s.shop = ?", (sought.shop,)
    yield from conn.execute(
        f"SELECT {_SAID} FROM {sql} AND s.sold_ms >= ? AND s.sold_ms < ? ORDER BY s.sold_ms DESC LIMIT ?",
        (*values, *span, LOOKED_MAX),
    )


_EVER = 1 << 62


def _until(sought: Sought) -> int:
    return sought.until_ms if sought.until_ms is not None else _EVER


def _fits(conn: Connection, sought: Sought, sale: tuple[bytes, bytes], said: Sequence[Any]) -> bool:
    """Whether a sale is as it is remembered, beyond the account and the time that led to it."""
    total, shop, ticket = said
    is_so = (not sought.accounts or sale[0] in sought.accounts) and (
        (sought.amount is None or abs(total) == abs(sought.amount))
        and (sought.shop is None or shop == sought.shop)
        and (not sought.ticket or ticket == sought.ticket)
    )
    return is_so and (not sought.product or _holds(conn, sale, sought.product))


def _holds(conn: Connection, sale: tuple[bytes, bytes], product: str) -> bool:
    kept = elements.element(conn, (sale[0], Kind.SALE_LINES, sale[1]))
    return kept is not None and normal_form(Claim.PRODUCT, product) in _codes(kept)


def last_ms(conn: Connection, account: bytes) -> int:
    """When something was last sold on an account; 0: never, as far as is known here."""
    row = conn.execute(
        "SELECT sold_ms FROM sale WHERE account = ? ORDER BY sold_ms DESC LIMIT 1", (account,)
    ).fetchone()
    return int(row[0]) if row else 0


def are_closed(conn: Connection, accounts: Sequence[bytes]) -> bool:
    """Whether head office has closed sales of one of these accounts: their shops hold them, and head office."""
    return any(elements.element(conn, (account, Kind.MONTH, b"")) is not None for account in accounts)


def held_everywhere(conn: Connection, account: bytes, *, more_than: int) -> bool:
    """Whether the whole chain holds more than so many sales of an account that could be closed."""
    (count,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM sale INDEXED BY sale_to_close"
        " WHERE account = ? AND everywhere = 1 AND copied = 1 LIMIT ?)",
        (account, more_than + 1),
    ).fetchone()
    return bool(count > more_than)


def standing(conn: Connection, account: bytes) -> list[Element]:
    """The sales of an account that the whole chain holds, of which the shop's copy is here as well."""
    rows = conn.execute(
        "SELECT id FROM sale INDEXED BY sale_to_close WHERE account = ? AND everywhere = 1 AND copied = 1"
        " ORDER BY sold_ms",
        (account,),
    ).fetchall()
    found = []
    for (id_,) in rows:
        one, kept = (elements.element(conn, (account, kind, id_)) for kind in (Kind.SALE, Kind.SALE_LINES))
        if one is not None and kept is not None and copy_of(kept) is not None:
            found.append(one)
    return found


def _heads(conn: Connection, rows: Iterable[tuple[bytes, bytes]]) -> list[SaleHead]:
    found = [_statement(conn, account, id_) for account, id_ in rows]
    heads = [_head_in(one) for one in found if one is not None]
    return [one for one in heads if one is not None]


def _listed(one: SaleHead) -> tuple[Any, ...]:
    return (one.account, one.sold_ms, one.id, one.total, one.shop, one.ticket, one.original or b"")


def _codes(kept: Element) -> set[str]:
    """The codes of what was sold, in the form in which they are looked up."""
    return {normal_form(Claim.PRODUCT, line.product) for line in lines_of(kept) if line.product}
