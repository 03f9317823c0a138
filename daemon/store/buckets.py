"""The digest's buckets on disk: totals, and a log of what changed since, folded into them now and then.

A frame of replication touches a few hundred of 65 536 buckets at random, that is nearly every page of their table. The
log takes one short row instead; it is read over the totals at the start.
"""

from collections.abc import Collection

from daemon.domain.digest import BUCKETS, WIDTH, Buckets
from daemon.domain.feed import Scope
from daemon.store.database import Connection

FOLD_AFTER_ROWS = 512
"""The log is folded when it has so many rows, of a few hundred buckets at most: a tenth of a second at the start."""

_ENTRY = 2 + WIDTH


def log_buckets(conn: Connection, scope: Scope, totals: dict[int, bytes]) -> None:
    """Note new totals of some buckets, in the caller's transaction."""
    entries = b"".join(bucket.to_bytes(2, "big") + total for bucket, total in totals.items())
    where = (int(scope.reach), scope.number)
    added = conn.execute("INSERT INTO bucket_log (reach, number, totals) VALUES (?,?,?)", (*where, entries))
    # The ids begin at one again after each fold, because the log is empty then.
    if added.lastrowid is not None and added.lastrowid > FOLD_AFTER_ROWS:
        _fold(conn)


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
        self._folds = -1
        self._buckets = Buckets()

    def root(self, conn: Connection) -> bytes:
        """The root in the caller's transaction."""
        folds = _folds(conn)
        if folds != self._folds:
            self._buckets, self._folds = read_buckets(conn, self._scope), folds
        else:
            _read_log(conn, self._scope, self._buckets)
        return self._buckets.root()


def replace_buckets(conn: Connection, sums: dict[Scope, Buckets]) -> None:
    """Store digests that were made anew from the rows, in place of all that is stored."""
    conn.execute("DELETE FROM bucket_log")
    conn.execute("DELETE FROM bucket")
    _note_fold(conn)
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


def _fold(conn: Connection) -> None:
    """Move the log into the totals: of several for one bucket, the last."""
    last: dict[tuple[int, int, int], bytes] = {}
    for reach, number, entries in conn.execute("SELECT reach, number, totals FROM bucket_log ORDER BY id"):
        for bucket, total in _entries(entries):
            last[reach, number, bucket] = total
    conn.executemany(
        "INSERT INTO bucket (reach, number, bucket, total) VALUES (?,?,?,?)"
        " ON CONFLICT (reach, number, bucket) DO UPDATE SET total = excluded.total",
        [(*where, total) for where, total in sorted(last.items())],
    )
    conn.execute("DELETE FROM bucket_log")
    _note_fold(conn)


def _read_log(conn: Connection, scope: Scope, buckets: Buckets) -> None:
    where = (int(scope.reach), scope.number)
    for (entries,) in conn.execute("SELECT totals FROM bucket_log WHERE reach = ? AND number = ? ORDER BY id", where):
        for bucket, total in _entries(entries):
            buckets.put(bucket, total)


def _note_fold(conn: Connection) -> None:
    conn.execute(
        "INSERT INTO meta (name, value) VALUES ('bucket_folds', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    )


def _folds(conn: Connection) -> int:
    """How often the totals were changed: what was read of them since the last time still holds."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'bucket_folds'").fetchone()
    return 0 if row is None else int(row[0])


def _entries(raw: bytes) -> list[tuple[int, bytes]]:
    return [(int.from_bytes(raw[at : at + 2], "big"), raw[at + 2 : at + _ENTRY]) for at in range(0, len(raw), _ENTRY)]
