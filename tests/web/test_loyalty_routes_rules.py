"""What head office rules of points, over HTTP: by group, article, family, day and rounding; and what a posting says.

The counters' clocks show Thursday, 9 October 2025.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.role import Role
from tests.fakes.counter import Browser
from tests.fakes.selling import customer, make, post, put, serve
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description

PEN, BOOK, TYPED = {"product": "PEN"}, {"product": "BOOK"}, {"label": "gravure", "unit_price": 550}
THURSDAY, FRIDAY = 4, 5


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        await put(found.hub, "/products/PEN", label="Stylo", price_cents=1_000, vat=2_000, family="Bureau")
        await put(found.hub, "/products/BOOK", label="Livre", price_cents=1_990, vat=550, family="Papier")
        await found.sync()
        await found.one.counter.choose_walk_in()
        yield found


async def rule(tills: TwoTills, label: str, **terms: Any) -> str:
    """A rule of head office that every till has heard of."""
    made = await make(tills.hub, "/loyalty/rules", label=label, kind="points", **terms)
    await tills.sync()
    return made


async def told(browser: Browser, who: str, *lines: dict[str, Any]) -> tuple[int, list[str]]:
    """(points that a basket would earn, the rule of each line)."""
    heard = await browser.post(f"/customers/{who}/sale-terms", {"lines": list(lines)})
    assert heard.status == 200, heard.raw
    found = heard.json["loyalty"]
    return found["earns"], [one["rule"] for one in found["lines"]]


@pytest.mark.feature("C1.1", "C11.1")
async def test_each_line_earns_by_the_rule_that_gives_most_for_its_article_or_family(tills: TwoTills) -> None:
    anyone = await rule(tills, "partout", rate=100)
    office = await rule(tills, "bureau", rate=300, families=["bureau"])
    book = await rule(tills, "livre", rate=200, products=["book"])
    who = await customer(tills.one)
    assert await told(tills.one, who, PEN, BOOK, TYPED) == (75, [office, book, anyone]), "30, 39.8 and 5.5"


@pytest.mark.feature("C1.1")
async def test_a_rule_for_a_group_is_for_who_is_in_it(tills: TwoTills) -> None:
    club = await make(tills.hub, "/groups", label="Club")
    mine = await rule(tills, "club", rate=500, groups=[club])
    stranger, member = await customer(tills.one), await customer(tills.one, first_name="Anne")
    assert (await tills.one.post(f"/customers/{member}/groups", {"group": club})).status in {200, 201}
    assert await told(tills.one, stranger, PEN) == (0, [""])
    assert await told(tills.one, member, PEN) == (50, [mine])


@pytest.mark.feature("C1.1")
async def test_a_rule_holds_on_its_days_of_the_week_and_between_its_days(tills: TwoTills) -> None:
    always = await rule(tills, "toujours", rate=100)
    thursdays = await rule(tills, "jeudi", rate=200, weekdays=[THURSDAY])
    await rule(tills, "vendredi", rate=300, weekdays=[FRIDAY])
    await rule(tills, "demain", rate=400, from_day="2025-10-10")
    await rule(tills, "hier", rate=500, until_day="2025-10-08")
    who = await customer(tills.one)
    assert await told(tills.one, who, PEN) == (20, [thursdays])
    tills.one.counter.clock.at_ms += 4 * 24 * 3_600_000  # Monday; the rule of tomorrow holds by then
    assert (await told(tills.one, who, PEN))[0] == 40
    assert always


@pytest.mark.feature("C1.1")
@pytest.mark.parametrize(("rounding", "points"), [("down", 5), ("nearest", 6)])
async def test_points_are_rounded_once_for_the_sale_as_the_rule_says(
    tills: TwoTills, rounding: str, points: int
) -> None:
    await rule(tills, "r", rate=100, rounding=rounding)
    who = await customer(tills.one)
    line = {"label": "a", "unit_price": 275}
    assert (await told(tills.one, who, line, line))[0] == points, "5.50 euros; 2 and 2, or 3 and 3, line by line"


@pytest.mark.feature("C11.1", "C9.1")
async def test_a_posting_says_what_it_earns_and_that_the_rules_are_others_than_the_customer_was_told(
    tills: TwoTills,
) -> None:
    await rule(tills, "r", rate=100)
    who = await customer(tills.one)
    visit = await serve(tills.one, who)
    terms = (await tills.one.post(f"/visits/{visit['id']}/terms", {"lines": [PEN]})).json
    assert (terms["total"], terms["loyalty"]["earns"]) == (1_000, 10)
    posted = await post(tills.one, visit, {**PEN, "amount": 1_000}, rules=terms["rules"])
    said = posted.json
    assert (said["differs"], said["rules_changed"], said["earned"]) == ([], False, 10)
    again = await tills.one.get(f"/visits/{visit['id']}")
    assert again.json["earned"] is None, "said of what was just posted alone"
    # Before the next sale is posted, head office changes the price and the rule.
    visit = await serve(tills.one, who)
    terms = (await tills.one.post(f"/visits/{visit['id']}/terms", {"lines": [PEN]})).json
    await put(tills.hub, "/products/PEN", label="Stylo", price_cents=900, vat=2_000, family="Bureau")
    await rule(tills, "double", rate=200)
    posted = await post(tills.one, visit, {**PEN, "amount": terms["total"]}, rules=terms["rules"])
    said = posted.json
    assert said["differs"] == [{"line": 0, "expected": 900, "amount": 1_000}]
    assert (said["rules_changed"], said["earned"], terms["loyalty"]["earns"]) == (True, 20, 10)
    assert (await tills.one.get(f"/customers/{who}/loyalty")).json["points"]["balance"] == 30


@pytest.mark.feature("C2.4")
async def test_where_the_policy_asks_for_a_manager_nobody_else_goes_beyond_what_is_here(tills: TwoTills) -> None:
    one = tills.one
    value = {"mode": "manager", "at_most": {"points": 15}}
    assert (await tills.hub.ask("PUT", "/policies/beyond_rights", {"value": value})).status == 200
    await tills.sync()
    boss = await one.counter.hire("Max", pin="1379", role=Role.MANAGER)
    who = await customer(one)
    visit = await serve(one, who)
    cashier = {"Authorization": f"Bearer {await one.counter.token(Role.CASHIER)}"}
    path = f"/visits/{visit['id']}/spending"
    refused = await one.ask("PUT", path, {"points": 10}, headers=cashier)
    assert (refused.status, refused.json["field"]) == (403, "approval")
    wanted = {"act": "at_risk", "amount": 10, "operator": boss, "pin": "1379"}
    said = (await one.post("/approvals", wanted, headers=cashier)).json["approval"]
    too_much = await one.ask("PUT", path, {"points": 16, "approval": said}, headers=cashier)
    assert (too_much.status, too_much.json["field"]) == (409, "points")
    chosen = await one.ask("PUT", path, {"points": 10, "approval": said}, headers=cashier)
    assert (chosen.status, chosen.json["beyond"]) == (200, 10), chosen.raw
    assert (await one.post(f"/visits/{visit['id']}/post")).status == 200
    await tills.sync()
    (debt,) = (await tills.hub.get("/at-risk")).json["debts"]
    assert (debt["customer"], debt["amount"]) == (who, 10)
