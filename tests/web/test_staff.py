"""Log-in and log-out, operators, applications, the walk-in customer."""

from pathlib import Path

import pytest

from daemon.domain.role import Role
from tests.fakes.counter import Browser, open_browser, open_counter
from tests.fakes.two_tills import open_two_tills


async def log_in(browser: Browser, operator: str, pin: str) -> int:
    return (await browser.post("/sessions", {"operator": operator, "pin": pin})).status


@pytest.mark.feature("F2.1")
async def test_an_operator_logs_in_by_pin_or_badge(browser: Browser) -> None:
    id_ = await browser.counter.hire("Léa", pin="4821", badge="OP-1", role=Role.MANAGER)
    owner, browser.token = browser.token, ""
    by_pin = await browser.post("/sessions", {"operator": id_, "pin": "4821"})
    assert (by_pin.status, by_pin.json["operator"]) == (201, {"id": id_, "display_name": "Léa", "role": "manager"})
    by_badge = await browser.post("/sessions", {"badge": "op-1"})
    for heard in (by_pin, by_badge):
        browser.token = heard.json["token"]
        assert (await browser.get("/customers", params={"q": "a"})).status == 200
        assert (await browser.ask("DELETE", "/sessions/current")).status == 204
        assert (await browser.get("/customers", params={"q": "a"})).status == 401
    browser.token = owner
    assert [told.display_name for told in browser.counter.heard("session")] == ["Léa", "Léa"]


async def test_neither_pin_nor_token_nor_badge_lies_in_the_file(browser: Browser) -> None:
    id_ = await browser.counter.hire("Léa", pin="48217930", badge="OPERATOR-BADGE-1")
    heard = await browser.post("/sessions", {"operator": id_, "pin": "48217930"})
    files = b"".join(path.read_bytes() for path in browser.counter.database.path.parent.iterdir())
    for secret in ("48217930", "OPERATOR-BADGE-1", heard.json["token"], browser.token):
        assert secret.encode() not in files


async def test_wrong_pins_slow_down_also_across_a_restart(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        id_ = await counter.hire("Léa", pin="4821")
        assert [await log_in(browser, id_, "1234") for _ in range(4)] == [401, 401, 401, 429]
        heard = await browser.post("/sessions", {"operator": id_, "pin": "4821"})
        assert (heard.status, heard.headers["Retry-After"], heard.json["type"]) == (429, "2", "urn:comptoir:too-soon")
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        assert await log_in(browser, id_, "4821") == 429
        counter.clock.at_ms += 2_100
        assert await log_in(browser, id_, "9999") == 401
        assert await log_in(browser, id_, "4821") == 429
        counter.clock.at_ms += 4_100
        assert await log_in(browser, id_, "4821") == 201
        assert await log_in(browser, id_, "9999") == 401, "a right PIN forgives the wrong ones"
        assert await log_in(browser, id_, "4821") == 201


YEARS_MS = 3 * 365 * 24 * 3_600_000


async def test_wrong_pins_of_a_clock_that_was_ahead_lock_nobody_out_and_give_no_tries_away(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        id_ = await counter.hire("Léa", pin="4821")
        counter.clock.at_ms += YEARS_MS
        assert [await log_in(browser, id_, "1234") for _ in range(4)] == [401, 401, 401, 429]
        counter.clock.at_ms -= YEARS_MS
        assert await log_in(browser, id_, "4821") == 429, "the wait is kept, from now on"
        counter.clock.at_ms += 1_900
        assert await log_in(browser, id_, "4821") == 429
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        counter.clock.at_ms += 2_100
        assert await log_in(browser, id_, "4821") == 201


async def test_wrong_badges_of_a_clock_that_was_ahead_are_forgotten_after_an_hour_of_the_right_one(
    browser: Browser,
) -> None:
    await browser.counter.hire("Léa", badge="OP-1")

    async def log_in_with(badge: str) -> int:
        return (await browser.post("/sessions", {"badge": badge})).status

    browser.counter.clock.at_ms += YEARS_MS
    assert [await log_in_with(badge) for badge in ("1", "2", "3", "OP-1")] == [401, 401, 401, 429]
    browser.counter.clock.at_ms -= YEARS_MS
    assert await log_in_with("OP-1") == 429
    browser.counter.clock.at_ms += 2_100
    assert await log_in_with("OP-1") == 201


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "operator"),
        ({"operator": "x", "pin": "1234"}, 422, "operator"),
        ({"operator": "0" * 16, "pin": "1234"}, 401, "pin"),
        ({"badge": "nobody's"}, 401, "badge"),
        ({"ticket": "none"}, 422, "ticket"),
    ],
)
async def test_who_is_nobody_does_not_log_in(browser: Browser, body: dict[str, str], status: int, field: str) -> None:
    heard = await browser.post("/sessions", body)
    assert (heard.status, heard.json["field"]) == (status, field)


