"""Why a value stands, and disagreements between two tills, over HTTP."""

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


async def create(browser: Browser, **fields: Any) -> str:
    heard = await browser.post("/customers", {"last_name": "Morel", "email": "paul@example.org", **fields})
    assert heard.status == 201, heard.raw
    return str(heard.json["customer"]["id"])


async def edit(browser: Browser, id_: str, **fields: Any) -> None:
    version = (await browser.get(f"/customers/{id_}")).json["version"]
    heard = await browser.patch(f"/customers/{id_}", fields, version=version)
    assert heard.status == 200, heard.raw


async def story(browser: Browser, id_: str, name: str, part: str = "customer") -> dict[str, Any]:
    heard = await browser.get(f"/customers/{id_}/why")
    assert heard.status == 200, heard.raw
    return next(one for one in heard.json["fields"] if (one["field"], one["part"]) == (name, part))


async def inbox(browser: Browser, **query: Any) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    heard = await browser.get(f"/disagreements?{asked}")
    assert heard.status == 200, heard.raw
    found: list[dict[str, Any]] = heard.json["disagreements"]
    return found


async def disagree(tills: TwoTills) -> str:
    """Both tills give one customer another mobile while the line is cut; the second one is the later."""
    id_ = await create(tills.one, first_name="Paul", company_name="", mobile="0612345600")
    await tills.sync()
    await edit(tills.one, id_, mobile="0612345601")
    tills.two.counter.clock.at_ms = tills.one.counter.clock.at_ms + 60_000
    await edit(tills.two, id_, mobile="0612345602")
    await tills.sync()
    return id_


@pytest.mark.feature("B15.1")
async def test_each_field_says_who_set_it_where_and_when_and_what_it_replaced(tills: TwoTills) -> None:
    id_ = await create(tills.one, first_name="Paul", mobile="0612345600")
    name = await story(tills.one, id_, "name")
    assert (name["before"], name["replaced"], name["standing"]["value"]) == ("first", None, "Paul Morel")
    await edit(tills.one, id_, mobile="0612345601")
    offline = await story(tills.one, id_, "mobile")
    assert offline["standing"]["value"] == "+33612345601"
    assert (offline["standing"]["by"], offline["standing"]["site"], offline["standing"]["shop"]) == ("a owner", 2, 1)
    assert (offline["before"], offline["replaced"]["value"]) == ("known", "+33612345600")
    await tills.sync()
    for one in (tills.hub, *tills.tills):
        assert await story(one, id_, "mobile") == offline, "the same story everywhere"
    language = {"language": "fr"}
    await edit(tills.two, id_, **language)
    added = await story(tills.two, id_, "language")
    assert (added["before"], added["replaced"]) == ("first", None), "it was empty before"
    assert (await tills.one.get(f"/customers/{'0' * 16}/why")).status == 404


@pytest.mark.feature("B15.2", "E2.3")
async def test_a_value_that_lost_is_shown_beside_its_winner_and_stands_in_the_inbox(tills: TwoTills) -> None:
    id_ = await disagree(tills)
    for one in (tills.hub, *tills.tills):
        mobile = await story(one, id_, "mobile")
        assert mobile["standing"]["value"] == "+33612345602"
        assert [lost["value"] for lost in mobile["lost"]] == ["+33612345601"]
        (found,) = await inbox(one, whose="all")
        assert (found["customer"], found["field"], found["display_name"]) == (id_, "mobile", "Paul Morel")
        assert found["standing"] == mobile["standing"]
        assert found["lost"] == mobile["lost"][0]
        assert [lost["site"] for lost in mobile["lost"]] == [2]


@pytest.mark.feature("B15.3", "E2.3")
async def test_choosing_the_loser_is_one_call_and_settles_it_everywhere(tills: TwoTills) -> None:
    id_ = await disagree(tills)
    mobile = await story(tills.two, id_, "mobile")
    lost = mobile["lost"][0]
    chosen = {"field": "mobile", "chosen": lost["id"], "standing": mobile["standing"]["id"]}
    heard = await tills.two.post(f"/customers/{id_}/choice", chosen, key="k")
    assert (heard.status, heard.json["mobile"], heard.json["conflicts"]) == (200, "+33612345601", [])
    assert (await tills.two.post(f"/customers/{id_}/choice", chosen, key="k")).raw == heard.raw
    assert (await tills.two.post(f"/customers/{id_}/choice", chosen)).status == 412, "somebody has chosen by now"
    await tills.sync()
    for one in (tills.hub, *tills.tills):
        assert await inbox(one, whose="all") == []
        now = await story(one, id_, "mobile")
        assert (now["standing"]["value"], now["lost"]) == ("+33612345601", [])
        assert now["replaced"]["value"] == "+33612345602"
    assert len(await tills.roots()) == 1


