"""Loads the view that a merge wants to see, and what people ask for; `delta` writes what it decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from daemon.domain.canonical import unpack
from daemon.domain.claims import EDGE_OTHER
from daemon.domain.element import Element, Key, hash_of
from daemon.domain.mending import mended, read_sound
from daemon.domain.merge import Loser, Needs, View
from daemon.errors import DamagedRow
from daemon.store.database import Connection
from daemon.store.replica import Replica

FEW = 8
"""So many rows are asked for one by one."""

AT_ONCE = 64
"""Rows that one statement asks for: a third of what asking for each would cost."""

_WANTED = ",".join("?" * AT_ONCE)
_ROWS = f"SELECT entity, body, hash FROM element WHERE kind = ? AND dot = x'' AND entity IN ({_WANTED})"
_ONE = "SELECT body, hash FROM element WHERE entity = ? AND kind = ? AND dot = ?"
_THESE = (
    "SELECT e.entity, e.kind, e.dot, e.body, e.hash FROM element e WHERE (e.entity, e.kind, e.dot) IN"
    f" (VALUES {','.join(['(?,?,?)'] * AT_ONCE)})"
)
_BODIES = f"SELECT entity, dot, body, hash FROM element WHERE kind = ? AND entity IN ({_WANTED})"


@dataclass(slots=True)
class Loaded:
    """A view, with the stored hash of each element that it holds."""

    view: View
    hashes: dict[Key, bytes] = field(default_factory=dict)


def read_stored(key: Key, body: bytes, digest: bytes) -> tuple[Element, bytes]:
    """A row and its hash; one flipped bit is mended in passing. Raises DamagedRow where that is not enough."""
    row = read_sound(key, body, digest)
    if row is not None:
        return row, digest
    row = mended(body, digest)
    if row is None or row.key != key:
        raise DamagedRow(key)
    return row, hash_of(row.body())


def load(conn: Connection, replica: Replica, needs: Needs, *, damaged: set[Key] | None = None) -> Loaded:
    """Load what a merge needs. Raises DamagedRow, unless `damaged` is there to collect the keys of such rows."""
    elements: dict[Key, Element] = {}
    hashes: dict[Key, bytes] = {}
    for key, body, digest in _needed(conn, needs):
        row = read_sound(key, body, digest)
        if row is not None:
            elements[key], hashes[key] = row, digest
            continue
        try:
            elements[key], hashes[key] = read_stored(key, body, digest)
        except DamagedRow:
            if damaged is None:
                raise
            damaged.add(key)
    return Loaded(View(elements, replica.tombstones), hashes)


def _needed(conn: Connection, needs: Needs) -> Iterator[tuple[Key, bytes, bytes]]:
    """The rows that a merge needs, with their bodies and hashes."""
    rows = [key for key in needs.keys if not key[2]]
    members = [key for key in needs.keys if key[2]]
    for keys, many_of in ((rows, _rows), (members, _members)):
        if len(keys) > FEW:
            yield from many_of(conn, keys)
            continue
        for key in keys:
            row = conn.execute(_ONE, key).fetchone()
            if row is not None:
                yield key, row[0], row[1]
    for entity in needs.entities:
        yield from _all_of(conn, entity)


def _rows(conn: Connection, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes, bytes]]:
    """Rows by key with their bodies and hashes."""
    by_kind: dict[int, list[bytes]] = {}
    for entity, kind, _ in keys:
        by_kind.setdefault(kind, []).append(entity)
    for kind, entities in by_kind.items():
        for part in _parts(entities):
            for entity, body, digest in conn.execute(_ROWS, (kind, *part)):
                yield (entity, kind, b""), body, digest


def _members(conn: Connection, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes, bytes]]:
    """Members and entries by key with their bodies and hashes."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        part = ordered[start : start + AT_ONCE]
        part += part[-1:] * (AT_ONCE - len(part))
        for entity, kind, dot, body, digest in conn.execute(_THESE, [one for key in part for one in key]):
            yield (entity, kind, dot), body, digest


def bodies(conn: Connection, kind: int, entities: Iterable[bytes]) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """(entity, dot, body, hash) of all elements of a kind that these entities own."""
    for part in _parts(entities):
        yield from conn.execute(_BODIES, (kind, *part))


def _parts(entities: Iterable[bytes]) -> Iterator[list[bytes]]:
    """In order, so many at a time that one statement serves; the last part repeats its last to be as long."""
    ordered = sorted(entities)
    for start in range(0, len(ordered), AT_ONCE):
        part = ordered[start : start + AT_ONCE]
        yield part + part[-1:] * (AT_ONCE - len(part))


def _all_of(conn: Connection, entity: bytes) -> list[tuple[Key, bytes, bytes]]:
    """Every row that an entity owns, and the edges that name it from the other end."""
    rows = conn.execute("SELECT entity, kind, dot, body, hash FROM element WHERE entity = ?", (entity,)).fetchall()
    rows += conn.execute(
        "SELECT e.entity, e.kind, e.dot, e.body, e.hash FROM lookup l"
        " JOIN element e ON e.entity = l.entity AND e.kind = l.kind AND e.dot = l.dot"
        " WHERE l.claim = ? AND l.value = ?",
        (EDGE_OTHER, entity.hex()),
    ).fetchall()
    return [((owner, kind, dot), body, digest) for owner, kind, dot, body, digest in rows]


def element(conn: Connection, key: Key) -> Element | None:
    """One element, or None where there is nothing to show."""
    row = conn.execute(_ONE, key).fetchone()
    if row is None:
        return None
    found, _ = read_stored(key, *row)
    return found if found.is_here else None


def elements_of(conn: Connection, entity: bytes) -> list[Element]:
    """All that an entity owns: its row first, then members and entries by kind."""
    return shown(conn.execute(f"SELECT {ROW} FROM element WHERE entity = ? ORDER BY kind, dot", (entity,)))


def elements_of_kind(conn: Connection, kind: int) -> list[Element]:
    """All elements of one of the chain's own kinds (64 and above)."""
    assert kind >= 64, "only the chain's own things are listed whole"
    return shown(conn.execute(f"SELECT {ROW} FROM element WHERE kind = ? AND kind >= 64", (kind,)))


ROW = "entity, kind, dot, body, hash"
"""The columns that `shown` reads."""


def shown(rows: Iterable[tuple[bytes, int, bytes, bytes, bytes]]) -> list[Element]:
    """What of these rows there is to show. Raises DamagedRow."""
    found = [read_stored((entity, kind, dot), body, digest)[0] for entity, kind, dot, body, digest in rows]
    return [element for element in found if element.is_here]


def losers_of(conn: Connection, entity: bytes) -> list[Loser]:
    """Values of an entity that lost to another one whose author had not seen them, newest first."""
    return [loser for loser in rivals_of(conn, entity) if not loser.is_twin]


def rivals_of(conn: Connection, entity: bytes) -> list[Loser]:
    """The losers of an entity with their twins."""
    rows = conn.execute(
        "SELECT kind, dot, field, value, time, site, incarnation, winner FROM loser WHERE entity = ?"
        " ORDER BY time DESC, site, incarnation",
        (entity,),
    )
    return [
        Loser((entity, kind, dot), number, unpack(value), (time, site, incarnation), unpack(winner))
        for kind, dot, number, value, time, site, incarnation, winner in rows
    ]
