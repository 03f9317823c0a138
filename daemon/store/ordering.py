"""The hub's side: who has said what (positions), and what was ordered (the feeds).

Whatever is well formed and new is ordered; what was heard before only moves the origin's position. Objections are
records of the hub's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from daemon.domain.change import (
    NO_CHAIN,
    Header,
    Operation,
    Record,
    Slot,
    dot_of,
    leaf_of,
    link,
    read_header,
    record_bytes,
)
from daemon.domain.element import holder_site, reach_of, shop_in
from daemon.domain.feed import CHAIN, FRAME_OPERATIONS_MAX, Batch, Cursor, Frame, Head, Scope
from daemon.domain.hlc import is_too_far_ahead
from daemon.domain.ids import HUB_SITE
from daemon.domain.kind_shape import Reach
from daemon.domain.merge import Change
from daemon.errors import PeerFault
from daemon.store import changes
from daemon.store.database import Connection
from daemon.store.following import park
from daemon.store.personal import without_erased
from daemon.store.readable import Readable, booked_in, read_record, registered_in, sold_in
from daemon.store.replica import RESTORED, Replica, get_meta, put_meta
from daemon.store.slots import pack_slots, unpack_slots


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of a batch. `head`: up to where the hub holds what the batch says (None: it knows no such origin).

    `misplaced`: the batch does not continue that position. `reseal`: a stamp is too far ahead. `reason`: record
    `head.seq + 1` cannot be read.
    """

    head: Head | None
    count: int = 0
    misplaced: bool = False
    reseal: bool = False
    reason: str = ""
    touched: frozenset[bytes] = field(default_factory=frozenset)
    booked: tuple[tuple[Header, Operation], ...] = ()
    """The entries and rights among what is new."""
    sold: frozenset[bytes] = field(default_factory=frozenset)
    """The accounts whose sales it speaks of."""
    registered: frozenset[bytes] = field(default_factory=frozenset)
    """The sales that it registers or cancels."""


def order_batch(conn: Connection, replica: Replica, batch: Batch, *, now_ms: int) -> Ordered:
    """Order what is new in a batch, in the caller's transaction; stops at the first record that cannot be ordered."""
    known = head_of(conn, batch.site, batch.incarnation)
    head = known or Head(batch.incarnation, 0, NO_CHAIN)
    placed = _place(conn, batch, head)
    if placed is None:
        return Ordered(known, misplaced=True)
    reached, skipped = placed
    if reached.seq < head.seq:
        return Ordered(reached)
    fresh: list[Readable] = []
    reseal, reason = False, ""
    newest = newest_time(conn)
    for record in skipped:
        try:
            readable = read_record(record)
            if readable.header.site != batch.site:
                raise PeerFault(f"a record of site {readable.header.site} came from site {batch.site}")  # noqa: TRY301  # as any fault
        except PeerFault as fault:
            reason = str(fault)
            break
        if is_too_far_ahead(readable.header.stamp, now_ms, newest):
            reseal = True
            break
        newest = max(newest, readable.header.time)
        head = Head(head.incarnation, head.seq + 1, link(head.chain, record.header, readable.leaves))
        if _is_new(conn, readable.header):
            fresh.append(readable)
    _append_all(conn, replica, fresh, now_ms=now_ms)
    _save_head(conn, batch.site, head, now_ms=now_ms)
    touched = frozenset(op.entity for one in fresh for op in one.ops if op is not None)
    return replace(minded(fresh), head=head, count=len(fresh), reseal=reseal, reason=reason, touched=touched)


def minded(records: Sequence[Readable]) -> Ordered:
    """What others have to mind of records that were ordered."""
    booked, sold, registered = booked_in(records), sold_in(records), registered_in(records)
    return Ordered(None, len(records), booked=booked, sold=sold, registered=registered)


def newest_time(conn: Connection) -> int:
    """The latest stamp time that was ordered."""
    return int(conn.execute("SELECT coalesce(max(time), 0) FROM author").fetchone()[0])


def append_own(conn: Connection, replica: Replica, saved: changes.Saved, *, now_ms: int) -> None:
    """Order a record that the hub has just saved itself."""
    header = read_header(saved.raw.header)
    leaves = tuple([leaf_of(slot, op.entity) for slot, op in zip(saved.raw.slots, saved.read, strict=True)])
    _is_new(conn, header)
    _append(conn, replica, Readable(saved.raw, header, saved.read, leaves), now_ms=now_ms)


