"""What a second person has approved, kept until it is used once or its time is over."""

from dataclasses import dataclass

from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """`asked_by`: the only actor who may use it; `amount`: the most that it covers; `approver`: an operator's id."""

    asked_by: str
    act: str
    amount: int
    approver: str
    until_ms: int


def keep(conn: Connection, token: bytes, made: Approval, *, now_ms: int) -> None:
    """Keep an approval under the hash of its token; those whose time is over go."""
    conn.execute("DELETE FROM approval WHERE until_ms <= ?", (now_ms,))
    conn.execute(
        "INSERT INTO approval (token, asked_by, act, amount, approver, until_ms) VALUES (?,?,?,?,?,?)",
        (token, made.asked_by, made.act, made.amount, made.approver, made.until_ms),
    )


def use(conn: Connection, token: bytes, *, now_ms: int) -> Approval | None:
    """Take an approval away: it is used in this transaction, or not at all."""
    row = conn.execute(
        "DELETE FROM approval WHERE token = ? AND until_ms > ? RETURNING asked_by, act, amount, approver, until_ms",
        (token, now_ms),
    ).fetchone()
    if row is None:
        return None
    asked_by, act, amount, approver, until_ms = row
    return Approval(asked_by=asked_by, act=act, amount=amount, approver=approver, until_ms=until_ms)
