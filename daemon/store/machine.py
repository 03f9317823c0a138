"""What the database remembers of the machine that it was last opened in; it is not replicated.

In another machine the till becomes a new incarnation and a new holder before anybody is served: what the image holds is
perhaps being spent by the machine that it was copied from.
"""

from daemon.domain.canonical import pack, unpack
from daemon.domain.machine import Facts, Recognised, recognise
from daemon.store import sealing
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

_FACTS, _MOVED = "machine", "machine_moved_ms"


def settle_in(
    conn: Connection, replica: Replica, here: Facts, *, incarnation: int, lot: bytes, now_ms: int
) -> Recognised:
    """Compare the machine with the one of the last start, and begin again where it is another one.

    As after a restore that head office tells of: operation ids stay, what waits goes again under the new incarnation.
    `incarnation` and `lot` are taken then alone.
    """
    found = note(conn, here)
    if found.is_other:
        sealing.begin_again(conn, replica, incarnation=incarnation, lot=lot)
        put_meta(conn, _MOVED, now_ms)
    return found


def note(conn: Connection, here: Facts) -> Recognised:
    """Remember this machine; who calls this alone has just become a new holder, or never held anything."""
    stored = _stored(conn)
    found = recognise(stored, here)
    if found.keep != stored:
        put_meta(conn, _FACTS, pack(tuple(sorted(found.keep.items()))))
    return found


def moved_ms(conn: Connection) -> int:
    """When this disk was first opened in a machine that is not the one before; 0: it never was."""
    return int(get_meta(conn, _MOVED, 0))


def forget(conn: Connection) -> None:
    """Somebody has enrolled this disk as another till: where it ran before is of no account."""
    conn.execute("DELETE FROM meta WHERE name IN (?, ?)", (_FACTS, _MOVED))


def _stored(conn: Connection) -> Facts | None:
    raw = get_meta(conn, _FACTS)
    return None if raw is None else dict(unpack(raw))
