"""Keeps the index by which customers are found: their words as they come and go, and making it again from the rows."""

from collections.abc import Iterable, Iterator, Mapping

from daemon.domain.element import Element, Key
from daemon.domain.kinds import Kind
from daemon.domain.mending import read_sound
from daemon.domain.searched_words import SEARCHED_KINDS, Change, bare, searched_words, words_moved
from daemon.domain.sound_key import sound_key
from daemon.errors import StoreFault
from daemon.store import elements
from daemon.store.courtesy import paced
from daemon.store.database import Connection
from daemon.store.index_merging import SMALL_PAGES, forget_by_and_by, parts_of
from daemon.store.replica import get_meta, put_meta


def rowid_of(entity: bytes) -> int:
    """An entity id as the row number of the full-text index."""
    return int.from_bytes(entity, "big", signed=True)


def entity_of(rowid: int) -> bytes:
    """The entity of a row of the full-text index."""
    return rowid.to_bytes(8, "big", signed=True)


Pair = tuple[Key, Element | None, Element | None]
"""(key, element before, element after)"""


class Reindexing:
    """The index rows of the customers whose searched elements (`is_searched`) a delta changes.

    Made before the elements are written: the index holds no text of its own, so what is taken out must be said word for
    word. Only words that go or come are touched.
    """

    def __init__(self, conn: Connection, pairs: Iterable[Pair]) -> None:
        self._conn = conn
        self._rows: list[tuple[int, str | None, str]] = []
        self._learned: dict[str, bool] = {}
        changed: dict[bytes, dict[Key, Change]] = {}
        for key, before, after in pairs:
            changed.setdefault(key[0], {})[key] = (before, after)
        if not changed:
            return
        swept = reindexed_up_to(conn)
        if swept is not None:
            # The index is being made again: who comes later in its order is indexed whole by the sweep.
            changed = {entity: changes for entity, changes in changed.items() if entity <= swept}
        others = _others(conn, changed)
        if others is None:
            return
        for entity, changes in paced(conn, changed.items()):
            self._compare(entity, list(changes.values()), others.get(entity, []))

    def _compare(self, entity: bytes, changed: list[Change], others: list[Element]) -> None:
        moved = words_moved(changed, others)
        _with(self._learned, moved.come, moved.names)
        if not moved.gone and not moved.come:
            return
        rowid = rowid_of(entity)
        # FTS5 counts rows: who stays in the index is taken out and put in, if with no words, else the count drifts
        # until FTS5 calls its own file malformed.
        if moved.had:
            self._rows.append((rowid, "delete", " ".join(sorted(moved.gone))))
        if moved.has:
            self._rows.append((rowid, None, " ".join(sorted(moved.come))))

    def write(self) -> None:
        """Take out and put in: row by row in their order, else FTS5 begins a new segment with each step back."""
        rows = sorted(self._rows, key=_by_row)
        if rows:
            self._conn.executemany("INSERT INTO search (rowid, search, words) VALUES (?, ?, ?)", rows)
        learn(self._conn, self._learned)


REINDEXED_AT_ONCE = 500
REINDEXED_IN_PLACE = 4
"""An erasure makes a small index again at once; of a larger one the sweep does the rest."""

REINDEX = "reindexed_up_to"
SKIPPED = "reindexing_skipped"
"""A damaged row was left out: when it is whole again, the index is made once more."""


def reindexed_up_to(conn: Connection) -> bytes | None:
    """The last customer whom a making-again of the index has reached; None: the index is whole."""
    value: bytes | None = get_meta(conn, REINDEX)
    return value


def require_whole(conn: Connection) -> None:
    """Raise StoreFault while the index is made again: who is not found by name yet would be made twice."""
    if reindexed_up_to(conn) is not None:
        raise StoreFault("the names are being indexed again: until then nobody can say who is here already")


def begin_reindex(conn: Connection) -> None:
    """Empty the index, to make it again customer by customer: nobody can say which words a damaged row has left."""
    conn.execute("INSERT INTO search (search) VALUES ('delete-all')")
    conn.execute("INSERT INTO word_part (word_part) VALUES ('delete-all')")
    conn.execute("DELETE FROM word")
    put_meta(conn, REINDEX, b"")
    put_meta(conn, SKIPPED, 0)


def reindex_skipped(conn: Connection) -> None:
    """A damaged row is whole again: index it, if it was left out."""
    if get_meta(conn, SKIPPED, 0):
        begin_reindex(conn)


