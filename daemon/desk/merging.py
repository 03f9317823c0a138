"""Two records of one person: likely ones, what differs, the merge and its undoing.

A merge adds an edge, which says whose values are right; cards, notes, accounts and the values themselves stay where
they are. To undo it takes the edge away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.desk.customer import is_anonymous, row_of
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.provenance import spoken
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.person import CHOSEN, OTHER, edge_fields, shown_first
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements, likely
from daemon.store.database import Connection

UNDONE_WITHIN_MS: Final = 30 * 86_400_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate:
    """A customer who may be the same person.

    `reasons`: email, phone, card, member_number, siret, name, address, birthday.
    """

    customer: CustomerBrief
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicates:
    """Who may be the same person, the likeliest first."""

    duplicates: tuple[Duplicate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelyPair:
    """Two customers who may be one person."""

    one: CustomerBrief
    other: CustomerBrief
    score: int
    reasons: tuple[str, ...]
    found_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelyPairs:
    """Pairs that nobody has judged yet, the likeliest first; `next` is the `after` of the next page."""

    pairs: tuple[LikelyPair, ...]
    total: int
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordValue:
    """What one record says."""

    customer: str
    value: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldToChoose:
    """A field on which the records differ; `proposed` is whose value stands when nothing is chosen."""

    field: str
    values: tuple[RecordValue, ...]
    proposed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreedValue:
    """What both records say of the field of this name."""

    name: str
    value: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class MergePreview:
    """What a merge would come to: who shows the person, what differs, and what both say."""

    shown_by: str
    records: tuple[CustomerBrief, ...]
    fields: tuple[FieldToChoose, ...]
    same: tuple[AgreedValue, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Merging:
    """The other record; `choose`: field → id of the record whose value is right."""

    other: str
    choose: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parting:
    """The record that is another person after all."""

    other: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """Two records that were said to be one person; `undo_until` null: it is too long ago."""

    one: str
    other: str
    at: str
    by: str
    undo_until: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A person: who shows it, and all records of it."""

    shown_by: str
    records: tuple[CustomerBrief, ...]
    merges: tuple[Merge, ...]


def differences(one: Element, other: Element) -> tuple[FieldToChoose, ...]:
    """The fields on which two records differ; empty says nothing against a value."""
    first, second = shown_first([one, other])
    found = []
    for at in CHOSEN:
        if first.fields.get(at) == second.fields.get(at):
            continue
        proposed = first if first.fields.get(at) is not None else second
        values = tuple(
            RecordValue(customer=row.entity.hex(), value=spoken(Kind.CUSTOMER, at, row.fields.get(at)))
            for row in (first, second)
        )
        found.append(FieldToChoose(field=CUSTOMER.fields[at].name, values=values, proposed=proposed.entity.hex()))
    return tuple(found)


def agreements(one: Element, other: Element) -> tuple[AgreedValue, ...]:
    """The fields on which both records say the same."""
    return tuple(
        AgreedValue(name=CUSTOMER.fields[at].name, value=spoken(Kind.CUSTOMER, at, value))
        for at in CHOSEN
        if (value := one.fields.get(at)) is not None and other.fields.get(at) == value
    )


def decide_merge(one: Element, other: Element, choose: Mapping[str, str]) -> list[Operation]:
    """Make one person of two records: an edge that says whose values are right. Raises Forbidden, OperatorMistake."""
    if one.entity == other.entity:
        raise OperatorMistake("other: this is the same record", field="other")
    for row in (one, other):
        if is_anonymous(row):
            raise Forbidden("the walk-in customer and anonymous profiles are nobody, and are not merged")
    numbers = {CUSTOMER.fields[at].name: at for at in CHOSEN}
    if not set(choose) <= set(numbers) or not set(choose.values()) <= {one.entity.hex(), other.entity.hex()}:
        raise OperatorMistake("choose: name a field, and one of the two records", field="choose")
    taken = [(numbers[name], bytes.fromhex(record)) for name, record in choose.items()]
    return [authoring.add(Kind.EDGE, one.entity, edge_fields(one, other, taken))]


