"""Groups of customers: what they carry, who is in them, and how one is deleted by naming what takes its place.

A deleted group stays as a redirect, and no customer's row changes: whoever was in it, and whoever joins it meanwhile at
a till that has not heard, is in its replacement. The default group is where everybody is who has no principal group: it
carries nothing and is not deleted. The principal group is always one of a customer's groups.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.calendar import day_text, is_within, parse_day
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import CUSTOMER, SHAPES, Kind
from daemon.domain.plain_line import plain_line
from daemon.domain.rate import rate_of
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake

_SHAPE: Final = SHAPES[Kind.GROUP]
LABEL: Final = _SHAPE.number("label")
REDIRECT: Final = _SHAPE.number("redirect")
COLOUR: Final = _SHAPE.number("colour")
MARK: Final = _SHAPE.number("mark")
DISCOUNT: Final = _SHAPE.number("discount")
PRICE_LIST: Final = _SHAPE.number("price_list")
PROMOTIONS: Final = _SHAPE.number("promotions")
TAX_CATEGORY: Final = _SHAPE.number("tax_category")
POSITION: Final = _SHAPE.number("position")

MEMBER_OF: Final = SHAPES[Kind.MEMBERSHIP].number("group")
PRINCIPAL: Final = CUSTOMER.number("principal_group")

_TEXTS: Final = tuple((_SHAPE.fields[at].name, at) for at in (LABEL, COLOUR, MARK, PRICE_LIST, TAX_CATEGORY))

DEFAULT: Final = EntityId(digest8(b"group/default"))
"""The same group at every till, whether or not head office has given it a name."""

PROMOTIONS_MAX: Final = 50
TEXT_LENGTH_MAX: Final = 100
POSITION_MAX: Final = 10_000
CARRIES: Final = ("discount", "price_list", "tax_category", "promotions")
"""What the default group does not have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """A discount (hundredths of a percent) between two days; on one product, one family, or on all."""

    label: str = ""
    discount: int
    product: str = ""
    family: str = ""
    from_day: str | None = None
    until_day: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group as it is shown and applied. `redirect`: it was deleted, and this one took its place."""

    id: str
    label: str = ""
    colour: str = ""
    mark: str = ""
    discount: int | None = None
    price_list: str = ""
    tax_category: str = ""
    promotions: tuple[Promotion, ...] = ()
    position: int = 0
    redirect: str = ""
    is_default: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupEdit:
    """What becomes of a group; null empties a field, what is absent stays."""

    label: str | None = None
    colour: str | None = None
    mark: str | None = None
    discount: int | None = None
    price_list: str | None = None
    tax_category: str | None = None
    promotions: tuple[Promotion, ...] | None = None
    position: int | None = None


def group_of(row: Element) -> Group:
    """The group that a row says."""
    value = row.fields.get
    redirect = value(REDIRECT)
    is_default = row.entity == DEFAULT
    discount, position = value(DISCOUNT), value(POSITION)
    found = Group(
        id=row.entity.hex(),
        label=_text(value(LABEL)),
        colour=_text(value(COLOUR)),
        mark=_text(value(MARK)),
        position=position if type(position) is int else 0,
        redirect=redirect.hex() if isinstance(redirect, bytes) and not is_default else "",
        is_default=is_default,
    )
    if is_default:
        return found
    return replace(
        found,
        discount=discount if type(discount) is int else None,
        price_list=_text(value(PRICE_LIST)),
        tax_category=_text(value(TAX_CATEGORY)),
        promotions=_promotions(value(PROMOTIONS)),
    )


def groups_of(rows: Iterable[Element]) -> dict[str, Group]:
    """All groups by id, deleted ones too; the default one is there in any case."""
    found = {row.entity.hex(): group_of(row) for row in rows if row.kind == Kind.GROUP}
    found.setdefault(DEFAULT.hex(), Group(id=DEFAULT.hex(), is_default=True))
    return found


def living(groups: Mapping[str, Group]) -> list[Group]:
    """The groups that were not deleted, in the order of head office."""
    order = sorted(groups.values(), key=lambda one: (not one.is_default, one.position, one.label, one.id))
    return [one for one in order if not one.redirect]


def resolve(groups: Mapping[str, Group], id_: str) -> str:
    """The group that stands in for one: itself, or what its redirects lead to; redirects in a ring lead to no terms.

    A group that this replica has not heard of yet is itself.
    """
    seen: set[str] = set()
    while id_ in groups and groups[id_].redirect:
        if id_ in seen:
            return DEFAULT.hex()
        seen.add(id_)
        id_ = groups[id_].redirect
    return id_


def memberships_of(here: Sequence[Element], groups: Mapping[str, Group]) -> tuple[str, ...]:
    """The groups that a customer is in, deleted ones replaced, each once; the principal one always among them."""
    found = {resolve(groups, group.hex()) for _, group in _joined(here)} | {principal_of(here, groups)}
    return tuple(sorted(found - {DEFAULT.hex()}))


def principal_of(here: Sequence[Element], groups: Mapping[str, Group]) -> str:
    """The customer's principal group; the default one where none was chosen."""
    row = _row(here)
    chosen = row.fields.get(PRINCIPAL) if row is not None else None
    return resolve(groups, chosen.hex()) if isinstance(chosen, bytes) else DEFAULT.hex()


