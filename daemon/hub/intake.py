"""Takes batches in: orders what is new, then says what head office says to it, in the same transaction."""

from daemon.domain.change import Actor, ActorKind
from daemon.domain.feed import Batch, Frame
from daemon.hub.arbiter import awards
from daemon.store import authoring, contests, ordering, recovering
from daemon.store.database import Connection
from daemon.store.replica import Replica

HEAD_OFFICE = Actor(ActorKind.SYSTEM, "arbiter", "hub")


def take_in(conn: Connection, replica: Replica, batch: Batch, *, now_ms: int) -> ordering.Ordered:
    """Order a batch and decide the contests that it began."""
    ordered = ordering.order_batch(conn, replica, batch, now_ms=now_ms)
    _decide(conn, replica, ordered.touched, now_ms=now_ms)
    return ordered


def take_back(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> int:
    """Order again what a till gives back after a restore, and decide its contests; returns how many were new."""
    ordered = recovering.take_back(conn, replica, frame, now_ms=now_ms)
    _decide(conn, replica, ordered.touched, now_ms=now_ms)
    return ordered.count


def _decide(conn: Connection, replica: Replica, touched: frozenset[bytes], *, now_ms: int) -> None:
    for contest in contests.begun_by(conn, touched):
        operations = awards(contest)
        if operations:
            authoring.commit(conn, replica, HEAD_OFFICE, operations, now_ms=now_ms)
