"""Who was erased, by the hash of the id, and which tills have not said yet that they stand past it."""

from collections.abc import Iterable
from dataclasses import dataclass

from daemon.domain.change import Operation, Verb
from daemon.domain.element import tombstone_key
from daemon.domain.hlc import Stamp
from daemon.domain.kinds import Kind
from daemon.domain.merge import Change, merge, needs
from daemon.store import elements, past
from daemon.store.database import Connection
from daemon.store.delta import write
from daemon.store.replica import Replica


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erased record: when, by whom, where it stands in the chain's feed (0: not known any more)."""

    tombstone: bytes
    stamp: Stamp
    actor: str
    feed_offset: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an enrolled till has followed the chain's feed, as it said last (0: it never has)."""

    site: int
    feed_offset: int
    heard_ms: int
    is_withdrawn: bool


def again(conn: Connection, replica: Replica, entities: Iterable[bytes]) -> frozenset[bytes]:
    """Erase those of them whom a tombstone hides: something of theirs has turned up, or stood where it did not reach.

    Returns them. A row of theirs that is damaged stays until it is looked at: head office has nothing in its place.
    """
    hidden = frozenset(entity for entity in entities if tombstone_key(entity)[0] in replica.tombstones)
    if hidden:
        erasing = [_erasing(conn, entity) for entity in sorted(hidden)]
        loaded = elements.load(conn, replica, needs(erasing), damaged=set())
        write(conn, replica, loaded, merge(loaded.view, erasing))
    return hidden


def _erasing(conn: Connection, entity: bytes) -> Change:
    tombstone = elements.element(conn, tombstone_key(entity))
    assert tombstone is not None, "whoever is hidden is hidden by a tombstone that stands here"
    return Change(Operation(Kind.ERASE, entity, Verb.ERASE), tombstone.base, b"")


def newest(conn: Connection, *, limit: int) -> list[Erasure]:
    """The last erasures, newest first."""
    sql = f"SELECT {elements.ROW} FROM element WHERE kind = {Kind.ERASE:d}"
    found = []
    for row in elements.shown(conn.execute(sql)):
        who = past.author(conn, row.base)
        found.append(Erasure(row.entity, row.base, who.actor if who else "", who.feed_offset if who is not None else 0))
    return sorted(found, key=lambda one: one.stamp, reverse=True)[:limit]


def standings(conn: Connection) -> list[Standing]:
    """Every till that was ever enrolled: a withdrawn one may still hold what it held."""
    rows = conn.execute(
        "SELECT s.site, coalesce(r.feed_offset, 0), coalesce(r.heard_ms, 0), s.revoked_ms IS NOT NULL"
        " FROM site s LEFT JOIN roster r ON r.site = s.site ORDER BY s.site"
    )
    return [Standing(site, offset, heard_ms, bool(gone)) for site, offset, heard_ms, gone in rows]
