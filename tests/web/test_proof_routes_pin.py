"""PINs over HTTP: set by the customer, tried, closed and forgiven; what tells nobody a PIN."""

import base64
import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.proofs import guessable
from daemon.domain import authoring as operations
from daemon.domain import pin
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.pin_tries import CLOSED_AT
from daemon.domain.role import Role
from daemon.store import authoring, elements, proofs
from tests.fakes.counter import OWNER, PIN_KEY, Browser, open_browser, open_counter
from tests.fakes.possession import CARD, morel, prove, rule, serve, set_pin, tap


@pytest.fixture(autouse=True)
async def ruled(browser: Browser) -> None:
    await browser.counter.choose_walk_in()
    await rule(browser.counter)


@pytest.mark.feature("C12.2")
async def test_a_pin_is_set_by_the_customer_and_set_anew_on_its_own_proof_a_card_or_a_word_that_may(
    browser: Browser, tmp_path: Path
) -> None:
    counter = browser.counter
    customer = await morel(browser)
    max_ = await counter.hire("Max", pin="1379", role=Role.MANAGER)
    application = await counter.token(Role.APPLICATION)
    cashier = await counter.token(Role.CASHIER)
    browser.token = cashier
    visit = await serve(browser, customer)
    alone = await set_pin(browser, customer, "4826", visit=visit)
    assert (alone.status, alone.json["field"]) == (403, "approval"), "the name only: anybody could say so"
    await tap(counter, tmp_path, CARD)
    browser.token = application
    assert (await set_pin(browser, customer, "4826", visit=visit)).status == 403, "a program is nobody's word"
    browser.token = cashier
    assert (await set_pin(browser, customer, "4826", visit=visit)).json["pin"] == "set"
    assert (await prove(browser, visit, "4826")).json["proof"] == "pin"
    browser.token = application
    changed = await set_pin(browser, customer, "5937", visit=visit)
    assert changed.status == 200, "who has proved the present one chooses another"
    assert (await browser.get(f"/visits/{visit}/proof")).json["proof"] == "card", "the new one is not proved yet"
    assert (await prove(browser, visit, "4826")).status == 403
    assert (await prove(browser, visit, "5937")).status == 200
    await browser.post(f"/visits/{visit}/cancel")
    forgotten = await serve(browser, customer)
    asked = {"act": "new_pin", "amount": 2, "operator": max_, "pin": "1379"}
    approval = (await browser.post("/approvals", asked)).json["approval"]
    anew = await set_pin(browser, customer, "6048", visit=forgotten, approval=approval)
    assert (anew.status, anew.json["wrong"]) == (200, 0)
    assert (await prove(browser, forgotten, "6048")).json["proof"] == "pin"


@pytest.mark.feature("C12.2")
@pytest.mark.parametrize("typed", ["0000", "1234", "9876", "1212", "0305", "1980", "03051980", "1234567890123", "2187"])
async def test_a_pin_that_a_thief_tries_first_is_refused(browser: Browser, typed: str) -> None:
    customer = await morel(browser)
    refused = await set_pin(browser, customer, typed)
    assert (refused.status, refused.json["field"]) == (422, "pin")
    assert typed.encode() not in refused.raw or typed == "1212"


@pytest.mark.feature("C12.2")
async def test_nobody_in_particular_and_nobody_at_all_have_no_pin(browser: Browser) -> None:
    walk_in = await browser.counter.choose_walk_in()
    assert (await set_pin(browser, walk_in, "4826")).status == 409
    assert (await set_pin(browser, "00" * 8, "4826")).status == 404
    visit = (await browser.post("/visits", {})).json["id"]
    assert (await prove(browser, visit, "4826")).status == 409
    customer = await morel(browser)
    other = await serve(browser, customer, lane="2")
    assert (await prove(browser, other, "4826")).json["detail"].startswith("pin: this customer has no PIN yet")
    assert (await set_pin(browser, customer, "4826", visit=visit)).status == 409


@pytest.mark.feature("C12.2")
async def test_two_records_of_one_person_have_one_pin(browser: Browser) -> None:
    customer = await morel(browser)
    other = await morel(browser, 0, cards=[], mobile=None, first_name="Anne")
    await set_pin(browser, other, "4826")
    await browser.post(f"/customers/{customer}/merge", {"other": other})
    visit = await serve(browser, customer)
    assert (await prove(browser, visit, "4826")).json["proof"] == "pin"
    await set_pin(browser, customer, "5937", visit=visit)
    for one in (customer, other):
        lane = await serve(browser, one, lane=one)
        assert (await prove(browser, lane, "4826")).status == 403
        assert (await prove(browser, lane, "5937")).status == 200


@pytest.mark.feature("C12.3")
async def test_wrong_tries_slow_down_and_close_the_pin_until_a_new_one_is_set(browser: Browser) -> None:
    customer = await morel(browser)
    await set_pin(browser, customer, "4826")
    visit = await serve(browser, customer)
    for left in (5, 4, 3):
        wrong = await prove(browser, visit, "1111")
        assert (wrong.status, f"{left} tries are left" in wrong.json["detail"]) == (403, True)
    early = await prove(browser, visit, "4826")
    assert (early.status, early.json["type"]) == (429, "urn:comptoir:too-soon")
    assert 25 <= int(early.headers["Retry-After"]) <= 30
    said = []
    for wait_s in (30, 60, 120):
        browser.counter.clock.at_ms += (wait_s + 1) * 1000
        said.append((await prove(browser, visit, "1111")).json["detail"])
    assert "closed" in said[-1]
    browser.counter.clock.at_ms += 24 * 3_600_000
    closed = await prove(browser, visit, "4826")
    assert (closed.status, "closed" in closed.json["detail"]) == (403, True)
    assert (await browser.get(f"/customers/{customer}/proof")).json["pin"] == "closed"
    assert (await set_pin(browser, customer, "5937")).json == {
        **(await browser.get(f"/customers/{customer}/proof")).json, "pin": "set", "wrong": 0, "tries_left": CLOSED_AT,
    }  # fmt: skip
    assert (await prove(browser, visit, "5937")).status == 200


