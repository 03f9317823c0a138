"""Carries out what the session wants as units of the store. The simulation runs this very code."""

from dataclasses import dataclass
from typing import Any

from daemon.domain.canonical import pack
from daemon.domain.change import read_header, read_operation
from daemon.domain.digest import differing
from daemon.domain.feed import FRAME_BYTES_MAX, Cursor, Frame
from daemon.domain.site_row import CONFLICTS_TOLD_MAX
from daemon.errors import PeerFault
from daemon.store import changes, disagreements, following, kept, missed_rows, only_here, quarantine, sealing, taking
from daemon.store.database import Connection, DatabaseError
from daemon.store.index_merging import merge_some
from daemon.store.replica import Replica, note_fence, saved_standing
from daemon.store.scrubbing import scrub
from daemon.store.word_index import reindex_some
from daemon.sync import commands as do
from daemon.sync.till_facts import Fact
from daemon.sync.wire import TRAIL_MAX
from daemon.sync.wire_rows import ALL_GROUPS
from daemon.till.keeper import attend
from daemon.version import VERSION

REINDEX_CUSTOMERS = 200
"""Customers indexed at once when the index is made again: some ten milliseconds."""

BATCH_BYTES_MAX = FRAME_BYTES_MAX - 4096
"""Records of one batch, before columns and compression."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Chance for one command: what a new incarnation and a new holder are made of."""

    incarnation: int
    lot: bytes


def standing(conn: Connection, replica: Replica) -> do.Standing:
    """Where this replica stands, as `conn` sees it: nothing is said that is not durable."""
    saved = saved_standing(conn)
    return do.Standing(
        saved.identity.site,
        replica.boot,
        saved.identity.lot,
        saved.head,
        saved.applied_seq,
        dict(saved.cursors),
        VERSION,
        taking.fillings(conn),
        {scope: kept.trail(conn, scope, here, length=TRAIL_MAX) for scope, here in saved.cursors.items()},
    )


def told_facts(conn: Connection, replica: Replica, hub_boot: bytes) -> dict[int, Any]:
    """For a report: that the head office it goes to has everything, if so; and who holds rights here."""
    if len(hub_boot) != 8 or kept.has_lost(conn) or not only_here.has_told_all(conn):
        return {}
    if changes.waiting(conn).records:
        return {}
    return {Fact.TOLD: (hub_boot, replica.identity.lot)}


def copy_facts(conn: Connection) -> dict[int, Any]:
    """For a report: how this copy is, and how much room its disk has."""
    (proved_ms,) = conn.execute("SELECT coalesce(max(proved_ms), 0) FROM cursor WHERE reach = 0").fetchone()
    odd = only_here.told(conn)
    otherwise = sum(odd.dropped.values()) + sum(odd.replaced.values()) + odd.entries
    return {Fact.COPY: (int(proved_ms), disagreements.count(conn, upto=CONFLICTS_TOLD_MAX), otherwise)}


def perform(conn: Connection, replica: Replica, command: do.Command, *, now_ms: int, fresh: Fresh) -> do.Event | None:
    """Carry out one command in the caller's transaction; returns what the session is to be told.

    Raises PeerFault for a frame that does not fit: roll back, then `set_frame_aside`.
    """
    match command:
        case do.Load(after):
            return do.Loaded(changes.pending_batch(conn, replica, after=after, bytes_max=BATCH_BYTES_MAX))
        case do.Settle(seq, backed_up):
            changes.settle(conn, replica, seq=seq, backed_up=backed_up)
            return None
        case do.Apply() | do.Compare() | do.Rewind() | do.TakeAsHeard():
            return _follow(conn, replica, command, now_ms=now_ms, fresh=fresh)
        case do.FindChain(seq):
            return do.ChainFound(seq, changes.chain_at(conn, replica, seq))
        case do.FindHeld(keys):
            return do.HeldFound(missed_rows.held(conn, keys))
        case do.CompareDigest() | do.TakeRows() | do.Scrub() | do.LoadLost() | do.ForgetLost():
            return _fetch(conn, replica, command)
        case do.Send() | do.SendReport():
            raise AssertionError("messages are for the link, not for the store")
        case _:
            return _move(conn, replica, command, now_ms=now_ms, fresh=fresh)


