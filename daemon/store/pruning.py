"""Drops what the hub ordered long ago: a till that stands further back is filled from rows."""

from daemon.domain.kind_shape import Reach
from daemon.store.database import Connection


def prune_log(conn: Connection, *, before_ms: int, records_max: int, keep_from: int | None = None) -> int:
    """Drop records of the chain's feed that were ordered long ago; the newest of them stays, to say the chain.

    At most so many at once, none from offset `keep_from` on; returns how many. Who stands further back is filled
    from rows.
    """
    reach = int(Reach.CHAIN)
    (first, head) = conn.execute(
        "SELECT min(feed_offset), max(feed_offset) FROM feed WHERE reach = ?", (reach,)
    ).fetchone()
    if first is None:
        return 0
    (young,) = conn.execute(
        "SELECT min(feed_offset) FROM feed WHERE reach = ? AND feed_offset <= ? AND ordered_ms >= ?",
        (reach, first + records_max, before_ms),
    ).fetchone()
    upto = min((young or head + 1) - 2, first + records_max - 1, head - 1)
    upto = upto if keep_from is None else min(upto, keep_from - 1)
    done = conn.execute("DELETE FROM feed WHERE reach = ? AND feed_offset <= ?", (reach, upto))
    return done.rowcount
