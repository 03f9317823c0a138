"""The till's side of a feed: applies what the hub ordered, in order, once; parks what it does not know yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from daemon.domain.change import (
    Header,
    Operation,
    Record,
    Verb,
    decode_header,
    decode_operation,
    dot_of,
    encode_header,
    encode_operation,
    header_of,
    leaf_of,
    link,
)
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope
from daemon.domain.ledger import HOLDER, POSTED
from daemon.domain.merge import Change, is_known, key_of
from daemon.errors import PeerFault
from daemon.store import changes, elements, kept, only_here, sealing
from daemon.store.courtesy import paced
from daemon.store.database import Connection
from daemon.store.personal import without_erased
from daemon.store.replica import Replica, is_filling


def apply_frame(conn: Connection, replica: Replica, frame: Frame) -> Cursor:
    """Apply a frame that begins right after the cursor; returns the new cursor. Raises PeerFault when it does not fit.

    Own records come back too: they are applied already, so only their echo is noted.
    """
    cursor = replica.cursors[frame.scope]
    if (frame.generation, frame.first) != (cursor.generation, cursor.offset + 1) or frame.chain != cursor.chain:
        raise PeerFault(
            f"a frame of feed {frame.scope} begins at {frame.generation}/{frame.first},"
            f" this till stands at {cursor.generation}/{cursor.offset}"
        )
    headers = [header_of(record) for record in paced(conn, frame.records)]
    chain = cursor.chain
    for record in paced(conn, frame.records):
        chain = link(chain, record.header, [leaf_of(slot) for slot in record.slots])
    own = _hear_back(conn, replica, frame, headers)
    foreign = [at for at in range(len(headers)) if at not in own]
    places = [frame.first + at if frame.scope == CHAIN else 0 for at in range(len(headers))]
    changes.remember_authors(conn, [headers[at] for at in foreign], [places[at] for at in foreign])
    changes.remember_places(conn, [(headers[at].stamp, places[at]) for at in own if places[at]])
    # Kept before it is applied: an erasure among it walks what is kept.
    records = frame.records
    if replica.tombstones:
        records = tuple([Record(one.header, without_erased(replica, one.slots)) for one in records])
    kept.keep(conn, frame, records, chain)
    waiting = [
        (change, headers[at], frame.first + at, slot)
        for at in paced(conn, foreign)
        for slot, change in read_slots(frame.records[at], headers[at])
    ]
    _apply(conn, replica, frame.scope, waiting)
    cursor = Cursor(frame.generation, frame.last, chain)
    replica.save_cursor(conn, frame.scope, cursor)
    return cursor


def _hear_back(conn: Connection, replica: Replica, frame: Frame, headers: Sequence[Header]) -> Collection[int]:
    """Which records this replica holds itself: their echo has come, and their stamp is final."""
    site = replica.identity.site
    own = changes.held(conn, {at: header for at, header in enumerate(headers) if header.site == site})
    for at, (ordinal, header) in own.items():
        if header != frame.records[at].header:
            sealing.adopt(conn, replica, ordinal, frame.records[at])
    changes.heard_back(conn, frame.scope, {ordinal: frame.first + at for at, (ordinal, _) in own.items()})
    return own.keys()


def is_told_of_a_twin(conn: Connection, replica: Replica, frame: Frame) -> bool:
    """Whether a frame brings what this very holder of rights has done, and this disk knows nothing of it.

    Then an old image of the disk was put back, or it was copied, and the positions do not show it: what the other life
    of it gave away may come later than what that had received.
    """
    mine = (replica.identity.site, replica.identity.lot)
    headers = {at: header_of(record) for at, record in enumerate(frame.records)}
    said = {at: header for at, header in headers.items() if header.site == mine[0]}
    if not said:
        return False
    own = changes.held(conn, said)
    return any(
        change.op.kind in POSTED
        and change.op.fields.get(HOLDER) == mine
        and elements.element(conn, key_of(change)) is None
        for at, header in said.items()
        if at not in own
        for _, change in read_slots(frame.records[at], header)
    )


def read_slots(record: Record, header: Header) -> list[tuple[int, Change]]:
    """The operations that a record carries, with their place in it."""
    return [
        (at, change_of(decode_operation(slot), header, at))
        for at, slot in enumerate(record.slots)
        if isinstance(slot, bytes)
    ]


def change_of(op: Operation, header: Header, at: int) -> Change:
    """The change that operation `at` of a record makes; only what adds something needs a dot."""
    return Change(op, header.stamp, dot_of(header.record, at) if op.verb == Verb.ADD and not op.dot else op.dot)


def _apply(conn: Connection, replica: Replica, scope: Scope, waiting: list[tuple[Change, Header, int, int]]) -> None:
    if not waiting:
        return
    where = {id(change): (header, offset, at) for change, header, offset, at in waiting}
    for change in changes.apply_changes(conn, replica, [entry[0] for entry in waiting]):
        park(conn, scope, where[id(change)], change)


def park(conn: Connection, scope: Scope, where: tuple[Header, int, int], change: Change) -> None:
    """Keep an operation of a newer version until this one is upgraded; the cursor moves on, without a receipt."""
    header, offset, at = where
    conn.execute(
        "INSERT OR REPLACE INTO parked (reach, feed_offset, slot, header, op) VALUES (?,?,?,?,?)",
        (scope.reach, offset, at, encode_header(header), encode_operation(change.op)),
    )


def has_parked(conn: Connection, scope: Scope) -> bool:
    """Whether something of this feed waits for an upgrade: then equality cannot be proved."""
    row = conn.execute("SELECT 1 FROM parked WHERE reach = ? LIMIT 1", (int(scope.reach),)).fetchone()
    return row is not None


def unpark(conn: Connection, replica: Replica) -> int:
    """After an upgrade: apply what this version knows now, in the order of the feed; returns how many."""
    rows = conn.execute("SELECT reach, feed_offset, slot, header, op FROM parked ORDER BY reach, feed_offset, slot")
    known: list[Change] = []
    for reach, offset, at, header_raw, raw in rows.fetchall():
        header, op = decode_header(header_raw), decode_operation(raw)
        if is_known(op):
            known.append(Change(op, header.stamp, dot_of(header.record, at)))
            conn.execute("DELETE FROM parked WHERE reach=? AND feed_offset=? AND slot=?", (reach, offset, at))
    changes.apply_changes(conn, replica, known)
    return len(known)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing with a mark said. `odd`: at the head of the feed own records are missing, or the chain differs."""

    comparable: bool
    equal: bool
    odd: bool = False


