"""Types of customers, which carry a discount and a tax category: professionals, associations, employees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import CUSTOMER, SHAPES, Kind
from daemon.domain.plain_line import plain_line
from daemon.domain.rate import rate_of
from daemon.errors import NotFound, OperatorMistake

_SHAPE: Final = SHAPES[Kind.CUSTOMER_TYPE]
LABEL: Final = _SHAPE.number("label")
DISCOUNT: Final = _SHAPE.number("discount")
TAX_CATEGORY: Final = _SHAPE.number("tax_category")
EMPLOYEE: Final = _SHAPE.number("employee")
WITHDRAWN: Final = _SHAPE.number("withdrawn")

TYPE_OF: Final = CUSTOMER.number("customer_type")
LABEL_LENGTH_MAX: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerType:
    """A type of customers; `discount` in hundredths of a percent. A withdrawn one applies to nobody."""

    id: str
    label: str
    discount: int | None = None
    tax_category: str = ""
    employee: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerTypeEdit:
    """What becomes of a type; null empties a field, what is absent stays."""

    label: str | None = None
    discount: int | None = None
    tax_category: str | None = None
    employee: bool | None = None
    withdrawn: bool | None = None


def type_of(row: Element) -> CustomerType:
    """The type that a row says."""
    value = row.fields.get
    discount, label, tax = value(DISCOUNT), value(LABEL), value(TAX_CATEGORY)
    return CustomerType(
        id=row.entity.hex(),
        label=label if isinstance(label, str) else "",
        discount=discount if type(discount) is int else None,
        tax_category=tax if isinstance(tax, str) else "",
        employee=value(EMPLOYEE) == 1,
        withdrawn=is_withdrawn(value(WITHDRAWN)),
    )


def types_of(rows: Iterable[Element]) -> dict[str, CustomerType]:
    """All types by id."""
    return {row.entity.hex(): type_of(row) for row in rows if row.kind == Kind.CUSTOMER_TYPE}


def decide_type(
    here: Element | None, id_: EntityId, given: CustomerTypeEdit, present: frozenset[str], *, is_new: bool
) -> list[Operation]:
    """Make a type, or change one; raises NotFound, OperatorMistake."""
    values = _values(given, present)
    if (is_new or "label" in present) and not values.get(LABEL):
        raise OperatorMistake("label: the type has no label", field="label")
    if is_new:
        return [authoring.create(Kind.CUSTOMER_TYPE, id_, values)]
    if here is None:
        raise NotFound("no type of customers has this id", field="id")
    changed = {at: value for at, value in values.items() if says_other(here, at, value, WITHDRAWN)}
    return [authoring.change(here, changed)] if changed else []


def is_withdrawn(value: Any) -> bool:
    """Whether a guarded field stands on its refusing side."""
    return isinstance(value, tuple) and bool(value) and bool(value[0])


def says_other(here: Element, at: int, value: Any, guarded: int) -> bool:
    """Whether a value would change an element; a guard that was never set stands open."""
    standing = here.fields.get(at)
    if at == guarded:
        return is_withdrawn(value) != is_withdrawn(standing)
    return bool(standing != value)


def _values(given: CustomerTypeEdit, present: frozenset[str]) -> dict[int, Any]:
    values: dict[int, Any] = {}
    if "label" in present:
        values[LABEL] = plain_line(given.label or "", "label", LABEL_LENGTH_MAX) or None
    if "discount" in present:
        values[DISCOUNT] = rate_of(given.discount, "discount")
    if "tax_category" in present:
        values[TAX_CATEGORY] = plain_line(given.tax_category or "", "tax_category", 32) or None
    if "employee" in present:
        values[EMPLOYEE] = int(bool(given.employee))
    if given.withdrawn is not None:
        values[WITHDRAWN] = authoring.guard(strong=given.withdrawn)
    return values
