"""Visits as they are kept: one open one per lane, there again after a restart."""

from daemon.domain.ids import EntityId
from daemon.domain.visit import Visit, VisitState
from daemon.store.database import Connection

_COLUMNS = "id, lane, state, customer, walk_in, basket, sale, opened_ms, changed_ms"


def save(conn: Connection, visit: Visit) -> None:
    """Write a visit as it is now."""
    conn.execute(
        f"INSERT INTO visit ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET"
        " state=excluded.state, customer=excluded.customer, basket=excluded.basket, changed_ms=excluded.changed_ms",
        (
            visit.id,
            visit.lane,
            visit.state.value,
            visit.customer,
            visit.walk_in,
            visit.basket,
            visit.sale,
            visit.opened_ms,
            visit.changed_ms,
        ),
    )


def load(conn: Connection, id_: EntityId) -> Visit | None:
    """One visit, or None."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM visit WHERE id = ?", (id_,)).fetchone()
    return _visit(row) if row else None


def of_sale(conn: Connection, sale: str) -> Visit | None:
    """The visit that issued the id of a sale, while it is kept."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM visit WHERE sale = ?", (sale,)).fetchone()
    return _visit(row) if row else None


def open_ones(conn: Connection, lane: str | None = None) -> list[Visit]:
    """The open visits, one for each lane where somebody is being served; or that of one lane."""
    where, values = (" AND lane = ?", (lane,)) if lane is not None else ("", ())
    rows = conn.execute(f"SELECT {_COLUMNS} FROM visit WHERE state = 'open'{where} ORDER BY lane", values)
    return [_visit(row) for row in rows]


def carry(conn: Connection, visit: bytes, ticket: bytes) -> None:
    """What a held ticket had in it was put into the basket of this visit."""
    conn.execute("INSERT OR IGNORE INTO visit_ticket (visit, ticket) VALUES (?,?)", (visit, ticket))


def carried(conn: Connection, visit: bytes) -> frozenset[bytes]:
    """The held tickets that were put into the basket of a visit."""
    rows = conn.execute("SELECT ticket FROM visit_ticket WHERE visit = ?", (visit,))
    return frozenset(bytes(ticket) for (ticket,) in rows)


def drop(conn: Connection, visit: bytes, ticket: bytes) -> None:
    """A held ticket was taken out of the basket of a visit."""
    conn.execute("DELETE FROM visit_ticket WHERE visit = ? AND ticket = ?", (visit, ticket))


def forget_carried(conn: Connection) -> None:
    """Visits that are forgotten carried nothing."""
    conn.execute("DELETE FROM visit_ticket WHERE visit NOT IN (SELECT id FROM visit)")


def has_any(conn: Connection, customer: bytes) -> bool:
    """Whether this till serves this customer now, or sold to them."""
    row = conn.execute(
        "SELECT 1 FROM visit WHERE customer = ? AND state != 'cancelled' LIMIT 1", (customer,)
    ).fetchone()
    return row is not None


def of_customer(conn: Connection, customer: bytes) -> list[tuple[str, str, int]]:
    """(lane, state, when it was opened) of the visits of a customer at this till that are remembered."""
    rows = conn.execute("SELECT lane, state, opened_ms FROM visit WHERE customer = ? ORDER BY opened_ms", (customer,))
    return [(lane, state, opened_ms) for lane, state, opened_ms in rows]


def forget_closed(conn: Connection, before_ms: int, *, limit: int) -> int:
    """Delete at most `limit` visits that were posted or cancelled before this time; returns how many."""
    return conn.execute(
        "DELETE FROM visit WHERE id IN"
        " (SELECT id FROM visit WHERE state != 'open' AND changed_ms < ? ORDER BY changed_ms LIMIT ?)",
        (before_ms, limit),
    ).rowcount


def cut(conn: Connection, entity: bytes) -> None:
    """An erased customer was never there: the walk-in takes their place, and the basket of a closed visit goes."""
    conn.execute(
        "UPDATE visit SET customer = walk_in, basket = CASE state WHEN 'open' THEN basket ELSE x'' END"
        " WHERE customer = ?",
        (entity,),
    )


def _visit(row: tuple[bytes, str, str, bytes, bytes, bytes, str, int, int]) -> Visit:
    id_, lane, state, customer, walk_in, basket, sale, opened_ms, changed_ms = row
    return Visit(
        id=EntityId(id_),
        lane=lane,
        state=VisitState(state),
        customer=EntityId(customer),
        walk_in=EntityId(walk_in),
        basket=basket,
        sale=sale,
        opened_ms=opened_ms,
        changed_ms=changed_ms,
    )
