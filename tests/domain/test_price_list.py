"""Price lists and special prices, pure: which of several holds on a day, and what is no price."""

from typing import Any

import pytest

from daemon.domain.element import Element
from daemon.domain.hlc import Stamp
from daemon.domain.kinds import Kind
from daemon.domain.price_list import (
    AMOUNT,
    FROM,
    PRODUCT,
    RATE,
    UNTIL,
    NewPrice,
    PriceEdit,
    PriceListEdit,
    decide_list,
    decide_new_price,
    decide_price,
    list_code_of,
    list_key,
    list_of,
    price_in_force,
    price_named,
    prices_of,
)
from daemon.errors import NotFound, OperatorMistake


def price(product: str, at: int = 1, **fields: Any) -> Element:
    base: Stamp = (at, 2, 3)
    numbers = {"cents": AMOUNT, "rate": RATE, "begin": FROM, "end": UNTIL}
    told = {numbers[name]: value for name, value in fields.items()}
    return Element(Kind.PRICE, b"customer", bytes([at] * 8), base, {PRODUCT: product, **told})


def test_of_several_prices_the_one_that_began_last_holds_then_the_one_said_last() -> None:
    here = [
        price("A1", 1, cents=9),
        price("a 1", 2, cents=8),
        price("A1", 3, cents=7, begin=10),
        price("B2", 4, cents=1),
    ]
    assert [(found.price_cents if (found := price_in_force(here, "A1", day)) else None) for day in (9, 10)] == [8, 7]
    assert price_in_force([price("A1", cents=1, end=9)], "A1", 10) is None
    here[0].stamps[AMOUNT] = (5, 2, 3)
    found = price_in_force(here, "A1", 9)
    assert found is not None
    assert found.price_cents == 9, "one that was changed is said anew"


def test_prices_are_read_whatever_stands_there_and_listed_by_product() -> None:
    odd = price("A1", 2, cents="x", begin="y")
    odd.fields[PRODUCT] = 5
    shown = prices_of([price("B2", 1, rate=500), odd, Element(Kind.TAG, b"customer", b"x" * 8, (1, 2, 3))])
    assert [(one.product, one.price_cents, one.discount) for one in shown] == [("", None, None), ("B2", None, 500)]


def test_a_list_is_made_under_its_code_changed_and_withdrawn() -> None:
    told = PriceListEdit(label="Pro", discount=1000)
    (made,) = decide_list(None, " pro 1", told, frozenset({"label", "discount"}))
    assert (made.entity, made.fields) == (list_key("PRO1")[0], {1: "pro 1", 2: "Pro", 3: 1000})
    row = Element(Kind.PRICE_LIST, made.entity, b"", (1, 2, 3), dict(made.fields))
    assert decide_list(row, "PRO1", told, frozenset({"label", "discount"})) == []
    (gone,) = decide_list(row, "PRO1", PriceListEdit(withdrawn=True), frozenset({"withdrawn"}))
    row.fields |= gone.fields
    assert (list_of(row).withdrawn, list_of(row).code) == (True, "pro 1")
    assert list_of(Element(Kind.PRICE_LIST, b"x" * 8, b"", (1, 2, 3), {1: 1, 2: 2, 3: "x"})).code == ""
    with pytest.raises(OperatorMistake):
        list_code_of(" ")


def test_a_price_is_changed_as_far_as_it_stays_clear() -> None:
    (made,) = decide_new_price(b"customer", NewPrice(product="A1", price_cents=5, until_day="1970-01-11"))
    assert made.fields == {PRODUCT: "A1", AMOUNT: 5, UNTIL: 10}
    here = [price("A1", cents=5)]
    id_ = here[0].dot.hex()
    assert decide_price(here, id_, PriceEdit(price_cents=5), frozenset({"price_cents"})) == []
    (rated,) = decide_price(here, id_, PriceEdit(discount=100), frozenset({"price_cents", "discount"}))
    assert rated.fields == {AMOUNT: None, RATE: 100}
    (dated,) = decide_price(here, id_, PriceEdit(from_day="1970-01-02"), frozenset({"from_day", "until_day"}))
    assert dated.fields == {FROM: 1}
    for given, present in (
        (PriceEdit(discount=100), {"discount"}),
        (PriceEdit(), {"price_cents"}),
        (PriceEdit(price_cents=-1), {"price_cents"}),
        (PriceEdit(from_day="1970-02-01", until_day="1970-01-01"), {"from_day", "until_day"}),
    ):
        with pytest.raises(OperatorMistake):
            decide_price(here, id_, given, frozenset(present))
    with pytest.raises(NotFound):
        price_named(here, "nonsense")
