"""Gives stamps and positions to records that wait: at the first anchor, when the hub asks, in a new incarnation."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import (
    Header,
    Record,
    Slot,
    Verb,
    decode_header,
    decode_operation,
    dot_of,
    encode_header,
    encode_operation,
    leaf_of,
    link,
)
from daemon.domain.element import Key
from daemon.domain.feed import Head
from daemon.domain.hlc import Stamp, ticks
from daemon.domain.merge import Change, Delta, Needs, key_of, merge, needs
from daemon.domain.restamp import Revision, adopted, restamp_operation, restamped, revise_element
from daemon.errors import DamagedRow, PeerFault
from daemon.store import changes, elements, quarantine
from daemon.store.database import Connection
from daemon.store.delta import write
from daemon.store.personal import without_erased
from daemon.store.replica import Replica, get_meta, put_meta
from daemon.store.slots import pack_slots, unpack_records, unpack_slots

ADOPTED_MAX = 200
"""Exchanged stamps that are remembered."""


@dataclass(frozen=True, slots=True)
class Unordered:
    """An own record that the hub has not ordered, as it is kept."""

    ordinal: int
    saved_ms: int
    header: Header
    slots: tuple[Slot, ...]


def unordered(conn: Connection, replica: Replica, *, only_open: bool) -> list[Unordered]:
    """Own records that may still change their stamp, oldest first."""
    where, which = ("sealed = 0", ()) if only_open else (_UNORDERED, _unacknowledged(replica))
    # The sign keeps SQLite from reading the table in its order, all that is kept of it, instead of by the index.
    rows = conn.execute(f"SELECT ordinal, saved_ms, header, slots FROM change WHERE {where} ORDER BY +ordinal", which)
    return [Unordered(at, saved_ms, decode_header(header), unpack_slots(raw)) for at, saved_ms, header, raw in rows]


_UNORDERED = "(waiting != 0 OR incarnation = ? AND seq > ? AND feed_offset = 0 AND shop_offset = 0 AND site_offset = 0)"
"""Records that wait for an echo; and those that have none to wait for, as all they say was cut, and went nowhere."""


def _unacknowledged(replica: Replica) -> tuple[int, int]:
    return replica.identity.incarnation, replica.applied_seq


def anchor(conn: Connection, replica: Replica, *, local_ms: int, true_ms: int) -> int:
    """Take the hub's time and seal what this and earlier boots left open; returns how many records were sealed.

    Called before anything foreign of this link is applied: open records can only have met each other.
    """
    replica.timeline = replica.timeline.anchor(local_ms=local_ms, true_ms=true_ms)
    opened = unordered(conn, replica, only_open=True)
    if opened:
        _restamp(conn, replica, opened, local_ms=local_ms)
        _give_positions(conn, replica, [row.ordinal for row in opened])
    return len(opened)


def reseal(conn: Connection, replica: Replica, *, seq: int, incarnation: int, local_ms: int) -> int:
    """Restamp record `seq` and all after it by the anchored time, and give them positions in a new incarnation.

    What the hub had ordered before keeps its stamp for good; while its echo is missing it goes again as well. The
    holder of rights stays: only the incarnation changes.
    """
    old = replica.identity.incarnation
    ordered = {
        row[0] for row in conn.execute("SELECT ordinal FROM change WHERE incarnation = ? AND seq < ?", (old, seq))
    }
    again = unordered(conn, replica, only_open=False)
    replica.renew(conn, incarnation=incarnation, lot=replica.identity.lot)
    late = [row for row in again if row.ordinal not in ordered]
    _restamp(conn, replica, late, local_ms=local_ms)
    _give_positions(conn, replica, [row.ordinal for row in again])
    return len(late)


def adopt(conn: Connection, replica: Replica, ordinal: int, theirs: Record) -> None:
    """The hub ordered this own record as it was sealed elsewhere: that stamp and those values are final.

    Happens after an old image of this disk was put back, or copied. Later records that name the stamp it had here are
    sealed and stay as they are, unless they are sealed again: what they come to at the hub, they come to here.
    """
    mine, raw = conn.execute("SELECT header, slots FROM change WHERE ordinal = ?", (ordinal,)).fetchone()
    header, old = decode_header(theirs.header), decode_header(mine).stamp
    held = unpack_slots(raw)
    if len(held) != len(theirs.slots):
        raise PeerFault(f"an own record of {len(held)} operations came back with {len(theirs.slots)}")
    both = zip(theirs.slots, held, strict=True)
    slots = without_erased(replica, tuple(ours if isinstance(slot, tuple) else slot for slot, ours in both))
    _rewrite(conn, ordinal, old, header, slots)
    put_meta(conn, "adopted", pack((*_adopted(conn), (old, header.stamp))[-ADOPTED_MAX:]))
    made = _changes_of(header, slots)
    for key in {key_of(change) for change in made}:
        said = {number: value for change in made if key_of(change) == key for number, value in change.op.fields.items()}
        _revise(conn, replica, {key}, adopted(old, header.stamp, said))
    _merge_again(conn, replica, [*made, *(_said_elsewhere(conn, made) if header.stamp > old else ())])


def _said_elsewhere(conn: Connection, made: Sequence[Change]) -> Iterator[Change]:
    """What other records that are kept here state of the same facts.

    The earliest statement stands: now that this one is dated later, it may be one of those that have lost, of which
    nothing else is left.
    """
    keys = {key_of(change) for change in made if change.op.verb == Verb.ADD and change.op.dot}
    dots = sorted({dot for _, _, dot in keys})
    if not dots:
        return
    # One look through what was followed, however many facts there are: it is no short one.
    own = conn.execute(f"SELECT header, slots FROM change WHERE {_any_of('slots', dots)}", dots)
    records = [Record(header, unpack_slots(slots)) for header, slots in own]
    for (raw,) in conn.execute(f"SELECT records FROM followed WHERE {_any_of('records', dots)}", dots):
        records += unpack_records(raw)
    for record in records:
        yield from (one for one in _changes_of(decode_header(record.header), record.slots) if key_of(one) in keys)


def _any_of(column: str, dots: Sequence[bytes]) -> str:
    return " OR ".join([f"instr({column}, ?)"] * len(dots))


def _adopted(conn: Connection) -> tuple[tuple[Stamp, Stamp], ...]:
    """(stamp that an own record had here, stamp that it has): for records that name the former and are restamped."""
    found: tuple[tuple[Stamp, Stamp], ...] = unpack(get_meta(conn, "adopted", pack(())))
    return found


def begin_again(conn: Connection, replica: Replica, *, incarnation: int, lot: bytes) -> int:
    """After a restore or a clone: a new incarnation and holder; what the hub has not ordered goes again.

    Operation ids and stamps stay: a record that the hub holds already is recognised by its id.
    """
    which = _unacknowledged(replica)
    replica.renew(conn, incarnation=incarnation, lot=lot)
    sql = f"SELECT ordinal FROM change WHERE {_UNORDERED} AND sealed = 1 ORDER BY ordinal"
    rows = conn.execute(sql, which).fetchall()
    _give_positions(conn, replica, [ordinal for (ordinal,) in rows])
    return len(rows)


def resend_after(conn: Connection, replica: Replica, seq: int) -> None:
    """The hub lost what came after `seq`: send it again under the same positions.

    Which echoes are to come again is the feed's business (`following.rewind`): the hub may have lost a position alone,
    and hold the record under an older one.
    """
    replica.save_applied(conn, seq)


def set_aside(conn: Connection, replica: Replica, *, seq: int, reason: str, incarnation: int, now_ms: int) -> None:
    """The hub cannot read record `seq`: keep it visibly apart and send the rest under a new incarnation."""
    row = conn.execute(
        "SELECT ordinal, header, slots FROM change WHERE incarnation = ? AND seq = ?",
        (replica.identity.incarnation, seq),
    ).fetchone()
    if row is not None:
        ordinal, header, slots = row
        quarantine.set_aside(conn, source="own", reason=reason, payload=header + slots, now_ms=now_ms)
        conn.execute("DELETE FROM change WHERE ordinal = ?", (ordinal,))
    begin_again(conn, replica, incarnation=incarnation, lot=replica.identity.lot)


def _restamp(conn: Connection, replica: Replica, rows: Sequence[Unordered], *, local_ms: int) -> None:
    """Exchange the stamps of these records: in them, and in all elements that carry them."""
    exchange = _new_stamps(conn, replica, rows, local_ms=local_ms)
    made: list[Change] = []
    for row in rows:
        header = changes.with_stamp(row.header, exchange[row.header.stamp])
        slots = tuple(
            encode_operation(restamp_operation(decode_operation(slot), exchange)) if isinstance(slot, bytes) else slot
            for slot in row.slots
        )
        _rewrite(conn, row.ordinal, row.header.stamp, header, slots)
        made += _changes_of(header, slots)
    _revise(conn, replica, {key_of(change) for change in made}, restamped(exchange))
    _merge_again(conn, replica, made)


def _rewrite(conn: Connection, ordinal: int, old: Stamp, header: Header, slots: tuple[Slot, ...]) -> None:
    """Keep an own record under another stamp."""
    conn.execute(
        "UPDATE change SET header = ?, slots = ? WHERE ordinal = ?",
        (encode_header(header), pack_slots(slots), ordinal),
    )
    conn.execute("DELETE FROM author WHERE time = ? AND site = ? AND incarnation = ?", old)
    changes.remember_authors(conn, [header])


def _changes_of(header: Header, slots: Iterable[Slot]) -> list[Change]:
    return [
        Change(decode_operation(slot), header.stamp, dot_of(header.record, at))
        for at, slot in enumerate(slots)
        if isinstance(slot, bytes)
    ]


def _merge_again(conn: Connection, replica: Replica, made: Sequence[Change]) -> None:
    """What stood before may fall to a record with its new stamp, and the earliest statement of a fact be another one.

    What does not stand now is superseded or among the losers already.
    """
    damaged: set[Key] = set()
    loaded = elements.load(conn, replica, needs(made), damaged=damaged)
    # Own records are laid again over what head office sends in place of a damaged row.
    delta = merge(loaded.view, [change for change in made if key_of(change) not in damaged])
    ours = {change.stamp for change in made}
    delta.losers = [loser for loser in delta.losers if loser.stamp not in ours]
    write(conn, replica, loaded, delta)


def _new_stamps(conn: Connection, replica: Replica, rows: Sequence[Unordered], *, local_ms: int) -> dict[Stamp, Stamp]:
    """A true stamp for each record: when it was saved, as far as this boot's clock can say; always in order.

    What an earlier boot saved without an anchor has no time of its own: it is taken as just before now.
    """
    identity, offset_ms = replica.identity, replica.timeline.offset_ms
    now = ticks(max(local_ms + offset_ms, 0))
    last = _last_final(conn, replica, {row.header.stamp for row in rows})
    exchange: dict[Stamp, Stamp] = dict(_adopted(conn))
    for row in rows:
        same_boot = row.header.boot == replica.boot
        saved = ticks(max(row.saved_ms + offset_ms, 0)) if same_boot else now
        replaced = [exchange.get(stamp, stamp)[0] for stamp in _replaced(conn, row.slots)]
        last = max(min(saved, now), last + 1, max(replaced, default=0) + 1)
        exchange[row.header.stamp] = (last, identity.site, identity.incarnation)
    replica.save_timeline(conn, replace(replica.timeline, last=last))
    return exchange


def _replaced(conn: Connection, slots: Iterable[Slot]) -> Iterator[Stamp]:
    """What a record's stamp must be later than: the stamps that it names, and the bases of the rows that it changes."""
    for slot in slots:
        if isinstance(slot, bytes):
            op = decode_operation(slot)
            yield from op.replaces.values()
            here = None
            with suppress(DamagedRow):
                here = elements.element(conn, (op.entity, op.kind, op.dot))
            if here is not None and op.verb == Verb.SET:
                yield here.base


