"""Takes rows of the hub in at a till: a run of the table is made to say what the hub says, own waiting records over it.

Filling happens in place, over what is there: the till sells meanwhile with what it has, a power cut costs one portion,
and the disk never holds everybody twice.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Actor, decode_header, decode_operation, dot_of
from daemon.domain.digest import number_of
from daemon.domain.element import Element, Key, bucket_of, hash_of, scope_of, tombstone_key
from daemon.domain.feed import Cursor, Scope
from daemon.domain.hlc import Stamp
from daemon.domain.kind_shape import Rule
from daemon.domain.kinds import Kind, shape_of
from daemon.domain.ledger import POSTED
from daemon.domain.mending import mended, owner_in, read_sound
from daemon.domain.merge import Change, Delta, View, key_of
from daemon.domain.portion import BEFORE_ALL, Filling, Part, Portion
from daemon.store import changes, erasures, kept, only_here, rebuilding, tickets
from daemon.store.buckets import log_buckets
from daemon.store.database import Connection
from daemon.store.delta import write
from daemon.store.elements import Loaded
from daemon.store.personal import named_here
from daemon.store.portions import kinds_of
from daemon.store.replica import Replica, get_meta, put_meta
from daemon.store.scrubbing import mend
from daemon.store.slots import unpack_slots
from daemon.store.word_index import begin_reindex, reindex_skipped


@dataclass(slots=True)
class Taken:
    """What a portion came to.

    put      rows that came or were replaced
    dropped  rows that the hub does not hold
    healed   rows that did not match their hash
    again    entries that only this replica held, said again: nobody's points vanish because the hub has lost them
    replaced rows that stood otherwise here at the very place in the feed
    accounts whose sums held an entry that could not be read any more
    owners   of other such rows: what identifies them is looked up under old values
    lost_count: nobody can say in which bucket such a row was counted
    """

    put: int = 0
    dropped: int = 0
    healed: int = 0
    replaced: list[Key] = field(default_factory=list)
    again: list[Element] = field(default_factory=list)
    accounts: set[bytes] = field(default_factory=set)
    owners: set[bytes] = field(default_factory=set)
    lost_count: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything is otherwise than before."""
        return bool(self.put or self.dropped or self.healed or self.again)


@dataclass(slots=True)
class _Run:
    """One portion being taken in."""

    portion: Portion
    buckets: Collection[int]
    waiting: list[Change]
    waiting_keys: set[Key]
    tombs: Collection[bytes]
    theirs: dict[Key, Element] = field(default_factory=dict)
    old: dict[Key, Element] = field(default_factory=dict)
    hashes: dict[Key, bytes] = field(default_factory=dict)
    delta: Delta = field(default_factory=Delta)
    taken: Taken = field(default_factory=Taken)
    is_here: bool = False
    """A repair at the very place where this replica stands: what differs there is not merely newer."""
    vanished: set[bytes] = field(default_factory=set)
    """Customers whom head office does not hold: whether they were erased is looked at once the rows are in."""

    def covers(self, key: Key) -> bool:
        """Whether the portion speaks of the place of this key."""
        one = self.portion
        is_within = one.after < key and (one.upto is None or key <= one.upto) and one.part.holds(key[1])
        return is_within and (not self.buckets or bucket_of(key) in self.buckets)


