"""Finds customers by what people remember: words from their beginning, and any part of a name or an e-mail.

Any part of a word is looked up among the distinct words (thousands), never among the customers (a million).
"""

import struct
from collections.abc import Iterable, Sequence
from functools import cached_property

from daemon.domain.searched_words import bare, elsewhere, runs
from daemon.store import at_once
from daemon.store.database import Connection
from daemon.store.word_index import rowid_of

PART_LENGTH_MIN = 3
"""Parts shorter than this are looked up as beginnings only."""

BEGINNING_INDEXED_MAX = 6
"""Letters of a beginning that the full-text index has ready (migration 18)."""

WORDS_FOR_PART_MAX = 60
"""Distinct words that one part may stand for."""

COUNT_MAX = 2000
"""Hits of one word are counted up to here; beyond it the answer says 'more than'."""


def is_one_list(words: Sequence[str]) -> bool:
    """Whether the hits of these words can be counted by going through one list.

    Those of several words are held against each other, and digits may be a card, a code or a telephone: among a million
    customers counting takes as long as finding (2 to 4 ms).
    """
    return len(words) < 2 and not any(sign.isdigit() for word in words for sign in word)


def find(conn: Connection, words: Sequence[str], *, limit: int, parts: bool = False) -> list[bytes]:
    """Customers who have, for each of the folded words, a word that begins so (`parts`: or contains it).

    At most `limit`, in no order: ranking is the caller's.
    """
    return matching(conn, term_of(conn, words, parts=parts), limit=limit)


def count(conn: Connection, words: Sequence[str], *, parts: bool = False) -> int:
    """How many customers `find` would give without a limit, counted up to one more than `COUNT_MAX`."""
    return counted(conn, term_of(conn, words, parts=parts), most=COUNT_MAX + 1)


def term_of(conn: Connection, words: Iterable[str], *, parts: bool = False) -> str:
    """What `find` asks the index for."""
    terms = Terms(conn, words)
    return terms.anywhere if parts else terms.begun


class Terms:
    """What some words ask the index for; among the distinct words each is looked up once."""

    def __init__(self, conn: Connection, words: Iterable[str]) -> None:
        self._conn = conn
        self._words = [tuple(runs(word)) for word in words]

    @property
    def called(self) -> str:
        """Names that have the words as they stand."""
        return " AND ".join(f'"{run}"' for word in self._words for run in word)

    @cached_property
    def called_so(self) -> str:
        """Names with words that begin so."""
        return " AND ".join(
            part
            for *before, last in self._words
            for part in (*(f'"{run}"' for run in before), _begun_by(self._conn, last))
        )

    @property
    def whole(self) -> str:
        """The words as they stand, wherever that is."""
        return " AND ".join(_whole(run) for word in self._words for run in word)

    @cached_property
    def begun(self) -> str:
        """Words that begin so, wherever they stand."""
        return " AND ".join(self._beginnings)

    @property
    def elsewhere(self) -> str:
        """What words of letters find by `begun` that do not stand in a name; of several words, by each."""
        return " AND ".join(_begun_by(self._conn, elsewhere(word[-1])) for word in self._words)

    @property
    def anywhere(self) -> str:
        """Words that these are any part of."""
        return " AND ".join(self._all)

    @property
    def inside(self) -> str:
        """What `anywhere` finds and `begun` does not, or little else: one of the words stands within another.

        The beginnings are not gone through once more: a short one may be that of a town where everybody lives.
        """
        ways = [
            " AND ".join([f"({within})", *(one for other, one in enumerate(self._all) if other != at)])
            for at, within in enumerate(self._within)
            if within
        ]
        return " OR ".join(f"({one})" for one in ways)

    @cached_property
    def _beginnings(self) -> list[str]:
        """For each word, the words that begin so."""
        return [_beginning(self._conn, word) for word in self._words]

    @cached_property
    def _within(self) -> list[str]:
        """For each word, the words that hold it but do not begin with it; empty where there are none."""
        return [_within(self._conn, word) for word in self._words]

    @cached_property
    def _all(self) -> list[str]:
        pairs = zip(self._beginnings, self._within, strict=True)
        return [f"(({begun}) OR {within})" if within else begun for begun, within in pairs]


def matching(conn: Connection, term: str, *, limit: int) -> list[bytes]:
    """Customers whom the index has under a term, at most `limit`; nobody under an empty one."""
    if not term:
        return []
    rowids = at_once.numbers(conn, _MATCHING, (term, limit))
    joined = struct.pack(f">{len(rowids)}q", *rowids)
    return [joined[at : at + 8] for at in range(0, len(joined), 8)]


