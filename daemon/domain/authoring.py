"""Turns what somebody wants into operations that carry what their author saw."""

from collections.abc import Iterable, Mapping
from typing import Any

from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element, reach_of, shop_in
from daemon.domain.hlc import Stamp
from daemon.domain.kind_shape import FieldRule, Reach
from daemon.domain.kinds import SHOP_NUMBER, field_shape


def create(kind: int, entity: bytes, fields: Mapping[int, Any]) -> Operation:
    """A new row; fields without a value are left out."""
    return Operation(
        kind, entity, Verb.CREATE, {number: value for number, value in fields.items() if value is not None}
    )


def add(kind: int, owner: bytes, fields: Mapping[int, Any], *, fact: bytes = b"") -> Operation:
    """A new member of a set, or an entry; `fact` (8 bytes) names what an entry states, so that it counts once."""
    return Operation(kind, owner, Verb.ADD, {n: value for n, value in fields.items() if value is not None}, {}, fact)


def change(here: Element, fields: Mapping[int, Any]) -> Operation:
    """Set fields of a row or member as it is seen now; None empties a field."""
    replaces = {number: here.stamp(number) for number in fields if here.stamp(number) != here.base}
    values = {number: _guarded(here, number, value) for number, value in fields.items()} | _place_of(here)
    return Operation(here.kind, here.entity, Verb.SET, values, replaces, here.dot)


def choose(here: Element, number: int, value: Any, rivals: Iterable[Stamp]) -> list[Operation]:
    """Set a field to one of several values that met there; each of the others is named as seen.

    What somebody has chosen between is no disagreement any more, at any replica.
    """
    chosen = change(here, {number: value})
    seen = [
        Operation(chosen.kind, chosen.entity, chosen.verb, chosen.fields, {number: rival}, chosen.dot)
        for rival in sorted(rivals)
    ]
    return [*seen, chosen]


def remove(here: Element) -> Operation:
    """Drop a member as it is seen now: with the stamp of each field that was set since it was added."""
    return Operation(here.kind, here.entity, Verb.REMOVE, _place_of(here), dict(here.stamps), here.dot)


def _place_of(here: Element) -> dict[int, Any]:
    """What says whose feed an element belongs to: the shop of what one shop holds."""
    return {SHOP_NUMBER: shop_in(here.fields)} if reach_of(here.kind) is Reach.SHOP else {}


def erase(kind: int, entity: bytes) -> Operation:
    """Cut an entity for ever."""
    return Operation(kind, entity, Verb.ERASE)


def guard(*, strong: bool, details: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """A guarded value: `strong` is the refusal (blocked, archived, consent refused); `change` names what it lifts."""
    return (strong, None, *details)


def _guarded(here: Element, number: int, value: Any) -> Any:
    """A grant must name the refusal that it lifts; one that follows a grant names what that one named."""
    shape = field_shape(here.kind, number)
    if shape is None or shape.rule is not FieldRule.GUARDED or not isinstance(value, tuple) or value[0]:
        return value
    standing = here.fields.get(number)
    return (False, _named_by(standing, here.stamp(number)), *value[2:])


def _named_by(standing: Any, since: Stamp) -> Stamp | None:
    if not isinstance(standing, tuple):
        return None
    if standing[0]:
        return since
    named: Stamp | None = standing[1]
    return named
