"""Policies over HTTP: set at head office, obeyed and shown with their origin at the tills."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.policy_book import POLICIES
from tests.fakes.counter import Browser
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def put(browser: Browser, name: str, value: Any) -> Any:
    return await browser.ask("PUT", f"/policies/{name}", {"value": value})


@pytest.mark.feature("B1.2")
async def test_required_fields_are_a_policy_of_head_office_by_surface_and_kind(tills: TwoTills) -> None:
    before = (await tills.one.get("/policies/required")).json
    assert (before["origin"], before["since"], before["value"]["till"]["person"][-1]) == ("default", None, "email")
    told = {"till": {"person": ["last_name", "mobile"]}, "kiosk": {"company": ["siret"]}}
    said = await put(tills.hub, "required", told)
    assert (said.status, said.json["origin"], said.json["by"]) == (200, "head_office", "a owner")
    await tills.sync()
    heard = (await tills.one.get("/policies/required")).json
    assert heard == said.json, "the till says whose word it is and since when"
    refused = await tills.one.post("/customers", {"last_name": "Morel", "surface": "till"})
    assert (refused.status, refused.json["field"]) == (422, "mobile")
    made = await tills.one.post("/customers", {"last_name": "Morel", "mobile": "0612345678", "surface": "till"})
    assert made.status == 201
    company = await tills.two.post("/customers", {"company_name": "Le Goff", "kind": "company", "surface": "kiosk"})
    assert (company.status, company.json["field"]) == (422, "siret")
    assert (await tills.two.post("/customers", {"last_name": "Import", "surface": "import"})).status == 201


async def test_a_till_only_reads_and_what_makes_no_sense_is_refused_by_name(tills: TwoTills) -> None:
    assert (await put(tills.one, "npai_alert", "off")).status == 403
    for name, value in (
        ("npai_alert", "loud"),
        ("required", {"till": {"robot": ["email"]}}),
        ("required", {"shop": {"person": ["email"]}}),
        ("required", {"till": {"person": ["shoe_size"]}}),
        ("required", ["email"]),
        ("search_length_min", 0),
        ("retention_months", "3"),
        ("consent_wording", {"pigeon": "v1"}),
        ("code_blocks", {"digits": 2}),
        ("code_blocks", {"prefix": "C0"}),
        ("code_blocks", {"prefix": "é"}),
        ("beyond_rights", {"mode": "always"}),
        ("beyond_rights", {"mode": "at_risk", "at_most": {"cents": 1}}),
        ("beyond_rights", {"mode": "at_risk", "at_most": {"points": -1}}),
        ("expiry", {"months": 0}),
        ("expiry", {"months": 12, "notice_days": 400}),
        ("time_zone", "Europe/Lutèce"),
        ("time_zone", 3),
        ("caps", {"pope": {"points": 1}}),
    ):
        heard = await put(tills.hub, name, value)
        assert (heard.status, heard.json["field"]) == (422, "value"), name
    assert (await put(tills.hub, "nonsense", 1)).status == 404
    assert (await tills.hub.get("/policies/nonsense")).status == 404
    names = [one["name"] for one in (await tills.one.get("/policies")).json]
    assert names == sorted(POLICIES)


async def test_a_policy_may_differ_in_one_shop(tills: TwoTills) -> None:
    there = await tills.hub.ask("PUT", "/policies/time_zone?shop=2", {"value": "Indian/Reunion"})
    assert (there.status, there.json["shop"]) == (200, 2)
    assert (await tills.hub.ask("PUT", "/policies/npai_alert?shop=2", {"value": "off"})).status == 422
    await tills.sync()
    assert (await tills.two.get("/policies/time_zone?shop=2")).json["value"] == "Indian/Reunion"
    assert (await tills.two.get("/policies/time_zone?shop=1")).json["value"] == "Europe/Paris"


@pytest.mark.feature("B9.1")
async def test_a_consent_names_the_wording_that_head_office_says_is_shown_now(tills: TwoTills) -> None:
    await put(tills.hub, "consent_wording", {"sms": "sms-2025-11"})
    await tills.sync()
    granted = {"state": "granted", "source": "till", "expiry": "2027-01-01"}
    body = {"last_name": "Morel", "surface": "import", "consents": {"sms": granted, "post": granted}}
    said = (await tills.one.post("/customers", body)).json["customer"]["consents"]
    assert (said["sms"]["wording"], said["post"]["wording"]) == ("sms-2025-11", None)
    assert (said["sms"]["source"], said["sms"]["operator"], said["sms"]["expiry"][:10]) == (
        "till",
        "a owner",
        "2027-01-01",
    )
    assert said["email"]["state"] == "unknown"


@pytest.mark.feature("B9.1", "B9.2")
async def test_an_expired_grant_is_no_grant_and_is_asked_for_again(tills: TwoTills) -> None:
    await tills.one.counter.choose_walk_in()
    granted = {"state": "granted", "source": "till", "expiry": "2025-10-20"}
    refused = {"state": "refused", "source": "till", "expiry": "2025-10-20"}
    body = {"last_name": "Morel", "surface": "import", "consents": {"sms": granted, "post": refused}}
    who = (await tills.one.post("/customers", {**body, "preferred_channel": "sms"})).json["customer"]["id"]
    await tills.sync()
    assert (await tills.two.get(f"/customers/{who}/alerts")).json == []
    for browser in (tills.hub, *tills.tills):
        browser.counter.clock.at_ms += 12 * 86_400_000
        shown = (await browser.get(f"/customers/{who}")).json
        assert {name: shown["consents"][name]["state"] for name in ("sms", "post", "email")} == {
            "sms": "expired", "post": "refused", "email": "unknown",
        }  # fmt: skip
        (asked,) = (await browser.get(f"/customers/{who}/alerts")).json
        assert (asked["id"], asked["kind"], asked["text"]) == ("consent_sms", "consent", "sms")
        page = (await browser.get("/register")).json["customers"]
        assert [one["consents"]["sms"]["state"] for one in page if one["id"] == who] == ["expired"]
    shown = (await tills.two.get(f"/customers/{who}")).json
    edited = await tills.two.patch(f"/customers/{who}", {"preferred_channel": "sms"}, version=shown["version"])
    assert (edited.status, edited.json["field"]) == (422, "preferred_channel")
    visit = (await tills.one.post("/visits", {})).json["id"]
    await tills.one.post(f"/visits/{visit}/attach", {"customer": who})
    left = await tills.one.post(f"/visits/{visit}/alerts/consent_sms/next-time")
    assert (left.status, left.json) == (200, []), "it comes back with the next visit"
    again = await tills.one.patch(
        f"/customers/{who}", {"consents": {"sms": {"state": "granted"}}}, version=shown["version"]
    )
    assert again.json["consents"]["sms"]["state"] == "granted"
    assert (await tills.one.get(f"/customers/{who}/alerts")).json == []


async def test_a_search_shorter_than_head_office_allows_is_refused_in_a_sentence(tills: TwoTills) -> None:
    body = {"last_name": "Le", "first_name": "Anh", "surface": "import"}
    who = (await tills.one.post("/customers", body)).json["customer"]["id"]
    await tills.sync()
    assert [one["customer"]["id"] for one in (await tills.two.get("/customers?q=l")).json["hits"]] == [who]
    await put(tills.hub, "search_length_min", 3)
    assert (await tills.two.get("/customers?q=l")).status == 200, "it has not heard of it, and obeys what it knows"
    await tills.sync()
    for path in ("/customers?q=l", "/customers?q=l%20e", "/head-office/customers?q=le"):
        heard = await tills.two.get(path)
        assert (heard.status, heard.json["field"]) == (422, "q"), path
        assert heard.json["detail"] == "q: head office asks for at least 3 characters"
    assert [one["customer"]["id"] for one in (await tills.two.get("/customers?q=le%20a")).json["hits"]] == [who]
    assert (await tills.two.get("/customers?q=")).json["hits"] == [], "nothing typed is nothing asked"