def reindex_some(conn: Connection, *, customers: int) -> bool:
    """Index the next customers; False when there are no more."""
    after = reindexed_up_to(conn)
    if after is None:
        return False
    rows = conn.execute(
        f"SELECT DISTINCT entity FROM element WHERE entity > ? AND kind IN ({_SEARCHED}) ORDER BY entity LIMIT ?",
        (after, customers),
    ).fetchall()
    for (entity,) in rows:
        found: list[Element] = []
        for _, kind, dot, body, digest in conn.execute(_SEARCHED_OF, (entity,)):
            row = read_sound((entity, kind, dot), body, digest)
            if row is None:
                put_meta(conn, SKIPPED, 1)
            else:
                found.append(row)
        words = searched_words(found)
        if words.every:
            text = " ".join(sorted(words.every))
            conn.execute("INSERT INTO search (rowid, words) VALUES (?, ?)", (rowid_of(entity), text))
            learn(conn, _with({}, words.every, words.names))
    if len(rows) < customers:
        conn.execute("DELETE FROM meta WHERE name = ?", (REINDEX,))
        return False
    put_meta(conn, REINDEX, rows[-1][0])
    return True


def _with(learned: dict[str, bool], every: Iterable[str], names: Iterable[str]) -> dict[str, bool]:
    """Words to be learned, with more of them: whether they are those of names; numbers are not."""
    for word in every:
        if not bare(word).isdigit():
            learned.setdefault(word, False)
    learned.update(dict.fromkeys(names, True))
    return learned


def learn(conn: Connection, words: Mapping[str, bool]) -> None:
    """Add distinct words of the index; nearly always all of them are there.

    Among those of names (true) any part of a word is looked for, and its sound.
    """
    texts = sorted(words)
    for start in range(0, len(texts), elements.AT_ONCE):
        part = texts[start : start + elements.AT_ONCE]
        known = dict(conn.execute(_KNOWN, (*part, *[part[-1]] * (elements.AT_ONCE - len(part)))).fetchall())
        for word in part:
            is_name = words[word]
            if word not in known:
                conn.execute("INSERT INTO word (text, sound) VALUES (?, NULL)", (word,))
            if is_name and not known.get(word):
                _learn_name(conn, word)


def _learn_name(conn: Connection, word: str) -> None:
    conn.execute("UPDATE word SET sound = ? WHERE text = ?", (sound_key(bare(word)), word))
    conn.execute("INSERT INTO word_part (rowid, text) SELECT id, text FROM word WHERE text = ?", (word,))


_KNOWN = f"SELECT text, sound IS NOT NULL FROM word WHERE text IN ({','.join('?' * elements.AT_ONCE)})"


def _by_row(row: tuple[int, str | None, str]) -> int:
    return row[0]


def _others(conn: Connection, changed: Mapping[bytes, Mapping[Key, Change]]) -> dict[bytes, list[Element]] | None:
    """The searched elements of these customers that do not change; None where one is damaged: all is made again."""
    found: dict[bytes, list[Element]] = {}
    for entity, kind, dot, body, digest in _searched(conn, changed):
        if (entity, kind, dot) in changed[entity]:
            continue
        row = read_sound((entity, kind, dot), body, digest)
        if row is None:
            begin_reindex(conn)
            return None
        found.setdefault(entity, []).append(row)
    return found


def _searched(
    conn: Connection, changed: Mapping[bytes, Mapping[Key, Change]]
) -> Iterator[tuple[bytes, int, bytes, bytes, bytes]]:
    if len(changed) <= elements.FEW:
        for entity in changed:
            yield from conn.execute(_SEARCHED_OF, (entity,))
        return
    for kind in SEARCHED_KINDS:
        # A customer has one row: where it is among the changes, there is no other to be read.
        wanted = [one for one in changed if kind != Kind.CUSTOMER or (one, int(kind), b"") not in changed[one]]
        for entity, dot, body, digest in elements.bodies(conn, kind, wanted):
            yield entity, kind, dot, body, digest


_SEARCHED = ",".join(map(str, SEARCHED_KINDS))
_SEARCHED_OF = f"SELECT entity, kind, dot, body, hash FROM element WHERE entity = ? AND kind IN ({_SEARCHED})"


def forget_words(conn: Connection) -> None:
    """Drop words that nobody has any more, and what the index still holds of deleted rows: part of an erasure."""
    if parts_of(conn).size >= SMALL_PAGES:
        forget_by_and_by(conn)
        return
    conn.execute("INSERT INTO search (search) VALUES ('optimize')")
    # An index of a few pages (some dozens of customers) that was larger once is merged below its last level.
    if not parts_of(conn).are_in_last_level:
        is_under_way = reindexed_up_to(conn) is not None
        begin_reindex(conn)
        for _ in range(0 if is_under_way else REINDEXED_IN_PLACE):
            if not reindex_some(conn, customers=REINDEXED_AT_ONCE):
                break
    gone = conn.execute("SELECT id FROM word WHERE text NOT IN (SELECT term FROM search_words)").fetchall()
    conn.executemany("DELETE FROM word_part WHERE rowid = ?", gone)
    conn.executemany("DELETE FROM word WHERE id = ?", gone)
    conn.execute("INSERT INTO word_part (word_part) VALUES ('optimize')")