def take_portion(conn: Connection, replica: Replica, portion: Portion, buckets: Collection[int]) -> Taken:
    """Make this run of the table say what the hub says; entries are united, own waiting records laid over it."""
    tombs = replica.tombstones | {row.entity for row in portion.rows if row.kind == Kind.ERASE}
    waiting = list(_waiting(conn))
    run = _Run(portion, buckets, waiting, {key_of(change) for change in waiting}, tombs)
    run.is_here = bool(buckets) and portion.cursor == replica.cursors[portion.scope]
    told = (row for row in portion.rows if row.kind == Kind.ERASE or not _is_gone(row.entity, tombs))
    theirs = run.theirs = {row.key: row for row in told if run.covers(row.key)}
    for key, body, digest in _rows_between(conn, portion):
        if run.covers(key) and read_sound(key, body, digest) is None and mend(conn, replica, key, (body, digest)):
            run.taken.healed += 1
    for key, body, digest in _rows_between(conn, portion):
        if run.covers(key):
            _meet(conn, replica, run, key, (body, digest))
    run.delta.puts = theirs
    _take_losers(conn, replica, portion, theirs)
    run.taken.put = write(conn, replica, Loaded(View(run.old, replica.tombstones), run.hashes), run.delta)
    _derive_again(conn, replica, run.taken)
    _report(conn, run)
    _remember(conn, portion)
    # One that was let go meanwhile, or was too damaged to stay, hides nobody.
    _bury(conn, replica, run, {key[0] for key in theirs if key[1] == Kind.ERASE} - replica.tombstones)
    changes.apply_changes(conn, replica, [change for change in run.waiting if run.covers(key_of(change))])
    only_here.say_again(conn, replica, run.taken.again)
    only_here.took(conn, portion.scope, portion.cursor)
    return run.taken


def _derive_again(conn: Connection, replica: Replica, taken: Taken) -> None:
    """Of rows that were too damaged to say what they were: what derived from them."""
    if taken.lost_count:
        rebuilding.count_again(conn, replica)
    for owner in taken.owners:
        rebuilding.claim_again(conn, owner)
    for account in taken.accounts:
        rebuilding.sum_again(conn, account)
    for owner in taken.owners | taken.accounts:
        tickets.derive_again(conn, owner)


def _report(conn: Connection, run: _Run) -> None:
    """What is otherwise at head office is told to whoever asks how this till is."""
    only_here.note(conn, only_here.DROPPED, [key for key in run.delta.drops if not _is_entry(key)])
    only_here.note(conn, only_here.REPLACED, run.taken.replaced)
    only_here.note(conn, only_here.SAID, [one.key for one in run.taken.again])


def _rows_between(conn: Connection, portion: Portion) -> Iterator[tuple[Key, bytes, bytes]]:
    after, upto = portion.after, portion.upto
    sql = "SELECT entity, kind, dot, body, hash FROM element WHERE (entity, kind, dot) > (?, ?, ?)"
    sql += f" AND {kinds_of(portion.part)}"
    if upto is not None:
        sql += " AND (entity, kind, dot) <= (?, ?, ?)"
    for entity, kind, dot, body, digest in conn.execute(sql, after if upto is None else (*after, *upto)).fetchall():
        yield (entity, kind, dot), body, digest


def _meet(conn: Connection, replica: Replica, run: _Run, key: Key, stored: tuple[bytes, bytes]) -> None:
    """One row of this replica (body and hash) meets what the hub says, or its silence."""
    body, digest = stored
    row, new = read_sound(key, body, digest), run.theirs.get(key)
    if row is None and new is None and key in run.portion.unsure:
        return  # damaged at head office as well: what is left of it here may be all that there is
    if row is None:
        if replica.scope_of_kind(key[1]) != run.portion.scope:
            return  # what another feed holds is put right by the rows of that feed
        run.taken.healed += 1
        _heal(conn, replica, run, key, stored)
        return
    if new is None and (key in run.waiting_keys or not _is_missing(run.portion, key, scope_of(row))):
        return
    run.old[key], run.hashes[key] = row, digest
    if new is None:
        _let_go(run, key, row)
    elif run.is_here and key not in run.waiting_keys and hash_of(new.body()) != digest:
        run.taken.replaced.append(key)


def _let_go(run: _Run, key: Key, row: Element) -> None:
    """A sound row that the hub does not hold is taken out."""
    run.delta.drops.add(key)
    if _is_entry(key) and not row.is_removed:
        run.taken.again.append(row)
    else:
        run.taken.dropped += 1
        if key[1] == Kind.CUSTOMER:
            # Either they were erased, or a restored hub has lost them: then they come again, from whoever has them.
            run.vanished.add(key[0])


