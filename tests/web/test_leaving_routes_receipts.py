"""Receipts of an erasure: head office names the tills that have not confirmed it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.domain.feed import CHAIN
from daemon.head_office.performer import note
from daemon.hub import commands as do
from daemon.store.database import Connection
from daemon.sync import wire
from tests.fakes.counter import START_MS, Browser
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        found.hub.validate = hold_against_description

        def enrol(conn: Connection) -> None:
            conn.execute("INSERT INTO shop (shop, name) VALUES (1, 'Nantes')")
            for site in (2, 3):
                conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (?, 1, ?)", (site, START_MS))

        await found.hub.counter.database.write(enrol)
        yield found


async def report(tills: TwoTills, till: Browser) -> None:
    """A till says how far it has followed."""
    replica, clock = till.counter.replica, till.counter.clock
    said = wire.Report(clock.now_ms(), 0, replica.cursors[CHAIN].offset, "test")
    site = replica.identity.site
    await tills.hub.counter.database.write(lambda conn: note(conn, do.Note(site, report=said), now_ms=clock.now_ms()))


@pytest.mark.feature("B13.5", "B13.6")
async def test_tills_that_have_not_confirmed_an_erasure_are_named_until_they_have(tills: TwoTills) -> None:
    made = await tills.one.post("/customers", {"last_name": "Morel", "surface": "import"})
    id_ = made.json["customer"]["id"]
    await tills.sync()
    for till in tills.tills:
        await report(tills, till)
    receipt = (await tills.hub.post(f"/customers/{id_}/erase", {"reason": "request"})).json
    (shown,) = (await tills.hub.get("/erasures")).json
    assert [shown["tombstone"]] == receipt["tombstones"]
    assert (shown["by"], shown["confirmed"], [till["site"] for till in shown["unconfirmed"]]) == ("a owner", 0, [2, 3])
    await tills.download(tills.one)
    await report(tills, tills.one)
    (shown,) = (await tills.hub.get("/erasures")).json
    assert (shown["confirmed"], [till["site"] for till in shown["unconfirmed"]]) == (1, [3])
    assert shown["unconfirmed"][0]["withdrawn"] is False
    assert (await tills.two.get(f"/customers/{id_}")).status == 200, "it has not heard of it"
    await tills.download(tills.two)
    await report(tills, tills.two)
    assert (await tills.two.get(f"/customers/{id_}")).status == 404
    assert (await tills.hub.get("/erasures")).json[0]["unconfirmed"] == []


@pytest.mark.feature("B13.5")
async def test_a_withdrawn_till_is_named_as_one_and_an_erasure_at_a_till_counts_the_same(tills: TwoTills) -> None:
    made = await tills.one.post("/customers", {"last_name": "Morel", "surface": "import"})
    await tills.sync()
    await tills.one.post(f"/customers/{made.json['customer']['id']}/erase", {"reason": "request"})
    assert (await tills.one.get("/erasures")).status == 404, "receipts are kept at head office"
    await tills.sync()
    await tills.hub.counter.database.write(
        lambda conn: conn.execute("UPDATE site SET revoked_ms = 1 WHERE site = 3").rowcount
    )
    await report(tills, tills.one)
    (shown,) = (await tills.hub.get("/erasures")).json
    assert [(till["site"], till["withdrawn"]) for till in shown["unconfirmed"]] == [(3, True)]
