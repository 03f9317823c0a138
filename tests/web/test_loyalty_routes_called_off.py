"""A sale that is cancelled gives back what was spent in it, over HTTP, whoever had heard of what."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.sale import cancellation_id
from tests.fakes.counter import Browser
from tests.fakes.selling import customer, post, serve
from tests.fakes.tickets import one_shop
from tests.fakes.two_tills import TwoTills
from tests.web.conftest import hold_against_description
from tests.web.test_loyalty_routes_two_tills import settle

VASE = {"label": "vase", "amount": 2_500, "unit_price": 2_500}


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    """Head office knows how the tills hold rights, and hands out; there is a rule, and a promo code for two uses."""
    async with one_shop(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        lots = [(till.counter.replica.identity.lot, till.counter.replica.identity.site) for till in found.tills]
        await found.hub.counter.database.write(
            lambda conn: conn.executemany("UPDATE roster SET lot = ? WHERE site = ?", lots)
        )
        found.passes_on = True
        rule = {"label": "r", "kind": "points", "rate": 100}
        assert (await found.hub.post("/loyalty/rules", rule)).status == 201
        code = {"code": "NOEL", "label": "Noël", "quota": 2, "terms": {"amount": 500}}
        assert (await found.hub.post("/promo-codes", code)).status == 201
        await settle(found)
        yield found


async def chosen_at(browser: Browser, who: str, **spending: Any) -> dict[str, Any]:
    """A visit that has chosen so much."""
    visit = await serve(browser, who)
    heard = await browser.ask("PUT", f"/visits/{visit['id']}/spending", spending)
    assert heard.status == 200, heard.raw
    return visit


async def with_all(tills: TwoTills) -> tuple[str, dict[str, Any]]:
    """A customer with points, a coupon and credit, who has chosen of each at the first till, and a promo code."""
    anne = await customer(tills.one, first_name="Anne")
    assert (await tills.one.post(f"/customers/{anne}/points", {"amount": 100, "reason": "geste"})).status == 200
    given = (await tills.one.post(f"/customers/{anne}/coupons", {"amount": 300})).json
    ticked = {"on_account": True, "maximum": 9_000}
    await settle(tills)
    assert (await tills.hub.ask("PATCH", f"/customers/{anne}/on-account", ticked)).status == 200
    await settle(tills)
    body = {"points": 40, "coupons": [given["id"]]}
    assert (await tills.one.post(f"/customers/{anne}/loyalty/ask", body)).status == 200
    await settle(tills)
    here = (await tills.one.get(f"/customers/{anne}/on-account")).json["here"]
    spending = {"points": 40, "coupons": [given["id"]], "promo_codes": ["NOEL"], "on_account": min(here, 1_000)}
    assert here > 0
    return anne, await chosen_at(tills.one, anne, **spending)


async def cancelled_at(browser: Browser, visit: dict[str, Any], who: str) -> None:
    await posted_at(browser, visit, who)
    await cancel(browser, visit)


async def posted_at(browser: Browser, visit: dict[str, Any], who: str) -> None:
    """Another till registers the sale of a visit."""
    body = {"sale_id": visit["sale_id"], "customer": who, "sale": {"lines": [VASE]}}
    heard = await browser.post("/sales", body)
    assert heard.status == 200, heard.raw


async def cancel(browser: Browser, visit: dict[str, Any]) -> None:
    heard = await browser.post(f"/sales/{visit['sale_id']}/cancel", {"reason": "erreur"})
    assert heard.status == 200, heard.raw


async def stands(browser: Browser, who: str) -> dict[str, Any]:
    """What somebody has, as one of the three sees it."""
    found = (await browser.get(f"/customers/{who}/loyalty")).json
    lent = (await browser.get(f"/customers/{who}/on-account")).json
    (code,) = (await browser.get("/promo-codes")).json["codes"]
    return {
        "points": found["points"]["balance"],
        "chosen": found["points"]["chosen"],
        "at_risk": found["points"]["at_risk"],
        "due": found["points"]["due"],
        "used": [one["state"] == "used" for one in found["coupons"]],
        "owed": (lent["owed"], lent["maximum"]),
        "uses": code["left"],
    }


UNTOUCHED = {
    "points": 100, "chosen": 0, "at_risk": 0, "due": 0, "used": [False], "owed": (0, 9_000), "uses": 2,
}  # fmt: skip


async def nothing_is_left(tills: TwoTills, who: str) -> None:
    """No points and no debt, as each of the three sees it, and all are equal."""
    assert (await tills.hub.get("/at-risk")).json["debts"] == []
    for browser in (tills.hub, *tills.tills):
        found = (await browser.get(f"/customers/{who}/loyalty")).json["points"]
        assert found["balance"] - found["due"] == 0
    assert len(await tills.roots()) == 1


async def all_as_before(tills: TwoTills, who: str) -> None:
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        assert await stands(browser, who) == UNTOUCHED
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C2.2", "C3.3", "C6.1", "C9.2")
@pytest.mark.parametrize("is_first", [True, False], ids=["taken before the cancellation is heard", "after it"])
@pytest.mark.parametrize("lines", [(VASE,), ()], ids=["posted again", "only ended"])
async def test_what_is_taken_for_a_sale_that_another_till_has_posted_and_cancelled_unheard_is_given_back(
    tills: TwoTills, lines: tuple[dict[str, Any], ...], is_first: bool
) -> None:
    anne, visit = await with_all(tills)
    await cancelled_at(tills.two, visit, anne)
    body = {"lines": list(lines)} if lines else None
    assert (await tills.one.post(f"/visits/{visit['id']}/post", body)).status == 200
    await tills.upload(tills.one if is_first else tills.two)
    await all_as_before(tills, anne)
    again = await tills.one.post(f"/visits/{visit['id']}/post", body)
    assert again.status == 200, again.raw
    await all_as_before(tills, anne)


@pytest.mark.feature("C2.2", "C9.2")
async def test_what_is_taken_between_the_posting_and_the_cancellation_of_another_till_is_given_back(
    tills: TwoTills,
) -> None:
    anne, visit = await with_all(tills)
    await posted_at(tills.two, visit, anne)
    await tills.upload(tills.two)
    await tills.download(tills.one)
    await cancel(tills.two, visit)
    assert (await post(tills.one, visit, VASE)).status == 200
    await all_as_before(tills, anne)


@pytest.mark.feature("C2.2", "C9.2")
async def test_of_a_sale_that_is_known_to_be_cancelled_nothing_is_taken(tills: TwoTills) -> None:
    anne, visit = await with_all(tills)
    await cancelled_at(tills.two, visit, anne)
    await settle(tills)
    assert (await post(tills.one, visit, VASE)).status == 200
    assert await stands(tills.one, anne) == UNTOUCHED
    await all_as_before(tills, anne)


@pytest.mark.feature("C6.1", "C9.2")
async def test_a_cancellation_gives_back_whatever_the_sale_had_taken(tills: TwoTills) -> None:
    anne, visit = await with_all(tills)
    assert (await post(tills.one, visit, VASE)).status == 200
    await settle(tills)
    assert (await stands(tills.two, anne))["uses"] == 1
    for till in tills.tills:  # two tills that have not heard of one another
        await cancel(till, visit)
    await all_as_before(tills, anne)


@pytest.mark.feature("C2.4", "C9.2")
@pytest.mark.parametrize("where", ["one", "hub"])
async def test_what_was_given_at_risk_in_a_cancelled_sale_is_owed_no_longer(tills: TwoTills, where: str) -> None:
    value = {"mode": "at_risk", "at_most": {"points": 15}}
    assert (await tills.hub.ask("PUT", "/policies/beyond_rights", {"value": value})).status == 200
    anne = await customer(tills.one, first_name="Anne")
    await settle(tills)
    visit = await chosen_at(tills.one, anne, points=10)
    assert (await post(tills.one, visit, VASE)).status == 200
    await settle(tills)
    (debt,) = (await tills.hub.get("/at-risk")).json["debts"]
    part = {"book": "points", "how": "waive", "amount": 4, "reason": "geste"}
    assert (await tills.hub.post(f"/at-risk/{debt['account']}/settle", part)).status == 200
    await cancel(getattr(tills, where), visit)
    await settle(tills)
    assert (await tills.hub.get("/at-risk")).json["debts"] == []
    for browser in (tills.hub, *tills.tills):
        found = (await browser.get(f"/customers/{anne}/loyalty")).json["points"]
        assert (found["balance"], found["at_risk"]) == (0, 0)


@pytest.mark.feature("C2.4", "C9.2")
@pytest.mark.parametrize("where", ["one", "two", "hub"])
async def test_what_head_office_deducted_for_a_sale_that_is_cancelled_later_is_given_back(
    tills: TwoTills, where: str
) -> None:
    value = {"mode": "at_risk", "at_most": {"points": 30}}
    assert (await tills.hub.ask("PUT", "/policies/beyond_rights", {"value": value})).status == 200
    anne = await customer(tills.one, first_name="Anne")
    await settle(tills)
    first, second = await chosen_at(tills.one, anne, points=10), await chosen_at(tills.two, anne, points=20)
    for till, visit in ((tills.one, first), (tills.two, second)):
        assert (await post(till, visit, VASE)).status == 200
        await tills.upload(till)
    await settle(tills)
    gift = {"amount": 50, "reason": "geste"}
    assert (await tills.hub.post(f"/customers/{anne}/points", gift)).status == 200
    (debt,) = (await tills.hub.get("/at-risk")).json["debts"]
    assert debt["amount"] == 30
    for how, amount in (("waive", 4), ("deduct", 9)):
        part = {"book": "points", "how": how, "amount": amount, "reason": "vu avec elle"}
        assert (await tills.hub.post(f"/at-risk/{debt['account']}/settle", part)).status == 200
    await settle(tills)
    before = (await tills.hub.get(f"/customers/{anne}/loyalty")).json["points"]
    earned = before["balance"] - (50 - 9)
    assert before["at_risk"] == 17
    await cancel(getattr(tills, where), first)
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        found = (await browser.get(f"/customers/{anne}/loyalty")).json["points"]
        assert (found["balance"] - found["due"], found["at_risk"]) == (50 - 9 + 6 + earned // 2, 17), "4 were waived"
    await cancel(tills.two, second)
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        found = (await browser.get(f"/customers/{anne}/loyalty")).json["points"]
        assert (found["balance"] - found["due"], found["at_risk"]) == (50, 0), "as if neither had been"
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C4.1", "C9.2")
@pytest.mark.parametrize("is_noted_first", [True, False])
@pytest.mark.parametrize(("cents", "owed"), [(2_500, 1_000), (1_900, 400), (1_500, 0)])
async def test_what_came_back_as_a_credit_note_is_not_taken_off_the_debt_as_well(
    tills: TwoTills, is_noted_first: bool, cents: int, owed: int
) -> None:
    anne, visit = await with_all(tills)
    await cancelled_at(tills.two, visit, anne)
    back = cancellation_id(bytes.fromhex(visit["sale_id"])).hex()
    if not is_noted_first:
        assert (await post(tills.one, visit, VASE)).status == 200
        await tills.upload(tills.two)
        await tills.upload(tills.one)
    assert (await tills.two.post("/credit-notes", {"amount": cents, "sale": back})).status == 201
    await tills.upload(tills.two)
    if is_noted_first:
        assert (await post(tills.one, visit, VASE)).status == 200
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        assert await stands(browser, anne) == UNTOUCHED | {"owed": (owed, 9_000)}


@pytest.mark.feature("C1.6", "C2.2")
@pytest.mark.parametrize("is_kept", [False, True], ids=["said at once", "kept for its till by then"])
async def test_a_sale_that_two_tills_make_earn_otherwise_is_nobodys_debt(tills: TwoTills, is_kept: bool) -> None:
    anne = await customer(tills.one, first_name="Anne")
    await settle(tills)
    more = {"label": "double", "kind": "points", "rate": 200}
    assert (await tills.hub.post("/loyalty/rules", more)).status == 201
    await tills.download(tills.one)  # the second till has not heard of it
    visit = await serve(tills.one, anne)
    await posted_at(tills.two, visit, anne)
    if is_kept:
        await tills.upload(tills.two)
        tills.one.counter.clock.at_ms += 60_000
    assert (await post(tills.one, visit, VASE)).status == 200
    promised = (await tills.one.get(f"/customers/{anne}/loyalty")).json["points"]["balance"]
    assert promised == 50
    spent = await chosen_at(tills.one, anne, points=promised)
    assert (await tills.one.post(f"/visits/{spent['id']}/post")).status == 200
    await settle(tills)
    assert (await tills.hub.get("/at-risk")).json["debts"] == []
    for browser in (tills.hub, *tills.tills):
        assert (await browser.get(f"/customers/{anne}/loyalty")).json["points"]["balance"] == 0
    await cancel(tills.two, visit)
    await settle(tills)
    assert (await tills.hub.get(f"/customers/{anne}/loyalty")).json["points"]["due"] == 50


@pytest.mark.feature("C1.6", "C9.2")
@pytest.mark.parametrize("where", ["one", "two", "hub"])
@pytest.mark.parametrize("knows", ["one", "two"], ids=["its till knew of more", "the other till knew of more"])
async def test_a_cancelled_sale_brings_nothing_though_a_return_knew_of_other_points(
    tills: TwoTills, knows: str, where: str
) -> None:
    anne = await customer(tills.one, first_name="Anne")
    await settle(tills)
    more = {"label": "double", "kind": "points", "rate": 200}
    assert (await tills.hub.post("/loyalty/rules", more)).status == 201
    await tills.download(getattr(tills, knows))
    visit = await serve(tills.one, anne)
    for till in (tills.two, tills.one) if knows == "one" else (tills.one, tills.two):
        await (post(till, visit, VASE) if till is tills.one else posted_at(till, visit, anne))
        tills.one.counter.clock.at_ms += 60_000
        tills.two.counter.clock.at_ms += 60_000
    returned = await tills.two.post(f"/sales/{visit['sale_id']}/returns", {"amount": 1_000, "reason": "abîmé"})
    assert returned.status == 200, returned.raw
    await settle(tills)
    await cancel(getattr(tills, where), visit)
    await settle(tills)
    await nothing_is_left(tills, anne)


@pytest.mark.feature("C1.6", "C9.2")
@pytest.mark.parametrize("is_returned_first", [True, False], ids=["the return heard first", "the cancellation first"])
@pytest.mark.parametrize("where", ["one", "hub"])
async def test_what_a_return_took_along_of_a_sale_that_is_cancelled_unheard_is_given_back(
    tills: TwoTills, where: str, is_returned_first: bool
) -> None:
    anne = await customer(tills.one, first_name="Anne")
    visit = await serve(tills.one, anne)
    assert (await post(tills.one, visit, VASE)).status == 200
    await settle(tills)
    body = {"amount": 1_000, "reason": "abîmé"}
    assert (await tills.two.post(f"/sales/{visit['sale_id']}/returns", body)).status == 200
    if is_returned_first and where == "one":
        await tills.upload(tills.two)
    await cancel(getattr(tills, where), visit)
    await settle(tills)
    await nothing_is_left(tills, anne)