def decide_new_group(id_: EntityId, given: GroupEdit, present: frozenset[str]) -> list[Operation]:
    """Make a group; raises OperatorMistake."""
    values = _values(given, present)
    if not values.get(LABEL):
        raise OperatorMistake("label: the group has no label", field="label")
    return [authoring.create(Kind.GROUP, id_, values)]


def decide_group(here: Element | None, id_: EntityId, given: GroupEdit, present: frozenset[str]) -> list[Operation]:
    """Change a group; raises NotFound, Forbidden, OperatorMistake."""
    if id_ == DEFAULT and present & set(CARRIES):
        raise Forbidden("the default group carries no terms: make another group for them")
    values = _values(given, present)
    if "label" in present and not values.get(LABEL):
        raise OperatorMistake("label: the group has no label", field="label")
    if here is None and id_ == DEFAULT:
        return [authoring.create(Kind.GROUP, id_, values)]
    if here is None or (group_of(here).redirect):
        raise NotFound("no group has this id", field="id")
    changed = {at: value for at, value in values.items() if here.fields.get(at) != value}
    return [authoring.change(here, changed)] if changed else []


def decide_deletion(here: Element | None, groups: Mapping[str, Group], replacement: str) -> list[Operation]:
    """Delete a group by naming what takes its place; raises NotFound, Forbidden, OperatorMistake."""
    named = parse_entity(replacement)
    if named is None or replacement not in groups:
        raise OperatorMistake("replacement: name the group that its members move to", field="replacement")
    if here is not None and here.entity == DEFAULT:
        raise Forbidden("the default group is not deleted")
    if here is None:
        raise NotFound("no group has this id", field="id")
    there, into = here.entity.hex(), resolve(groups, replacement)
    if there in (into, replacement):
        raise OperatorMistake("replacement: a group does not take its own place", field="replacement")
    if groups[there].redirect:
        if resolve(groups, there) == into:
            return []
        raise Conflicting("this group was deleted already, and another one took its place")
    return [authoring.change(here, {REDIRECT: bytes.fromhex(into)})]


def decide_joining(
    here: Sequence[Element], groups: Mapping[str, Group], group: str, *, principal: bool
) -> list[Operation]:
    """Put a customer into a group, as the principal one if asked; raises OperatorMistake."""
    row = _row(here)
    assert row is not None, "only a customer that is there joins"
    into = _named(groups, group)
    operations: list[Operation] = []
    if into != DEFAULT.hex() and into not in {resolve(groups, joined.hex()) for _, joined in _joined(here)}:
        operations.append(authoring.add(Kind.MEMBERSHIP, row.entity, {MEMBER_OF: bytes.fromhex(into)}))
    if principal and principal_of(here, groups) != into:
        operations.append(authoring.change(row, {PRINCIPAL: None if into == DEFAULT.hex() else bytes.fromhex(into)}))
    return operations


