"""The clock of inactivity over HTTP: it proposes, warns a month before, and what it proposes can be done."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.domain.expiry import MONTH_MS
from daemon.domain.role import Role
from tests.fakes.counter import Browser
from tests.fakes.selling import customer, put, sell
from tests.fakes.two_tills import TwoTills
from tests.web.test_sales_routes import PEN, chain


@pytest.fixture
async def shops(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async for found in chain(tmp_path, (1, 2)):
        yield found


def pass_months(tills: TwoTills, months: int) -> None:
    for browser in (tills.hub, *tills.tills):
        browser.counter.clock.at_ms += months * MONTH_MS + 60_000


async def silent(browser: Browser) -> dict[str, str]:
    heard = await browser.get("/retention")
    assert heard.status == 200, heard.raw
    assert heard.json["next"] == ""
    return {one["customer"]["id"]: one["due"] for one in heard.json["customers"]}


@pytest.mark.feature("F5.1")
async def test_whoever_gave_no_sign_is_told_a_month_before_and_then_to_be_erased(shops: TwoTills) -> None:
    anne, bruno = await customer(shops.one), await customer(shops.one, last_name="Petit")
    await shops.sync()
    assert await silent(shops.hub) == {}
    pass_months(shops, 35)
    assert await silent(shops.hub) == await silent(shops.one) == {anne: "warn", bruno: "warn"}, "no walk-in customer"
    await sell(shops.one, bruno, PEN)
    pass_months(shops, 1)
    assert await silent(shops.one) == {anne: "erase"}
    assert await silent(shops.two) == {anne: "erase", bruno: "erase"}, "it has not heard of the sale"
    await shops.sync()
    assert await silent(shops.two) == {anne: "erase"}
    (listed,) = (await shops.hub.get("/retention")).json["customers"]
    assert (listed["last_sign"][:10], listed["until"][:10]) == ("2025-10-09", "2028-10-09")
    erased = await shops.hub.post(f"/customers/{anne}/erase", {"reason": "retention"})
    assert (erased.status, erased.json["reason"]) == (200, "retention")
    await shops.sync()
    for browser in (shops.hub, *shops.tills):
        assert await silent(browser) == {}


@pytest.mark.feature("F5.1")
async def test_how_long_is_head_office_s_to_say_and_who_may_look_is_who_may_erase(shops: TwoTills) -> None:
    anne = await customer(shops.one)
    await shops.sync()
    pass_months(shops, 13)
    assert await silent(shops.two) == {}
    await put(shops.hub, "/policies/retention_months", value=12)
    assert await silent(shops.two) == {}, "a till obeys the last that it heard"
    await shops.sync()
    assert await silent(shops.two) == {anne: "erase"}
    token = {"Authorization": f"Bearer {await shops.two.counter.token(Role.CASHIER)}"}
    assert (await shops.two.get("/retention", headers=token)).status == 403
    assert (await shops.two.get("/retention?after=x")).status == 422
