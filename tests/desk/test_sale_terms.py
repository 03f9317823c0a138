"""What applies to a sale, asked over HTTP: one answer with its reasons, and what operators do beyond it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.role import Role
from tests.fakes.selling import customer, make, post, put, serve, what_applies
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description

PEN, MENDING, BOOK = {"product": "PEN"}, {"product": "MEND"}, {"product": "BOOK"}


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        await put(found.hub, "/products/PEN", label="Stylo", price_cents=1000, vat=2000, family="Bureau")
        await put(found.hub, "/products/MEND", label="Réparation", price_cents=4000, vat=2000, labour=True)
        await put(found.hub, "/products/BOOK", label="Livre", price_cents=1999, vat=550, discountable=False)
        await found.sync()
        await found.one.counter.choose_walk_in()
        yield found


def reasons(line: Any, about: str) -> list[tuple[str, str]]:
    return [(one["rule"], one["outcome"]) for one in line["reasons"] if one["about"] == about]


@pytest.mark.feature("C11.1", "B10.3")
async def test_one_call_says_price_discount_and_tax_of_each_line_and_why(tills: TwoTills) -> None:
    group = await make(tills.hub, "/groups", label="Club", discount=1000, tax_category="club")
    await tills.sync()
    who = await customer(tills.one)
    await tills.one.post(f"/customers/{who}/groups", {"group": group, "principal": True})
    visit = await serve(tills.one, who)
    asked = {"lines": [{**PEN, "quantity_milli": 3000}, {"label": "gravure", "unit_price": 500}]}
    heard = await tills.one.post(f"/visits/{visit['id']}/terms", asked)
    assert heard.status == 200, heard.raw
    pen, typed = heard.json["lines"]
    assert (pen["unit_price"], pen["amount_before"], pen["discount"], pen["amount"]) == (1000, 3000, 1000, 2700)
    assert (pen["label"], pen["vat"], pen["tax_category"]) == ("Stylo", 2000, "club")
    assert reasons(pen, "price") == [("catalogue", "applied")]
    assert [one for one in pen["reasons"] if one["about"] == "discount"] == [
        {
            "about": "discount", "rule": "group", "outcome": "applied", "source": "Club", "value": 1000, "text": "",
            "by": None,
        }
    ]  # fmt: skip
    assert (typed["known"], typed["amount"], reasons(typed, "price")) == (False, 450, [("typed", "applied")])
    assert (heard.json["total"], heard.json["customer"], heard.json["day"]) == (3150, who, "2025-10-09")
    assert len(heard.json["rules"]) == 16


@pytest.mark.feature("C11.2")
async def test_what_is_not_discountable_and_labour_are_left_alone(tills: TwoTills) -> None:
    who = await customer(tills.one)
    await tills.one.patch(f"/customers/{who}/terms", {"discount": 2000})
    found = await what_applies(
        tills.one, who, PEN, MENDING, BOOK, {**PEN, "discountable": False}, {**PEN, "labour": True}
    )
    assert [line["amount"] for line in found["lines"]] == [800, 4000, 1999, 1000, 1000]
    outcomes = [reasons(line, "discount") for line in found["lines"]]
    assert outcomes == [
        [("own", "applied")], [("own", "labour")], [("own", "not_discountable")], [("own", "not_discountable")],
        [("own", "labour")],
    ]  # fmt: skip


@pytest.mark.feature("B10.5")
async def test_promotions_of_the_principal_group_hold_between_their_days(tills: TwoTills) -> None:
    promotions = [
        {"label": "Rentrée", "discount": 2500, "product": "pen", "from_day": "2025-10-01", "until_day": "2025-10-09"},
        {"label": "Bureau", "discount": 1500, "family": "bureau"},
        {"label": "Noël", "discount": 5000, "from_day": "2025-12-01"},
    ]
    group = await make(tills.hub, "/groups", label="Club", discount=1000, promotions=promotions)
    beside = await make(tills.hub, "/groups", label="Autre", discount=9000)
    await tills.sync()
    who = await customer(tills.one)
    await tills.one.post(f"/customers/{who}/groups", {"group": group, "principal": True})
    await tills.one.post(f"/customers/{who}/groups", {"group": beside})
    (line,) = (await what_applies(tills.one, who, PEN))["lines"]
    assert (line["discount"], line["amount"]) == (2500, 750), "only the principal group, only one of its discounts"
    assert reasons(line, "discount") == [
        ("group_promotion", "applied"),
        ("group_promotion", "beaten"),
        ("group", "beaten"),
    ]
    tills.one.counter.clock.at_ms += 24 * 3_600_000
    (line,) = (await what_applies(tills.one, who, PEN))["lines"]
    assert line["discount"] == 1500, "the day after, the one for its family"


@pytest.mark.feature("B17.1", "B17.2", "B10.4")
async def test_the_price_list_and_agreed_prices_decide_what_an_article_costs(tills: TwoTills) -> None:
    await put(tills.hub, "/price-lists/PRO", label="Professionnels", discount=1000)
    await tills.hub.post("/price-lists/PRO/prices", {"product": "PEN", "price_cents": 800})
    await put(tills.hub, "/price-lists/CLUB", label="Club")
    await tills.hub.post("/price-lists/CLUB/prices", {"product": "PEN", "discount": 500})
    group = await make(tills.hub, "/groups", label="Club", price_list="CLUB", discount=300)
    await tills.sync()
    who = await customer(tills.one)
    await tills.one.post(f"/customers/{who}/groups", {"group": group, "principal": True})
    (line,) = (await what_applies(tills.one, who, PEN))["lines"]
    assert (line["unit_price"], reasons(line, "price")[0]) == (950, ("group_list", "applied"))
    await tills.one.patch(f"/customers/{who}/terms", {"price_list": "PRO"})
    pen, other, book = (await what_applies(tills.one, who, PEN, {"label": "divers", "unit_price": 1001}, BOOK))["lines"]
    assert (pen["unit_price"], pen["discount"], pen["amount"]) == (800, 300, 776), (
        "a list price, and the discount on it"
    )
    assert reasons(pen, "price") == [("own_list", "applied"), ("group_list", "beaten"), ("catalogue", "beaten")]
    assert other["unit_price"] == 901, "half a cent is rounded away from zero: 1001 less 100"
    assert (book["unit_price"], reasons(book, "price")[0]) == (1999, ("own_list", "not_discountable"))
    price = {"product": "PEN", "price_cents": 700, "from_day": "2025-10-01", "until_day": "2025-10-31"}
    await tills.one.post(f"/customers/{who}/prices", price)
    (line,) = (await what_applies(tills.one, who, PEN))["lines"]
    assert (line["unit_price"], line["discount"], line["amount"]) == (700, 0, 700), "an agreed price takes no discount"
    assert reasons(line, "discount") == [("group", "agreed_price")]
    tills.one.counter.clock.at_ms += 40 * 24 * 3_600_000
    assert (await what_applies(tills.one, who, PEN))["lines"][0]["unit_price"] == 800


@pytest.mark.feature("C14.3")
async def test_an_unknown_code_keeps_the_label_that_was_typed(tills: TwoTills) -> None:
    who = await customer(tills.one)
    visit = await serve(tills.one, who)
    typed = {"product": "ZZ9", "label": "Coupe gravée", "unit_price": 1500}
    (line,) = (await tills.one.post(f"/visits/{visit['id']}/terms", {"lines": [typed]})).json["lines"]
    assert (line["product"], line["label"], line["known"], line["amount"]) == ("ZZ9", "Coupe gravée", False, 1500)
    await post(tills.one, visit, {"product": "ZZ9", "label": "Coupe gravée", "amount": 1500})
    (sold,) = (await tills.one.get(f"/sales/{visit['sale_id']}")).json["lines"]
    assert (sold["product"], sold["label"], sold["amount"]) == ("ZZ9", "Coupe gravée", 1500)


async def test_an_article_without_any_price_is_told_without_amounts(tills: TwoTills) -> None:
    who = await customer(tills.one)
    found = await what_applies(tills.one, who, {"label": "divers"}, PEN)
    assert (found["total"], found["lines"][0]["amount"], found["lines"][1]["amount"]) == (None, None, 1000)


@pytest.mark.feature("B10.10")
async def test_terms_are_overridden_on_a_line_with_a_reason_and_within_the_cap_of_the_role(tills: TwoTills) -> None:
    who = await customer(tills.one)
    await tills.one.patch(f"/customers/{who}/terms", {"discount": 500})
    silent = await tills.one.post(f"/customers/{who}/sale-terms", {"lines": [{**PEN, "override": {"reason": " "}}]})
    assert (silent.status, silent.json["field"]) == (422, "lines[0].override.reason")
    override = {"reason": "article abîmé", "discount": 3000, "tax_category": "export"}
    found = await what_applies(tills.one, who, {**PEN, "override": override})
    (line,) = found["lines"]
    assert (line["amount"], line["tax_category"]) == (700, "export")
    assert reasons(line, "discount") == [("override", "applied"), ("own", "beaten")]
    assert line["reasons"][1]["text"] == "article abîmé"
    assert found["approval_needed"] == 2632, "700 in place of 950"
    (priced,) = (await what_applies(tills.one, who, {**PEN, "override": {"reason": "prix vu", "unit_price": 900}}))[
        "lines"
    ]
    assert (priced["amount"], reasons(priced, "discount")) == (900, [("own", "agreed_price")])


@pytest.mark.feature("B10.10")
async def test_beyond_the_cap_a_second_person_approves_the_posting(tills: TwoTills) -> None:
    who, boss = await customer(tills.one), await tills.one.counter.hire("Anne", pin="4711", role=Role.MANAGER)
    cashier = {"Authorization": f"Bearer {await tills.one.counter.token(Role.CASHIER)}"}
    visit = await serve(tills.one, who)
    where = f"/visits/{visit['id']}/post"
    within = {"lines": [{**PEN, "amount": 900, "reason": "geste"}]}
    beyond = {"lines": [{**PEN, "amount": 700, "reason": "abîmé"}]}
    heard = await tills.one.post(where, beyond, headers=cashier)
    assert (heard.status, heard.json["field"]) == (403, "approval")
    assert (await tills.one.get(f"/visits/{visit['id']}")).json["state"] == "open", "nothing was saved"
    approving = {"act": "discount", "amount": 3000, "operator": boss, "pin": "4711"}
    approved = await tills.one.post("/approvals", approving, headers=cashier)
    assert approved.status in {200, 201}, approved.raw
    heard = await tills.one.post(where, {**beyond, "approval": approved.json["approval"]}, headers=cashier)
    assert (heard.status, heard.json["differs"]) == (200, [{"line": 0, "expected": 1000, "amount": 700}])
    (sold,) = (await tills.one.get(f"/sales/{visit['sale_id']}")).json["lines"]
    assert (sold["rule"], sold["reason"]) == ("override", "abîmé")
    again = await serve(tills.one, who)
    assert (await tills.one.post(f"/visits/{again['id']}/post", within, headers=cashier)).status == 200


async def test_nobody_s_terms_are_asked_of_a_stranger_and_lines_have_bounds(tills: TwoTills) -> None:
    assert (await tills.one.post(f"/customers/{'0' * 16}/sale-terms", {"lines": [PEN]})).status == 404
    who = await customer(tills.one)
    for line, field in (
        ({}, "lines[0]"),
        ({**PEN, "quantity_milli": 0}, "lines[0].quantity_milli"),
        ({**PEN, "unit_price": -1}, "lines[0].unit_price"),
        ({"label": "4970 1000 0000 0014"}, "lines[0].label"),
    ):
        heard = await tills.one.post(f"/customers/{who}/sale-terms", {"lines": [line]})
        assert (heard.status, heard.json["field"]) == (422, field)
    heard = await tills.one.post(f"/customers/{who}/sale-terms", {"lines": [PEN] * 401})
    assert (heard.status, heard.json["field"]) == (422, "lines")


async def test_the_walk_in_customer_pays_what_is_written(tills: TwoTills) -> None:
    visit = await serve(tills.one)
    (line,) = (await tills.one.post(f"/visits/{visit['id']}/terms", {"lines": [PEN]})).json["lines"]
    assert (line["amount"], reasons(line, "discount")) == (1000, [])


async def test_a_customer_without_terms_has_none(tills: TwoTills) -> None:
    who = await customer(tills.one)
    shown = (await tills.one.get(f"/customers/{who}/terms")).json
    assert (shown["standing"], shown["groups"], shown["principal"]["is_default"]) == ([], [], True)
