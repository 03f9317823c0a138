"""Bugs of what is known again and what is said anew: ids, stamps, entries, rights, restores."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from daemon.domain import authoring, change, merge
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Actor, Operation, Verb
from daemon.domain.element import Element, Key
from daemon.domain.kind_shape import Rule
from daemon.domain.kinds import Kind, shape_of
from daemon.domain.ledger import POSTED, postings
from daemon.domain.merge import key_of, needs
from daemon.head_office import performer as hub_performer
from daemon.store import authoring as acting
from daemon.store import changes, elements, kept, ordering, pruning, recovering, sealing
from tests.simulation.planting import Plant, everywhere, patched, together


def ids_tied_to_positions() -> AbstractContextManager[None]:
    """A record is named by its place among the records of its origin, not by its boot."""
    real = changes.save

    def save(conn: Any, here: Any, actor: Actor, operations: Sequence[Operation], *, now_ms: int) -> changes.Saved:
        if here.identity.is_hub:
            return real(conn, here, actor, operations, now_ms=now_ms)
        boot, n = here.boot, here.n
        (opened,) = conn.execute("SELECT count(*) FROM change WHERE sealed = 0").fetchone()
        here.boot = digest8(here.identity.incarnation.to_bytes(8, "big"))
        here.n = here.head.seq + opened
        try:
            return real(conn, here, actor, operations, now_ms=now_ms)
        finally:
            here.boot, here.n = boot, n

    return patched(changes, "save", save)


def outbox_dropped_at_a_restore() -> AbstractContextManager[None]:
    """A till that becomes a new incarnation forgets what it has not sent."""

    def begin_again(conn: Any, here: Any, *, incarnation: int, lot: bytes) -> int:
        here.renew(conn, incarnation=incarnation, lot=lot)
        conn.execute("DELETE FROM change WHERE waiting != 0 AND sealed = 1")
        return 0

    return patched(sealing, "begin_again", begin_again)


def no_generation() -> AbstractContextManager[None]:
    """A restored hub goes on as if it had never been another one."""
    real = hub_performer.look_up
    return together(
        everywhere(real, lambda conn, hello: replace(real(conn, hello), ahead=False)),
        patched(ordering, "begin_generation", lambda conn, **_: ordering.feed_generation(conn)),
    )


def places_go_with_their_records() -> AbstractContextManager[None]:
    """Of what the log drops nothing is kept that would say where the feed stood there."""
    return patched(pruning, "_keep_chain", lambda conn, upto: None)


def rights_given_again_by_a_copy() -> AbstractContextManager[None]:
    """A box that finds itself copied takes the rights that it held along to its new holder."""
    real = sealing.begin_again

    def begin_again(conn: Any, here: Any, *, incarnation: int, lot: bytes) -> int:
        site, old = here.identity.site, here.identity.lot
        count = real(conn, here, incarnation=incarnation, lot=lot)
        held = conn.execute(
            "SELECT account, book, amount FROM balance WHERE holder = ? AND amount > 0", (pack((site, old)),)
        ).fetchall()
        again = [
            authoring.add(Kind.RIGHT, account, {1: book, 2: amount, 5: (site, lot)}) for account, book, amount in held
        ]
        if lot != old and again:
            acting.commit(conn, here, Actor(), again, now_ms=here.timeline.last >> 16)
        return count

    return patched(sealing, "begin_again", begin_again)


def removal_by_value() -> AbstractContextManager[None]:
    """A removal takes all members that say the same, seen or not: what is removed is a value, not a dot."""
    real_remove, real_needs = merge._Merging.remove, merge.needs

    def needs_all(todo: Any) -> merge.Needs:
        todo = list(todo)
        found = real_needs(todo)
        whole = {one.op.entity for one in todo if one.op.verb == Verb.REMOVE}
        return merge.Needs(found.keys, found.entities | whole)

    def remove(self: Any, op_change: merge.Change, key: Key) -> None:
        here = self.get(key)
        real_remove(self, op_change, key)
        for held in [*self.view.elements, *self.delta.puts]:
            other = self.get(held)
            if here is not None and other is not None and held != key and _says_the_same(here, other):
                real_remove(self, op_change, held)

    return together(everywhere(real_needs, needs_all), patched(merge._Merging, "remove", remove))


def _says_the_same(one: Element, other: Element) -> bool:
    is_same = (one.entity, one.kind) == (other.entity, other.kind)
    return is_same and not other.is_removed and one.fields.get(1) == other.fields.get(1)


def stamp_not_after_what_it_replaces() -> AbstractContextManager[None]:
    """A stamp is later than this replica's own, and than nothing else."""
    return patched(changes, "_newest_seen", lambda view, operations: 0)


