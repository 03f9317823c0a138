"""The digest's buckets on disk: totals, and a log of what changed since, folded into them now and then.

A frame of replication touches a few hundred of 65 536 buckets at random, that is nearly every page of their table. The
log takes one short row instead; it is read over the totals at the start.
"""

import struct
from collections.abc import Collection, Iterator

from daemon.domain.digest import BUCKETS, WIDTH, Buckets
from daemon.domain.feed import Scope
from daemon.store.database import Connection

FOLD_AFTER_ROWS = 512
"""The log is folded when it has so many rows, of a few hundred buckets at most: a tenth of a second at the start."""

FOLD_AT_ONCE = 2048
"""Changes that are folded in one unit, the oldest ones: a unit of somebody at the counter is no longer for it."""

_STORED = struct.Struct(f">H{WIDTH}s")
"""A change in a row of the log: bucket, total."""


def log_buckets(conn: Connection, scope: Scope, totals: dict[int, bytes]) -> None:
    """Note new totals of some buckets, in the caller's transaction."""
    entries = b"".join(bucket.to_bytes(2, "big") + total for bucket, total in totals.items())
    where = (int(scope.reach), scope.number)
    added = conn.execute("INSERT INTO bucket_log (reach, number, totals) VALUES (?,?,?)", (*where, entries))
    (first,) = conn.execute("SELECT min(id) FROM bucket_log").fetchone()
    if added.lastrowid is not None and added.lastrowid - first >= FOLD_AFTER_ROWS:
        _fold(conn, first, added.lastrowid)


def read_buckets(conn: Connection, scope: Scope) -> Buckets:
    """The stored digest of a scope."""
    buckets = Buckets()
    where = (int(scope.reach), scope.number)
    for bucket, total in conn.execute("SELECT bucket, total FROM bucket WHERE reach = ? AND number = ?", where):
        buckets.put(bucket, total)
    _read_log(conn, scope, buckets)
    return buckets


def read_some(conn: Connection, scope: Scope, wanted: Collection[int]) -> Buckets:
    """A few buckets of a stored digest, the others empty: what a sale changes is not worth reading 65 536 of them."""
    buckets = Buckets()
    where = (int(scope.reach), scope.number)
    for one in wanted:
        row = conn.execute("SELECT total FROM bucket WHERE reach = ? AND number = ? AND bucket = ?", (*where, one))
        for (total,) in row:
            buckets.put(one, total)
    for (entries,) in conn.execute("SELECT totals FROM bucket_log WHERE reach = ? AND number = ? ORDER BY id", where):
        for bucket, total in _entries(entries):
            if bucket in wanted:
                buckets.put(bucket, total)
    return buckets


class SavedDigest:
    """A scope's digest as it was committed, for one connection that only reads.

    The digest in memory is a unit ahead while that unit runs. Here the log is read over totals that are kept until they
    change, so that asking again costs a few hundred short rows.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._made = -1
        self._read_up_to = 0
        self._buckets = Buckets()

    def root(self, conn: Connection) -> bytes:
        """The root in the caller's transaction."""
        made = _made(conn)
        first, last = conn.execute("SELECT min(id), max(id) FROM bucket_log").fetchone()
        # What was folded since the last time is known, if it was read while it stood in the log.
        if made != self._made or (first or 0) > self._read_up_to + 1:
            self._buckets, self._made = read_buckets(conn, self._scope), made
        else:
            _read_log(conn, self._scope, self._buckets, after=self._read_up_to)
        self._read_up_to = last or 0
        return self._buckets.root()


def replace_buckets(conn: Connection, sums: dict[Scope, Buckets]) -> None:
    """Store digests that were made anew from the rows, in place of all that is stored."""
    conn.execute("DELETE FROM bucket_log")
    conn.execute("DELETE FROM bucket")
    _note_made(conn)
    nothing = bytes(WIDTH)
    conn.executemany(
        "INSERT INTO bucket (reach, number, bucket, total) VALUES (?,?,?,?)",
        [
            (int(scope.reach), scope.number, at, buckets.get(at))
            for scope, buckets in sums.items()
            for at in range(BUCKETS)
            if buckets.get(at) != nothing
        ],
    )


def _fold(conn: Connection, first: int, newest: int) -> None:
    """Move the oldest rows of the log into the totals: of several for one bucket, the last.

    The newest row stays, so that the ids of later ones follow it: they tell a reader what it has read already.
    """
    last: dict[tuple[int, int, int], bytes] = {}
    upto, size = first, 0
    rows = conn.execute("SELECT id, reach, number, totals FROM bucket_log WHERE id < ? ORDER BY id", (newest,))
    for at, reach, number, entries in rows:
        size += len(entries) // _STORED.size
        if at > first and size > FOLD_AT_ONCE:
            break
        upto = at
        for bucket, total in _entries(entries):
            last[reach, number, bucket] = total
    rows.close()
    conn.executemany(
        "INSERT INTO bucket (reach, number, bucket, total) VALUES (?,?,?,?)"
        " ON CONFLICT (reach, number, bucket) DO UPDATE SET total = excluded.total",
        [(*where, total) for where, total in sorted(last.items())],
    )
    conn.execute("DELETE FROM bucket_log WHERE id <= ?", (upto,))


def _read_log(conn: Connection, scope: Scope, buckets: Buckets, *, after: int = 0) -> None:
    rows = conn.execute(
        "SELECT totals FROM bucket_log WHERE reach = ? AND number = ? AND id > ? ORDER BY id",
        (int(scope.reach), scope.number, after),
    )
    for (entries,) in rows:
        for bucket, total in _entries(entries):
            buckets.put(bucket, total)


def _note_made(conn: Connection) -> None:
    # The name is from when each fold was counted.
    conn.execute(
        "INSERT INTO meta (name, value) VALUES ('bucket_folds', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    )


def _made(conn: Connection) -> int:
    """How often all totals were made anew: what was read of them since the last time still holds."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'bucket_folds'").fetchone()
    return 0 if row is None else int(row[0])


def _entries(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(bucket, total) of each change in a row of the log."""
    return _STORED.iter_unpack(raw)
