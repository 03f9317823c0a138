"""Birthday coupons over HTTP: tills that are cut off, and head office, find the same birthday; it is one coupon."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.hub import coupons_due
from tests.fakes.counter import Browser
from tests.fakes.selling import customer, serve
from tests.fakes.tickets import cut, one_shop
from tests.fakes.two_tills import TwoTills
from tests.web.conftest import hold_against_description
from tests.web.test_loyalty_routes_two_tills import settle, spend

TERMS = {"label": "fête", "amount": 500, "days": 30}
TODAY = "1980-10-12"
"""Three days after what the counters' clocks show."""


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        lots = [(till.counter.replica.identity.lot, till.counter.replica.identity.site) for till in found.tills]
        await found.hub.counter.database.write(
            lambda conn: conn.executemany("UPDATE roster SET lot = ? WHERE site = ?", lots)
        )
        found.passes_on = True
        rule = {"label": "anniversaire", "kind": "birthday", "before": 7, "coupon": TERMS}
        assert (await found.hub.post("/loyalty/rules", rule)).status == 201
        await settle(found)
        yield found


async def coupons(browser: Browser, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await browser.get(f"/customers/{who}/loyalty")).json["coupons"]
    return found


async def greet(browser: Browser, who: str) -> None:
    """Somebody is served, and buys nothing."""
    visit = await serve(browser, who)
    assert (await browser.post(f"/visits/{visit['id']}/cancel")).status == 200


async def look(tills: TwoTills) -> None:
    """Head office looks at birthdays, as it does a few times a day."""
    hub = tills.hub.counter
    now_ms = hub.clock.now_ms()
    await hub.database.write(lambda conn: coupons_due.issue_birthdays(conn, hub.replica, b"", now_ms=now_ms))


@pytest.mark.feature("C3.2", "C3.3")
@pytest.mark.parametrize("is_looked_first", [True, False], ids=["head office first", "tills first"])
async def test_a_birthday_that_three_find_out_while_the_line_is_cut_is_one_coupon_that_is_used_once(
    tills: TwoTills, is_looked_first: bool
) -> None:
    anne = await customer(tills.one, first_name="Anne", birthday=TODAY)
    await settle(tills)
    cut(tills)
    if is_looked_first:
        await look(tills)
    for till in tills.tills:
        await greet(till, anne)
        (mine,) = await coupons(till, anne)
        assert mine["state"] == "elsewhere", "its one use begins at head office, whoever finds the birthday out"
        assert (await spend(till, anne, coupons=[mine["code"]])).status == 409
    cut(tills, is_cut=False)
    await settle(tills)
    await look(tills)
    await settle(tills)
    shown = [await coupons(one, anne) for one in (tills.hub, *tills.tills)]
    assert {len(found) for found in shown} == {1}
    assert len({found[0]["code"] for found in shown}) == 1
    # Whoever serves the customer is handed its use; then the line is cut again, and both lanes try.
    await greet(tills.two, anne)
    await settle(tills)
    cut(tills)
    used = [(await spend(till, anne, coupons=[shown[0][0]["code"]])).status for till in tills.tills]
    assert sorted(used) == [200, 409]
    cut(tills, is_cut=False)
    await settle(tills)
    for one in (tills.hub, *tills.tills):
        assert [found["state"] for found in await coupons(one, anne)] == ["used"]
    for till in tills.tills:
        await greet(till, anne)
    await look(tills)
    await settle(tills)
    assert {len(await coupons(one, anne)) for one in (tills.hub, *tills.tills)} == {1}, "once a year"
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C3.2")
async def test_a_birthday_that_one_till_does_not_know_yet_is_found_out_by_the_other_alone(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    await settle(tills)
    cut(tills)
    version = (await tills.one.get(f"/customers/{anne}")).json["version"]
    changed = await tills.one.patch(f"/customers/{anne}", {"birthday": TODAY}, version=version)
    assert changed.status == 200, changed.raw
    for till in tills.tills:
        await greet(till, anne)
    assert [len(await coupons(till, anne)) for till in tills.tills] == [1, 0]
    cut(tills, is_cut=False)
    await settle(tills)
    await greet(tills.two, anne)
    await settle(tills)
    assert {len(await coupons(one, anne)) for one in (tills.hub, *tills.tills)} == {1}