def counted(conn: Connection, term: str, *, known: Sequence[bytes] = (), most: int) -> int:
    """How many customers the index has under a term, counted up to `most`.

    `known`: those that `matching` answered to the same term, which are not gone through again.
    """
    most -= len(known)
    if not term or most <= 0:
        return len(known)
    sql = f"SELECT count(*) FROM ({_MATCHING_AFTER if known else _MATCHING})"
    asked = (term, rowid_of(known[-1]), most) if known else (term, most)
    return len(known) + int(conn.execute(sql, asked).fetchone()[0])


_MATCHING = "SELECT rowid AS found FROM search WHERE search MATCH ? LIMIT ?"
_MATCHING_AFTER = "SELECT rowid FROM search WHERE search MATCH ? AND rowid > ? LIMIT ?"
"""The index answers in the order of its row numbers."""


def whole(word: str) -> str:
    """The term of the index for a folded word as it stands, wherever that is: each run of letters or digits of it."""
    return " AND ".join(map(_whole, runs(word)))


def beginning(conn: Connection, word: str) -> str:
    """The term for words that begin with a folded word, wherever they stand."""
    return _beginning(conn, tuple(runs(word)))


def _whole(run: str) -> str:
    return f'("{run}" OR "{elsewhere(run)}")'


def _beginning(conn: Connection, word: Sequence[str]) -> str:
    *before, last = word
    return " AND ".join([*map(_whole, before), _begun(conn, last)])


def _begun(conn: Connection, run: str) -> str:
    """The term for words that begin with a run of letters or digits, wherever they stand."""
    return f"({_begun_by(conn, run)} OR {_begun_by(conn, elsewhere(run))})"


def _begun_by(conn: Connection, begun: str) -> str:
    """The term for words of the index that begin so.

    Longer beginnings than the index has are put together by FTS5 from all rows of all such words before it answers: the
    few words themselves are looked up. Of numbers so long each is somebody's own.
    """
    if len(begun) <= BEGINNING_INDEXED_MAX or begun[1:].isdigit():
        return f'"{begun}"*'
    rows = conn.execute(_WORDS_FROM, (begun, begun + "\U0010ffff", WORDS_FOR_PART_MAX + 1)).fetchall()
    if len(rows) > WORDS_FOR_PART_MAX:
        return f'"{begun}"*'
    return "(" + " OR ".join([f'"{term}"' for (term,) in rows] or [f'"{begun}"']) + ")"


_WORDS_FROM = "SELECT text FROM word WHERE text >= ? AND text < ? LIMIT ?"


def _within(conn: Connection, word: Sequence[str]) -> str:
    """The term for words that hold a folded word but do not begin with it; empty where there are none.

    Of a word that is cut where letters meet digits, each run may be a part of another.
    """
    inner = [_words_with(conn, run) if len(run) >= PART_LENGTH_MIN else [] for run in word]
    if not any(inner):
        return ""
    if len(word) == 1:
        return "(" + " OR ".join(f'"{one}"' for one in inner[0]) + ")"
    runs_ = [
        "(" + " OR ".join([_begun(conn, run), *(f'"{one}"' for one in others)]) + ")"
        for run, others in zip(word, inner, strict=True)
    ]
    return "(" + " AND ".join(runs_) + ")"


def _words_with(conn: Connection, part: str) -> list[str]:
    """Words of the index that contain `part` behind their beginning: by its trigrams, then looked at.

    Each distinct word may stand there twice, as one of names and as one of elsewhere.
    """
    trigrams = " AND ".join(f'"{part[at : at + 3]}"' for at in range(len(part) - 2))
    rows = conn.execute(
        "SELECT w.text FROM word_part JOIN word w ON w.id = word_part.rowid"
        " WHERE word_part MATCH ? AND instr(w.text, ?) > 1 LIMIT ?",
        (trigrams, part, 2 * WORDS_FOR_PART_MAX),
    )
    return [text for (text,) in rows]


def said_alike(conn: Connection, sound: str, *, limit: int) -> list[str]:
    """Distinct words of names and e-mails with a sound key, as they are typed."""
    rows = conn.execute("SELECT text FROM word WHERE sound = ? AND sound <> '' LIMIT ?", (sound, 2 * limit))
    return list(dict.fromkeys(bare(text) for (text,) in rows))[:limit]
