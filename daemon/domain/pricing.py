"""What applies to a sale: for each line its price, its discount and its tax category, which rule said so, which lost.

Three questions, each answered by the highest level that has an answer, never by two of them together:

    price      the customer's own price for this product > their price list > their principal group's list > the price
               that the till software names > the catalogue's
    discount   own, on this product > own > type of customer > principal group (the greatest of its promotions in force
               and its permanent discount); none on a price that was agreed for this customer, or at the counter
    tax        own > type of customer > principal group > none: the product's own VAT

What is not discountable, and labour, takes no discount, and no price list that does not name it. An operator overrides
with a reason, within the cap of their role. Cents and hundredths of a percent; halves are rounded away from zero, once
for each line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from daemon.domain.claims import normal_form
from daemon.domain.customer_type import CustomerType
from daemon.domain.element import Element
from daemon.domain.group import Group, Promotion, in_force
from daemon.domain.kind_shape import Claim
from daemon.domain.price_list import PriceList, SpecialPrice, price_in_force
from daemon.domain.products import Product
from daemon.domain.rate import WHOLE, off, share

PIECE_MILLI = 1000
"""Quantities are thousandths: 1000 is one piece, 350 is 350 g of a kilogram."""

About = Literal["price", "discount", "tax"]
Rule = Literal[
    "override",
    "own_product",
    "own",
    "own_list",
    "type",
    "group_promotion",
    "group",
    "group_list",
    "typed",
    "catalogue",
]
Outcome = Literal["applied", "beaten", "not_discountable", "labour", "agreed_price", "withdrawn"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """What an operator decides on a line in place of the rules, and why."""

    reason: str
    unit_price: int | None = None
    discount: int | None = None
    tax_category: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedLine:
    """A line of a basket. `unit_price`: what the till software would charge, in cents with taxes.

    `discountable`, `labour`: what the till software knows of an article; of two opinions the careful one counts.
    """

    product: str = ""
    label: str = ""
    quantity_milli: int = PIECE_MILLI
    unit_price: int | None = None
    discountable: bool = True
    labour: bool = False
    override: Override | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One rule that has an answer to a question, and what became of it. `source` is its name, as people know it.

    `value`: cents of a price, hundredths of a percent of a discount; `text` that of a tax category, or why somebody
    overrode. `by`: the rule that came before it.
    """

    about: About
    rule: Rule
    outcome: Outcome
    source: str = ""
    value: int | None = None
    text: str = ""
    by: Rule | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTerms:
    """What applies to one line; amounts in cents with taxes. No price is known: the amounts are absent."""

    product: str
    label: str
    known: bool
    quantity_milli: int
    unit_price: int | None
    discount: int
    amount_before: int | None
    discount_amount: int | None
    amount: int | None
    tax_category: str
    vat: int | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedList:
    """A price list with its prices."""

    list: PriceList
    prices: Sequence[Element] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a customer brings to a sale, as this replica knows it."""

    discount: int | None = None
    tax_category: str = ""
    prices: Sequence[Element] = ()
    own_list: PricedList | None = None
    type: CustomerType | None = None
    group: Group | None = None
    group_list: PricedList | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One rule's answer."""

    rule: Rule
    source: str
    value: int
    text: str = ""


@dataclass(slots=True)
class _Line:
    """One line being priced."""

    terms: Terms
    asked: AskedLine
    product: Product | None
    day: int
    reasons: list[Reason] = field(default_factory=list)

    @property
    def excepted(self) -> Literal["", "labour", "not_discountable"]:
        """Why rules leave the line alone."""
        product = self.product
        if self.asked.labour or (product is not None and product.labour):
            return "labour"
        if not self.asked.discountable or (product is not None and not product.discountable):
            return "not_discountable"
        return ""

    @property
    def code(self) -> str:
        return self.product.code if self.product is not None else self.asked.product


def applies(terms: Terms, lines: Sequence[AskedLine], products: Mapping[str, Product], day: int) -> list[LineTerms]:
    """What applies to the lines of a sale on a day.

    `products` are those that the lines name, by the form in which codes are looked up (`claims.normal_form`).
    """
    found = []
    for asked in lines:
        product = products.get(normal_form(Claim.PRODUCT, asked.product)) if asked.product else None
        found.append(_priced(_Line(terms, asked, product, day)))
    return found


def _priced(line: _Line) -> LineTerms:
    asked, product = line.asked, line.product
    price = _choose(line, "price", _prices(line))
    agreed = price is not None and price.rule in {"own_product", "override"}
    discount = _choose(line, "discount", _discounts(line), agreed=agreed)
    tax = _choose(line, "tax", _taxes(line))
    unit_price = price.value if price is not None else None
    rate = discount.value if discount is not None else 0
    before = None if unit_price is None else share(unit_price, asked.quantity_milli, PIECE_MILLI)
    taken = None if before is None else off(before, rate)
    return LineTerms(
        product=line.code,
        label=asked.label or (product.label if product is not None else ""),
        known=product is not None,
        quantity_milli=asked.quantity_milli,
        unit_price=unit_price,
        discount=rate,
        amount_before=before,
        discount_amount=taken,
        amount=None if before is None or taken is None else before - taken,
        tax_category=tax.text if tax is not None else "",
        vat=product.vat if product is not None else None,
        reasons=tuple(line.reasons),
    )


