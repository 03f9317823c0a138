"""The whole base, page by page in the order of ids: for exports. Each page is a short unit beside the counter's."""

from dataclasses import dataclass

from daemon.desk.customer import Customer
from daemon.desk.lookup import load_customer
from daemon.desk.premises import Premises
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.errors import NotFound
from daemon.store.database import Connection

PAGE_MAX = 50
"""About 10 ms of the connection's thread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some customers, deleted ones and those shown by another left out; `next` continues, empty at the end.

    `total` counts the rows of customers, on the first page only.
    """

    customers: tuple[Customer, ...]
    next: str
    total: int | None


class RegisterDesk:
    """Where everybody is listed."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, after: EntityId | None, *, limit: int = PAGE_MAX) -> Page:
        """The customers behind `after`; None begins."""

        def unit(conn: Connection) -> Page:
            return page(conn, after, limit=max(1, min(limit, PAGE_MAX)))

        return await self._premises.database.read(unit)


def page(conn: Connection, after: EntityId | None, *, limit: int) -> Page:
    """One page, within a unit."""
    rows = conn.execute(
        "SELECT entity FROM element WHERE entity > ? AND kind = ? ORDER BY entity LIMIT ?",
        (after or b"", int(Kind.CUSTOMER), limit),
    ).fetchall()
    ids = [EntityId(entity) for (entity,) in rows]
    shown = [_shown(conn, id_) for id_ in ids]
    return Page(
        customers=tuple(customer for customer in shown if customer is not None and customer.person == customer.id),
        next=ids[-1].hex() if len(ids) == limit else "",
        total=_count(conn) if after is None else None,
    )


def _shown(conn: Connection, id_: EntityId) -> Customer | None:
    try:
        return load_customer(conn, id_)
    except NotFound:  # deleted
        return None


def _count(conn: Connection) -> int:
    return int(conn.execute("SELECT count(*) FROM element WHERE kind = ?", (int(Kind.CUSTOMER),)).fetchone()[0])
