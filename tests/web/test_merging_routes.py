"""Records of one person over HTTP: found, merged, undone; two tills that merge crosswise while the line is cut."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.store import likely
from daemon.store.database import Connection
from daemon.store.word_index import begin_reindex, reindex_some
from tests.fakes.counter import Browser, Counter
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description

NANTES = {"line1": "12 rue Crébillon", "postal_code": "44000", "city": "Nantes"}
DAY_MS = 86_400_000


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def create(browser: Browser, **fields: Any) -> str:
    body = {"last_name": "Lefèvre", "first_name": "Hélène", "surface": "import", "even_if_known": True, **fields}
    heard = await browser.post("/customers", body)
    assert heard.status == 201, heard.raw
    return str(heard.json["customer"]["id"])


async def find_likely(counter: Counter) -> None:
    """Head office's search for duplicates goes on until nobody is left."""

    def unit(conn: Connection) -> bool:
        return likely.look_on(conn, now_ms=counter.clock.now_ms(), is_time_up=lambda: True)

    while await counter.database.write(unit):
        pass


async def look(hub: Browser) -> None:
    await find_likely(hub.counter)


async def likely_of(browser: Browser, id_: str) -> dict[str, set[str]]:
    heard = await browser.get(f"/customers/{id_}/duplicates")
    assert heard.status == 200, heard.raw
    return {one["customer"]["id"]: set(one["reasons"]) for one in heard.json["duplicates"]}


async def pairs(hub: Browser) -> list[tuple[frozenset[str], set[str]]]:
    heard = await hub.get("/duplicates")
    assert heard.status == 200, heard.raw
    return [(frozenset({one["one"]["id"], one["other"]["id"]}), set(one["reasons"])) for one in heard.json["pairs"]]


async def merge(browser: Browser, one: str, other: str, **more: Any) -> Any:
    return await browser.post(f"/customers/{one}/merge", {"other": other, **more})


@pytest.mark.feature("B14.1")
async def test_likely_ones_are_found_by_email_phone_card_and_the_sound_of_name_and_address(tills: TwoTills) -> None:
    here = tills.one
    first = await create(here, email="helene@example.org", mobile="0612345678", address=NANTES, cards=["290000042187"])
    by_mail = await create(tills.two, last_name="Martin", first_name="Luc", email="Helene@Example.org")
    by_phone = await create(here, last_name="Durand", first_name="Zoé", phone="06 12 34 56 78")
    by_sound = await create(here, last_name="Lefebvre", address={**NANTES, "line1": "12 r. Crébillon"})
    by_card = await create(tills.two, last_name="Petit", first_name="Max", cards=["2900 0004 2187"])
    elsewhere = await create(here, last_name="Lefebvre", address={"postal_code": "35000", "city": "Rennes"})
    await tills.sync()
    expected = {by_mail: {"email"}, by_phone: {"phone"}, by_card: {"card"}, by_sound: {"name", "address"}}
    for browser in (tills.hub, *tills.tills):
        assert await likely_of(browser, first) == expected
    assert elsewhere not in expected
    await look(tills.hub)
    assert {frozenset({first, other}): why for other, why in expected.items()} == dict(await pairs(tills.hub))
    assert (await tills.one.get("/duplicates")).status == 404, "the list is head office's"


async def test_two_people_are_not_shown_again_and_what_is_likely_no_more_goes(tills: TwoTills) -> None:
    hub = tills.hub
    one, other, third = [await create(hub, mobile="0612345678", first_name=name) for name in ("Hélène", "Luc", "Zoé")]
    await look(hub)
    assert len(await pairs(hub)) == 3
    assert (await hub.post(f"/customers/{one}/different", {"other": other})).status == 204
    assert len(await pairs(hub)) == 2
    assert await likely_of(hub, one) == {third: {"phone"}}
    version = (await hub.get(f"/customers/{third}")).json["version"]
    await hub.patch(f"/customers/{third}", {"mobile": None}, version=version)
    await look(hub)
    assert await pairs(hub) == []
    assert (await hub.post(f"/customers/{one}/different", {"other": "x"})).status == 422
    assert (await hub.post(f"/customers/{one}/different", {"other": "0" * 16})).status == 404


