"""Badges and print jobs over HTTP, with a print room that prints nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.badges import BadgeManner
from daemon.desk.desks import PrintManner
from tests.fakes.counter import Browser, open_browser, open_counter
from tests.fakes.print_room import FakePrintRoom
from tests.web.conftest import hold_against_description

MANNER = PrintManner(badge=BadgeManner(chain_name="Maison Bleue", title="Carte de fidélité"))


@pytest.fixture
def room() -> FakePrintRoom:
    return FakePrintRoom()


@pytest.fixture
async def printing(tmp_path: Path, room: FakePrintRoom) -> AsyncIterator[Browser]:
    async with (
        open_counter(tmp_path, prints=room, manner=MANNER) as counter,
        open_browser(counter) as browser,
    ):
        browser.validate = hold_against_description
        yield browser


async def create(browser: Browser, **fields: Any) -> dict[str, Any]:
    made = await browser.post("/customers", {"first_name": "Hélène", "last_name": "Lefèvre", **fields})
    found: dict[str, Any] = made.json["customer"]
    return found


async def test_a_badge_carries_the_first_good_card(printing: Browser, room: FakePrintRoom) -> None:
    made = await create(printing, cards=["2900 0004 2187"])
    heard = await printing.post(f"/customers/{made['id']}/badge", {})
    assert (heard.status, heard.json["state"], heard.json["customer"]) == (202, "queued", made["id"])
    face = room.faces[0]
    assert (face.chain, face.title, face.number) == ("Maison Bleue", "Carte de fidélité", "290000042187")
    assert (face.first_name, face.last_name) == ("Hélène", "Lefèvre")
    assert (await printing.get("/print-jobs")).json == [heard.json]


async def test_a_badge_carries_the_code_where_no_card_is_good(printing: Browser, room: FakePrintRoom) -> None:
    made = await create(printing, cards=["2900 1"])
    card = made["cards"][0]["id"]
    await printing.patch(f"/customers/{made['id']}/cards/{card}", {"state": "lost"})
    await printing.post(f"/customers/{made['id']}/badge", {"duplicata": True})
    assert (room.faces[0].number, room.requests[0].duplicata) == (made["code"], True)
    heard = await printing.post(f"/customers/{made['id']}/badge", {"card": card})
    assert (heard.status, heard.json["field"]) == (422, "card")


async def test_a_company_stands_on_its_badge_by_its_name(printing: Browser, room: FakePrintRoom) -> None:
    made = (await printing.post("/customers", {"company_name": "Maison Verte"})).json["customer"]
    await printing.post(f"/customers/{made['id']}/badge", {})
    assert (room.faces[0].first_name, room.faces[0].last_name) == ("", "Maison Verte")


async def test_the_same_press_twice_is_one_badge_and_another_customer_none(
    printing: Browser, room: FakePrintRoom
) -> None:
    one, other = await create(printing), await create(printing)
    first = await printing.post(f"/customers/{one['id']}/badge", {}, key="press")
    again = await printing.post(f"/customers/{one['id']}/badge", {}, key="press")
    assert (first.raw, len(room.faces)) == (again.raw, 1)
    assert (await printing.post(f"/customers/{other['id']}/badge", {}, key="press")).status == 409


async def test_the_operator_says_what_came_out(printing: Browser, room: FakePrintRoom) -> None:
    made = await create(printing)
    job = (await printing.post(f"/customers/{made['id']}/badge", {})).json
    where = f"/print-jobs/{job['id']}/answer"
    assert (await printing.post(where, {"answer": "came_out"})).status == 409
    room.interrupt()
    assert (await printing.get("/print-jobs")).json[0]["asks_operator"] is True
    assert (await printing.post(where, {"answer": "again"})).json["duplicata"] is True
    assert (await printing.post(where, {"answer": "cancel"})).json["state"] == "cancelled"
    assert (await printing.post(where, {"answer": "perhaps"})).json["field"] == "answer"
    assert (await printing.post(f"/print-jobs/{'f' * 16}/answer", {"answer": "cancel"})).status == 404


async def test_there_are_customers_and_printers_without_badges(printing: Browser, room: FakePrintRoom) -> None:
    walk_in = await printing.counter.choose_walk_in()
    assert (await printing.post(f"/customers/{walk_in}/badge", {})).status == 403
    assert (await printing.post(f"/customers/{'0' * 16}/badge", {})).status == 404
    made = await create(printing)
    assert (await printing.post(f"/customers/{made['id']}/badge", {"printer": "attic"})).json["field"] == "printer"
    room.printers = ()
    assert (await printing.post(f"/customers/{made['id']}/badge", {})).json["field"] == "printer"


async def test_without_a_printer_nothing_is_printed(browser: Browser) -> None:
    made = await create(browser)
    assert (await browser.post(f"/customers/{made['id']}/badge", {})).status == 409
    assert (await browser.get("/print-jobs")).json == []
