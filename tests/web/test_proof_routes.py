"""Proof of possession over HTTP: name only, card, PIN; a limit each; PINs set, tried and refused."""

import asyncio
import base64
import hashlib
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest

from daemon.clock import SystemClock
from daemon.desk.proofs import guessable
from daemon.desk.purse_shown import Adjustment
from daemon.desk.scan import ScanDesk
from daemon.domain import authoring as operations
from daemon.domain import pin
from daemon.domain.code import ScannedCode
from daemon.domain.ids import EntityId
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.pin_tries import CLOSED_AT
from daemon.domain.policy import policy_key
from daemon.domain.role import Role
from daemon.drivers.device import ReaderEvent, ReadRepeated
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.serial_reader import SerialScannerConfig, build
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.store import authoring, elements, proofs
from daemon.till.devices import follow_readers
from tests.fakes.counter import OWNER, PIN_KEY, Browser, Counter, open_browser, open_counter
from tests.fakes.pseudo_device import QUIET_S
from tests.fakes.two_tills import TwoTills, open_two_tills

CARD = "2900 0004 2187"
LIMITS = '{"name": {"points": 100, "coupons": 0, "on_account": 0}, "card": {"points": 200}}'


async def rule(counter: Counter, text: str = LIMITS) -> None:
    """The policy as head office has sent it."""
    made = [operations.create(Kind.POLICY, policy_key("proof")[0], {1: text})]
    await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())
    )


async def morel(browser: Browser, points: int = 1_000, **fields: Any) -> str:
    given = {"last_name": "Morel", "cards": [CARD], "mobile": "06 39 98 12 34", "birthday": "1980-05-03", **fields}
    made = await browser.post("/customers", given)
    assert made.status == 201, made.raw
    id_ = str(made.json["customer"]["id"])
    if points:
        entity = EntityId(bytes.fromhex(id_))
        await browser.counter.desks.purses.adjust(browser.counter.call(), entity, Adjustment(amount=points, reason="x"))
    return id_


async def serve(browser: Browser, customer: str, lane: str = "1") -> str:
    visit = (await browser.post("/visits", {"lane": lane})).json["id"]
    await browser.post(f"/visits/{visit}/attach", {"customer": customer})
    return str(visit)


async def spend(browser: Browser, visit: str, **chosen: Any) -> Any:
    return await browser.ask("PUT", f"/visits/{visit}/spending", chosen)


async def prove(browser: Browser, visit: str, typed: str) -> Any:
    return await browser.post(f"/visits/{visit}/proof", {"pin": typed})


async def set_pin(browser: Browser, customer: str, typed: str, **more: Any) -> Any:
    return await browser.ask("PUT", f"/customers/{customer}/pin", {"pin": typed, **more})


def _kept(events: EventQueue, event: ReaderEvent) -> None:
    if not isinstance(event, ReadRepeated):
        events.put(event)


class Counted:
    """The desk of scans, which says when it is done with one."""

    def __init__(self, desk: ScanDesk) -> None:
        self._desk = desk
        self.done = asyncio.Event()

    async def scanned(self, code: ScannedCode, *, device: str, by_reader: bool) -> None:
        await self._desk.scanned(code, device=device, by_reader=by_reader)
        self.done.set()


async def tap(counter: Counter, folder: Path, number: str) -> None:
    """A scanner on a pseudo-terminal sends the bytes of a card, by the till's own reading loop."""
    clock, events, scans = SystemClock(), EventQueue(), Counted(counter.desks.scans)
    with SimulatedScanner(folder / "scanner", clock) as scanner:
        reader = build(SerialScannerConfig(name="front", path=str(folder / "scanner")), clock)
        async with asyncio.timeout(10), reader.open() as port, asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(reader.run(port, lambda event: _kept(events, event)), name="reader"),
                tasks.create_task(follow_readers(events, cast(ScanDesk, scans), lambda *_: None), name="reads"),
            ]
            await asyncio.sleep(QUIET_S)
            await scanner.tap(number.replace(" ", ""), aim="]C0")
            await scans.done.wait()
            for one in running:
                one.cancel()


@pytest.fixture(autouse=True)
async def ruled(browser: Browser) -> None:
    await browser.counter.choose_walk_in()
    await rule(browser.counter)