def decide_leaving(here: Sequence[Element], groups: Mapping[str, Group], group: str) -> list[Operation]:
    """Take a customer out of a group, under whatever deleted group they joined it; raises NotFound."""
    row = _row(here)
    assert row is not None, "only a customer that is there leaves"
    out = resolve(groups, group)
    if out not in memberships_of(here, groups):
        raise NotFound("the customer is not in this group", field="group")
    operations = [authoring.remove(member) for member, joined in _joined(here) if resolve(groups, joined.hex()) == out]
    if principal_of(here, groups) == out:
        operations.append(authoring.change(row, {PRINCIPAL: None}))
    return operations


def in_force(promotion: Promotion, day: int) -> bool:
    """Whether a promotion stands on a day."""
    return is_within(day, parse_day(promotion.from_day, "from_day"), parse_day(promotion.until_day, "until_day"))


def _named(groups: Mapping[str, Group], group: str) -> str:
    if parse_entity(group) is None or group not in groups:
        raise OperatorMistake("group: no group has this id", field="group")
    return resolve(groups, group)


def _values(given: GroupEdit, present: frozenset[str]) -> dict[int, Any]:
    values: dict[int, Any] = {}
    for name, at in _TEXTS:
        if name in present:
            length = min(_SHAPE.fields[at].length_max, TEXT_LENGTH_MAX)
            values[at] = plain_line(getattr(given, name) or "", name, length) or None
    if "discount" in present:
        values[DISCOUNT] = rate_of(given.discount, "discount")
    if "promotions" in present:
        values[PROMOTIONS] = _stored_promotions(given.promotions or ())
    if "position" in present:
        if not 0 <= (given.position or 0) <= POSITION_MAX:
            raise OperatorMistake(f"position: a number from 0 to {POSITION_MAX}", field="position")
        values[POSITION] = given.position
    return values


def _stored_promotions(given: Sequence[Promotion]) -> tuple[tuple[Any, ...], ...] | None:
    """Promotions as rows hold them: (label, discount, product, family, from, until)."""
    if len(given) > PROMOTIONS_MAX:
        raise OperatorMistake(f"promotions: a group has at most {PROMOTIONS_MAX} of them", field="promotions")
    found: list[tuple[Any, ...]] = []
    for at, one in enumerate(given):
        where = f"promotions[{at}]"
        begin, end = parse_day(one.from_day, f"{where}.from_day"), parse_day(one.until_day, f"{where}.until_day")
        if begin is not None and end is not None and end < begin:
            raise OperatorMistake(f"{where}.until_day: the promotion ends before it begins", field=f"{where}.until_day")
        rate = rate_of(one.discount, f"{where}.discount")
        label = plain_line(one.label, f"{where}.label", TEXT_LENGTH_MAX)
        product = plain_line(one.product, f"{where}.product", 64)
        family = plain_line(one.family, f"{where}.family", 64)
        found.append((label, rate, product, family, begin, end))
    return tuple(found) or None


def _promotions(stored: Any) -> tuple[Promotion, ...]:
    """The promotions of a row; what no version of ours wrote is left out."""
    found = []
    for one in stored if isinstance(stored, tuple) else ():
        if isinstance(one, tuple) and len(one) >= 6 and type(one[1]) is int:
            label, discount, product, family, begin, end = one[:6]
            found.append(
                Promotion(
                    label=_text(label),
                    discount=discount,
                    product=_text(product),
                    family=_text(family),
                    from_day=day_text(begin if type(begin) is int else None),
                    until_day=day_text(end if type(end) is int else None),
                )
            )
    return tuple(found)


def _joined(here: Sequence[Element]) -> list[tuple[Element, bytes]]:
    """The memberships of a customer with the group that each names."""
    members = [(one, one.fields.get(MEMBER_OF)) for one in here if one.kind == Kind.MEMBERSHIP]
    return [(member, group) for member, group in members if isinstance(group, bytes)]


def _row(here: Sequence[Element]) -> Element | None:
    return next((one for one in here if one.kind == Kind.CUSTOMER), None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
