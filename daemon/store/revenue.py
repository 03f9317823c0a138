"""Revenue by month, as it is kept with each sale; and up to when all tills are known to have been heard."""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.domain.kinds import BOOK_MONTHS
from daemon.store.database import Connection


@dataclass(frozen=True, slots=True)
class TillHeard:
    """A till whose sales may be missing at head office: when it was last heard (0: never), what it had to send then."""

    site: int
    heard_ms: int
    waiting: int


def by_month(conn: Connection, accounts: Sequence[bytes], months: Sequence[int]) -> dict[int, int]:
    """Cents of each of these months (202611), over some accounts; a month without sales is absent."""
    found: dict[int, int] = {}
    for account in accounts:
        for book, amount in conn.execute(
            f"SELECT book, amount FROM balance WHERE account = ? AND holder = x'' AND book IN ({_marks(months)})",
            (account, *(BOOK_MONTHS + month for month in months)),
        ):
            found[book - BOOK_MONTHS] = found.get(book - BOOK_MONTHS, 0) + amount
    return found


def tills_heard(conn: Connection) -> list[TillHeard]:
    """Head office: every till that is not withdrawn, and when it last said how much it had to send."""
    rows = conn.execute(
        "SELECT s.site, coalesce(r.heard_ms, 0), coalesce(r.waiting, 0)"
        " FROM site s LEFT JOIN roster r ON r.site = s.site WHERE s.revoked_ms IS NULL ORDER BY s.site"
    )
    return [TillHeard(*row) for row in rows]


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))
