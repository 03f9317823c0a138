"""A customer who was deleted here while something was sold to them there: the sale turns the deletion into an archive.

Archive beats delete, so the customer is there again with their history, found last, until somebody decides.
"""

from collections.abc import Iterable, Iterator

from daemon.domain import authoring
from daemon.domain.account import account_of
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.leaving import is_deleted
from daemon.store import account_owners, balances, elements
from daemon.store.database import Connection

REASON = "deleted while something was sold elsewhere"
_ARCHIVED = CUSTOMER.number("archived")


def late_archives(conn: Connection, touched: Iterable[bytes], *, by: str, now_ms: int) -> Iterator[Operation]:
    """The archiving of everybody among these who was deleted and has a history; accounts stand for their owners."""
    seen: set[bytes] = set()
    for entity in sorted(touched):
        row = _row(conn, entity)
        if row is None:
            owner = account_owners.owner(conn, entity)
            row = _row(conn, owner) if owner is not None else None
        if row is None or row.entity in seen or not is_deleted(row):
            continue
        seen.add(row.entity)
        if _has_history(conn, row):
            guard = authoring.guard(strong=True, details=(REASON, now_ms, by))
            yield authoring.change(row, {_ARCHIVED: guard})


def _row(conn: Connection, entity: bytes) -> Element | None:
    return elements.element(conn, (entity, Kind.CUSTOMER, b""))


def _has_history(conn: Connection, row: Element) -> bool:
    found = conn.execute(
        "SELECT 1 FROM element WHERE entity = ? AND kind IN (?, ?) LIMIT 1",
        (account_of(row), int(Kind.ENTRY), int(Kind.SALE)),
    ).fetchone()
    return found is not None or balances.has_money_history(conn, elements.elements_of(conn, row.entity))
