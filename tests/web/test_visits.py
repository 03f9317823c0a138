"""Visits over HTTP, from the first article to the posted sale."""

from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain.kinds import Kind
from daemon.store import authoring, visits
from tests.fakes.counter import OWNER, Browser, open_browser, open_counter

BASKET = {"lines": [{"ean": "3017620422003", "qty": 2, "price": 4.2}], "unicode": "é", "n": 12345678901234567890}


@pytest.fixture(autouse=True)
async def walk_in(browser: Browser) -> str:
    return await browser.counter.choose_walk_in()


async def open_visit(browser: Browser, lane: str = "1") -> dict[str, Any]:
    heard = await browser.post("/visits", {"lane": lane})
    assert heard.status == 201, heard.raw
    found: dict[str, Any] = heard.json
    return found


async def create(browser: Browser, **fields: Any) -> str:
    made = await browser.post("/customers", {"last_name": "Morel", **fields})
    return str(made.json["customer"]["id"])


async def step(browser: Browser, visit: dict[str, Any], name: str, body: Any = None, **more: Any) -> Any:
    return await browser.post(f"/visits/{visit['id']}/{name}", body, **more)


@pytest.mark.feature("A5.2")
async def test_every_visit_starts_with_the_walk_in_customer(browser: Browser, walk_in: str) -> None:
    visit = await open_visit(browser)
    assert (visit["customer"]["id"], visit["is_walk_in"], visit["state"]) == (walk_in, True, "open")
    assert (visit["sale_id"], visit["lane"]) == (f"00000c{visit['id'][:10]}", "1")


@pytest.mark.feature("A7.1")
async def test_a_customer_is_attached_changed_and_detached(browser: Browser, walk_in: str) -> None:
    visit = await open_visit(browser)
    one, other = await create(browser), await create(browser, email="o@example.org")
    for customer in (one, other):
        heard = await step(browser, visit, "attach", {"customer": customer})
        assert (heard.json["customer"]["id"], heard.json["is_walk_in"]) == (customer, False)
    heard = await step(browser, visit, "detach")
    assert (heard.json["customer"]["id"], heard.json["is_walk_in"]) == (walk_in, True)
    assert [told.customer.id for told in browser.counter.heard("visit")] == [walk_in, one, other, walk_in]


@pytest.mark.feature("A7.3")
async def test_after_the_sale_the_walk_in_comes_back(browser: Browser, walk_in: str) -> None:
    visit = await open_visit(browser)
    await step(browser, visit, "attach", {"customer": await create(browser)})
    posted = await step(browser, visit, "post")
    assert (posted.json["state"], posted.json["sale_id"]) == ("posted", visit["sale_id"])
    assert (await browser.get("/visits")).json == []
    again = await open_visit(browser)
    assert (again["customer"]["id"], again["id"] == visit["id"]) == (walk_in, False)


@pytest.mark.feature("A7.2")
async def test_the_basket_comes_through_changes_of_customer_and_a_restart(tmp_path: Path) -> None:
    raw = b'{ "lines": [1, 2.50],\n "note": "\xc3\xa9" }'
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        await counter.choose_walk_in()
        visit = await open_visit(browser)
        where = f"/visits/{visit['id']}/basket"
        json_type = {"Content-Type": "application/json"}
        assert (await browser.ask("PUT", where, headers=json_type, data=raw)).json["basket_bytes"] == len(raw)
        await step(browser, visit, "attach", {"customer": await create(browser)})
        await step(browser, visit, "detach")
        assert (await browser.get(where)).raw == raw
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        (open_one,) = (await browser.get("/visits")).json
        assert open_one["id"] == visit["id"]
        assert (await browser.get(where)).raw == raw
        assert (await step(browser, visit, "post")).json["state"] == "posted"
        assert (await browser.get(where)).raw == raw


async def test_a_basket_has_a_size_and_is_json(browser: Browser) -> None:
    visit = await open_visit(browser)
    where = f"/visits/{visit['id']}/basket"
    assert (await browser.get(where)).status == 404
    heard = await browser.ask("PUT", where, BASKET)
    assert heard.status == 200
    assert (await browser.get(where)).json == BASKET
    heard = await browser.ask("PUT", where, ["x" * 65_536])
    assert (heard.status, heard.json["field"]) == (422, "basket")
    heard = await browser.ask("PUT", where, headers={"Content-Type": "application/json"}, data=b"{nonsense")
    assert heard.status == 400
    assert (await browser.get(where)).json == BASKET


async def test_posting_twice_is_one_sale(browser: Browser) -> None:
    visit = await open_visit(browser)
    first, second = await step(browser, visit, "post"), await step(browser, visit, "post")
    assert (first.status, second.status) == (200, 200)
    assert first.json == second.json


@pytest.mark.parametrize(
    ("ended", "name", "body"),
    [
        ("post", "cancel", None),
        ("post", "detach", None),
        ("post", "attach", True),
        ("cancel", "post", None),
        ("cancel", "attach", True),
    ],
)
async def test_what_has_ended_stays_ended(browser: Browser, ended: str, name: str, body: Any) -> None:
    customer = await create(browser)
    visit = await open_visit(browser)
    assert (await step(browser, visit, ended)).status == 200
    heard = await step(browser, visit, name, {"customer": customer} if body else None)
    assert (heard.status, heard.json["type"]) == (409, "urn:comptoir:conflict")


