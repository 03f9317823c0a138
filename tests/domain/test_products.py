"""Products, pure: one code one product, what a draft changes, what is refused."""

import pytest

from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.products import (
    BARCODES,
    DISCOUNTABLE,
    LABEL,
    LABOUR,
    WITHDRAWN,
    ProductDraft,
    codes_of,
    decide_product,
    product_key,
    product_of,
    products_of,
)
from daemon.errors import OperatorMistake


def made(draft: ProductDraft) -> Element:
    (operation,) = decide_product(None, draft)
    return Element(Kind.PRODUCT, operation.entity, b"", (1, 2, 3), dict(operation.fields))


WHOLE = ProductDraft(
    code=" mo  1 ", label="Réglage", price_cents=2500, vat=2000, discountable=False, labour=True, family="Atelier",
    barcodes=("30 176", "30176", " "), withdrawn=True,
)  # fmt: skip


def test_spaces_and_small_letters_make_no_other_product() -> None:
    assert product_key("mo 1") == product_key("MO1") != product_key("MO2")
    assert codes_of(WHOLE) == ("MO1", "30176")


def test_a_draft_makes_a_product_and_said_again_changes_nothing() -> None:
    row = made(WHOLE)
    shown = product_of(row)
    assert (shown.code, shown.label, shown.price_cents, shown.vat, shown.family) == (
        "mo 1",
        "Réglage",
        2500,
        2000,
        "Atelier",
    )
    assert (shown.barcodes, shown.withdrawn, shown.takes_discounts) == (("30176",), True, False)
    assert decide_product(row, WHOLE) == []
    assert decide_product(row, ProductDraft(code="MO1")) == [], "what is not told stays"
    (changed,) = decide_product(row, ProductDraft(code="MO1", barcodes=(), family="", labour=False, withdrawn=False))
    assert {at: changed.fields[at] for at in (BARCODES, LABOUR)} == {BARCODES: None, LABOUR: 0}
    assert changed.fields[WITHDRAWN][0] is False


def test_nothing_said_is_discountable_and_no_labour() -> None:
    shown = product_of(made(ProductDraft(code="A1", label="Stylo")))
    assert (shown.discountable, shown.labour, shown.takes_discounts, shown.price_cents) == (True, False, True, None)
    odd = Element(Kind.PRODUCT, b"x" * 8, b"", (1, 2, 3), {LABEL: 5, 3: "x", BARCODES: (1, "2"), DISCOUNTABLE: 0})
    assert (product_of(odd).label, product_of(odd).barcodes, product_of(odd).discountable) == ("", ("2",), False)
    assert [one.code for one in products_of([made(ProductDraft(code=c, label="x")) for c in "BA"])] == ["A", "B"]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ProductDraft(code=" ", label="x"), "code"),
        (ProductDraft(code="x" * 65, label="x"), "code"),
        (ProductDraft(code="4970100000000014", label="x"), "code"),
        (ProductDraft(code="A1"), "label"),
        (ProductDraft(code="A1", label=" "), "label"),
        (ProductDraft(code="A1", label="x", price_cents=-1), "price_cents"),
        (ProductDraft(code="A1", label="x", vat=10_001), "vat"),
        (ProductDraft(code="A1", label="x", barcodes=tuple(map(str, range(21)))), "barcodes"),
        (ProductDraft(code="A1", label="x", barcodes=("9" * 65,)), "barcodes"),
        (ProductDraft(code="A1", label="x", barcodes=("4970100000000014",)), "barcodes"),
    ],
)
def test_what_is_no_product_is_refused_by_its_field(draft: ProductDraft, field: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        decide_product(None, draft)
    assert refused.value.field == field
