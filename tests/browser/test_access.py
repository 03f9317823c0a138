"""Every screen of head office, in three sizes: axe, touch targets, nothing cut off, nothing beside the screen."""

from pathlib import Path

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import SIZES, Looking
from tests.browser.looking_over import faults_of
from tests.browser.states import disagreement
from tests.fakes.counter import HUB, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import known, sophie
from tests.web.test_merging_routes import find_likely
from tests.web.test_office_page import SILENT, FakeRoster
from tests.web.test_office_page import till as till_shown

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.feature("F1.4")
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_of_head_office_can_be_used_by_everybody(tmp_path: Path, look: Looking, size: str) -> None:
    tills = (till_shown(12, behind=610, clock_ahead_ms=95_000), till_shown(13, heard_at=None, **SILENT))
    async with (
        open_counter(tmp_path, **HUB) as counter,
        look(counter, size=size, roster=FakeRoster(tills), link=lambda: LinkShown(online=True)) as office,
    ):
        await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        id_ = await sophie(counter)
        twin = await known(
            counter,
            first_name="Sophie",
            last_name="Lefebvre",
            mobile="0639981234",
            surface="import",
            even_if_known=True,
        )
        await find_likely(counter)
        await disagreement(counter, EntityId(bytes.fromhex(id_)))
        faults = []
        await office.log_in("Jeanne")
        for name, path in (
            ("fleet", ""),
            ("search", "/clients?q=soph"),
            ("record", f"/clients/{id_}"),
            ("edit", f"/clients/{id_}/modifier"),
            ("conflicts", "/conflits"),
            ("duplicates", "/doublons"),
            ("merge", f"/doublons/{id_}/{twin}"),
            ("office_terms", "/conditions"),
            ("policies", "/reglages"),
            ("imports", "/imports"),
        ):
            await office.page.goto(f"{office.url}/siege{path}")
            await office.shows(name)
            await office.page.wait_for_selector("[data-live]")
            faults += await faults_of(office.page, name)
        await counter.hire("Olga", pin=PIN, role=Role.OWNER)
        await office.page.context.clear_cookies()
        await office.open()
        await office.log_in("Olga")
        for name in ("caps", "npai_alert", "proof"):
            await office.page.goto(f"{office.url}/siege/reglages?regle={name}")
            await office.page.wait_for_selector("#policy")
            faults += await faults_of(office.page, name)
    assert not faults, "\n".join(faults)
