"""Scans and identification over HTTP."""

from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain.change import Operation
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.store import authoring
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser

CARD = "290000042187"


async def create(browser: Browser, **fields: Any) -> dict[str, Any]:
    heard = await browser.post("/customers", {"last_name": "Morel", **fields})
    assert heard.status == 201, heard.raw
    found: dict[str, Any] = heard.json["customer"]
    return found


async def commit(browser: Browser, *told: Operation) -> None:
    counter = browser.counter

    def unit(conn: Connection) -> None:
        authoring.commit(conn, counter.replica, OWNER, told, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def tap(browser: Browser, code: str) -> Any:
    heard = await browser.post("/scan", {"code": code})
    assert heard.status == 200, heard.raw
    told = browser.counter.heard("scan")[-1]
    assert told.outcome == heard.json["outcome"], "everybody hears what the caller does"
    return heard.json


async def test_a_scan_is_an_operators_badge_then_a_card_then_a_product_then_unknown(browser: Browser) -> None:
    made = await create(browser, cards=[CARD, "OP-1"])
    await browser.counter.hire("Léa", badge="op-1")
    badge = await tap(browser, "OP-1")
    assert (badge["outcome"], badge["operator"], badge["customer"]) == ("operator", "Léa", None)
    assert (await tap(browser, "2900 0004 2187"))["customer"]["id"] == made["id"]
    assert (await tap(browser, made["code"].lower()))["customer"]["id"] == made["id"]
    product = await tap(browser, "3017620422003")
    assert (product["outcome"], product["product"]) == ("unknown", "3017620422003")
    assert (await tap(browser, "29 0004 9999"))["product"] is None


@pytest.mark.feature("A4.3")
async def test_several_owners_are_offered_until_somebody_takes_the_card_from_one_of_them(browser: Browser) -> None:
    one, other = await create(browser, cards=[CARD]), await create(browser, email="o@example.org")
    await commit(browser, operations.add(Kind.CARD, bytes.fromhex(other["id"]), {1: CARD}))
    offered = await tap(browser, CARD)
    assert offered["outcome"] == "choose"
    assert {brief["id"] for brief in offered["candidates"]} == {one["id"], other["id"]}
    award = {1: int(Claim.CARD), 2: CARD}
    await commit(browser, operations.add(Kind.AWARD, bytes.fromhex(other["id"]), award))
    assert (await tap(browser, CARD))["outcome"] == "choose", "an award does not know who stands there"
    card = (await browser.get(f"/customers/{one['id']}")).json["cards"][0]["id"]
    assert (await browser.ask("DELETE", f"/customers/{one['id']}/cards/{card}")).status == 200
    assert (await tap(browser, CARD))["customer"]["id"] == other["id"]


async def test_several_records_of_one_person_are_one_owner(browser: Browser) -> None:
    one, other = await create(browser, cards=[CARD]), await create(browser, email="o@example.org")
    old, new = bytes.fromhex(one["id"]), bytes.fromhex(other["id"])
    await commit(browser, operations.add(Kind.CARD, new, {1: CARD}), operations.add(Kind.EDGE, new, {1: old}))
    assert (await tap(browser, CARD))["customer"]["id"] == one["id"], "the older record shows the person"
    assert (await browser.get(f"/customers/{other['id']}")).json["person"] == one["id"]
    by_mail = await browser.post("/identify", {"email": "o@example.org"})
    assert by_mail.json["customer"]["id"] == one["id"]


@pytest.mark.feature("A4.4")
async def test_an_unknown_card_can_be_linked_or_created_with(browser: Browser) -> None:
    unknown = await tap(browser, "29 0004 9999")
    assert (unknown["outcome"], unknown["code"]) == ("unknown", "29 0004 9999")
    made = await create(browser, cards=[unknown["code"]])
    assert (await tap(browser, "2900049999"))["customer"]["id"] == made["id"]


@pytest.mark.feature("A4.5")
@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"state": "lost"}, "lost"),
        ({"state": "replaced", "reason": "abîmée"}, "replaced"),
        ({"blocked": True, "reason": "Fraude"}, "Fraude"),
        ({"blocked": True}, "blocked"),
    ],
)
async def test_a_blocked_or_lost_card_is_refused_with_its_reason(
    browser: Browser, edit: dict[str, Any], reason: str
) -> None:
    made = await create(browser, cards=[CARD])
    await browser.patch(f"/customers/{made['id']}/cards/{made['cards'][0]['id']}", edit)
    scanned = await tap(browser, CARD)
    assert (scanned["outcome"], scanned["reason"], scanned["customer"]) == ("blocked", reason, None)
    assert (await browser.post("/identify", {"card": CARD})).json["outcome"] == "blocked"


@pytest.mark.feature("A4.6", "A4.8")
@pytest.mark.parametrize(
    "payment",
    ["4970100000000014", "5555 5555 5555 4444", "%B4970100000000014^MOREL/P^2512?", ";4970100000000014=2512?"],
)
async def test_a_payment_card_leaves_no_trace(
    browser: Browser, payment: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    scanned = await tap(browser, payment)
    assert scanned == {
        "outcome": "refused",
        "device": "simulated",
        "customer": None,
        "candidates": [],
        "reason": "payment_card",
        "code": None,
        "operator": None,
        "product": None,
        "blocked_at": None,
    }
    digits = "497010" if "4970" in payment else "5555"
    seen = caplog.text + "".join(capsys.readouterr()) + repr(browser.counter.told)
    assert digits not in seen
    files = b"".join(path.read_bytes() for path in browser.counter.database.path.parent.iterdir())
    assert payment.encode() not in files


@pytest.mark.parametrize("code", ["", "  ", "\x07", "x" * 513])
async def test_what_no_reader_can_read_is_no_tap(browser: Browser, code: str) -> None:
    heard = await browser.post("/scan", {"code": code})
    assert (heard.status, heard.json["field"]) == (422, "code")


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ({"code": "c012000001"}, "customer"),
        ({"email": "MOREL@example.org"}, "customer"),
        ({"phone": "06.39.98.12.34"}, "customer"),
        ({"card": "nothing"}, "unknown"),
        ({"card": "nothing", "email": "morel@example.org"}, "customer"),
    ],
)
async def test_somebody_is_identified_by_any_value_that_is_theirs(
    browser: Browser, question: dict[str, str], outcome: str
) -> None:
    await create(browser, email="morel@example.org", mobile="0639981234")
    heard = await browser.post("/identify", question)
    assert (heard.status, heard.json["outcome"]) == (200, outcome)
    assert browser.counter.heard("scan") == [], "asking tells nobody"


@pytest.mark.parametrize(("question", "field"), [({}, "code"), ({"email": "x"}, "email"), ({"phone": "x"}, "phone")])
async def test_a_question_that_cannot_be_read_names_its_field(
    browser: Browser, question: dict[str, str], field: str
) -> None:
    heard = await browser.post("/identify", question)
    assert (heard.status, heard.json["field"]) == (422, field)


async def test_a_scan_writes_nothing(browser: Browser) -> None:
    await create(browser, cards=[CARD])

    def changes_so_far(conn: Connection) -> int:
        return conn.total_changes

    before = await browser.counter.database.write(changes_so_far)
    for code in (CARD, "unknown", "4970100000000014"):
        await tap(browser, code)
    assert await browser.counter.database.write(changes_so_far) == before