async def test_an_operator_without_a_pin_has_no_empty_one(browser: Browser) -> None:
    id_ = await browser.counter.hire("Léa", badge="OP-1")
    assert await log_in(browser, id_, "") == 401


async def test_wrong_badges_slow_down_and_a_right_one_forgives_none(browser: Browser) -> None:
    await browser.counter.hire("Léa", badge="OP-1")

    async def log_in_with(badge: str) -> int:
        return (await browser.post("/sessions", {"badge": badge})).status

    assert [await log_in_with(badge) for badge in ("1", "2", "OP-1", "3", "OP-1")] == [401, 401, 201, 401, 429]
    browser.counter.clock.at_ms += 2_100
    assert [await log_in_with(badge) for badge in ("OP-1", "4", "OP-1")] == [201, 401, 429]
    browser.counter.clock.at_ms += 3_600_000
    assert [await log_in_with(badge) for badge in ("5", "6", "7", "8")] == [401, 401, 401, 429]


async def test_what_is_told_of_a_badge_logs_nobody_in(browser: Browser) -> None:
    await browser.counter.hire("Léa", badge="SECRET-1")
    told = (await browser.post("/scan", {"code": "SECRET-1"})).json
    assert {name: value for name, value in told.items() if value} == {
        "outcome": "operator",
        "device": "simulated",
        "operator": "Léa",
    }


async def test_a_session_ends_by_itself(browser: Browser) -> None:
    await browser.counter.hire("Léa", badge="OP-1")
    browser.token = (await browser.post("/sessions", {"badge": "OP-1"})).json["token"]
    browser.counter.clock.at_ms += 12 * 3_600_000
    assert (await browser.get("/customers", params={"q": "a"})).status == 401


async def test_a_revoked_operator_is_out_at_once_until_taken_back(browser: Browser) -> None:
    id_ = await browser.counter.hire("Léa", badge="OP-1")
    owner = browser.token
    session = (await browser.post("/sessions", {"badge": "OP-1"})).json["token"]
    for revoked, status in ((True, 401), (False, 200)):
        browser.token = owner
        assert (await browser.ask("PATCH", f"/operators/{id_}", {"revoked": revoked})).status == 200
        browser.token = session
        assert (await browser.get("/customers", params={"q": "a"})).status == status
    browser.token = owner
    await browser.ask("PATCH", f"/operators/{id_}", {"revoked": True})
    assert (await browser.post("/sessions", {"badge": "OP-1"})).status == 401
    assert (await browser.get("/operators")).json == []


