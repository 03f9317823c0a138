"""Points and coupons over HTTP: earned by posting, chosen on a visit, given by hand, ruled by head office."""

from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain import loyalty
from daemon.domain import rights as booking
from daemon.domain.account import account_of
from daemon.domain.canonical import digest8
from daemon.domain.coupon import ACCOUNT
from daemon.domain.expiry import EXPIRY, MONTH_MS
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_POINTS, Kind
from daemon.domain.loyalty import CouponTerms, NewLoyaltyRule
from daemon.domain.policy import policy_key
from daemon.domain.rights import GRANTED, right
from daemon.domain.role import Role
from daemon.hub.expiring import expire_some
from daemon.store import authoring, elements, rights
from tests.fakes.counter import OWNER, Browser, Counter, open_browser, open_counter


async def rule(counter: Counter, **given: Any) -> None:
    """A rule as head office would send it."""
    made = loyalty.decide_rule(
        None,
        EntityId(digest8(str(given).encode())),
        NewLoyaltyRule(label="r", **given),
        is_new=True,
    )
    await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())
    )


@pytest.fixture(autouse=True)
async def a_point_a_euro(browser: Browser) -> None:
    await browser.counter.choose_walk_in()
    await rule(browser.counter, kind="points", rate=100)


async def create(browser: Browser, **fields: Any) -> str:
    made = await browser.post("/customers", {"last_name": "Morel", **fields})
    return str(made.json["customer"]["id"])


async def serve(browser: Browser, customer: str, lane: str = "1") -> str:
    visit = (await browser.post("/visits", {"lane": lane})).json["id"]
    await browser.post(f"/visits/{visit}/attach", {"customer": customer})
    return str(visit)


def sale(*amounts: int) -> dict[str, Any]:
    return {"lines": [{"label": "article", "amount": amount, "unit_price": amount} for amount in amounts]}


async def sell(browser: Browser, customer: str, *amounts: int) -> dict[str, Any]:
    visit = await serve(browser, customer)
    posted = await browser.post(f"/visits/{visit}/post", sale(*amounts))
    assert posted.status == 200, posted.raw
    found: dict[str, Any] = posted.json
    return found


async def points(browser: Browser, customer: str) -> dict[str, Any]:
    heard = await browser.get(f"/customers/{customer}/loyalty")
    assert heard.status == 200, heard.raw
    found: dict[str, Any] = heard.json["points"]
    return found


@pytest.mark.feature("C1.1", "C1.6")
async def test_a_sale_earns_by_rule_once_however_often_it_is_posted(browser: Browser) -> None:
    customer = await create(browser)
    visit = await serve(browser, customer)
    for _ in range(3):
        posted = await browser.post(f"/visits/{visit}/post", sale(1250, 799))
        assert posted.status == 200
    found = await points(browser, customer)
    assert (found["balance"], found["here"], found["why"]) == (20, 20, "all_here")


@pytest.mark.feature("C11.1")
async def test_what_applies_says_what_a_basket_earns_and_by_which_rule(browser: Browser) -> None:
    visit = await serve(browser, await create(browser))
    heard = await browser.post(f"/visits/{visit}/terms", {"lines": [{"label": "a", "unit_price": 990}]})
    assert heard.status == 200, heard.raw
    assert (heard.json["loyalty"]["earns"], heard.json["loyalty"]["lines"][0]["rate"]) == (9, 100)


@pytest.mark.feature("C1.2", "C1.5")
async def test_points_are_given_and_taken_by_hand_with_a_reason(browser: Browser) -> None:
    customer = await create(browser)
    nameless = await browser.post(f"/customers/{customer}/points", {"amount": 5, "reason": " "})
    assert nameless.status == 422
    given = await browser.post(f"/customers/{customer}/points", {"amount": 50, "reason": "excuse pour l'attente"})
    assert given.json["points"]["here"] == 50
    taken = await browser.post(f"/customers/{customer}/points", {"amount": -20, "reason": "saisi deux fois"})
    assert taken.json["points"]["balance"] == 30
    too_much = await browser.post(f"/customers/{customer}/points", {"amount": -31, "reason": "trop"})
    assert too_much.status == 409
    listed = (await browser.get(f"/customers/{customer}/points")).json
    assert [(one["amount"], one["reason"]) for one in listed["entries"]] == [
        (-20, "saisi deux fois"),
        (50, "excuse pour l'attente"),
    ]
    assert listed["balance"] == sum(one["amount"] for one in listed["entries"])


