"""What two tills give twice while the line is cut: e-mails, codes, cards; and blocks of codes against it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain.account import account_of
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.site_row import site_key
from daemon.store import authoring, elements, likely
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser
from tests.fakes.selling import sell
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description

CARD = "290000042187"


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def create(browser: Browser, **fields: Any) -> dict[str, Any]:
    heard = await browser.post("/customers", {"last_name": "Morel", "surface": "import", **fields})
    assert heard.status == 201, heard.raw
    found: dict[str, Any] = heard.json["customer"]
    return found


async def settled(tills: TwoTills) -> None:
    await tills.sync()
    await tills.sync()
    counter = tills.hub.counter

    def unit(conn: Connection) -> bool:
        return likely.look_on(conn, now_ms=counter.clock.now_ms(), is_time_up=lambda: False)

    while await counter.database.write(unit):
        pass


async def scanned(browser: Browser, code: str) -> set[str]:
    found = (await browser.post("/identify", {"code": code})).json
    shown = found["candidates"] if found["outcome"] == "choose" else [found["customer"]]
    return {one["id"] for one in shown if one is not None}


async def tasks(hub: Browser) -> dict[frozenset[str], list[str]]:
    pairs = (await hub.get("/duplicates")).json["pairs"]
    return {frozenset({pair["one"]["id"], pair["other"]["id"]}): pair["reasons"] for pair in pairs}


@pytest.mark.feature("B2.4")
async def test_one_email_typed_at_two_tills_leaves_both_and_raises_a_merge_task(tills: TwoTills) -> None:
    one = await create(tills.one, email="paul@example.org")
    other = await create(tills.two, email="Paul@Example.org", first_name="Paul")
    await settled(tills)
    for browser in (tills.hub, *tills.tills):
        for made in (one, other):
            assert (await browser.get(f"/customers/{made['id']}")).status == 200
    assert (await tasks(tills.hub))[frozenset({one["id"], other["id"]})][0] == "email"
    assert len(await tills.roots()) == 1


@pytest.mark.feature("B2.4")
async def test_the_task_does_not_wait_until_an_import_was_gone_through(tills: TwoTills) -> None:
    for at in range(60):
        await create(tills.hub, last_name=f"Autre{at}", mobile=f"06123456{at:02}")
    one = await create(tills.one, email="paul@example.org")
    other = await create(tills.two, email="paul@example.org", first_name="Paul")
    await tills.sync()
    counter = tills.hub.counter

    def one_unit(conn: Connection) -> bool:
        return likely.look_on(conn, now_ms=counter.clock.now_ms(), is_time_up=lambda: False)

    assert await counter.database.write(one_unit)
    assert list(await tasks(tills.hub)) == [frozenset({one["id"], other["id"]})]
    while await counter.database.write(one_unit):
        pass
    assert list(await tasks(tills.hub)) == [frozenset({one["id"], other["id"]})]


@pytest.mark.feature("B22.4")
async def test_a_card_given_twice_offline_asks_at_the_scan_and_raises_a_task(tills: TwoTills) -> None:
    one = await create(tills.one, cards=[CARD])
    other = await create(tills.two, last_name="Petit", cards=[CARD])
    await settled(tills)
    for browser in (tills.hub, *tills.tills):
        assert await scanned(browser, CARD) == {one["id"], other["id"]}
    assert (await tasks(tills.hub))[frozenset({one["id"], other["id"]})] == ["card"]


@pytest.mark.feature("B22.4")
@pytest.mark.parametrize("is_new", [True, False])
async def test_a_card_that_two_have_is_taken_from_both_whoever_was_awarded_it(tills: TwoTills, is_new: bool) -> None:
    one = await create(tills.one, cards=[CARD])
    other = await create(tills.two, last_name="Petit", cards=[CARD])
    await settled(tills)
    if is_new:
        third = await create(tills.two, last_name="Riou", cards=[CARD], move_cards=True)
    else:
        third = await create(tills.two, last_name="Riou")
        moved = await tills.two.post(f"/customers/{third['id']}/cards", {"number": CARD, "move": True})
        assert moved.status == 201, moved.raw
    await settled(tills)
    for browser in (tills.hub, *tills.tills):
        assert await scanned(browser, CARD) == {third["id"]}
        for bereft in (one, other):
            assert (await browser.get(f"/customers/{bereft['id']}")).json["cards"] == []


@pytest.mark.feature("B4.4")
async def test_a_code_typed_twice_offline_leaves_both_one_with_a_new_code_and_the_old_one_asks(
    tills: TwoTills,
) -> None:
    one = await create(tills.one, code="MOREL-1")
    tills.two.counter.clock.at_ms = tills.one.counter.clock.at_ms + 60_000
    other = await create(tills.two, code="morel-1", last_name="Petit")
    await settled(tills)
    for browser in (tills.hub, *tills.tills):
        first = (await browser.get(f"/customers/{one['id']}")).json
        second = (await browser.get(f"/customers/{other['id']}")).json
        assert (first["code"], first["cards"]) == ("MOREL-1", []), "who had it first keeps it"
        assert second["code"].startswith("C001")
        assert [(card["number"], card["medium"]) for card in second["cards"]] == [("morel-1", "alias")]
        assert await scanned(browser, "MOREL-1") == {one["id"], other["id"]}, "the old code asks"
        assert await scanned(browser, second["code"]) == {other["id"]}
    before = (await tills.hub.get(f"/customers/{other['id']}")).json["code"]
    await settled(tills)
    assert (await tills.hub.get(f"/customers/{other['id']}")).json["code"] == before, "once is enough"
    assert len(await tills.roots()) == 1


async def name_till(tills: TwoTills, site: int) -> None:
    """What enrolment writes: the row of a till."""
    counter = tills.hub.counter

    def unit(conn: Connection) -> None:
        row = operations.create(Kind.SITE, site_key(site)[0], {1: site, 2: 1, 3: f"Caisse {site}"})
        authoring.commit(conn, counter.replica, OWNER, [row], now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


@pytest.mark.feature("B4.1")
async def test_codes_come_from_blocks_that_are_refilled_before_they_are_spent(tills: TwoTills) -> None:
    for site in (2, 3):
        await name_till(tills, site)
    blocks = {"value": {"prefix": "", "digits": 6, "size": 10, "low": 4, "first": 5000}}
    assert (await tills.hub.ask("PUT", "/policies/code_blocks", blocks)).status == 200
    assert (await create(tills.one))["code"] == "C002000001", "until a block has come"
    await create(tills.two)
    await settled(tills)
    codes = [(await create(tills.one))["code"] for _ in range(7)]
    assert codes == [f"{number:06d}" for number in range(5000, 5007)]
    assert [(await create(tills.two))["code"] for _ in range(2)] == ["005010", "005011"]
    await settled(tills)
    offline = [(await create(tills.one))["code"] for _ in range(14)]
    assert offline[:3] == ["005007", "005008", "005009"], "the rest of the first block"
    assert offline[3:13] == [f"{number:06d}" for number in range(5020, 5030)], "then the next one"
    assert offline[13] == "C002000002", "with both spent and no line: the till's own numbering"
    await settled(tills)
    assert len(await tills.roots()) == 1
    assert (await create(tills.one))["code"] == "005030"


@pytest.mark.feature("B12.3")
async def test_a_sale_made_meanwhile_elsewhere_turns_a_deletion_into_an_archive(tills: TwoTills) -> None:
    sold, unsold = await create(tills.one), await create(tills.one, last_name="Petit")
    await tills.sync()
    for made in (sold, unsold):
        assert (await tills.one.ask("DELETE", f"/customers/{made['id']}")).status == 204
    counter = tills.two.counter

    def sell(conn: Connection) -> None:
        row = elements.element(conn, (bytes.fromhex(sold["id"]), Kind.CUSTOMER, b""))
        assert row is not None
        entry = operations.add(Kind.ENTRY, account_of(row), {1: BOOK_POINTS, 2: 10, 3: "sale"})
        authoring.commit(conn, counter.replica, OWNER, [entry], now_ms=counter.clock.now_ms())

    await counter.database.write(sell)
    await settled(tills)
    for browser in (tills.hub, *tills.tills):
        archived = await browser.get(f"/customers/{sold['id']}")
        assert (archived.status, archived.json["archived"]) == (200, True)
        assert (await browser.get(f"/customers/{unsold['id']}")).status == 404
    assert len(await tills.roots()) == 1


async def test_a_deletion_that_comes_after_the_sale_is_an_archive_too(tills: TwoTills) -> None:
    sold = await create(tills.one)
    await tills.sync()
    counter = tills.two.counter

    def sell(conn: Connection) -> None:
        row = elements.element(conn, (bytes.fromhex(sold["id"]), Kind.CUSTOMER, b""))
        assert row is not None
        entry = operations.add(Kind.ENTRY, account_of(row), {1: BOOK_POINTS, 2: 10, 3: "sale"})
        authoring.commit(conn, counter.replica, OWNER, [entry], now_ms=counter.clock.now_ms())

    await counter.database.write(sell)
    await tills.upload(tills.two)
    assert (await tills.one.ask("DELETE", f"/customers/{sold['id']}")).status == 204
    await settled(tills)
    assert (await tills.one.get(f"/customers/{sold['id']}")).json["archived"] is True


@pytest.mark.feature("B12.3")
async def test_whoever_was_archived_by_a_late_sale_is_taken_out_of_the_archive_for_good(tills: TwoTills) -> None:
    for till in tills.tills:
        await till.counter.choose_walk_in()
    await tills.sync()
    made = await create(tills.one)
    await tills.sync()
    assert (await tills.one.ask("DELETE", f"/customers/{made['id']}")).status == 204
    await sell(tills.two, made["id"], {"label": "Stylo", "amount": 500})
    await settled(tills)
    here = (await tills.one.get(f"/customers/{made['id']}")).json
    assert here["archived"]
    back = await tills.one.patch(f"/customers/{made['id']}", {"archived": False}, version=here["version"])
    assert (back.status, back.json["archived"]) == (200, False)
    await settled(tills)
    for browser in (tills.hub, *tills.tills):
        shown = await browser.get(f"/customers/{made['id']}")
        assert (shown.status, shown.json["archived"]) == (200, False)
    assert len(await tills.roots()) == 1
