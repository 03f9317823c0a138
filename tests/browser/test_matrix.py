"""Every screen of the till in every state, in three sizes and two languages, as everybody has to use it."""

from pathlib import Path

import pytest

from tests.browser.conftest import SIZES, Looking
from tests.browser.looking_over import faults_of, walked
from tests.browser.states import ONLINE, STATES, Stage, people_of
from tests.fakes.counter import open_counter
from tests.fakes.print_room import FakePrintRoom

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.feature("F1.3", "F1.4")
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_can_be_used_by_everybody(tmp_path: Path, look: Looking, size: str, lang: str) -> None:
    prints, link = FakePrintRoom(), [ONLINE]
    async with (
        open_counter(tmp_path, prints=prints) as counter,
        look(counter, size=size, prints=prints, link=lambda: link[0]) as till,
    ):
        stage = Stage(till, link, await people_of(counter))
        await till.open(lang=lang)
        faults = await faults_of(till.page, "log-in")
        await till.log_in(lang=lang)
        for name, bring in STATES.items():
            await bring(stage)
            faults += await faults_of(till.page, name)
            if lang == "fr":
                faults += await walked(till.page, name)
            link[0] = ONLINE
    assert not faults, "\n".join(faults)
