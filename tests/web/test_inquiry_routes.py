"""Head office asked from a till: the same search, one record with its differences, and a clear word without a line."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.store.word_index import begin_reindex
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


async def edit(browser: Browser, id_: str, **fields: Any) -> None:
    version = (await browser.get(f"/customers/{id_}")).json["version"]
    assert (await browser.patch(f"/customers/{id_}", fields, version=version)).status == 200


@pytest.mark.feature("A3.1", "A3.3")
async def test_a_search_at_head_office_says_whom_this_till_knows_so(tills: TwoTills) -> None:
    same = await create(tills.one, first_name="Anne")
    differs = await create(tills.one, first_name="Bruno", mobile="0612345678")
    await tills.sync()
    await edit(tills.two, differs, mobile="0612345679")
    new = await create(tills.two, first_name="Chloé")
    await tills.upload(tills.two)
    found = (await tills.one.get("/head-office/customers?q=morel")).json
    assert {hit["customer"]["id"]: hit["here"] for hit in found["hits"]} == {
        same: "same",
        differs: "different",
        new: "absent",
    }
    assert (found["total"], found["cut"], found["hits"][0]["matches"][0]["text"]) == (3, False, "Morel")
    assert found["indexed"] == 1
    await tills.hub.counter.database.write(begin_reindex)
    found = (await tills.one.get("/head-office/customers?q=morel")).json
    assert (found["hits"], found["indexed"]) == ([], 0), "it says that it cannot know yet"
    assert (await tills.one.get("/head-office/customers?q=4970100000000014")).status == 422, "asked of nobody"
    assert (await tills.hub.get("/head-office/customers?q=morel")).status == 404, "head office asks nobody"


@pytest.mark.feature("A3.1", "A3.3")
async def test_one_record_is_held_against_head_office_field_by_field(tills: TwoTills) -> None:
    id_ = await create(tills.one, first_name="Anne", mobile="0612345678", tags=["vip"])
    await tills.sync()
    equal = (await tills.one.get(f"/head-office/customers/{id_}")).json
    assert (equal["equal"], equal["differences"]) == (True, [])
    await edit(tills.two, id_, mobile="0612345679", tags=["pro"], consents={"sms": {"state": "refused"}})
    await tills.upload(tills.two)
    found = (await tills.one.get(f"/head-office/customers/{id_}")).json
    assert found["equal"] is False
    differ = {one["field"]: (one["here"], one["there"]) for one in found["differences"]}
    assert differ["mobile"] == ("+33612345678", "+33612345679")
    assert differ["tags"] == ("vip", "pro")
    assert "refused" in differ["consents"][1]
    assert found["there"]["mobile"] == "+33612345679"
    only_here = await create(tills.one, first_name="Zoé")
    found = (await tills.one.get(f"/head-office/customers/{only_here}")).json
    assert (found["there"], found["here"]["id"], found["equal"]) == (None, only_here, False)
    assert (await tills.one.get(f"/head-office/customers/{'0' * 16}")).status == 404


@pytest.mark.feature("A3.2")
async def test_without_a_line_or_an_answer_there_is_a_clear_word_within_the_deadline(tills: TwoTills) -> None:
    line = tills.lines[0]
    line.is_cut = True
    cut = await tills.one.get("/head-office/customers?q=morel")
    assert (cut.status, cut.json["type"]) == (503, "urn:comptoir:out-of-reach")
    assert "the line is cut" in cut.json["detail"]
    line.is_cut, line.is_mute = False, True
    mute = await tills.one.get("/head-office/customers?q=morel")
    assert (mute.status, mute.json["type"]) == (504, "urn:comptoir:no-answer")
    assert (await tills.one.get("/customers?q=morel")).status == 200, "the search here goes on as ever"