@pytest.mark.feature("F2.1")
async def test_who_is_revoked_works_on_offline_and_is_out_wherever_it_is_heard(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as tills:
        made = await tills.hub.post("/operators", {"display_name": "Léa", "pin": "4821", "badge": "OP-1"})
        await tills.sync()
        sessions = []
        for till in tills.tills:
            by_pin = await till.post("/sessions", {"operator": made.json["id"], "pin": "4821"})
            by_badge = await till.post("/sessions", {"badge": "OP-1"})
            assert (by_pin.status, by_badge.status) == (201, 201), "with no line to anywhere"
            sessions.append(by_pin.json["token"])
        gone = await tills.two.ask("PATCH", f"/operators/{made.json['id']}", {"revoked": True})
        assert gone.status == 200
        await tills.upload(tills.two)
        for till, session, status in zip(tills.tills, sessions, (200, 401), strict=True):
            till.token = session
            assert (await till.get("/customers", params={"q": "a"})).status == status, "one till has heard of it"
        await tills.sync()
        for till in tills.tills:
            assert (await till.get("/customers", params={"q": "a"})).status == 401
            assert (await till.post("/sessions", {"badge": "OP-1"})).status == 401
            assert (await till.post("/sessions", {"operator": made.json["id"], "pin": "4821"})).status == 401
        (shown,) = (await tills.hub.get("/staff")).json
        assert (shown["revoked"], shown["pin"], shown["badge"]) == (True, True, True)


async def test_operators_are_made_and_changed(browser: Browser) -> None:
    made = await browser.post("/operators", {"display_name": " Léa  Petit ", "role": "manager", "pin": "4821"})
    assert (made.status, made.json["display_name"], made.json["role"]) == (201, "Léa Petit", "manager")
    where = f"/operators/{made.json['id']}"
    changed = await browser.ask("PATCH", where, {"display_name": "Léa", "role": "cashier", "pin": "9753", "badge": "B"})
    assert changed.json == {"id": made.json["id"], "display_name": "Léa", "role": "cashier"}
    assert await log_in(browser, made.json["id"], "4821") == 401
    assert await log_in(browser, made.json["id"], "9753") == 201
    assert (await browser.ask("PATCH", where, {})).status == 200
    assert (await browser.ask("PATCH", f"/operators/{'0' * 16}", {"pin": "9753"})).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"display_name": " "}, "display_name"),
        ({"display_name": "L", "pin": "12"}, "pin"),
        ({"display_name": "L", "pin": "1111"}, "pin"),
        ({"display_name": "L", "badge": " "}, "badge"),
        ({"display_name": "L", "role": "king"}, "role"),
    ],
)
async def test_a_wrong_operator_is_not_made(browser: Browser, body: dict[str, str], field: str) -> None:
    heard = await browser.post("/operators", body)
    assert (heard.status, heard.json["field"]) == (422, field)
    assert (await browser.get("/operators")).json == []


async def test_an_application_gets_a_token_and_loses_it(browser: Browser) -> None:
    made = await browser.ask("PUT", "/applications", {"name": "till software"})
    owner, browser.token = browser.token, made.json["token"]
    assert (made.json["role"], (await browser.get("/visits")).status) == ("application", 200)
    browser.token = owner
    names = [one["name"] for one in (await browser.get("/applications")).json]
    assert "till software" in names
    renewed = await browser.ask("PUT", "/applications", {"name": "till software", "role": "monitor"})
    for token, status in ((made.json["token"], 401), (renewed.json["token"], 200)):
        browser.token = token
        assert (await browser.get("/metrics")).status == status
    browser.token = owner
    assert (await browser.ask("DELETE", "/applications/till%20software")).status == 204
    assert (await browser.ask("DELETE", "/applications/till%20software")).status == 404
    assert (await browser.ask("PUT", "/applications", {"name": " "})).json["field"] == "name"
    for name in ("system:root", "uid:0"):
        assert (await browser.ask("PUT", "/applications", {"name": name})).json["field"] == "name"


@pytest.mark.feature("A5.1")
async def test_the_walk_in_customer_is_an_existing_or_a_new_one(browser: Browser) -> None:
    new = (await browser.post("/walk-in", {"display_name": "Comptoir"})).json
    assert (new["walk_in"], new["display_name"]) == (True, "Comptoir")
    made = (await browser.post("/customers", {"last_name": "Passage"})).json["customer"]
    chosen = (await browser.post("/walk-in", {"customer": made["id"]})).json
    assert (chosen["id"], chosen["walk_in"]) == (made["id"], True)
    assert (await browser.get(f"/customers/{new['id']}")).json["walk_in"] is False
    again = (await browser.post("/walk-in", {"customer": made["id"]})).json
    assert again["walk_in"] is True
    for customer, status in (("0" * 16, 404), ("x", 422)):
        assert (await browser.post("/walk-in", {"customer": customer})).status == status


@pytest.mark.feature("A5.3")
async def test_without_a_walk_in_customer_the_till_is_not_ready(browser: Browser) -> None:
    heard = await browser.get("/ready")
    assert (heard.status, heard.json["ready"], len(heard.json["missing"])) == (503, False, 1)
    await browser.counter.choose_walk_in()
    assert (await browser.get("/ready")).json == {"ready": True, "missing": []}
