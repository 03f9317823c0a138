"""Which of two edits wins: the one place that decides, at the till, at the hub and in the simulation.

Plan and act: `needs(changes)` names what must be loaded, `merge(view, changes)` returns what to write. The result does
not depend on the order in which replicas hear of concurrent operations; that is what makes them end equal.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from daemon.domain.canonical import pack
from daemon.domain.change import Operation, Verb, is_stamp
from daemon.domain.element import Element, Key, reach_of, tombstone_key
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.kind_shape import FieldRule, Reach, Rule
from daemon.domain.kinds import SHAPES, SHOP_NUMBER, Kind, shape_of
from daemon.domain.value import frozen


@frozen
class Change:
    """An operation with the stamp of its record and the dot that it adds (if it adds one)."""

    op: Operation
    stamp: Stamp
    dot: bytes


@frozen
class Loser:
    """A value that lost to one whose author had not seen it.

    A twin says what its winner says and names itself as the winner: nobody disagrees, but should the winner be given
    another stamp, the twin may be the newer.
    """

    key: Key
    number: int
    value: Any
    stamp: Stamp
    winner: Stamp

    @property
    def is_twin(self) -> bool:
        """Whether it is no disagreement."""
        return self.stamp == self.winner


def lost(key: Key, number: int, loser: tuple[Any, Stamp], winner: tuple[Any, Stamp]) -> Loser:
    """What is kept of a value (with its stamp) that lost to another one."""
    return Loser(key, number, *loser, loser[1] if loser[0] == winner[0] else winner[1])


@dataclass(frozen=True, slots=True)
class Needs:
    """What a merge wants to see: single elements, and entities with all that belongs to them."""

    keys: frozenset[Key]
    entities: frozenset[bytes]


@dataclass(slots=True)
class View:
    """What was loaded: elements by key (absent: there is none); and the hashes of all erased ids."""

    elements: Mapping[Key, Element]
    tombstones: AbstractSet[bytes] = frozenset()


@dataclass(slots=True)
class Delta:
    """What to write: elements to put, keys to drop, losers to keep, losers that their replacement had seen."""

    puts: dict[Key, Element] = field(default_factory=dict)
    drops: set[Key] = field(default_factory=set)
    losers: list[Loser] = field(default_factory=list)
    settled: list[tuple[Key, int, Stamp]] = field(default_factory=list)
    erased: list[bytes] = field(default_factory=list)
    parked: list[Change] = field(default_factory=list)


def key_of(change: Change) -> Key:
    """The element that a change is about."""
    op = change.op
    shape = shape_of(op.kind)
    if shape is None or shape.rule is Rule.ROW:
        return (op.entity, op.kind, b"")
    if shape.rule is Rule.ERASE:
        return tombstone_key(op.entity)
    return (op.entity, op.kind, op.dot or change.dot)


def is_known(op: Operation) -> bool:
    """Whether this version can apply the operation; else it is parked until an upgrade."""
    shape = shape_of(op.kind)
    return shape is not None and (op.verb in _VERBS[shape.rule] or (op.kind, op.verb) == _SUMMED_UP)


_VERBS: dict[Rule, frozenset[int]] = {
    Rule.ROW: frozenset({Verb.CREATE, Verb.SET}),
    Rule.MEMBER: frozenset({Verb.ADD, Verb.SET, Verb.REMOVE}),
    Rule.ENTRY: frozenset({Verb.ADD}),
    Rule.ERASE: frozenset({Verb.ERASE}),
}


_SUMMED_UP = (Kind.SALE, Verb.REMOVE)
"""Head office takes old sales out of what the whole chain holds: it has written them into the months."""


def names_erased(op: Operation, tombstones: AbstractSet[bytes]) -> bool:
    """Whether an operation speaks of an erased one: an edge does with either end; an erasure is always heard."""
    if op.kind == Kind.ERASE or not tombstones:
        return False
    other = op.fields.get(1) if op.kind == Kind.EDGE else None
    ends = (op.entity, other) if isinstance(other, bytes) else (op.entity,)
    return any(tombstone_key(end)[0] in tombstones for end in ends)


def needs(changes: Iterable[Change]) -> Needs:
    """What `merge` must be shown for these changes."""
    keys: set[Key] = set()
    entities: set[bytes] = set()
    for change in changes:
        keys.add(key_of(change))
        if change.op.kind == Kind.ERASE:
            entities.add(change.op.entity)
    return Needs(frozenset(keys), frozenset(entities))


def merge(view: View, changes: Iterable[Change]) -> Delta:
    """Apply changes in order over the view. Total: every well-formed change has an outcome."""
    return _Merging(view).run(changes)


class _Merging:
    """One merge under way: the view, what was changed over it, what to write.

    Nothing here may depend on the order of the changes: a restored hub orders again what its tills send again, and a
    member's edit or removal may come before its addition.
    """

    __slots__ = ("delta", "gone", "lost", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self.delta = Delta()
        self.gone: set[bytes] = set()
        self.lost: set[tuple[Key, int, Stamp]] = set()

    def run(self, changes: Iterable[Change]) -> Delta:
        tombstones, gone = self.view.tombstones, self.gone
        for change in changes:
            if (tombstones or gone) and self.is_erased(change.op):
                continue
            if is_known(change.op):
                self.apply(change)
            else:
                self.delta.parked.append(change)
        return self.delta

    def get(self, key: Key) -> Element | None:
        found = self.delta.puts.get(key)
        if found is not None:
            return found
        return None if key in self.delta.drops else self.view.elements.get(key)

    def put(self, element: Element) -> None:
        key = element.key
        self.delta.puts[key] = element
        self.delta.drops.discard(key)

    def drop(self, key: Key) -> None:
        self.delta.puts.pop(key, None)
        if key in self.view.elements:
            self.delta.drops.add(key)

    def is_erased(self, op: Operation) -> bool:
        return names_erased(op, self.view.tombstones) or names_erased(op, self.gone)

    def apply(self, change: Change) -> None:
        op, key = change.op, key_of(change)
        if op.verb == Verb.SET:
            self.set(change, key)
        elif op.verb == Verb.REMOVE:
            self.remove(change, key)
        elif op.verb == Verb.ERASE:
            self.erase(change, key)
        else:
            self.add(change, key)

    def add(self, change: Change, key: Key) -> None:
        """Create a row, add a member or an entry."""
        op, stamp = change.op, change.stamp
        here = self.get(key)
        values = {number: value for number, value in op.fields.items() if value is not None}
        if here is None:
            self.put(Element(op.kind, op.entity, key[2], stamp, values))
            return
        if here.is_removed:
            return
        shape = shape_of(op.kind)
        if shape is not None and shape.rule is Rule.ENTRY:
            # A fact stated twice is one fact: the earlier statement stands, at every replica.
            if stamp < here.base:
                self.put(Element(op.kind, op.entity, key[2], stamp, values))
            return
        losers = len(self.delta.losers)
        self.rebase(here, stamp)
        for number, value in values.items():
            self.set_field(key, number, value, stamp, None)
        if here.base == NO_STAMP:
            # Whoever set a field of it had seen this very addition.
            del self.delta.losers[losers:]

    def rebase(self, here: Element, stamp: Stamp) -> None:
        """An element that two replicas created under one id starts at the earlier of the two."""
        base = stamp if here.base == NO_STAMP else min(here.base, stamp)
        if base == here.base:
            return
        explicit = {number: here.stamp(number) for number in here.fields.keys() | here.stamps.keys()}
        stamps = {number: at for number, at in explicit.items() if at != base}
        self.put(Element(here.kind, here.entity, here.dot, base, here.fields, stamps))

    def set(self, change: Change, key: Key) -> None:
        """Set fields of a row, or of a member that still stands."""
        op, stamp = change.op, change.stamp
        here = self.get(key)
        if here is not None and here.is_removed:
            # The member was removed meanwhile by somebody who had not seen this edit: keep what it said.
            for number, value in op.fields.items():
                self.delta.losers.append(Loser(key, number, value, stamp, NO_STAMP))
            return
        if here is None:
            if not op.fields:
                return
            here = Element(op.kind, op.entity, key[2], NO_STAMP)
            self.put(here)
        for number, value in op.fields.items():
            self.set_field(key, number, value, stamp, op.replaces.get(number, here.base))

    def set_field(self, key: Key, number: int, value: Any, stamp: Stamp, seen: Stamp | None) -> None:
        """Let one value meet the one that stands; `seen` is the stamp that its author saw there."""
        here = self.get(key)
        assert here is not None, "a field is set on an element that stands"
        standing, since = here.fields.get(number), here.stamps.get(number, here.base)
        if seen is not None:
            self.settle(key, number, seen)
        if since == stamp and standing == value:
            return
        never_set = number not in here.fields and number not in here.stamps
        if never_set or wins(here.kind, number, (value, stamp), (standing, since)):
            if not never_set and seen != since:
                self.lose(lost(key, number, (standing, since), (value, stamp)))
            self.put(_with(here, number, value, stamp))
        else:
            self.lose(lost(key, number, (value, stamp), (standing, since)))

    def lose(self, loser: Loser) -> None:
        """Keep a value that lost."""
        self.delta.losers.append(loser)
        self.lost.add((loser.key, loser.number, loser.stamp))

    def settle(self, key: Key, number: int, seen: Stamp) -> None:
        """What the author of a value has seen is no disagreement, though it lost.

        Said of a value that stands already, too: where a feed is followed again, over rows that are newer, what was
        corrected comes again as well, and loses, before its correction does.
        """
        self.delta.settled.append((key, number, seen))
        if self.lost and (key, number, seen) in self.lost:
            self.delta.losers = [
                loser for loser in self.delta.losers if (loser.key, loser.number, loser.stamp) != (key, number, seen)
            ]

    def remove(self, change: Change, key: Key) -> None:
        """Empty a member for good; edits of it that the remover had not seen are kept as losers."""
        here, seen = self.get(key), change.op.replaces
        if here is not None:
            for number, since in here.stamps.items():
                at = seen.get(number, here.base)
                # An earlier stamp than the one seen is what that one replaced; but not of another site: what a copied
                # disk has seen, and sealed by itself, stands here under its copy's stamp, and others have edited that.
                if since > at or (since != at and since[1] != at[1]):
                    self.delta.losers.append(Loser(key, number, here.fields.get(number), since, change.stamp))
        for number, since in seen.items():
            self.settle(key, number, since)
        self.put(Element(change.op.kind, change.op.entity, key[2], NO_STAMP, _place(change.op)))

    def erase(self, change: Change, key: Key) -> None:
        """Cut an entity for ever: all that belongs to it goes, the hash of its id stays."""
        entity = change.op.entity
        here = self.get(key)
        if here is None or change.stamp < here.base:
            self.put(Element(Kind.ERASE, key[0], b"", change.stamp))
        for held in [*self.view.elements, *self.delta.puts]:
            element = self.get(held)
            if element is not None and _belongs(element, entity):
                self.drop(held)
        self.delta.losers = [loser for loser in self.delta.losers if loser.key[0] != entity]
        self.delta.erased.append(entity)
        self.gone.add(key[0])


_GUARDED = {
    (kind, number)
    for kind, shape in SHAPES.items()
    for number, one in shape.fields.items()
    if one.rule is FieldRule.GUARDED
}


def wins(kind: int, number: int, new: tuple[Any, Stamp], old: tuple[Any, Stamp]) -> bool:
    """Whether `new` (value, stamp) stands against `old`: a total order, the same wherever it is asked."""
    if (kind, number) in _GUARDED:
        return _guard_rank(new, old) > _guard_rank(old, new)
    if new[1] != old[1]:
        return new[1] > old[1]
    # Equal stamps with different values come only from a cloned card, before it is found out.
    return pack(new[0]) > pack(old[0])


def _guard_rank(one: tuple[Any, Stamp], other: tuple[Any, Stamp]) -> tuple[Any, ...]:
    """Rank of a guarded value against another: a refusal falls only to a grant that names it (or a later one)."""
    value, stamp = one
    strong, named = _guard(value, stamp)
    other_strong, other_named = _guard(*other)
    if strong and other_strong:
        return (0, stamp, pack(value))
    if strong:
        return (1 if stamp > other_named else 0,)
    if other_strong:
        return (1 if named >= other[1] else 0,)
    return (0, named, stamp, pack(value))


def _guard(value: Any, stamp: Stamp) -> tuple[bool, Stamp]:
    """(is it a refusal, which refusal does it name); anything that is not well formed counts as saying nothing.

    Nobody has seen what comes after their own word: a name from the future would lift refusals that are still to come.
    """
    if isinstance(value, tuple) and len(value) >= 2:
        return bool(value[0]), min(value[1], stamp) if is_stamp(value[1]) else NO_STAMP
    return False, NO_STAMP


def _with(here: Element, number: int, value: Any, stamp: Stamp) -> Element:
    """The element with one field set anew."""
    fields, stamps = dict(here.fields), dict(here.stamps)
    if value is None:
        fields.pop(number, None)
    else:
        fields[number] = value
    if stamp == here.base:
        stamps.pop(number, None)
    else:
        stamps[number] = stamp
    return Element(here.kind, here.entity, here.dot, here.base, fields, stamps)


def _place(op: Operation) -> dict[int, Any]:
    """What stays of a removed member: nothing, or the shop in whose digest it counts."""
    shop = op.fields.get(SHOP_NUMBER) if reach_of(op.kind) is Reach.SHOP else None
    return {} if shop is None else {SHOP_NUMBER: shop}


def _belongs(element: Element, entity: bytes) -> bool:
    """Whether an element goes when the entity is erased: all that it owns, and edges from the other end."""
    if element.kind == Kind.ERASE:
        return False
    return element.entity == entity or (element.kind == Kind.EDGE and element.fields.get(1) == entity)
