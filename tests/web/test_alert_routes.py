"""What is shown at identification, over HTTP: notes for the till, NPAI, comments; two tills that disagree."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.counter import Browser
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description

NANTES = {"line1": "12 rue Crébillon", "postal_code": "44000", "city": "Nantes"}
RENNES = {"line1": "1 rue de Brest", "postal_code": "35000", "city": "Rennes"}


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def create(browser: Browser, **fields: Any) -> str:
    heard = await browser.post("/customers", {"last_name": "Morel", "surface": "import", **fields})
    assert heard.status == 201, heard.raw
    return str(heard.json["customer"]["id"])


async def shown(browser: Browser, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get(f"/customers/{id_}")).json
    return found


async def edit(browser: Browser, id_: str, **fields: Any) -> None:
    version = (await shown(browser, id_))["version"]
    assert (await browser.patch(f"/customers/{id_}", fields, version=version)).status == 200


async def tick(browser: Browser, id_: str, **said: Any) -> Any:
    return await browser.post(f"/customers/{id_}/npai", said)


async def alerts(browser: Browser, where: str) -> list[str]:
    return [one["id"] for one in (await browser.get(f"{where}/alerts")).json]


@pytest.mark.feature("B6.1", "B6.2")
async def test_ticking_npai_asks_which_of_two_facts_is_meant(tills: TwoTills) -> None:
    id_ = await create(tills.one, address=NANTES)
    asked = await tick(tills.one, id_)
    assert (asked.status, asked.json["field"]) == (422, "address")
    assert "say which is meant" in asked.json["detail"]
    bad = (await tick(tills.one, id_, address=True)).json
    assert (bad["bad_address"], bad["no_information"]) == (True, False)
    silent = (await tick(tills.one, id_, no_information=True)).json
    assert (silent["bad_address"], silent["no_information"]) == (True, True)
    said = silent["consents"]
    assert {one["state"] for one in said.values()} == {"refused"}
    assert {one["source"] for one in said.values()} == {"npai"}, "no second flag: a refusal of every channel"
    assert (await tick(tills.one, id_, no_information=False)).status == 422
    assert (await tick(tills.one, id_, address=False)).json["bad_address"] is False
    granted = {"sms": {"state": "granted"}}
    await edit(tills.one, id_, consents=granted)
    assert (await shown(tills.one, id_))["no_information"] is False, "a grant of one channel names its refusal"


@pytest.mark.feature("B6.4")
async def test_a_new_address_clears_the_first_fact_wherever_it_was_typed(tills: TwoTills) -> None:
    id_ = await create(tills.one, address=NANTES)
    await tills.sync()
    await tick(tills.one, id_, address=True)
    await edit(tills.two, id_, address=RENNES)
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        now = await shown(browser, id_)
        assert (now["address"]["city"], now["bad_address"]) == ("Rennes", False)
    assert len(await tills.roots()) == 1
    await tick(tills.two, id_, address=True)
    await tills.sync()
    assert (await shown(tills.one, id_))["bad_address"] is True
    nowhere = await create(tills.one)
    assert (await tick(tills.one, nowhere, address=True)).status == 422


async def test_a_further_address_is_bad_by_itself(tills: TwoTills) -> None:
    id_ = await create(tills.one, address=NANTES)
    made = await tills.one.post(f"/customers/{id_}/addresses", {"address": RENNES, "label": "travail"})
    member = made.json["addresses"][0]["id"]
    bad = (await tick(tills.one, id_, address=True, member=member)).json
    assert (bad["bad_address"], bad["addresses"][0]["bad"]) == (False, True)
    assert (await tick(tills.one, id_, address=True, member="x")).status == 404


@pytest.mark.feature("B6.3")
async def test_the_alert_at_the_till_follows_the_policy(tills: TwoTills) -> None:
    id_ = await create(tills.one, address=NANTES)
    await tick(tills.one, id_, address=True)
    (banner,) = (await tills.one.get(f"/customers/{id_}/alerts")).json
    assert (banner["kind"], banner["text"], banner["must_acknowledge"]) == (
        "npai",
        "12 rue Crébillon, 44000, Nantes",
        False,
    )
    for policy, expected in (("acknowledge", [True]), ("off", [])):
        await tills.hub.ask("PUT", "/policies/npai_alert", {"value": policy})
        await tills.sync()
        found = (await tills.one.get(f"/customers/{id_}/alerts")).json
        assert [one["must_acknowledge"] for one in found] == expected


@pytest.mark.feature("B7.2", "B7.3")
async def test_next_time_is_for_this_visit_and_done_for_everybody(tills: TwoTills) -> None:
    await tills.one.counter.choose_walk_in()
    id_ = await create(tills.one, address=NANTES)
    await tick(tills.one, id_, address=True)
    for text in ("Rappeler", "Allergique"):
        await tills.one.post(f"/customers/{id_}/notes", {"text": text, "show_at_till": True})
    await tills.one.post(f"/customers/{id_}/notes", {"text": "Pas ici"})
    visit = (await tills.one.post("/visits", {})).json["id"]
    assert await alerts(tills.one, f"/visits/{visit}") == [], "nobody in particular"
    await tills.one.post(f"/visits/{visit}/attach", {"customer": id_})
    first, second, npai = await alerts(tills.one, f"/visits/{visit}")
    assert npai == "npai"
    for alert in (first, npai):
        left = await tills.one.post(f"/visits/{visit}/alerts/{alert}/next-time")
        assert left.status == 200
    assert await alerts(tills.one, f"/visits/{visit}") == [second]
    assert await alerts(tills.one, f"/customers/{id_}") == [first, second, "npai"], "it comes back next time"
    await tills.one.ask("PATCH", f"/customers/{id_}/notes/{second}", {"done": True})
    assert await alerts(tills.one, f"/visits/{visit}") == []
    await tills.sync()
    assert await alerts(tills.two, f"/customers/{id_}") == [first, "npai"], "done is done for everybody"
    assert (await tills.one.post(f"/visits/{visit}/alerts/nothing/next-time")).status == 404
    assert (await tills.one.get(f"/visits/{'0' * 16}/alerts")).status == 404


@pytest.mark.feature("B7.5")
async def test_a_comment_can_be_added_during_a_sale(tills: TwoTills) -> None:
    await tills.one.counter.choose_walk_in()
    id_ = await create(tills.one)
    visit = (await tills.one.post("/visits", {})).json["id"]
    assert (await tills.one.post(f"/visits/{visit}/comment", {"text": "Bonjour"})).status == 403, "of nobody"
    await tills.one.post(f"/visits/{visit}/attach", {"customer": id_})
    made = await tills.one.post(f"/visits/{visit}/comment", {"text": "Veut être rappelé", "show_at_till": True})
    assert (made.status, [note["text"] for note in made.json["notes"]]) == (201, ["Veut être rappelé"])
    assert len(await alerts(tills.one, f"/visits/{visit}")) == 1


@pytest.mark.feature("B9.3")
async def test_a_refusal_beats_a_grant_that_was_given_at_another_till_meanwhile(tills: TwoTills) -> None:
    id_ = await create(tills.one, consents={"sms": {"state": "granted", "source": "till"}})
    await tills.sync()
    await edit(tills.one, id_, consents={"sms": {"state": "refused", "source": "phone"}})
    tills.two.counter.clock.at_ms = tills.one.counter.clock.at_ms + 60_000
    await edit(tills.two, id_, consents={"sms": {"state": "granted", "source": "form"}})
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        sms = (await shown(browser, id_))["consents"]["sms"]
        assert (sms["state"], sms["source"]) == ("refused", "phone"), "though the grant is the newer one"
    await edit(tills.two, id_, consents={"sms": {"state": "granted", "source": "counter"}})
    await tills.sync()
    assert (await shown(tills.one, id_))["consents"]["sms"]["state"] == "granted", "a grant that has seen the refusal"
    assert len(await tills.roots()) == 1
