"""Answers remembered under their Idempotency-Key, saved in the transaction of what they answer."""

from dataclasses import dataclass, field

from daemon.store.database import Connection

KEPT_MS = 30 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was answered: the hash of the question, and JSON; empty JSON once its customer was erased."""

    fingerprint: bytes
    body: bytes = field(repr=False)


def recall(conn: Connection, actor: str, key: str, *, now_ms: int) -> Remembered | None:
    """What this actor was answered under this key, or None."""
    row = conn.execute(
        "SELECT fingerprint, body FROM answer WHERE actor = ? AND key = ? AND answered_ms > ?",
        (actor, key, now_ms - KEPT_MS),
    ).fetchone()
    return Remembered(*row) if row else None


def remember(conn: Connection, actor: str, key: str, answer: Remembered, *, now_ms: int) -> None:
    """Keep an answer, and forget a few of those that are too old."""
    conn.execute(
        "INSERT OR REPLACE INTO answer (actor, key, fingerprint, answered_ms, body) VALUES (?,?,?,?,?)",
        (actor, key, answer.fingerprint, now_ms, answer.body),
    )
    conn.execute(
        "DELETE FROM answer WHERE (actor, key) IN"
        " (SELECT actor, key FROM answer WHERE answered_ms <= ? ORDER BY answered_ms LIMIT 20)",
        (now_ms - KEPT_MS,),
    )


def cut(conn: Connection, entity: bytes) -> None:
    """Empty the answers that speak of a customer; their keys stay, so that a late repetition makes nobody anew."""
    conn.execute(
        "UPDATE answer SET body = x'', fingerprint = x'' WHERE instr(body, ?)", (entity.hex().encode("ascii"),)
    )
