"""Price lists of the chain, and prices of named products: of a list, or of one customer.

A list is named by its code, of which its id is the hash. Amounts are cents with taxes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.calendar import day_text, is_within, parse_day
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.customer_type import is_withdrawn, says_other
from daemon.domain.element import Element, Key
from daemon.domain.ids import parse_entity
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOMER, SHAPES, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.plain_line import plain_line
from daemon.domain.products import code_of
from daemon.domain.rate import rate_of
from daemon.errors import NotFound, OperatorMistake

_SHAPE: Final = SHAPES[Kind.PRICE_LIST]
CODE: Final = _SHAPE.number("code")
LABEL: Final = _SHAPE.number("label")
DISCOUNT: Final = _SHAPE.number("discount")
WITHDRAWN: Final = _SHAPE.number("withdrawn")

_PRICE: Final = SHAPES[Kind.PRICE]
PRODUCT: Final = _PRICE.number("product")
AMOUNT: Final = _PRICE.number("price")
RATE: Final = _PRICE.number("discount")
FROM: Final = _PRICE.number("from_day")
UNTIL: Final = _PRICE.number("until_day")

LIST_OF: Final = CUSTOMER.number("price_list")
CODE_LENGTH_MAX: Final = _SHAPE.fields[CODE].length_max
LABEL_LENGTH_MAX: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceList:
    """A price list; its `discount` is for products that it does not name. A withdrawn one applies to nobody."""

    id: str
    code: str
    label: str = ""
    discount: int | None = None
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceListEdit:
    """What becomes of a price list; null empties a field, what is absent stays."""

    label: str | None = None
    discount: int | None = None
    withdrawn: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecialPrice:
    """What one product costs somebody: an amount, or a discount, between two days.

    `agreed_at` and `agreed_by`: when it was last said, and by whom, where that is asked.
    """

    id: str
    product: str
    price_cents: int | None = None
    discount: int | None = None
    from_day: str | None = None
    until_day: str | None = None
    agreed_at: str = ""
    agreed_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPrice:
    """A price to keep: either `price_cents` or `discount`."""

    product: str
    price_cents: int | None = None
    discount: int | None = None
    from_day: str | None = None
    until_day: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceEdit:
    """What becomes of a price; the product stays."""

    price_cents: int | None = None
    discount: int | None = None
    from_day: str | None = None
    until_day: str | None = None


def list_key(code: str) -> Key:
    """Where the price list of a code is stored."""
    return (digest8(b"price list/" + normal_form(Claim.PRODUCT, code).encode("utf-8")), Kind.PRICE_LIST, b"")


def list_code_of(typed: str) -> str:
    """A price list's code as it is kept; raises OperatorMistake."""
    found = plain_line(typed, "code", CODE_LENGTH_MAX)
    if not found:
        raise OperatorMistake("code: the price list has no code", field="code")
    return found


def list_of(row: Element) -> PriceList:
    """The price list that a row says."""
    value = row.fields.get
    code, label, discount = value(CODE), value(LABEL), value(DISCOUNT)
    return PriceList(
        id=row.entity.hex(),
        code=code if isinstance(code, str) else "",
        label=label if isinstance(label, str) else "",
        discount=discount if type(discount) is int else None,
        withdrawn=is_withdrawn(value(WITHDRAWN)),
    )


def price_of(member: Element) -> SpecialPrice:
    """The price that a member says."""
    value = member.fields.get
    product = value(PRODUCT)
    return SpecialPrice(
        id=member.dot.hex(),
        product=product if isinstance(product, str) else "",
        price_cents=_number(value(AMOUNT)),
        discount=_number(value(RATE)),
        from_day=day_text(_number(value(FROM))),
        until_day=day_text(_number(value(UNTIL))),
    )


def prices_of(here: Iterable[Element]) -> list[SpecialPrice]:
    """The prices among some elements, by product and day."""
    found = [price_of(one) for one in here if one.kind == Kind.PRICE]
    return sorted(found, key=lambda one: (one.product, one.from_day or "", one.id))


