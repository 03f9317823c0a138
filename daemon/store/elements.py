"""Loads the view that a merge wants to see and writes what it decided, with the digest and all that derives from it."""

from dataclasses import dataclass, field

from daemon.domain.canonical import pack, unpack
from daemon.domain.claims import EDGE_OTHER, claims_of
from daemon.domain.digest import Buckets, number_of
from daemon.domain.element import Element, Key, bucket_of, hash_of, read_body, scope_of, tombstone_key
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kinds import Kind
from daemon.domain.ledger import postings
from daemon.domain.merge import Delta, Loser, Needs, View
from daemon.store.database import Connection
from daemon.store.personal import cut
from daemon.store.replica import Replica, read_buckets
from daemon.store.search import forget_words, reindex

_PUT = (
    "INSERT INTO element (entity, kind, dot, body, hash) VALUES (?,?,?,?,?)"
    " ON CONFLICT (entity, kind, dot) DO UPDATE SET body=excluded.body, hash=excluded.hash"
)


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
    """One element, or None."""
    row = conn.execute("SELECT body FROM element WHERE entity = ? AND kind = ? AND dot = ?", key).fetchone()
    return None if row is None else read_body(row[0])


def elements_of(conn: Connection, entity: bytes) -> list[Element]:
    """All that an entity owns: its row first, then members and entries by kind."""
    rows = conn.execute("SELECT body FROM element WHERE entity = ? ORDER BY kind, dot", (entity,))
    return [read_body(row[0]) for row in rows]


def elements_of_kind(conn: Connection, kind: int) -> list[Element]:
    """All elements of one of the chain's own kinds (64 and above)."""
    assert kind >= 64, "only the chain's own things are listed whole"
    return [
        read_body(row[0]) for row in conn.execute("SELECT body FROM element WHERE kind = ? AND kind >= 64", (kind,))
    ]


def write(conn: Connection, replica: Replica, loaded: Loaded, delta: Delta) -> None:
    """Write a merge's outcome: elements, digest, lookups, sums, losers, search; and what erasure cuts."""
    _Writing(conn, replica, loaded).run(delta)


class _Writing:
    """One delta being written."""

    def __init__(self, conn: Connection, replica: Replica, loaded: Loaded) -> None:
        self.conn = conn
        self.replica = replica
        self.loaded = loaded
        self.dirty: dict[Scope, dict[int, int]] = {}
        self.search: set[bytes] = set()

    def run(self, delta: Delta) -> None:
        for key, number, stamp in delta.settled:
            self.conn.execute(
                "DELETE FROM loser WHERE entity=? AND kind=? AND dot=? AND field=?"
                " AND time=? AND site=? AND incarnation=?",
                (*key, number, *stamp),
            )
        for loser in delta.losers:
            self.keep_loser(loser)
        for key in delta.drops:
            self.drop(key)
        for key, new in delta.puts.items():
            self.put(key, new)
        for entity in delta.erased:
            self.replica.tombstones.add(tombstone_key(entity)[0])
            cut(self.conn, entity)
        self.save_buckets()
        reindex(self.conn, self.search | set(delta.erased))
        if delta.erased:
            forget_words(self.conn)

    def put(self, key: Key, new: Element) -> None:
        body = new.body()
        digest = hash_of(body)
        old = self.loaded.view.elements.get(key)
        if old is not None and self.loaded.hashes[key] == digest:
            return
        self.conn.execute(_PUT, (*key, body, digest))
        self.count(new, key, add=digest, take=self.loaded.hashes.get(key))
        self.derive(old, new)

    def drop(self, key: Key) -> None:
        old = self.loaded.view.elements[key]
        self.conn.execute("DELETE FROM element WHERE entity=? AND kind=? AND dot=?", key)
        self.count(old, key, take=self.loaded.hashes[key])
        self.derive(old, None)

    def count(self, of: Element, key: Key, *, add: bytes | None = None, take: bytes | None = None) -> None:
        change = (number_of(add) if add else 0) - (number_of(take) if take else 0)
        buckets = self.dirty.setdefault(scope_of(of), {})
        bucket = bucket_of(key)
        buckets[bucket] = buckets.get(bucket, 0) + change

    def save_buckets(self) -> None:
        for scope, changes in self.dirty.items():
            buckets = self.buckets(scope)
            for bucket, change in changes.items():
                buckets.change(bucket, add=change)
            self.conn.executemany(
                "INSERT INTO bucket (reach, number, bucket, total) VALUES (?,?,?,?)"
                " ON CONFLICT (reach, number, bucket) DO UPDATE SET total=excluded.total",
                [(scope.reach, scope.number, bucket, buckets.get(bucket)) for bucket in changes],
            )

    def buckets(self, scope: Scope) -> Buckets:
        return self.replica.buckets if scope == CHAIN else read_buckets(self.conn, scope)

    def derive(self, old: Element | None, new: Element | None) -> None:
        """Keep lookups, sums and search in step with one element."""
        before = claims_of(old) if old else frozenset()
        after = claims_of(new) if new else frozenset()
        whose = new or old
        assert whose is not None
        for claim, value, number in before - after:
            self.conn.execute(
                "DELETE FROM lookup WHERE claim=? AND value=? AND entity=? AND kind=? AND dot=? AND field=?",
                (claim, value, *whose.key, number),
            )
        for claim, value, number in after - before:
            self.conn.execute(
                "INSERT OR IGNORE INTO lookup (claim, value, entity, kind, dot, field) VALUES (?,?,?,?,?,?)",
                (claim, value, *whose.key, number),
            )
        for account, book, holder, amount in postings(old, new):
            self.conn.execute(
                "INSERT INTO balance (account, book, holder, amount, entries) VALUES (?,?,?,?,1)"
                " ON CONFLICT (account, book, holder) DO UPDATE SET amount=amount+excluded.amount, entries=entries+1",
                (account, book, holder, amount),
            )
        if whose.kind in (Kind.CUSTOMER, Kind.CARD, Kind.TAG):
            self.search.add(whose.entity)

    def keep_loser(self, loser: Loser) -> None:
        self.conn.execute(
            "INSERT OR REPLACE INTO loser (entity, kind, dot, field, time, site, incarnation, value, winner)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (*loser.key, loser.number, *loser.stamp, pack(loser.value), pack(loser.winner)),
        )


def losers_of(conn: Connection, entity: bytes) -> list[Loser]:
    """Values of an entity that lost to one whose author had not seen them, newest first."""
    rows = conn.execute(
        "SELECT kind, dot, field, value, time, site, incarnation, winner FROM loser WHERE entity = ?"
        " ORDER BY time DESC, site, incarnation",
        (entity,),
    )
    return [
        Loser((entity, kind, dot), number, unpack(value), (time, site, incarnation), unpack(winner))
        for kind, dot, number, value, time, site, incarnation, winner in rows
    ]
