"""What was set aside: messages that cannot be read, frames that do not fit. Nothing that follows waits for them."""

from daemon.store.database import Connection

PAYLOAD_BYTES = 65_536
"""An own record has at most half of it: only what could not have been saved by this program is cut."""

REASON_LENGTH = 500

KEPT = 200
"""Older ones go: a broken peer must not fill the disk. Own records stay: somebody was told that they are saved."""


def set_aside(conn: Connection, *, source: str, reason: str, payload: bytes, now_ms: int) -> None:
    """Keep a payload apart with its reason."""
    conn.execute(
        "INSERT INTO quarantine (at_ms, source, reason, payload) VALUES (?,?,?,?)",
        (now_ms, source, reason[:REASON_LENGTH], payload[:PAYLOAD_BYTES]),
    )
    conn.execute("DELETE FROM quarantine WHERE source != 'own' AND id <= (SELECT max(id) FROM quarantine) - ?", (KEPT,))


def count(conn: Connection) -> int:
    """How many things are set aside."""
    return int(conn.execute("SELECT count(*) FROM quarantine").fetchone()[0])
