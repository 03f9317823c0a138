"""Head office's screens of what somebody has to settle, over real HTTP and two tills that disagreed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.role import Role
from tests.fakes.page_reader import PIN, PageReader, open_pages
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.test_merging_routes import NANTES, create, look
from tests.web.test_provenance_routes import edit


@asynccontextmanager
async def open_office(tills: TwoTills) -> AsyncIterator[PageReader]:
    jeanne = await tills.hub.counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
    async with open_pages(tills.hub.counter) as office:
        await office.log_in(jeanne)
        yield office


async def person_of(tills: TwoTills, id_: str) -> set[str]:
    heard = await tills.one.get(f"/customers/{id_}/person")
    return {record["id"] for record in heard.json["records"]}


async def twins(tills: TwoTills) -> tuple[str, str]:
    """Two records of one Hélène, made at two tills, with what differs, what is the same and what adds up."""
    same: dict[str, Any] = {"email": "helene@example.org", "address": NANTES}
    consents = {"newsletter": {"state": "granted"}}
    first = await create(tills.one, mobile="0612345678", consents=consents, **same)
    other = await create(tills.two, last_name="Lefebvre", consents={"newsletter": {"state": "refused"}}, **same)
    await tills.sync()
    for id_, amount in ((first, 1240), (other, 85)):
        heard = await tills.hub.post(f"/customers/{id_}/points", {"amount": amount, "reason": "Reprise"})
        assert heard.status in {200, 201}, heard.raw
    await tills.sync()
    await look(tills.hub)
    return first, other


@pytest.mark.feature("B14.1", "B14.2")
async def test_two_records_are_compared_and_made_one_person_on_the_screen(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as tills, open_office(tills) as office:
        first, other = await twins(tills)
        listed = await office.get("/doublons")
        assert "1 paire" in listed.text
        assert "Même e-mail" in listed.text
        page = await office.get(f"/doublons/{first}/{other}")
        assert page.screen == "merge"
        assert "Hélène : une ou deux personnes ?" in page.text
        assert "helene@example.org" in page.text
        assert "1 240 + 85 1 325" in page.text, "points add up"
        assert "oui / non non" in page.text, "a refusal stands"
        done = await office.send(f"/doublons/{first}/{other}/fusionner", **{"choose.name": other})
        assert done.screen == "record"
        assert "Lefebvre" in done.text
        assert "Une seule personne désormais" in done.text
        await tills.sync()
        assert await person_of(tills, first) == {first, other}
        again = await office.get(f"/doublons/{first}/{other}")
        assert again.screen == "record", "they are one already"
        await office.post(f"/doublons/{first}/{other}/separer", at="/siege")
        await tills.sync()
        assert await person_of(tills, first) == {first}


async def test_two_people_are_said_to_be_two_and_the_next_pair_follows(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as tills, open_office(tills) as office:
        await twins(tills)
        for name in ("Luc", "Lucas"):
            await create(tills.one, first_name=name, last_name="Martin", mobile="0698765432")
        await tills.sync()
        await look(tills.hub)
        assert "2 paires" in (await office.get("/doublons")).text
        pairs = (await tills.hub.get("/duplicates")).json["pairs"]
        ids = [(pair["one"]["id"], pair["other"]["id"]) for pair in pairs]
        page = await office.post("/doublons/{}/{}/differents".format(*ids[0]))
        assert page.address == "/siege/doublons/{}/{}".format(*ids[1])
        page = await office.post("/doublons/{}/{}/differents".format(*ids[1]))
        assert "Aucun doublon" in page.text


@pytest.mark.feature("E2.3")
async def test_values_that_met_wait_at_head_office_until_one_is_chosen(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as tills, open_office(tills) as office:
        id_ = await create(tills.one, mobile="0612345678")
        await tills.sync()
        for till, mobile in ((tills.one, "0639980001"), (tills.two, "0639980002")):
            await edit(till, id_, mobile=mobile)
        await tills.sync()
        page = await office.get("/conflits")
        assert "06 39 98 00 01" in page.text
        assert "06 39 98 00 02" in page.text
        form = page.form(f"/siege/clients/{id_}/choix")
        (met,) = (await tills.hub.get("/disagreements?whose=all")).json["disagreements"]
        settled = await office.post(f"/clients/{id_}/choix", **{**form, "chosen": met["lost"]["id"]})
        assert settled.address == "/siege/conflits"
        assert "Rien à trancher" in settled.text
        await tills.sync()
        shown = {(await till.get(f"/customers/{id_}")).json["mobile"] for till in tills.tills}
        assert shown == {met["lost"]["value"]}
