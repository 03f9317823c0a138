"""Credit notes and buying on account over HTTP."""

import re
from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain import rights as booking
from daemon.domain.account import account_of
from daemon.domain.kinds import BOOK_LIMIT, Kind
from daemon.domain.role import Role
from daemon.store import authoring, elements, rights
from tests.fakes.counter import OWNER, Browser, Counter, open_browser, open_counter


@pytest.fixture(autouse=True)
async def walk_in(browser: Browser) -> str:
    return await browser.counter.choose_walk_in()


async def create(browser: Browser, **fields: Any) -> str:
    made = await browser.post("/customers", {"last_name": "Morel", **fields})
    return str(made.json["customer"]["id"])


async def serve(browser: Browser, customer: str = "", lane: str = "1") -> str:
    visit = (await browser.post("/visits", {"lane": lane})).json["id"]
    if customer:
        await browser.post(f"/visits/{visit}/attach", {"customer": customer})
    return str(visit)


async def spend(browser: Browser, visit: str, **chosen: Any) -> Any:
    return await browser.ask("PUT", f"/visits/{visit}/spending", chosen)


async def returned(browser: Browser, amount: int = 2_390) -> str:
    visit = await serve(browser)
    lines = {"lines": [{"label": "veste", "amount": amount, "unit_price": amount}]}
    sale = (await browser.post(f"/visits/{visit}/post", lines)).json["sale_id"]
    back = await browser.post(f"/sales/{sale}/returns", {"lines": [{"line": 0}]})
    assert back.status in (200, 201), back.raw
    return str(back.json["following"][-1]["id"])


@pytest.mark.feature("C4.1", "C4.2", "C4.3")
async def test_a_return_gives_one_credit_note_to_whoever_holds_it(browser: Browser) -> None:
    sale = await returned(browser)
    too_much = await browser.post("/credit-notes", {"amount": 2_391, "sale": sale})
    assert too_much.status == 409
    first = await browser.post("/credit-notes", {"amount": 2_390, "sale": sale})
    again = await browser.post("/credit-notes", {"amount": 2_390, "sale": sale})
    assert first.status == 201, first.raw
    assert (first.status, again.json["code"]) == (201, first.json["code"])
    found = (await browser.get(f"/credit-notes/{first.json['code'].lower()}")).json
    assert (found["remainder"], found["here"], found["sale"], found["customer"]) == (2_390, 2_390, sale, "")
    assert (await browser.get("/credit-notes/A999999999")).status == 404


@pytest.mark.feature("C4.5")
async def test_a_credit_note_is_spent_in_parts_and_never_beyond(browser: Browser) -> None:
    note = (await browser.post("/credit-notes", {"amount": 1_000, "reason": "geste commercial"})).json
    for amount, left in ((600, 400), (400, 0)):
        visit = await serve(browser)
        beyond = await spend(browser, visit, credit_notes=[{"code": note["code"], "amount": left + amount + 1}])
        assert beyond.status == 409
        chosen = await spend(browser, visit, credit_notes=[{"code": note["code"], "amount": amount}])
        assert chosen.json["credit_notes"] == amount
        for _ in range(2):
            await browser.post(f"/visits/{visit}/post")
        assert (await browser.get(f"/credit-notes/{note['code']}")).json["remainder"] == left
    assert (await browser.get(f"/credit-notes/{note['code']}")).json["state"] == "used"


async def test_one_note_named_twice_is_one_choice_of_both_amounts(browser: Browser) -> None:
    note = (await browser.post("/credit-notes", {"amount": 1_000, "reason": "geste commercial"})).json
    visit = await serve(browser)
    parts = [{"code": note["code"], "amount": 500}, {"code": note["code"].lower(), "amount": 300}]
    assert (await spend(browser, visit, credit_notes=parts)).json["credit_notes"] == 800
    parts.append({"code": note["code"], "amount": 201})
    assert (await spend(browser, visit, credit_notes=parts)).status == 409


async def test_codes_of_credit_notes_name_their_till_and_are_never_given_twice(browser: Browser) -> None:
    codes = [(await browser.post("/credit-notes", {"amount": 5, "reason": "geste"})).json["code"] for _ in range(3)]
    assert [code[:10] for code in codes] == ["A012000001", "A012000002", "A012000003"]
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}", code[10:]) for code in codes)


async def test_a_cashier_issues_no_large_credit_note_by_hand(browser: Browser) -> None:
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await browser.post("/credit-notes", {"amount": 1_001, "reason": "geste"})).status == 403