@pytest.mark.feature("C12.3")
async def test_the_right_pin_forgives_and_tells_the_customer_that_somebody_tried(browser: Browser) -> None:
    customer = await morel(browser)
    await set_pin(browser, customer, "4826")
    visit = await serve(browser, customer)
    for _ in range(2):
        await prove(browser, visit, "1111")
    assert (await prove(browser, visit, "4826")).json["wrong_before"] == 2
    assert (await browser.get(f"/customers/{customer}/proof")).json["wrong"] == 0


@pytest.mark.feature("C12.3")
async def test_a_try_over_which_the_process_died_counts(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=13) as counter, open_browser(counter) as browser:
        await counter.choose_walk_in()
        customer = await morel(browser)
        await set_pin(browser, customer, "4826")
        visit = await serve(browser, customer)
        await counter.database.write(lambda conn: proofs.begin(conn, bytes.fromhex(customer), counter.clock.now_ms()))
    async with open_counter(tmp_path, site=13) as counter, open_browser(counter) as browser:
        assert (await prove(browser, visit, "1111")).status == 403
        assert (await browser.get(f"/customers/{customer}/proof")).json["wrong"] == 2
        assert (await prove(browser, visit, "4826")).json["wrong_before"] == 2


@pytest.mark.feature("C12.4")
async def test_a_stolen_database_file_tells_no_pin_without_the_key_and_holds_no_key(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=13) as counter, open_browser(counter) as browser:
        await counter.choose_walk_in()
        customer = await morel(browser)
        await set_pin(browser, customer, "4826")
        await counter.hire("Max", pin="1379", badge="OP-77")
        await browser.post("/sessions", {"badge": "OP-77"})
        visit = await serve(browser, customer)
        await prove(browser, visit, "4826")
        await prove(browser, visit, "7777")
        await browser.patch(f"/customers/{customer}", {"first_name": "Paul"})
    stolen, texts = loot(tmp_path)
    for secret in (PIN_KEY, PIN_KEY.hex().encode(), b"OP-77", b'"4826"', b'"1379"'):
        assert secret not in stolen
    sealed = [body[at : at + 110] for body in texts for at in [body.find(b"scrypt$")] if at >= 0]
    assert len(sealed) == 2, "the customer's PIN and the operator's"
    for one in sealed:
        text = one.decode("latin-1")
        text = text[: text.rindex("$") + 9]
        assert not any(pin.verify(guess, text, pin_key=key) for guess in ("4826", "1379") for key in (bytes(32), b""))
        assert pin.verify("4826", text, pin_key=PIN_KEY) != pin.verify("1379", text, pin_key=PIN_KEY)
        _, n, r, p, salt, digest, _ = text.split("$")
        for guess in ("4826", "1379"):
            bare = hashlib.scrypt(
                guess.encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p), maxmem=2**26, dklen=32
            )
            assert bare != base64.b64decode(digest)


def loot(folder: Path) -> tuple[bytes, list[bytes]]:
    """All that the files of a database hold, and the rows in them."""
    stolen = b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    with sqlite3.connect(next(folder.glob("site-13.db"))) as thief:
        return stolen, [bytes(body) for (body,) in thief.execute("SELECT body FROM element")]


@pytest.mark.feature("C12.4")
async def test_a_pin_that_another_key_sealed_is_said_to_be_so_and_counts_nobody_wrong(browser: Browser) -> None:
    customer = await morel(browser)
    sealed = pin.seal("4826", pin_key=bytes(32), salt=bytes(16))
    counter = browser.counter

    def unit(conn: Any) -> None:
        row = elements.element(conn, (bytes.fromhex(customer), Kind.CUSTOMER, b""))
        assert row is not None
        said = [operations.change(row, {CUSTOMER.number("pin"): sealed})]
        authoring.commit(conn, counter.replica, OWNER, said, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)
    visit = await serve(browser, customer)
    heard = await prove(browser, visit, "4826")
    assert (heard.status, "another key" in heard.json["detail"]) == (409, True)
    shown = (await browser.get(f"/customers/{customer}/proof")).json
    assert (shown["pin"], shown["wrong"]) == ("other_key", 0)
    assert (await set_pin(browser, customer, "4826")).json["pin"] == "set"


@pytest.mark.feature("C12.4")
async def test_no_answer_shows_how_a_pin_is_sealed(browser: Browser) -> None:
    customer = await morel(browser)
    await set_pin(browser, customer, "4826")
    await set_pin(browser, customer, "5937")
    for path in ("", "/proof", "/why", "/held", "/history", "/loyalty"):
        heard = await browser.get(f"/customers/{customer}{path}")
        assert heard.status == 200, (path, heard.raw)
        assert b"scrypt" not in heard.raw, path


def test_what_can_be_guessed_from_a_record_is_known() -> None:
    assert guessable([]) == frozenset()
