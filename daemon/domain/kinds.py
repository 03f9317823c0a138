"""The one table of kinds and fields. Numbers are wire and stored data: never reused, never changed.

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

from dataclasses import dataclass, field
from enum import IntEnum


class Kind(IntEnum):
    """What an operation speaks of. 1–63: things that belong to a customer or an account; from 64: the chain's own."""

    CUSTOMER = 1
    CARD = 2
    NOTE = 3
    TAG = 4
    ADDRESS = 5
    MEMBERSHIP = 6
    EDGE = 7
    ERASE = 8
    AWARD = 9
    WISH = 10
    ENTRY = 16
    RIGHT = 17
    CLOSE = 18
    OPERATOR = 64
    SHOP = 65
    SITE = 66
    POLICY = 67
    GROUP = 68
    PRODUCT = 69
    CUSTOM_FIELD = 70
    LEVEL = 71
    SALE = 72
    MONTH = 73
    SALE_LINES = 74
    HELD_TICKET = 75


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


@dataclass(frozen=True, kw_only=True, slots=True)
class KindShape:
    """One kind: its rule, who holds it and its known fields by number."""

    kind: Kind
    rule: Rule
    reach: Reach = Reach.CHAIN
    fields: dict[int, FieldShape] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The number of the field called `name`; KeyError for a name that is not in the table."""
        for shape in self.fields.values():
            if shape.name == name:
                return shape.number
        raise KeyError(name)


def _fields(*shapes: FieldShape) -> dict[int, FieldShape]:
    table = {shape.number: shape for shape in shapes}
    assert len(table) == len(shapes), "a field number stands twice"
    return table


def _field(number: int, name: str, type_: str = "text", **more: object) -> FieldShape:
    return FieldShape(number=number, name=name, type=type_, **more)  # type: ignore[arg-type]  # the table below is read by people


CHANNELS = ("newsletter", "contests", "email", "sms", "phone", "post")
"""The consents of B9, in the order of their field numbers from 30 on."""

CUSTOM_FIELDS_FROM = 1000
"""Field numbers that head office gives to the chain's own fields."""

CUSTOMER = KindShape(
    kind=Kind.CUSTOMER,
    rule=Rule.ROW,
    fields=_fields(
        _field(1, "kind", "choice"),
        _field(2, "name", "texts", searched=True),
        _field(3, "civility", length_max=20),
        _field(4, "company_name", searched=True),
        _field(5, "siret", length_max=14, searched=True),
        _field(6, "vat_number", length_max=20),
        _field(7, "code", claim=Claim.CODE, searched=True, length_max=32),
        _field(8, "email", claim=Claim.EMAIL, searched=True, length_max=254),
        _field(9, "mobile", claim=Claim.PHONE, searched=True, length_max=20),
        _field(10, "phone", claim=Claim.PHONE, searched=True, length_max=20),
        _field(11, "address", "texts", searched=True),
        _field(12, "birthday", "numbers"),
        _field(13, "language", length_max=8),
        _field(14, "member_number", claim=Claim.MEMBER_NUMBER, searched=True, length_max=32),
        _field(15, "account", "id"),
        _field(16, "archived", "guard", rule=FieldRule.GUARDED),
        _field(17, "blocked", "guard", rule=FieldRule.GUARDED),
        _field(18, "bad_address", "stamp"),
        _field(19, "price_list", length_max=32),
        _field(20, "principal_group", "id"),
        _field(21, "customer_type", "id"),
        _field(22, "preferred_channel", length_max=16),
        _field(23, "walk_in_of", "number"),
        _field(24, "deleted", "choice"),
        *(_field(30 + at, f"consent_{name}", "guard", rule=FieldRule.GUARDED) for at, name in enumerate(CHANNELS)),
    ),
)

