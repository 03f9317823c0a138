"""A code for a new till, and withdrawing one: at head office only."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon import certificates
from daemon.domain.role import Role
from daemon.head_office.roster import ShownFleet
from daemon.hub.enrolment import EnrolmentOffice, Terms
from daemon.hub.fleet import Fleet
from tests.fakes.counter import HUB, START_MS, Browser, Counter, open_browser, open_counter
from tests.web.conftest import hold_against_description


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Browser]:
    authority = certificates.create_authority("test", START_MS)
    server = certificates.issue_server(authority, ("localhost",), START_MS)
    terms = Terms(chain="test", broker_host="localhost", broker_port=8883, pin_key=bytes(32))
    async with open_counter(tmp_path, **HUB) as counter:
        made = EnrolmentOffice(database=counter.database, authority=authority, server=server, terms=terms, access=None)
        fleet = ShownFleet(Fleet(counter.database, made, counter.clock, counter.replica))
        async with open_browser(counter, roster=fleet) as found:
            found.validate = hold_against_description
            yield found


@pytest.mark.feature("E6.2")
async def test_a_code_is_made_and_a_till_that_never_was_cannot_be_withdrawn(office: Browser) -> None:
    made = await office.post("/tills", {"shop": 3, "label": " Caisse  2 "})
    assert (made.status, made.json["shop"], made.json["label"]) == (201, 3, "Caisse 2")
    assert len(made.json["code"].replace("-", "")) == 32
    assert made.json["valid_until"] == "2025-10-10T08:53:20Z"
    other = await office.post("/tills", {"shop": 3})
    assert other.json["code"] != made.json["code"]
    assert (await office.post("/tills/9/revoke")).status == 404
    assert (await office.post("/tills/x/revoke")).json["field"] == "site"
    assert (await office.post("/tills", {"shop": 0})).json["field"] == "shop"
    assert (await office.post("/tills/9/write-off")).status == 404
    assert (await office.post("/tills/9/unfence")).status == 404


async def test_only_who_sets_up_adds_and_withdraws_tills(office: Browser) -> None:
    office.token = await office.counter.token(Role.OFFICE)
    assert (await office.post("/tills", {"shop": 1})).status == 403
    assert (await office.post("/tills/2/revoke")).status == 403
    assert (await office.post("/tills/2/write-off")).status == 403
    assert (await office.post("/tills/2/unfence")).status == 403


async def test_a_till_has_no_fleet(counter: Counter, browser: Browser) -> None:
    assert not counter.replica.identity.is_hub
    assert (await browser.ask("POST", "/tills", {"shop": 1}, headers={"Idempotency-Key": "k"})).status == 404
