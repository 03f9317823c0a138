"""Very many customers in a moment: written into head office's database while it does not run."""

from daemon.clock import SystemClock
from daemon.domain import authoring as wish
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.kinds import Kind
from daemon.store import authoring
from daemon.store.database import open_connection, run
from daemon.store.replica import Replica
from tests.system.processes import Chain


def plant(chain: Chain, count: int, *, together: int) -> None:
    """So many customers, `clientNNNNN@example.org`, some in each record; head office must not run."""
    conn = open_connection(chain.hub.api.path.parent / "hub.db")
    replica = Replica(b"planting")
    replica.reload(conn)
    now_ms = SystemClock().now_ms()
    replica.timeline = replica.timeline.anchor(local_ms=now_ms, true_ms=now_ms)
    who = Actor(ActorKind.SYSTEM, "test", "hub")
    for first in range(0, count, together):
        wishes = [_customer(at) for at in range(first, min(first + together, count))]
        run(conn, lambda c: authoring.commit(c, replica, who, wishes, now_ms=now_ms))  # noqa: B023  run at once
    conn.close()


def _customer(at: int) -> Operation:
    fields: dict[int, object] = {2: (f"Nom{at}", f"Prénom{at}"), 8: f"client{at:05d}@example.org"}
    return wish.create(Kind.CUSTOMER, b"many" + at.to_bytes(4, "big"), fields)
