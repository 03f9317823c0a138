"""Makes again, from the rows, what is counted of them: digests and sums, when a row cannot say any more what it was."""

from daemon.domain.claims import claims_of
from daemon.domain.digest import Buckets, number_of
from daemon.domain.element import Key, bucket_of, hash_of, scope_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kinds import Kind
from daemon.domain.ledger import postings
from daemon.domain.mending import mended, read_sound
from daemon.store import account_owners, sales
from daemon.store.buckets import replace_buckets
from daemon.store.database import Connection
from daemon.store.replica import Replica
from daemon.store.scrubbing import scope_of_kind


def count_again(conn: Connection, replica: Replica) -> None:
    """Make the digests again. About 5 µs a row, in one unit: so much damage is rarer than a broken card."""
    sums: dict[Scope, Buckets] = {}
    for entity, kind, dot, body, digest in conn.execute("SELECT entity, kind, dot, body, hash FROM element"):
        key: Key = (entity, kind, dot)
        row = read_sound(key, body, digest) or mended(body, digest)
        scope = scope_of_kind(replica, kind) if row is None else scope_of(row)
        at, counted = (bucket_of(key), digest) if row is None else (bucket_of(row.key), hash_of(row.body()))
        sums.setdefault(scope, Buckets()).change(at, add=number_of(counted))
    replace_buckets(conn, sums)
    replica.buckets = sums.get(CHAIN, Buckets())
    replica.nearby.clear()


def claim_again(conn: Connection, entity: bytes) -> None:
    """Make again what identifies one entity: e-mails, codes, cards, phones, edges; and whose account is theirs."""
    conn.execute("DELETE FROM lookup WHERE entity = ?", (entity,))
    rows = conn.execute("SELECT entity, kind, dot, body, hash FROM element WHERE entity = ?", (entity,)).fetchall()
    sound = [row for owner, kind, dot, *stored in rows if (row := read_sound((owner, kind, dot), *stored))]
    conn.executemany(
        "INSERT OR IGNORE INTO lookup (claim, value, entity, kind, dot, field) VALUES (?,?,?,?,?,?)",
        [(claim, value, *row.key, number) for row in sound for claim, value, number in sorted(claims_of(row))],
    )
    account_owners.write_again(conn, entity, next((row for row in sound if row.kind == Kind.CUSTOMER), None))


def sum_again(conn: Connection, account: bytes) -> None:
    """Make sums and sales of one account again from its entries; one that cannot be read counts again once healed."""
    conn.execute("DELETE FROM balance WHERE account = ?", (account,))
    rows = conn.execute("SELECT entity, kind, dot, body, hash FROM element WHERE entity = ?", (account,)).fetchall()
    read = [read_sound((owner, kind, dot), *stored) or mended(*stored) for owner, kind, dot, *stored in rows]
    found = [row for row in read if row is not None]
    sales.write_again(conn, account, found)
    conn.executemany(
        "INSERT INTO balance (account, book, holder, amount, entries) VALUES (?,?,?,?,1)"
        " ON CONFLICT (account, book, holder) DO UPDATE SET amount = amount + excluded.amount, entries = entries + 1",
        [posting for row in found for posting in postings(None, row)],
    )
