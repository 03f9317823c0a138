"""The hub's feeds read as history: who set what, who had seen it, what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daemon.domain.change import Operation, Verb, dot_of
from daemon.domain.element import Element, Key, read_body
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.ids import RecordId
from daemon.domain.kind_shape import FieldRule, Rule
from daemon.domain.kinds import Kind, field_shape, shape_of
from daemon.domain.merge import Change, key_of
from daemon.domain.person import OTHER
from tests.simulation.record_book import Ordered, ordered_records

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class SetValue:
    """One value that somebody gave a field."""

    key: Key
    number: int
    value: Any
    stamp: Stamp


@dataclass(slots=True)
class History:
    """Everything that the hub ordered, and how things stand there."""

    records: dict[RecordId, dict[tuple[int, int], list[Ordered]]]
    elements: dict[Key, Element]
    losers: set[tuple[Key, int, Stamp]]
    seen: set[tuple[Key, int, Stamp]]
    bases: dict[Key, Stamp]
    erased: set[bytes]
    removed_at: dict[tuple[Key, int], Stamp] = field(default_factory=dict)
    other_ends: dict[Key, set[bytes]] = field(default_factory=dict)
    """What each edge names at its other end."""
    creations: dict[Key, list[tuple[int, Stamp]]] = field(default_factory=dict)
    """Where each creation stands in its feed, with its stamp: a restored hub makes again what is given back to it."""

    @classmethod
    def of(cls, world: World) -> History:
        """Read it; once for one state of a world."""
        if world.history is None:
            world.history = cls._read(world)
        return world.history

    @classmethod
    def _read(cls, world: World) -> History:
        conn = world.hub.conn.plain
        elements = {
            (e.entity, int(e.kind), e.dot): e
            for e in (read_body(b) for (b,) in conn.execute("SELECT body FROM element"))
        }
        losers = {
            ((entity, kind, dot), field, (time, site, incarnation))
            for entity, kind, dot, field, time, site, incarnation in conn.execute(
                "SELECT entity, kind, dot, field, time, site, incarnation FROM loser"
            )
        }
        history = cls(ordered_records(world), elements, losers, set(), {}, set())
        for record in history.ordered():
            for at, operation in record.operations():
                history._learn_base(record, at, operation)
        for record in history.ordered():
            for at, operation in record.operations():
                history._learn_seen(record, at, operation)
        return history

    def ordered(self) -> Iterator[Ordered]:
        """Each record as it stands in each feed."""
        for feeds in self.records.values():
            for stands in feeds.values():
                yield from stands

    def _learn_base(self, record: Ordered, at: int, operation: Operation) -> None:
        if operation.verb == Verb.ERASE:
            self.erased.add(operation.entity)
        elif operation.verb in (Verb.CREATE, Verb.ADD):
            key = _key(record, at, operation)
            self.bases[key] = min(record.header.stamp, self.bases.get(key, record.header.stamp))
            self.creations.setdefault(key, []).append((record.offset, record.header.stamp))
            other = operation.fields.get(OTHER)
            if operation.kind == Kind.EDGE and isinstance(other, bytes):
                self.other_ends.setdefault(key, set()).add(other)

    def _learn_seen(self, record: Ordered, at: int, operation: Operation) -> None:
        key = _key(record, at, operation)
        default = self.bases.get(key, (0, 0, 0))
        if operation.verb == Verb.SET:
            before = [stamp for offset, stamp in self.creations.get(key, ()) if offset < record.offset]
            for number in operation.fields:
                for base in (default, min(before, default=default)):
                    self.seen.add((key, number, operation.replaces.get(number, base)))
        elif operation.verb == Verb.REMOVE:
            for number in range(1, 40):
                self.seen.add((key, number, operation.replaces.get(number, default)))
                self.removed_at[key, number] = max(
                    operation.replaces.get(number, default), self.removed_at.get((key, number), default)
                )

    def stamps_seen(self, record: Ordered, at: int, operation: Operation) -> Iterator[Stamp]:
        """The stamps of what an edit replaces."""
        if operation.verb == Verb.SET:
            default = self.bases.get(_key(record, at, operation), NO_STAMP)
            for number in operation.fields:
                yield operation.replaces.get(number, default)

    def is_said_again(self, ident: RecordId, operations: tuple[Operation, ...]) -> bool:
        """Whether all that a record said were entries, and they stand by their names, whoever said them since."""
        keys = [(one.entity, int(one.kind), one.dot or dot_of(ident, at)) for at, one in enumerate(operations)]
        shapes = [shape_of(one.kind) for one in operations]
        return all(shape is not None and shape.rule is Rule.ENTRY for shape in shapes) and all(
            key in self.elements for key in keys
        )

    def values(self) -> Iterator[SetValue]:
        """Every value that somebody set on a row or a member."""
        for record in self.ordered():
            for at, operation in record.operations():
                shape = shape_of(operation.kind)
                if shape is not None and shape.rule in (Rule.ROW, Rule.MEMBER) and operation.kind != Kind.AWARD:
                    key = _key(record, at, operation)
                    for number, value in operation.fields.items():
                        yield SetValue(key, number, value, record.header.stamp)

    def is_accounted_for(self, one: SetValue) -> bool:
        """Current, superseded by somebody who had seen it, listed as a loser, or erased."""
        if one.key[0] in self.erased or self._met_its_end(one.key, one.number, one.stamp):
            return True
        # The same value given at once by two is one value: what was done with the newer was done with both.
        if any(self._met_its_end(one.key, one.number, stamp) for stamp in self._twins(one) if stamp > one.stamp):
            return True
        element = self.elements.get(one.key)
        if element is None:
            # Who is erased at its other end takes the whole edge along: what was chosen of the two goes with it.
            return not self.erased.isdisjoint(self.other_ends.get(one.key, ()))
        return bool(element.fields.get(one.number) == one.value)

    def _met_its_end(self, key: Key, number: int, stamp: Stamp) -> bool:
        if (key, number, stamp) in self.losers or (key, number, stamp) in self.seen:
            return True
        # A copied disk gives an open record a stamp of its own: whoever removed it there had seen the same edit.
        seen = self.removed_at.get((key, number), NO_STAMP)
        return seen[1] == stamp[1] and seen >= stamp

    def _twins(self, one: SetValue) -> Iterator[Stamp]:
        for other in self.values():
            if (other.key, other.number, other.value) == (one.key, one.number, one.value):
                yield other.stamp

    def refusals(self) -> Iterator[tuple[Key, int, Stamp]]:
        """Every refusal that was ordered."""
        for one in self.values():
            shape = field_shape(one.key[1], one.number)
            guarded = shape is not None and shape.rule is FieldRule.GUARDED
            if guarded and isinstance(one.value, tuple) and one.value[0]:
                yield one.key, one.number, one.stamp


def _key(record: Ordered, at: int, operation: Operation) -> Key:
    dot = dot_of(record.header.record, at)
    entity, kind, ours = key_of(Change(operation, record.header.stamp, dot))
    return (entity, int(kind), ours)