@pytest.mark.feature("C1.2")
async def test_a_cashier_gives_no_more_by_hand_than_head_office_lets_them(browser: Browser) -> None:
    customer = await create(browser)
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await browser.post(f"/customers/{customer}/points", {"amount": 101, "reason": "geste"})).status == 403
    assert (await browser.post(f"/customers/{customer}/points", {"amount": 100, "reason": "geste"})).status == 200


@pytest.mark.feature("C1.3", "C2.1", "C2.2")
async def test_points_are_spent_within_what_this_till_holds_and_never_twice(browser: Browser) -> None:
    customer = await create(browser)
    await sell(browser, customer, 10_000)
    visit = await serve(browser, customer)
    beyond = await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 101})
    assert beyond.status == 409
    chosen = await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 60})
    assert (chosen.status, chosen.json["points"]) == (200, 60)
    other = await serve(browser, customer, lane="2")
    assert (await browser.ask("PUT", f"/visits/{other}/spending", {"points": 41})).status == 409
    assert (await browser.ask("PUT", f"/visits/{other}/spending", {"points": 40})).status == 200
    assert (await points(browser, customer))["why"] == "chosen"
    for one in (visit, other, visit):
        await browser.post(f"/visits/{one}/post")
    assert (await points(browser, customer))["balance"] == 0


@pytest.mark.feature("C2.1", "C2.3")
async def test_what_lies_elsewhere_is_said_and_cannot_be_spent_here(browser: Browser) -> None:
    customer = await create(browser)

    def unit(conn: Any) -> None:
        row = elements.element(conn, (bytes.fromhex(customer), Kind.CUSTOMER, b""))
        assert row is not None
        earned = booking.earn(account_of(row), BOOK_POINTS, 80, sale=bytes(8), holder=(99, bytes(8)))
        authoring.commit(conn, browser.counter.replica, OWNER, earned, now_ms=browser.counter.clock.now_ms())

    await browser.counter.database.write(unit)
    found = await points(browser, customer)
    assert (found["balance"], found["here"], found["why"], found["mode"]) == (80, 0, "elsewhere", "refuse")
    visit = await serve(browser, customer)
    assert (await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 1})).status == 409


@pytest.mark.feature("C2.4")
async def test_beyond_its_rights_a_till_gives_as_much_at_risk_as_the_policy_says(browser: Browser) -> None:
    customer = await create(browser)
    await sell(browser, customer, 1_000)
    await allow(browser, '{"mode": "at_risk", "at_most": {"points": 15}}')
    visit = await serve(browser, customer)
    assert (await points(browser, customer))["beyond"] == 15
    assert (await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 26})).status == 409
    chosen = await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 22})
    assert (chosen.json["points"], chosen.json["beyond"]) == (22, 12)
    await browser.post(f"/visits/{visit}/post")
    found = await points(browser, customer)
    assert (found["balance"], found["at_risk"], found["beyond"]) == (0, 12, 3)


async def allow(browser: Browser, text: str, name: str = loyalty.BEYOND) -> None:
    entity = policy_key(name)[0]
    made = [operations.create(Kind.POLICY, entity, {1: text})]
    counter = browser.counter
    await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())
    )


async def test_what_was_chosen_is_there_again_after_the_process_died(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        await counter.choose_walk_in()
        await rule(counter, kind="points", rate=100)
        customer = await create(browser)
        await sell(browser, customer, 5_000)
        visit = await serve(browser, customer)
        await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 30})
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        assert (await browser.get(f"/visits/{visit}/spending")).json["points"] == 30
        assert (await points(browser, customer))["here"] == 20
        await browser.post(f"/visits/{visit}/post")
        assert (await points(browser, customer))["balance"] == 20


@pytest.mark.feature("C2.1")
async def test_what_one_customer_chose_is_not_taken_from_the_next(browser: Browser) -> None:
    one, other = await create(browser), await create(browser, email="o@example.org")
    await sell(browser, one, 5_000)
    visit = await serve(browser, one)
    await browser.ask("PUT", f"/visits/{visit}/spending", {"points": 30})
    await browser.post(f"/visits/{visit}/attach", {"customer": other})
    await browser.post(f"/visits/{visit}/post")
    assert (await points(browser, one))["here"] == 50


async def test_nobody_in_particular_has_no_points(browser: Browser) -> None:
    visit = (await browser.post("/visits", {})).json
    assert (await browser.ask("PUT", f"/visits/{visit['id']}/spending", {"points": 1})).status == 409