SHAPES: dict[int, KindShape] = {
    shape.kind: shape
    for shape in (
        CUSTOMER,
        KindShape(
            kind=Kind.CARD,
            rule=Rule.MEMBER,
            fields=_fields(
                _field(1, "number", claim=Claim.CARD, searched=True, length_max=64),
                _field(2, "medium", length_max=16),
                _field(3, "blocked", "guard", rule=FieldRule.GUARDED),
                _field(4, "since", "number"),
                _field(5, "state", length_max=16),
            ),
        ),
        KindShape(
            kind=Kind.NOTE,
            rule=Rule.MEMBER,
            fields=_fields(
                _field(1, "text", length_max=4000),
                _field(2, "show_at_till", "number"),
                _field(3, "done", "number"),
                _field(4, "written_ms", "number"),
                _field(5, "author", length_max=64),
            ),
        ),
        KindShape(kind=Kind.TAG, rule=Rule.MEMBER, fields=_fields(_field(1, "tag", searched=True, length_max=64))),
        KindShape(
            kind=Kind.ADDRESS,
            rule=Rule.MEMBER,
            fields=_fields(_field(1, "address", "texts"), _field(2, "label", length_max=64)),
        ),
        KindShape(kind=Kind.MEMBERSHIP, rule=Rule.MEMBER, fields=_fields(_field(1, "group", "id"))),
        KindShape(kind=Kind.EDGE, rule=Rule.MEMBER, fields=_fields(_field(1, "other", "id"))),
        KindShape(kind=Kind.ERASE, rule=Rule.ERASE),
        KindShape(
            kind=Kind.AWARD,
            rule=Rule.MEMBER,
            fields=_fields(_field(1, "claim", "number"), _field(2, "value", length_max=254)),
        ),
        KindShape(kind=Kind.WISH, rule=Rule.MEMBER, fields=_fields(_field(1, "product", length_max=64))),
        KindShape(
            kind=Kind.ENTRY,
            rule=Rule.ENTRY,
            fields=_fields(
                _field(1, "book", "number"),
                _field(2, "amount", "number"),
                _field(3, "cause", length_max=32),
                _field(4, "sale", length_max=64),
                _field(5, "holder", "holder"),
            ),
        ),
        KindShape(
            kind=Kind.RIGHT,
            rule=Rule.ENTRY,
            reach=Reach.SITE,
            fields=_fields(
                _field(1, "book", "number"),
                _field(2, "amount", "number"),
                _field(3, "cause", length_max=32),
                _field(5, "holder", "holder"),
            ),
        ),
        KindShape(
            kind=Kind.OPERATOR,
            rule=Rule.ROW,
            fields=_fields(
                _field(1, "display_name"),
                _field(2, "role", length_max=32),
                _field(3, "pin"),
                _field(4, "badge", claim=Claim.OPERATOR_BADGE, length_max=64),
                _field(5, "revoked", "guard", rule=FieldRule.GUARDED),
                _field(6, "kind", length_max=16),
            ),
        ),
        KindShape(kind=Kind.SHOP, rule=Rule.ROW, fields=_fields(_field(1, "number", "number"), _field(2, "label"))),
        KindShape(
            kind=Kind.SITE,
            rule=Rule.ROW,
            fields=_fields(_field(1, "site", "number"), _field(2, "shop", "number"), _field(3, "label")),
        ),
        KindShape(kind=Kind.POLICY, rule=Rule.ROW, fields=_fields(_field(1, "value", length_max=8000))),
        KindShape(kind=Kind.GROUP, rule=Rule.ROW, fields=_fields(_field(1, "label"), _field(2, "redirect", "id"))),
    )
}

MUST_KNOW = max(SHAPES)
"""The level that this version can author and read; higher kinds are parked."""

BOOK_POINTS, BOOK_CREDIT, BOOK_DEBT = 1, 2, 3
"""The books of an account."""


def shape_of(kind: int) -> KindShape | None:
    """The shape of a kind, or None for one of a newer version: it is parked, never dropped."""
    return SHAPES.get(kind)


def field_shape(kind: int, number: int) -> FieldShape | None:
    """The shape of a field, or None for one of a newer version: it is kept and relayed."""
    shape = SHAPES.get(kind)
    return shape.fields.get(number) if shape else None