@pytest.mark.feature("C12.1")
async def test_the_name_a_card_that_was_read_and_a_pin_each_go_so_far(browser: Browser, tmp_path: Path) -> None:
    customer = await morel(browser)
    visit = await serve(browser, customer)
    beyond = await spend(browser, visit, points=101)
    assert (beyond.status, beyond.json["type"], beyond.json["asked"]) == (403, "urn:comptoir:not-proved", "card")
    assert "at most 100 of points" in beyond.json["detail"]
    assert (await spend(browser, visit, points=100)).status == 200
    await tap(browser.counter, tmp_path, CARD)
    shown = (await browser.get(f"/visits/{visit}/proof")).json
    assert (shown["proof"], shown["card"], shown["pin"]) == ("card", True, "none")
    assert next(one for one in shown["limits"] if one["what"] == "points") == {
        "what": "points", "most": 200, "spent": 0, "left": 200, "next": "pin",
    }  # fmt: skip
    assert (await spend(browser, visit, points=201)).json["asked"] == "new_pin"
    assert (await spend(browser, visit, points=200)).status == 200
    assert (await set_pin(browser, customer, "4826", visit=visit)).json["pin"] == "set"
    assert (await spend(browser, visit, points=201)).json["asked"] == "pin"
    proved = await prove(browser, visit, "4826")
    assert (proved.status, proved.json["proof"], proved.json["card"]) == (200, "pin", True)
    assert (await spend(browser, visit, points=1_000)).json["points"] == 1_000


@pytest.mark.feature("C12.1")
async def test_a_number_that_is_typed_or_told_by_an_application_is_a_name_unless_head_office_says_otherwise(
    browser: Browser,
) -> None:
    customer = await morel(browser)
    visit = await serve(browser, customer)
    await browser.post("/identify", {"card": CARD})
    await browser.post("/scan", {"code": CARD})
    assert (await browser.get(f"/visits/{visit}/proof")).json["proof"] == "name"
    row = await browser.counter.database.read(lambda conn: elements.element(conn, policy_key("proof")))
    assert row is not None
    said = [operations.change(row, {1: '{"applications_read": true}'})]
    await browser.counter.database.write(
        lambda conn: authoring.commit(conn, browser.counter.replica, OWNER, said, now_ms=browser.counter.clock.now_ms())
    )
    application = browser.token
    lea = await browser.counter.hire("Léa", pin="2580")
    browser.token = (await browser.post("/sessions", {"operator": lea, "pin": "2580"})).json["token"]
    await browser.post("/scan", {"code": CARD})
    assert (await browser.get(f"/visits/{visit}/proof")).json["proof"] == "name", "an operator is no reader"
    browser.token = application
    await browser.post("/scan", {"code": CARD})
    assert (await browser.get(f"/visits/{visit}/proof")).json["proof"] == "card"


@pytest.mark.feature("C12.1")
async def test_a_card_that_begins_a_visit_goes_with_it_and_with_no_other(browser: Browser, tmp_path: Path) -> None:
    customer = await morel(browser)
    await tap(browser.counter, tmp_path, CARD)
    first = await serve(browser, customer)
    second = await serve(browser, customer, lane="2")
    assert (await browser.get(f"/visits/{first}/proof")).json["proof"] == "card"
    assert (await browser.get(f"/visits/{second}/proof")).json["proof"] == "name"
    await browser.post(f"/visits/{first}/post")
    assert (await browser.get(f"/visits/{await serve(browser, customer)}/proof")).json["proof"] == "name"


@pytest.mark.feature("C12.1")
async def test_a_card_that_was_read_long_before_the_visit_proves_nothing(browser: Browser, tmp_path: Path) -> None:
    customer = await morel(browser)
    await tap(browser.counter, tmp_path, CARD)
    browser.counter.clock.at_ms += 3 * 60_000
    assert (await browser.get(f"/visits/{await serve(browser, customer)}/proof")).json["proof"] == "name"


@pytest.mark.feature("C12.1")
async def test_what_one_customer_has_shown_is_not_the_next_ones(browser: Browser, tmp_path: Path) -> None:
    customer, other = await morel(browser), await morel(browser, 500, cards=[], mobile=None)
    await tap(browser.counter, tmp_path, CARD)
    visit = await serve(browser, customer)
    for one, proof in ((other, "name"), (customer, "name")):
        await browser.post(f"/visits/{visit}/attach", {"customer": one})
        assert (await browser.get(f"/visits/{visit}/proof")).json["proof"] == proof