@pytest.mark.feature("C3.1", "C3.2")
async def test_a_threshold_issues_one_coupon_for_each_time_it_is_reached(browser: Browser) -> None:
    await rule(browser.counter, kind="threshold", every=100, coupon=CouponTerms(label="5 €", amount=500))
    customer = await create(browser)
    await sell(browser, customer, 9_900)
    assert (await browser.get(f"/customers/{customer}/loyalty")).json["coupons"] == []
    await sell(browser, customer, 12_000)
    found = (await browser.get(f"/customers/{customer}/loyalty")).json["coupons"]
    assert [(one["label"], one["amount"], one["days_left"], one["state"]) for one in found] == 2 * [
        ("5 €", 500, 90, "elsewhere")
    ]
    assert len({one["code"] for one in found}) == 2


@pytest.mark.feature("C3.2")
async def test_a_birthday_coupon_is_issued_once_a_year_when_the_customer_is_served(browser: Browser) -> None:
    await rule(browser.counter, kind="birthday", before=7, coupon=CouponTerms(label="fête", percent=1000))
    customer = await create(browser, birthday="1980-10-12")  # the counter's clock shows 9 October 2025
    for _ in range(2):
        visit = await serve(browser, customer)
        await browser.post(f"/visits/{visit}/cancel")
    found = (await browser.get(f"/customers/{customer}/loyalty")).json["coupons"]
    assert [one["percent"] for one in found] == [1000]


@pytest.mark.feature("C3.3")
async def test_a_coupon_is_used_once(browser: Browser) -> None:
    customer = await create(browser)
    given = await browser.post(f"/customers/{customer}/coupons", {"label": "geste", "amount": 300, "days": 30})
    assert given.status == 201, given.raw
    await lease(browser, customer, given.json["id"])
    visit = await serve(browser, customer)
    chosen = await browser.ask("PUT", f"/visits/{visit}/spending", {"coupons": [given.json["code"].lower()]})
    assert chosen.json["coupons"] == [given.json["id"]]
    await browser.post(f"/visits/{visit}/post")
    again = await serve(browser, customer)
    assert (await browser.ask("PUT", f"/visits/{again}/spending", {"coupons": [given.json["code"]]})).status == 409
    found = (await browser.get(f"/customers/{customer}/loyalty")).json["coupons"]
    assert [one["state"] for one in found] == ["used"]


@pytest.mark.feature("C3.4")
async def test_expired_coupons_are_listed_apart_and_cannot_be_used(browser: Browser) -> None:
    customer = await create(browser)
    for days in (1, 30):
        given = await browser.post(f"/customers/{customer}/coupons", {"amount": 300, "days": days, "minimum": 1000})
        await lease(browser, customer, given.json["id"])
    browser.counter.clock.at_ms += 2 * 24 * 3_600_000
    found = (await browser.get(f"/customers/{customer}/loyalty")).json["coupons"]
    assert [(one["state"], one["days_left"], one["minimum"]) for one in found] == [
        ("usable", 28, 1000),
        ("expired", 0, 1000),
    ]
    visit = await serve(browser, customer)
    assert (await browser.ask("PUT", f"/visits/{visit}/spending", {"coupons": [found[1]["id"]]})).status == 409


async def lease(browser: Browser, customer: str, coupon: str) -> None:
    """Head office hands the right of a coupon to this till."""
    counter = browser.counter

    def unit(conn: Any) -> None:
        one = elements.element(conn, (bytes.fromhex(customer), Kind.COUPON, bytes.fromhex(coupon)))
        assert one is not None
        made = [right(one.fields[ACCOUNT], BOOK_COUPON, 1, GRANTED, rights.holder_of(counter.replica))]
        authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def test_goods_that_come_back_take_their_points_along(browser: Browser) -> None:
    customer = await create(browser)
    posted = await sell(browser, customer, 3_000, 1_000)
    back = await browser.post(f"/sales/{posted['sale_id']}/returns", {"lines": [{"line": 1}]})
    assert back.status in (200, 201), back.raw
    assert (await points(browser, customer))["balance"] == 30