def _heal(conn: Connection, replica: Replica, run: _Run, key: Key, stored: tuple[bytes, bytes]) -> None:
    """A row too damaged to be mended: put right where the hub has it as it was, else taken out with its traces."""
    body, digest = stored
    new = run.theirs.get(key)
    if new is not None and hash_of(new.body()) == digest:
        conn.execute(f"UPDATE element SET body = ? WHERE {_KEY}", (new.body(), *key))
        reindex_skipped(conn)
        run.old[key], run.hashes[key] = new, digest
        (run.taken.accounts if _is_summed(key) else run.taken.owners).add(key[0])
        return
    conn.execute(f"DELETE FROM element WHERE {_KEY}", key)
    conn.execute(f"DELETE FROM lookup WHERE {_KEY}", key)
    if key[1] == Kind.ERASE:
        replica.tombstones.discard(key[0])
    was = mended(body, digest)
    # A right that was passed on counts where its new holder is, and is kept here as well.
    scope = replica.scope_of_kind(key[1]) if was is None else scope_of(was)
    buckets = replica.digest_of(conn, scope)
    at = bucket_of(was.key if was is not None else key)
    run.taken.lost_count = run.taken.lost_count or was is None
    buckets.change(at, take=number_of(digest if was is None else hash_of(was.body())))
    log_buckets(conn, scope, {at: buckets.get(at)})
    # What the row said before is lost: what derives from it is made again.
    owners = {key[0], *owner_in(body)} if was is None else {key[0], was.entity}
    if _is_summed(key):
        run.taken.accounts |= owners
    else:
        run.taken.owners |= owners
        begin_reindex(conn)


_KEY = "entity = ? AND kind = ? AND dot = ?"


def _is_missing(portion: Portion, key: Key, scope: Scope) -> bool:
    """Whether the hub's silence means that there is no such row: not where it does not know the kind, or is unsure."""
    return scope == portion.scope and key[1] <= portion.level and key not in portion.unsure


def _is_entry(key: Key) -> bool:
    shape = shape_of(key[1])
    return shape is not None and shape.rule is Rule.ENTRY


def _is_summed(key: Key) -> bool:
    """Whether sums derive from the element."""
    return key[1] in POSTED or _is_entry(key)


def _is_gone(entity: bytes, tombs: Collection[bytes]) -> bool:
    return bool(tombs) and tombstone_key(entity)[0] in tombs


def _waiting(conn: Connection) -> Iterator[Change]:
    """What own records say that have not come back: the rows of the hub may not know of it."""
    for raw, slots in conn.execute("SELECT header, slots FROM change WHERE waiting != 0 ORDER BY ordinal").fetchall():
        header = decode_header(raw)
        for at, slot in enumerate(unpack_slots(slots)):
            if isinstance(slot, bytes):
                yield Change(decode_operation(slot), header.stamp, dot_of(header.record, at))


def _take_losers(conn: Connection, replica: Replica, portion: Portion, theirs: dict[Key, Element]) -> None:
    """The hub's list of what lost on these rows is the list."""
    if replica.with_losers:
        known = [key for key in theirs if key[0] in replica.with_losers]
        conn.executemany(f"DELETE FROM loser WHERE {_KEY}", known)
    losers = Delta(losers=[loser for loser in portion.losers if loser.key in theirs])
    write(conn, replica, Loaded(View({}, replica.tombstones)), losers)


def _remember(conn: Connection, portion: Portion) -> None:
    def line(stamp: Stamp, who: Actor) -> tuple[object, ...]:
        return (*stamp, int(who.kind), who.id, who.role, who.shop)

    conn.executemany(
        "INSERT OR REPLACE INTO author (time, site, incarnation, actor_kind, actor, role, shop) VALUES (?,?,?,?,?,?,?)",
        [line(stamp, who) for stamp, who in portion.authors],
    )


VANISHED = "vanished"
"""Customers whose rows were dropped: their tombstones may follow, and what else speaks of them here must go then."""

VANISHED_MAX = 10_000


def _bury(conn: Connection, replica: Replica, run: _Run, new: Collection[bytes]) -> None:
    """Whom tombstones hide is erased here too, in every feed: their customers' rows alone went with this one."""
    before: frozenset[bytes] = frozenset(unpack(get_meta(conn, VANISHED, pack(()))))
    named = before | run.vanished
    if new:
        replica.tombstones.update(new)
        named |= {change.op.entity for change in run.waiting} | named_here(conn)
    vanished = (before | run.vanished) - erasures.again(conn, replica, named)
    if vanished != before:
        put_meta(conn, VANISHED, pack(tuple(sorted(vanished)[:VANISHED_MAX])))


