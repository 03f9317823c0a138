"""What a till has followed, kept until every backup of the hub that may be restored holds it; then given back.

A hub that was restored has lost what it ordered since its backup. The tills have it: whoever had followed past the
place where the hub now stands returns the rest, in its old order, whoever wrote it.
"""

from collections.abc import Iterable, Sequence

from daemon.domain.change import Record, record_bytes
from daemon.domain.feed import Cursor, Frame, Scope
from daemon.store.database import Connection
from daemon.store.slots import pack_slots, unpack_slots

RECORDS_MAX = 300_000
"""About 64 MiB of records; the oldest go first, though no backup holds them yet."""

PRUNE_EVERY = 1_000
RETURN_RECORDS_MAX = 1_000

Line = tuple[Record, bytes]
"""A record, and the feed's hash chain after it."""


def keep(conn: Connection, frame: Frame, lines: Sequence[Line]) -> None:
    """Keep the records of a frame as they are applied."""
    where = (int(frame.scope.reach), frame.scope.number)
    conn.executemany(
        "INSERT OR REPLACE INTO feed (reach, number, feed_offset, header, slots, chain, ordered_ms)"
        " VALUES (?,?,?,?,?,?,0)",
        [
            (*where, frame.first + at, record.header, pack_slots(record.slots), chain)
            for at, (record, chain) in enumerate(lines)
        ],
    )
    if frame.first // PRUNE_EVERY != (frame.last + 1) // PRUNE_EVERY:
        _forget(conn, frame.scope, frame.last - RECORDS_MAX)


def forget_backed_up(conn: Connection, scope: Scope, backed_up: int) -> None:
    """Every backup that may be restored holds the feed up to here; the last one stays, to say the chain."""
    (last,) = conn.execute(
        "SELECT coalesce(max(feed_offset), 0) FROM feed WHERE reach = ? AND number = ?", _where(scope)
    ).fetchone()
    _forget(conn, scope, min(backed_up, last - 1))


def forget_all(conn: Connection, scope: Scope) -> None:
    """The replica was filled from rows: what it followed before does not lead to where it stands."""
    conn.execute("DELETE FROM feed WHERE reach = ? AND number = ?", _where(scope))


def trail(conn: Connection, scope: Scope, here: Cursor, *, length: int) -> tuple[tuple[int, bytes], ...]:
    """Places passed on the way, newest first, each twice as far back as the one before: (offset, chain there)."""
    found: list[tuple[int, bytes]] = []
    for step in range(length):
        offset = here.offset - (1 << step)
        if offset < 1:
            break
        row = conn.execute(
            "SELECT chain FROM feed WHERE reach = ? AND number = ? AND feed_offset = ?", (*_where(scope), offset)
        ).fetchone()
        if row is None:
            break
        found.append((offset, row[0]))
    return tuple(found)


def set_lost(conn: Connection, scope: Scope, *, generation: int, after: int) -> None:
    """The hub has lost what this till had followed after an offset: it waits here to be given back."""
    where = _where(scope)
    conn.execute(
        "INSERT OR REPLACE INTO lost (reach, number, generation, feed_offset, header, slots)"
        " SELECT reach, number, ?, feed_offset, header, slots FROM feed"
        " WHERE reach = ? AND number = ? AND feed_offset > ?",
        (generation, *where, after),
    )
    conn.execute("DELETE FROM feed WHERE reach = ? AND number = ? AND feed_offset > ?", (*where, after))


def next_lost(conn: Connection, *, bytes_max: int) -> Frame | None:
    """The first records to give back, as many as fit; None when nothing is left."""
    first = conn.execute(
        "SELECT reach, number, generation FROM lost ORDER BY reach, number, generation LIMIT 1"
    ).fetchone()
    if first is None:
        return None
    reach, number, generation = first
    rows = conn.execute(
        "SELECT feed_offset, header, slots FROM lost WHERE reach = ? AND number = ? AND generation = ?"
        " ORDER BY feed_offset LIMIT ?",
        (*first, RETURN_RECORDS_MAX),
    ).fetchall()
    records = _fitting(rows, bytes_max)
    return Frame(Scope(reach, number), generation, rows[0][0], bytes(16), tuple(records))


def _fitting(rows: Iterable[tuple[int, bytes, bytes]], bytes_max: int) -> list[Record]:
    """Consecutive records, as many as fit."""
    records: list[Record] = []
    size, expected = 0, None
    for offset, header, slots in rows:
        record = Record(header, unpack_slots(slots))
        size += record_bytes(record)
        if records and (size > bytes_max or offset != expected):
            break
        records.append(record)
        expected = offset + 1
    return records


def has_lost(conn: Connection) -> bool:
    """Whether something waits to be given back to a hub that was restored."""
    return conn.execute("SELECT 1 FROM lost LIMIT 1").fetchone() is not None


def forget_lost(conn: Connection, scope: Scope, *, generation: int, last: int) -> None:
    """The hub has ordered them again."""
    conn.execute(
        "DELETE FROM lost WHERE reach = ? AND number = ? AND generation = ? AND feed_offset <= ?",
        (*_where(scope), generation, last),
    )


def _forget(conn: Connection, scope: Scope, upto: int) -> None:
    if upto > 0:
        conn.execute("DELETE FROM feed WHERE reach = ? AND number = ? AND feed_offset <= ?", (*_where(scope), upto))


def _where(scope: Scope) -> tuple[int, int]:
    return (int(scope.reach), scope.number)
