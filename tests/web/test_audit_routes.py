"""Who did what: written with each act, read by those who may, tampering found by a look at the whole trail."""

import pytest

from daemon.domain.role import Role
from daemon.store import audit
from daemon.store.database import Connection
from tests.fakes.counter import AUDIT_KEY, Browser, Counter

ANNE = {"first_name": "Anne", "last_name": "Le Goff", "email": "anne@example.org"}


@pytest.mark.feature("F2.5", "F2.6")
async def test_each_change_and_each_log_in_stands_in_the_trail_under_its_actor(browser: Browser) -> None:
    lea = await browser.counter.hire("Léa", pin="2580", role=Role.MANAGER)
    made = (await browser.post("/customers", ANNE)).json["customer"]
    assert (await browser.post("/sessions", {"operator": lea, "pin": "1379"})).status == 401
    assert (await browser.post("/sessions", {"operator": lea, "pin": "2580"})).status == 201
    found = (await browser.get("/audit?limit=3")).json
    assert [(act["actor"], act["what"]) for act in found["acts"]] == [
        ("Léa", "log in by PIN"),
        ("Léa", "wrong PIN"),
        ("a owner", "customer create"),
    ]
    assert found["last"] == found["acts"][0]["number"]
    assert made["id"] not in str(found), "the trail names a customer by the hash of the id"
    assert "Goff" not in str(found)
    older = (await browser.get(f"/audit?before={found['before']}&limit=200")).json
    assert [act["what"] for act in older["acts"]] == ["operator create", "application token made"]
    assert older["before"] is None


@pytest.mark.feature("F2.2")
async def test_a_cashier_does_not_read_the_trail(browser: Browser) -> None:
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await browser.get("/audit")).status == 403


async def broken_at(counter: Counter) -> int | None:
    return (await counter.database.read(lambda conn: audit.verdict(conn, AUDIT_KEY))).broken_at


@pytest.mark.feature("F2.6")
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET actor = 'somebody else' WHERE n = 2",
        "DELETE FROM audit WHERE n = 2",
        "DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)",
        "UPDATE audit SET at_ms = at_ms + 1 WHERE n = 1",
    ],
)
async def test_tampering_with_the_file_is_found(counter: Counter, tampering: str) -> None:
    for number in range(4):
        await counter.hire(f"Operator {number}")
    assert await broken_at(counter) is None

    def tamper(conn: Connection) -> None:
        conn.execute(tampering)

    await counter.database.write(tamper)
    assert await broken_at(counter) is not None


async def test_old_acts_are_let_go_and_the_rest_still_fits(counter: Counter) -> None:
    for number in range(4):
        await counter.hire(f"Operator {number}")
    later_ms = counter.clock.now_ms() + audit.KEPT_MS + 1
    assert await counter.database.write(lambda conn: audit.forget_old(conn, later_ms, limit=2)) == 2
    await counter.hire("One more")
    found = await counter.database.read(lambda conn: audit.verdict(conn, AUDIT_KEY))
    assert (found.count, found.broken_at) == (3, None)
    assert await counter.database.write(lambda conn: audit.forget_old(conn, counter.clock.now_ms())) == 0
