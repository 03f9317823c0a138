"""The one way in for a user action, at a till and at the hub."""

from collections.abc import Sequence

from daemon.domain.audit import described
from daemon.domain.change import Actor, Operation
from daemon.domain.kinds import Kind
from daemon.domain.ledger import BOOK
from daemon.domain.rights import ASKED_MS, CAUSE, GUARDED, RECALLED, TO, due_book
from daemon.store import audit, changes, ordering
from daemon.store.database import Connection
from daemon.store.replica import Replica


def commit(
    conn: Connection, replica: Replica, actor: Actor, operations: Sequence[Operation], *, now_ms: int
) -> changes.Saved:
    """Apply and record an action in the caller's transaction; at the hub it is ordered at once.

    Raises OperatorMistake for an action that is too big to be sent.
    """
    saved = changes.save(conn, replica, actor, operations, now_ms=now_ms)
    what, about = described(operations)
    audit.note(conn, replica, actor, what, now_ms=now_ms, of=(about, (saved.record.boot, saved.record.n)))
    if replica.identity.is_hub:
        ordering.append_own(conn, replica, saved, now_ms=now_ms)
        _note_funded(conn, operations)
        _note_held_back(conn, operations, until_ms=now_ms + ASKED_MS)
    return saved


def _note_held_back(conn: Connection, operations: Sequence[Operation], *, until_ms: int) -> None:
    """What holders are asked to return to nobody is wanted for something: it is not handed out again at once."""
    for op in operations:
        book = op.fields.get(BOOK)
        if op.kind == Kind.RIGHT and op.fields.get(CAUSE) == RECALLED and op.fields.get(TO) is None and book in GUARDED:
            conn.execute(
                "INSERT OR REPLACE INTO held_back (account, book, until_ms) VALUES (?,?,?)", (op.entity, book, until_ms)
            )


def _note_funded(conn: Connection, operations: Sequence[Operation]) -> None:
    """What head office books itself may be handed out, or is to be collected: the warden looks at it soon."""
    funded: set[tuple[bytes, int]] = set()
    for op in operations:
        book = op.fields.get(BOOK) if op.kind == Kind.ENTRY else None
        book = book - due_book(0) if isinstance(book, int) and book > due_book(0) else book
        if isinstance(book, int) and book in GUARDED:
            funded.add((op.entity, book))
    if funded:
        conn.executemany("INSERT OR IGNORE INTO funded (account, book) VALUES (?,?)", sorted(funded))
