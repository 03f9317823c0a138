"""Takes batches in: orders what is new, then says what head office says to it, in the same transaction."""

from daemon.domain.change import Actor, ActorKind
from daemon.domain.feed import Batch
from daemon.hub.arbiter import awards
from daemon.store import authoring, contests, ordering
from daemon.store.database import Connection
from daemon.store.replica import Replica

HEAD_OFFICE = Actor(ActorKind.SYSTEM, "arbiter", "hub")


def take_in(conn: Connection, replica: Replica, batch: Batch, *, now_ms: int) -> ordering.Ordered:
    """Order a batch and decide the contests that it began."""
    ordered = ordering.order_batch(conn, replica, batch, now_ms=now_ms)
    for contest in contests.begun_by(conn, ordered.touched):
        operations = awards(contest)
        if operations:
            authoring.commit(conn, replica, HEAD_OFFICE, operations, now_ms=now_ms)
    return ordered
