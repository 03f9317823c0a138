"""Old sales over HTTP: the chain holds the last of each customer, their shop and head office all; months stay right."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.closing import Bound
from daemon.domain.coupon import ACCOUNT as COUPON_ACCOUNT
from daemon.domain.kinds import BOOK_COUPON, Kind
from daemon.domain.role import Role
from daemon.hub import closing
from daemon.store import elements, rights
from daemon.store.database import Connection
from tests.fakes.counter import Browser, Heard
from tests.fakes.selling import customer, sell, serve
from tests.fakes.two_tills import TwoTills
from tests.web.test_sales_routes import BOOK, PEN, chain, revenue, sale, shop_roots, take_back


@pytest.fixture
async def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwoTills]:
    """Two tills of two shops, of a chain that holds three sales of each customer everywhere."""
    monkeypatch.setattr(closing, "BOUND", Bound(kept=3, most=4))
    async for found in chain(tmp_path, (1, 2)):
        yield found


async def listed(browser: Browser, who: str) -> tuple[list[str], bool]:
    heard = await browser.get(f"/sales?customer={who}")
    assert heard.status == 200, heard.raw
    return [one["id"] for one in heard.json["sales"]], heard.json["older_elsewhere"]


async def sold(browser: Browser, who: str, days: range) -> list[str]:
    """A pen a day; newest first."""
    found = [await sell(browser, who, PEN, sold_at=f"2025-09-{day:02d}T10:00:00Z") for day in days]
    return found[::-1]


@pytest.mark.feature("C9.3", "C10.1")
async def test_the_chain_holds_the_last_sales_of_a_customer_and_their_shop_all(shops: TwoTills) -> None:
    who = await customer(shops.one)
    here = await sold(shops.one, who, range(1, 8))
    await shops.sync()
    assert await listed(shops.two, who) == (here[:3], True)
    assert await listed(shops.one, who) == (here, True)
    assert await listed(shops.hub, who) == (here, False), "head office holds all: nothing is elsewhere"
    for browser in (shops.hub, *shops.tills):
        assert await revenue(browser, who) == {"2025-09": 7 * 3000}
    assert len(await shops.roots()) == len(set(await shop_roots(shops, 1))) == 1
    for query, found in (("?product=PEN", here), ("?amount=3000", here), ("?shop=1&from=2025-09-01", here)):
        assert [one["id"] for one in (await shops.one.get(f"/sales{query}")).json["sales"]] == found, query
    events = (await shops.one.get(f"/customers/{who}/history")).json["events"]
    assert sum(one["kind"] == "sale" for one in events) == 7


@pytest.mark.feature("C9.3")
async def test_sales_that_are_heard_late_or_said_again_count_once(shops: TwoTills) -> None:
    who = await customer(shops.one)
    await shops.sync()
    away = await sold(shops.two, who, range(1, 3))
    here = await sold(shops.one, who, range(3, 9))
    await shops.upload(shops.one)
    await shops.download(shops.one)
    assert await revenue(shops.one, who) == {"2025-09": 6 * 3000}
    assert await revenue(shops.two, who) == {"2025-09": 2 * 3000}, "it has not heard of the others, nor they of it"
    await shops.sync()
    body = {"sale_id": here[-1], "customer": who, "sale": {"lines": [PEN], "sold_at": "2025-09-03T10:00:00Z"}}
    for browser in (shops.one, shops.hub):
        assert (await browser.post("/sales", body)).status == 200, "it is registered already"
    await shops.sync()
    for browser in (shops.hub, *shops.tills):
        assert await revenue(browser, who) == {"2025-09": 8 * 3000}
    assert await listed(shops.two, who) == ([*here[:3], *away], True), "its own, and the last of all"
    assert await listed(shops.one, who) == (here, True)
    assert len(await shops.roots()) == 1


@pytest.mark.feature("C9.2")
async def test_an_old_sale_of_another_shop_is_taken_back_through_head_office(shops: TwoTills) -> None:
    who = await customer(shops.one)
    old = await sell(shops.one, who, PEN, BOOK, sold_at="2025-08-31T10:00:00Z")
    await sold(shops.one, who, range(1, 6))
    await shops.sync()
    assert (await shops.two.get(f"/sales/{old}")).status == 404
    assert (await sale(shops.two, old, "?head_office=1"))["lines_from"] == "head_office"
    shops.lines[1].is_cut = True
    cut = await take_back(shops.two, old, (0, 1000))
    assert (cut.status, cut.json["type"]) == (503, "urn:comptoir:out-of-reach")
    shops.lines[1].is_cut = False
    back = await take_back(shops.two, old, (0, 1000))
    assert (back.status, back.json["returned"], back.json["left"]) == (200, 1000, 3999), back.raw
    await shops.sync()
    for till in shops.tills:
        more = await take_back(till, old, (0, 3000))
        assert more.status == 409, "only two of the three are left, as head office says to both"
    rest = await shops.two.post(f"/sales/{old}/cancel", {})
    assert (rest.json["cancelled"], rest.json["returned"], rest.json["left"]) == (True, 4999, 0)
    await shops.sync()
    for browser in (shops.hub, shops.one):
        shown = await sale(browser, old)
        assert (shown["returned"], shown["cancelled"], shown["over_returned"]) == (4999, True, False)


@pytest.mark.feature("C9.2")
async def test_what_head_office_has_not_heard_of_yet_does_not_come_back_again(shops: TwoTills) -> None:
    who = await customer(shops.one)
    old = await sell(shops.one, who, PEN, BOOK, sold_at="2025-08-31T10:00:00Z")
    await sold(shops.one, who, range(1, 6))
    await shops.sync()
    till = shops.two
    first = await take_back(till, old, (0, 2000))
    assert (first.status, first.json["left"]) == (200, 2999), first.raw
    more = await take_back(till, old, (0, 2000))
    assert (more.status, more.json["field"]) == (409, "lines"), "it is on its way to head office, and known here"
    one = {"lines": [{"line": 0, "quantity_milli": 1000}]}
    last = await till.post(f"/sales/{old}/returns", one, key="last")
    assert (last.status, last.json["returned"], last.json["left"]) == (200, 3000, 1999)
    shops.lines[1].is_cut = True
    again = await till.post(f"/sales/{old}/returns", one, key="last")
    assert again.json == last.json, "said again, whoever is out of reach"
    shops.lines[1].is_cut = False
    rest = await till.post(f"/sales/{old}/cancel", {})
    assert (rest.json["cancelled"], rest.json["returned"]) == (True, 4999)
    assert (await till.post(f"/sales/{old}/cancel", {})).json["returned"] == 4999, "once"
    await shops.sync()
    shown = await sale(shops.hub, old)
    assert (shown["returned"], shown["over_returned"]) == (4999, False)


@pytest.mark.feature("C9.2")
async def test_what_was_taken_back_twice_unheard_is_listed_at_head_office(shops: TwoTills) -> None:
    who = await customer(shops.one)
    id_, other = await sell(shops.one, who, BOOK), await sell(shops.one, who, PEN)
    await shops.sync()
    assert (await take_back(shops.one, id_, (0, 1000))).status == 200
    assert (await take_back(shops.two, id_, amount=1999)).status == 200
    assert (await take_back(shops.two, other, amount=10)).status == 200
    assert (await shops.hub.get("/sales?over_returned=1")).json["sales"] == []
    await shops.sync()
    for browser in (shops.hub, *shops.tills):
        found = (await browser.get("/sales?over_returned=1")).json["sales"]
        assert [one["id"] for one in found] == [id_], browser.counter.replica.identity


@pytest.mark.feature("F2.3")
async def test_a_discount_without_a_word_meets_the_cap_of_the_role(shops: TwoTills) -> None:
    till = shops.one
    as_software = {"Authorization": f"Bearer {await till.counter.token(Role.APPLICATION)}"}
    lanes = count(1)

    async def posted(*lines: dict[str, Any], **more: Any) -> Heard:
        visit = await serve(till, lane=f"{next(lanes)}")
        body = {"lines": list(lines), **more}
        heard = await till.post(f"/visits/{visit['id']}/post", body, headers=as_software)
        assert (await till.get(f"/visits/{visit['id']}")).json["state"] == ("posted" if heard.status == 200 else "open")
        return heard

    assert (await posted({**PEN, "amount": 2700})).status == 200, "a tenth is within the cap of till software"
    refused = await posted({**PEN, "amount": 2600}, BOOK)
    assert (refused.status, refused.json["field"]) == (403, "approval")
    assert (await posted({**PEN, "amount": 2600, "reason": "boîte abîmée"})).status == 403, "nor with one"
    assert (await posted({**PEN, "amount": 2600, "unit_price": 900})).status == 200, "the software names the price"
    max_ = await till.counter.hire("Max", pin="1379", role=Role.MANAGER)
    asked = {"act": "discount", "amount": 1400, "operator": max_, "pin": "1379"}
    approval = (await till.post("/approvals", asked, headers=as_software)).json["approval"]
    assert (await posted({**PEN, "amount": 2600}, approval=approval)).status == 200
    assert (await posted({**PEN, "amount": 2600}, approval=approval)).status == 403, "it was for one sale"


@pytest.mark.feature("F2.3")
async def test_what_a_coupon_takes_off_is_nobody_s_discount(shops: TwoTills) -> None:
    till, who = shops.one, await customer(shops.one)
    await shops.sync()
    given = {"label": "Bienvenue", "amount": 500, "days": 30}
    assert (await shops.hub.post(f"/customers/{who}/coupons", given)).status == 201
    await shops.sync()
    visit = await serve(till, who)
    as_software = {"Authorization": f"Bearer {await till.counter.token(Role.APPLICATION)}"}
    post_to = f"/visits/{visit['id']}/post"
    heard = await till.post(post_to, {"lines": [{**PEN, "amount": 2500}]}, headers=as_software)
    assert heard.status == 403, "not chosen for this visit, it accounts for nothing"

    def choose(conn: Connection) -> None:
        (here,) = [one for one in elements.elements_of(conn, bytes.fromhex(who)) if one.kind == Kind.COUPON]
        chosen = {"account": here.fields[COUPON_ACCOUNT], "book": BOOK_COUPON, "amount": 1, "beyond": 1, "by": "x"}
        rights.reserve(conn, rights.Reserved(visit=bytes.fromhex(visit["id"]), **chosen))

    await till.counter.database.write(choose)
    assert (await till.post(post_to, {"lines": [{**PEN, "amount": 2100}]}, headers=as_software)).status == 403
    assert (await till.post(post_to, {"lines": [{**PEN, "amount": 2500}]}, headers=as_software)).status == 200
