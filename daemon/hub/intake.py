"""Takes batches in: orders what is new, then says what head office says to it, in the same transaction."""

from contextlib import suppress

from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind
from daemon.domain.feed import Batch, Frame
from daemon.errors import OperatorMistake
from daemon.hub.arbiter import awards
from daemon.hub.warden import attend
from daemon.store import authoring, contests, ordering, recovering
from daemon.store.database import Connection
from daemon.store.replica import Replica

HEAD_OFFICE = Actor(ActorKind.SYSTEM, "arbiter", "hub")


def take_in(conn: Connection, replica: Replica, batch: Batch, *, now_ms: int) -> ordering.Ordered:
    """Order a batch, decide the contests that it began, and mind the rights that it moved or asked for."""
    ordered = ordering.order_batch(conn, replica, batch, now_ms=now_ms)
    _decide(conn, replica, ordered.touched, now_ms=now_ms)
    attend(conn, replica, ordered.booked, now_ms=now_ms)
    return ordered


def take_back(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> int:
    """Order again what a till gives back after a restore, and decide its contests; returns how many were new."""
    ordered = recovering.take_back(conn, replica, frame, now_ms=now_ms)
    _decide(conn, replica, ordered.touched, now_ms=now_ms)
    attend(conn, replica, ordered.booked, now_ms=now_ms)
    return ordered.count


def _decide(conn: Connection, replica: Replica, touched: frozenset[bytes], *, now_ms: int) -> None:
    for contest in contests.begun_by(conn, touched):
        operations = awards(contest)
        for start in range(0, len(operations), OPERATIONS_MAX):
            with suppress(OperatorMistake):  # a value too long for an award stays contested; it stops nobody
                part = operations[start : start + OPERATIONS_MAX]
                authoring.commit(conn, replica, HEAD_OFFICE, part, now_ms=now_ms)