async def test_a_lane_has_one_open_visit_and_lanes_do_not_disturb_each_other(browser: Browser) -> None:
    first = await open_visit(browser, "1")
    heard = await browser.post("/visits", {"lane": " 1 "})
    assert (heard.status, heard.json["field"]) == (409, "lane")
    await open_visit(browser, "2")
    assert [visit["lane"] for visit in (await browser.get("/visits")).json] == ["1", "2"]
    await step(browser, first, "cancel")
    assert [visit["lane"] for visit in (await browser.get("/visits")).json] == ["2"]


async def test_an_opening_that_is_repeated_opens_one(browser: Browser) -> None:
    first = await browser.post("/visits", {"lane": "3"}, key="open-3")
    again = await browser.post("/visits", {"lane": "3"}, key="open-3")
    assert first.json == again.json
    assert len(browser.counter.heard("visit")) == 1


@pytest.mark.parametrize(("customer", "status"), [("0" * 16, 404), ("nonsense", 422), ("", 422)])
async def test_only_a_customer_who_is_here_is_attached(browser: Browser, customer: str, status: int) -> None:
    visit = await open_visit(browser)
    heard = await step(browser, visit, "attach", {"customer": customer})
    assert (heard.status, heard.json["field"]) == (status, "customer")


async def test_a_blocked_customer_is_not_attached(browser: Browser) -> None:
    visit, customer = await open_visit(browser), await create(browser)
    version = (await browser.get(f"/customers/{customer}")).json["version"]
    await browser.patch(f"/customers/{customer}", {"blocked": True}, version=version)
    assert (await step(browser, visit, "attach", {"customer": customer})).status == 403


async def test_a_lane_needs_a_name(browser: Browser) -> None:
    for lane in ("", "x" * 33):
        assert (await browser.post("/visits", {"lane": lane})).json["field"] == "lane"


async def test_there_are_no_visits_that_nobody_opened(browser: Browser) -> None:
    assert (await browser.get(f"/visits/{'0' * 16}")).status == 404
    assert (await browser.post(f"/visits/{'0' * 16}/post")).status == 404


async def test_an_erased_customer_leaves_the_walk_in_and_no_basket_behind(browser: Browser, walk_in: str) -> None:
    counter, customer = browser.counter, await create(browser)
    open_one, closed = await open_visit(browser, "1"), await open_visit(browser, "2")
    for visit in (open_one, closed):
        await browser.ask("PUT", f"/visits/{visit['id']}/basket", {"for": "Morel"})
        await step(browser, visit, "attach", {"customer": customer})
    await step(browser, closed, "post")

    def erase(conn: Any) -> None:
        erasure = [operations.erase(Kind.ERASE, bytes.fromhex(customer))]
        authoring.commit(conn, counter.replica, OWNER, erasure, now_ms=counter.clock.now_ms())
        visits.cut(conn, bytes.fromhex(customer))

    await counter.database.write(erase)
    for visit, basket in ((open_one, 200), (closed, 404)):
        shown = (await browser.get(f"/visits/{visit['id']}")).json
        assert (shown["customer"]["id"], shown["is_walk_in"]) == (walk_in, True)
        assert (await browser.get(f"/visits/{visit['id']}/basket")).status == basket


async def test_without_a_walk_in_customer_nobody_is_served(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=13) as counter, open_browser(counter) as browser:
        heard = await browser.post("/visits", {})
        assert (heard.status, "walk-in" in heard.json["detail"]) == (409, True)


async def test_a_posted_visit_is_forgotten_after_its_answer_and_the_open_one_stays(browser: Browser) -> None:
    desk = browser.counter.desks.visits
    assert desk is not None
    posted = [await open_visit(browser, str(at)) for at in range(60)]
    for at, visit in enumerate(posted):
        await step(browser, visit, "post", key=f"post-{at}")
    waiting = await open_visit(browser, "open")
    browser.counter.clock.at_ms += 30 * 24 * 3_600_000
    assert await desk.forget_closed() == 0, "a posting that is sent again a month later still meets its visit"
    assert (await step(browser, posted[0], "post", key="another")).status == 200
    browser.counter.clock.at_ms += 2 * 24 * 3_600_000
    assert await desk.forget_closed() == 60
    assert (await browser.get(f"/visits/{posted[0]['id']}")).status == 404
    assert (await browser.get(f"/visits/{waiting['id']}")).status == 200
    kept = await browser.counter.database.read(lambda conn: conn.execute("SELECT visit FROM visit_holder").fetchall())
    assert kept == [(bytes.fromhex(waiting["id"]),)]


@pytest.mark.feature("A4.6")
async def test_no_payment_number_is_kept_in_a_basket_an_address_or_a_key(browser: Browser) -> None:
    visit, number = await open_visit(browser), "4970100000000014"
    refused = await browser.ask("PUT", f"/visits/{visit['id']}/basket", {"paid": {"by": f"CB {number}"}})
    assert (refused.status, refused.json["field"]) == (422, "basket")
    assert number not in refused.raw.decode()
    assert (await browser.get(f"/visits/{visit['id']}/basket")).status == 404
    by_mail = await browser.post("/customers", {"last_name": "Morel", "email": f"{number}@example.org"})
    assert (by_mail.status, by_mail.json["field"]) == (422, "email")
    by_key = await browser.post("/customers", {"last_name": "Morel"}, key=number)
    assert (by_key.status, by_key.json["field"]) == (422, "Idempotency-Key")
    files = b"".join(path.read_bytes() for path in browser.counter.database.path.parent.iterdir())
    assert number.encode() not in files
