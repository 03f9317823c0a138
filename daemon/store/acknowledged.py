"""Alerts that somebody has seen to during a visit: "next time"."""

from daemon.store.database import Connection


def note(conn: Connection, visit: bytes, alert: str) -> None:
    """Somebody has seen an alert."""
    conn.execute("INSERT OR IGNORE INTO acknowledged (visit, alert) VALUES (?,?)", (visit, alert))
    conn.execute("DELETE FROM acknowledged WHERE visit NOT IN (SELECT id FROM visit)")


def of_visit(conn: Connection, visit: bytes) -> frozenset[str]:
    """The alerts of a visit that somebody has seen."""
    return frozenset(alert for (alert,) in conn.execute("SELECT alert FROM acknowledged WHERE visit = ?", (visit,)))
