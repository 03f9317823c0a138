"""Whom a query may have meant: names that sound alike, and slips of typing.

The words are put right among the distinct words of names, each by an index; customers are never gone through.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from daemon.domain.near_words import (
    INITIALS_LENGTH,
    initials,
    is_corrected,
    nearest,
    one_slip_away,
    slips_allowed,
    split_particles,
    telling,
)
from daemon.domain.ranking import Nearness, Query
from daemon.domain.searched_words import bare, elsewhere
from daemon.domain.sound_key import sound_key
from daemon.store.database import Connection
from daemon.store.search import beginning, matching, said_alike, whole

ALIKE_MAX = 60
"""Other words that one word may stand for."""

LOOKED_AT_MAX = 2000
"""Distinct words compared with one that may hold two slips, for each way to find them."""

_Alike = dict[str, Nearness]


def meant(conn: Connection, query: Query, nearness: Nearness, *, is_answered: bool) -> Query:
    """The query with the words that may have been meant, up to this nearness.

    Where somebody answers the query already, only words that nobody has are taken for slips.
    """
    words = tuple(part for word in telling(query.words) for part in _meant_by(conn, word))
    alike: dict[str, _Alike] = {}
    for word in words:
        found = dict.fromkeys(_said_alike(conn, word), Nearness.SOUND)
        if nearness is Nearness.TYPING and is_corrected(word) and not (is_answered and _is_known(conn, word)):
            for other in _slipped(conn, word):
                found.setdefault(other, Nearness.TYPING)
        found.pop(word, None)
        alike[word] = found
    is_other = query.is_other or words != query.words
    return replace(query, words=words, alike=alike, is_other=is_other)


def _meant_by(conn: Connection, word: str) -> tuple[str, ...]:
    """A word as it is; or the initials in it, where nobody has a word that begins so."""
    return (initials(word) if len(word) == INITIALS_LENGTH and not _is_known(conn, word) else None) or (word,)


def find(conn: Connection, query: Query, *, limit: int) -> list[bytes]:
    """Customers who have, for each word, one that begins so or may have been meant; at most `limit`, in no order."""
    if not query.is_other and not any(query.alike.values()):
        return []
    terms = " AND ".join(_term(conn, word, query.alike.get(word, {})) for word in query.words)
    return matching(conn, terms, limit=limit)


def _term(conn: Connection, word: str, alike: Iterable[str]) -> str:
    # A particle that was typed without its space must be there: legoff is Le Goff, not Goff.
    split = {name: particles for particles, name in split_particles(word)}
    others = ["(" + " AND ".join(whole(one) for one in (*split.get(other, ()), other)) + ")" for other in alike]
    return "(" + " OR ".join([f"({beginning(conn, word)})", *others]) + ")"


def _said_alike(conn: Connection, word: str) -> list[str]:
    """Distinct words that sound like one; and the name in it, where a particle was typed without its space."""
    found: list[str] = []
    found += [name for _, name in split_particles(word)]
    if sound := sound_key(word):
        found += said_alike(conn, sound, limit=ALIKE_MAX)
    return found


def _is_known(conn: Connection, word: str) -> bool:
    """Whether anybody has a word that begins so."""
    sql = "SELECT 1 FROM search WHERE search MATCH ? LIMIT 1"
    return conn.execute(sql, (beginning(conn, word),)).fetchone() is not None


def _slipped(conn: Connection, word: str) -> list[str]:
    """Distinct words one slip away from a word; two, where it is long, nobody's, and nothing is nearer."""
    slipped = one_slip_away(word) | {word}
    near = json.dumps([*slipped, *map(elsewhere, slipped)])
    rows = conn.execute(
        "SELECT w.text FROM json_each(?) one JOIN word w ON w.text = one.value WHERE w.sound IS NOT NULL", (near,)
    )
    found = list(dict.fromkeys(bare(text) for (text,) in rows))
    most = slips_allowed(word)
    if found or most < 2:
        return found[:ALIKE_MAX]
    candidates = {bare(text) for text in (*_beginning_alike(conn, word, most), *_sharing(conn, word, most))}
    return nearest(word, candidates, most=most)[:ALIKE_MAX]


def _beginning_alike(conn: Connection, word: str, most: int) -> Iterable[str]:
    """Distinct words of names, of about this length, that begin with the same three letters."""
    for begun in (word[:3], elsewhere(word[:3])):
        rows = conn.execute(
            "SELECT text FROM word WHERE text >= ? AND text < ? AND length(text) BETWEEN ? AND ?"
            " AND sound IS NOT NULL LIMIT ?",
            (begun, begun + "\U0010ffff", len(word) - most, len(word) + most, LOOKED_AT_MAX),
        )
        yield from [text for (text,) in rows]


def _sharing(conn: Connection, word: str, most: int) -> Sequence[str]:
    """Distinct words of about this length that hold four letters of this one in a row (its trigrams, two by two)."""
    pairs = [f'("{word[at : at + 3]}" AND "{word[at + 1 : at + 4]}")' for at in range(len(word) - 3)]
    rows = conn.execute(
        "SELECT w.text FROM word_part JOIN word w ON w.id = word_part.rowid"
        " WHERE word_part MATCH ? AND length(w.text) BETWEEN ? AND ? LIMIT ?",
        (" OR ".join(pairs), len(word) - most, len(word) + most, 2 * LOOKED_AT_MAX),
    )
    return [text for (text,) in rows]
