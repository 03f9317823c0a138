"""Finds customers by what people remember: words from their beginning, and any part of a name or an e-mail.

Any part of a word is looked up among the distinct words (thousands), never among the customers (a million).
"""

from collections.abc import Iterable, Sequence

from daemon.domain.element import Element, Key, read_body
from daemon.domain.searched_words import SEARCHED_KINDS, is_searched, searched_words
from daemon.store.database import Connection

PART_LENGTH_MIN = 3
"""Parts shorter than this are looked up as beginnings only."""

WORDS_FOR_PART_MAX = 60
"""Distinct words that one part may stand for."""

COUNT_MAX = 2000
"""Hits are counted up to here; beyond it the answer says 'more than'."""


def rowid_of(entity: bytes) -> int:
    """An entity id as the row number of the full-text index."""
    return int.from_bytes(entity, "big", signed=True)


def entity_of(rowid: int) -> bytes:
    """The entity of a row of the full-text index."""
    return rowid.to_bytes(8, "big", signed=True)


Pair = tuple[Key, Element | None, Element | None]
"""(key, element before, element after)"""


class Reindexing:
    """The index rows of the customers that a delta changes.

    Made before the elements are written: the index holds no text of its own, so what is taken out must be said word for
    word. Only words that go or come are touched.
    """

    def __init__(self, conn: Connection, pairs: Iterable[Pair]) -> None:
        self._conn = conn
        self._gone: list[tuple[int, str]] = []
        self._come: list[tuple[int, str]] = []
        self._learned: dict[str, None] = {}
        changed: dict[bytes, dict[Key, Element | None]] = {}
        for key, before, after in pairs:
            if is_searched(before, after):
                changed.setdefault(key[0], {})[key] = after
        for entity, after_by_key in changed.items():
            self._compare(entity, after_by_key)

    def _compare(self, entity: bytes, changed: dict[Key, Element | None]) -> None:
        before = {one.key: one for one in map(_element, self._conn.execute(_SEARCHED_OF, (entity,)))}
        after = [one for one in ({**before, **changed}).values() if one is not None]
        had, has = searched_words(before.values()), searched_words(after)
        rowid = rowid_of(entity)
        gone, come = had.every.keys() - has.every.keys(), has.every.keys() - had.every.keys()
        if not gone and not come:
            return
        # FTS5 counts rows: who stays in the index is taken out and put in, if with no words, else the count drifts
        # until FTS5 calls its own file malformed.
        if had.every:
            self._gone.append((rowid, " ".join(sorted(gone))))
        if has.every:
            self._come.append((rowid, " ".join(sorted(come))))
        self._learned.update(dict.fromkeys(word for word in has.names if word not in had.names))

    def write(self) -> None:
        """Take out and put in."""
        self._conn.executemany("INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)", self._gone)
        self._conn.executemany("INSERT INTO search (rowid, words) VALUES (?, ?)", self._come)
        for word in self._learned:
            added = self._conn.execute("INSERT OR IGNORE INTO word (text) VALUES (?)", (word,))
            if added.rowcount > 0:
                self._conn.execute("INSERT INTO word_part (rowid, text) VALUES (?, ?)", (added.lastrowid, word))


_SEARCHED_OF = f"SELECT body FROM element WHERE entity = ? AND kind IN ({','.join(map(str, SEARCHED_KINDS))})"


def _element(row: tuple[bytes]) -> Element:
    return read_body(row[0])


def forget_words(conn: Connection) -> None:
    """Drop words that nobody has any more, and what the index still holds of deleted rows: part of an erasure."""
    conn.execute("INSERT INTO search (search) VALUES ('optimize')")
    gone = conn.execute("SELECT id FROM word WHERE text NOT IN (SELECT term FROM search_words)").fetchall()
    conn.executemany("DELETE FROM word_part WHERE rowid = ?", gone)
    conn.executemany("DELETE FROM word WHERE id = ?", gone)
    conn.execute("INSERT INTO word_part (word_part) VALUES ('optimize')")


def find(conn: Connection, words: Sequence[str], *, limit: int, parts: bool = False) -> list[bytes]:
    """Customers who have, for each of the folded words, a word that begins so (`parts`: or contains it).

    At most `limit`, in no order: ranking is the caller's.
    """
    if not words:
        return []
    terms = [_term(conn, word, parts=parts) for word in words]
    rows = conn.execute("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (" AND ".join(terms), limit))
    return [entity_of(rowid) for (rowid,) in rows]


def count(conn: Connection, words: Sequence[str], *, parts: bool = False) -> int:
    """How many customers `find` would give without a limit, counted up to COUNT_MAX + 1."""
    if not words:
        return 0
    terms = " AND ".join(_term(conn, word, parts=parts) for word in words)
    row = conn.execute(
        "SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH ? LIMIT ?)", (terms, COUNT_MAX + 1)
    ).fetchone()
    return int(row[0])


def _term(conn: Connection, word: str, *, parts: bool) -> str:
    beginning = f'"{word}"*'
    if not parts or len(word) < PART_LENGTH_MIN:
        return beginning
    exact = " OR ".join(f'"{other}"' for other in _words_with(conn, word))
    return f"({beginning} OR {exact})" if exact else beginning


def _words_with(conn: Connection, part: str) -> list[str]:
    """Distinct words that contain `part`: by its trigrams, then looked at."""
    trigrams = " AND ".join(f'"{part[at : at + 3]}"' for at in range(len(part) - 2))
    rows = conn.execute(
        "SELECT w.text FROM word_part JOIN word w ON w.id = word_part.rowid"
        " WHERE word_part MATCH ? AND instr(w.text, ?) > 0 LIMIT ?",
        (trigrams, part, WORDS_FOR_PART_MAX),
    )
    return [text for (text,) in rows]
