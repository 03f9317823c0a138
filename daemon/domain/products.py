"""Products as head office lists them: a draft from a form or a file, the operations that it comes to, what is shown.

A product is named by its code: its id is the hash of it, so that a file that is read twice, or on two machines, speaks
of one product. Prices are cents with taxes, VAT is in hundredths of a percent (2000 is 20 %).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.element import Element, Key
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import SHAPES, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.payment_card import is_payment_card
from daemon.domain.plain_line import plain_line
from daemon.errors import OperatorMistake

_SHAPE: Final = SHAPES[Kind.PRODUCT]
CODE: Final = _SHAPE.number("code")
LABEL: Final = _SHAPE.number("label")
PRICE: Final = _SHAPE.number("price")
VAT: Final = _SHAPE.number("vat")
DISCOUNTABLE: Final = _SHAPE.number("discountable")
LABOUR: Final = _SHAPE.number("labour")
FAMILY: Final = _SHAPE.number("family")
BARCODES: Final = _SHAPE.number("barcodes")
WITHDRAWN: Final = _SHAPE.number("withdrawn")

CODE_LENGTH_MAX: Final = _SHAPE.fields[CODE].length_max
LABEL_LENGTH_MAX: Final = _SHAPE.fields[LABEL].length_max
FAMILY_LENGTH_MAX: Final = _SHAPE.fields[FAMILY].length_max
BARCODE_LENGTH_MAX: Final = 64
BARCODES_MAX: Final = 20
VAT_MAX: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductDraft:
    """A product as a form or a line of a file gives it; what is None is not told, and changes nothing.

    An empty label, family or list of barcodes empties the field.
    """

    code: str
    label: str | None = None
    price_cents: int | None = None
    vat: int | None = None
    """Hundredths of a percent."""
    discountable: bool | None = None
    labour: bool | None = None
    family: str | None = None
    barcodes: tuple[str, ...] | None = None
    withdrawn: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A product as it is shown and priced. Nothing said: discountable, no labour."""

    id: str
    code: str
    label: str
    price_cents: int | None
    vat: int | None
    discountable: bool
    labour: bool
    family: str
    barcodes: tuple[str, ...]
    withdrawn: bool

    @property
    def takes_discounts(self) -> bool:
        """Whether rules may make it cheaper: labour and what was excepted never are."""
        return self.discountable and not self.labour


def product_key(code: str) -> Key:
    """Where the product of a code is stored; spaces and small letters make no other code."""
    return (digest8(b"product/" + normal_form(Claim.PRODUCT, code).encode("utf-8")), Kind.PRODUCT, b"")


def decide_product(here: Element | None, given: ProductDraft) -> list[Operation]:
    """The operations that make a product be what a draft says; none when it is so already.

    `here` is the element at `product_key(given.code)`. Raises OperatorMistake naming the field at fault.
    """
    values = _values(given)
    if here is None:
        if not values.get(LABEL):
            raise OperatorMistake("label: a new product has no label", field="label")
        return [authoring.create(Kind.PRODUCT, product_key(given.code)[0], {CODE: code_of(given.code), **values})]
    changed = {at: value for at, value in values.items() if _is_other(here, at, value)}
    return [authoring.change(here, changed)] if changed else []


def codes_of(given: ProductDraft) -> tuple[str, ...]:
    """What a draft claims: its code and its barcodes, as they are looked up. Somebody else's make a mistake."""
    return tuple(
        dict.fromkeys(
            normal_form(Claim.PRODUCT, code) for code in (given.code, *(given.barcodes or ())) if code.strip()
        )
    )


def code_of(typed: str) -> str:
    """A product's code as it is kept; raises OperatorMistake."""
    found = " ".join(typed.split())
    if not found:
        raise OperatorMistake("code: the product has no code", field="code")
    if len(found) > CODE_LENGTH_MAX:
        raise OperatorMistake(f"code: a product's code has at most {CODE_LENGTH_MAX} characters", field="code")
    if is_payment_card(found):
        raise OperatorMistake("code: this is the number of a payment card", field="code")
    return found


