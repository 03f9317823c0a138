"""Writes what a merge decided: elements, their digest, and all that derives from them, in few statements.

A frame of replication changes hundreds of elements; each statement is prepared once and run over all of them.
"""

from typing import Any

from daemon.domain.canonical import pack
from daemon.domain.claims import claims_moved, is_claimed
from daemon.domain.digest import number_of
from daemon.domain.element import Element, Key, bucket_of, hash_of, numbers_moved, reach_of, scope_of, tombstone_key
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.ledger import POSTED, postings
from daemon.domain.merge import Delta, Loser
from daemon.domain.searched_words import is_searched
from daemon.store import account_owners, sales, tickets
from daemon.store.buckets import log_buckets, read_some
from daemon.store.compacting import note_erased
from daemon.store.courtesy import paced
from daemon.store.database import Connection
from daemon.store.elements import Loaded
from daemon.store.personal import cut
from daemon.store.replica import Replica
from daemon.store.word_index import Reindexing, forget_words

Pair = tuple[Key, Element | None, Element | None]
"""(key, element before, element after)"""


def write(conn: Connection, replica: Replica, loaded: Loaded, delta: Delta) -> int:
    """Write a merge's outcome: elements, digest, lookups, sums, losers, search; and what erasure cuts.

    Returns how many elements it put that did not stand so already.
    """
    _write_losers(conn, replica, delta)
    bodies = {key: element.body() for key, element in paced(conn, delta.puts.items())}
    hashes = dict(zip(bodies, map(hash_of, bodies.values()), strict=True))
    old = loaded.view.elements
    pairs: list[Pair] = [(key, old[key], None) for key in delta.drops]
    pairs += [(key, old.get(key), new) for key, new in delta.puts.items() if loaded.hashes.get(key) != hashes[key]]
    moved = [(pair, numbers_moved(pair[1], pair[2])) for pair in paced(conn, pairs)]
    searched = Reindexing(conn, [pair for pair, numbers in moved if is_searched(pair[1], pair[2], numbers)])
    _write_elements(conn, pairs, bodies, hashes)
    _write_digest(conn, replica, _sums(pairs, hashes, loaded.hashes))
    _write_lookups(conn, [pair for pair, numbers in moved if is_claimed(pair[0][1], numbers)])
    _write_balances(conn, pairs)
    account_owners.write(conn, [pair for pair, numbers in moved if account_owners.is_told(pair, numbers)])
    sales.write(conn, [pair for pair in pairs if pair[0][1] in sales.SALES])
    tickets.write(conn, [pair for pair in pairs if pair[0][1] in tickets.TICKETS])
    # Rows of head office may take a tombstone out: an erasure that it lost with its disk, and that nobody repeats.
    replica.tombstones.difference_update(key[0] for key in delta.drops if key[1] == Kind.ERASE)
    for entity in delta.erased:
        replica.tombstones.add(tombstone_key(entity)[0])
        replica.erased.append(entity)
        cut(conn, entity)
    searched.write()
    if replica.namesakes is not None:
        replica.namesakes.learn(one for (_, kind, _), one in delta.puts.items() if kind == Kind.CUSTOMER)
    if delta.erased:
        forget_words(conn)
    if any(key[1] == Kind.ERASE for key in delta.puts):
        note_erased(conn)
    return len(pairs) - len(delta.drops)


