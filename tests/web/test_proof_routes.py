"""Proof of possession over HTTP: name only, card, PIN; a limit each; what is refused."""

from pathlib import Path

import pytest

from daemon.domain import authoring as operations
from daemon.domain.policy import policy_key
from daemon.domain.role import Role
from daemon.store import authoring, elements
from tests.fakes.counter import OWNER, Browser
from tests.fakes.possession import CARD, LIMITS, morel, prove, rule, serve, set_pin, spend, tap


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
    assert (await browser.get("/refusals")).json == {"customers": [], "complete": True, "next": ""}


@pytest.mark.feature("C12.5")
async def test_refusals_are_paged_the_latest_first(browser: Browser) -> None:
    customers = [await morel(browser, 0, cards=[], mobile=f"06 39 98 12 3{at}") for at in range(3)]
    for customer in customers:
        await set_pin(browser, customer, "4826")
        visit = await serve(browser, customer)
        await prove(browser, visit, "1111")
        await browser.post(f"/visits/{visit}/cancel")
        browser.counter.clock.at_ms += 60_000
    first = (await browser.get("/refusals?limit=2")).json
    assert ([one["customer"] for one in first["customers"]], first["complete"]) == (customers[:0:-1], False)
    rest = (await browser.get(f"/refusals?limit=2&after={first['next']}")).json
    assert ([one["customer"] for one in rest["customers"]], rest["complete"], rest["next"]) == (customers[:1], True, "")
    assert (await browser.get("/refusals?after=nonsense")).status == 422
