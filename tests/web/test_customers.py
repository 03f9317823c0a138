"""Customers over HTTP: created and edited."""

import asyncio
from typing import Any

import pytest

from daemon.domain.change import Operation
from daemon.domain.kinds import Kind
from daemon.store import authoring, elements
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser
from tests.web.people import HELENE, PAUL, cashier, create, found_by, refused


@pytest.mark.feature("B1.2", "B1.3")
async def test_what_is_required_depends_on_the_surface_and_the_kind(browser: Browser) -> None:
    assert (await browser.post("/customers", {"last_name": "Seul"})).status == 201, "an application is not bound"
    await cashier(browser)
    refused(await browser.post("/customers", {"last_name": "Morel"}), 422, "first_name")
    refused(await browser.post("/customers", {"first_name": "Paul", "last_name": "Morel"}), 422, "email")
    refused(await browser.post("/customers", {"kind": "company", "email": "a@example.org"}), 422, "company_name")
    assert (await browser.post("/customers", {"company_name": "Maison Bleue"})).status == 201
    assert (await browser.post("/customers", PAUL)).status == 201


async def test_head_office_may_ask_for_other_fields(browser: Browser) -> None:
    setting_up, call = browser.counter.desks.setting_up, browser.counter.call()
    await setting_up.say_policy(call, "required", '{"till": {"person": ["last_name", "mobile"]}}')
    await cashier(browser)
    refused(await browser.post("/customers", {"last_name": "Morel"}), 422, "mobile")
    assert (await browser.post("/customers", {"last_name": "Morel", "mobile": "0639981235"})).status == 201
    await setting_up.say_policy(call, "required", "not even JSON")
    refused(await browser.post("/customers", {"last_name": "Morel"}), 422, "first_name")


async def test_only_who_imports_may_create_as_an_import_does(browser: Browser) -> None:
    assert (await browser.post("/customers", {"last_name": "Seul", "surface": "import"})).status == 201
    await cashier(browser)
    refused(await browser.post("/customers", {"last_name": "Seul", "surface": "import"}), 403, "surface")


async def test_a_customer_that_nothing_names_is_not_created(browser: Browser) -> None:
    refused(await browser.post("/customers", {"civility": "Mme"}), 422, "last_name")


@pytest.mark.feature("B2.1")
async def test_a_known_mail_identifies_instead(browser: Browser) -> None:
    made = await create(browser, HELENE)
    heard = await browser.post("/customers", PAUL | {"email": " Helene.LEFEVRE@example.org "})
    assert heard.status == 200
    assert (heard.json["identified"], heard.json["customer"]["id"]) == (True, made["id"])
    assert (await found_by(browser, "morel"))["hits"] == []


@pytest.mark.feature("B2.2")
@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"mobile": "+33639981234"}, "mobile"),
        ({"phone": "0639981234"}, "phone"),
        ({"cards": ["290000042187"]}, "cards"),
    ],
)
async def test_a_known_telephone_or_card_proposes_its_owner(
    browser: Browser, known: dict[str, Any], field: str
) -> None:
    made = await create(browser, HELENE)
    heard = await browser.post("/customers", PAUL | known)
    refused(heard, 409, field)
    assert heard.json["owners"] == [made["id"]]
    both = {"even_if_known": True, "move_cards": True}
    assert (await browser.post("/customers", PAUL | known | both)).status == 201


@pytest.mark.feature("B2.2", "B22.3")
async def test_a_card_goes_to_a_new_customer_only_when_that_is_said_and_then_from_who_had_it(browser: Browser) -> None:
    owner = await create(browser, HELENE)
    cards = {"cards": ["2900 0004 2187", "290000055556"]}
    asked = await browser.post("/customers", PAUL | cards | {"even_if_known": True})
    refused(asked, 409, "cards")
    assert asked.json["owners"] == [owner["id"]], "two people may share a telephone, not a card"
    told = len(browser.counter.heard("customer"))
    saved = browser.counter.replica.n
    made = await browser.post("/customers", PAUL | cards | {"move_cards": True})
    assert made.status == 201
    assert browser.counter.replica.n == saved + 1, "one act, one record"
    assert sorted(card["number"] for card in made.json["customer"]["cards"]) == ["290000042187", "290000055556"]
    assert (await browser.get(f"/customers/{owner['id']}")).json["cards"] == []
    scanned = (await browser.post("/identify", {"card": "290000042187"})).json
    assert (scanned["outcome"], scanned["customer"]["id"]) == ("customer", made.json["customer"]["id"])
    assert {one.id for one in browser.counter.heard("customer")[told:]} == {owner["id"], made.json["customer"]["id"]}