async def test_a_sale_below_zero_is_no_way_around_what_a_cashier_may_give(browser: Browser) -> None:
    visit = await serve(browser)
    browser.token = await browser.counter.token(Role.CASHIER)
    lines = {"lines": [{"label": "retour sans ticket", "amount": -5_000}]}
    sale = (await browser.post(f"/visits/{visit}/post", lines)).json["sale_id"]
    assert (await browser.post("/credit-notes", {"amount": 5_000, "sale": sale})).status == 403
    assert (await browser.post("/credit-notes", {"amount": 1_000, "sale": sale})).status == 201


async def lend(counter: Counter, customer: str, amount: int) -> None:
    """Head office has set a maximum, and handed it to this till."""

    def unit(conn: Any) -> None:
        row = elements.element(conn, (bytes.fromhex(customer), Kind.CUSTOMER, b""))
        assert row is not None
        holder = rights.holder_of(counter.replica)
        made = booking.give(
            account_of(row), BOOK_LIMIT, amount, holder=holder, fact=customer.encode()[:8], cause="by hand"
        )
        made.append(operations.change(row, {28: 1}))
        authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


@pytest.mark.feature("C5.1", "C5.2")
async def test_buying_on_account_is_ticked_with_a_number_and_not_unticked_while_something_is_owed(
    browser: Browser,
) -> None:
    customer = await create(browser)
    path = f"/customers/{customer}/on-account"
    ticked = await browser.ask("PATCH", path, {"on_account": True})
    assert (ticked.status, ticked.json["number"]) == (200, "K01200001"), ticked.raw
    changed = await browser.ask("PATCH", path, {"number": "411MOREL"})
    assert changed.json["number"] == "411MOREL"
    await lend(browser.counter, customer, 5_000)
    visit = await serve(browser, customer)
    await spend(browser, visit, on_account=2_000)
    await browser.post(f"/visits/{visit}/post")
    assert (await browser.ask("PATCH", path, {"on_account": False})).status == 409
    await browser.post(f"{path}/payments", {"amount": 2_000})
    assert (await browser.ask("PATCH", path, {"on_account": False})).json["on_account"] is False


@pytest.mark.feature("C5.5", "C5.6")
async def test_a_till_lets_a_customer_buy_within_its_share_and_takes_payments_always(browser: Browser) -> None:
    customer = await create(browser)
    visit = await serve(browser, customer)
    assert (await spend(browser, visit, on_account=1)).status == 409  # not ticked
    await lend(browser.counter, customer, 5_000)
    assert (await spend(browser, visit, on_account=5_001)).status == 409
    assert (await spend(browser, visit, on_account=5_000)).json["on_account"] == 5_000
    await browser.post(f"/visits/{visit}/post")
    path = f"/customers/{customer}/on-account"
    found = (await browser.get(path)).json
    assert (found["owed"], found["available"], found["here"], found["maximum"]) == (5_000, 0, 0, 5_000)
    paid = (await browser.post(f"{path}/payments", {"amount": 1_500}, key="one")).json
    assert paid == (await browser.post(f"{path}/payments", {"amount": 1_500}, key="one")).json
    assert (paid["owed"], paid["here"]) == (3_500, 1_500)


@pytest.mark.feature("C5.4")
async def test_what_is_owed_is_corrected_by_hand_with_a_reason(browser: Browser) -> None:
    customer = await create(browser)
    await lend(browser.counter, customer, 5_000)
    path = f"/customers/{customer}/on-account/corrections"
    assert (await browser.post(path, {"amount": 700, "reason": ""})).status == 422
    assert (await browser.post(path, {"amount": 700, "reason": "oubli du 3"})).json["owed"] == 700
    less = (await browser.post(path, {"amount": -700, "reason": "erreur"})).json
    assert (less["owed"], less["here"], less["maximum"]) == (0, 5_000, 5_000)


@pytest.mark.feature("C5.3")
async def test_head_office_sets_the_maximum_and_lowers_it_by_what_no_till_holds(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=1, shop=0) as office, open_browser(office) as browser:
        customer = await create(browser, company_name="Bricolage Martin")
        path = f"/customers/{customer}/on-account"
        for maximum in (10_000, 4_000, 6_000):
            found = await browser.ask("PATCH", path, {"maximum": maximum, "reason": "accord"})
            assert (found.status, found.json["maximum"]) == (200, maximum), found.raw


async def test_a_till_does_not_decide_how_much_is_lent(browser: Browser) -> None:
    customer = await create(browser)
    assert (await browser.ask("PATCH", f"/customers/{customer}/on-account", {"maximum": 1})).status == 403
