"""Saves a user action and its record in one transaction; gives positions; keeps records until a backup holds them.

A record is open while this boot has no time anchor, then sealed: it has its stamp and its position for good, unless the
hub asks for other ones. `waiting` says in which feeds the hub's echo is still to come.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from daemon.domain.canonical import unpack
from daemon.domain.change import (
    OPERATIONS_MAX,
    RECORD_BYTES_MAX,
    Actor,
    Header,
    Operation,
    Record,
    Slot,
    decode_header,
    decode_operation,
    dot_of,
    encode_header,
    encode_operation,
    leaf_of,
    link,
    read_header,
    read_operation,
    record_bytes,
)
from daemon.domain.element import reach_of
from daemon.domain.feed import CHAIN, FRAME_OPERATIONS_MAX, Batch, Head, Scope
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.ids import RecordId
from daemon.domain.kind_shape import Reach
from daemon.domain.merge import Change, View, merge, needs
from daemon.errors import OperatorMistake, PeerFault
from daemon.store import elements, kept
from daemon.store.courtesy import paced
from daemon.store.database import Connection
from daemon.store.delta import write
from daemon.store.personal import without_erased
from daemon.store.replica import Replica, put_meta, read_identity, saved_standing
from daemon.store.slots import pack_slots, unpack_slots


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved action: its identity, its stamp (provisional while the record is open), the dots of what it added."""

    record: RecordId
    stamp: Stamp
    dots: tuple[bytes, ...]
    raw: Record
    read: tuple[Operation, ...] = ()
    """The operations as they were read back from their bytes."""


def save(conn: Connection, replica: Replica, actor: Actor, operations: Sequence[Operation], *, now_ms: int) -> Saved:
    """Apply one user action and keep its record, in the caller's transaction; raises OperatorMistake if it is too big.

    The stamp is later than everything that the operations replace.
    """
    if not 0 < len(operations) <= OPERATIONS_MAX:
        raise OperatorMistake(f"an action has between 1 and {OPERATIONS_MAX} changes, this one has {len(operations)}")
    identity = replica.identity
    ident = RecordId(identity.site, replica.boot, replica.n + 1)
    dots = tuple([dot_of(ident, at) for at in range(len(operations))])
    loaded = elements.load(
        conn, replica, needs([Change(op, NO_STAMP, dot) for op, dot in zip(operations, dots, strict=True)])
    )
    time, timeline = replica.timeline.next(local_ms=now_ms, after=_newest_seen(loaded.view, operations))
    header = Header(ident.site, ident.boot, ident.n, time, identity.incarnation, actor)
    raw, read = _sendable(header, operations)
    if record_bytes(raw) > RECORD_BYTES_MAX:
        raise OperatorMistake(
            f"this action is {record_bytes(raw)} bytes long, the most that can be sent is {RECORD_BYTES_MAX}"
        )
    delta = merge(loaded.view, [Change(op, header.stamp, dot) for op, dot in zip(operations, dots, strict=True)])
    write(conn, replica, loaded, delta)
    remember_authors(conn, [header])
    replica.n = ident.n
    replica.save_timeline(conn, timeline)
    if not identity.is_hub:
        _keep(conn, replica, header, raw, now_ms=now_ms)
    return Saved(ident, header.stamp, dots, raw, read)


def _sendable(header: Header, operations: Sequence[Operation]) -> tuple[Record, tuple[Operation, ...]]:
    """The bytes of a record, and what the hub will read from them: what cannot be sent cannot be saved."""
    try:
        slots = tuple(encode_operation(op) for op in operations)
        raw = Record(encode_header(header), slots)
        read_header(raw.header)
        read = tuple(read_operation(slot) for slot in slots)
    except (PeerFault, ValueError, TypeError, OverflowError) as wrong:
        raise OperatorMistake(f"this action cannot be sent: {wrong}") from wrong
    return raw, read


def apply_changes(conn: Connection, replica: Replica, changes: Sequence[Change]) -> list[Change]:
    """Load, merge, write; returns the changes that this version does not know, for the caller to park."""
    loaded = elements.load(conn, replica, needs(changes))
    delta = merge(loaded.view, paced(conn, changes))
    write(conn, replica, loaded, delta)
    return delta.parked


def remember_authors(conn: Connection, headers: Iterable[Header], offsets: Iterable[int] = repeat(0)) -> None:
    """Remember who gave a stamp, and where that record stands in the chain's feed: the answer to 'why this value'."""
    conn.executemany(
        "INSERT OR REPLACE INTO author (time, site, incarnation, actor_kind, actor, role, shop, feed_offset)"
        " VALUES (?,?,?,?,?,?,?,?)",
        [
            (*one.stamp, int(one.actor.kind), one.actor.id, one.actor.role, one.actor.shop, offset)
            for one, offset in zip(headers, offsets, strict=False)
        ],
    )


