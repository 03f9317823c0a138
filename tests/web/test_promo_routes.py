"""Promo codes over HTTP: made at head office, used at a till within its share."""

from pathlib import Path
from typing import Any

import pytest

from daemon.desk.promo_codes import ACCOUNT
from daemon.domain import authoring as operations
from daemon.domain import rights as booking
from daemon.domain.canonical import digest8
from daemon.domain.claims import normal_form
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import BOOK_QUOTA, Kind
from daemon.domain.rights import GRANTED, right
from daemon.store import authoring, elements, rights
from tests.fakes.counter import OWNER, Browser, open_browser, open_counter

GIVEN = {"code": "Rentree-26", "label": "rentrée", "quota": 100, "terms": {"percent": 1000, "minimum": 3000}}


@pytest.mark.feature("C6.1")
async def test_head_office_makes_a_code_with_dates_and_a_quota(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=1, shop=0) as office, open_browser(office) as browser:
        made = await browser.post("/promo-codes", GIVEN)
        assert (made.status, made.json["left"], made.json["state"]) == (201, 100, "elsewhere"), made.raw
        assert (await browser.post("/promo-codes", {**GIVEN, "code": "RENTREE-26"})).status == 409
        lowered = await browser.ask("PATCH", f"/promo-codes/{made.json['id']}", {"quota": 40, "withdrawn": True})
        assert (lowered.json["left"], lowered.json["state"]) == (40, "withdrawn")
        over = {**GIVEN, "code": "NOEL", "terms": {"amount": 500, "from_day": "2020-12-01", "until_day": "2020-12-24"}}
        assert (await browser.post("/promo-codes", over)).json["state"] == "not_in_force"
        assert len((await browser.get("/promo-codes")).json["codes"]) == 2


@pytest.mark.feature("C6.1")
async def test_a_till_uses_a_code_within_its_share_of_the_quota(browser: Browser) -> None:
    counter = browser.counter
    await counter.choose_walk_in()
    await told_by_head_office(browser, uses=2)
    for left in (1, 0):
        visit = (await browser.post("/visits", {})).json["id"]
        chosen = await browser.ask("PUT", f"/visits/{visit}/spending", {"promo_codes": ["rentree-26", "rentree-26"]})
        assert (chosen.status, chosen.json["promo_codes"]) == (200, 1), chosen.raw
        await browser.post(f"/visits/{visit}/post")
        (code,) = (await browser.get("/promo-codes")).json["codes"]
        assert (code["here"], code["left"]) == (left, 98 + left)
    visit = (await browser.post("/visits", {})).json["id"]
    assert (await browser.ask("PUT", f"/visits/{visit}/spending", {"promo_codes": ["RENTREE-26"]})).status == 409
    assert (await browser.ask("PUT", f"/visits/{visit}/spending", {"promo_codes": ["?"]})).status == 404


async def told_by_head_office(browser: Browser, *, uses: int) -> None:
    """The row, the quota and this till's share, as replication brings them."""
    counter = browser.counter
    name = normal_form(Claim.PROMO_CODE, "Rentree-26").encode("utf-8")
    id_, account = digest8(b"promo/", name), b"account!"
    fields: dict[int, Any] = {1: "Rentree-26", 3: '{"percent":1000}', ACCOUNT: account}
    made = [
        operations.create(Kind.PROMO_CODE, id_, fields),
        *booking.earn(account, BOOK_QUOTA, 100, sale=b"", holder=None),
        right(account, BOOK_QUOTA, uses, GRANTED, rights.holder_of(counter.replica)),
    ]

    def unit(conn: Any) -> None:
        authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())
        assert elements.element(conn, (id_, Kind.PROMO_CODE, b"")) is not None

    await counter.database.write(unit)