def decide_parting(edges: Sequence[Element], *, now_ms: int) -> list[Operation]:
    """Take away the edges between two records; raises NotFound, Conflicting once it is too late."""
    if not edges:
        raise NotFound("other: these two records were not merged with each other", field="other")
    if any(now_ms - ms_of(edge.base) > UNDONE_WITHIN_MS for edge in edges):
        raise Conflicting("a merge can be undone for 30 days, and this one is older")
    return [authoring.remove(edge) for edge in edges]


class MergingDesk:
    """Where two records become one person, and two again."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def duplicates(self, id_: EntityId) -> Duplicates:
        """Who may be the same person as a customer, looked for now; raises NotFound."""

        def unit(conn: Connection) -> Duplicates:
            _row(conn, id_)
            found = [one for one in likely.likely_ones(conn, id_) if not likely.are_different(conn, id_, one.customer)]
            shown = [(one, brief_of(customers.listed(conn, [one.customer])[0])) for one in found]
            return Duplicates(
                duplicates=tuple(
                    Duplicate(customer=brief, score=one.likeness.score, reasons=one.likeness.reasons)
                    for one, brief in shown
                    if brief is not None
                )
            )

        return await self._premises.database.read(unit)

    async def pairs(self, *, after: str = "", limit: int = 50) -> LikelyPairs:
        """The pairs that head office has found and nobody has judged; raises OperatorMistake."""
        place = _place(after)

        def unit(conn: Connection) -> LikelyPairs:
            found = likely.open_pairs(conn, after=place, limit=max(1, min(limit, 200)))
            pairs = tuple(shown for pair in found if (shown := _likely_pair(conn, pair)) is not None)
            last = found[-1] if len(found) == limit else None
            onward = f"{last.score}.{last.one.hex()}.{last.other.hex()}" if last is not None else None
            return LikelyPairs(pairs=pairs, total=likely.count_open(conn), next=onward)

        return await self._premises.database.read(unit)

    async def call_different(self, one: EntityId, other: EntityId) -> None:
        """Somebody says that two likely ones are two people; raises NotFound."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> None:
            _row(conn, one)
            _row(conn, other)
            likely.call_different(conn, one, other, now_ms=now_ms)

        await self._premises.database.write(unit)

    async def preview(self, id_: EntityId, other: EntityId) -> MergePreview:
        """What a merge of these two would come to; raises NotFound."""

        def unit(conn: Connection) -> MergePreview:
            rows = shown_first([_shown(conn, id_), _shown(conn, other, field="other")])
            is_one = rows[0].entity == rows[1].entity
            return MergePreview(
                shown_by=rows[0].entity.hex(),
                records=_briefs(conn, rows[: 2 - is_one]),
                fields=() if is_one else differences(*rows),
                same=() if is_one else agreements(*rows),
            )

        return await self._premises.database.read(unit)

    async def merge(self, call: Call, id_: EntityId, given: Merging) -> Person:
        """Make one person of two; those who are one already stay so. Raises NotFound, Forbidden, Conflicting.

        Who was merged before stands for all of that person: the records that show them are joined.
        """
        now_ms, other = self._premises.clock.now_ms(), _id(given.other)

        def unit(conn: Connection) -> Person:
            one, two = _shown(conn, id_), _shown(conn, other, field="other")
            before = customers.records_of(conn, id_)
            if id_ == other or one.entity != two.entity:
                if len(before) + len(customers.records_of(conn, other)) > customers.PERSON_SIZE_MAX:
                    raise Conflicting("other: a person has 64 records at most", field="other")
                operations = decide_merge(one, two, given.choose)
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return person(conn, id_, now_ms=now_ms)

        return await write_once(self._premises, call, Person, unit, told=self._tell)

    async def part(self, call: Call, id_: EntityId, given: Parting) -> Person:
        """Undo a merge of these two; raises NotFound, Conflicting."""
        now_ms, other = self._premises.clock.now_ms(), _id(given.other)

        def unit(conn: Connection) -> Person:
            _row(conn, id_)
            operations = decide_parting(edges_between(conn, id_, other), now_ms=now_ms)
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return person(conn, id_, now_ms=now_ms)

        def told(found: Person) -> None:
            self._tell(found)
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=other.hex()))

        return await write_once(self._premises, call, Person, unit, told=told)

    async def person(self, id_: EntityId) -> Person:
        """The person that a customer is part of; raises NotFound."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> Person:
            _row(conn, id_)
            return person(conn, id_, now_ms=now_ms)

        return await self._premises.database.read(unit)

    def _tell(self, found: Person) -> None:
        for brief in found.records:
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=brief.id))


def person(conn: Connection, id_: EntityId, *, now_ms: int) -> Person:
    """All records of a person, with the merges between them."""
    around = customers.records_of(conn, id_)
    rows = shown_first([row for row in customers.rows(conn, around) if row is not None])
    names = operator_names(conn)
    edges = [edge for row in rows for edge in customers.edges_of(conn, row.entity)]
    authors = customers.authors(conn, [edge.base for edge in edges])
    merges = [
        _merge(edge, names.get(authors.get(edge.base, ""), authors.get(edge.base, "")), now_ms)
        for edge in sorted(edges, key=lambda edge: (edge.base, edge.dot))
        if edge.fields.get(OTHER) in {row.entity for row in rows}
    ]
    return Person(shown_by=rows[0].entity.hex(), records=_briefs(conn, rows), merges=tuple(merges))


def edges_between(conn: Connection, one: EntityId, other: EntityId) -> list[Element]:
    """The edges that say that these two are one, from either end: two tills may have said so."""
    found = []
    for here, there in ((one, other), (other, one)):
        found += [edge for edge in customers.edges_of(conn, here) if edge.fields.get(OTHER) == there]
    return found


def _likely_pair(conn: Connection, pair: likely.Pair) -> LikelyPair | None:
    one, other = (brief_of(listed) for listed in customers.listed(conn, [pair.one, pair.other]))
    if one is None or other is None:
        return None
    found_at = instant.shown(pair.found_ms)
    return LikelyPair(one=one, other=other, score=pair.score, reasons=pair.reasons, found_at=found_at)


def _merge(edge: Element, by: str, now_ms: int) -> Merge:
    at_ms = ms_of(edge.base)
    until = at_ms + UNDONE_WITHIN_MS
    return Merge(
        one=edge.entity.hex(),
        other=bytes(edge.fields[OTHER]).hex(),
        at=instant.shown(at_ms),
        by=by,
        undo_until=instant.shown(until) if now_ms <= until else None,
    )


def _briefs(conn: Connection, rows: Sequence[Element]) -> tuple[CustomerBrief, ...]:
    found = map(brief_of, customers.listed(conn, [EntityId(row.entity) for row in rows]))
    return tuple(brief for brief in found if brief is not None)


def _row(conn: Connection, id_: EntityId, *, field: str = "id") -> Element:
    row = elements.element(conn, (id_, CUSTOMER.kind, b""))
    if row is None or is_deleted(row):
        raise NotFound("no customer has this id", field=field)
    found = row_of([row])
    assert found is not None, "the row of a customer is one"
    return found


def _shown(conn: Connection, id_: EntityId, *, field: str = "id") -> Element:
    """The row that shows the person of whom a record is part."""
    _row(conn, id_, field=field)
    return _row(conn, customers.person_of(conn, id_), field=field)


def _id(text: str) -> EntityId:
    found = parse_entity(text)
    if found is None:
        raise OperatorMistake("other: an id is 16 hexadecimal digits", field="other")
    return found


def _place(text: str) -> tuple[int, bytes, bytes] | None:
    """Where a page ended, as its `next` said; raises OperatorMistake."""
    if not text:
        return None
    score, _, rest = text.partition(".")
    one, _, other = rest.partition(".")
    ids = parse_entity(one), parse_entity(other)
    if not (score.isascii() and score.isdecimal() and len(score) < 4) or None in ids:
        raise OperatorMistake("after: take the `next` of the page before", field="after")
    return (int(score), ids[0] or b"", ids[1] or b"")