# How far a replica is with being filled.


def fillings(conn: Connection) -> dict[Scope, Filling]:
    """The scopes that are being taken anew. What was saved before there were two passes is one over the whole."""
    found: dict[int, tuple[Any, ...]] = unpack(get_meta(conn, "filling", pack({})))
    return {
        Scope(reach, number): Filling(Cursor(*start), after, rows, total, *_passes(more))
        for reach, (number, start, after, rows, total, *more) in found.items()
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a replica is with being filled: rows taken of about how many, and those of the history (`past_`)."""

    rows: int
    total: int
    past_rows: int
    past_total: int
    has_history: bool
    """The history is being taken, in one scope at least."""
    is_serving: bool
    """Nothing but history is left to take."""


def progress(conn: Connection) -> Progress | None:
    """How far this replica is with being filled; None where it has everything."""
    found = fillings(conn).values()
    if not found:
        return None
    past = [one for one in found if one.part is Part.HISTORY]
    first = [one for one in found if one.part is not Part.HISTORY]
    served = sum(one.served for one in past)
    return Progress(
        rows=served + sum(one.rows for one in first),
        total=served + sum(max(one.total, one.rows) for one in first),
        past_rows=sum(one.rows for one in past),
        past_total=sum(max(one.total, one.rows) for one in past),
        has_history=bool(past),
        is_serving=not first,
    )


def _passes(more: list[int]) -> tuple[Part, int]:
    return (Part(more[0]), more[1]) if more else (Part.WHOLE, 0)


def plan_fill(conn: Connection, replica: Replica) -> None:
    """All scopes are to be taken as rows: the feed alone would leave out what this replica's own records say."""
    _save(conn, {scope: Filling(Cursor()) for scope in replica.scopes})


def is_begun(conn: Connection, portion: Portion) -> bool:
    """Whether a portion of a fill begins one, or continues the one that is under way."""
    here = fillings(conn).get(portion.scope)
    return _begins(portion) or (here is not None and here.part is portion.part)


def _begins(portion: Portion) -> bool:
    return portion.after == BEFORE_ALL and portion.part is not Part.HISTORY


def fill(conn: Connection, replica: Replica, portion: Portion) -> Filling | None:
    """Take the next portion of a whole scope; None when it was the last of the last pass.

    The feed goes on from where the fill began once all but the history is here: the portions of the history are as new
    as where the replica then stands, and what is followed between them is heard twice.
    """
    so_far = fillings(conn)
    if _begins(portion):
        so_far[portion.scope] = Filling(portion.cursor, part=portion.part)
        changes.take_as_heard(conn, replica, portion.scope, seq=replica.applied_seq, offset=portion.cursor.offset)
    take_portion(conn, replica, portion, ())
    here = so_far.pop(portion.scope)
    left = _left(here, portion)
    if left is not None:
        so_far[portion.scope] = left
    if portion.upto is None and here.part is not Part.HISTORY:
        replica.save_cursor(conn, portion.scope, here.start)
        kept.forget_all(conn, portion.scope)
    _save(conn, so_far)
    return left


def _left(here: Filling, portion: Portion) -> Filling | None:
    """How far a fill is after a portion; after the last one of the first pass, the history is left."""
    rows = here.rows + len(portion.rows)
    if portion.upto is not None:
        return Filling(here.start, portion.upto, rows, portion.total, here.part, here.served)
    return Filling(here.start, part=Part.HISTORY, served=rows) if here.part is Part.COUNTER else None


def _save(conn: Connection, found: dict[Scope, Filling]) -> None:
    plain = {
        scope.reach: (
            scope.number,
            (one.start.generation, one.start.offset, one.start.chain),
            one.after,
            one.rows,
            one.total,
            int(one.part),
            one.served,
        )
        for scope, one in sorted(found.items())
    }
    put_meta(conn, "filling", pack(plain))
