"""Holds a file against itself: SQLite's own check, every row against its hash, the digest against the rows.

SQLite's check misses about half of the flipped bits that do harm; the row hashes miss none.
"""

from dataclasses import dataclass

from daemon.domain.digest import Buckets, number_of
from daemon.domain.element import bucket_of, hash_of, read_body, scope_of
from daemon.domain.feed import Scope
from daemon.domain.ledger import POSTED, postings
from daemon.store.buckets import read_buckets
from daemon.store.database import Connection


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: one sentence each, empty when all is well."""

    elements: int
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify(conn: Connection, *, faults_max: int = 20) -> Verdict:
    """Read the whole file and say what is wrong with it. About 5 µs a row."""
    faults = [f"the file is damaged: {text}" for (text,) in conn.execute("PRAGMA integrity_check") if text != "ok"]
    conn.text_factory = bytes  # a damaged row may claim to be text that is none
    try:
        return _verdict(conn, faults, faults_max)
    finally:
        conn.text_factory = str


def _verdict(conn: Connection, faults: list[str], faults_max: int) -> Verdict:
    sums: dict[Scope, Buckets] = {}
    rotten = count = 0
    for body, digest in conn.execute("SELECT body, hash FROM element"):
        count += 1
        if hash_of(body) != digest:
            rotten += 1
            continue
        element = read_body(body)
        buckets = sums.setdefault(scope_of(element), Buckets())
        buckets.change(bucket_of(element.key), add=number_of(digest))
    if rotten:
        faults.append(f"{rotten} stored rows differ from their hashes")
    for scope, buckets in sums.items():
        if read_buckets(conn, scope).root() != buckets.root():
            faults.append(f"the digest of scope {scope.reach}/{scope.number} does not match the rows")
    if not rotten:  # of a row that is not what it was nobody can say what it adds
        faults += _wrong_sums(conn)
    return Verdict(count, tuple(faults[:faults_max]))


def _wrong_sums(conn: Connection) -> list[str]:
    """Balances that are not the sum of their entries."""
    sums: dict[tuple[bytes, int, bytes], int] = {}
    for (body,) in conn.execute(f"SELECT body FROM element WHERE kind IN {tuple(sorted(map(int, POSTED)))}"):
        for account, book, holder, amount in postings(None, read_body(body)):
            sums[account, book, holder] = sums.get((account, book, holder), 0) + amount
    kept = {(a, b, h): amount for a, b, h, amount in conn.execute("SELECT account, book, holder, amount FROM balance")}
    wrong = {key for key in sums.keys() | kept.keys() if sums.get(key, 0) != kept.get(key, 0)}
    return [f"{len(wrong)} {_OF_SUMS}"] if wrong else []


_OF_SUMS = "balances are not the sum of their entries"


def is_of_sums(fault: str) -> bool:
    """Whether a fault is of what is counted alone: the rows are sound, and a running daemon counts them again."""
    return fault.endswith(_OF_SUMS)