def replaced_stamp_not_said() -> AbstractContextManager[None]:
    """An edit does not say which value its author saw: a correction looks like a disagreement."""
    real = change.encode_operation

    def encode_operation(op: Operation) -> bytes:
        return real(replace(op, replaces={}) if op.verb == Verb.SET else op)

    return everywhere(real, encode_operation)


def fact_counts_each_time_it_is_stated() -> AbstractContextManager[None]:
    """An entry is known by its record only: the same sale, posted again by who got no answer, counts twice."""
    real = merge.key_of

    def key_of(op_change: merge.Change) -> Key:
        shape = shape_of(op_change.op.kind)
        is_entry = shape is not None and shape.rule is Rule.ENTRY
        return real(replace(op_change, op=replace(op_change.op, dot=b"")) if is_entry else op_change)

    return everywhere(real, key_of)


def entry_counts_each_time_it_is_heard() -> AbstractContextManager[None]:
    """An entry that comes once more is added to its sums once more."""
    real = changes.apply_changes

    def apply_changes(conn: Any, here: Any, todo: Sequence[merge.Change]) -> list[merge.Change]:
        known = elements.load(conn, here, needs([one for one in todo if one.op.kind in POSTED])).view.elements
        again = [known[key_of(one)] for one in todo if key_of(one) in known and one.op.kind in POSTED]
        parked = real(conn, here, todo)
        for entry in again:
            for account, book, holder, amount in postings(None, entry):
                where = (account, book, holder)
                conn.execute(
                    "UPDATE balance SET amount = amount + ? WHERE account = ? AND book = ? AND holder = ?",
                    (amount, *where),
                )
        return parked

    return everywhere(real, apply_changes)


def lost_not_given_back() -> AbstractContextManager[None]:
    """What a restored hub has lost stays where it is."""
    return patched(kept, "next_lost", lambda conn, *, bytes_max: None)


def given_back_twice_is_ordered_twice() -> AbstractContextManager[None]:
    """A restored hub orders what each till gives back."""
    real = recovering._append

    def append(conn: Any, here: Any, frame: Any, one: Any, *, now_ms: int) -> int:
        conn.execute("DELETE FROM recovered WHERE site = ? AND boot = ?", (one.header.site, one.header.boot))
        return real(conn, here, frame, one, now_ms=now_ms)

    return together(
        patched(recovering, "_is_known", lambda conn, frame, one: ordering.is_heard(conn, one.header)),
        patched(recovering, "_append", append),
    )


def given_back_and_sent_is_ordered_twice() -> AbstractContextManager[None]:
    """A record that a till gave back is ordered again when its author sends it."""
    real = ordering.is_recovered

    def is_known(conn: Any, frame: Any, one: Any) -> bool:
        return ordering.is_heard(conn, one.header) or real(conn, frame.scope, one.header)

    return together(
        patched(recovering, "_is_known", is_known),
        patched(ordering, "is_recovered", lambda conn, scope, header: False),
    )


PLANTED: Sequence[Plant] = (
    ids_tied_to_positions,
    outbox_dropped_at_a_restore,
    no_generation,
    places_go_with_their_records,
    rights_given_again_by_a_copy,
    removal_by_value,
    stamp_not_after_what_it_replaces,
    replaced_stamp_not_said,
    fact_counts_each_time_it_is_stated,
    entry_counts_each_time_it_is_heard,
    lost_not_given_back,
    given_back_twice_is_ordered_twice,
    given_back_and_sent_is_ordered_twice,
)