async def test_several_owners_of_a_mail_are_to_be_chosen_from(browser: Browser) -> None:
    one, other = await create(browser, HELENE), await create(browser, PAUL)
    mail = {"email": "both@example.org"}
    for made in (one, other):
        assert (await browser.patch(f"/customers/{made['id']}", mail, version=made["version"])).status == 200
    heard = await browser.post("/customers", {"first_name": "A", "last_name": "B", **mail})
    refused(heard, 409, "email")
    assert sorted(heard.json["owners"]) == sorted([one["id"], other["id"]])


@pytest.mark.feature("B2.3")
async def test_the_same_press_twice_creates_one(browser: Browser) -> None:
    async with asyncio.TaskGroup() as presses:
        tasks = [
            presses.create_task(browser.post("/customers", {"last_name": "Seul"}, key="press-1")) for _ in range(4)
        ]
    answers = {task.result().raw for task in tasks}
    assert len(answers) == 1
    assert (await found_by(browser, "seul"))["total"] == 1


@pytest.mark.feature("B3.1", "B3.3")
async def test_a_customer_is_a_person_or_a_company_and_a_civility_is_nobodys_duty(browser: Browser) -> None:
    person = await create(browser, PAUL)
    assert (person["kind"], person["civility"], person["display_name"]) == ("person", None, "Paul Morel")
    company = await create(browser, {"company_name": "La Poste", "siret": "356 000 000 00048", "civility": ""})
    assert (company["kind"], company["display_name"], company["siret"]) == ("company", "La Poste", "35600000000048")


@pytest.mark.feature("B4.1")
async def test_codes_are_given_that_no_other_till_gives(browser: Browser) -> None:
    first, second = await create(browser, PAUL), await create(browser, {"last_name": "Autre"})
    assert (first["code"], second["code"]) == ("C012000001", "C012000002")
    typed = await create(browser, {"last_name": "Malin", "code": "C012000003"})
    assert typed["code"] == "C012000003"
    assert (await create(browser, {"last_name": "Suivant"}))["code"] == "C012000004", "one that is taken is passed over"


@pytest.mark.feature("B4.2", "B4.3")
async def test_a_code_may_be_typed_at_creation_and_is_fixed_afterwards(browser: Browser) -> None:
    made = await create(browser, PAUL | {"code": "VIP 1"})
    assert made["code"] == "VIP 1"
    where = f"/customers/{made['id']}"
    refused(await browser.patch(where, {"code": "VIP 2"}, version=made["version"]), 422, "code")
    refused(await browser.patch(where, {"code": None}, version=made["version"]), 422, "code")
    assert (await browser.patch(where, {"code": "VIP 1"}, version=made["version"])).status == 200, "no change is fine"
    refused(await browser.post("/customers", {"last_name": "Autre", "code": "vip1"}), 409, "code")


@pytest.mark.feature("B5.2")
async def test_phones_are_kept_in_one_form_and_shown_nationally_overseas_by_postal_code(browser: Browser) -> None:
    reunion = {"address": {"postal_code": "97400", "city": "Saint-Denis"}, "mobile": "0692 12 34 56"}
    made = await create(browser, PAUL | reunion | {"phone": "+32 470 12 34 56"})
    assert (made["mobile"], made["mobile_shown"]) == ("+262692123456", "0692 12 34 56")
    assert (made["phone"], made["phone_shown"]) == ("+32470123456", "+32 470 12 34 56")