def compare(
    conn: Connection, replica: Replica, scope: Scope, cursor: Cursor, root: bytes, *, now_ms: int
) -> Comparison:
    """Hold this replica against a mark of the hub, if it stands at that very offset with nothing waiting or parked.

    While it is filled it is held against none, until the history is here too.
    """
    here = replica.cursors[scope]
    standing = (here.generation, here.offset) == (cursor.generation, cursor.offset)
    if standing and here.chain != cursor.chain:
        return Comparison(comparable=True, equal=False, odd=True)
    if standing and changes.is_waiting(conn, scope):
        return Comparison(comparable=False, equal=False, odd=True)
    if not standing or has_parked(conn, scope) or is_filling(conn, scope):
        return Comparison(comparable=False, equal=False)
    if replica.root(conn, scope) != root:
        return Comparison(comparable=True, equal=False)
    replica.save_cursor(conn, scope, here)  # a feed in which nothing was said yet has no row
    conn.execute(
        "UPDATE cursor SET proved_offset = ?, proved_ms = ? WHERE reach = ?",
        (cursor.offset, now_ms, int(scope.reach)),
    )
    only_here.proved(conn, scope)
    return Comparison(comparable=True, equal=True)


def rewind(conn: Connection, replica: Replica, scope: Scope, cursor: Cursor) -> None:
    """The hub was restored: follow its new generation from the fork; what comes again merges harmlessly.

    Own records that the hub had ordered after the fork wait for their echo again; all that it has lost waits to be
    given back.
    """
    before = replica.cursors[scope]
    if cursor.offset < before.offset:
        kept.set_lost(conn, scope, generation=before.generation, after=cursor.offset)
    replica.save_cursor(conn, scope, cursor)
    only_here.fell_back(conn, scope, cursor)
    reach = int(scope.reach)
    conn.execute("UPDATE cursor SET proved_offset = 0 WHERE reach = ? AND proved_offset > ?", (reach, cursor.offset))
    conn.execute("DELETE FROM parked WHERE reach = ? AND feed_offset > ?", (reach, cursor.offset))
    changes.wait_again_after(conn, scope, cursor.offset)