def _last_final(conn: Connection, replica: Replica, provisional: set[Stamp]) -> int:
    """The newest time that this site gave for good."""
    rows = conn.execute(
        "SELECT time, site, incarnation FROM author WHERE site = ? ORDER BY time DESC LIMIT ?",
        (replica.identity.site, len(provisional) + 1),
    )
    return next((row[0] for row in rows if tuple(row) not in provisional), 0)


def _revise(conn: Connection, replica: Replica, keys: set[Key], revision: Revision) -> None:
    loaded = elements.load(conn, replica, Needs(frozenset(keys), frozenset()), damaged=set())
    delta = Delta()
    for key, here in loaded.view.elements.items():
        rivals = [loser for loser in elements.rivals_of(conn, key[0]) if loser.key == key]
        element, kept = revise_element(here, rivals, revision)
        delta.puts[key] = element
        delta.settled += [(key, loser.number, loser.stamp) for loser in rivals]
        delta.losers += kept
    write(conn, replica, loaded, delta)


def _give_positions(conn: Connection, replica: Replica, ordinals: Iterable[int]) -> None:
    """Seal records one after the other: each gets the next position and the chain after it."""
    head = replica.head
    for ordinal in ordinals:
        header, raw = conn.execute("SELECT header, slots FROM change WHERE ordinal = ?", (ordinal,)).fetchone()
        head = Head(head.incarnation, head.seq + 1, link(head.chain, header, map(leaf_of, unpack_slots(raw))))
        conn.execute(
            "UPDATE change SET sealed = 1, incarnation = ?, seq = ?, chain = ? WHERE ordinal = ?",
            (head.incarnation, head.seq, head.chain, ordinal),
        )
    replica.save_head(conn, head)