def _place(conn: Connection, batch: Batch, head: Head) -> tuple[Head, Sequence[Record]] | None:
    """Where the known part of a batch ends, and the records after it; None if it does not continue that position."""
    if batch.first > head.seq + 1:
        return None
    chain, seq = batch.chain, batch.first - 1
    for at, record in enumerate(batch.records):
        if seq == head.seq:
            return (head, batch.records[at:]) if chain == head.chain else None
        try:
            chain = link(chain, record.header, [leaf_of(slot) for slot in record.slots])
            header = read_header(record.header)
            known = header.site == batch.site and is_heard(conn, header)
        except (PeerFault, ValueError, TypeError, KeyError, IndexError, AttributeError):
            return None
        if not known:
            # Another box with this site's disk has given the same positions to other records.
            return None
        seq += 1
    if seq == head.seq and chain != head.chain:
        return None
    return Head(batch.incarnation, seq, chain), ()


def is_heard(conn: Connection, header: Header) -> bool:
    """Whether a record was heard from its author, under whatever position."""
    row = conn.execute("SELECT n FROM boot_head WHERE site = ? AND boot = ?", (header.site, header.boot)).fetchone()
    return row is not None and header.n <= row[0]


def _is_new(conn: Connection, header: Header) -> bool:
    """Note a record as heard; False if it was heard before, under whatever position."""
    done = conn.execute(
        "INSERT INTO boot_head (site, boot, n) VALUES (?,?,?)"
        " ON CONFLICT (site, boot) DO UPDATE SET n = excluded.n WHERE excluded.n > n",
        (header.site, header.boot, header.n),
    )
    return done.rowcount > 0


def _append_all(conn: Connection, replica: Replica, fresh: Sequence[Readable], *, now_ms: int) -> None:
    todo: list[Change] = []
    source: dict[int, tuple[Readable, int]] = {}
    for one in fresh:
        for at, op in enumerate(one.ops):
            if op is not None:
                todo.append(Change(op, one.header.stamp, dot_of(one.header.record, at)))
                source[id(todo[-1])] = one, at
    # What a newer till authors is ordered and relayed as it is; this hub applies it after its own upgrade.
    parked = changes.apply_changes(conn, replica, todo)
    changes.remember_authors(conn, [one.header for one in fresh])
    offsets = {id(one): _append(conn, replica, one, now_ms=now_ms) for one in fresh}
    for change in parked:
        one, at = source[id(change)]
        scope = scope_of_operation(change.op, one.header)
        if scope in offsets[id(one)]:
            park(conn, scope, (one.header, offsets[id(one)][scope], at), change)


def _append(conn: Connection, replica: Replica, one: Readable, *, now_ms: int) -> dict[Scope, int]:
    """Give a record its offset in each feed that one of its operations belongs to; elsewhere it is a leaf.

    Returns the offsets. A till that had not heard of an erasure may still speak of who was erased: here that ends.
    """
    kept = without_erased(replica, one.record.slots)
    offsets: dict[Scope, int] = {}
    scopes = [scope_of_operation(op, one.header) for op in one.ops]
    leaves = one.leaves
    for scope in dict.fromkeys(scopes):
        if is_recovered(conn, scope, one.header):
            continue
        slots = tuple(
            slot if theirs == scope else (leaf,) for slot, leaf, theirs in zip(kept, leaves, scopes, strict=True)
        )
        offsets[scope] = append_to(conn, scope, one.record.header, (slots, leaves), now_ms=now_ms)
    if CHAIN in offsets:
        changes.remember_places(conn, [(one.header.stamp, offsets[CHAIN])])
    return offsets


def append_to(
    conn: Connection, scope: Scope, header: bytes, said: tuple[tuple[Slot, ...], Sequence[bytes]], *, now_ms: int
) -> int:
    """Give a record (its slots as they may be kept, and the leaves of all of them) the next offset of one feed."""
    slots, leaves = said
    cursor = feed_head(conn, scope)
    cursor = Cursor(cursor.generation, cursor.offset + 1, link(cursor.chain, header, leaves))
    conn.execute(
        "INSERT INTO feed (reach, number, feed_offset, header, slots, chain, ordered_ms) VALUES (?,?,?,?,?,?,?)",
        (*_scope(scope), cursor.offset, header, pack_slots(slots), cursor.chain, now_ms),
    )
    save_feed_head(conn, scope, cursor)
    return cursor.offset