def _choose(
    line: _Line, about: About, offers: Sequence[tuple[Offer, Outcome]], *, agreed: bool = False
) -> Offer | None:
    """The first offer that stands; all are told, with what became of each."""
    chosen: Offer | None = None
    for offer, outcome in offers:
        become: Outcome = outcome
        if outcome == "applied" and agreed and offer.rule != "override":
            become = "agreed_price"
        elif outcome == "applied" and chosen is not None:
            become = "beaten"
        by = chosen.rule if become == "beaten" and chosen is not None else None
        reason = Reason(
            about=about, rule=offer.rule, outcome=become, source=offer.source, value=offer.value, text=offer.text, by=by
        )
        line.reasons.append(replace(reason, value=None) if about == "tax" else reason)
        if become == "applied":
            chosen = offer
    return chosen


def _prices(line: _Line) -> list[tuple[Offer, Outcome]]:
    """What each level says of the price of a line, the highest first."""
    terms, asked, product = line.terms, line.asked, line.product
    base = asked.unit_price if asked.unit_price is not None else product.price_cents if product is not None else None
    found: list[tuple[Offer, Outcome]] = []
    if asked.override is not None and asked.override.unit_price is not None:
        found.append((Offer("override", "", asked.override.unit_price, asked.override.reason), "applied"))
    own = price_in_force(terms.prices, line.code, line.day) if line.code else None
    if own is not None and own.price_cents is not None:
        found.append((Offer("own_product", "", own.price_cents), "applied"))
    lists: tuple[tuple[Rule, PricedList | None], ...] = (("own_list", terms.own_list), ("group_list", terms.group_list))
    for rule, priced in lists:
        if priced is not None:
            found += _from_list(line, rule, priced, base)
    if asked.unit_price is not None:
        found.append((Offer("typed", "", asked.unit_price), "applied"))
    if product is not None and product.price_cents is not None:
        found.append((Offer("catalogue", product.label, product.price_cents), "applied"))
    return found


def _from_list(line: _Line, rule: Rule, priced: PricedList, base: int | None) -> list[tuple[Offer, Outcome]]:
    """What a price list says of a line: it names the product, or has a discount for all that it does not name."""
    name = priced.list.label or priced.list.code
    named = price_in_force(priced.prices, line.code, line.day) if line.code else None
    value = _value_of(named, base)
    outcome: Outcome = "withdrawn" if priced.list.withdrawn else "applied"
    if value is not None:
        return [(Offer(rule, name, value), outcome)]
    if not priced.list.discount or base is None:
        return []
    value = base - off(base, priced.list.discount)
    return [(Offer(rule, name, value), outcome if outcome == "withdrawn" else line.excepted or "applied")]


def _value_of(named: SpecialPrice | None, base: int | None) -> int | None:
    if named is None:
        return None
    if named.price_cents is not None:
        return named.price_cents
    return None if base is None or named.discount is None else base - off(base, named.discount)


def _discounts(line: _Line) -> list[tuple[Offer, Outcome]]:
    """What each level says of the discount of a line, the highest first."""
    terms, override = line.terms, line.asked.override
    stands: Outcome = line.excepted or "applied"
    found: list[tuple[Offer, Outcome]] = []
    if override is not None and override.discount is not None:
        found.append((Offer("override", "", override.discount, override.reason), stands))
    own = price_in_force(terms.prices, line.code, line.day) if line.code else None
    if own is not None and own.discount is not None:
        found.append((Offer("own_product", "", own.discount), stands))
    if terms.discount is not None:
        found.append((Offer("own", "", terms.discount), stands))
    kind = terms.type
    if kind is not None and kind.discount is not None:
        found.append((Offer("type", kind.label, kind.discount), "withdrawn" if kind.withdrawn else stands))
    if terms.group is not None:
        found += [(offer, stands) for offer in _of_group(line, terms.group)]
    return found


def _of_group(line: _Line, group: Group) -> list[Offer]:
    """The discounts of a group on a line, the greatest first."""
    found = [
        Offer("group_promotion", promotion.label or group.label, promotion.discount)
        for promotion in group.promotions
        if in_force(promotion, line.day) and _concerns(promotion, line)
    ]
    if group.discount is not None:
        found.append(Offer("group", group.label, group.discount))
    return sorted(found, key=lambda offer: -offer.value)


def _concerns(promotion: Promotion, line: _Line) -> bool:
    if promotion.product:
        return normal_form(Claim.PRODUCT, promotion.product) == normal_form(Claim.PRODUCT, line.code)
    if promotion.family:
        return line.product is not None and line.product.family.casefold() == promotion.family.casefold()
    return True


def _taxes(line: _Line) -> list[tuple[Offer, Outcome]]:
    terms, override = line.terms, line.asked.override
    found: list[tuple[Offer, Outcome]] = []
    if override is not None and override.tax_category is not None:
        found.append((Offer("override", override.reason, 0, override.tax_category), "applied"))
    if terms.tax_category:
        found.append((Offer("own", "", 0, terms.tax_category), "applied"))
    if terms.type is not None and terms.type.tax_category:
        outcome: Outcome = "withdrawn" if terms.type.withdrawn else "applied"
        found.append((Offer("type", terms.type.label, 0, terms.type.tax_category), outcome))
    if terms.group is not None and terms.group.tax_category:
        found.append((Offer("group", terms.group.label, 0, terms.group.tax_category), "applied"))
    return found


def beyond(amount: int | None, usual: int | None) -> int:
    """By how much a line is cheaper than the rules say, in hundredths of a percent of what they say."""
    if amount is None or not usual or amount >= usual:
        return 0
    return share(usual - amount, WHOLE, usual)


def applied_rule(line: LineTerms) -> str:
    """What made a line cheaper than its usual price: the rule of its discount, else of its price; empty for neither."""
    standing = {reason.about: reason.rule for reason in line.reasons if reason.outcome == "applied"}
    price = standing.get("price", "")
    return standing.get("discount", "") or ("" if price in {"", "typed", "catalogue"} else price)
