"""One line of time of a customer over HTTP: sales, points, coupons, notes, consents, edits, merges; who and when."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain.account import account_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.store import authoring, elements
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser
from tests.fakes.selling import customer, make, sell
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        await found.one.counter.choose_walk_in()
        yield found


async def history(browser: Browser, who: str, query: str = "") -> list[dict[str, Any]]:
    heard = await browser.get(f"/customers/{who}/history{query}")
    assert heard.status == 200, heard.raw
    found: list[dict[str, Any]] = heard.json["events"]
    return found


async def note_points(browser: Browser, who: str, amount: int) -> None:
    """What the ledger of points books, and a coupon."""
    here, id_ = browser.counter, EntityId(bytes.fromhex(who))

    def unit(conn: Connection) -> None:
        row = elements.element(conn, (id_, Kind.CUSTOMER, b""))
        assert row is not None
        points = operations.add(Kind.ENTRY, account_of(row), {1: BOOK_POINTS, 2: amount, 3: "earned"})
        coupon = operations.add(Kind.COUPON, id_, {1: "CP1", 3: "5 € offerts"})
        authoring.commit(conn, here.replica, OWNER, [points, coupon], now_ms=here.clock.now_ms())

    await here.database.write(unit)


@pytest.mark.feature("B16.1")
async def test_one_timeline_tells_everything_that_happened_with_who_and_when(tills: TwoTills) -> None:
    group = await make(tills.hub, "/groups", label="Club")
    await tills.sync()
    who = await customer(tills.one, first_name="Anne")
    version = (await tills.one.get(f"/customers/{who}")).json["version"]
    edited = {"mobile": "0612345678", "consents": {"sms": {"state": "granted", "source": "comptoir"}}}
    assert (await tills.one.patch(f"/customers/{who}", edited, version=version)).status == 200
    await tills.one.post(f"/customers/{who}/notes", {"text": "Préfère le matin"})
    await tills.one.post(f"/customers/{who}/groups", {"group": group})
    tills.one.counter.clock.at_ms += 5_000
    id_ = await sell(tills.one, who, {"label": "divers", "amount": 1200}, ticket="T-5")
    await tills.one.post(f"/sales/{id_}/returns", {"amount": 200})
    await note_points(tills.one, who, 12)
    twin = await customer(tills.one, first_name="Anna")
    merged = await tills.one.post(f"/customers/{who}/merge", {"other": twin})
    assert merged.status < 300, merged.raw
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        events = await history(browser, who)
        kinds = [one["kind"] for one in events]
        assert {
            "created", "edited", "consent", "note", "group", "sale", "return", "points", "coupon", "merged",
        } <= set(kinds)  # fmt: skip
        assert [one["at"] for one in events] == sorted((one["at"] for one in events), reverse=True)
        told = {one["kind"]: one for one in events}
        assert (told["edited"]["fields"], told["edited"]["by"], told["edited"]["site"]) == (["mobile"], "a owner", 2)
        assert (told["consent"]["fields"], told["consent"]["text"], told["consent"]["cause"]) == (
            ["sms"], "granted", "comptoir",
        )  # fmt: skip
        assert (told["note"]["text"], told["group"]["text"]) == ("Préfère le matin", "Club")
        assert (told["sale"]["id"], told["sale"]["amount"], told["sale"]["text"]) == (id_, 1200, "T-5")
        assert (told["return"]["sale"], told["return"]["amount"]) == (id_, -200)
        assert (told["points"]["amount"], told["points"]["cause"], told["points"]["book"]) == (12, "earned", "points")
        assert told["coupon"]["text"] == "5 € offerts"
    assert await history(tills.hub, who) == await history(tills.two, who)


async def test_a_value_that_lost_between_two_tills_is_told(tills: TwoTills) -> None:
    who = await customer(tills.one)
    await tills.sync()
    for till, mobile in zip(tills.tills, ("0612345678", "0687654321"), strict=True):
        version = (await till.get(f"/customers/{who}")).json["version"]
        till.counter.clock.at_ms += 1_000
        await till.patch(f"/customers/{who}", {"mobile": mobile}, version=version)
    await tills.sync()
    overruled = [one for one in await history(tills.hub, who) if one["kind"] == "overruled"]
    assert [(one["fields"], one["text"]) for one in overruled] in (
        [(["mobile"], "+33612345678")], [(["mobile"], "+33687654321")],
    )  # fmt: skip


async def test_pages_follow_each_other_without_a_gap_or_a_repetition(tills: TwoTills) -> None:
    who = await customer(tills.one)
    for number in range(7):
        await tills.one.post(f"/customers/{who}/notes", {"text": f"note {number}"})
        await sell(tills.one, who, {"label": "divers", "amount": number + 1})
    whole = await history(tills.one, who)
    read: list[dict[str, Any]] = []
    before = ""
    while True:
        heard = (await tills.one.get(f"/customers/{who}/history?limit=4{before}")).json
        read += heard["events"]
        if not heard["next"]:
            break
        before = f"&before={heard['next']}"
    assert read == whole
    assert len(whole) == 15
    assert (await tills.one.get(f"/customers/{who}/history?before=x")).status == 422
    assert (await tills.one.get(f"/customers/{'0' * 16}/history")).status == 404