def is_lost_place(conn: Connection, frame: Frame) -> bool:
    """Whether a restore of this hub lost the place where a returned frame stood: after a fork of a known feed."""
    (fork,) = conn.execute(
        "SELECT min(feed_offset) FROM fork WHERE reach = ? AND number = ? AND generation > ?",
        (*_scope(frame.scope), frame.generation),
    ).fetchone()
    if fork is None and frame.generation < feed_generation(conn):
        fork = 0  # the feed had no record when the generation began: everything of it was lost
    return frame.generation > 0 and fork is not None and frame.last > fork


def is_recovered(conn: Connection, scope: Scope, header: Header) -> bool:
    """Whether a till has given this record back to this feed after a restore: its author may send it as well."""
    row = conn.execute(
        "SELECT 1 FROM recovered WHERE reach = ? AND number = ? AND site = ? AND boot = ? AND n = ?",
        (*_scope(scope), header.site, header.boot, header.n),
    ).fetchone()
    return row is not None


def scope_of_operation(op: Operation | None, header: Header) -> Scope:
    """The feed that carries an operation; what is cut stays where the customers are."""
    reach = Reach.CHAIN if op is None else reach_of(op.kind)
    if op is not None and reach is Reach.SITE:
        return Scope(reach, holder_site(op.fields))
    if op is not None and reach is Reach.SHOP:
        return Scope(reach, shop_in(op.fields) or header.actor.shop)
    return CHAIN


def head_of(conn: Connection, site: int, incarnation: int) -> Head | None:
    """The last position that this hub holds of an origin."""
    row = conn.execute(
        "SELECT seq, chain FROM origin_head WHERE site = ? AND incarnation = ?", (site, incarnation)
    ).fetchone()
    return None if row is None else Head(incarnation, row[0], row[1])


def _save_head(conn: Connection, site: int, head: Head, *, now_ms: int) -> None:
    conn.execute(
        "INSERT INTO origin_head (site, incarnation, seq, chain, heard_ms) VALUES (?,?,?,?,?)"
        " ON CONFLICT (site, incarnation) DO UPDATE"
        " SET seq=excluded.seq, chain=excluded.chain, heard_ms=excluded.heard_ms",
        (site, head.incarnation, head.seq, head.chain, now_ms),
    )


def feed_head(conn: Connection, scope: Scope) -> Cursor:
    """Generation, last offset and hash chain of a feed."""
    row = conn.execute(
        "SELECT generation, feed_offset, chain FROM feed_head WHERE reach = ? AND number = ?", _scope(scope)
    ).fetchone()
    return Cursor(*row) if row else Cursor(generation=feed_generation(conn))


def feed_generation(conn: Connection) -> int:
    """The generation of this hub: it grows by one with each restore."""
    return int(get_meta(conn, "generation", 1))


def save_feed_head(conn: Connection, scope: Scope, cursor: Cursor) -> None:
    """Remember the head of a feed."""
    conn.execute(
        "INSERT INTO feed_head (reach, number, generation, feed_offset, chain) VALUES (?,?,?,?,?)"
        " ON CONFLICT (reach, number) DO UPDATE SET generation=excluded.generation,"
        " feed_offset=excluded.feed_offset, chain=excluded.chain",
        (*_scope(scope), cursor.generation, cursor.offset, cursor.chain),
    )


def feed_heads(conn: Connection) -> dict[Scope, Cursor]:
    """All feeds that have a record."""
    rows = conn.execute("SELECT reach, number, generation, feed_offset, chain FROM feed_head")
    return {Scope(reach, number): Cursor(gen, offset, chain) for reach, number, gen, offset, chain in rows}


def begin_generation(conn: Connection, *, is_known: bool = True, after: int = 0) -> int:
    """The hub was restored: all its feeds go on from where they stand, in a new generation; returns it.

    `is_known`: nothing was ordered since, so the feeds differ from here on; else nobody can say from where.
    `after`: the newest generation that a till has seen; the new one is later than that too.
    """
    generation = max(feed_generation(conn), after) + 1
    put_meta(conn, "generation", generation)
    put_meta(conn, RESTORED, 1)
    conn.execute("UPDATE roster SET excused_boot = x''")  # of what was granted before, a silent till may know alone
    conn.execute(
        "INSERT INTO fork (reach, number, generation, feed_offset)"
        " SELECT reach, number, ?, feed_offset * ? FROM feed_head",
        (generation, int(is_known)),
    )
    conn.execute("UPDATE feed_head SET generation = ?", (generation,))
    begin_feeds(conn)
    return generation


