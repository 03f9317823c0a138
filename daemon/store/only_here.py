"""What head office turned out not to hold, or to hold otherwise, when its rows were taken in.

Its word stands: rows are dropped, or replaced, and counted. Ledger entries are never dropped, whoever made them: this
till says them again, as records of its own that count once. A hub that was restored has lost entries that nobody may
hold as records any more, its own among them: those of tills that were filled since.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.domain import authoring
from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Actor
from daemon.domain.element import Element, Key, tombstone_key
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.store import changes
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

NOTED_MAX = 1_000

AT_ONCE = 32
"""Entries of one record: far from the most that can be sent."""

DROPPED, REPLACED, SAID = "dropped_rows", "replaced_rows", "said_again"
_KEY = "entity = ? AND kind = ? AND dot = ?"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlyHere:
    """How many rows of each kind were dropped and did not come back, and how many were replaced.

    `entries`: how many were said again, until equality is proved.
    """

    dropped: dict[int, int]
    replaced: dict[int, int]
    entries: int


def note(conn: Connection, name: str, keys: Iterable[Key]) -> None:
    """Remember rows under DROPPED, REPLACED or SAID; so many at most."""
    before = _noted(conn, name)
    after = tuple(sorted({*before, *keys})[:NOTED_MAX])
    if after != before:
        put_meta(conn, name, pack(after))


def told(conn: Connection) -> OnlyHere:
    """What there is to say of it: not what has come back, nor what belonged to somebody erased."""
    gone = [key for key in _noted(conn, DROPPED) if not _stands(conn, key)]
    dropped, replaced = _by_kind(conn, gone), _by_kind(conn, _noted(conn, REPLACED))
    return OnlyHere(dropped=dropped, replaced=replaced, entries=len(_noted(conn, SAID)))


def _by_kind(conn: Connection, keys: Iterable[Key]) -> dict[int, int]:
    left = [key for key in keys if not _stands(conn, tombstone_key(key[0]))]
    return dict(sorted(Counter(kind for _, kind, _ in left).items()))


def _noted(conn: Connection, name: str) -> tuple[Key, ...]:
    found: tuple[Key, ...] = unpack(get_meta(conn, name, pack(())))
    return found


def proved(conn: Connection, scope: Scope) -> None:
    """The replica is equal to head office in this scope."""
    if scope == CHAIN and _noted(conn, SAID):
        put_meta(conn, SAID, pack(()))
    if scope.reach in (before := _unproved(conn)):
        put_meta(conn, _UNPROVED, pack(tuple(sorted(before - {scope.reach}))))


# Until when head office has not heard everything: it was restored to before what this till holds as rows alone.

_TAKEN, _UNPROVED = "rows_taken_to", "unproved"


def took(conn: Connection, scope: Scope, cursor: Cursor) -> None:
    """Rows were taken as head office held them there."""
    before = unpack(get_meta(conn, _TAKEN, pack({})))
    if before.get(scope.reach, 0) < cursor.offset:
        put_meta(conn, _TAKEN, pack({**before, int(scope.reach): cursor.offset}))


def fell_back(conn: Connection, scope: Scope, cursor: Cursor) -> None:
    """Head office was restored, and its feed goes on from there."""
    if unpack(get_meta(conn, _TAKEN, pack({}))).get(scope.reach, 0) > cursor.offset:
        put_meta(conn, _UNPROVED, pack(tuple(sorted({*_unproved(conn), int(scope.reach)}))))


def has_told_all(conn: Connection) -> bool:
    """Whether head office lacks nothing that this till holds as rows alone: where it may, equality is proved first."""
    return not _unproved(conn)


def _unproved(conn: Connection) -> set[int]:
    return set(unpack(get_meta(conn, _UNPROVED, pack(()))))


def say_again(conn: Connection, replica: Replica, entries: Sequence[Element]) -> None:
    """State entries anew under their own names, so that each counts once wherever it is heard twice.

    They are stamped just after the last stamp of this replica: nobody acts at this moment.
    """
    for at in range(0, len(entries), AT_ONCE):
        said = [authoring.add(one.kind, one.entity, one.fields, fact=one.dot) for one in entries[at : at + AT_ONCE]]
        timeline = replica.timeline
        changes.save(conn, replica, Actor(), said, now_ms=(timeline.last >> 16) - timeline.offset_ms)


def _stands(conn: Connection, key: Key) -> bool:
    return conn.execute(f"SELECT 1 FROM element WHERE {_KEY}", key).fetchone() is not None
