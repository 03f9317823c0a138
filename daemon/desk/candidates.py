"""Who may answer what was typed: candidates way after way until there are enough of them, and how many there are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.leaving import is_deleted
from daemon.domain.ranking import Nearness, Query
from daemon.store import customers, near, search
from daemon.store.database import Connection

FEW_HITS = 5
"""With fewer hits, names that sound alike and slips of typing are looked for too."""


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that answers a query, as near as the way in which it was found."""

    nearness: Nearness
    claim: Claim | None = None


Pool = dict[EntityId, tuple[Found, Element]]
"""Candidates by id: how each was found, and its row."""


class Sought:
    """What a query's words ask the index for; the first hits are not counted again."""

    def __init__(self, conn: Connection, words: Sequence[str]) -> None:
        self._words = words
        self._terms = search.Terms(conn, words)
        self._known: list[bytes] = []

    def finding(self, conn: Connection, size: int) -> Iterable[tuple[Nearness, Sequence[bytes]]]:
        """Customers who are called so, then whose names begin so; then those words wherever they stand; `size` each."""
        yield Nearness.WORD, search.matching(conn, self._terms.called, limit=size)
        self._known = search.matching(conn, self._terms.called_so, limit=size)
        yield Nearness.BEGINNING, self._known
        yield Nearness.WORD, search.matching(conn, self._terms.whole, limit=size)
        yield Nearness.BEGINNING, search.matching(conn, self._terms.begun, limit=size)

    @property
    def may_be_inside(self) -> bool:
        """Whether anybody has words that one of these stands within."""
        return bool(self._terms.inside)

    def parts(self, conn: Connection, size: int) -> list[bytes]:
        """Customers who have words that one of these stands within."""
        return search.matching(conn, self._terms.inside, limit=size)

    def counted(self, conn: Connection, most: int) -> int:
        """How many have the one word, counted up to `most`: in their name, elsewhere, then within another."""
        if not self._words:
            return 0
        called, begun = self._terms.called_so, self._terms.begun
        found = search.counted(conn, called, known=self._known, most=most)
        if found < most:
            found += search.counted(conn, f"({self._terms.elsewhere}) NOT ({called})", most=most - found)
        if found < most and (inside := self._terms.inside):
            found += search.counted(conn, f"({inside}) NOT ({begun})", most=most - found)
        return found


def gather(conn: Connection, query: Query, sought: Sought, size: int, *, shown: int) -> tuple[Pool, bool]:
    """Candidates until there are more than `size`, and whether they are all whom the query finds.

    Owners of the very value come first, then whole words, beginnings, parts, in names before elsewhere. Parts of
    several words stand below those: where more than are `shown` begin so, nobody would see them, and among a million
    they cost as much as all else.
    """
    found: dict[EntityId, Found] = {}
    for claim, value in query.claims if customers.is_owned(conn, query.claims) else ():
        for owner in customers.owners_of(conn, claim, value):
            found.setdefault(owner, Found(Nearness.EXACT, claim))
    for nearness, entities in _finding(conn, query, sought, size + 1):
        _add(found, nearness, entities)
        if len(found) > size:
            # The nearest of them: ways that find many find the last ones last.
            return _living(conn, dict(islice(found.items(), size + 1))), False
    pool = _living(conn, found)
    if len(pool) > shown and len(query.words) > 1:
        return pool, not sought.may_be_inside
    parts: dict[EntityId, Found] = {}
    _add(parts, Nearness.PART, sought.parts(conn, size + 1), besides=found)
    return pool | _living(conn, parts), len(found) + len(parts) <= size


def _add(
    found: dict[EntityId, Found], nearness: Nearness, entities: Iterable[bytes], *, besides: Collection[bytes] = ()
) -> None:
    how = Found(nearness)
    for entity in entities:
        if entity not in besides:
            found.setdefault(EntityId(entity), how)


def _living(conn: Connection, found: Mapping[EntityId, Found]) -> Pool:
    """Those who were found with their rows, without who was deleted."""
    rows = zip(found.items(), customers.rows(conn, found), strict=True)
    return {id_: (how, row) for (id_, how), row in rows if row is not None and not is_deleted(row)}


def fill_up(conn: Connection, query: Query, pool: Pool, size: int) -> tuple[Query, bool]:
    """Fill up a pool with whom the query may have meant: first those who sound alike, then slips of typing.

    Answers the query as it may have been meant, and whether more were found than are looked at.
    """
    if any(how.claim is not None for how, _ in pool.values()):
        return query, False
    left_out = False
    for nearness in (Nearness.SOUND, Nearness.TYPING):
        if len(pool) >= FEW_HITS:
            break
        query = near.meant(conn, query, nearness, is_answered=bool(pool))
        found = [EntityId(entity) for entity in near.find(conn, query, limit=size)]
        left_out = left_out or len(found) >= size
        new = [entity for entity in found if entity not in pool]
        for entity, row in zip(new, customers.rows(conn, new), strict=True):
            if row is not None and not is_deleted(row):
                pool[entity] = (Found(nearness), row)
    return query, left_out


def how_many(conn: Connection, query: Query, sought: Sought, pooled: int) -> tuple[int, bool]:
    """How many customers answer where the pool does not hold them all, and whether there are still more."""
    if not search.is_one_list(query.words):
        return pooled - 1, True
    numbered = [one for one in query.numbers if set(one.words) == set(query.words)]
    most = search.COUNT_MAX
    found = 0
    for one in numbered:
        if found <= most:
            found += customers.count_beginning_with(conn, one.beginnings, limit=most + 1)
    if found <= most:
        found += sought.counted(conn, most + 1)
    return min(found, most), found > most


NUMBERED_MAX = 2_000
NAMED_MAX = 20_000
"""Of a number's beginning beside other words: how many of each are held against each other."""


def _numbered(conn: Connection, query: Query, size: int) -> list[EntityId]:
    """Customers who have a code, a card or a phone that begins so, and the other words that were typed."""
    found: list[EntityId] = []
    for one in query.numbers:
        others = [word for word in query.words if word not in one.words]
        if not others:
            found += customers.beginning_with(conn, one.beginnings, limit=size)
        elif numbered := customers.beginning_with(conn, one.beginnings, limit=NUMBERED_MAX):
            named = set(search.find(conn, others, limit=NAMED_MAX))
            found += [entity for entity in numbered if entity in named]
    return found


def _finding(conn: Connection, query: Query, sought: Sought, size: int) -> Iterable[tuple[Nearness, Sequence[bytes]]]:
    """Each way to find customers when the ones before it have not found enough."""
    yield from sought.finding(conn, size)
    yield Nearness.BEGINNING, _numbered(conn, query, size)
