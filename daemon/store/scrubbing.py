"""Looks for rows that do not match their hash or their key any more: a bit that flipped on a card nobody reads.

What is counted of them is held against them on the way.
"""

import logging

from daemon.domain.element import Key, bucket_of, hash_of
from daemon.domain.feed import Scope
from daemon.domain.kinds import Kind
from daemon.domain.ledger import POSTED
from daemon.domain.mending import mended, read_sound
from daemon.domain.person import OTHER
from daemon.store import erasures, rebuilding
from daemon.store.database import Connection
from daemon.store.replica import Replica
from daemon.store.word_index import begin_reindex, reindex_skipped

log = logging.getLogger(__name__)

SCRUB_ROWS = 400
"""Rows read at once: some two milliseconds; a million customers are through in half a day."""


def scrub(conn: Connection, replica: Replica, after: Key) -> tuple[Key | None, dict[Scope, frozenset[int]]]:
    """Read some rows after a key and mend what can be mended here.

    Returns the last key (None: the table is through) and the buckets whose rows must come from head office.
    """
    upto, found = unmended(conn, replica, after)
    damaged: dict[Scope, set[int]] = {}
    for key, body, digest in found:
        damaged.setdefault(replica.scope_of_kind(key[1]), set()).update(buckets_of(key, body, digest))
    return upto, {scope: frozenset(buckets) for scope, buckets in damaged.items()}


def unmended(conn: Connection, replica: Replica, after: Key) -> tuple[Key | None, list[tuple[Key, bytes, bytes]]]:
    """As `scrub`, with the rows themselves: key, body, hash of what cannot be mended here."""
    rows = conn.execute(
        "SELECT entity, kind, dot, body, hash FROM element WHERE (entity, kind, dot) > (?, ?, ?)"
        " ORDER BY entity, kind, dot LIMIT ?",
        (*after, SCRUB_ROWS),
    ).fetchall()
    upto: Key | None = rows[-1][:3] if len(rows) == SCRUB_ROWS else None
    odd = [
        ((entity, kind, dot), body, digest)
        for entity, kind, dot, body, digest in rows
        if read_sound((entity, kind, dot), body, digest) is None
    ]
    left = [one for one in odd if not mend(conn, replica, one[0], one[1:])]
    if odd:
        replica.sums.damaged()
    _recount(conn, replica, after, upto, {entity for entity, kind, *_ in rows if kind in POSTED})
    if upto is None:
        replica.sums.through()
    return upto, left


def _recount(conn: Connection, replica: Replica, after: Key, upto: Key | None, posted: set[bytes]) -> None:
    """Hold the sums of the accounts of a stretch against their entries: no hash tells of a bit that flipped in a sum.

    An account belongs to the stretch in which its rows begin. `posted`: those of which an entry was just read.
    """
    last = "" if upto is None else " AND account <= ?"
    bounds = (after[0],) if upto is None else (after[0], upto[0])
    summed = conn.execute(f"SELECT DISTINCT account FROM balance WHERE account > ?{last}", bounds).fetchall()
    accounts = {account for (account,) in summed} | {entity for entity in posted if entity > after[0]}
    wrong = [account for account in sorted(accounts) if rebuilding.are_wrong(conn, account)]
    again = [account for account in wrong if replica.sums.wrong(account)]
    for account in again:
        rebuilding.sum_again(conn, account)
    if again:
        log.warning("the sums of %d accounts were not those of their entries: they were made again", len(again))


def mend(conn: Connection, replica: Replica, key: Key, stored: tuple[bytes, bytes]) -> bool:
    """Put a stored row (body and hash) right where one bit flipped, and what derives from it. False: it takes more.

    Whoever was erased while the row stood elsewhere is erased again: it was not found among what is theirs.
    """
    row = mended(*stored)
    if row is None or (row.key != key and _stands(conn, row.key)):
        return False
    if row.key != key:
        # While it stood elsewhere its customer may have been indexed without it.
        begin_reindex(conn)
    else:
        reindex_skipped(conn)
    right = row.body()
    conn.execute(
        "UPDATE element SET entity = ?, kind = ?, dot = ?, body = ?, hash = ?"
        " WHERE entity = ? AND kind = ? AND dot = ?",
        (*row.key, right, hash_of(right), *key),
    )
    rebuilding.derive_again(conn, row.key)
    if row.kind == Kind.ERASE:
        # Read at a start while it stood elsewhere, it would hide nobody, and be counted at every mark.
        replica.tombstones.discard(key[0])
        replica.tombstones.add(row.entity)
    other = row.fields.get(OTHER) if row.kind == Kind.EDGE else None
    erasures.again(conn, replica, (row.entity, other) if isinstance(other, bytes) else (row.entity,))
    return True


def buckets_of(key: Key, body: bytes, digest: bytes) -> set[int]:
    """Where a damaged row stands, and where it belongs if that can still be told."""
    row = mended(body, digest)
    return {bucket_of(key)} if row is None else {bucket_of(key), bucket_of(row.key)}


def _stands(conn: Connection, key: Key) -> bool:
    return conn.execute("SELECT 1 FROM element WHERE entity = ? AND kind = ? AND dot = ?", key).fetchone() is not None