@pytest.mark.feature("B5.3", "B5.4", "B5.5")
async def test_mail_birthday_and_language(browser: Browser) -> None:
    made = await create(browser, PAUL | {"birthday": "17/05", "language": "en"})
    assert (made["email"], made["birthday"], made["language"]) == ("paul@example.org", "--05-17", "en")
    changed = await browser.patch(f"/customers/{made['id']}", {"birthday": "1980-05-17"}, version=made["version"])
    assert changed.json["birthday"] == "1980-05-17"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "no at sign"}, "email"),
        ({"mobile": "12"}, "mobile"),
        ({"phone": "abc"}, "phone"),
        ({"siret": "12345678901234"}, "siret"),
        ({"vat_number": "FR00"}, "vat_number"),
        ({"siret": "356 000 000 00048", "vat_number": "FR40303265045"}, "vat_number"),
        ({"birthday": "30/02/1990"}, "birthday"),
        ({"language": "klingon"}, "language"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"company_name": "x" * 201}, "company_name"),
        ({"civility": "x" * 21}, "civility"),
        ({"address": {"postal_code": "123"}}, "address.postal_code"),
        ({"address": {"line1": "x" * 201}}, "address.line1"),
        ({"address": {"city": "Metz", "country": "France"}}, "address.country"),
        ({"preferred_channel": "sms"}, "preferred_channel"),
        ({"preferred_channel": "pigeon"}, "preferred_channel"),
        ({"kind": "robot"}, "kind"),
        ({"last_name": 7}, "last_name"),
        ({"fist_name": "Paul"}, "fist_name"),
        ({"address": {"zip": "75001"}}, "address.zip"),
        ({"tags": ["  "]}, "tag"),
        ({"cards": [" "]}, "number"),
        ({"notes": [{"text": ""}]}, "text"),
        ({"consents": {"sms": {"state": "granted", "date": "yesterday"}}}, "consents.sms.date"),
        ({"consents": {"fax": {"state": "granted"}}}, "consents.fax"),
    ],
)
async def test_a_wrong_field_is_named_in_one_sentence_that_quotes_nothing(
    browser: Browser, fields: dict[str, Any], field: str
) -> None:
    heard = await browser.post("/customers", {"last_name": "Morel"} | fields)
    refused(heard, 422, field)
    assert heard.json["detail"].count("\n") == 0
    assert "Morel" not in heard.json["detail"]
    assert (await found_by(browser, "morel"))["hits"] == []


# ---- editing ---------------------------------------------------------------------------------------------------------


async def test_an_edit_names_the_version_that_it_saw(browser: Browser) -> None:
    made = await create(browser, HELENE)
    where = f"/customers/{made['id']}"
    assert (await browser.patch(where, {"language": "fr"})).status == 428
    refused(await browser.ask("PATCH", where, {"language": "fr"}, headers={"If-Match": "*"}), 422, "If-Match")
    first = await browser.patch(where, {"language": "fr"}, version=made["version"])
    assert (first.status, first.headers["ETag"]) == (200, f'"{first.json["version"]}"')
    stale = await browser.patch(where, {"language": "en"}, version=made["version"])
    assert (stale.status, stale.json["type"]) == (412, "urn:comptoir:outdated")
    shown = await browser.get(where)
    assert (shown.json["language"], shown.headers["ETag"]) == ("fr", first.headers["ETag"])


async def test_null_empties_what_is_absent_stays(browser: Browser) -> None:
    made = await create(browser, HELENE)
    heard = await browser.patch(
        f"/customers/{made['id']}", {"phone": None, "company_name": ""}, version=made["version"]
    )
    assert (heard.json["phone"], heard.json["company_name"], heard.json["mobile"]) == (None, None, "+33639981234")


async def test_half_of_a_name_keeps_the_other_half(browser: Browser) -> None:
    made = await create(browser, PAUL)
    heard = await browser.patch(f"/customers/{made['id']}", {"first_name": "Jean"}, version=made["version"])
    assert heard.json["display_name"] == "Jean Morel"


@pytest.mark.feature("B5.7")
async def test_an_address_is_replaced_whole(browser: Browser) -> None:
    made = await create(browser, HELENE)
    new = {"address": {"city": "Brest", "postal_code": "29200"}}
    heard = await browser.patch(f"/customers/{made['id']}", new, version=made["version"])
    assert heard.json["address"] == {"line1": "", "line2": "", "postal_code": "29200", "city": "Brest", "country": "FR"}


async def test_an_edit_that_changes_nothing_writes_nothing(browser: Browser) -> None:
    made = await create(browser, HELENE)
    before = (await browser.get("/replication")).json["copy"]["waiting"]
    same = await browser.patch(
        f"/customers/{made['id']}",
        {"mobile": "0639981234", "tags": ["FIDELE"], "archived": False},
        version=made["version"],
    )
    assert same.json["version"] == made["version"]
    assert (await browser.get("/replication")).json["copy"]["waiting"] == before


@pytest.mark.feature("B8.4")
async def test_fields_of_a_newer_version_survive_an_edit(browser: Browser) -> None:
    made = await create(browser, PAUL)
    id_ = bytes.fromhex(made["id"])

    def from_the_future(conn: Connection) -> None:
        operation = Operation(Kind.CUSTOMER, id_, 2, {999: (1, b"\x01", "x"), 1002: "bleu"})
        authoring.commit(conn, browser.counter.replica, OWNER, [operation], now_ms=browser.counter.clock.now_ms())

    await browser.counter.database.write(from_the_future)
    here = (await browser.get(f"/customers/{made['id']}")).json
    assert (here["unknown"], here["custom"]) == ({"999": [1, "01", "x"]}, {"1002": "bleu"})
    heard = await browser.patch(f"/customers/{made['id']}", {"last_name": "Autre"}, version=here["version"])
    assert (heard.json["unknown"], heard.json["custom"]) == (here["unknown"], here["custom"])


