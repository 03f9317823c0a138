"""The chain's own fields over HTTP: defined at head office, filled in at tills, found by a search."""

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
    heard = await browser.post("/customers", {"last_name": "Morel", "surface": "import", **fields})
    assert heard.status == 201, heard.raw
    return str(heard.json["customer"]["id"])


async def define(tills: TwoTills, label: str, **more: Any) -> str:
    heard = await tills.hub.post("/custom-fields", {"label": label, **more})
    assert heard.status == 201, heard.raw
    return str(heard.json["number"])


async def fill(browser: Browser, id_: str, **values: Any) -> Any:
    return await browser.patch(f"/customers/{id_}/custom", {"values": values})


@pytest.mark.feature("B8.2")
async def test_fields_of_the_chain_s_own_are_typed(tills: TwoTills) -> None:
    text = await define(tills, "Instrument")
    number = await define(tills, "Pointure", type="number")
    day = await define(tills, "Client depuis", type="date")
    choice = await define(tills, "Niveau", type="choice", choices=["débutant", "confirmé"])
    yes_no = await define(tills, "Professionnel", type="yes_no")
    await tills.sync()
    assert (await tills.one.get("/custom-fields")).json[0]["label"] == "Instrument"
    id_ = await create(tills.one)
    values = {text: "violon  alto", number: "42,50", day: "2020-02-29", choice: "débutant", yes_no: True}
    heard = await fill(tills.one, id_, **values)
    assert heard.json["custom"] == {
        text: "violon alto",
        number: "42.5",
        day: "2020-02-29",
        choice: "débutant",
        yes_no: 1,
    }
    for field, wrong in ((number, "large"), (day, "29/02/2020"), (choice, "virtuose"), (yes_no, "oui"), (text, 3)):
        refused = await fill(tills.one, id_, **{field: wrong})
        assert (refused.status, refused.json["field"]) == (422, f"values.{field}")
    assert (await fill(tills.one, id_, **{text: "4970 1000 0000 0014"})).status == 422
    assert (await fill(tills.one, id_, **{"999": "x"})).status == 404
    assert (await fill(tills.one, id_, **{number: None})).json["custom"].get(number) is None


@pytest.mark.feature("B8.3", "A1.1")
async def test_a_searchable_field_finds_its_customer_and_says_so(tills: TwoTills) -> None:
    found_by = await define(tills, "Instrument", searched=True)
    silent = await define(tills, "Remarque")
    await tills.sync()
    id_ = await create(tills.one)
    await fill(tills.one, id_, **{found_by: "Contrebassiste", silent: "Gaucher"})
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        (hit,) = (await browser.get("/customers?q=contrebass")).json["hits"]
        assert hit["customer"]["id"] == id_
        (match,) = hit["matches"]
        assert (match["field"], match["text"], match["ranges"]) == (f"custom_{found_by}", "Contrebassiste", [[0, 10]])
        assert (await browser.get("/customers?q=gaucher&almost=0")).json["hits"] == []
    await fill(tills.two, id_, **{found_by: "Flûtiste"})
    assert (await tills.two.get("/customers?q=contrebass&almost=0")).json["hits"] == []
    assert len((await tills.two.get("/customers?q=flutiste")).json["hits"]) == 1


@pytest.mark.feature("B8.4")
async def test_a_till_that_has_not_heard_of_a_field_keeps_it(tills: TwoTills) -> None:
    id_ = await create(tills.one)
    await tills.sync()
    field = await define(tills, "Instrument", searched=True)
    await tills.hub.patch(f"/customers/{id_}/custom", {"values": {field: "Basson"}})
    version = (await tills.two.get(f"/customers/{id_}")).json["version"]
    await tills.two.patch(f"/customers/{id_}", {"civility": "Mme"}, version=version)
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        shown = (await browser.get(f"/customers/{id_}")).json
        assert (shown["custom"], shown["civility"]) == ({field: "Basson"}, "Mme")
    assert len(await tills.roots()) == 1


async def test_fields_are_head_office_s_and_a_withdrawn_one_keeps_what_it_holds(tills: TwoTills) -> None:
    assert (await tills.one.post("/custom-fields", {"label": "Non"})).status == 403
    field = await define(tills, "Instrument")
    id_ = await create(tills.hub)
    await fill(tills.hub, id_, **{field: "Basson"})
    twice = await tills.hub.post("/custom-fields", {"label": "instrument"})
    assert (twice.status, twice.json["field"]) == (422, "label")
    for wrong in ({"label": " "}, {"label": "X", "type": "choice"}, {"label": "X", "choices": ["a"]}):
        assert (await tills.hub.post("/custom-fields", wrong)).status == 422
    changed = await tills.hub.patch(f"/custom-fields/{field}", {"label": "Pupitre", "withdrawn": True})
    assert (changed.json["label"], changed.json["withdrawn"]) == ("Pupitre", True)
    assert (await fill(tills.hub, id_, **{field: "Cor"})).status == 422
    assert (await tills.hub.get(f"/customers/{id_}")).json["custom"] == {field: "Basson"}
    assert (await tills.hub.patch("/custom-fields/77", {"label": "X"})).status == 404
    walk_in = await tills.one.counter.choose_walk_in()
    assert (await fill(tills.one, walk_in, **{field: None})).status == 403