def begin_feeds(conn: Connection) -> None:
    """Feeds in which nothing was said yet are marked too: their tills prove that they hold nothing either.

    After a restore, what tills hold as rows is to be held against them.
    """
    generation = feed_generation(conn)
    conn.execute(
        "INSERT OR IGNORE INTO feed_head (reach, number, generation, feed_offset, chain)"
        " SELECT ?, site, ?, 0, ? FROM site WHERE site != ? UNION SELECT ?, shop, ?, 0, ? FROM site WHERE site != ?",
        (int(Reach.SITE), generation, NO_CHAIN, HUB_SITE, int(Reach.SHOP), generation, NO_CHAIN, HUB_SITE),
    )


def fork_after(conn: Connection, scope: Scope, theirs: Cursor, trail: Sequence[tuple[int, bytes]] = ()) -> Cursor:
    """Where a till that stands at `theirs` must go on: there, if this feed was the same there; else where it forked.

    `trail`: earlier places of the till, newest first; the first of them that this feed knows is close to the fork.
    """
    head = feed_head(conn, scope)
    generation = theirs.generation
    for offset, chain in ((theirs.offset, theirs.chain), *trail):
        if chain_at(conn, scope, offset) == chain:
            return Cursor(head.generation, offset, chain)
    (offset,) = conn.execute(
        "SELECT min(feed_offset) FROM fork WHERE reach = ? AND number = ? AND generation > ?",
        (*_scope(scope), generation),
    ).fetchone()
    if offset is None or offset > head.offset:
        # A feed that had no record when the generation changed differs from its very beginning.
        offset = head.offset if generation >= head.generation else 0
    if offset >= theirs.offset and generation < head.generation:
        # It stands before the fork and differs all the same: of another history, unknown from where.
        offset = 0
    return Cursor(head.generation, offset, chain_at(conn, scope, offset) or NO_CHAIN)


def log_start(conn: Connection, scope: Scope) -> int:
    """The offset from which this hub can still say what came later; 0: from the beginning."""
    (first,) = conn.execute(
        "SELECT min(feed_offset) FROM feed WHERE reach = ? AND number = ?", _scope(scope)
    ).fetchone()
    return 0 if first is None or first == 1 else int(first)


def chain_in_feed(conn: Connection, scope: Scope, offset: int) -> bytes | None:
    """The feed's hash chain after an offset; None beyond its head or before its beginning."""
    if offset == 0:
        return NO_CHAIN
    row = conn.execute(
        "SELECT chain FROM feed WHERE reach = ? AND number = ? AND feed_offset = ?", (*_scope(scope), offset)
    ).fetchone()
    return row[0] if row else None


def chain_at(conn: Connection, scope: Scope, offset: int) -> bytes | None:
    """As `chain_in_feed`, and at places that the log has dropped, while a till may stand there."""
    chain = chain_in_feed(conn, scope, offset)
    if chain is None and scope == CHAIN:
        row = conn.execute("SELECT chain FROM passed WHERE feed_offset = ?", (offset,)).fetchone()
        chain = row[0] if row else None
    return chain


def frame_after(conn: Connection, scope: Scope, offset: int, *, bytes_max: int) -> Frame | None:
    """The next records of a feed after an offset, as many as fit; None at the head."""
    chain = chain_in_feed(conn, scope, offset)
    if chain is None:
        return None
    rows = conn.execute(
        "SELECT feed_offset, header, slots FROM feed WHERE reach = ? AND number = ? AND feed_offset > ?"
        " ORDER BY feed_offset LIMIT ?",
        (*_scope(scope), offset, FRAME_OPERATIONS_MAX),
    )
    records: list[Record] = []
    size = operations = 0
    for at, header, slots in rows:
        if at != offset + 1 + len(records):
            break  # what came in between is pruned: whoever stands here is filled from rows
        record = Record(header, unpack_slots(slots))
        size += record_bytes(record)
        operations += len(record.slots)
        if records and (size > bytes_max or operations > FRAME_OPERATIONS_MAX):
            break
        records.append(record)
    if not records:
        return None
    head = feed_head(conn, scope)
    return Frame(scope, head.generation, offset + 1, chain, tuple(records), head.offset)


def _scope(scope: Scope) -> tuple[int, int]:
    return (int(scope.reach), scope.number)
