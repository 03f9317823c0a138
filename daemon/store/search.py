"""Finds customers by what people remember: words from their beginning, and any part of a name or an e-mail.

Any part of a word is looked up among the distinct words (thousands), never among the customers (a million).
"""

from collections.abc import Iterable, Sequence

from daemon.domain.element import read_body
from daemon.domain.searched_words import SEARCHED_KINDS, SearchedWords, searched_words
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


class Reindexing:
    """The index rows of some customers, brought in step with their elements.

    Made before the elements change, finished after: the index holds no text of its own, so what is taken out must be
    said word for word.
    """

    def __init__(self, conn: Connection, entities: Iterable[bytes]) -> None:
        self._conn = conn
        self._before = {entity: _words_of(conn, entity) for entity in entities}

    def finish(self) -> None:
        """Write what differs."""
        gone: list[tuple[int, str]] = []
        come: list[tuple[int, str]] = []
        learned: dict[str, None] = {}
        for entity, before in self._before.items():
            after = _words_of(self._conn, entity)
            if before.all == after.all:
                continue
            if before.all:
                gone.append((rowid_of(entity), " ".join(before.all)))
            if after.all:
                come.append((rowid_of(entity), " ".join(after.all)))
            known = frozenset(before.names)
            learned.update(dict.fromkeys(word for word in after.names if word not in known))
        self._conn.executemany("INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)", gone)
        self._conn.executemany("INSERT INTO search (rowid, words) VALUES (?, ?)", come)
        self._learn(learned)

    def _learn(self, words: Iterable[str]) -> None:
        for word in words:
            added = self._conn.execute("INSERT OR IGNORE INTO word (text) VALUES (?)", (word,))
            if added.rowcount > 0:
                self._conn.execute("INSERT INTO word_part (rowid, text) VALUES (?, ?)", (added.lastrowid, word))


_WORDS_OF = f"SELECT body FROM element WHERE entity = ? AND kind IN ({','.join(map(str, SEARCHED_KINDS))})"


def _words_of(conn: Connection, entity: bytes) -> SearchedWords:
    return searched_words([read_body(body) for (body,) in conn.execute(_WORDS_OF, (entity,))])


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