def _each(conn: Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """Run a statement over rows; none at all costs nothing."""
    if rows:
        conn.executemany(statement, rows)


def _write_elements(conn: Connection, pairs: list[Pair], bodies: dict[Key, bytes], hashes: dict[Key, bytes]) -> None:
    _each(
        conn,
        "DELETE FROM element WHERE entity = ? AND kind = ? AND dot = ?",
        [key for key, _, after in pairs if after is None],
    )
    _each(
        conn,
        "UPDATE element SET body = ?, hash = ? WHERE entity = ? AND kind = ? AND dot = ?",
        [(bodies[key], hashes[key], *key) for key, before, after in pairs if before and after],
    )
    _each(
        conn,
        "INSERT INTO element (entity, kind, dot, body, hash) VALUES (?,?,?,?,?)",
        [(*key, bodies[key], hashes[key]) for key, before, after in pairs if after and not before],
    )


Sums = dict[Scope, dict[int, int]]


def _sums(pairs: list[Pair], hashes: dict[Key, bytes], old_hashes: dict[Key, bytes]) -> Sums:
    """What each bucket of each scope gains or loses."""
    sums: Sums = {CHAIN: {}}
    chain = sums[CHAIN]
    is_chains = {kind: reach_of(kind) is Reach.CHAIN for kind in {key[1] for key, _, _ in pairs}}
    for key, before, after in pairs:
        bucket = bucket_of(key)
        if is_chains[key[1]]:
            gain = number_of(hashes[key]) if after else 0
            loss = number_of(old_hashes[key]) if before else 0
            chain[bucket] = chain.get(bucket, 0) + gain - loss
            continue
        # Which shop an element belongs to may be heard after a change of it.
        for element, change in (
            (before, -number_of(old_hashes[key]) if before else 0),
            (after, number_of(hashes[key]) if after else 0),
        ):
            if element is not None:
                buckets = sums.setdefault(scope_of(element), {})
                buckets[bucket] = buckets.get(bucket, 0) + change
    return sums


def _write_digest(conn: Connection, replica: Replica, sums: Sums) -> None:
    for scope, changes in sums.items():
        if not changes:
            continue
        is_here = scope == CHAIN or scope in replica.nearby
        buckets = replica.digest_of(conn, scope) if is_here else read_some(conn, scope, changes.keys())
        for bucket, change in changes.items():
            buckets.change(bucket, add=change)
        log_buckets(conn, scope, {bucket: buckets.get(bucket) for bucket in changes})


def _write_lookups(conn: Connection, pairs: list[Pair]) -> None:
    gone: list[tuple[Any, ...]] = []
    come: list[tuple[Any, ...]] = []
    for key, before, after in paced(conn, pairs):
        had, has = claims_moved(before, after)
        gone += [(claim, value, *key, number) for claim, value, number in had]
        come += [(claim, value, *key, number) for claim, value, number in has]
    # In the order of the table: what lies on one page is written while the page is at hand.
    gone.sort()
    come.sort()
    _each(conn, "DELETE FROM lookup WHERE claim=? AND value=? AND entity=? AND kind=? AND dot=? AND field=?", gone)
    _each(conn, "INSERT OR IGNORE INTO lookup (claim, value, entity, kind, dot, field) VALUES (?,?,?,?,?,?)", come)


def _write_balances(conn: Connection, pairs: list[Pair]) -> None:
    _each(
        conn,
        "INSERT INTO balance (account, book, holder, amount, entries) VALUES (?,?,?,?,1)"
        " ON CONFLICT (account, book, holder) DO UPDATE SET amount = amount + excluded.amount, entries = entries + 1",
        [posting for key, before, after in pairs if key[1] in POSTED for posting in postings(before, after)],
    )


def _write_losers(conn: Connection, replica: Replica, delta: Delta) -> None:
    """Losers that their replacement had seen go first: the same value may lose again under this very delta."""
    if replica.with_losers:
        _each(
            conn,
            "DELETE FROM loser WHERE entity=? AND kind=? AND dot=? AND field=? AND time=? AND site=? AND incarnation=?",
            [(*key, number, *at) for key, number, at in delta.settled if key[0] in replica.with_losers],
        )
    if delta.losers:
        replica.with_losers.update(loser.key[0] for loser in delta.losers)
        _each(
            conn,
            "INSERT OR REPLACE INTO loser (entity, kind, dot, field, time, site, incarnation, value, winner)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            [_loser_row(loser) for loser in delta.losers],
        )


def _loser_row(loser: Loser) -> tuple[Any, ...]:
    return (*loser.key, loser.number, *loser.stamp, pack(loser.value), pack(loser.winner))
