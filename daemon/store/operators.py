"""Who may call: sessions of operators and tokens of applications, kept by the hash of their secret; tries of PINs.

Operators themselves are replicated rows; a session ends at once for all tills that hear of a revocation.
"""

from dataclasses import dataclass

from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.store import elements
from daemon.store.customers import owners_of
from daemon.store.database import Connection


@dataclass(frozen=True, slots=True)
class Session:
    """Who opened a session, and until when it lasts."""

    operator: EntityId
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs in a row, and when the last one was typed."""

    wrong: int = 0
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class Application:
    """A program that may call, with its role."""

    name: str
    role: str


def operator(conn: Connection, id_: EntityId) -> Element | None:
    """The row of an operator."""
    return elements.element(conn, (id_, Kind.OPERATOR, b""))


def operators(conn: Connection) -> list[Element]:
    """All operators of the chain."""
    return elements.elements_of_kind(conn, Kind.OPERATOR)


def with_badge(conn: Connection, token: bytes) -> list[EntityId]:
    """The operators whose badge has this token."""
    return owners_of(conn, Claim.OPERATOR_BADGE, token.hex())


def open_session(conn: Connection, token: bytes, session: Session, *, now_ms: int) -> None:
    """Keep a session under the hash of its token; ended ones go."""
    conn.execute("DELETE FROM session WHERE expires_ms <= ?", (now_ms,))
    conn.execute(
        "INSERT INTO session (token, operator, opened_ms, expires_ms) VALUES (?,?,?,?)",
        (token, session.operator, now_ms, session.expires_ms),
    )


def session(conn: Connection, token: bytes, *, now_ms: int) -> Session | None:
    """The session of a token's hash, unless it has ended."""
    row = conn.execute(
        "SELECT operator, expires_ms FROM session WHERE token = ? AND expires_ms > ?", (token, now_ms)
    ).fetchone()
    return Session(EntityId(row[0]), row[1]) if row else None


def close_session(conn: Connection, token: bytes) -> None:
    """End one session."""
    conn.execute("DELETE FROM session WHERE token = ?", (token,))


def tries(conn: Connection, id_: EntityId) -> Tries:
    """What was typed wrong for this operator since the last right PIN."""
    row = conn.execute("SELECT wrong, last_ms FROM pin_try WHERE operator = ?", (id_,)).fetchone()
    return Tries(*row) if row else Tries()


def save_tries(conn: Connection, id_: EntityId, made: Tries) -> None:
    """Remember wrong tries across restarts."""
    if made.wrong == 0:
        conn.execute("DELETE FROM pin_try WHERE operator = ?", (id_,))
        return
    conn.execute(
        "INSERT INTO pin_try (operator, wrong, last_ms) VALUES (?,?,?)"
        " ON CONFLICT (operator) DO UPDATE SET wrong=excluded.wrong, last_ms=excluded.last_ms",
        (id_, made.wrong, made.last_ms),
    )


def save_application(conn: Connection, made: Application, token: bytes, *, now_ms: int) -> None:
    """Keep an application under the hash of its token; the token that it had before is worth nothing any more."""
    conn.execute(
        "INSERT OR REPLACE INTO application (name, token, role, made_ms) VALUES (?,?,?,?)",
        (made.name, token, made.role, now_ms),
    )


def application(conn: Connection, token: bytes) -> Application | None:
    """The application of a token's hash."""
    row = conn.execute("SELECT name, role FROM application WHERE token = ?", (token,)).fetchone()
    return Application(*row) if row else None


def applications(conn: Connection) -> list[Application]:
    """All applications of this machine."""
    return [Application(*row) for row in conn.execute("SELECT name, role FROM application ORDER BY name")]


def revoke_application(conn: Connection, name: str) -> bool:
    """Forget an application; False when there was none of that name."""
    return conn.execute("DELETE FROM application WHERE name = ?", (name,)).rowcount > 0