def remember_places(conn: Connection, places: Iterable[tuple[Stamp, int]]) -> None:
    """Records whose authors are known have got their place in the chain's feed."""
    conn.executemany(
        "UPDATE author SET feed_offset = ? WHERE time = ? AND site = ? AND incarnation = ?",
        [(offset, *stamp) for stamp, offset in places],
    )


def _newest_seen(view: View, operations: Iterable[Operation]) -> int:
    """The newest stamp time among what the operations replace, rows' bases included."""
    newest = 0
    for op in operations:
        for stamp in op.replaces.values():
            newest = max(newest, stamp[0])
        here = view.elements.get((op.entity, op.kind, op.dot))
        if here is not None:
            newest = max(newest, here.base[0])
    return newest


def waiting_bits(slots: Iterable[Slot]) -> int:
    """The feeds in which a record will come back; what is cut stays where the customers are."""
    bits = 0
    for slot in slots:
        bits |= Scope(reach_of(decode_operation(slot).kind)).bit if isinstance(slot, bytes) else CHAIN.bit
    return bits


def _keep(conn: Connection, replica: Replica, header: Header, raw: Record, *, now_ms: int) -> None:
    sealed, slots = replica.timeline.anchored, without_erased(replica, raw.slots)
    head = replica.head
    if sealed:
        head = Head(head.incarnation, head.seq + 1, link(head.chain, raw.header, map(leaf_of, raw.slots)))
        replica.save_head(conn, head)
    conn.execute(
        "INSERT INTO change (boot, n, header, slots, saved_ms, sealed, incarnation, seq, chain, waiting)"
        " VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            header.boot,
            header.n,
            raw.header,
            pack_slots(slots),
            now_ms,
            int(sealed),
            header.incarnation,
            head.seq if sealed else 0,
            head.chain if sealed else b"",
            waiting_bits(slots),
        ),
    )


def pending_batch(conn: Connection, replica: Replica, *, after: int, bytes_max: int) -> Batch | None:
    """The next sealed records of this incarnation after position `after`, as many as fit; None where there are none."""
    incarnation = replica.identity.incarnation
    rows = conn.execute(
        "SELECT seq, header, slots FROM change WHERE incarnation = ? AND sealed = 1 AND seq > ? ORDER BY seq LIMIT ?",
        (incarnation, after, FRAME_OPERATIONS_MAX),
    )
    records: list[Record] = []
    size = operations = first = 0
    for seq, header, slots in rows:
        record = Record(header, unpack_slots(slots))
        size += record_bytes(record)
        operations += len(record.slots)
        if records and (size > bytes_max or operations > FRAME_OPERATIONS_MAX):
            break
        first = first or seq
        records.append(record)
    if not records:
        return None
    return Batch(
        replica.identity.site, incarnation, first, chain_at(conn, replica, first - 1) or bytes(16), tuple(records)
    )


def chain_at(conn: Connection, replica: Replica, seq: int) -> bytes | None:
    """The hash chain after position `seq` of this incarnation, or None if this replica no longer knows it."""
    if seq == 0:
        return bytes(16)
    if seq == replica.head.seq:
        return replica.head.chain
    row = conn.execute(
        "SELECT chain FROM change WHERE incarnation = ? AND seq = ? AND sealed = 1",
        (replica.identity.incarnation, seq),
    ).fetchone()
    return row[0] if row else None


Held = tuple[int, bytes]
"""(ordinal, header) of an own record as it is kept."""


def held(conn: Connection, headers: Mapping[int, Header]) -> dict[int, Held]:
    """The own records of these identities that this replica holds still, under the numbers that they were given."""
    numbers: dict[bytes, list[int]] = {}
    for header in headers.values():
        numbers.setdefault(header.boot, []).append(header.n)
    found: dict[tuple[bytes, int], Held] = {}
    for boot, mine in numbers.items():
        # What one boot saved comes back in its order: one question for each run of neighbours.
        for first, last in runs(mine):
            for n, ordinal, header in conn.execute(_HELD, (boot, first, last)):
                found[boot, n] = (ordinal, header)
    own = ((at, found.get((header.boot, header.n))) for at, header in headers.items())
    return {at: held for at, held in own if held is not None}


_HELD = "SELECT n, ordinal, header FROM change WHERE boot = ? AND n BETWEEN ? AND ?"


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of neighbours among some numbers, in ascending order."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None:
            first = number
        elif number > last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


OFFSETS = {Reach.CHAIN: "feed_offset", Reach.SHOP: "shop_offset", Reach.SITE: "site_offset"}
"""The column that says where the echo of a record came, by reach."""


def heard_back(conn: Connection, scope: Scope, offsets: Mapping[int, int]) -> None:
    """The echo of own records has come in a scope: ordinal → offset there."""
    column = OFFSETS[Reach(scope.reach)]
    by_distance: dict[int, list[int]] = {}
    for ordinal, offset in offsets.items():
        by_distance.setdefault(offset - ordinal, []).append(ordinal)
    update = f"UPDATE change SET waiting = waiting & ~?, {column} = ordinal + ? WHERE ordinal BETWEEN ? AND ?"
    for distance, ordinals in by_distance.items():
        for first, last in runs(ordinals):
            conn.execute(update, (scope.bit, distance, first, last))