@pytest.mark.feature("C12.1")
async def test_a_limit_counts_the_day_and_all_lanes_and_lets_less_be_chosen_always(browser: Browser) -> None:
    customer = await morel(browser)
    visit = await serve(browser, customer)
    await spend(browser, visit, points=60)
    other = await serve(browser, customer, lane="2")
    assert (await spend(browser, other, points=41)).status == 403
    assert (await spend(browser, other, points=40)).status == 200
    for one in (visit, other):
        await browser.post(f"/visits/{one}/post")
    third = await serve(browser, customer)
    assert (await spend(browser, third, points=1)).json["asked"] == "card"
    browser.counter.clock.at_ms += 25 * 3_600_000
    assert (await spend(browser, third, points=100)).status == 200
    await browser.post(f"/visits/{third}/cancel")
    again = await serve(browser, customer)
    assert (await spend(browser, again, points=100)).status == 200, "what was not spent does not count"
    assert (await spend(browser, again, points=30)).json["points"] == 30


@pytest.mark.feature("C12.1")
async def test_coupons_and_the_account_have_limits_of_their_own_and_a_bearers_note_is_its_own_proof(
    browser: Browser, tmp_path: Path
) -> None:
    customer = await morel(browser)
    counter = browser.counter
    visit = await serve(browser, customer)
    paper = (await browser.post("/credit-notes", {"amount": 900_000, "reason": "retour"})).json
    part = {"code": paper["code"], "amount": 900_000}
    assert (await spend(browser, visit, credit_notes=[part])).status == 200
    own = (await browser.post("/credit-notes", {"amount": 30_000, "reason": "retour", "customer": customer})).json
    mine = {"code": own["code"], "amount": 20_001}
    assert (await spend(browser, visit, credit_notes=[part, mine])).json["asked"] == "card"
    assert (await spend(browser, visit, credit_notes=[part, {**mine, "amount": 20_000}])).status == 200
    await tap(counter, tmp_path, CARD)
    assert (await spend(browser, visit, credit_notes=[part, mine])).status == 200


@pytest.mark.feature("C12.1")
async def test_where_head_office_lets_a_manager_a_second_person_covers_what_was_not_proved(browser: Browser) -> None:
    counter = browser.counter
    customer = await morel(browser)
    row = await counter.database.read(lambda conn: elements.element(conn, policy_key("proof")))
    assert row is not None
    said = [operations.change(row, {1: LIMITS[:-1] + ', "beyond": "manager"}'})]
    await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, said, now_ms=counter.clock.now_ms())
    )
    max_ = await counter.hire("Max", pin="1379", role=Role.MANAGER)
    browser.token = await counter.token(Role.CASHIER)
    visit = await serve(browser, customer)
    assert (await spend(browser, visit, points=300)).json["asked"] == "new_pin"
    asked = {"act": "unproved", "amount": 300, "operator": max_, "pin": "1379"}
    approval = (await browser.post("/approvals", asked)).json["approval"]
    assert (await spend(browser, visit, points=300, approval=approval)).json["points"] == 300
    assert (await spend(browser, visit, points=301, approval=approval)).status == 403


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


@pytest.fixture
async def chain(tmp_path: Path) -> Any:
    async with open_two_tills(tmp_path) as found:
        for till in found.tills:
            await till.counter.choose_walk_in()
        await found.sync()
        yield found


@pytest.mark.feature("C12.3", "C12.5")
async def test_tills_that_are_cut_off_add_up_their_wrong_tries_once_they_hear_of_each_other(chain: TwoTills) -> None:
    one, two, hub = chain.one, chain.two, chain.hub
    await rule(hub.counter)
    customer = await morel(one)
    await set_pin(one, customer, "4826")
    await chain.sync()
    visits = [await serve(till, customer) for till in chain.tills]
    for till, visit in zip(chain.tills, visits, strict=True):
        for _ in range(3):
            assert (await prove(till, visit, "1111")).status == 403
        assert (await prove(till, visit, "4826")).status == 429, "each alone: three are free"
    await chain.sync()
    for browser in (hub, one, two):
        browser.counter.clock.at_ms += 3_600_000
    for till, visit in zip(chain.tills, visits, strict=True):
        shut = await prove(till, visit, "4826")
        assert (shut.status, "closed" in shut.json["detail"]) == (403, True), "together they were six"
    assert len(await chain.roots()) == 1
    listed = (await hub.get("/refusals")).json
    (found,) = listed["customers"]
    assert (found["customer"], found["wrong"], found["pin"], found["tills"]) == (customer, 6, "closed", [2, 3])
    await set_pin(two, customer, "5937")
    await chain.sync()
    assert (await prove(one, visits[0], "5937")).status == 200, "a new PIN opens it everywhere"
    assert len(await chain.roots()) == 1


