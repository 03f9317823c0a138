"""Makes again, from the rows, what is counted of them: digests and sums, when a row cannot say any more what it was."""

from typing import Final

from daemon.domain.claims import claims_of
from daemon.domain.digest import Buckets, number_of
from daemon.domain.element import Key, bucket_of, hash_of, scope_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Rule
from daemon.domain.kinds import Kind, shape_of
from daemon.domain.ledger import POSTED, postings
from daemon.domain.mending import mended, read_sound
from daemon.store import account_owners, sales, tickets
from daemon.store.buckets import replace_buckets
from daemon.store.database import Connection
from daemon.store.replica import Replica

RECOUNTED_MAX: Final = 1_000
"""Entries of one account that a look through the file holds against its sums: some five milliseconds."""


def count_again(conn: Connection, replica: Replica) -> None:
    """Make the digests again. About 5 µs a row, in one unit: so much damage is rarer than a broken card."""
    sums: dict[Scope, Buckets] = {}
    for entity, kind, dot, body, digest in conn.execute("SELECT entity, kind, dot, body, hash FROM element"):
        key: Key = (entity, kind, dot)
        row = read_sound(key, body, digest) or mended(body, digest)
        scope = replica.scope_of_kind(kind) if row is None else scope_of(row)
        at, counted = (bucket_of(key), digest) if row is None else (bucket_of(row.key), hash_of(row.body()))
        sums.setdefault(scope, Buckets()).change(at, add=number_of(counted))
    replace_buckets(conn, sums)
    replica.buckets = sums.get(CHAIN, Buckets())
    replica.nearby.clear()


def derive_again(conn: Connection, key: Key) -> None:
    """Make again what derives from a row that was put right: while it could not be read, others may have been.

    Two rows of one owner are damaged; what is derived for the first leaves the second out.
    """
    shape = shape_of(key[1])
    if key[1] in tickets.TICKETS:
        tickets.derive_again(conn, key[0])
    elif key[1] in POSTED or (shape is not None and shape.rule is Rule.ENTRY):
        sum_again(conn, key[0])
    else:
        claim_again(conn, key[0])


def claim_again(conn: Connection, entity: bytes) -> None:
    """Make again what identifies one entity: e-mails, codes, cards, phones, edges; and whose account is theirs.

    Of a row that cannot be read that stays which is known of it: without the way back from the other end, an erasure
    would miss a damaged edge.
    """
    rows = conn.execute("SELECT entity, kind, dot, body, hash FROM element WHERE entity = ?", (entity,)).fetchall()
    read = {(kind, dot): read_sound((owner, kind, dot), *stored) for owner, kind, dot, *stored in rows}
    known = conn.execute("SELECT DISTINCT kind, dot FROM lookup WHERE entity = ?", (entity,)).fetchall()
    conn.executemany(
        "DELETE FROM lookup WHERE entity = ? AND kind = ? AND dot = ?",
        [(entity, *place) for place in known if place not in read or read[place] is not None],
    )
    sound = [row for row in read.values() if row is not None]
    conn.executemany(
        "INSERT OR IGNORE INTO lookup (claim, value, entity, kind, dot, field) VALUES (?,?,?,?,?,?)",
        [(claim, value, *row.key, number) for row in sound for claim, value, number in sorted(claims_of(row))],
    )
    customer = (int(Kind.CUSTOMER), b"")
    if customer not in read or read[customer] is not None:
        account_owners.write_again(conn, entity, sound)


def are_wrong(conn: Connection, account: bytes) -> bool:
    """Whether the sums of one account differ from those of its entries.

    Not said where an entry cannot be read, nor of an account of more entries than one unit reads: `doctor` reads those.
    """
    rows = conn.execute(
        "SELECT entity, kind, dot, body, hash FROM element WHERE entity = ? LIMIT ?", (account, RECOUNTED_MAX + 1)
    ).fetchall()
    read = [read_sound((owner, kind, dot), *stored) for owner, kind, dot, *stored in rows]
    if len(rows) > RECOUNTED_MAX or None in read:
        return False
    sums: dict[tuple[int, bytes], int] = {}
    for row in read:
        for _, book, holder, amount in postings(None, row):
            sums[book, holder] = sums.get((book, holder), 0) + amount
    kept = {
        (int(book), bytes(holder)): amount
        for book, holder, amount in conn.execute(
            "SELECT book, holder, amount FROM balance WHERE account = ?", (account,)
        )
    }
    return any(sums.get(key, 0) != kept.get(key, 0) for key in sums.keys() | kept.keys())


def sum_again(conn: Connection, account: bytes) -> None:
    """Make sums and sales of one account again from its entries; one that cannot be read counts again once healed."""
    conn.execute("DELETE FROM balance WHERE account = ?", (account,))
    rows = conn.execute("SELECT entity, kind, dot, body, hash FROM element WHERE entity = ?", (account,)).fetchall()
    read = [read_sound((owner, kind, dot), *stored) or mended(*stored) for owner, kind, dot, *stored in rows]
    found = [row for row in read if row is not None and row.entity == account]
    sales.write_again(conn, account, found)
    conn.executemany(
        "INSERT INTO balance (account, book, holder, amount, entries) VALUES (?,?,?,?,1)"
        " ON CONFLICT (account, book, holder) DO UPDATE SET amount = amount + excluded.amount, entries = entries + 1",
        [posting for row in found for posting in postings(None, row)],
    )
