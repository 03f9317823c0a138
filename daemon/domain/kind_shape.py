"""What a kind is made of: how its elements merge, who holds them, what its fields may hold and what they identify.

Rules of a kind
  ROW      one element per entity; fields merge one by one (a field is a group: an address is one value)
  MEMBER   an add-wins set: one element per dot, owned by an entity; removal names the dots it has seen
  ENTRY    immutable, exactly once by dot (or by the fact it states); balances are sums of entries
  EDGE     a member that names two entities: two customers are one person
  ERASE    cuts an entity for ever

Rules of a field
  LAST     the newest stamp wins; a loser that its winner had not seen is kept
  GUARDED  a refusal falls only to a grant that names it: (refused, named stamp, ...)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Rule(IntEnum):
    """How elements of a kind merge."""

    ROW = 1
    MEMBER = 2
    ENTRY = 3
    ERASE = 4


class FieldRule(IntEnum):
    """How two values of one field merge."""

    LAST = 1
    GUARDED = 2


class Reach(IntEnum):
    """Which replicas hold a kind."""

    CHAIN = 0
    SHOP = 1
    SITE = 2


class Claim(IntEnum):
    """What a value identifies; several owners of one value make a contest that only the hub's award decides."""

    EMAIL = 1
    CODE = 2
    CARD = 3
    PHONE = 4
    MEMBER_NUMBER = 5
    OPERATOR_BADGE = 6
    PRODUCT = 7
    CREDIT_NOTE = 8
    COUPON = 9
    PROMO_CODE = 10
    ACCOUNT_NUMBER = 11


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldShape:
    """One field of a kind: its number on the wire, its name in the API, how it merges, what it may hold."""

    number: int
    name: str
    type: str = "text"
    rule: FieldRule = FieldRule.LAST
    claim: Claim | None = None
    searched: bool = False
    length_max: int = 200
    secret: bool = False
    """Shown to nobody, not even to who may see everything else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KindShape:
    """One kind: its rule, who holds it and its known fields by number."""

    kind: int
    rule: Rule
    reach: Reach = Reach.CHAIN
    fields: dict[int, FieldShape] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The number of the field called `name`; KeyError for a name that is not in the table."""
        for shape in self.fields.values():
            if shape.name == name:
                return shape.number
        raise KeyError(name)


def _of(kind: int, rule: Rule, reach: Reach, shapes: tuple[FieldShape, ...]) -> KindShape:
    table = {shape.number: shape for shape in shapes}
    assert len(table) == len(shapes), "a field number stands twice"
    return KindShape(kind=kind, rule=rule, reach=reach, fields=table)


def row(kind: int, *shapes: FieldShape) -> KindShape:
    """A row of its own, with these fields."""
    return _of(kind, Rule.ROW, Reach.CHAIN, shapes)


def member(kind: int, *shapes: FieldShape, reach: Reach = Reach.CHAIN) -> KindShape:
    """What belongs to a row, any number of times."""
    return _of(kind, Rule.MEMBER, reach, shapes)


def entry(kind: int, *shapes: FieldShape, reach: Reach = Reach.CHAIN) -> KindShape:
    """What is stated once and stays."""
    return _of(kind, Rule.ENTRY, reach, shapes)
