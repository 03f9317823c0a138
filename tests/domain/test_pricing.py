"""What applies to a sale, pure: every rule alone, every pair, and what is told of those that lost."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.customer_type import CustomerType
from daemon.domain.element import Element
from daemon.domain.group import Group, Promotion
from daemon.domain.kinds import Kind
from daemon.domain.price_list import PRODUCT, PriceList
from daemon.domain.pricing import AskedLine, LineTerms, Override, PricedList, Terms, applied_rule, applies, beyond
from daemon.domain.products import Product

PEN = Product(
    id="1", code="PEN", label="Stylo", price_cents=1000, vat=2000, discountable=True, labour=False, family="Bureau",
    barcodes=(), withdrawn=False,
)  # fmt: skip
ASKED = AskedLine(product="pen")


def special(**fields: Any) -> Element:
    return Element(
        Kind.PRICE, b"customer", b"x" * 8, (1, 2, 3), {PRODUCT: "PEN", **{int(k[1:]): v for k, v in fields.items()}}
    )


def listed(discount: int | None = None, *prices: Element, withdrawn: bool = False) -> PricedList:
    return PricedList(list=PriceList(id="2", code="PRO", discount=discount, withdrawn=withdrawn), prices=prices)


def line(terms: Terms, asked: AskedLine = ASKED, product: Product | None = PEN) -> LineTerms:
    (found,) = applies(terms, [asked], {"PEN": product} if product is not None else {}, 10)
    return found


OWN, TYPE = Terms(discount=200), Terms(type=CustomerType(id="3", label="Pro", discount=300))
GROUP = Terms(group=Group(id="4", label="Club", discount=400))
EVERY = Terms(
    discount=200, tax_category="own", type=CustomerType(id="3", label="Pro", discount=300, tax_category="type"),
    group=Group(id="4", label="Club", discount=400, tax_category="group"), own_list=listed(None, special(f2=900)),
    group_list=listed(1000), prices=(special(f3=100),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "rule", "rate"),
    [(OWN, "own", 200), (TYPE, "type", 300), (GROUP, "group", 400), (EVERY, "own_product", 100)],
)
def test_each_level_decides_where_none_above_it_speaks(terms: Terms, rule: str, rate: int) -> None:
    found = line(terms)
    assert (applied_rule(found), found.discount) == (rule, rate)


def test_every_rule_that_lost_is_told_with_what_beat_it() -> None:
    found = line(EVERY)
    assert [(one.about, one.rule, one.outcome, one.by) for one in found.reasons] == [
        ("price", "own_list", "applied", None),
        ("price", "group_list", "beaten", "own_list"),
        ("price", "catalogue", "beaten", "own_list"),
        ("discount", "own_product", "applied", None),
        ("discount", "own", "beaten", "own_product"),
        ("discount", "type", "beaten", "own_product"),
        ("discount", "group", "beaten", "own_product"),
        ("tax", "own", "applied", None),
        ("tax", "type", "beaten", "own"),
        ("tax", "group", "beaten", "own"),
    ]
    assert (found.unit_price, found.amount, found.tax_category) == (900, 891, "own")


def test_what_was_withdrawn_is_told_and_applies_to_nobody() -> None:
    gone = CustomerType(id="3", label="Pro", discount=300, tax_category="pro", withdrawn=True)
    found = line(
        Terms(
            type=gone, own_list=listed(1000, withdrawn=True), group_list=listed(None, special(f3=500), withdrawn=True)
        )
    )
    assert {(one.rule, one.outcome) for one in found.reasons} == {
        ("own_list", "withdrawn"), ("group_list", "withdrawn"), ("catalogue", "applied"), ("type", "withdrawn"),
    }  # fmt: skip
    assert (found.amount, found.tax_category, applied_rule(found)) == (1000, "", "")


def test_a_list_speaks_only_where_it_has_something_to_say() -> None:
    assert line(Terms(own_list=listed())).unit_price == 1000
    unknown = line(Terms(own_list=listed(1000)), AskedLine(label="divers"), None)
    assert (unknown.unit_price, unknown.amount, unknown.reasons) == (None, None, ())
    rated = line(Terms(own_list=listed(None, special(f3=1000))), AskedLine(product="pen"), None)
    assert rated.unit_price is None, "a discount of a price that nobody knows"
    assert applied_rule(line(Terms(own_list=listed(1000)))) == "own_list"


def test_an_override_goes_before_every_rule_and_keeps_its_reason() -> None:
    override = Override(reason="abîmé", unit_price=500, discount=1000, tax_category="export")
    found = line(EVERY, AskedLine(product="pen", override=override))
    assert (found.unit_price, found.discount, found.amount, found.tax_category) == (500, 1000, 450, "export")
    bare = line(EVERY, AskedLine(product="pen", override=Override(reason="prix vu", unit_price=500)))
    assert (bare.amount, {one.outcome for one in bare.reasons if one.about == "discount"}) == (500, {"agreed_price"})
    named = line(EVERY, AskedLine(product="pen", override=Override(reason="x")))
    assert named.amount == 891


def test_promotions_concern_their_product_their_family_or_everything() -> None:
    promotions = (
        Promotion(discount=900, product="pen"), Promotion(discount=800, family="BUREAU"), Promotion(discount=700),
        Promotion(discount=9000, product="other"), Promotion(discount=9000, family="other"),
        Promotion(discount=9000, from_day="1970-01-12"),
    )  # fmt: skip
    found = line(Terms(group=Group(id="4", label="Club", promotions=promotions)))
    assert [one.value for one in found.reasons if one.about == "discount"] == [900, 800, 700]
    assert (
        line(Terms(group=Group(id="4", promotions=promotions[1:2])), AskedLine(label="x", unit_price=5), None).discount
        == 0
    )


def test_what_is_excepted_takes_no_discount_but_an_agreed_price() -> None:
    labour, fixed = replace(PEN, labour=True), replace(PEN, discountable=False)
    for product, why in ((labour, "labour"), (fixed, "not_discountable")):
        found = line(OWN, product=product)
        assert ([one.outcome for one in found.reasons if one.about == "discount"], found.amount) == ([why], 1000)
    agreed = line(Terms(prices=(special(f2=700),), discount=200), product=labour)
    assert (agreed.unit_price, agreed.amount, applied_rule(agreed)) == (700, 700, "own_product")


def test_by_how_much_a_line_is_cheaper_than_the_rules_say() -> None:
    assert (beyond(700, 1000), beyond(1000, 1000), beyond(1100, 1000)) == (3000, 0, 0)
    assert (beyond(None, 1000), beyond(0, None), beyond(-5, 0)) == (0, 0, 0)


RATES = st.none() | st.integers(0, 10_000)


@given(RATES, RATES, RATES, st.integers(0, 10**6), st.integers(1, 10**5))
def test_never_two_discounts_are_added(
    own: int | None, kind: int | None, group: int | None, cents: int, quantity: int
) -> None:
    terms = Terms(discount=own, type=CustomerType(id="3", label="", discount=kind), group=Group(id="4", discount=group))
    found = line(terms, AskedLine(product="pen", unit_price=cents, quantity_milli=quantity))
    expected = next((rate for rate in (own, kind, group) if rate is not None), 0)
    assert found.discount == expected
    assert sum(1 for one in found.reasons if one.about == "discount" and one.outcome == "applied") == (
        0 if own is kind is group is None else 1
    )
    assert found.amount_before is not None
    assert found.amount is not None
    assert 0 <= found.amount <= found.amount_before
