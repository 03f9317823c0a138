"""As which holder a till issued a sale that another has posted: what the till knows, and what waits for its word."""

from typing import Final

from daemon.domain.escrow import Unclaimed
from daemon.domain.kinds import Kind
from daemon.domain.rights import Holder
from daemon.domain.sale import SITE_BYTES, site_of_sale
from daemon.store.database import Connection
from daemon.store.replica import Replica

SALE_BYTES: Final = 8


def issuer_of_sale(conn: Connection, replica: Replica, sale: bytes) -> Holder | None:
    """As which holder this till issued a sale, be it one that it is no more; None for one that it does not know."""
    site, random = replica.identity.site, sale[SITE_BYTES:]
    if len(sale) != SALE_BYTES or site_of_sale(sale) != site:
        return None
    row = conn.execute(
        "SELECT lot FROM visit_holder WHERE visit >= ? AND visit <= ?",
        (random, random + b"\xff" * SITE_BYTES),
    ).fetchone()
    return (site, bytes(row[0])) if row is not None else None


def keep_unclaimed(conn: Connection, one: Unclaimed) -> None:
    """Remember whose an earning is, and how much stands, until that till says as which holder it issued the sale."""
    conn.execute(
        "INSERT INTO unclaimed (account, fact, book, amount, cause, site) VALUES (?,?,?,?,?,?)"
        " ON CONFLICT (account, fact) DO UPDATE SET amount = excluded.amount",
        (one.account, one.fact, one.book, one.amount, one.cause, one.site),
    )


def waiting_for(conn: Connection, site: int) -> list[Unclaimed]:
    """All that waits for a till's word; what the till has said by now is forgotten."""
    conn.execute(
        "DELETE FROM unclaimed WHERE site = ? AND EXISTS"
        " (SELECT 1 FROM element AS e WHERE e.entity = account AND e.kind = ? AND e.dot = fact)",
        (site, int(Kind.RIGHT)),
    )
    sql = "SELECT account, fact, book, amount, cause FROM unclaimed WHERE site = ?"
    rows = conn.execute(sql, (site,)).fetchall()
    return [
        Unclaimed(account=account, fact=fact, book=book, amount=amount, cause=cause, site=site)
        for account, fact, book, amount, cause in rows
    ]
