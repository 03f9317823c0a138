"""What stands in a database, as far as every later version must find it again."""

import json
from typing import Any

from daemon.desk.lookup import load_customer
from daemon.desk.register import PAGE_MAX, page
from daemon.domain.feed import CHAIN
from daemon.domain.ids import EntityId, parse_entity
from daemon.store import changes, ordering
from daemon.store.database import Connection
from daemon.store.replica import Replica
from daemon.store.verify import verify
from daemon.typed import to_json

BOOT = bytes(8)


def standing(conn: Connection) -> dict[str, Any]:
    """Roots, counts by kind, customers by id, positions; and that rows, sums and digests agree."""
    replica = Replica(BOOT)
    replica.reload(conn)
    head = ordering.feed_head(conn, CHAIN)
    return {
        "schema": conn.execute("PRAGMA user_version").fetchone()[0],
        "root": replica.root(conn).hex(),
        "roots": {f"{scope.reach}/{scope.number}": replica.root(conn, scope).hex() for scope in replica.scopes},
        "elements": dict(conn.execute("SELECT CAST(kind AS TEXT), count(*) FROM element GROUP BY kind").fetchall()),
        "losers": conn.execute("SELECT count(*) FROM loser").fetchone()[0],
        "head": [replica.head.incarnation, replica.head.seq, replica.head.chain.hex()],
        "feed": [head.generation, head.offset, head.chain.hex()],
        "cursors": {
            f"{scope.reach}/{scope.number}": [cursor.generation, cursor.offset, cursor.chain.hex()]
            for scope, cursor in replica.cursors.items()
        },
        "waiting": changes.waiting(conn).records,
        "sound": list(verify(conn).faults),
        "customers": _customers(conn),
    }


def _customers(conn: Connection) -> dict[str, Any]:
    found: dict[str, Any] = {}
    after: EntityId | None = None
    while True:
        shown = page(conn, after, limit=PAGE_MAX)
        for one in shown.customers:
            found[one.id] = _said(json.loads(to_json(load_customer(conn, EntityId(bytes.fromhex(one.id))))))
        after = parse_entity(shown.next)
        if after is None:
            return found


def _said(value: Any) -> Any:
    """Without what says nothing: later versions will have more names for that."""
    if isinstance(value, dict):
        parts = {name: _said(part) for name, part in value.items()}
        return {
            name: part for name, part in parts.items() if part not in (None, "", False, [], {}, {"state": "unknown"})
        }
    return [_said(part) for part in value] if isinstance(value, list) else value
