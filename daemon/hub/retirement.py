"""An operator writes off the rights of a till that was withdrawn, or of a box that a till was before."""

from daemon.domain.change import OPERATIONS_MAX, Actor
from daemon.domain.ids import SiteId
from daemon.domain.retirement import write_off
from daemon.errors import Conflicting, NotFound
from daemon.store import authoring, enrolments, holders
from daemon.store.database import Connection
from daemon.store.replica import Replica


def retire(conn: Connection, replica: Replica, actor: Actor, site: SiteId, *, now_ms: int) -> int:
    """Write off what the till still held; returns how many rights. Twice finds nothing more.

    Of a till that is not withdrawn only what its former boxes held, those that it has told since that it is no more.
    Raises NotFound, and Conflicting where somebody may be spending it: a till that was never another box, or two boxes
    that live under its number.
    """
    found = next((row for row in enrolments.sites(conn) if row.site == site), None)
    if found is None:
        raise NotFound(f"no till {site} was ever enrolled", field="site")
    lots = frozenset(holders.former(conn, int(site))) if found.revoked_ms is None else None
    if lots is not None:
        _refuse_unless_gone(conn, site, lots)
    held = conn.execute("SELECT account, book, holder, amount FROM balance WHERE holder != x'' AND amount > 0")
    operations = write_off(held.fetchall(), int(site), lots)
    for start in range(0, len(operations), OPERATIONS_MAX):
        part = operations[start : start + OPERATIONS_MAX]
        authoring.commit(conn, replica, actor, part, now_ms=now_ms)
    holders.forget_former(conn, int(site))
    return len(operations)


def _refuse_unless_gone(conn: Connection, site: SiteId, lots: frozenset[bytes]) -> None:
    if not lots:
        raise Conflicting(f"till {site} is not withdrawn: withdraw it first, it may be spending what it holds")
    row = conn.execute("SELECT fenced_ms FROM roster WHERE site = ?", (int(site),)).fetchone()
    if row is not None and row[0]:
        raise Conflicting(f"two boxes run under the number of till {site}: take one away first, it may be spending")
