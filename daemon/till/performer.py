"""Carries out what the session wants as units of the store. The simulation runs this very code."""

from dataclasses import dataclass

from daemon.domain.canonical import pack
from daemon.domain.feed import FRAME_BYTES_MAX
from daemon.errors import PeerFault
from daemon.store import changes, following, quarantine, sealing
from daemon.store.database import Connection
from daemon.store.replica import Replica
from daemon.sync import commands as do
from daemon.sync.columns import to_columns
from daemon.version import VERSION

BATCH_BYTES_MAX = FRAME_BYTES_MAX - 4096
"""Records of one batch, before columns and compression."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Chance for one command: what a new incarnation and a new holder are made of."""

    incarnation: int
    lot: bytes


def standing(replica: Replica) -> do.Standing:
    """Where this replica stands."""
    return do.Standing(
        replica.identity.site,
        replica.boot,
        replica.identity.lot,
        replica.head,
        replica.applied_seq,
        dict(replica.cursors),
        VERSION,
    )


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
        case do.Apply(frame):
            return do.Applied(frame.scope, following.apply_frame(conn, replica, frame))
        case do.Compare(mark):
            found = following.compare(conn, replica, mark.scope, mark.cursor, mark.root, now_ms=now_ms)
            return do.Compared(mark.scope, found.comparable, found.equal, found.odd)
        case do.Rewind(scope, cursor):
            following.rewind(conn, replica, scope, cursor)
            return None
        case do.FindChain(seq):
            return do.ChainFound(seq, changes.chain_at(conn, replica, seq))
        case do.Send() | do.SendReport():
            raise AssertionError("messages are for the link, not for the store")
        case _:
            return _move(conn, replica, command, now_ms=now_ms, fresh=fresh)


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
        case do.Anchor(hub_ms):
            sealing.anchor(conn, replica, local_ms=now_ms, true_ms=hub_ms)
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
    return do.Moved(standing(replica))


def set_frame_aside(conn: Connection, command: do.Apply, fault: PeerFault, *, now_ms: int) -> do.NotApplied:
    """Keep a frame that does not fit, with the reason; the session asks for its place again."""
    # Not compressed: an erasure must find whom the frame speaks of.
    payload = pack(to_columns(command.frame.records))
    quarantine.set_aside(conn, source="feed", reason=str(fault), payload=payload, now_ms=now_ms)
    return do.NotApplied(command.frame.scope)
