"""Gives stamps and positions to records that wait: at the first anchor, when the hub asks, in a new incarnation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from daemon.domain.change import (
    Header,
    Operation,
    Slot,
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
from daemon.domain.merge import Change, Delta, Needs, key_of
from daemon.domain.restamp import restamp_element, restamp_operation
from daemon.store import changes, elements
from daemon.store.database import Connection
from daemon.store.delta import write
from daemon.store.replica import Replica
from daemon.store.slots import pack_slots, unpack_slots


@dataclass(frozen=True, slots=True)
class Unordered:
    """An own record that the hub has not ordered, as it is kept."""

    ordinal: int
    saved_ms: int
    header: Header
    slots: tuple[Slot, ...]


def unordered(conn: Connection, *, only_open: bool) -> list[Unordered]:
    """Own records that may still change their stamp, oldest first."""
    where = "sealed = 0" if only_open else "waiting != 0"
    rows = conn.execute(f"SELECT ordinal, saved_ms, header, slots FROM change WHERE {where} ORDER BY ordinal")
    return [Unordered(at, saved_ms, decode_header(header), unpack_slots(raw)) for at, saved_ms, header, raw in rows]


def anchor(conn: Connection, replica: Replica, *, local_ms: int, true_ms: int) -> int:
    """Take the hub's time and seal what this and earlier boots left open; returns how many records were sealed.

    Called before anything foreign of this link is applied: open records can only have met each other.
    """
    replica.timeline = replica.timeline.anchor(local_ms=local_ms, true_ms=true_ms)
    opened = unordered(conn, only_open=True)
    if opened:
        _restamp(conn, replica, opened, local_ms=local_ms)
        _give_positions(conn, replica, [row.ordinal for row in opened])
    return len(opened)


def reseal(conn: Connection, replica: Replica, *, incarnation: int, local_ms: int) -> int:
    """Restamp all that the hub has not ordered by the anchored time and give it positions in a new incarnation.

    The holder of rights stays: only the incarnation changes.
    """
    late = unordered(conn, only_open=False)
    replica.renew(conn, incarnation=incarnation, lot=replica.identity.lot)
    _restamp(conn, replica, late, local_ms=local_ms)
    _give_positions(conn, replica, [row.ordinal for row in late])
    return len(late)


def begin_again(conn: Connection, replica: Replica, *, incarnation: int, lot: bytes) -> int:
    """After a restore or a clone: a new incarnation and holder; what the hub has not ordered goes again.

    Operation ids and stamps stay: a record that the hub holds already is recognised by its id.
    """
    replica.renew(conn, incarnation=incarnation, lot=lot)
    rows = conn.execute("SELECT ordinal FROM change WHERE waiting != 0 AND sealed = 1 ORDER BY ordinal").fetchall()
    _give_positions(conn, replica, [ordinal for (ordinal,) in rows])
    return len(rows)


def resend_after(conn: Connection, replica: Replica, seq: int) -> None:
    """The hub lost what came after `seq`: those records wait for their echo again, under the same positions."""
    replica.save_applied(conn, seq)
    for ordinal, slots in conn.execute(
        "SELECT ordinal, slots FROM change WHERE incarnation = ? AND sealed = 1 AND seq > ?",
        (replica.identity.incarnation, seq),
    ).fetchall():
        again = changes.waiting_bits(_operations(unpack_slots(slots)))
        conn.execute("UPDATE change SET waiting = ?, feed_offset = 0 WHERE ordinal = ?", (again, ordinal))


def set_aside(conn: Connection, replica: Replica, *, seq: int, reason: str, incarnation: int, now_ms: int) -> None:
    """The hub cannot read record `seq`: keep it visibly apart and send the rest under a new incarnation."""
    row = conn.execute(
        "SELECT ordinal, header, slots FROM change WHERE incarnation = ? AND seq = ?",
        (replica.identity.incarnation, seq),
    ).fetchone()
    if row is not None:
        ordinal, header, slots = row
        conn.execute(
            "INSERT INTO quarantine (at_ms, source, reason, payload) VALUES (?,?,?,?)",
            (now_ms, "own", reason, header + slots),
        )
        conn.execute("DELETE FROM change WHERE ordinal = ?", (ordinal,))
    begin_again(conn, replica, incarnation=incarnation, lot=replica.identity.lot)


def _restamp(conn: Connection, replica: Replica, rows: Sequence[Unordered], *, local_ms: int) -> None:
    """Exchange the stamps of these records, in the records and in all elements that carry them."""
    exchange = _new_stamps(conn, replica, rows, local_ms=local_ms)
    touched: set[Key] = set()
    for row in rows:
        stamp = exchange[row.header.stamp]
        header = changes.with_stamp(row.header, stamp)
        ops = [decode_operation(slot) if isinstance(slot, bytes) else None for slot in row.slots]
        slots = tuple(
            slot if op is None else encode_operation(restamp_operation(op, exchange))
            for slot, op in zip(row.slots, ops, strict=True)
        )
        conn.execute(
            "UPDATE change SET header = ?, slots = ? WHERE ordinal = ?",
            (encode_header(header), pack_slots(slots), row.ordinal),
        )
        conn.execute("DELETE FROM author WHERE time = ? AND site = ? AND incarnation = ?", row.header.stamp)
        changes.remember_authors(conn, [header])
        touched |= {key_of(Change(op, stamp, dot_of(header.record, at))) for at, op in enumerate(ops) if op is not None}
    _restamp_elements(conn, replica, touched, exchange)


def _new_stamps(conn: Connection, replica: Replica, rows: Sequence[Unordered], *, local_ms: int) -> dict[Stamp, Stamp]:
    """A true stamp for each record: when it was saved, as far as this boot's clock can say; always in order.

    What an earlier boot saved without an anchor has no time of its own: it is taken as just before now.
    """
    identity, offset_ms = replica.identity, replica.timeline.offset_ms
    now = ticks(max(local_ms + offset_ms, 0))
    last = _last_final(conn, replica, {row.header.stamp for row in rows})
    exchange: dict[Stamp, Stamp] = {}
    for row in rows:
        same_boot = row.header.boot == replica.boot
        saved = ticks(max(row.saved_ms + offset_ms, 0)) if same_boot else now
        replaced = [
            exchange.get(stamp, stamp)[0]
            for slot in row.slots
            if isinstance(slot, bytes)
            for stamp in decode_operation(slot).replaces.values()
        ]
        last = max(min(saved, now), last + 1, max(replaced, default=0) + 1)
        exchange[row.header.stamp] = (last, identity.site, identity.incarnation)
    replica.save_timeline(conn, replace(replica.timeline, last=last))
    return exchange


def _last_final(conn: Connection, replica: Replica, provisional: set[Stamp]) -> int:
    """The newest time that this site gave for good."""
    rows = conn.execute(
        "SELECT time, site, incarnation FROM author WHERE site = ? ORDER BY time DESC LIMIT ?",
        (replica.identity.site, len(provisional) + 1),
    )
    return next((row[0] for row in rows if tuple(row) not in provisional), 0)


def _restamp_elements(conn: Connection, replica: Replica, keys: set[Key], exchange: dict[Stamp, Stamp]) -> None:
    loaded = elements.load(conn, replica, Needs(frozenset(keys), frozenset()))
    delta = Delta()
    for key, here in loaded.view.elements.items():
        rivals = [loser for loser in elements.losers_of(conn, key[0]) if loser.key == key]
        element, kept = restamp_element(here, rivals, exchange)
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


def _operations(slots: Iterable[Slot]) -> list[Operation]:
    return [decode_operation(slot) for slot in slots if isinstance(slot, bytes)]
