"""What head office turned out not to hold when its rows were taken in, and this till alone did.

Rows are dropped, because the hub's word stands, and counted; ledger entries are never dropped: this till says its own
again, as records of its own that count once, and counts those of others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.domain import authoring
from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Actor
from daemon.domain.element import Element, Key, tombstone_key
from daemon.domain.kinds import Kind
from daemon.store import changes
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

NOTED_MAX = 1_000

AT_ONCE = 32
"""Entries of one record: far from the most that can be sent."""

DROPPED, KEPT = "dropped_rows", "kept_entries"
_KEY = "entity = ? AND kind = ? AND dot = ?"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlyHere:
    """How many rows of each kind were dropped and did not come back; entries of others that are still only here."""

    dropped: dict[int, int]
    entries: int


def note(conn: Connection, name: str, keys: Iterable[Key]) -> None:
    """Remember rows under DROPPED or KEPT; so many at most."""
    before = unpack(get_meta(conn, name, pack(())))
    after = tuple(sorted({*before, *keys})[:NOTED_MAX])
    if after != before:
        put_meta(conn, name, pack(after))


def told(conn: Connection) -> OnlyHere:
    """What there is to say of it: not what has come back, nor what belonged to somebody erased."""
    dropped = [key for key in unpack(get_meta(conn, DROPPED, pack(()))) if not _stands(conn, key)]
    left = [key for key in dropped if not _stands(conn, tombstone_key(key[0]))]
    return OnlyHere(
        dropped=dict(sorted(Counter(kind for _, kind, _ in left).items())),
        entries=len(unpack(get_meta(conn, KEPT, pack(())))),
    )


def proved(conn: Connection) -> None:
    """The replica is equal to head office: no entry is only here."""
    if get_meta(conn, KEPT) is not None:
        put_meta(conn, KEPT, pack(()))


def may_say_again(replica: Replica, entry: Element) -> bool:
    """Whether an entry is this till's own to state. Rights never are: they are given once, by head office."""
    return entry.kind == Kind.ENTRY and entry.base[1] == replica.identity.site


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
