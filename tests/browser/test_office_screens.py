"""What head office sees and does in a real browser."""

from pathlib import Path

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import Looking
from tests.fakes.counter import HUB, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import sophie
from tests.web.test_office_page import FakeRoster
from tests.web.test_office_page import till as till_shown

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.feature("E6.1")
async def test_the_fleet_is_live(tmp_path: Path, look: Looking) -> None:
    roster = FakeRoster((till_shown(12), till_shown(13)))
    async with (
        open_counter(tmp_path, **HUB) as counter,
        look(counter, roster=roster, link=lambda: LinkShown(online=True)) as office,
    ):
        await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        await office.log_in("Jeanne")
        assert "Tout est à jour" in await office.text("#lead")
        roster.shown = (till_shown(12), till_shown(13, online=False, waiting=None))
        counter.live.publish("replication", {"online": True})
        await office.page.wait_for_selector("#lead :text('1 caisse sur 2 à jour')")
        assert "Hors ligne" in await office.text("#till-13")
        assert "inconnu" in await office.text("#till-13")


async def test_a_customer_is_found_opened_and_edited_by_keys(tmp_path: Path, look: Looking) -> None:
    async with open_counter(tmp_path, **HUB) as counter, look(counter, roster=FakeRoster()) as office:
        await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        id_ = await sophie(counter)
        await office.log_in("Jeanne")
        await office.page.keyboard.press("F2")
        await office.page.keyboard.type("sophie lef")
        await office.page.keyboard.press("Enter")
        await office.shows("record")
        await office.page.keyboard.press("F3")
        await office.shows("edit")
        await office.page.fill("#f-city", "Rezé")
        await office.page.keyboard.press("Enter")
        await office.shows("record")
        address = (await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))).address
        assert address is not None
        assert address.city == "Rezé"
