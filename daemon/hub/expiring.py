"""Head office takes what has expired, from what no one holds; what tills hold it recalls, and takes at the next look.

A restored hub waits with it until every till has reported: the horizon is its own, named in each entry.
"""

import logging
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.domain import escrow, expiry
from daemon.domain.calendar import day_of, day_text, zone_of
from daemon.domain.change import Actor, ActorKind
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.policy import text_of
from daemon.errors import StoreFault
from daemon.store import authoring, customers, loyalty, rights
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Accounts of one unit, unless fewer have so many entries: a few milliseconds."""
ENTRIES_AT_ONCE: Final = 500
_WITH_POINTS: Final = (
    "SELECT account, entries FROM balance INDEXED BY balance_points"
    f" WHERE book = {BOOK_POINTS} AND holder = x'' AND amount > 0 AND account > ? ORDER BY account LIMIT ?"
)
"""In the words of the index: accounts without points are not looked at."""
PAUSE_S: Final = 0.2
REST_S: Final = 6 * 3_600.0


WARDEN: Final = Actor(ActorKind.SYSTEM, "warden", "hub")


def expire_returned(conn: Connection, replica: Replica, account: bytes, *, now_ms: int) -> int:
    """A till has returned points: what of them is over goes, before anybody is given it again. Returns how many."""
    policy = expiry.expiry_of(text_of(customers.policy(conn, expiry.EXPIRY)))
    if policy is None or not rights.may_grant(conn, replica.boot):
        return 0
    return expire(conn, replica, account, horizon_ms=expiry.horizon_ms(policy, now_ms), now_ms=now_ms)


def expire_some(conn: Connection, replica: Replica, after: bytes, *, now_ms: int) -> bytes | None:
    """Look at some accounts behind `after`; returns the last one, None once all were looked at or nothing expires."""
    policy = expiry.expiry_of(text_of(customers.policy(conn, expiry.EXPIRY)))
    if policy is None or not rights.may_grant(conn, replica.boot):
        return None
    rows = conn.execute(_WITH_POINTS, (after, AT_ONCE)).fetchall()
    read = 0
    for account, entries in rows:
        expire(conn, replica, account, horizon_ms=expiry.horizon_ms(policy, now_ms), now_ms=now_ms)
        read += entries
        if read >= ENTRIES_AT_ONCE:
            return bytes(account)
    return bytes(rows[-1][0]) if len(rows) == AT_ONCE else None


def expire(conn: Connection, replica: Replica, account: bytes, *, horizon_ms: int, now_ms: int) -> int:
    """Take what came in before the horizon and was not spent since; returns how many points went."""
    due = expiry.over(loyalty.entries(conn, account), BOOK_POINTS, horizon_ms)
    if due <= 0:
        return 0
    standing = rights.standing(conn, account, BOOK_POINTS)
    taken = min(due, max(standing.free, 0))
    reason = f"before {day_text(day_of(horizon_ms, zone_of('')))}"
    operations = escrow.correct(standing, -taken, cause=expiry.EXPIRED, reason=reason) if taken else []
    operations += escrow.recall(standing, due) if taken < due else []
    if operations:
        authoring.commit(conn, replica, WARDEN, operations, now_ms=now_ms)
    return taken


async def keep_expiring(database: Database, replica: Replica, clock: Clock) -> None:
    """Look at every account a few times a day; for ever."""
    after: bytes | None = b""
    while True:
        try:
            here, now_ms = after or b"", clock.now_ms()
            after = await database.write_in_turn(partial(expire_some, replica=replica, after=here, now_ms=now_ms))
        except StoreFault as fault:
            after = None
            log.warning("points expire later: %s", fault)
        await clock.sleep(PAUSE_S if after else REST_S)
