"""A second person above a threshold: proved at the counter, once, for one act of whoever asked."""

import pytest

from daemon.desk.approvals import APPROVED_MS, Capped, authorise
from daemon.desk.premises import Call
from daemon.domain.caps import Act
from daemon.domain.change import Actor, ActorKind
from daemon.domain.role import Role
from daemon.errors import Forbidden
from daemon.store.database import Connection
from tests.fakes.counter import Browser, Counter


async def act(counter: Counter, who: Actor, amount: int, approval: str = "", kind: Act = Act.POINTS) -> None:
    def unit(conn: Connection) -> None:
        wanted = Capped(act=kind, amount=amount, approval=approval)
        authorise(conn, counter.replica, Call(actor=who), wanted, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def cashier(browser: Browser) -> Actor:
    """A cashier who has logged in; the browser calls with that session from now on."""
    id_ = await browser.counter.hire("Léa", pin="2580")
    opened = await browser.post("/sessions", {"operator": id_, "pin": "2580"})
    browser.token = opened.json["token"]
    return Actor(ActorKind.OPERATOR, id_, Role.CASHIER, 7)


@pytest.mark.feature("F2.3", "F2.4")
async def test_beyond_the_cap_of_a_role_a_second_person_is_asked_and_counts_once(browser: Browser) -> None:
    counter = browser.counter
    max_ = await counter.hire("Max", pin="1379", role=Role.MANAGER)
    lea = await cashier(browser)
    await act(counter, lea, 100)
    with pytest.raises(Forbidden, match="ask a second person"):
        await act(counter, lea, 101)
    heard = await browser.post("/approvals", {"act": "points", "amount": 300, "operator": max_, "pin": "1379"})
    assert (heard.status, heard.json["approver"]) == (201, "Max")
    approval = heard.json["approval"]
    with pytest.raises(Forbidden, match="not for so much"):
        await act(counter, lea, 301, approval)
    await act(counter, lea, -300, approval)
    with pytest.raises(Forbidden, match="not approved"):
        await act(counter, lea, 300, approval)
    browser.token = await counter.token()
    acts = [(one["actor"], one["what"]) for one in (await browser.get("/audit")).json["acts"]]
    assert ("Max", "approve points 300") in acts
    assert ("Max", "second person for points -300") in acts


@pytest.mark.feature("F2.4")
async def test_the_second_person_is_somebody_else_who_reaches_so_far(browser: Browser) -> None:
    counter = browser.counter
    other = await counter.hire("Zoé", pin="4826")
    lea = await cashier(browser)
    asked = {"act": "points", "amount": 300}
    alone = await browser.post("/approvals", {**asked, "operator": lea.id, "pin": "2580"})
    assert (alone.status, alone.json["detail"]) == (403, "operator: the second person is somebody else")
    no_more = await browser.post("/approvals", {**asked, "operator": other, "pin": "4826"})
    assert (no_more.status, no_more.json["field"]) == (403, "amount")
    wrong = await browser.post("/approvals", {**asked, "operator": other, "pin": "0000"})
    assert wrong.status == 401
    assert (await browser.post("/approvals", asked)).json["field"] == "operator"


@pytest.mark.feature("F2.4")
async def test_an_approval_is_of_one_act_for_one_caller_and_does_not_last(browser: Browser) -> None:
    counter = browser.counter
    await counter.hire("Max", badge="OP-77", role=Role.MANAGER)
    lea = await cashier(browser)
    body = {"act": "points", "amount": 300, "badge": "OP-77"}
    approvals = [(await browser.post("/approvals", body)).json["approval"] for _ in range(3)]
    with pytest.raises(Forbidden):
        await act(counter, lea, 2_000, approvals[0], Act.CREDIT)
    somebody = Actor(ActorKind.OPERATOR, "00" * 8, Role.CASHIER, 7)
    with pytest.raises(Forbidden):
        await act(counter, somebody, 200, approvals[1])
    await act(counter, lea, 200, approvals[1])
    counter.clock.at_ms += APPROVED_MS
    with pytest.raises(Forbidden):
        await act(counter, lea, 200, approvals[2])
