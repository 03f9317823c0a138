"""Who of those who are here a line of a file speaks of, and who may be the same person though nothing proves it.

Nearly all lines of a first import speak of nobody: what nobody has is asked for many lines at once (`Known`).
"""

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from daemon.desk.customer import is_walk_in
from daemon.desk.lookup import living_owners
from daemon.domain.element import tombstone_key
from daemon.domain.folding import words
from daemon.domain.ids import EntityId
from daemon.domain.import_line import DELETED, NUMBER
from daemon.domain.import_traits import Claimed, Traits
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.namesakes import Namesakes, names_of
from daemon.store import customers, elements
from daemon.store.database import Connection
from daemon.store.replica import Replica

T = TypeVar("T")

NAMESAKES_MAX = 20
"""Namesakes at one postal code that are looked at."""


class Known:
    """Which of many lines' values somebody has, and which of their customers are here already."""

    def __init__(
        self,
        conn: Connection,
        lines: Sequence[Traits],
        met: MutableMapping[EntityId, EntityId],
        names: Namesakes | None = None,
    ) -> None:
        """`met`: whom earlier lines of the file turned out to speak of, by whom they would have created."""
        self._met = met
        self._names = names
        wanted: dict[int, dict[str, None]] = {}
        for line in lines:
            for claim, form in line.claimed:
                wanted.setdefault(claim, {})[form] = None
        self._claimed: set[Claimed] = set()
        for claim, forms in wanted.items():
            for part in _parts(list(forms)):
                rows = conn.execute(_OWNED, (claim, *part))
                self._claimed.update((claim, form) for (form,) in rows)
        self._entities: set[bytes] = set()
        for made in _parts([line.made for line in lines]):
            self._entities.update(entity for (entity,) in conn.execute(_HERE, (int(Kind.CUSTOMER), *made)))

    def learn(self, line: Traits, entity: EntityId) -> None:
        """What a line says is written now, of this customer."""
        self._entities.add(entity)
        self._met[line.made] = entity
        self._claimed.update(line.claimed)

    def met(self, made: EntityId) -> EntityId | None:
        """Whom a line speaks of that would create this customer, if that is known."""
        return made if made in self._entities else self._met.get(made)

    def has(self, made: EntityId) -> bool:
        """Whether this customer is here."""
        return made in self._entities

    def is_claimed(self, claim: Claim, form: str) -> bool:
        """Whether anybody has this value."""
        return (int(claim), form) in self._claimed

    def may_have_namesake(self, line: Traits) -> bool:
        """Whether somebody may have the name of a line at its postal code."""
        if not line.name or not line.postal_code:
            return False
        return self._names is None or self._names.may_have(line.name, line.postal_code)


_AT_ONCE: Final = 32
_MARKS: Final = ",".join("?" * _AT_ONCE)
_OWNED: Final = f"SELECT DISTINCT value FROM lookup WHERE claim = ? AND value IN ({_MARKS})"
_HERE: Final = f"SELECT entity FROM element WHERE kind = ? AND dot = x'' AND entity IN ({_MARKS})"


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time that one statement serves; the last part repeats its last to be as long."""
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        yield [*part, *[part[-1]] * (_AT_ONCE - len(part))]


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Whom a line speaks of: one customer, nobody yet, or (`why`) nobody who could be told."""

    entity: EntityId | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Likely:
    """Somebody who may be the same person, and what they have in common."""

    entity: EntityId
    why: str


def find(conn: Connection, replica: Replica, line: Traits, known: Known) -> Match:
    """The customer whom a line speaks of: the one that this line made before, else who has its code, e-mail, card."""
    if replica.tombstones and tombstone_key(line.made)[0] in replica.tombstones:
        return Match(why="this person was erased, and is not brought back")
    met = known.met(line.made)
    if met is not None:
        return Match(entity=customers.person_of(conn, met))
    found = _by_claims(conn, line, known)
    row = elements.element(conn, (found.entity, Kind.CUSTOMER, b"")) if found.entity is not None else None
    if row is not None and is_walk_in(row):
        return Match(why="this is the walk-in customer, who is nobody")
    return found


def _by_claims(conn: Connection, line: Traits, known: Known) -> Match:
    for claim, value, form in line.identifying:
        if not known.is_claimed(claim, form):
            continue
        owners = customers.persons(conn, living_owners(conn, claim, value))
        if len(owners) > 1:
            return Match(why="several customers fit this line")
        if owners:
            return Match(entity=owners[0])
    return Match()


def foreign_cards(conn: Connection, line: Traits, known: Known, owner: EntityId | None) -> set[str]:
    """The cards of a line that somebody else has."""
    return {
        value
        for claim, value, form in line.identifying
        if claim is Claim.CARD
        and known.is_claimed(claim, form)
        and any(person != owner for person in customers.persons(conn, living_owners(conn, claim, value)))
    }


def likely(conn: Connection, line: Traits, known: Known) -> Iterator[Likely]:
    """Who may be the person of a line that nobody is known by: by telephone, then by name and postal code."""
    found: set[EntityId] = set()
    for number in line.telephones:
        if known.is_claimed(Claim.PHONE, number):
            for owner in customers.persons(conn, living_owners(conn, Claim.PHONE, number)):
                if owner not in found:
                    found.add(owner)
                    yield Likely(entity=owner, why="the same telephone")
    for owner in _namesakes(conn, line) if known.may_have_namesake(line) else ():
        if owner not in found:
            found.add(owner)
            yield Likely(entity=owner, why="the same name and postal code")


def _namesakes(conn: Connection, line: Traits) -> list[EntityId]:
    """Customers of the same name at the same postal code."""
    hits = _at_home(conn, line)
    return customers.persons(
        conn,
        [
            id_
            for id_, row in zip(hits, customers.rows(conn, hits), strict=True)
            if row is not None and row.fields.get(NUMBER("deleted")) != DELETED and line.name in names_of(row)
        ],
    )


def _at_home(conn: Connection, line: Traits) -> list[EntityId]:
    """Who has the words of a name and a postal code, and perhaps some who lack a word of the name.

    The index takes as long for each word: the longest of the name, which few have, goes first, and where it leaves few,
    the rest is seen in their rows.
    """
    name, place = words(line.name), words(line.postal_code)
    if len(name) > 1:
        hits = customers.with_whole_words(conn, [max(name, key=len), *place], limit=NAMESAKES_MAX + 1)
        if len(hits) <= NAMESAKES_MAX:
            return hits
    return customers.with_whole_words(conn, [*name, *place], limit=NAMESAKES_MAX)
