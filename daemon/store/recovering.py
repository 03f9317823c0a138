"""A hub that was restored orders again what its tills give back: records of an older generation, in their old order.

A record is known by its identity, never by its place, and feed by feed: its other parts may come from other tills, and
its author may send it whole.
"""

from dataclasses import replace

from daemon.domain.change import dot_of, leaf_of
from daemon.domain.feed import Frame
from daemon.domain.hlc import ticks
from daemon.domain.merge import Change
from daemon.errors import PeerFault
from daemon.store import changes, ordering
from daemon.store.database import Connection
from daemon.store.following import park
from daemon.store.personal import without_erased
from daemon.store.readable import Readable, read_record
from daemon.store.replica import Replica

FUTURE_MS_MAX = 366 * 24 * 3_600_000
"""A hub whose clock ran ahead has ordered stamps of the future; of more than a year ahead, none is believed."""


def take_back(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> ordering.Ordered:
    """Order what is not ordered yet; `touched` are whom it speaks of. What cannot be read was never ours."""
    if not ordering.is_lost_place(conn, frame):
        return ordering.Ordered(None)
    todo: list[Change] = []
    places: dict[int, tuple[Readable, int, int]] = {}
    # A hub whose own clock was set back to 1970 still knows what it had ordered.
    latest = max(ticks(now_ms), ordering.newest_time(conn)) + ticks(FUTURE_MS_MAX)
    taken: list[Readable] = []
    for record in frame.records:
        try:
            one = read_record(record)
        except PeerFault:
            continue
        is_ours = _is_of_feed(frame, one) and one.header.time <= latest
        if not is_ours or _is_known(conn, frame, one):
            continue
        taken.append(one)
        offset = _append(conn, replica, frame, one, now_ms=now_ms)
        for at, op in enumerate(one.ops):
            if op is not None:
                todo.append(Change(op, one.header.stamp, dot_of(one.header.record, at)))
                places[id(todo[-1])] = (one, offset, at)
        changes.remember_authors(conn, [one.header])
    for change in changes.apply_changes(conn, replica, todo):
        one, offset, at = places[id(change)]
        park(conn, frame.scope, (one.header, offset, at), change)
    touched = frozenset(change.op.entity for change in todo)
    return replace(ordering.minded(taken), touched=touched)


def _is_of_feed(frame: Frame, one: Readable) -> bool:
    """Whether every operation that the record carries whole belongs to this feed; the others travel as leaves."""
    said = [op for op in one.ops if op is not None]
    return all(ordering.scope_of_operation(op, one.header) == frame.scope for op in said)


def _is_known(conn: Connection, frame: Frame, one: Readable) -> bool:
    """Whether this feed holds the record: since before the backup, from its author since, or from another till."""
    return ordering.is_heard(conn, one.header) or ordering.is_recovered(conn, frame.scope, one.header)


def _append(conn: Connection, replica: Replica, frame: Frame, one: Readable, *, now_ms: int) -> int:
    slots = without_erased(replica, one.record.slots)
    leaves = [leaf_of(slot, op.entity if op else b"") for slot, op in zip(one.record.slots, one.ops, strict=True)]
    header = one.header
    conn.execute(
        "INSERT INTO recovered (reach, number, site, boot, n) VALUES (?,?,?,?,?)",
        (int(frame.scope.reach), frame.scope.number, header.site, header.boot, header.n),
    )
    return ordering.append_to(conn, frame.scope, one.record.header, (slots, leaves), now_ms=now_ms)
