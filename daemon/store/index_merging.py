"""Merges the parts of the full-text index by and by, and forgets the words that an erasure has left.

FTS5 writes a part (a segment) with each commit and merges some now and then. Each search asks every part: among a
million customers one part answers twice as fast as the fourteen of a fill. And what was taken out is gone from the file
where all parts become one, which takes seconds there: nobody at the counter is to wait so long.
"""

from dataclasses import dataclass
from typing import Final

from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

PAGES_AT_ONCE: Final = 32
"""Pages of 4 KiB that one unit merges: some milliseconds, on a small board some ten."""

SMALL_PAGES: Final = 1_000
"""An index of so few pages is quick as it is, and merged at once where it has to be."""

QUIET_PAGES: Final = 64
"""While more is written between two looks, a file is being taken in: its end is waited for."""

WORDS_AT_ONCE: Final = 200

_UNDER_WAY: Final = "index_merging"
_CHECKED: Final = "words_checked"
_MERGE, _FORGET, _FORGETTING = 1, 2, 3
"""What is under way: merging alone; merging that is to begin, or has begun, and then a look for words nobody has."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the index: the pages of each, level by level, whether some are being merged, pages ever written."""

    pages: tuple[tuple[int, ...], ...]
    is_merging: bool
    written: int

    @property
    def size(self) -> int:
        """Pages of all parts."""
        return sum(map(sum, self.pages))

    @property
    def are_in_last_level(self) -> bool:
        """Whether FTS5 has dropped what was taken out: it does so where it merges into its last level."""
        return not any(self.pages[:-1])

    @property
    def are_uneven(self) -> bool:
        """Whether the largest part is less than three quarters: so that each page is written four times at the most."""
        return 4 * max(map(max, filter(None, self.pages)), default=0) < 3 * self.size


def parts_of(conn: Connection) -> Parts:
    """The parts as the index's structure record names them (SQLite's fts5_index.c).

    A cookie of four bytes, then numbers: levels, segments, writes, and of each level: segments being merged, segments,
    and three numbers of each segment, the last two its first and its last page.
    """
    (raw,) = conn.execute("SELECT block FROM search_data WHERE id = 10").fetchone()
    numbers: list[int] = []
    value = 0
    for byte in raw[4:]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    levels, _, written, *rest = numbers
    pages: list[tuple[int, ...]] = []
    is_merging, at = False, 0
    for _ in range(levels):
        merging, here = rest[at : at + 2]
        is_merging = is_merging or merging > 0
        ends = [rest[one + 1 : one + 3] for one in range(at + 2, at + 2 + 3 * here, 3)]
        pages.append(tuple(last - first + 1 for first, last in ends))
        at += 2 + 3 * here
    return Parts(tuple(pages), is_merging, written)


def merge_some(conn: Connection, replica: Replica) -> bool:
    """Do the next piece of what is under way, or begin where it is worth it; False when there is nothing to do."""
    task = int(get_meta(conn, _UNDER_WAY, 0))
    parts = parts_of(conn)
    if task == _FORGET:
        _begin(conn, _FORGETTING)
        return True
    if task and parts.is_merging:
        _merge(conn, PAGES_AT_ONCE)
        return True
    if task == _FORGETTING and _forget_some(conn):
        return True
    if task:
        put_meta(conn, _UNDER_WAY, 0)
        return False
    is_quiet = parts.written - replica.index_written <= QUIET_PAGES
    replica.index_written = parts.written
    if not is_quiet or parts.size < SMALL_PAGES or not parts.are_uneven:
        return False
    _begin(conn, _MERGE)
    return True


def is_forgetting(conn: Connection) -> bool:
    """Whether words of somebody who was erased are still in the index, to go by and by."""
    return int(get_meta(conn, _UNDER_WAY, 0)) in {_FORGET, _FORGETTING}


def forget_by_and_by(conn: Connection) -> None:
    """Have `merge_some` merge all parts into one, then drop the words that nobody has any more.

    Not begun here: what this very unit takes out becomes a part when it commits.
    """
    put_meta(conn, _UNDER_WAY, _FORGET)


def _begin(conn: Connection, task: int) -> None:
    put_meta(conn, _UNDER_WAY, task)
    put_meta(conn, _CHECKED, 0)
    # FTS5 goes on with a merging of two parts only where so few are enough: else two small commits stop it for good.
    conn.execute("INSERT INTO search (search, rank) VALUES ('usermerge', 2)")
    _merge(conn, -PAGES_AT_ONCE)


def _merge(conn: Connection, pages: int) -> None:
    """Go on merging; a number below zero begins with all parts (FTS5's documentation, 6.8)."""
    conn.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))


def _forget_some(conn: Connection) -> bool:
    """Look at the next distinct words; False when there are no more."""
    words = conn.execute(
        "SELECT id, text FROM word WHERE id > ? ORDER BY id LIMIT ?", (int(get_meta(conn, _CHECKED, 0)), WORDS_AT_ONCE)
    ).fetchall()
    gone = [(at,) for at, text in words if conn.execute(_HAS, (f'"{text}"',)).fetchone() is None]
    conn.executemany("DELETE FROM word_part WHERE rowid = ?", gone)
    conn.executemany("DELETE FROM word WHERE id = ?", gone)
    if len(words) < WORDS_AT_ONCE:
        conn.execute("INSERT INTO word_part (word_part) VALUES ('optimize')")
        return False
    put_meta(conn, _CHECKED, words[-1][0])
    return True


_HAS: Final = "SELECT 1 FROM search WHERE search MATCH ? LIMIT 1"
