"""What may be spent once, over HTTP at two tills of a shop that cannot hear each other, and after they can again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.expiry import MONTH_MS
from daemon.hub import expiring, warden
from daemon.store.database import Connection
from tests.fakes.counter import Browser, Heard
from tests.fakes.selling import customer, post, serve
from tests.fakes.tickets import cut, one_shop
from tests.fakes.two_tills import TwoTills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    """Head office knows how the tills hold rights, hands out and has passed on; the tills answer it."""
    async with one_shop(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        lots = [(till.counter.replica.identity.lot, till.counter.replica.identity.site) for till in found.tills]
        await found.hub.counter.database.write(
            lambda conn: conn.executemany("UPDATE roster SET lot = ? WHERE site = ?", lots)
        )
        found.passes_on = True
        assert (await found.hub.post("/loyalty/rules", {"label": "r", "kind": "points", "rate": 100})).status == 201
        await settle(found)
        yield found


async def settle(tills: TwoTills) -> None:
    """Everybody hears everything, and head office hands out what it has."""
    hub = tills.hub.counter

    def mind(conn: Connection) -> int:
        return warden.attend_funded(conn, hub.replica, now_ms=hub.clock.now_ms())

    for _ in range(4):
        await tills.sync()
        await hub.database.write(mind)
    await tills.sync()


async def spend(browser: Browser, who: str, **chosen: Any) -> Heard:
    """Choose on a visit of its own, and post it if that goes; returns what was said of the choice."""
    visit = await serve(browser, who)
    heard = await browser.ask("PUT", f"/visits/{visit['id']}/spending", chosen)
    ending = "post" if heard.status == 200 else "cancel"
    assert (await browser.post(f"/visits/{visit['id']}/{ending}")).status == 200
    return heard


async def purse(browser: Browser, who: str) -> tuple[int, int]:
    """(balance, what may be spent at this till)."""
    found = (await browser.get(f"/customers/{who}/loyalty")).json["points"]
    return found["balance"], found["here"]


async def earned(browser: Browser, who: str, cents: int) -> None:
    visit = await serve(browser, who)
    line = {"label": "article", "amount": cents, "unit_price": cents}
    assert (await post(browser, visit, line)).status == 200


@pytest.mark.feature("C2.1", "C2.2", "C2.3")
async def test_two_lanes_that_are_cut_off_spend_what_there_is_and_no_more(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    await earned(tills.one, anne, 10_000)
    assert await purse(tills.one, anne) == (100, 100), "what is earned here may be spent here at once"
    await settle(tills)
    shares = [(await purse(till, anne))[1] for till in tills.tills]
    assert all(part >= 30 for part in shares), "customers change lanes"
    assert sum(shares) <= 100
    cut(tills)
    for till, part in zip(tills.tills, shares, strict=True):
        beyond = await spend(till, anne, points=part + 1)
        assert (beyond.status, beyond.json["field"]) == (409, "points")
        assert (await spend(till, anne, points=part)).status == 200
        assert (await spend(till, anne, points=1)).status == 409
    cut(tills, is_cut=False)
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        found = (await browser.get(f"/customers/{anne}/loyalty")).json["points"]
        assert (found["balance"], found["at_risk"]) == (100 - sum(shares), 0)
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C2.2")
async def test_a_customer_who_is_served_online_brings_what_the_basket_needs_to_this_lane(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    await earned(tills.one, anne, 10_000)
    await tills.upload(tills.one)
    await tills.download(tills.two)
    assert await purse(tills.two, anne) == (100, 0)
    visit = await serve(tills.two, anne)
    await settle(tills)
    assert (await purse(tills.two, anne))[1] >= 30, "a scan is enough"
    wanted = await tills.two.post(f"/customers/{anne}/loyalty/ask", {"points": 90})
    assert wanted.status == 200
    await settle(tills)
    chosen = await tills.two.ask("PUT", f"/visits/{visit['id']}/spending", {"points": 90})
    assert chosen.status == 200, chosen.raw
    assert (await spend(tills.one, anne, points=11)).status == 409


@pytest.mark.feature("C3.3")
async def test_a_coupon_is_good_at_one_of_two_lanes_that_are_cut_off(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    given = await tills.one.post(f"/customers/{anne}/coupons", {"amount": 300, "label": "geste"})
    assert given.status == 201, given.raw
    await settle(tills)
    cut(tills)
    used = [(await spend(till, anne, coupons=[given.json["code"]])).status for till in tills.tills]
    assert sorted(used) == [200, 409]
    again = [(await spend(till, anne, coupons=[given.json["code"]])).status for till in tills.tills]
    assert again == [409, 409]
    cut(tills, is_cut=False)
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        (coupon,) = (await browser.get(f"/customers/{anne}/loyalty")).json["coupons"]
        assert coupon["state"] == "used"


@pytest.mark.feature("C4.2", "C4.5")
async def test_a_bearers_credit_note_is_spent_in_parts_at_two_lanes_and_never_beyond(tills: TwoTills) -> None:
    note = (await tills.one.post("/credit-notes", {"amount": 5_000, "reason": "geste"})).json
    await settle(tills)
    code = note["code"]
    assert (await tills.two.post(f"/credit-notes/{code}/ask")).status == 200
    await settle(tills)
    cut(tills)
    here = [(await till.get(f"/credit-notes/{code}")).json["here"] for till in tills.tills]
    assert sum(here) <= 5_000
    for till, part in zip(tills.tills, here, strict=True):
        beyond = await spend(till, "", credit_notes=[{"code": code, "amount": part + 1}])
        assert beyond.status == 409, beyond.raw
        if part:
            assert (await spend(till, "", credit_notes=[{"code": code, "amount": part}])).status == 200
    cut(tills, is_cut=False)
    await settle(tills)
    left = {(await browser.get(f"/credit-notes/{code}")).json["remainder"] for browser in (tills.hub, *tills.tills)}
    assert left == {5_000 - sum(here)}


@pytest.mark.feature("C6.1")
async def test_the_quota_of_a_promo_code_is_split_between_tills_and_never_exceeded(tills: TwoTills) -> None:
    code = {"code": "NOEL", "label": "Noël", "quota": 5, "terms": {"amount": 500}}
    assert (await tills.hub.post("/promo-codes", code)).status == 201
    await settle(tills)
    shares = [(await till.get("/promo-codes")).json["codes"][0]["here"] for till in tills.tills]
    assert min(shares) >= 2
    assert sum(shares) <= 5
    cut(tills)
    for till, part in zip(tills.tills, shares, strict=True):
        uses = [(await spend(till, "", promo_codes=["noel"])).status for _ in range(part + 1)]
        assert uses == [*([200] * part), 409]
    cut(tills, is_cut=False)
    await settle(tills)
    assert {(await till.get("/promo-codes")).json["codes"][0]["left"] for till in tills.tills} == {5 - sum(shares)}


@pytest.mark.feature("C5.3", "C5.5")
async def test_two_lanes_that_are_cut_off_lend_no_more_than_the_maximum(tills: TwoTills) -> None:
    firm = await customer(tills.hub, company_name="Bricolage Martin", kind="company", last_name=None)
    ticked = await tills.hub.ask("PATCH", f"/customers/{firm}/on-account", {"on_account": True, "maximum": 10_000})
    assert ticked.status == 200, ticked.raw
    await settle(tills)
    for till in tills.tills:
        await serve(till, firm, lane="9")
        assert (await till.post(f"/customers/{firm}/loyalty/ask", {"points": 0})).status == 200
    await settle(tills)
    cut(tills)
    here = [(await till.get(f"/customers/{firm}/on-account")).json["here"] for till in tills.tills]
    assert sum(here) <= 10_000
    for till, part in zip(tills.tills, here, strict=True):
        assert (await spend(till, firm, on_account=part + 1)).status == 409
        if part:
            assert (await spend(till, firm, on_account=part)).status == 200
    cut(tills, is_cut=False)
    await settle(tills)
    for browser in (tills.hub, *tills.tills):
        found = (await browser.get(f"/customers/{firm}/on-account")).json
        assert (found["owed"], found["available"]) == (sum(here), 10_000 - sum(here))


@pytest.mark.feature("C2.4", "C2.5")
async def test_what_two_lanes_gave_at_risk_is_listed_at_head_office_until_it_is_settled(tills: TwoTills) -> None:
    policy = await tills.hub.ask(
        "PUT", "/policies/beyond_rights", {"value": {"mode": "at_risk", "at_most": {"points": 15}}}
    )
    assert policy.status == 200, policy.raw
    anne = await customer(tills.one, first_name="Anne")
    await settle(tills)
    cut(tills)
    for till in tills.tills:
        assert (await spend(till, anne, points=16)).status == 409
        given = await spend(till, anne, points=10)
        assert (given.status, given.json["beyond"]) == (200, 10)
    cut(tills, is_cut=False)
    await settle(tills)
    (debt,) = (await tills.hub.get("/at-risk")).json["debts"]
    assert (debt["customer"], debt["amount"], len(debt["entries"])) == (anne, 20, 2)
    for till in tills.tills:
        found = (await till.get(f"/customers/{anne}/loyalty")).json["points"]
        assert (found["balance"], found["at_risk"]) == (0, 20), "never below zero, and never hidden"
    body = {"book": "points", "how": "waive", "amount": 20, "reason": "geste commercial"}
    assert (await tills.hub.post(f"/at-risk/{debt['account']}/settle", body)).json["debts"] == []
    await settle(tills)
    assert {(await till.get(f"/customers/{anne}/loyalty")).json["points"]["at_risk"] for till in tills.tills} == {0}


@pytest.mark.feature("C1.4")
async def test_head_office_says_when_points_expire_and_every_till_says_so_ahead(tills: TwoTills) -> None:
    assert (await tills.hub.get("/policies/expiry")).json["value"] is None, "nothing expires unless somebody says so"
    said = await tills.hub.ask("PUT", "/policies/expiry", {"value": {"months": 12, "notice_days": 30}})
    assert said.status == 200, said.raw
    anne = await customer(tills.one, first_name="Anne")
    await earned(tills.one, anne, 10_000)
    await settle(tills)
    for months, ahead, left in ((11, 0, 100), (0.5, 100, 100), (1, 0, 0)):
        for browser in (tills.hub, *tills.tills):
            browser.counter.clock.at_ms += int(months * MONTH_MS)
        for _ in range(2):  # what tills hold is recalled first
            await look(tills)
        for browser in (tills.hub, *tills.tills):
            found = (await browser.get(f"/customers/{anne}/loyalty")).json["points"]
            assert (found["expiring"], found["balance"], found["at_risk"]) == (ahead, left, 0)
    history = (await tills.two.get(f"/customers/{anne}/points")).json["entries"]
    gone = [one["amount"] for one in history if one["cause"] == "expired"]
    assert (sum(gone), len(history)) == (-100, len(gone) + 1), "as the tills returned them"


async def look(tills: TwoTills) -> None:
    """Head office looks at every account, as it does a few times a day; everybody hears of it."""
    hub = tills.hub.counter

    def expire(conn: Connection) -> bytes | None:
        return expiring.expire_some(conn, hub.replica, b"", now_ms=hub.clock.now_ms())

    await hub.database.write(expire)
    await settle(tills)