def price_in_force(here: Iterable[Element], product: str, day: int) -> SpecialPrice | None:
    """What of some elements holds for a product on a day: of several, the one that began last, then was said last."""
    sought = normal_form(Claim.PRODUCT, product)
    standing = [
        (_number(one.fields.get(FROM)) or 0, max([one.base, *one.stamps.values()]), one.dot, one)
        for one in here
        if one.kind == Kind.PRICE
        and normal_form(Claim.PRODUCT, price_of(one).product) == sought
        and is_within(day, _number(one.fields.get(FROM)), _number(one.fields.get(UNTIL)))
    ]
    return price_of(max(standing)[3]) if standing else None


def decide_list(here: Element | None, code: str, given: PriceListEdit, present: frozenset[str]) -> list[Operation]:
    """Make a price list, or change the one of this code; raises OperatorMistake."""
    values: dict[int, Any] = {}
    if "label" in present:
        values[LABEL] = plain_line(given.label or "", "label", LABEL_LENGTH_MAX) or None
    if "discount" in present:
        values[DISCOUNT] = rate_of(given.discount, "discount")
    if given.withdrawn is not None:
        values[WITHDRAWN] = authoring.guard(strong=given.withdrawn)
    if here is None:
        return [authoring.create(Kind.PRICE_LIST, list_key(code)[0], {CODE: list_code_of(code), **values})]
    changed = {at: value for at, value in values.items() if says_other(here, at, value, WITHDRAWN)}
    return [authoring.change(here, changed)] if changed else []


def decide_new_price(owner: bytes, given: NewPrice) -> list[Operation]:
    """Name what a product costs; `owner` is a customer or a price list. Raises OperatorMistake."""
    edit = PriceEdit(
        price_cents=given.price_cents, discount=given.discount, from_day=given.from_day, until_day=given.until_day
    )
    values = _price_values(edit, frozenset({"price_cents", "discount", "from_day", "until_day"}))
    _refuse_unclear(values)
    return [authoring.add(Kind.PRICE, owner, {PRODUCT: code_of(given.product), **values})]


def decide_price(here: Sequence[Element], id_: str, given: PriceEdit, present: frozenset[str]) -> list[Operation]:
    """Change a price; raises NotFound, OperatorMistake."""
    member = price_named(here, id_)
    values = _price_values(given, present)
    _refuse_unclear({**member.fields, **values})
    changed = {at: value for at, value in values.items() if member.fields.get(at) != value}
    return [authoring.change(member, changed)] if changed else []


def price_named(here: Sequence[Element], id_: str) -> Element:
    """The price with this id; raises NotFound."""
    dot = parse_entity(id_)
    found = next((one for one in here if one.kind == Kind.PRICE and one.dot == dot), None)
    if found is None:
        raise NotFound("there is no such price", field="member")
    return found


def _price_values(given: PriceEdit, present: frozenset[str]) -> dict[int, Any]:
    values: dict[int, Any] = {}
    if "price_cents" in present:
        if given.price_cents is not None and not 0 <= given.price_cents <= AMOUNT_MAX:
            raise OperatorMistake("price_cents: a price is not negative, and has a bound", field="price_cents")
        values[AMOUNT] = given.price_cents
    if "discount" in present:
        values[RATE] = rate_of(given.discount, "discount")
    if "from_day" in present:
        values[FROM] = parse_day(given.from_day, "from_day")
    if "until_day" in present:
        values[UNTIL] = parse_day(given.until_day, "until_day")
    return values


def _refuse_unclear(values: dict[int, Any]) -> None:
    if (values.get(AMOUNT) is None) == (values.get(RATE) is None):
        raise OperatorMistake("price_cents: give either a price or a discount", field="price_cents")
    begin, end = values.get(FROM), values.get(UNTIL)
    if begin is not None and end is not None and end < begin:
        raise OperatorMistake("until_day: the price ends before it begins", field="until_day")


def _number(value: Any) -> int | None:
    return value if type(value) is int else None