@pytest.mark.feature("B9.1", "B9.2")
async def test_a_consent_says_since_when_from_where_in_which_words_by_whom(browser: Browser) -> None:
    await cashier(browser)
    said = {"state": "granted", "source": "till", "wording": "2025-01", "expiry": "2027-01-01"}
    made = await create(browser, PAUL | {"consents": {"email": said}})
    email = made["consents"]["email"]
    assert (email["state"], email["source"], email["wording"], email["operator"]) == (
        "granted",
        "till",
        "2025-01",
        "Léa",
    )
    assert (email["date"][:10], email["expiry"]) == ("2025-10-09", "2027-01-01T00:00:00Z")
    assert {made["consents"][channel]["state"] for channel in ("newsletter", "contests", "sms", "phone", "post")} == {
        "unknown"
    }
    refusal = {"consents": {"email": {"state": "refused"}}}
    heard = await browser.patch(f"/customers/{made['id']}", refusal, version=made["version"])
    assert heard.json["consents"]["email"]["state"] == "refused"
    again = {"consents": {"email": {"state": "granted"}}}
    heard = await browser.patch(f"/customers/{made['id']}", again, version=heard.json["version"])
    assert heard.json["consents"]["email"]["state"] == "granted", "who saw the refusal may lift it"


@pytest.mark.feature("B9.4")
async def test_the_preferred_channel_is_one_that_was_granted(browser: Browser) -> None:
    granted = {"consents": {"sms": {"state": "granted"}}, "preferred_channel": "sms"}
    made = await create(browser, PAUL | granted)
    where = f"/customers/{made['id']}"
    refused(
        await browser.patch(where, {"preferred_channel": "post"}, version=made["version"]), 422, "preferred_channel"
    )
    heard = await browser.patch(where, {"consents": {"sms": {"state": "refused"}}}, version=made["version"])
    assert heard.json["preferred_channel"] is None


async def test_blocking_and_archiving_are_for_who_may(browser: Browser) -> None:
    made = await create(browser, PAUL)
    where, edit = f"/customers/{made['id']}", {"blocked": True, "blocked_reason": "Chèque impayé", "archived": True}
    owner = browser.token
    await cashier(browser)
    assert (await browser.patch(where, edit, version=made["version"])).status == 403
    browser.token = owner
    heard = await browser.patch(where, edit, version=made["version"])
    assert (heard.json["blocked"], heard.json["blocked_reason"], heard.json["archived"]) == (
        True,
        "Chèque impayé",
        True,
    )
    lifted = await browser.patch(where, {"blocked": False}, version=heard.json["version"])
    assert (lifted.json["blocked"], lifted.json["blocked_reason"]) == (False, None)


async def test_nobody_is_found_under_an_id_that_is_none(browser: Browser) -> None:
    for id_ in ("0" * 16, "xyz", "1" * 15):
        refused(await browser.get(f"/customers/{id_}"), 404, "id")
    refused(await browser.patch(f"/customers/{'0' * 16}", {"language": "fr"}, version="0" * 16), 404, "id")


async def test_what_lost_to_an_edit_that_had_not_seen_it_is_shown_with_its_author(browser: Browser) -> None:
    made = await create(browser, PAUL)
    id_ = bytes.fromhex(made["id"])
    await browser.patch(f"/customers/{made['id']}", {"email": "here@example.org"}, version=made["version"])

    def unseen(conn: Connection) -> None:
        row = elements.element(conn, (id_, Kind.CUSTOMER, b""))
        assert row is not None
        elsewhere = Operation(Kind.CUSTOMER, id_, 2, {8: "there@example.org"})
        authoring.commit(conn, browser.counter.replica, OWNER, [elsewhere], now_ms=browser.counter.clock.now_ms())

    await browser.counter.database.write(unseen)
    here = (await browser.get(f"/customers/{made['id']}")).json
    (conflict,) = here["conflicts"]
    assert (here["email"], conflict["field"], conflict["value"]) == ("there@example.org", "email", "here@example.org")
    assert (conflict["by"], conflict["site"]) == ("a owner", 12)