async def test_pairs_stay_while_the_names_are_indexed_again(tills: TwoTills) -> None:
    hub = tills.hub
    one = await create(hub, address=NANTES)
    await create(hub, last_name="Lefebvre", address=NANTES)
    await look(hub)
    found = await pairs(hub)
    assert len(found) == 1
    database = hub.counter.database
    await database.write(begin_reindex)
    version = (await hub.get(f"/customers/{one}")).json["version"]
    await hub.patch(f"/customers/{one}", {"mobile": "0612345678"}, version=version)
    await look(hub)
    assert await pairs(hub) == found
    while await database.write(lambda conn: reindex_some(conn, customers=1)):
        await look(hub)
    await look(hub)
    assert await pairs(hub) == found


@pytest.mark.feature("B14.2")
async def test_both_values_of_each_field_are_shown_and_the_chosen_ones_stand(tills: TwoTills) -> None:
    here = tills.one
    one = await create(here, email="old@example.org", mobile="0612345678", address=NANTES)
    other = await create(here, last_name="Lefebvre", email="new@example.org", birthday="1984-05-03")
    preview = (await here.get(f"/customers/{other}/merge/{one}")).json
    assert preview["shown_by"] == one, "the older record shows the person"
    fields = {field["field"]: field for field in preview["fields"]}
    assert set(fields) == {"name", "email", "mobile", "address", "birthday"}
    assert [value["value"] for value in fields["email"]["values"]] == ["old@example.org", "new@example.org"]
    assert {name: field["proposed"] for name, field in fields.items()} == {
        **dict.fromkeys(("name", "email", "mobile", "address"), one),
        "birthday": other,
    }
    heard = await merge(here, other, one, choose={"email": other})
    assert (heard.status, heard.json["shown_by"]) == (200, one)
    shown = (await here.get(f"/customers/{one}")).json
    assert (shown["last_name"], shown["email"], shown["birthday"]) == ("Lefèvre", "new@example.org", "1984-05-03")
    assert (await here.get(f"/customers/{other}")).json["person"] == one
    hits = (await here.get("/customers?q=lef")).json["hits"]
    assert [(hit["customer"]["id"], hit["customer"]["email"]) for hit in hits] == [(one, "new@example.org")]
    edited = await here.patch(f"/customers/{one}", {"email": "later@example.org"}, version=shown["version"])
    assert edited.json["email"] == "later@example.org", "what is said later of the person stands against a choice"
    assert (await merge(here, one, other, choose={"shoe": one})).status == 200, "they are one already"
    third = await create(here)
    for choose in ({"shoe": one}, {"email": "0" * 16}):
        refused = await merge(here, one, third, choose=choose)
        assert (refused.status, refused.json["field"]) == (422, "choose")


@pytest.mark.feature("B14.3")
async def test_cards_notes_and_tags_of_both_are_the_person_s_and_a_search_finds_it_once(tills: TwoTills) -> None:
    here = tills.one
    one = await create(here, cards=["290000000011"], tags=["vip"], mobile="0612345678")
    other = await create(here, last_name="Lefebvre", cards=["290000000028"], tags=["pro"], mobile="0612345678")
    note = (await here.post(f"/customers/{other}/notes", {"text": "Allergique"})).json["notes"][0]
    assert (await merge(here, one, other)).status == 200
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        shown = (await browser.get(f"/customers/{one}")).json
        assert {card["number"]: card["customer"] for card in shown["cards"]} == {
            "290000000011": one,
            "290000000028": other,
        }
        assert ([note["text"] for note in shown["notes"]], shown["tags"]) == (["Allergique"], ["pro", "vip"])
        assert shown["records"] == [one, other]
        hits = (await browser.get("/customers?q=lefebvre")).json["hits"]
        assert [(hit["customer"]["id"], hit["matches"][0]["text"]) for hit in hits] == [(one, "Lefebvre")]
        found = (await browser.post("/identify", {"card": "290000000028"})).json
        assert (found["outcome"], found["customer"]["id"]) == ("customer", one)
        found = (await browser.post("/identify", {"phone": "0612345678"})).json
        assert (found["outcome"], found["customer"]["id"]) == ("customer", one), "both records are one person"
    done = await here.ask("PATCH", f"/customers/{one}/notes/{note['id']}", {"done": True})
    assert done.json["notes"][0]["done"] is True, "the note is the person's, whichever record has it"


@pytest.mark.feature("B14.4")
async def test_two_tills_that_merge_crosswise_while_offline_end_with_one_person(tills: TwoTills) -> None:
    ids = [await create(tills.one, email=f"p{at}@example.org") for at in range(3)]
    await tills.sync()
    assert (await merge(tills.one, ids[1], ids[0])).json["shown_by"] == ids[0]
    assert (await merge(tills.two, ids[0], ids[1])).json["shown_by"] == ids[0]
    assert (await merge(tills.two, ids[2], ids[1])).json["shown_by"] == ids[0]
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        for id_ in ids:
            person = (await browser.get(f"/customers/{id_}/person")).json
            assert (person["shown_by"], [one["id"] for one in person["records"]]) == (ids[0], ids)
            assert len(person["merges"]) == 3
    assert len(await tills.roots()) == 1


