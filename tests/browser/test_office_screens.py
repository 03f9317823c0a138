"""What head office sees and does in a real browser."""

from pathlib import Path

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import Looking, Screen
from tests.fakes.counter import HUB, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import known, sophie
from tests.web.test_merging_routes import find_likely
from tests.web.test_office_page import FakeRoster
from tests.web.test_office_page import till as till_shown

pytestmark = pytest.mark.needs("chromium")


async def pushed(office: Screen, kind: str) -> None:
    """The daemon says that something happened elsewhere, and the page shows it."""
    async with office.page.expect_response(office.page.url):
        office.counter.live.publish(kind, {})
    await office.page.wait_for_timeout(50)


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


@pytest.mark.feature("B19.3")
async def test_a_spreadsheet_is_chosen_tried_and_imported_on_the_page(tmp_path: Path, look: Looking) -> None:
    file = tmp_path / "clients é.csv"
    file.write_bytes("Nom;Prénom;E-mail\r\nKerouedan;Maëlle;maelle@example.org\r\n".encode("cp1252"))
    async with open_counter(tmp_path, **HUB) as counter, look(counter, roster=FakeRoster()) as office:
        await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        await office.log_in("Jeanne")
        for is_dry in (True, False):
            await office.open("/imports")
            await office.page.set_input_files("#f-file", file)
            await office.page.set_checked("[name=dry_run]", is_dry)
            await pushed(office, "import")
            await office.page.click("#upload .btn--primary")
            await office.page.wait_for_selector("h1:text('clients é.csv')")
            await office.page.wait_for_selector("main :text('1 créés')" if not is_dry else "main :text('serait créé')")
            found = await counter.desks.lookup.search("kerouedan", limit=5)
            assert len(found.hits) == (0 if is_dry else 1)


async def test_two_people_are_never_merged_by_the_button_that_says_they_are_two(tmp_path: Path, look: Looking) -> None:
    async with open_counter(tmp_path, **HUB) as counter, look(counter, roster=FakeRoster()) as office:
        await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        id_ = await sophie(counter)
        twin = await known(counter, first_name="Luc", last_name="Lefebvre", mobile="0639981234", even_if_known=True)
        await find_likely(counter)
        await office.log_in("Jeanne")
        await office.open(f"/doublons/{id_}/{twin}")
        await office.page.keyboard.press("F6")
        await office.shows("duplicates")
        assert "Aucun doublon" in await office.text("main")
        person = await counter.desks.merging.person(EntityId(bytes.fromhex(id_)))
        assert [record.id for record in person.records] == [id_]