async def test_goods_that_come_back_one_by_one_take_no_more_points_along_than_they_brought(browser: Browser) -> None:
    customer = await create(browser)
    posted = await sell(browser, customer, 50, 50, 50, 50)
    assert (await points(browser, customer))["balance"] == 2
    left = []
    for line in range(4):
        await browser.post(f"/sales/{posted['sale_id']}/returns", {"lines": [{"line": line}]})
        left.append((await points(browser, customer))["balance"])
    assert left == [1, 1, 0, 0]
    assert (await points(browser, customer))["due"] == 0


async def test_a_coupon_of_a_record_that_was_merged_is_used_like_any_other(browser: Browser) -> None:
    one, other = await create(browser), await create(browser, first_name="Anne", even_if_known=True)
    given = await browser.post(f"/customers/{other}/coupons", {"amount": 300})
    await lease(browser, other, given.json["id"])
    merged = await browser.post(f"/customers/{one}/merge", {"other": other})
    assert merged.status == 200, merged.raw
    for customer in (one, other):
        visit = await serve(browser, customer)
        chosen = await browser.ask("PUT", f"/visits/{visit}/spending", {"coupons": [given.json["code"]]})
        assert (chosen.status, chosen.json.get("coupons")) == (200, [given.json["id"]]), chosen.raw
        await browser.post(f"/visits/{visit}/cancel")


async def test_rules_are_kept_at_head_office_alone(browser: Browser) -> None:
    refused = await browser.post("/loyalty/rules", {"label": "2 pour 1", "kind": "points", "rate": 200})
    assert refused.status == 403
    assert len((await browser.get("/loyalty/rules")).json["rules"]) == 1


@pytest.mark.feature("C2.5")
async def test_what_stands_at_risk_is_listed_until_head_office_settles_it(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=1, shop=0) as office, open_browser(office) as browser:
        customer = await create(browser, company_name="Bricolage Martin")
        account = await account_at(office, customer)
        made = [*booking.owe(account, BOOK_POINTS, 30, sale=bytes(8))]
        gift = {"amount": 20, "reason": "geste"}
        await browser.post(f"/customers/{customer}/points", gift)
        await office.database.write(
            lambda conn: authoring.commit(conn, office.replica, OWNER, made, now_ms=office.clock.now_ms())
        )
        (debt,) = (await browser.get("/at-risk")).json["debts"]
        assert (debt["customer"], debt["book"], debt["amount"]) == (customer, "points", 30)
        assert [one["cause"] for one in debt["entries"]] == ["at risk"]
        asked = {"book": "points", "how": "deduct", "reason": "vu avec le client"}
        settle = f"/at-risk/{account.hex()}/settle"
        assert (await browser.post(settle, {**asked, "amount": 31})).status == 422
        assert (await browser.post(settle, {**asked, "amount": 21})).status == 409
        left = await browser.post(settle, {**asked, "amount": 20})
        assert [one["amount"] for one in left.json["debts"]] == [10]
        assert (await points(browser, customer))["balance"] == 0
        assert (await browser.post(settle, {**asked, "how": "waive", "amount": 10})).json["debts"] == []


async def account_at(counter: Counter, customer: str) -> EntityId:
    def unit(conn: Any) -> EntityId:
        row = elements.element(conn, (bytes.fromhex(customer), Kind.CUSTOMER, b""))
        assert row is not None
        return account_of(row)

    return await counter.database.read(unit)


@pytest.mark.feature("C1.4")
async def test_old_points_expire_at_head_office_after_they_were_announced(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=1, shop=0) as office, open_browser(office) as browser:
        customer = await create(browser, company_name="Bricolage Martin")
        await browser.post(f"/customers/{customer}/points", {"amount": 50, "reason": "geste"})
        await allow(browser, '{"months": 12, "notice_days": 30}', EXPIRY)
        office.clock.at_ms += 11 * MONTH_MS + 86_400_000
        await browser.post(f"/customers/{customer}/points", {"amount": 8, "reason": "geste"})
        await browser.post(f"/customers/{customer}/points", {"amount": -20, "reason": "erreur"})
        assert (await points(browser, customer))["expiring"] == 30

        def unit(conn: Any) -> bytes | None:
            return expire_some(conn, office.replica, b"", now_ms=office.clock.now_ms())

        await office.database.write(unit)
        assert (await points(browser, customer))["balance"] == 38
        office.clock.at_ms += MONTH_MS
        for _ in range(2):
            await office.database.write(unit)
        assert (await points(browser, customer))["balance"] == 8
        newest = (await browser.get(f"/customers/{customer}/points")).json["entries"][0]
        assert (newest["amount"], newest["cause"], newest["actor"]) == (-30, "expired", "warden")
