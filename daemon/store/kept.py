"""What a till has followed, kept until every backup of the hub that may be restored holds it; then given back.

A hub that was restored has lost what it ordered since its backup. The tills have it: whoever had followed past the
place where the hub now stands returns the rest, in its old order, whoever wrote it. Kept as it came, a row a frame.
"""

from collections.abc import Iterable, Sequence

from daemon.domain.change import Record, leaf_of, link, record_bytes
from daemon.domain.feed import Cursor, Frame, Scope
from daemon.store.database import Connection
from daemon.store.slots import pack_records, pack_slots, unpack_records, unpack_slots

RECORDS_MAX = 300_000
"""About 64 MiB of records; the oldest go first, though no backup holds them yet."""

PRUNE_EVERY = 1_000
RETURN_RECORDS_MAX = 1_000


def keep(conn: Connection, frame: Frame, records: Sequence[Record], chain: bytes) -> None:
    """Keep the records of a frame as they are applied; `chain` is the feed's after them."""
    _drop_after(conn, frame.scope, frame.first - 1)
    _insert(conn, frame.scope, (frame.first, frame.last), (frame.chain, chain), records)
    if frame.first // PRUNE_EVERY != (frame.last + 1) // PRUNE_EVERY:
        _forget(conn, frame.scope, frame.last - RECORDS_MAX)


def _insert(
    conn: Connection, scope: Scope, place: tuple[int, int], chains: tuple[bytes, bytes], records: Sequence[Record]
) -> None:
    conn.execute(
        "INSERT INTO followed (reach, number, first, last, before, after, records) VALUES (?,?,?,?,?,?,?)",
        (*_where(scope), *place, *chains, pack_records(records)),
    )


def forget_backed_up(conn: Connection, scope: Scope, backed_up: int) -> None:
    """Every backup that may be restored holds the feed up to here; the last frame stays, to say the chain."""
    (last,) = conn.execute(
        "SELECT coalesce(max(last), 0) FROM followed WHERE reach = ? AND number = ?", _where(scope)
    ).fetchone()
    _forget(conn, scope, min(backed_up, last - 1))


def forget_all(conn: Connection, scope: Scope) -> None:
    """The replica was filled from rows: what it followed before does not lead to where it stands."""
    conn.execute("DELETE FROM followed WHERE reach = ? AND number = ?", _where(scope))


def trail(conn: Connection, scope: Scope, here: Cursor, *, length: int) -> tuple[tuple[int, bytes], ...]:
    """Places passed on the way, newest first, each twice as far back as the one before: (offset, chain there)."""
    found: list[tuple[int, bytes]] = []
    for step in range(length):
        offset = here.offset - (1 << step)
        chain = _chain_at(conn, scope, offset) if offset > 0 else None
        if chain is None:
            break
        found.append((offset, chain))
    return tuple(found)


def _chain_at(conn: Connection, scope: Scope, offset: int) -> bytes | None:
    """The feed's hash chain after an offset, where it is known still."""
    row = conn.execute(_HOLDING, (*_where(scope), offset)).fetchone()
    if row is None or row[0] > offset:
        return None
    first, last, before, after, raw = row
    if offset == last:
        return bytes(after)
    chain = bytes(before)
    for record in unpack_records(raw)[: offset - first + 1]:
        chain = link(chain, record.header, map(leaf_of, record.slots))
    return chain


_HOLDING = (
    "SELECT first, last, before, after, records FROM followed WHERE reach = ? AND number = ? AND last >= ?"
    " ORDER BY last LIMIT 1"
)


def record_at(conn: Connection, scope: Scope, offset: int) -> Record | None:
    """The record at a place of the feed, while it is kept."""
    row = conn.execute(_HOLDING, (*_where(scope), offset)).fetchone()
    return None if row is None or row[0] > offset else unpack_records(row[4])[offset - row[0]]


def set_lost(conn: Connection, scope: Scope, *, generation: int, after: int) -> None:
    """The hub has lost what this till had followed after an offset: it waits here to be given back."""
    rows = conn.execute(
        "SELECT first, records FROM followed WHERE reach = ? AND number = ? AND last > ?", (*_where(scope), after)
    )
    for first, raw in rows.fetchall():
        conn.executemany(
            "INSERT OR REPLACE INTO lost (reach, number, generation, feed_offset, header, slots) VALUES (?,?,?,?,?,?)",
            [
                (*_where(scope), generation, at, record.header, pack_slots(record.slots))
                for at, record in enumerate(unpack_records(raw), start=first)
                if at > after
            ],
        )
    _drop_after(conn, scope, after)


def _drop_after(conn: Connection, scope: Scope, offset: int) -> None:
    """Keep nothing after an offset; of a frame that goes past it, what comes before."""
    row = conn.execute(_HOLDING, (*_where(scope), offset + 1)).fetchone()
    if row is None:
        return
    first, _, before, _, raw = row
    chain = _chain_at(conn, scope, offset)
    conn.execute("DELETE FROM followed WHERE reach = ? AND number = ? AND last > ?", (*_where(scope), offset))
    if first <= offset and chain is not None:
        _insert(conn, scope, (first, offset), (before, chain), unpack_records(raw)[: offset - first + 1])


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
        conn.execute("DELETE FROM followed WHERE reach = ? AND number = ? AND last <= ?", (*_where(scope), upto))


def _where(scope: Scope) -> tuple[int, int]:
    return (int(scope.reach), scope.number)