def take_as_heard(conn: Connection, replica: Replica, scope: Scope, *, seq: int, offset: int) -> None:
    """The hub holds own records up to a position somewhere before `offset` of its feed: no echo of them will come.

    Where exactly they stand is not known here; if the hub is restored to before `offset`, they are sent again.
    """
    column = OFFSETS[Reach(scope.reach)]
    conn.execute(
        f"UPDATE change SET waiting = waiting & ~?, {column} = ?"
        " WHERE waiting & ? AND sealed = 1 AND incarnation = ? AND seq <= ?",
        (scope.bit, offset, scope.bit, replica.identity.incarnation, seq),
    )


def wait_again_after(conn: Connection, scope: Scope, offset: int) -> None:
    """The hub lost what it had ordered after an offset of a feed: own records there wait again."""
    column = OFFSETS[Reach(scope.reach)]
    conn.execute(f"UPDATE change SET waiting = waiting | ?, {column} = 0 WHERE {column} > ?", (scope.bit, offset))


def is_waiting(conn: Connection, scope: Scope) -> bool:
    """Whether an own record has not come back in this scope: replicas cannot be compared until it has."""
    row = conn.execute("SELECT 1 FROM change WHERE waiting != 0 AND waiting & ? LIMIT 1", (scope.bit,)).fetchone()
    return row is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What head office does not have yet: how many records, since when (0: none), how many of them are open."""

    records: int
    since_ms: int
    open: int


def waiting(conn: Connection) -> Waiting:
    """Own records that the hub has not said to be applied, as `conn` sees it. Asked with each search: mostly none."""
    head, applied, opened, since_open = conn.execute(_WAITING).fetchone()
    sealed = (unpack(head)[0] if head else 0) - (applied or 0)
    first = None
    if sealed:
        identity = read_identity(conn)
        assert identity is not None, "what has a head belongs to a site"
        first = conn.execute(_FIRST_WAITING, (identity.incarnation, applied or 0)).fetchone()
    return Waiting(sealed + opened, first[0] if first else since_open or 0, opened)


_WAITING = (
    "SELECT (SELECT value FROM meta WHERE name = 'head'), (SELECT value FROM meta WHERE name = 'applied_seq'),"
    " count(*), min(saved_ms) FROM change WHERE sealed = 0"
)
_FIRST_WAITING = "SELECT saved_ms FROM change WHERE incarnation = ? AND seq > ? ORDER BY seq LIMIT 1"


@dataclass(frozen=True, slots=True)
class UnsentRecord:
    """An own record that head office does not have: when it was saved, its bytes."""

    saved_ms: int
    header: bytes
    slots: tuple[Slot, ...]


def unsent(conn: Connection, limit: int) -> list[UnsentRecord]:
    """The first of them as they were saved."""
    saved = saved_standing(conn)
    rows = conn.execute(
        "SELECT saved_ms, header, slots FROM change WHERE sealed = 0 OR (incarnation = ? AND seq > ?)"
        " ORDER BY boot, n LIMIT ?",
        (saved.identity.incarnation, saved.applied_seq, limit),
    )
    return [UnsentRecord(saved_ms, header, tuple(unpack_slots(slots))) for saved_ms, header, slots in rows]


def unsent_from(conn: Connection) -> Stamp | None:
    """The stamp of the first of them, None where there is none: what this till said before, head office has."""
    saved = saved_standing(conn)
    rows = [
        *conn.execute(
            "SELECT ordinal, header FROM change WHERE incarnation = ? AND seq > ? ORDER BY seq LIMIT 1",
            (saved.identity.incarnation, saved.applied_seq),
        ),
        *conn.execute("SELECT ordinal, header FROM change WHERE sealed = 0 ORDER BY saved_ms LIMIT 1"),
    ]
    return decode_header(min(rows)[1]).stamp if rows else None


def settle(conn: Connection, replica: Replica, *, seq: int, backed_up: int) -> None:
    """The hub has applied this incarnation up to `seq`; records in the backup up to feed offset `backed_up` may go."""
    if seq > replica.applied_seq:
        replica.save_applied(conn, seq)
    if backed_up:
        put_meta(conn, "backed_up", backed_up)
        forget_backed_up(conn, replica, backed_up)


def forget_backed_up(conn: Connection, replica: Replica, backed_up: int) -> None:
    """Drop own records that every backup that may be restored holds; the last applied one stays, to say the chain."""
    conn.execute(
        "DELETE FROM change WHERE waiting = 0 AND feed_offset > 0 AND feed_offset <= ?"
        " AND (incarnation != ? OR seq < ?)",
        (backed_up, replica.identity.incarnation, replica.applied_seq),
    )
    kept.forget_backed_up(conn, CHAIN, backed_up)


def with_stamp(header: Header, stamp: Stamp) -> Header:
    """The header under another stamp; the record's identity stays."""
    return replace(header, time=stamp[0], incarnation=stamp[2])
