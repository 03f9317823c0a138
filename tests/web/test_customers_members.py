"""Customers over HTTP: cards, notes, tags, addresses; and the walk-in customer, who has none."""

from typing import Any

import pytest

from tests.fakes.counter import Browser
from tests.web.people import HELENE, PAUL, cashier, create, refused


@pytest.mark.feature("B22.1")
async def test_a_customer_has_several_cards_typed_or_scanned(browser: Browser) -> None:
    made = await create(browser, HELENE)
    where = f"/customers/{made['id']}/cards"
    heard = await browser.post(where, {"number": "ext 77", "medium": "badge"})
    assert heard.status == 201
    assert {card["number"] for card in heard.json["cards"]} == {"290000042187", "EXT77"}
    assert (await browser.post("/identify", {"card": "ext77"})).json["customer"]["id"] == made["id"]
    again = await browser.post(where, {"number": "EXT 77"})
    assert len(again.json["cards"]) == 2, "the same card twice is one card"


@pytest.mark.feature("B22.2")
async def test_a_card_tells_its_state_since_when_and_by_whom(browser: Browser) -> None:
    made = await create(browser, HELENE)
    (card,) = made["cards"]
    assert (card["state"], card["blocked"], card["by"]) == ("active", False, "a owner")
    await cashier(browser)
    browser.counter.clock.at_ms += 3 * 3_600_000
    heard = await browser.patch(f"/customers/{made['id']}/cards/{card['id']}", {"state": "lost"})
    (lost,) = heard.json["cards"]
    assert (lost["state"], lost["blocked"], lost["reason"], lost["by"]) == ("lost", True, "lost", "Léa")
    assert (card["since"][:13], lost["since"][:13]) == ("2025-10-09T08", "2025-10-09T11")
    where = f"/customers/{made['id']}/cards/{card['id']}"
    assert (await browser.patch(where, {"blocked": False})).status == 409
    assert (await browser.patch(where, {"state": "active"})).json["cards"][0]["blocked"] is False
    assert (await browser.patch(where, {})).status == 200


@pytest.mark.feature("B22.3")
async def test_a_card_that_somebody_else_has_is_asked_about_and_may_be_moved(browser: Browser) -> None:
    owner, other = await create(browser, HELENE), await create(browser, PAUL)
    heard = await browser.post(f"/customers/{other['id']}/cards", {"number": "2900 0004 2187"})
    refused(heard, 409, "number")
    assert heard.json["owners"] == [owner["id"]]
    moved = await browser.post(f"/customers/{other['id']}/cards", {"number": "290000042187", "move": True})
    assert [card["number"] for card in moved.json["cards"]] == ["290000042187"]
    assert (await browser.get(f"/customers/{owner['id']}")).json["cards"] == []
    assert {told.id for told in browser.counter.heard("customer")} >= {owner["id"], other["id"]}


async def test_a_card_is_taken_away(browser: Browser) -> None:
    made = await create(browser, HELENE)
    where = f"/customers/{made['id']}/cards/{made['cards'][0]['id']}"
    assert (await browser.ask("DELETE", where)).json["cards"] == []
    refused(await browser.ask("DELETE", where), 404, "member")
    refused(await browser.ask("DELETE", f"/customers/{made['id']}/cards/zz"), 404, "member")


@pytest.mark.feature("B7.1", "B7.4")
async def test_notes_have_authors_and_dates_and_can_be_closed_and_erased(browser: Browser) -> None:
    made = await create(browser, PAUL)
    await cashier(browser)
    where = f"/customers/{made['id']}/notes"
    await browser.post(where, {"text": "Allergique\naux noix", "show_at_till": True})
    heard = await browser.post(where, {"text": "Préfère le matin"})
    newest, oldest = heard.json["notes"]
    assert (newest["text"], oldest["text"]) == ("Préfère le matin", "Allergique\naux noix")
    assert (oldest["author"], oldest["written_at"][:10], oldest["show_at_till"]) == ("Léa", "2025-10-09", True)
    closed = await browser.patch(f"{where}/{oldest['id']}", {"done": True, "text": "Allergie"})
    assert [(note["text"], note["done"]) for note in closed.json["notes"]] == [
        ("Préfère le matin", False),
        ("Allergie", True),
    ]
    erased = await browser.ask("DELETE", f"{where}/{oldest['id']}")
    assert [note["id"] for note in erased.json["notes"]] == [newest["id"]]