def _follow(
    conn: Connection,
    replica: Replica,
    command: do.Apply | do.Compare | do.Rewind | do.TakeAsHeard,
    *,
    now_ms: int,
    fresh: Fresh,
) -> do.Event | None:
    """The commands that follow a feed."""
    match command:
        case do.Apply(frame):
            cursor, has_twin = _apply(conn, replica, frame)
            if has_twin:
                sealing.begin_again(conn, replica, incarnation=fresh.incarnation, lot=fresh.lot)
                return do.Moved(standing(conn, replica))
            return do.Applied(frame.scope, cursor, recorded=attend(conn, replica, frame, now_ms=now_ms))
        case do.Compare(mark) if mark.erased not in (None, replica.erased_sum):
            # An erasure, in the feed of the chain, is on its way in one direction or the other.
            return do.Compared(mark.scope, comparable=False, equal=False)
        case do.Compare(mark):
            found = following.compare(conn, replica, mark.scope, mark.cursor, mark.root, now_ms=now_ms)
            return do.Compared(mark.scope, found.comparable, found.equal, found.odd)
        case do.Rewind(scope, cursor):
            following.rewind(conn, replica, scope, cursor)
            return None
        case do.TakeAsHeard(scope, seq):
            changes.take_as_heard(conn, replica, scope, seq=seq, offset=replica.cursors[scope].offset)
            return None


def _apply(conn: Connection, replica: Replica, frame: Frame) -> tuple[Cursor, bool]:
    """Apply a frame, and say whether it told of a twin; raises PeerFault for one whose records cannot be read.

    The hub orders no such record, so they are looked at only when something has gone wrong: else it is our own fault.
    """
    try:
        has_twin = following.is_told_of_a_twin(conn, replica, frame)
        return following.apply_frame(conn, replica, frame), has_twin
    except (ValueError, TypeError, LookupError, ArithmeticError, DatabaseError):
        for record in frame.records:
            read_header(record.header)
            for slot in record.slots:
                if isinstance(slot, bytes):
                    read_operation(slot)
        raise


def _fetch(
    conn: Connection, replica: Replica, command: do.CompareDigest | do.TakeRows | do.Scrub | do.LoadLost | do.ForgetLost
) -> do.Event | None:
    """The commands that bring rows, and give back what a restored hub has lost."""
    match command:
        case do.CompareDigest(scope, group, digests):
            buckets = replica.digest_of(conn, scope)
            ours = buckets.groups() if group == ALL_GROUPS else buckets.group(group)
            return do.Differs(scope, group, differing(ours, digests))
        case do.TakeRows(portion, wanted, is_fill):
            here, n = replica.cursors[portion.scope], replica.n
            if is_fill and not taking.is_begun(conn, portion):
                return do.TookRows(portion, changed=False, cursor=here, begun=False)
            if is_fill:
                taking.fill(conn, replica, portion)
            is_changed = is_fill or taking.take_portion(conn, replica, portion, frozenset(wanted)).changed
            here = replica.cursors[portion.scope]
            return do.TookRows(portion, changed=is_changed, cursor=here, recorded=replica.n != n)
        case do.Scrub(after):
            hurry = reindex_some(conn, customers=REINDEX_CUSTOMERS) or merge_some(conn, replica)
            return do.Scrubbed(*scrub(conn, replica, after), hurry)
        case do.LoadLost():
            return do.LostLoaded(kept.next_lost(conn, bytes_max=BATCH_BYTES_MAX))
        case do.ForgetLost(scope, generation, last):
            kept.forget_lost(conn, scope, generation=generation, last=last)
            return None


def _move(
    conn: Connection,
    replica: Replica,
    command: do.Anchor | do.BeginAgain | do.ResendAfter | do.Reseal | do.SetAside,
    *,
    now_ms: int,
    fresh: Fresh,
) -> do.Moved:
    """The commands that give positions anew."""
    match command:
        case do.Anchor(hub_ms, local_ms, fenced):
            note_fence(conn, fenced=fenced, now_ms=now_ms)
            sealing.anchor(conn, replica, local_ms=now_ms, true_ms=hub_ms + now_ms - local_ms)
        case do.BeginAgain(new_holder):
            lot = fresh.lot if new_holder else replica.identity.lot
            sealing.begin_again(conn, replica, incarnation=fresh.incarnation, lot=lot)
        case do.ResendAfter(seq):
            sealing.resend_after(conn, replica, seq)
        case do.Reseal(hub_ms, seq):
            sealing.anchor(conn, replica, local_ms=now_ms, true_ms=hub_ms)
            sealing.reseal(conn, replica, seq=seq, incarnation=fresh.incarnation, local_ms=now_ms)
        case do.SetAside(seq, reason):
            sealing.set_aside(conn, replica, seq=seq, reason=reason, incarnation=fresh.incarnation, now_ms=now_ms)
    return do.Moved(standing(conn, replica))


def set_frame_aside(conn: Connection, command: do.Apply, fault: PeerFault, *, now_ms: int) -> do.NotApplied:
    """Keep a frame that does not fit, with the reason; the session asks for its place again."""
    # Not compressed: an erasure must find whom the frame speaks of. As it came: it may be that it cannot be read.
    payload = pack(tuple((record.header, record.slots) for record in command.frame.records))
    quarantine.set_aside(conn, source="feed", reason=str(fault), payload=payload, now_ms=now_ms)
    return do.NotApplied(command.frame.scope)
