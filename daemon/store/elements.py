"""Loads the view that a merge wants to see, and what people ask for; `delta` writes what it decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from daemon.domain.canonical import unpack
from daemon.domain.claims import EDGE_OTHER
from daemon.domain.element import Element, Key, read_body
from daemon.domain.merge import Loser, Needs, View
from daemon.store.database import Connection
from daemon.store.replica import Replica


@dataclass(slots=True)
class Loaded:
    """A view, with the stored hash of each element that it holds."""

    view: View
    hashes: dict[Key, bytes] = field(default_factory=dict)


def load(conn: Connection, replica: Replica, needs: Needs) -> Loaded:
    """Load what a merge needs."""
    elements: dict[Key, Element] = {}
    hashes: dict[Key, bytes] = {}
    read = conn.execute
    for key in needs.keys:
        row = read("SELECT body, hash FROM element WHERE entity = ? AND kind = ? AND dot = ?", key).fetchone()
        if row is not None:
            elements[key] = read_body(row[0])
            hashes[key] = row[1]
    for entity in needs.entities:
        for element, digest in _all_of(conn, entity):
            elements[element.key] = element
            hashes[element.key] = digest
    return Loaded(View(elements, replica.tombstones), hashes)


def _all_of(conn: Connection, entity: bytes) -> list[tuple[Element, bytes]]:
    """Every element that an entity owns, and the edges that name it from the other end."""
    rows = conn.execute("SELECT body, hash FROM element WHERE entity = ?", (entity,)).fetchall()
    rows += conn.execute(
        "SELECT e.body, e.hash FROM lookup l"
        " JOIN element e ON e.entity = l.entity AND e.kind = l.kind AND e.dot = l.dot"
        " WHERE l.claim = ? AND l.value = ?",
        (EDGE_OTHER, entity.hex()),
    ).fetchall()
    return [(read_body(body), digest) for body, digest in rows]


def element(conn: Connection, key: Key) -> Element | None:
    """One element, or None where there is nothing to show."""
    row = conn.execute("SELECT body FROM element WHERE entity = ? AND kind = ? AND dot = ?", key).fetchone()
    if row is None:
        return None
    found = read_body(row[0])
    return found if found.is_here else None


def elements_of(conn: Connection, entity: bytes) -> list[Element]:
    """All that an entity owns: its row first, then members and entries by kind."""
    rows = conn.execute("SELECT body FROM element WHERE entity = ? ORDER BY kind, dot", (entity,))
    return _shown(rows)


def elements_of_kind(conn: Connection, kind: int) -> list[Element]:
    """All elements of one of the chain's own kinds (64 and above)."""
    assert kind >= 64, "only the chain's own things are listed whole"
    return _shown(conn.execute("SELECT body FROM element WHERE kind = ? AND kind >= 64", (kind,)))


def _shown(rows: Iterable[tuple[bytes]]) -> list[Element]:
    return [element for (body,) in rows if (element := read_body(body)).is_here]


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