@pytest.mark.feature("B7.5")
async def test_a_comment_is_added_during_a_sale(browser: Browser) -> None:
    await browser.counter.choose_walk_in()
    made = await create(browser, PAUL)
    visit = (await browser.post("/visits", {})).json
    await browser.post(f"/visits/{visit['id']}/attach", {"customer": made["id"]})
    assert (await browser.post(f"/customers/{made['id']}/notes", {"text": "Revient samedi"})).status == 201
    assert (await browser.get(f"/visits/{visit['id']}")).json["state"] == "open"


@pytest.mark.feature("B8.1")
async def test_tags_come_comma_separated_and_differ_in_more_than_case(browser: Browser) -> None:
    made = await create(browser, PAUL | {"tags": ["Fidèle", "fidele"]})
    assert made["tags"] == ["Fidèle"]
    heard = await browser.post(f"/customers/{made['id']}/tags", {"tag": "VIP, Presse,fidèle"})
    assert heard.json["tags"] == ["Fidèle", "Presse", "VIP"]
    heard = await browser.ask("DELETE", f"/customers/{made['id']}/tags/presse")
    assert heard.json["tags"] == ["Fidèle", "VIP"]
    refused(await browser.ask("DELETE", f"/customers/{made['id']}/tags/presse"), 404, "tag")
    whole = await browser.patch(f"/customers/{made['id']}", {"tags": ["vip", "Été"]}, version=heard.json["version"])
    assert whole.json["tags"] == ["VIP", "Été"]


@pytest.mark.feature("B5.1")
async def test_there_are_several_addresses_and_one_main_one(browser: Browser) -> None:
    made = await create(browser, HELENE)
    where = f"/customers/{made['id']}/addresses"
    heard = await browser.post(where, {"label": "Vacances", "address": {"city": "Brest", "postal_code": "29200"}})
    (other,) = heard.json["addresses"]
    assert (other["label"], other["address"]["city"], heard.json["address"]["city"]) == ("Vacances", "Brest", "Nantes")
    heard = await browser.post(where, {"main": True, "label": "Avant", "address": {"city": "Lyon"}})
    assert heard.json["address"]["city"] == "Lyon"
    assert {one["address"]["city"] for one in heard.json["addresses"]} == {"Brest", "Nantes"}
    heard = await browser.ask("DELETE", f"{where}/{other['id']}")
    assert [one["address"]["city"] for one in heard.json["addresses"]] == ["Nantes"]
    refused(await browser.post(where, {"address": {}}), 422, "address")


# ---- the walk-in customer --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("/cards", {"number": "290000042187"}),
        ("/notes", {"text": "x"}),
        ("/tags", {"tag": "x"}),
        ("/addresses", {"address": {"city": "Lyon"}}),
    ],
)
async def test_nothing_is_kept_about_the_walk_in_customer(browser: Browser, where: str, body: dict[str, Any]) -> None:
    walk_in = await browser.counter.choose_walk_in()
    assert (await browser.post(f"/customers/{walk_in}{where}", body)).status == 403


@pytest.mark.parametrize("edit", [{"consents": {"sms": {"state": "granted"}}}, {"tags": ["x"]}, {"blocked": True}])
async def test_the_walk_in_customer_consents_to_nothing(browser: Browser, edit: dict[str, Any]) -> None:
    walk_in = await browser.counter.choose_walk_in()
    here = (await browser.get(f"/customers/{walk_in}")).json
    assert (here["walk_in"], here["display_name"]) == (True, "Client de passage")
    assert (await browser.patch(f"/customers/{walk_in}", edit, version=here["version"])).status == 403
