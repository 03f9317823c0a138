"""What comes back, what takes a larger basket, what is capped, what an erasure leaves: money and points over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from daemon.desk import purses
from daemon.desk.loyalty_rules import GivenCoupon
from daemon.domain.loyalty import CouponTerms
from daemon.domain.role import Role
from daemon.hub import warden
from tests.fakes.counter import Browser
from tests.fakes.selling import sell
from tests.fakes.tickets import one_shop
from tests.fakes.two_tills import TwoTills
from tests.web.test_loyalty_routes import create, lease, points, rule, sale, serve
from tests.web.test_loyalty_routes_money import lend, spend

SECRET = "Zanzibar"
"""A word that stands in every reason, and nowhere else."""


@pytest.fixture
async def browser(browser: Browser) -> Browser:
    await browser.counter.choose_walk_in()
    return browser


async def bought_on_account(browser: Browser, cents: int, on_account: int) -> tuple[str, str]:
    """A customer and a sale of two lines, a part of it to be paid later."""
    customer = await create(browser)
    await lend(browser.counter, customer, 10_000)
    visit = await serve(browser, customer)
    assert (await spend(browser, visit, on_account=on_account)).status == 200
    posted = await browser.post(f"/visits/{visit}/post", sale(cents - cents // 4, cents // 4))
    assert posted.status == 200, posted.raw
    return customer, str(posted.json["sale_id"])


async def owed(browser: Browser, customer: str) -> tuple[int, int]:
    found = (await browser.get(f"/customers/{customer}/on-account")).json
    assert found["maximum"] == 10_000
    return found["owed"], found["available"]


@pytest.mark.feature("C5.4", "C9.2")
async def test_what_was_bought_on_account_and_comes_back_is_owed_no_longer(browser: Browser) -> None:
    customer, id_ = await bought_on_account(browser, 4_000, 4_000)
    assert await owed(browser, customer) == (4_000, 6_000)
    back = await browser.post(f"/sales/{id_}/returns", {"lines": [{"line": 1}]})
    assert back.status == 200, back.raw
    assert await owed(browser, customer) == (3_000, 7_000)
    for _ in range(2):
        await browser.post(f"/sales/{id_}/cancel", {})
    assert await owed(browser, customer) == (0, 10_000)


async def test_no_more_comes_off_the_debt_than_was_bought_on_account_and_is_owed(browser: Browser) -> None:
    customer, id_ = await bought_on_account(browser, 4_000, 1_500)
    await browser.post(f"/customers/{customer}/on-account/payments", {"amount": 700})
    await browser.post(f"/sales/{id_}/cancel", {})
    assert await owed(browser, customer) == (0, 10_000)


@pytest.mark.feature("C4.1")
async def test_what_went_off_the_debt_is_not_given_as_a_credit_note_as_well(browser: Browser) -> None:
    _, id_ = await bought_on_account(browser, 4_000, 1_500)
    back = (await browser.post(f"/sales/{id_}/cancel", {})).json["following"][-1]["id"]
    assert (await browser.post("/credit-notes", {"amount": 2_501, "sale": back})).status == 409
    assert (await browser.post("/credit-notes", {"amount": 2_500, "sale": back})).status == 201


@pytest.mark.feature("C3.1", "C11.1")
async def test_a_coupon_takes_the_basket_that_it_says(browser: Browser) -> None:
    customer = await create(browser)
    given = (await browser.post(f"/customers/{customer}/coupons", {"amount": 300, "minimum": 2_000})).json
    await lease(browser, customer, given["id"])
    visit = await serve(browser, customer)
    for cents, state in ((1_999, "below_minimum"), (2_000, "usable")):
        told = await browser.post(f"/visits/{visit}/terms", {"lines": [{"label": "a", "unit_price": cents}]})
        assert [one["state"] for one in told.json["loyalty"]["coupons"]] == [state]
    assert (await spend(browser, visit, coupons=[given["code"]])).status == 200
    small = await browser.post(f"/visits/{visit}/post", sale(1_999))
    assert (small.status, small.json["field"]) == (409, "coupons")
    # What the coupon itself took off the line is no reason to refuse it.
    lines = {"lines": [{"label": "article", "amount": 1_700, "unit_price": 2_000}]}
    assert (await browser.post(f"/visits/{visit}/post", lines)).status == 200


@pytest.mark.feature("C6.1")
async def test_a_promo_code_takes_the_basket_that_it_says(tmp_path: Path) -> None:
    async with one_shop(tmp_path) as tills:
        made = {"code": "NOEL", "label": "Noël", "quota": 10, "terms": {"amount": 500, "minimum": 3_000}}
        assert (await tills.hub.post("/promo-codes", made)).status == 201
        await mind(tills)
        visit = await serve(tills.one, await create(tills.one))
        assert (await spend(tills.one, visit, promo_codes=["NOEL"])).status == 200
        small = await tills.one.post(f"/visits/{visit}/post", sale(2_999))
        assert (small.status, small.json["field"]) == (409, "promo_codes")
        assert (await tills.one.post(f"/visits/{visit}/post", sale(3_000))).status == 200


async def mind(tills: TwoTills) -> None:
    """Head office hands out what it has booked."""
    hub = tills.hub.counter
    lots = [(till.counter.replica.identity.lot, till.counter.replica.identity.site) for till in tills.tills]

    def unit(conn: Any) -> None:
        conn.executemany("UPDATE roster SET lot = ? WHERE site = ?", lots)
        warden.attend_funded(conn, hub.replica, now_ms=hub.clock.now_ms())

    await hub.database.write(unit)
    await tills.sync()


@pytest.mark.feature("C3.2")
async def test_a_large_coupon_by_hand_takes_a_second_person(browser: Browser) -> None:
    customer = await create(browser)
    path = f"/customers/{customer}/coupons"
    office = await browser.counter.hire("Max", pin="1379", role=Role.OFFICE)
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await browser.post(path, {"amount": 1})).status == 403
    browser.token = await browser.counter.token(Role.MANAGER)
    assert (await browser.post(path, {"amount": 20_000})).status == 201
    large = {"amount": 20_001}
    refused = await browser.post(path, large)
    assert (refused.status, refused.json.get("field")) == (403, "approval"), refused.raw
    wanted = {"act": "credit", "amount": 25_000, "operator": office, "pin": "1379"}
    said = (await browser.post("/approvals", wanted)).json["approval"]
    assert (await browser.post(path, {**large, "approval": said})).status == 201
    assert (await browser.post(path, {**large, "approval": said})).status == 403, "once"


async def holders_of(tills: TwoTills, word: str) -> list[str]:
    """Where a word can still be read, in any table of any replica."""
    found: list[str] = []

    def unit(conn: Any) -> list[str]:
        tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [name for name in tables if word.encode() in _bytes_of(conn, name)]

    for one in (tills.hub, *tills.tills):
        site = one.counter.replica.identity.site
        found += [f"{site}: {name}" for name in await one.counter.database.read(unit)]
    return found


def _bytes_of(conn: Any, table: str) -> bytes:
    if table.startswith("search"):
        return b""
    raw = b""
    for row in conn.execute(f"SELECT * FROM {table}"):
        raw += b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    return raw


@pytest.mark.feature("B13.1", "B13.2", "B13.4")
async def test_points_and_amounts_stay_under_an_anonymous_id_and_the_words_about_them_go(tmp_path: Path) -> None:
    async with one_shop(tmp_path) as tills:
        await rule(tills.hub.counter, kind="points", rate=100)
        await tills.sync()
        who = await create(tills.one)
        kept = await sell(tills.one, who, {"label": "veste", "amount": 9_000, "unit_price": 10_000, "reason": SECRET})
        back = await tills.one.post(f"/sales/{kept}/returns", {"amount": 1_000, "reason": SECRET})
        assert back.status == 200, back.raw
        await tills.one.post(f"/customers/{who}/points", {"amount": 40, "reason": f"excuse {SECRET}"})
        await tills.one.post(f"/customers/{who}/points", {"amount": -15, "reason": f"erreur {SECRET}"})
        await tills.one.post(f"/customers/{who}/on-account/corrections", {"amount": -200, "reason": SECRET})
        await tills.sync()
        shown = (await tills.two.get(f"/customers/{who}/points")).json
        assert {one["reason"] for one in shown["entries"]} >= {f"excuse {SECRET}", f"erreur {SECRET}"}
        balance = shown["balance"]
        sold = (await tills.two.get(f"/sales/{kept}")).json
        assert sold["lines"][0]["reason"] == SECRET
        # While nobody has heard of it yet, one more word is said at another till: it never arrives anywhere.
        erased = await tills.hub.post(f"/customers/{who}/erase", {"reason": "request", "despite_open": True})
        assert erased.status == 200, erased.raw
        await tills.two.post(f"/customers/{who}/points", {"amount": 7, "reason": f"trop tard {SECRET}"})
        await tills.sync()
        await tills.sync()
        assert await holders_of(tills, SECRET) == []
        account = bytes.fromhex(sold["account"])
        for one in (tills.hub, *tills.tills):
            assert (await one.get(f"/customers/{who}/points")).status == 404
            assert (await one.get(f"/sales/{kept}")).json["sale"]["total"] == 9_000
            assert await left_on(one, account) == balance + 7


async def left_on(browser: Browser, account: bytes) -> int:
    def unit(conn: Any) -> int:
        (found,) = conn.execute(
            "SELECT amount FROM balance WHERE account = ? AND book = 1 AND holder = x''", (account,)
        ).fetchone()
        return int(found)

    return await browser.counter.database.read(unit)


async def test_points_of_merged_records_add_up_and_may_all_be_spent(browser: Browser) -> None:
    await rule(browser.counter, kind="points", rate=100)
    one, other = await create(browser), await create(browser, first_name="Anne", even_if_known=True)
    for customer, cents in ((one, 6_000), (other, 5_000)):
        visit = await serve(browser, customer)
        assert (await browser.post(f"/visits/{visit}/post", sale(cents))).status == 200
    assert (await browser.post(f"/customers/{one}/merge", {"other": other})).status == 200
    visit = await serve(browser, one)
    for customer in (one, other):
        found = await points(browser, customer)
        assert (found["balance"], found["here"]) == (110, 110)
    assert (await spend(browser, visit, points=111)).status == 409
    assert (await spend(browser, visit, points=100)).json["points"] == 100
    await browser.post(f"/visits/{visit}/post")
    for customer in (one, other):
        assert (await points(browser, customer))["balance"] == 10


async def test_a_customer_with_a_credit_note_is_not_deleted(browser: Browser) -> None:
    customer = await create(browser)
    note = await browser.post("/credit-notes", {"amount": 500, "reason": "geste", "customer": customer})
    assert note.status == 201, note.raw
    assert (await browser.ask("DELETE", f"/customers/{customer}")).status == 409


async def test_a_coupon_nobody_used_keeps_nobody(browser: Browser) -> None:
    customer = await create(browser)
    await browser.post(f"/customers/{customer}/coupons", {"amount": 300})
    assert (await browser.ask("DELETE", f"/customers/{customer}")).status == 204


def test_terms_of_a_rule_and_of_a_coupon_by_hand_are_the_same() -> None:
    assert set(CouponTerms.__dataclass_fields__) == set(GivenCoupon.__dataclass_fields__) - {"approval"}


@pytest.mark.feature("C1.5")
async def test_a_long_life_of_points_is_read_page_by_page(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purses, "ENTRIES_MAX", 3)
    customer = await create(browser)
    for amount in range(1, 8):
        await browser.post(f"/customers/{customer}/points", {"amount": amount, "reason": "geste"})
    seen: list[int] = []
    after, complete = "", False
    while not complete:
        heard = (await browser.get(f"/customers/{customer}/points{after}")).json
        seen += [one["amount"] for one in heard["entries"]]
        after, complete = f"?after={heard['entries'][-1]['id']}", heard["complete"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert (await browser.get(f"/customers/{customer}/points?after={'0' * 16}")).status == 422
