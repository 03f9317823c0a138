"""The register of sales over HTTP: posted once, taken back, found again; two tills of a shop, and one of another."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain.feed import Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.role import Role
from daemon.domain.site_row import SHOP, SITE, site_key
from daemon.store import authoring
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser, Heard
from tests.fakes.selling import customer, post, put, sell, serve
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description

PEN = {"product": "PEN", "amount": 3000, "quantity_milli": 3000}
BOOK = {"product": "BOOK", "label": "Livre d'occasion", "amount": 1999}


async def chain(path: Path, shops: tuple[int, int]) -> AsyncIterator[TwoTills]:
    async with open_two_tills(path, shops=shops) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        await put(found.hub, "/products/PEN", label="Stylo", price_cents=1000, vat=2000, barcodes=["3017620422003"])
        await name_tills(found.hub, shops)
        await found.sync()
        for till in found.tills:
            await till.counter.choose_walk_in()
        await found.sync()
        yield found


async def name_tills(hub: Browser, shops: tuple[int, int]) -> None:
    """Head office tells the chain which till is in which shop, as it does when one is enrolled."""
    here = hub.counter

    def unit(conn: Connection) -> None:
        for site, number in zip((2, 3), shops, strict=True):
            row = operations.create(Kind.SITE, site_key(site)[0], {SITE: site, SHOP: number})
            authoring.commit(conn, here.replica, OWNER, [row], now_ms=here.clock.now_ms())

    await here.database.write(unit)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[TwoTills]:
    """Two tills of one shop."""
    async for found in chain(tmp_path, (1, 1)):
        yield found


@pytest.fixture
async def shops(tmp_path: Path) -> AsyncIterator[TwoTills]:
    """Two tills of two shops."""
    async for found in chain(tmp_path, (1, 2)):
        yield found


async def sale(browser: Browser, id_: str, query: str = "") -> Any:
    heard = await browser.get(f"/sales/{id_}{query}")
    assert heard.status == 200, heard.raw
    return heard.json


async def revenue(browser: Browser, who: str) -> dict[str, int]:
    heard = await browser.get(f"/customers/{who}/revenue")
    assert heard.status == 200, heard.raw
    return {one["month"]: one["revenue"] for one in heard.json["months"] if one["revenue"]}


async def take_back(browser: Browser, id_: str, *lines: tuple[int, int], **more: Any) -> Heard:
    told = [{"line": line, "quantity_milli": quantity} for line, quantity in lines]
    return await browser.post(f"/sales/{id_}/returns", {**({"lines": told} if told else {}), **more})


async def shop_roots(tills: TwoTills, number: int) -> list[bytes]:
    scope = Scope(Reach.SHOP, number)
    found = []
    for one in (tills.hub, *tills.tills):
        replica = one.counter.replica
        if replica.identity.is_hub or replica.identity.shop == number:
            found.append(await one.counter.database.read(lambda conn: replica.root(conn, scope)))  # noqa: B023  called at once
    return found


@pytest.mark.feature("C9.1")
async def test_a_posted_visit_registers_its_sale_with_its_lines_in_one_record(shop: TwoTills) -> None:
    who = await customer(shop.one)
    visit = await serve(shop.one, who, lane="Caisse 1")
    heard = await post(shop.one, visit, PEN, BOOK, ticket="T-17", total=4999)
    assert (heard.status, heard.json["state"], heard.json["differs"]) == (200, "posted", [])
    here = shop.one.counter
    (slots,) = await here.database.read(
        lambda conn: [len(row[0]) for row in conn.execute("SELECT slots FROM change ORDER BY ordinal DESC LIMIT 1")]
    )
    assert slots > 0
    shown = await sale(shop.one, visit["sale_id"])
    assert (shown["sale"]["total"], shown["sale"]["ticket"], shown["sale"]["lane"]) == (4999, "T-17", "Caisse 1")
    assert (shown["sale"]["customer"]["id"], shown["sale"]["shop"], shown["sale"]["month"]) == (who, 1, "2025-10")
    pen, book = shown["lines"]
    assert (pen["label"], pen["quantity_milli"], pen["amount"], pen["vat"]) == ("Stylo", 3000, 3000, 2000)
    assert (book["product"], book["label"]) == ("BOOK", "Livre d'occasion")
    await shop.sync()
    for browser in (shop.hub, shop.two):
        there = await sale(browser, visit["sale_id"])
        assert (there["lines"], there["lines_from"]) == (shown["lines"], "here"), (
            "its shop and head office hold the lines"
        )
    assert len(await shop.roots()) == len(set(await shop_roots(shop, 1))) == 1


@pytest.mark.feature("C9.1")
async def test_a_sale_is_registered_once_through_any_retry_and_from_another_till_of_the_shop(shop: TwoTills) -> None:
    who = await customer(shop.one)
    await shop.sync()
    visit = await serve(shop.one, who)
    first = await post(shop.one, visit, PEN, key="post-1")
    again = await post(shop.one, visit, PEN, key="post-1")
    other_key = await post(shop.one, visit, PEN)
    assert first.json == again.json
    assert other_key.status == 200
    body = {"sale_id": visit["sale_id"], "customer": who, "sale": {"lines": [PEN]}}
    assert (await shop.one.post("/sales", body)).status == 200
    for till in (shop.two, shop.hub):
        assert (await till.post("/sales", body)).status == 200, "they have not heard of it, and say the same"
    await shop.sync()
    for browser in (shop.hub, shop.one, shop.two):
        assert await revenue(browser, who) == {"2025-10": 3000}
        found = (await browser.get("/sales")).json
        assert [one["id"] for one in found["sales"]] == [visit["sale_id"]]
    assert len(await shop.roots()) == len(set(await shop_roots(shop, 1))) == 1


async def test_the_same_id_with_another_total_or_for_somebody_else_is_refused(shop: TwoTills) -> None:
    who, other = await customer(shop.one), await customer(shop.one, last_name="Petit")
    visit = await serve(shop.one, who)
    await post(shop.one, visit, PEN)
    heard = await post(shop.one, visit, BOOK)
    assert (heard.status, heard.json["field"]) == (409, "total")
    for customer_, field in ((other, "customer"), ("nonsense", "customer")):
        body = {"sale_id": visit["sale_id"], "customer": customer_, "sale": {"lines": [PEN]}}
        assert (await shop.one.post("/sales", body)).json["field"] == field
    assert (await post(shop.one, await serve(shop.one, who), PEN, total=1)).json["field"] == "total"


async def test_a_till_of_another_shop_does_not_post_the_sale(shops: TwoTills) -> None:
    who = await customer(shops.one)
    await shops.sync()
    visit = await serve(shops.one, who)
    body = {"sale_id": visit["sale_id"], "customer": who, "sale": {"lines": [PEN]}}
    heard = await shops.two.post("/sales", body)
    assert (heard.status, heard.json["field"]) == (403, "sale_id")


async def test_posting_a_visit_again_with_what_was_sold_registers_it_late(shop: TwoTills) -> None:
    who = await customer(shop.one)
    visit = await serve(shop.one, who)
    assert (await shop.one.post(f"/visits/{visit['id']}/post")).json["state"] == "posted"
    assert (await shop.one.get(f"/sales/{visit['sale_id']}")).status == 404
    assert (await post(shop.one, visit, PEN)).status == 200
    assert (await sale(shop.one, visit["sale_id"]))["sale"]["total"] == 3000


async def test_a_sale_too_long_to_be_sent_is_refused_before_anything_is_saved(shop: TwoTills) -> None:
    visit = await serve(shop.one)
    long = [{"label": f"{at} " + "é" * 95, "amount": 1} for at in range(300)]
    heard = await post(shop.one, visit, *long)
    assert heard.status == 422, heard.raw
    assert "32768" in heard.json["detail"]
    assert (await shop.one.get(f"/visits/{visit['id']}")).json["state"] == "open"
    assert (await post(shop.one, visit, *({"label": "x", "amount": 1} for _ in range(401)))).json["field"] == "lines"
    assert (await post(shop.one, visit)).json["field"] == "lines"


async def test_a_walk_in_sale_is_on_the_walk_in_s_account(shop: TwoTills) -> None:
    visit = await serve(shop.one)
    await post(shop.one, visit, PEN)
    shown = await sale(shop.one, visit["sale_id"])
    assert shown["sale"]["customer"]["walk_in"]
    assert await revenue(shop.one, shown["sale"]["customer"]["id"]) == {"2025-10": 3000}


@pytest.mark.feature("C9.2")
async def test_a_return_names_its_sale_and_never_gives_back_more_than_was_sold(shop: TwoTills) -> None:
    who = await customer(shop.one)
    id_ = await sell(shop.one, who, {**PEN, "amount": 1000}, BOOK)
    third = await take_back(shop.one, id_, (0, 1000), reason="abîmé")
    assert (third.json["returned"], third.json["left"]) == (333, 2666)
    (back,) = third.json["following"]
    assert (back["kind"], back["original"], back["total"]) == ("return", id_, -333)
    assert (await sale(shop.one, back["id"]))["lines"][0]["reason"] == "abîmé"
    rest = await take_back(shop.one, id_, (0, 2000), (1, 1000))
    assert (rest.json["returned"], rest.json["left"]) == (2999, 0), "the last piece takes the odd cent"
    for lines, status in (((0, 1000), 409), ((1, 1), 409), ((2, 1000), 404), ((0, 0), 422)):
        assert (await take_back(shop.one, id_, lines)).status == status
    assert (await take_back(shop.one, back["id"], (0, 1000))).status == 422, "a return is not taken back"
    assert (await take_back(shop.one, "0" * 16, (0, 1000))).status == 404
    assert await revenue(shop.one, who) == {}


@pytest.mark.feature("C9.2")
async def test_a_cancellation_takes_back_what_is_left_once_at_however_many_tills(shop: TwoTills) -> None:
    who = await customer(shop.one)
    id_ = await sell(shop.one, who, PEN, BOOK)
    await take_back(shop.one, id_, (0, 1000))
    await shop.sync()
    for till in shop.tills:
        heard = await till.post(f"/sales/{id_}/cancel", {"reason": "erreur de caisse"})
        assert (heard.json["cancelled"], heard.json["returned"], heard.json["left"]) == (True, 4999, 0)
        assert (await till.post(f"/sales/{id_}/cancel", {})).status == 200, "twice is once"
        assert (await take_back(till, id_, (0, 1000))).status == 409
    await shop.sync()
    for browser in (shop.hub, *shop.tills):
        shown = await sale(browser, id_)
        assert (shown["returned"], shown["over_returned"], len(shown["following"])) == (4999, False, 2)
        assert await revenue(browser, who) == {}
    assert len(await shop.roots()) == len(set(await shop_roots(shop, 1))) == 1


@pytest.mark.feature("C9.2")
async def test_two_tills_that_take_back_the_same_piece_unheard_are_told_to_somebody(shop: TwoTills) -> None:
    who = await customer(shop.one)
    id_ = await sell(shop.one, who, BOOK)
    await shop.sync()
    for till in shop.tills:
        assert (await take_back(till, id_, (0, 1000))).status == 200
    await shop.sync()
    for browser in (shop.hub, *shop.tills):
        shown = await sale(browser, id_)
        assert (shown["returned"], shown["left"], shown["over_returned"]) == (3998, 0, True)


async def test_a_return_with_an_id_of_its_own_is_registered_once_however_it_is_sent(shop: TwoTills) -> None:
    id_ = await sell(shop.one, await customer(shop.one), PEN)
    visit = await serve(shop.one)
    for _ in range(2):
        heard = await take_back(shop.one, id_, (0, 1000), return_id=visit["sale_id"])
        assert heard.json["returned"] == 1000
    assert (await take_back(shop.one, id_, (0, 1000), return_id=id_)).status == 409, "this is the id of a sale"


async def test_a_return_under_an_id_of_another_shop_is_refused_and_head_office_keeps_it_there(shops: TwoTills) -> None:
    id_ = await sell(shops.one, await customer(shops.one), PEN)
    await shops.sync()
    back = (await serve(shops.two))["sale_id"]
    heard = await take_back(shops.one, id_, (0, 1000), return_id=back)
    assert (heard.status, heard.json["field"]) == (403, "return_id")
    assert (await take_back(shops.hub, id_, (0, 1000), return_id=back)).status == 200
    assert (await take_back(shops.two, id_, amount=1000, return_id=back)).status == 200, "it has not heard of it"
    await shops.sync()
    for number in (1, 2):
        assert len(set(await shop_roots(shops, number))) == 1


@pytest.mark.feature("C9.3")
async def test_a_sale_is_found_again_by_date_amount_product_ticket_and_customer(shop: TwoTills) -> None:
    who, other = await customer(shop.one), await customer(shop.one, last_name="Petit")
    old = await sell(shop.one, who, PEN, ticket="T-1", sold_at="2025-09-30T22:30:00Z")
    new = await sell(shop.one, other, BOOK, ticket="T-2")
    await shop.sync()
    for browser in (shop.one, shop.two, shop.hub):
        for query, expected in (
            ("", [new, old]),
            ("?from=2025-10-01&until=2025-10-01", [old]),  # half past midnight in the shop
            ("?until=2025-09-30", []),
            ("?amount=1999", [new]),
            ("?product=PEN", [old]),
            ("?product=book&from=2025-10-01", [new]),
            ("?ticket=T-1", [old]),
            (f"?customer={other}", [new]),
            ("?shop=2", []),
            ("?limit=1", [new]),
        ):
            found = (await browser.get(f"/sales{query}")).json
            assert [one["id"] for one in found["sales"]] == expected, query
    assert (await shop.one.get("/sales?limit=1")).json["more"]
    (month,) = {one["month"] for one in (await shop.one.get("/sales?ticket=T-1")).json["sales"]}
    assert month == "2025-10", "the month that the shop had"
    for query, field in (("?from=1/10/2025", "from"), ("?customer=x", "customer"), ("?amount=x", "amount")):
        heard = await shop.one.get(f"/sales{query}")
        assert (heard.status, heard.json["field"]) == (422, field)


@pytest.mark.feature("C9.3")
async def test_lines_of_another_shop_come_from_head_office_or_a_clear_word(shops: TwoTills) -> None:
    who = await customer(shops.one)
    id_ = await sell(shops.one, who, PEN, BOOK)
    await shops.sync()
    here = await sale(shops.two, id_)
    assert (here["sale"]["total"], here["lines"], here["lines_from"]) == (4999, None, "nowhere")
    asked = await sale(shops.two, id_, "?head_office=1")
    assert ([line["amount"] for line in asked["lines"]], asked["lines_from"]) == ([3000, 1999], "head_office")
    found = (await shops.two.get("/sales?product=PEN&head_office=1")).json
    assert [one["id"] for one in found["sales"]] == [id_]
    assert (await shops.two.get("/sales?product=PEN")).json["sales"] == []
    lines = await take_back(shops.two, id_, (0, 1000))
    assert (lines.status, lines.json["field"]) == (409, "lines")
    amount = await take_back(shops.two, id_, amount=999)
    assert (amount.status, amount.json["left"]) == (200, 4000)
    assert (await take_back(shops.two, id_, amount=4001)).status == 409
    shops.lines[1].is_cut = True
    cut = await shops.two.get(f"/sales/{id_}?head_office=1")
    assert (cut.status, cut.json["type"]) == (503, "urn:comptoir:out-of-reach")
    assert (await shops.one.get(f"/sales/{id_}?head_office=1")).json["lines_from"] == "here", "nobody need be asked"
    await shops.sync()
    cancelled = await shops.one.post(f"/sales/{id_}/cancel", {})
    assert (cancelled.json["returned"], cancelled.json["over_returned"]) == (4999, False)


async def test_who_was_erased_is_found_by_no_sale_and_the_amounts_stay(shop: TwoTills) -> None:
    who = await customer(shop.one)
    id_ = await sell(shop.one, who, PEN)
    await shop.sync()
    await shop.hub.post(f"/customers/{who}/erase", {"reason": "request"})
    await shop.sync()
    for browser in (shop.hub, *shop.tills):
        shown = await sale(browser, id_)
        assert (shown["sale"]["customer"], shown["sale"]["total"]) == (None, 3000)
        assert (await browser.get(f"/sales?customer={who}")).status == 404
        left = await browser.counter.database.read(
            lambda conn: conn.execute(
                "SELECT count(*) FROM account_owner WHERE customer = ?", (bytes.fromhex(who),)
            ).fetchone()
        )
        assert left == (0,)
    assert (await take_back(shop.one, id_, (0, 1000))).status == 200, "what was bought can still come back"


async def test_a_sale_to_one_who_was_deleted_or_erased_meanwhile_is_registered_all_the_same(shop: TwoTills) -> None:
    gone, erased = await customer(shop.one), await customer(shop.one, last_name="Petit")
    visits = [await serve(shop.one, gone, "1"), await serve(shop.one, erased, "2")]
    await shop.sync()
    assert (await shop.hub.ask("DELETE", f"/customers/{gone}")).status == 204
    await shop.hub.post(f"/customers/{erased}/erase", {"reason": "request"})
    await shop.sync()
    for visit in visits:
        assert (await post(shop.one, visit, PEN)).status == 200
    assert (await sale(shop.one, visits[1]["sale_id"]))["sale"]["customer"]["walk_in"]


@pytest.mark.feature("C10.1")
async def test_revenue_counts_24_months_with_taxes_and_returns_in_the_month_that_the_shop_had(shops: TwoTills) -> None:
    await shops.hub.ask("PUT", "/policies/time_zone?shop=2", {"value": "Indian/Reunion"})
    await shops.sync()
    who = await customer(shops.one)
    await shops.sync()
    evening = "2025-08-31T21:00:00Z"
    paris = await sell(shops.one, who, PEN, sold_at=evening)
    await sell(shops.two, who, BOOK, sold_at=evening)
    await sell(shops.one, who, PEN, sold_at="2023-11-01T10:00:00Z")
    await sell(shops.one, who, PEN, sold_at="2023-10-31T10:00:00Z")
    await take_back(shops.one, paris, (0, 1000))
    await shops.sync()
    for browser in (shops.hub, *shops.tills):
        heard = (await browser.get(f"/customers/{who}/revenue")).json
        shown = {one["month"]: one["revenue"] for one in heard["months"]}
        assert (len(shown), next(iter(shown)), list(shown)[-1]) == (24, "2025-10", "2023-11")
        assert {month: amount for month, amount in shown.items() if amount} == {
            "2025-10": -1000, "2025-09": 1999, "2025-08": 3000, "2023-11": 3000,
        }  # fmt: skip
        assert heard["total"] == 6999


@pytest.mark.feature("C10.2")
async def test_revenue_says_up_to_when_it_is_complete(shop: TwoTills) -> None:
    who = await customer(shop.one)
    await sell(shop.one, who, PEN)
    here = (await shop.one.get(f"/customers/{who}/revenue")).json
    assert (here["complete_until"], here["waiting"], here["total"]) == ("", 1, 3000), "never proved equal"
    other = await customer(shop.one)
    assert (await shop.one.get(f"/customers/{other}/revenue")).json["waiting"] == 0, "what waits is no ticket of theirs"
    await shop.sync()

    def proved(conn: Any) -> None:
        conn.execute("UPDATE cursor SET proved_ms = 1759990000000 WHERE reach = 0")

    await shop.one.counter.database.write(proved)
    here = (await shop.one.get(f"/customers/{who}/revenue")).json
    assert (here["complete_until"], here["waiting"]) == ("2025-10-09T06:06:40Z", 0)

    def heard(conn: Any) -> None:
        conn.execute("INSERT INTO shop (shop, name) VALUES (1, 'Nantes')")
        conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (2, 1, 1), (3, 1, 1)")
        now_ms = shop.hub.counter.clock.now_ms()
        conn.executemany(
            "INSERT INTO roster (site, heard_ms, waiting) VALUES (?,?,?)", [(2, now_ms, 0), (3, 1759980000000, 0)]
        )

    await shop.hub.counter.database.write(heard)
    office = (await shop.hub.get(f"/customers/{who}/revenue")).json
    assert office["complete_until"] == "2025-10-09T03:20:00Z"
    assert office["behind"] == [{"site": 3, "heard_at": "2025-10-09T03:20:00Z", "waiting": 0}]


async def test_an_application_that_only_watches_finds_no_sales(shop: TwoTills) -> None:
    token = {"Authorization": f"Bearer {await shop.one.counter.token(Role.MONITOR)}"}
    assert (await shop.one.get("/sales", headers=token)).status == 403
