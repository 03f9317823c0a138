"""Head office forgets old held tickets: what is in them is gone everywhere, what was stated of them stays."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.expiry import MONTH_MS
from daemon.hub import forgetting
from daemon.store import rights, tickets
from daemon.store.database import Connection
from tests.fakes.counter import Browser
from tests.fakes.selling import customer, post
from tests.fakes.tickets import BASKET, approval, one_shop, shown, take
from tests.fakes.two_tills import TwoTills
from tests.store.small_chain import Site

LINES = ({"label": "vase", "amount": 2_500}, {"label": "rose", "amount": 490})
LABEL = "Mme Guillou au fond"


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        yield found


def pass_months(tills: TwoTills, months: int) -> None:
    """Time passes; nobody's clock is put right meanwhile."""
    for browser in (tills.hub, *tills.tills):
        browser.counter.clock.at_ms += months * MONTH_MS


async def look(tills: TwoTills) -> None:
    """One round of head office, heard by everybody."""
    hub = tills.hub.counter

    def unit(conn: Connection) -> None:
        after: tickets.Written | None = tickets.OLDEST
        while after is not None:
            after = forgetting.forget_some(conn, hub.replica, after, now_ms=hub.clock.now_ms())

    await hub.database.write(unit)
    await tills.sync()


async def make(browser: Browser, **terms: Any) -> dict[str, Any]:
    made = await browser.post("/held-tickets", {"basket": BASKET, "label": LABEL, "total": 2_990, **terms})
    assert made.status == 201, made.raw
    found: dict[str, Any] = made.json
    return found


async def are_here(browser: Browser, *made: dict[str, Any]) -> list[bool]:
    return [(await browser.get(f"/held-tickets/{one['id']}")).status == 200 for one in made]


async def rows_with(browser: Browser, text: str) -> int:
    sql = "SELECT count(*) FROM element WHERE instr(body, ?)"
    (count,) = await browser.counter.database.read(lambda conn: conn.execute(sql, (text.encode(),)).fetchone())
    return int(count)


@pytest.mark.feature("C8.1", "F5.1")
async def test_what_is_over_or_nobodys_goes_with_its_label_after_the_time_that_customers_are_kept(
    tills: TwoTills,
) -> None:
    anne = await customer(tills.one, first_name="Anne")
    sold, nobodys, hers = (
        await make(tills.one, customer=anne),
        await make(tills.one),
        await make(tills.one, customer=anne),
    )
    visit, _ = await take(tills.one, sold)
    assert (await post(tills.one, visit, *LINES)).status == 200
    await tills.sync()
    pass_months(tills, 35)
    await look(tills)
    assert await are_here(tills.two, sold, nobodys, hers) == [True, True, True]
    pass_months(tills, 2)
    await look(tills)
    for browser in (tills.hub, *tills.tills):
        assert await are_here(browser, sold, nobodys, hers) == [False, False, True], "hers may still be sold"
        assert await rows_with(browser, LABEL) == 1
    again = await tills.two.post("/visits", {"lane": "9"})
    refused = await tills.two.post(f"/held-tickets/{sold['id']}/take", {"visit": again.json["id"]})
    assert refused.status == 404, refused.raw


@pytest.mark.feature("C8.1")
async def test_what_was_said_of_a_ticket_lately_keeps_it(tills: TwoTills) -> None:
    ticket = await make(tills.one, type="quote")
    pass_months(tills, 20)
    assert (await tills.one.post(f"/held-tickets/{ticket['id']}/advance", {"stage": "sent"})).status == 200
    await tills.sync()
    pass_months(tills, 20)
    await look(tills)
    assert (await shown(tills.two, ticket))["stage"] == "sent"


@pytest.mark.feature("C8.1")
async def test_a_head_office_that_has_not_heard_every_till_forgets_nothing(tills: TwoTills) -> None:
    ticket = await make(tills.one)
    await tills.sync()
    pass_months(tills, 40)
    hub = tills.hub.counter
    await hub.database.write(lambda conn: conn.execute("UPDATE roster SET told_boot = x'' WHERE site = 3"))
    assert not await hub.database.read(lambda conn: rights.may_grant(conn, hub.replica.boot))
    await look(tills)
    assert await are_here(tills.two, ticket) == [True]


WHY = "Mme Guillou est partie fâchée"


async def closed(browser: Browser, **terms: Any) -> dict[str, Any]:
    """A ticket that somebody has closed, and said why."""
    ticket = await make(browser, **terms)
    heard = await browser.post(f"/held-tickets/{ticket['id']}/close", {"reason": WHY})
    assert heard.status == 200, heard.raw
    return ticket


def why(ticket: dict[str, Any]) -> list[str]:
    return [step["reason"] for step in ticket["steps"] if step["what"] in {"closed", "given back"}]


@pytest.mark.feature("C8.3", "F5.1")
async def test_why_a_ticket_was_closed_goes_with_its_customer_or_with_the_ticket(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    hers, nobodys = await closed(tills.one, customer=anne), await closed(tills.one)
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        assert [why(await shown(browser, one)) for one in (hers, nobodys)] == [[WHY], [WHY]]
    assert (await tills.hub.post(f"/customers/{anne}/erase", {"reason": "request"})).status == 200
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        assert (await rows_with(browser, WHY), why(await shown(browser, nobodys))) == (1, [WHY])
    pass_months(tills, 40)
    await look(tills)
    for browser in (tills.hub, *tills.tills):
        assert (await rows_with(browser, WHY), await are_here(browser, nobodys)) == (0, [False])
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C8.2", "F5.1")
async def test_why_a_ticket_was_taken_away_from_a_till_goes_with_it(tills: TwoTills) -> None:
    ticket = await make(tills.one)
    await tills.sync()
    _, heard = await take(tills.one, ticket)
    assert heard.status == 200, heard.raw
    await tills.sync()
    asked = {"take": heard.json["ticket"]["taken_by"]["id"], "reason": WHY, "approval": await approval(tills.two)}
    released = await tills.two.post(f"/held-tickets/{ticket['id']}/release", asked)
    assert (released.status, why(released.json)) == (200, [WHY])
    await tills.sync()
    assert [await rows_with(browser, WHY) for browser in (tills.hub, *tills.tills)] == [1, 1, 1]
    pass_months(tills, 40)
    await look(tills)
    assert [await rows_with(browser, WHY) for browser in (tills.hub, *tills.tills)] == [0, 0, 0]


def test_tickets_that_are_not_old_are_not_looked_at() -> None:
    conn = Site(1).conn
    plan = [str(row[3]) for row in conn.execute(f"EXPLAIN QUERY PLAN {tickets._BEFORE}", (0, b"", b"", 5, 20))]
    assert len(plan) == 1, plan
    assert "SEARCH held_ticket USING COVERING INDEX held_ticket_written" in plan[0], plan
