"""The terms of a customer in words: which discount, list and tax stand, why, and the agreed prices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daemon.desk import instant
from daemon.desk.customer_terms import CustomerTerms
from daemon.domain.price_list import SpecialPrice
from daemon.domain.pricing import Reason
from daemon.domain.products import Product
from daemon.web.i18n import Words

ABOUT_WORDS: Final = {"price": "Price", "discount": "Discount", "tax": "Tax category"}
OUTCOME_WORDS: Final = {"withdrawn": "withdrawn"}
RULE_WORDS: Final = {
    "override": "by hand",
    "own_product": "agreed with this customer",
    "own": "the customer's own",
    "own_list": "the customer's own list",
    "type": "customer type",
    "group_promotion": "promotion of the group",
    "group": "principal group",
    "group_list": "list of the group",
    "typed": "the till software",
    "catalogue": "the article",
}
"""Message ids of the rules that may answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingRow:
    """One question of a sale and its answer; `beaten`: it would hold, but another rule comes first."""

    about: str
    value: str
    why: str
    beaten: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceRow:
    """An agreed price, beside what everybody pays; `since_ms` and `by`: when it was agreed, and by whom."""

    id: str
    product: str
    named: str
    usual: str
    value: str
    when: str
    since_ms: int
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TermsShown:
    """What stands for a customer."""

    groups: tuple[str, ...]
    standing: tuple[StandingRow, ...]
    prices: tuple[PriceRow, ...]
    discount: str = ""
    """The customer's own, as it is typed."""
    price_list: str = ""
    type: str = ""
    """The id of the type."""


def terms_shown(found: CustomerTerms, words: Words, sold: Mapping[str, Product] | None = None) -> TermsShown:
    """The terms as a person reads them; `sold`: what the catalogue knows of the articles of the agreed prices."""
    catalogue = sold or {}
    named = [group.label for group in found.groups if group.label]
    return TermsShown(
        groups=(*named, *([found.type.label] if found.type is not None else [])),
        standing=tuple(_standing(reason, words) for reason in found.standing),
        prices=tuple(_price(price, catalogue.get(price.product), words) for price in found.prices),
        discount=words.rate(found.discount).rstrip("%\u00a0") if found.discount is not None else "",
        price_list=found.price_list,
        type=found.type.id if found.type is not None else "",
    )


def tariff_line(found: CustomerTerms, words: Words) -> str:
    """`Pro −10 %`: what stands of discounts and lists, for a chip; empty where the usual terms do."""
    for reason in found.standing:
        if reason.about == "discount" and reason.outcome == "applied" and reason.value:
            named = reason.source if reason.rule not in {"own", "own_product"} else ""
            return " ".join(part for part in (named, f"−{words.rate(reason.value)}") if part)
    return ""


def _standing(reason: Reason, words: Words) -> StandingRow:
    rule = words.text(RULE_WORDS.get(reason.rule, reason.rule))
    return StandingRow(
        about=words.text(ABOUT_WORDS.get(reason.about, reason.about)),
        value=_value(reason, words),
        why=f"{rule} : {reason.source}" if reason.source else rule,
        beaten=reason.outcome != "applied",
    )


def _value(reason: Reason, words: Words) -> str:
    if reason.value is None:
        return reason.text
    return words.rate(reason.value) if reason.about == "discount" else words.euros(reason.value)


def _price(price: SpecialPrice, sold: Product | None, words: Words) -> PriceRow:
    value = words.euros(price.price_cents) if price.price_cents is not None else f"−{words.rate(price.discount or 0)}"
    days = []
    if price.from_day:
        days.append(words.text("from %(day)s", day=words.date(price.from_day)))
    if price.until_day:
        days.append(words.text("until %(day)s", day=words.date(price.until_day)))
    return PriceRow(
        id=price.id,
        product=price.product,
        named=sold.label if sold is not None else "",
        usual=words.euros(sold.price_cents) if sold is not None and sold.price_cents is not None else "",
        value=value,
        when=" ".join(days),
        since_ms=instant.parse(price.agreed_at, field="agreed_at") if price.agreed_at else 0,
        by=words.author(price.agreed_by),
    )
