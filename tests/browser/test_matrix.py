"""Every screen of the till in every state, in three sizes and two languages, as everybody has to use it."""

from pathlib import Path

import pytest

from tests.browser.conftest import SIZES
from tests.browser.kept_pictures import picture_faults
from tests.browser.looking_over import faults_of, walked
from tests.browser.stage import staged
from tests.browser.states import STATES, people_of

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.feature("F1.3", "F1.4")
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_can_be_used_by_everybody_and_looks_as_it_should(
    tmp_path: Path, size: str, lang: str
) -> None:
    async with staged(tmp_path, people_of, size=size) as stage:
        till = stage.screen
        await till.open(lang=lang)
        faults = [*await faults_of(till.page, "log-in"), *await picture_faults(till.page, "log-in", size, lang)]
        await till.log_in(lang=lang)
        for name, bring in STATES.items():
            await bring(stage)
            faults += await faults_of(till.page, name)
            faults += await picture_faults(till.page, name, size, lang)
            if lang == "fr" and name != "daemon gone":
                faults += await walked(till.page, name)
            await stage.put_away()
    assert not faults, "\n".join(faults)