@pytest.mark.feature("B14.5")
async def test_a_merge_can_be_undone_for_30_days(tills: TwoTills) -> None:
    one, other = [await create(tills.one, email=f"p{at}@example.org") for at in range(2)]
    await tills.sync()
    for browser, pair in ((tills.one, (one, other)), (tills.two, (other, one))):
        made = (await merge(browser, *pair, choose={"email": other})).json
        assert made["merges"][0]["undo_until"] is not None
    await tills.sync()
    parted = await tills.two.post(f"/customers/{one}/part", {"other": other})
    assert (parted.status, [record["id"] for record in parted.json["records"]]) == (200, [one])
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        assert (await browser.get(f"/customers/{other}")).json["person"] == other
        assert (await browser.get(f"/customers/{one}")).json["email"] == "p0@example.org", "as it was before"
    assert (await tills.two.post(f"/customers/{one}/part", {"other": other})).status == 404
    await merge(tills.one, one, other)
    tills.one.counter.clock.at_ms += 30 * DAY_MS + 5_000
    late = await tills.one.post(f"/customers/{one}/part", {"other": other})
    assert (late.status, late.json["type"]) == (409, "urn:comptoir:conflict")
    assert (await tills.one.get(f"/customers/{one}/person")).json["merges"][0]["undo_until"] is None


async def test_a_refusal_and_a_block_are_not_lost_in_a_merge(tills: TwoTills) -> None:
    here = tills.one
    granted = {"state": "granted", "source": "till"}
    one = await create(here, consents={"sms": granted, "email": granted})
    other = await create(here, consents={"sms": {"state": "refused"}, "post": granted})
    version = (await here.get(f"/customers/{other}")).json["version"]
    await here.patch(f"/customers/{other}", {"blocked": True, "blocked_reason": "impayé"}, version=version)
    await merge(here, one, other)
    shown = (await here.get(f"/customers/{one}")).json
    states = {channel: said["state"] for channel, said in shown["consents"].items() if said["state"] != "unknown"}
    assert states == {"sms": "refused", "email": "granted", "post": "granted"}
    assert (shown["blocked"], shown["blocked_reason"]) == (True, "impayé")


@pytest.mark.feature("A5.4")
async def test_the_walk_in_customer_is_not_merged_nor_anybody_with_themselves(tills: TwoTills) -> None:
    walk_in, one = await tills.one.counter.choose_walk_in(), await create(tills.one)
    for pair in ((walk_in, one), (one, walk_in)):
        assert (await merge(tills.one, *pair)).status == 403
    assert (await merge(tills.one, one, one)).status == 422
    assert (await merge(tills.one, one, "0" * 16)).status == 404
    assert (await merge(tills.one, one, "x")).status == 422


@pytest.mark.feature("B13.1")
async def test_erasing_a_merged_person_takes_all_of_it(tills: TwoTills) -> None:
    one = await create(tills.one, email="secret1@example.org", mobile="0612345678")
    other = await create(tills.one, email="secret2@example.org", mobile="0612345678")
    await tills.sync()
    await look(tills.hub)
    await merge(tills.one, one, other)
    await tills.sync()
    erased = await tills.hub.post(f"/customers/{other}/erase", {"reason": "request"})
    assert len(erased.json["tombstones"]) == 2
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        assert {(await browser.get(f"/customers/{id_}")).status for id_ in (one, other)} == {404}
    assert await pairs(tills.hub) == []
    assert len(await tills.roots()) == 1


async def test_a_value_that_two_records_of_one_person_hold_is_no_contest(tills: TwoTills) -> None:
    one = await create(tills.one, email="same@example.org")
    other = await create(tills.one, email="other@example.org")
    await merge(tills.one, one, other, choose={"email": other})
    await tills.sync()
    found = (await tills.hub.post("/identify", {"email": "other@example.org"})).json
    assert (found["outcome"], found["customer"]["id"]) == ("customer", one)
    await tills.one.post(f"/customers/{one}/part", {"other": other})
    await tills.sync()
    found = (await tills.two.post("/identify", {"email": "other@example.org"})).json
    assert found["outcome"] == "customer", "head office has decided"