def product_of(row: Element) -> Product:
    """The product that an element is."""
    fields: Mapping[int, Any] = row.fields
    barcodes = fields.get(BARCODES)
    withdrawn = fields.get(WITHDRAWN)
    return Product(
        id=row.entity.hex(),
        code=_text(fields.get(CODE)),
        label=_text(fields.get(LABEL)),
        price_cents=_number(fields.get(PRICE)),
        vat=_number(fields.get(VAT)),
        discountable=fields.get(DISCOUNTABLE) != 0,
        labour=fields.get(LABOUR) == 1,
        family=_text(fields.get(FAMILY)),
        barcodes=tuple(code for code in barcodes if isinstance(code, str)) if isinstance(barcodes, tuple) else (),
        withdrawn=isinstance(withdrawn, tuple) and bool(withdrawn) and bool(withdrawn[0]),
    )


def products_of(rows: Iterable[Element]) -> list[Product]:
    """The products among some elements, by code."""
    return sorted((product_of(row) for row in rows if row.kind == Kind.PRODUCT), key=lambda one: (one.code, one.id))


def _values(given: ProductDraft) -> dict[int, Any]:
    """What a draft tells, as rows hold it; raises OperatorMistake."""
    code_of(given.code)
    values: dict[int, Any] = {**_texts(given), **_numbers(given)}
    if given.barcodes is not None:
        values[BARCODES] = _barcodes(given.barcodes)
    flags = ((DISCOUNTABLE, given.discountable), (LABOUR, given.labour))
    values |= {at: int(flag) for at, flag in flags if flag is not None}
    if given.withdrawn is not None:
        values[WITHDRAWN] = authoring.guard(strong=given.withdrawn)
    return values


def _texts(given: ProductDraft) -> dict[int, str | None]:
    values: dict[int, str | None] = {}
    if given.label is not None:
        values[LABEL] = plain_line(given.label, "label", LABEL_LENGTH_MAX)
        if not values[LABEL]:
            raise OperatorMistake("label: the product has no label", field="label")
    if given.family is not None:
        values[FAMILY] = plain_line(given.family, "family", FAMILY_LENGTH_MAX) or None
    return values


def _numbers(given: ProductDraft) -> dict[int, int]:
    values: dict[int, int] = {}
    if given.price_cents is not None:
        if not 0 <= given.price_cents <= AMOUNT_MAX:
            raise OperatorMistake("price_cents: a price is not negative, and has a bound", field="price_cents")
        values[PRICE] = given.price_cents
    if given.vat is not None:
        if not 0 <= given.vat <= VAT_MAX:
            raise OperatorMistake("vat: hundredths of a percent, from 0 to 10000", field="vat")
        values[VAT] = given.vat
    return values


def _barcodes(typed: Iterable[str]) -> tuple[str, ...] | None:
    codes = tuple(dict.fromkeys("".join(code.split()) for code in typed if code.strip()))
    if len(codes) > BARCODES_MAX:
        raise OperatorMistake(f"barcodes: a product has at most {BARCODES_MAX} barcodes", field="barcodes")
    for code in codes:
        if len(code) > BARCODE_LENGTH_MAX:
            raise OperatorMistake(f"barcodes: a barcode has at most {BARCODE_LENGTH_MAX} characters", field="barcodes")
        if is_payment_card(code):
            raise OperatorMistake("barcodes: this is the number of a payment card", field="barcodes")
    return codes or None


def _is_other(here: Element, at: int, value: Any) -> bool:
    """Whether a value says something else than the element; a guard that was never set stands open."""
    standing = here.fields.get(at)
    if at == WITHDRAWN:
        return bool(value[0]) != (isinstance(standing, tuple) and bool(standing[0]))
    return bool(standing != value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if type(value) is int else None
