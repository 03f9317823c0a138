"""An operator writes off the rights of a till that was withdrawn."""

from daemon.domain.change import OPERATIONS_MAX, Actor
from daemon.domain.ids import SiteId
from daemon.domain.retirement import write_off
from daemon.errors import Conflicting, NotFound
from daemon.store import authoring, enrolments
from daemon.store.database import Connection
from daemon.store.replica import Replica


def retire(conn: Connection, replica: Replica, actor: Actor, site: SiteId, *, now_ms: int) -> int:
    """Write off what the till still held; returns how many rights. Twice finds nothing more.

    Raises NotFound, and Conflicting for a till that may still connect: what it holds, it may be spending.
    """
    found = next((row for row in enrolments.sites(conn) if row.site == site), None)
    if found is None:
        raise NotFound(f"no till {site} was ever enrolled", field="site")
    if found.revoked_ms is None:
        raise Conflicting(f"till {site} is not withdrawn: withdraw it first, it may be spending what it holds")
    held = conn.execute("SELECT account, book, holder, amount FROM balance WHERE holder != x'' AND amount > 0")
    operations = write_off(held.fetchall(), int(site))
    for start in range(0, len(operations), OPERATIONS_MAX):
        part = operations[start : start + OPERATIONS_MAX]
        authoring.commit(conn, replica, actor, part, now_ms=now_ms)
    return len(operations)
