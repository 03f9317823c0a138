"""Groups, types, price lists, products over HTTP: written at head office, read at tills, which say why they refuse."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.counter import Browser
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def put(browser: Browser, path: str, **fields: Any) -> Any:
    return await browser.ask("PUT", path, fields)


@pytest.mark.feature("B10.2")
async def test_a_group_is_shown_with_its_colour_and_its_mark_in_the_order_of_head_office(tills: TwoTills) -> None:
    later = await tills.hub.post("/groups", {"label": "Or", "colour": "#c90", "mark": "★", "position": 2})
    first = await tills.hub.post("/groups", {"label": "Presse", "position": 1})
    assert (later.status, first.status) == (201, 201)
    await tills.sync()
    shown = (await tills.two.get("/groups")).json["groups"]
    assert [(one["label"], one["colour"], one["mark"]) for one in shown[1:]] == [
        ("Presse", "", ""),
        ("Or", "#c90", "★"),
    ]
    changed = await tills.hub.patch(f"/groups/{later.json['id']}", {"colour": None, "position": 0})
    assert (changed.json["colour"], changed.json["mark"], changed.json["position"]) == ("", "★", 0)


async def test_what_head_office_keeps_is_refused_at_a_till_which_says_so(tills: TwoTills) -> None:
    refused = [
        await tills.one.post("/groups", {"label": "Club"}),
        await tills.one.post("/customer-types", {"label": "Pro"}),
        await put(tills.one, "/price-lists/PRO"),
        await put(tills.one, "/products/A1", label="Stylo"),
    ]
    for heard in refused:
        assert (heard.status, heard.json["type"]) == (403, "urn:comptoir:forbidden")
        assert heard.json["detail"].endswith("are kept by head office: change them there")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "label"),
        ({"label": " "}, "label"),
        ({"label": "Club", "discount": -1}, "discount"),
        ({"label": "Club", "discount": 10_001}, "discount"),
        ({"label": "Club", "colour": "x" * 17}, "colour"),
        ({"label": "4970 1000 0000 0014"}, "label"),
        ({"label": "Club", "promotions": [{"discount": 20_000}]}, "promotions[0].discount"),
        (
            {"label": "Club", "promotions": [{"discount": 1, "from_day": "2026-02-01", "until_day": "2026-01-01"}]},
            "promotions[0].until_day",
        ),
    ],
)
async def test_a_group_that_makes_no_sense_is_refused_by_its_field(tills: TwoTills, fields: Any, field: str) -> None:
    heard = await tills.hub.post("/groups", fields)
    assert (heard.status, heard.json["field"]) == (422, field)


async def test_a_group_is_made_once_however_often_it_is_sent(tills: TwoTills) -> None:
    for _ in range(2):
        heard = await tills.hub.post("/groups", {"label": "Club"}, key="group-1")
        assert heard.status == 201
    assert len((await tills.hub.get("/groups")).json["groups"]) == 2


@pytest.mark.feature("B17.1")
async def test_a_price_list_names_products_with_dates_and_is_changed_and_withdrawn(tills: TwoTills) -> None:
    made = await put(tills.hub, "/price-lists/PRO", label="Professionnels", discount=500)
    assert (made.status, made.json["price_list"]["code"], made.json["prices"]) == (200, "PRO", [])
    for product, day in (("A1", None), ("A1", "2026-12-01"), ("B2", None)):
        told = {"product": product, "price_cents": 450, "from_day": day}
        assert (await tills.hub.post("/price-lists/pro/prices", told)).status == 201
    await tills.sync()
    shown = (await tills.one.get("/price-lists/PRO")).json
    assert [(one["product"], one["from_day"]) for one in shown["prices"]] == [
        ("A1", None), ("A1", "2026-12-01"), ("B2", None),
    ]  # fmt: skip
    one, other, _ = (price["id"] for price in shown["prices"])
    cheaper = await tills.hub.patch(f"/price-lists/PRO/prices/{one}", {"price_cents": None, "discount": 1000})
    assert (cheaper.json["prices"][0]["price_cents"], cheaper.json["prices"][0]["discount"]) == (None, 1000)
    assert len((await tills.hub.ask("DELETE", f"/price-lists/PRO/prices/{other}")).json["prices"]) == 2
    assert (await tills.hub.ask("DELETE", f"/price-lists/PRO/prices/{other}")).status == 404
    withdrawn = await put(tills.hub, "/price-lists/PRO", withdrawn=True)
    assert (withdrawn.json["price_list"]["withdrawn"], withdrawn.json["price_list"]["discount"]) == (True, 500)
    assert (await tills.hub.get("/price-lists/none")).status == 404
    assert (await tills.hub.post("/price-lists/none/prices", {"product": "A1", "price_cents": 1})).status == 404
    await tills.sync()
    (listed,) = (await tills.two.get("/price-lists")).json["price_lists"]
    assert (listed["code"], listed["withdrawn"]) == ("PRO", True)


@pytest.mark.feature("C14.1")
async def test_a_product_has_code_label_price_vat_and_says_whether_it_is_discountable_and_labour(
    tills: TwoTills,
) -> None:
    told = {"label": "Réglage", "price_cents": 2500, "vat": 2000, "discountable": False, "labour": True}
    made = await put(tills.hub, "/products/MO 1", **told, family="Atelier", barcodes=["3017620422003"])
    assert made.status == 200, made.raw
    expected = {**told, "code": "MO 1", "family": "Atelier", "barcodes": ["3017620422003"], "withdrawn": False}
    assert {name: value for name, value in made.json.items() if name != "id"} == expected
    await tills.sync()
    for code in ("MO 1", "mo1", "3017620422003"):
        heard = await tills.one.get(f"/products/{code}")
        assert (heard.status, heard.json) == (200, made.json), "by code and barcode, at a till without a line"
    assert (await tills.one.get("/products/unknown")).status == 404


@pytest.mark.feature("C14.2")
async def test_products_are_replicated_and_said_twice_change_nothing(tills: TwoTills) -> None:
    for number in range(5):
        await put(tills.hub, f"/products/P{number}", label=f"Article {number}", price_cents=100 * number)
    await tills.sync()
    head = (await tills.hub.counter.database.read(lambda conn: conn.execute("SELECT count(*) FROM feed").fetchone()))[0]
    await put(tills.hub, "/products/p0", label="Article 0", price_cents=0)
    again = (await tills.hub.counter.database.read(lambda conn: conn.execute("SELECT count(*) FROM feed").fetchone()))[
        0
    ]
    assert again == head
    first = (await tills.two.get("/products?q=p&limit=3")).json
    rest = (await tills.two.get(f"/products?q=p&limit=3&after={first['next']}")).json
    assert [one["code"] for one in (*first["products"], *rest["products"])] == ["P0", "P1", "P2", "P3", "P4"]
    assert rest["next"] == ""
    assert len(await tills.roots()) == 1


async def test_a_code_or_barcode_names_one_product_and_a_null_overwrites_nothing(tills: TwoTills) -> None:
    await put(tills.hub, "/products/A1", label="Stylo", price_cents=150, barcodes=["3017620422003"])
    heard = await put(tills.hub, "/products/B2", label="Cahier", barcodes=["3017620422003"])
    assert (heard.status, heard.json["type"], heard.json["field"]) == (409, "urn:comptoir:taken", "barcodes")
    heard = await put(tills.hub, "/products/3017620422003", label="Cahier")
    assert (heard.status, heard.json["field"]) == (409, "code")
    kept = await put(tills.hub, "/products/a1", label=None, price_cents=None, vat=550)
    assert (kept.json["label"], kept.json["price_cents"], kept.json["vat"]) == ("Stylo", 150, 550)
    assert (await put(tills.hub, "/products/C3")).json["field"] == "label", "a new one needs a name"
    gone = await put(tills.hub, "/products/A1", withdrawn=True)
    assert gone.json["withdrawn"]
    back = await put(tills.hub, "/products/A1", withdrawn=False)
    assert not back.json["withdrawn"]
