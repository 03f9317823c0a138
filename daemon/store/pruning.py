"""Drops what the hub ordered long ago: a till that stands further back is filled from rows.

Of what is dropped the chain stays for as long as a till may stand there: a head office that was restored without a word
is told by it from the one that this till followed, and what only this till has is given back before it is filled.
"""

from typing import Final

from daemon.domain.ids import HUB_SITE
from daemon.domain.kind_shape import Reach
from daemon.store.database import Connection

PASSED_MAX: Final = 4_000_000
"""Places that are kept for tills that are away: about 100 MB. Whoever stands further back is not told apart."""

FORGET_MAX: Final = 10_000
"""Places that are forgotten at once: some milliseconds."""


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
    _keep_chain(conn, upto)
    done = conn.execute("DELETE FROM feed WHERE reach = ? AND feed_offset <= ?", (reach, upto))
    return done.rowcount


def _keep_chain(conn: Connection, upto: int) -> None:
    """Keep where the feed stood up to here, from where the furthest till last told to stand; forget what is older."""
    (told,) = conn.execute(
        "SELECT min(coalesce(r.feed_offset, 0)) FROM site AS s LEFT JOIN roster AS r ON r.site = s.site"
        " WHERE s.revoked_ms IS NULL AND s.site != ?",
        (HUB_SITE,),
    ).fetchone()
    oldest = upto + 1 if told is None else max(int(told), upto + 1 - PASSED_MAX)
    conn.execute(
        "INSERT OR REPLACE INTO passed (feed_offset, chain)"
        " SELECT feed_offset, chain FROM feed WHERE reach = ? AND feed_offset BETWEEN ? AND ?",
        (int(Reach.CHAIN), oldest, upto),
    )
    conn.execute(
        "DELETE FROM passed WHERE feed_offset < min(?, (SELECT min(feed_offset) FROM passed) + ?)", (oldest, FORGET_MAX)
    )
