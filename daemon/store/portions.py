"""Rows for replicas that lack them, as the hub reads them. The one way to fill a till and to repair it.

The hub holds no state for it: a till asks for what comes after a key, and the table's own order answers. What is read
later than the place from which the till follows the feed is newer, and harmless: the merge hears of it twice.
"""

from collections.abc import Collection, Iterable, Iterator

from daemon.domain.canonical import pack
from daemon.domain.change import Actor
from daemon.domain.element import Element, Key, bucket_of, scope_of
from daemon.domain.feed import Scope
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.kinds import SHAPES
from daemon.domain.mending import read_sound
from daemon.domain.merge import Loser
from daemon.domain.portion import BEFORE_ALL, HISTORY_KINDS, Part, Portion
from daemon.store import elements
from daemon.store.database import Connection
from daemon.store.ordering import feed_head
from daemon.store.replica import Replica, get_meta, put_meta

PORTION_BYTES = 16 * 1024
"""Rows of one portion as they lie in the table, with their losers: some 200 customers, 20 ms to take in."""

LOSERS_BYTES = 64 * 1024
"""Lost values of one row that travel with it; older ones stay where they were noticed."""

SCAN_ROWS = 1_500
"""Rows looked at for one portion where few of them are of its scope or its buckets: about ten milliseconds."""

SKIPPED_ROWS = 10_000
"""Keys of another part passed over for one portion, unread: a microsecond each."""


def read_portion(
    conn: Connection, replica: Replica, scope: Scope, after: Key, buckets: Collection[int], part: Part = Part.WHOLE
) -> Portion:
    """The next rows of a scope, of one part (and of these buckets, or of all) after a key."""
    found: list[Element] = []
    unsure: list[Key] = []
    losers: list[Loser] = []
    size = read = 0
    upto: Key | None = None
    for scanned, (entity, kind, dot, body, digest) in enumerate(_rows_after(conn, after, part)):
        if size >= PORTION_BYTES or read >= SCAN_ROWS or scanned >= SKIPPED_ROWS:
            break
        upto = key = (entity, kind, dot)
        if body is None:
            continue
        read += 1
        if buckets and bucket_of(key) not in buckets:
            continue
        row = read_sound(key, body, digest)
        if row is None:
            unsure.append(key)
        elif scope_of(row) == scope:
            found.append(row)
            lost = _losers(conn, replica, row)
            losers += lost
            size += len(body) + sum(len(pack(loser.value)) for loser in lost)
    else:
        upto = None
    return Portion(
        scope=scope,
        cursor=feed_head(conn, scope),
        after=after,
        upto=upto,
        rows=tuple(found),
        level=max(SHAPES),
        unsure=tuple(unsure),
        losers=tuple(losers),
        authors=_authors(conn, found),
        total=0 if buckets else _about_how_many(conn, after, part),
        part=part,
    )


def _rows_after(conn: Connection, after: Key, part: Part) -> Iterator[tuple[bytes, int, bytes, bytes | None, bytes]]:
    """Keys after a key in their order, each with its body and hash; without a body where it is of another part."""
    body = f"CASE WHEN {kinds_of(part)} THEN body END" if part else "body"
    return conn.execute(
        f"SELECT entity, kind, dot, {body}, hash FROM element"
        " WHERE (entity, kind, dot) > (?, ?, ?) ORDER BY entity, kind, dot",
        after,
    )


_HISTORY = ", ".join(str(int(kind)) for kind in sorted(HISTORY_KINDS))


def kinds_of(part: Part) -> str:
    """The condition on `kind` that makes an element one of a part."""
    return f"kind {'' if part is Part.HISTORY else 'NOT '}IN ({_HISTORY})" if part else "1"


def _about_how_many(conn: Connection, after: Key, part: Part) -> int:
    """The number of rows, counted when somebody begins to be filled: people want to see how far it is."""
    every, history = int(get_meta(conn, "row_count", 0)), int(get_meta(conn, "row_count_history", 0))
    if after == BEFORE_ALL:
        # Without a condition SQLite counts by pages; the history is counted along the index of kinds from 64 on.
        (every,) = conn.execute("SELECT count(*) FROM element").fetchone()
        put_meta(conn, "row_count", every)
    if after == BEFORE_ALL and (part is Part.HISTORY or not history):
        sql = f"SELECT count(*) FROM element WHERE kind >= 64 AND {kinds_of(Part.HISTORY)}"
        (history,) = conn.execute(sql).fetchone()
        put_meta(conn, "row_count_history", history)
    return {Part.WHOLE: every, Part.COUNTER: every - history, Part.HISTORY: history}[part]


def _losers(conn: Connection, replica: Replica, row: Element) -> list[Loser]:
    """What lost on a row, the newest first; no more than a message carries."""
    if row.entity not in replica.with_losers:
        return []
    found: list[Loser] = []
    size = 0
    for loser in elements.rivals_of(conn, row.entity):
        size += len(pack(loser.value)) if loser.key == row.key else 0
        if loser.key == row.key and size <= LOSERS_BYTES:
            found.append(loser)
    return found


def _authors(conn: Connection, rows: Iterable[Element]) -> tuple[tuple[Stamp, Actor], ...]:
    stamps = {stamp for row in rows for stamp in (row.base, *row.stamps.values()) if stamp != NO_STAMP}
    found: list[tuple[Stamp, Actor]] = []
    for stamp in sorted(stamps):
        who = conn.execute(
            "SELECT actor_kind, actor, role, shop FROM author WHERE time = ? AND site = ? AND incarnation = ?", stamp
        ).fetchone()
        if who is not None:
            found.append((stamp, Actor(*who)))
    return tuple(found)