@pytest.mark.feature("E2.3")
async def test_what_stands_may_be_confirmed_and_two_tills_that_choose_differently_disagree_again(
    tills: TwoTills,
) -> None:
    id_ = await disagree(tills)
    one, two = [await story(till, id_, "mobile") for till in tills.tills]
    keep = {"field": "mobile", "chosen": one["standing"]["id"], "standing": one["standing"]["id"]}
    take = {"field": "mobile", "chosen": two["lost"][0]["id"], "standing": two["standing"]["id"]}
    assert (await tills.one.post(f"/customers/{id_}/choice", keep)).json["conflicts"] == []
    assert (await tills.two.post(f"/customers/{id_}/choice", take)).json["conflicts"] == []
    await tills.sync()
    assert len(await tills.roots()) == 1
    for till in (tills.hub, *tills.tills):
        (again,) = await inbox(till, whose="all")
        assert {again["standing"]["value"], again["lost"]["value"]} == {"+33612345601", "+33612345602"}


async def test_the_inbox_of_a_till_is_about_its_shop_and_comes_page_by_page(tills: TwoTills) -> None:
    await tills.one.counter.hire("Léa")
    ids = [await create(tills.one, email=f"p{at}@example.org") for at in range(3)]
    await tills.sync()
    for at, id_ in enumerate(ids):
        for till in tills.tills:
            await edit(till, id_, language="en" if till is tills.one else "de", civility=f"n{at}")
    await tills.sync()
    first = (await tills.hub.get("/disagreements?limit=2")).json
    assert len(first["disagreements"]) == 2
    rest = (await tills.hub.get(f"/disagreements?limit=5&after={first['next']}")).json
    assert (len(rest["disagreements"]), rest["next"]) == (1, None), "who says the same does not disagree"
    assert len(await inbox(tills.hub)) == 3, "head office sees all of them"
    assert (await tills.hub.get("/disagreements?whose=mine")).status == 422
    assert (await tills.hub.get("/disagreements?after=nonsense")).status == 422


async def test_a_note_changed_here_and_removed_there_comes_back_or_stays_away(tills: TwoTills) -> None:
    id_ = await create(tills.one)
    for _ in range(2):
        await tills.one.post(f"/customers/{id_}/notes", {"text": "Rappeler"})
    await tills.sync()
    notes = [note["id"] for note in (await tills.one.get(f"/customers/{id_}")).json["notes"]]
    for note in notes:
        await tills.one.ask("DELETE", f"/customers/{id_}/notes/{note}")
        await tills.two.ask("PATCH", f"/customers/{id_}/notes/{note}", {"text": "Rappeler lundi"})
    await tills.sync()
    found = await inbox(tills.two, whose="all")
    assert [(one["part"], one["standing"], one["lost"]["value"]) for one in found] == [
        ("note", None, "Rappeler lundi")
    ] * 2
    back, gone = found
    where = f"/customers/{id_}/choice"
    again = {"field": "text", "member": back["member"], "chosen": back["lost"]["id"], "standing": ""}
    heard = await tills.two.post(where, again)
    assert [note["text"] for note in heard.json["notes"]] == ["Rappeler lundi"]
    away = {"field": "text", "member": gone["member"], "chosen": "", "standing": ""}
    assert (await tills.two.post(where, away)).status == 200
    await tills.sync()
    for one in (tills.hub, *tills.tills):
        assert await inbox(one, whose="all") == []
    assert len(await tills.roots()) == 1
    unknown = {"field": "mobile", "chosen": "1-1-1", "standing": "1-1-1"}
    assert (await tills.two.post(where, unknown)).status in (404, 412)
    assert (await tills.two.post(where, {**unknown, "field": "shoe_size"})).status == 422


async def test_a_refused_consent_speaks_in_words(tills: TwoTills) -> None:
    id_ = await create(tills.one, consents={"sms": {"state": "granted", "source": "till"}})
    await edit(tills.one, id_, consents={"sms": {"state": "refused"}})
    sms = await story(tills.one, id_, "consent_sms")
    assert (sms["standing"]["value"], sms["replaced"]["value"]) == ("refused", "granted")
