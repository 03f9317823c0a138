"""What applies to a basket, as the API asks and answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from daemon.desk.customer import row_of
from daemon.desk.customer_fields import line
from daemon.domain.canonical import digest8
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.leaving import is_deleted
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.pricing import AskedLine, LineTerms, Override, applies, beyond
from daemon.domain.rate import rate_of
from daemon.domain.sale import LABEL_LENGTH_MAX, LINES_MAX, QUANTITY_MAX
from daemon.errors import NotFound, OperatorMistake
from daemon.store import elements, terms
from daemon.store.database import Connection

REASON_LENGTH_MAX: Final = 100
CODE_LENGTH_MAX: Final = 64
CODES_MAX: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """What is asked about: lines, and codes of coupons or promotions that were scanned for them."""

    lines: tuple[AskedLine, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleTerms:
    """What applies to a sale, line by line, each with its reasons; `total` is absent where a price is not known.

    `approval_needed`: so much (hundredths of a percent) do overrides go beyond the rules; posting them takes a second
    person where the caller's role does not reach so far. `rules` names what the answer rests on: the same text, the
    same rules. `loyalty`: points, coupons and what else the customer has.
    """

    customer: str
    day: str
    lines: tuple[LineTerms, ...]
    total: int | None
    approval_needed: int
    rules: str
    loyalty: Any = None


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines under the rules: as they stand with overrides, and as they would stand without."""

    lines: tuple[LineTerms, ...]
    usual: tuple[LineTerms, ...]
    rules: str

    @property
    def total(self) -> int | None:
        """The sum of the lines; None where a price is not known."""
        amounts = [one.amount for one in self.lines]
        return None if None in amounts else sum(amount for amount in amounts if amount is not None)

    @property
    def beyond(self) -> int:
        """How far overrides go beyond the rules, in hundredths of a percent."""
        return max(
            (beyond(one.amount, other.amount) for one, other in zip(self.lines, self.usual, strict=True)), default=0
        )


def price(conn: Connection, here: Sequence[Element], asked: Sequence[AskedLine], day: int) -> Priced:
    """Apply the rules to the lines of a customer's sale on a day; raises OperatorMistake."""
    if len(asked) > LINES_MAX:
        raise OperatorMistake(f"lines: a sale has at most {LINES_MAX} lines", field="lines")
    lines = [_checked(one, f"lines[{at}]") for at, one in enumerate(asked)]
    found = terms.terms_of(conn, here)
    products = terms.products_named(conn, dict.fromkeys(one.product for one in lines if one.product))
    bare = [replace(one, override=None) for one in lines]
    rules = digest8(repr((found, sorted(products.items()))).encode("utf-8")).hex()
    return Priced(
        lines=tuple(applies(found, lines, products, day)),
        usual=tuple(applies(found, bare, products, day)),
        rules=rules,
    )


def served(conn: Connection, customer: EntityId, *, even_deleted: bool = False) -> list[Element]:
    """All that belongs to a customer who is served; raises NotFound. What was sold was sold, whoever is deleted."""
    here = elements.elements_of(conn, customer)
    row = row_of(here)
    if row is None or (is_deleted(row) and not even_deleted):
        raise NotFound("customer: no customer has this id", field="customer")
    return here


def codes_of(typed: Sequence[str]) -> tuple[str, ...]:
    """Codes as they are looked up, each once; raises OperatorMistake."""
    if len(typed) > CODES_MAX:
        raise OperatorMistake(f"codes: a sale takes at most {CODES_MAX} codes", field="codes")
    return tuple(dict.fromkeys(line(code, "codes", CODE_LENGTH_MAX) for code in typed if code.strip()))


def _checked(one: AskedLine, where: str) -> AskedLine:
    """A line within bounds; raises OperatorMistake."""
    if not 0 < one.quantity_milli <= QUANTITY_MAX:
        raise OperatorMistake(
            f"{where}.quantity_milli: thousandths, more than nothing", field=f"{where}.quantity_milli"
        )
    _refuse_odd_price(one.unit_price, f"{where}.unit_price")
    product = line(one.product, f"{where}.product", CODE_LENGTH_MAX)
    label = line(one.label, f"{where}.label", LABEL_LENGTH_MAX)
    if not product and not label:
        raise OperatorMistake(f"{where}: name the product, or give a label", field=where)
    override = _override(one.override, f"{where}.override") if one.override is not None else None
    return replace(one, product=product, label=label, override=override)


def _override(given: Override, where: str) -> Override:
    reason = line(given.reason, f"{where}.reason", REASON_LENGTH_MAX)
    if not reason:
        raise OperatorMistake(f"{where}.reason: say why", field=f"{where}.reason")
    _refuse_odd_price(given.unit_price, f"{where}.unit_price")
    rate_of(given.discount, f"{where}.discount")
    tax = given.tax_category
    return replace(given, reason=reason, tax_category=None if tax is None else line(tax, f"{where}.tax_category", 32))


def _refuse_odd_price(cents: int | None, where: str) -> None:
    if cents is not None and not 0 <= cents <= AMOUNT_MAX:
        raise OperatorMistake(f"{where}: a price is not negative, and has a bound", field=where)