@pytest.mark.feature("C12.1")
async def test_each_till_that_is_cut_off_lets_the_limit_go_once_and_both_count_it_when_they_hear(
    chain: TwoTills,
) -> None:
    await rule(chain.hub.counter)
    customer = await morel(chain.one, 300)
    await chain.sync()
    gift = {"amount": 300, "reason": "geste"}
    assert (await chain.two.post(f"/customers/{customer}/points", gift)).status == 200
    for till in chain.tills:
        visit = await serve(till, customer)
        assert (await spend(till, visit, points=101)).json["asked"] == "card"
        assert (await spend(till, visit, points=100)).status == 200
        await till.post(f"/visits/{visit}/post")
    await chain.sync()
    for till in chain.tills:
        visit = await serve(till, customer)
        assert (await till.get(f"/visits/{visit}/proof")).json["limits"][0]["spent"] == 200
        assert (await spend(till, visit, points=1)).json["asked"] == "new_pin", "a card goes to 200 here"


@pytest.mark.feature("C12.3")
async def test_the_right_pin_at_one_till_forgives_at_the_other_what_it_had_heard_of(chain: TwoTills) -> None:
    one, two = chain.tills
    customer = await morel(one)
    await set_pin(one, customer, "4826")
    await chain.sync()
    mine, theirs = await serve(one, customer), await serve(two, customer)
    for _ in range(2):
        await prove(one, mine, "1111")
    await chain.sync()
    await prove(two, theirs, "1111")
    await prove(one, mine, "4826")
    await chain.sync()
    for till in (chain.hub, one, two):
        assert (await till.get(f"/customers/{customer}/proof")).json["wrong"] == 1
    assert len(await chain.roots()) == 1


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


@pytest.mark.feature("C12.4")
async def test_two_tills_that_set_a_pin_at_once_show_no_hash_in_their_disagreement(chain: TwoTills) -> None:
    one, two = chain.tills
    customer = await morel(one)
    await chain.sync()
    await set_pin(one, customer, "4826")
    await set_pin(two, customer, "5937")
    await chain.sync()
    for path in (
        f"/customers/{customer}",
        f"/customers/{customer}/why",
        f"/customers/{customer}/history",
        "/disagreements",
    ):
        heard = await chain.hub.get(path)
        assert (heard.status, b"scrypt" in heard.raw) == (200, False), path
    assert len(await chain.roots()) == 1


@pytest.mark.feature("C12.5")
async def test_what_is_refused_is_in_the_trail_without_a_name_and_listed_for_the_chain(browser: Browser) -> None:
    customer = await morel(browser)
    await set_pin(browser, customer, "4826")
    visit = await serve(browser, customer)
    for _ in range(3):
        await spend(browser, visit, points=300)
    await prove(browser, visit, "1111")
    acts = [one for one in (await browser.get("/audit?limit=50")).json["acts"] if "refused" in one["what"]]
    said = [one["what"] for one in acts]
    assert said.count("refused: spending, pin would do") == 3
    assert said.count("refused: wrong PIN of a customer") == 1
    assert all(one["about"] and one["about"] != customer for one in acts)
    shown = (await browser.get(f"/customers/{customer}/proof")).json
    assert [(one["till"], one["wrong"], one["refused"]) for one in shown["tills"]] == [(12, 1, 1)], "told once a minute"
    (listed,) = (await browser.get("/refusals")).json["customers"]
    assert (listed["customer"], listed["display_name"], listed["refused"]) == (customer, "Morel", 1)
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await browser.get("/refusals")).status == 403


@pytest.mark.feature("C12.5")
async def test_an_erased_customer_is_in_no_list_of_refusals(browser: Browser) -> None:
    customer = await morel(browser, 0)
    await set_pin(browser, customer, "4826")
    visit = await serve(browser, customer)
    await prove(browser, visit, "1111")
    await browser.post(f"/visits/{visit}/cancel")
    erased = await browser.post(f"/customers/{customer}/erase", {"reason": "request"})
    assert erased.status in (200, 201), erased.raw
    assert (await browser.get("/refusals")).json == {"customers": [], "complete": True}


def test_what_can_be_guessed_from_a_record_is_known() -> None:
    assert guessable([]) == frozenset()
