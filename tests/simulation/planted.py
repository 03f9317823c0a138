"""Bugs that somebody could have written, each a small patch of a real function of the daemon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from daemon.domain import change, element, hlc, merge, searched_words
from daemon.domain.canonical import digest8, digest16, pack, unpack
from daemon.domain.feed import Frame
from daemon.domain.hlc import Stamp, ticks
from daemon.domain.kinds import CUSTOMER
from daemon.hub import arbiter
from daemon.store import (
    backup_list,
    changes,
    contests,
    database,
    following,
    ordering,
    personal,
    replica,
    sealing,
    word_index,
)
from daemon.sync import commands as do
from daemon.sync import placing, session
from daemon.sync.inbox import Inbox
from tests.simulation import machine, planted_fetches, planted_restores
from tests.simulation.planting import Plant, everywhere, patched


def sent_is_acknowledged() -> AbstractContextManager[None]:
    """What was handed to the broker counts as applied by the hub."""
    real = session.Session._recorded

    def recorded(self: session.Session, event: Any, now_ms: int) -> list[do.Command]:
        wanted = real(self, event, now_ms)
        if any(isinstance(one, do.Send) for one in wanted) and self.standing is not None:
            self.standing = replace(self.standing, applied_seq=self.outbox.sent_seq)
            self.outbox.under_way.clear()
            wanted.append(do.Settle(self.outbox.sent_seq, 0))
        return wanted

    return patched(session.Session, "_recorded", recorded)


def no_gap_check() -> AbstractContextManager[None]:
    """A frame that comes too early is applied as if it were the next."""

    def next_frame(self: Inbox) -> Frame | None:
        if not self.held:
            return None
        frame = self.held.pop(min(self.held))
        return replace(frame, chain=self.cursor.chain) if frame.last > self.cursor.offset else None

    real = following.apply_frame

    def apply_frame(conn: Any, here: Any, frame: Frame) -> Any:
        cursor = here.cursors[frame.scope]
        here.cursors[frame.scope] = replace(cursor, offset=frame.first - 1)
        return real(conn, here, frame)

    @contextmanager
    def both() -> Iterator[None]:
        with patched(Inbox, "_next_frame", next_frame), everywhere(real, apply_frame):
            yield

    return both()


def raw_clock() -> AbstractContextManager[None]:
    """A stamp is what the clock shows, not later than what it replaces."""

    def next_(self: hlc.Timeline, *, local_ms: int, after: int = 0) -> tuple[int, hlc.Timeline]:
        time = ticks(max(local_ms + self.offset_ms, 0)) + (self.last + 1) % 65_536
        return time, replace(self, last=self.last + 1)

    return patched(hlc.Timeline, "next", next_)


def positions_used_again() -> AbstractContextManager[None]:
    """A till that finds the hub ahead of itself goes on from there, instead of becoming a new incarnation."""
    real = placing.place

    def place(ours: Any, applied_seq: int, theirs: Any, chain: Any) -> Any:
        move = real(ours, applied_seq, theirs, chain)
        return None if isinstance(move, do.BeginAgain) and move.new_holder else move

    return patched(session, "place", place)


def removal_leaves_nothing() -> AbstractContextManager[None]:
    """A removed member leaves no mark: its addition may come once more."""

    def remove(self: Any, op_change: merge.Change, key: Any) -> None:
        here, seen = self.get(key), op_change.op.replaces
        if here is None:
            return
        for number, since in here.stamps.items():
            if since > seen.get(number, here.base):
                self.delta.losers.append(merge.Loser(key, number, here.fields.get(number), since, op_change.stamp))
        self.drop(key)

    return patched(merge._Merging, "remove", remove)


def unseen_edit_of_a_removed_member_vanishes() -> AbstractContextManager[None]:
    """A removal takes edits with it that the remover had not seen."""

    def remove(self: Any, op_change: merge.Change, key: Any) -> None:
        self.put(element.Element(op_change.op.kind, op_change.op.entity, key[2], hlc.NO_STAMP))

    return patched(merge._Merging, "remove", remove)


def everything_is_new() -> AbstractContextManager[None]:
    """The hub forgets which records it has heard: what is sent twice is ordered twice."""
    return patched(ordering, "_is_new", lambda conn, header: True)


def erased_live_again() -> AbstractContextManager[None]:
    """What speaks of somebody who was erased is merged all the same."""
    return everywhere(merge.names_erased, lambda op, tombstones: False)


def erased_are_ordered() -> AbstractContextManager[None]:
    """What a till says late of somebody who was erased stays in the feed."""
    return everywhere(personal.without_erased, lambda here, slots: slots)


def losers_vanish() -> AbstractContextManager[None]:
    """Every author is taken to have seen what stood there: a loser is never kept."""
    real = merge._Merging.set_field

    def set_field(self: Any, key: Any, number: int, value: Any, stamp: Stamp, seen: Stamp | None) -> None:
        count = len(self.delta.losers)
        real(self, key, number, value, stamp, seen)
        del self.delta.losers[count:]

    return patched(merge._Merging, "set_field", set_field)


def guard_ignored() -> AbstractContextManager[None]:
    """The newest word on a consent stands, whether it names the refusal or not."""

    def wins(kind: int, number: int, new: tuple[Any, Stamp], old: tuple[Any, Stamp]) -> bool:
        return new[1] > old[1]

    return everywhere(merge.wins, wins)


def award_derived() -> AbstractContextManager[None]:
    """Each till decides a contest for itself, as soon as it sees one."""
    real = following.apply_frame

    def apply_frame(conn: Any, here: Any, frame: Frame) -> Any:
        cursor = real(conn, here, frame)
        touched = {
            change.decode_operation(slot).entity
            for record in frame.records
            for slot in record.slots
            if isinstance(slot, bytes)
        }
        for contest in list(contests.begun_by(conn, touched)):
            made = [
                merge.Change(op, (ticks(1), 1, 1), op.dot or digest8(op.entity, contest.value.encode()))
                for op in arbiter.awards(contest)
            ]
            changes.apply_changes(conn, here, made)
        return cursor

    return everywhere(real, apply_frame)


def cut_leaf_hashed_again() -> AbstractContextManager[None]:
    """The leaf of an operation that was cut is hashed once more."""
    real = change.leaf_of

    def leaf_of(slot: Any, entity: bytes = b"") -> bytes:
        return digest16(slot[0]) if isinstance(slot, tuple) else real(slot, entity)

    return everywhere(real, leaf_of)


def digest_without_stamps() -> AbstractContextManager[None]:
    """The digest leaves out when fields were set."""

    def body_hash(body: bytes) -> bytes:
        kind, ident, base, fields, _ = unpack(body)
        return digest16(pack((kind, ident, base, fields)))

    return everywhere(element.hash_of, body_hash)


def compared_while_waiting() -> AbstractContextManager[None]:
    """A till compares itself with a mark although records of its own have not come back."""
    return patched(changes, "is_waiting", lambda conn, scope: False)


def reseal_keeps_the_incarnation() -> AbstractContextManager[None]:
    """A restamped record keeps its origin: positions are given twice."""
    real = sealing.reseal

    def reseal(conn: Any, here: Any, *, seq: int, incarnation: int, local_ms: int) -> int:
        return real(conn, here, seq=seq, incarnation=here.identity.incarnation, local_ms=local_ms)

    return patched(sealing, "reseal", reseal)


def parked_forgotten() -> AbstractContextManager[None]:
    """What this version does not know is dropped."""
    return everywhere(following.park, lambda conn, scope, where, op_change: None)


def echo_is_foreign() -> AbstractContextManager[None]:
    """A record of this till's own that comes back is taken for somebody else's."""
    return patched(following, "_hear_back", lambda *arguments: ())


def record_numbers_used_again() -> AbstractContextManager[None]:
    """After a unit that failed, the hub gives the numbers of its records from one again."""
    real = replica.Replica.reload

    def reload(self: replica.Replica, conn: Any) -> None:
        self.n = 0
        real(self, conn)

    return patched(replica.Replica, "reload", reload)


def forgotten_before_the_backup() -> AbstractContextManager[None]:
    """A till forgets its records as soon as the hub has them, backed up or not."""
    real = changes.settle

    def settle(conn: Any, here: Any, *, seq: int, backed_up: int) -> None:
        real(conn, here, seq=seq, backed_up=1 << 40)

    return patched(changes, "settle", settle)


def newest_backup_promised() -> AbstractContextManager[None]:
    """Tills are told of the last backup, as if no older one were ever restored."""

    def settle(conn: Any) -> None:
        newest = max((one.at.offset for one in backup_list.restorable(conn)), default=0)
        replica.put_meta(conn, "backed_up", newest)

    return patched(backup_list, "_settle", settle)


def units_without_a_transaction() -> AbstractContextManager[None]:
    """Each statement is committed for itself."""
    return patched(machine, "run", lambda conn, unit: unit(conn))


def commits_do_not_wait_for_the_platter() -> AbstractContextManager[None]:
    """NORMAL instead of FULL: a commit returns before the disk has it."""
    real = database.open_connection

    def open_connection(path: Any, *, key: bytes | None = None, read_only: bool = False) -> Any:
        conn = real(path, key=key, read_only=read_only)
        conn.execute("PRAGMA synchronous=NORMAL")
        return conn

    return patched(database, "open_connection", open_connection)


def restamped_in_place_only() -> AbstractContextManager[None]:
    """A record with a new stamp does not meet again what it met under the old one."""
    return patched(sealing, "_merge_again", lambda conn, here, restamped: None)


def stamp_of_the_hub_ignored() -> AbstractContextManager[None]:
    """A till keeps its own stamp for a record that the hub has ordered under another one."""
    return patched(sealing, "adopt", lambda conn, here, ordinal, theirs: None)


def half_an_index_row() -> AbstractContextManager[None]:
    """An index row from which words go is taken out, and not put in."""
    real = word_index.Reindexing.write

    def write(self: word_index.Reindexing) -> None:
        self._rows = [row for row in self._rows if row[2]]
        real(self)

    return patched(word_index.Reindexing, "write", write)


def deleted_stay_in_the_index() -> AbstractContextManager[None]:
    """A deletion takes nobody's words out of the index."""
    real = searched_words.is_searched

    def is_searched(before: Any, after: Any, numbers: Sequence[int]) -> bool:
        return real(before, after, [number for number in numbers if number != CUSTOMER.number("deleted")])

    return everywhere(real, is_searched)


PLANTED: Sequence[Plant] = (
    sent_is_acknowledged,
    no_gap_check,
    raw_clock,
    positions_used_again,
    removal_leaves_nothing,
    unseen_edit_of_a_removed_member_vanishes,
    everything_is_new,
    erased_live_again,
    erased_are_ordered,
    losers_vanish,
    guard_ignored,
    award_derived,
    cut_leaf_hashed_again,
    digest_without_stamps,
    compared_while_waiting,
    reseal_keeps_the_incarnation,
    parked_forgotten,
    echo_is_foreign,
    record_numbers_used_again,
    forgotten_before_the_backup,
    newest_backup_promised,
    units_without_a_transaction,
    commits_do_not_wait_for_the_platter,
    restamped_in_place_only,
    stamp_of_the_hub_ignored,
    half_an_index_row,
    deleted_stay_in_the_index,
    *planted_restores.PLANTED,
    *planted_fetches.PLANTED,
)
