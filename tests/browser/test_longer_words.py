"""Every screen of the till with words a third longer than French: another language finds room on the same screens."""

from pathlib import Path
from typing import Any

import pytest

from daemon.web.i18n import Words
from tests.browser.conftest import SIZES, Looking
from tests.browser.looking_over import laid_out
from tests.browser.states import ONLINE, STATES, Stage, people_of
from tests.fakes.counter import open_counter
from tests.fakes.print_room import FakePrintRoom

pytestmark = pytest.mark.needs("chromium")

TEXT, COUNTED = Words.text, Words.counted
MORE = "éàüïçõ"
LONGER_FROM = 4
"""A word of fewer letters is an abbreviation, which other languages have too."""


def longer(text: str) -> str:
    """The text, with a third more of accented letters behind it."""
    return text if len(text) < LONGER_FROM else text + (MORE * len(text))[: len(text) // 3]


@pytest.fixture
def longer_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def text(self: Words, sentence: str, /, **values: object) -> str:
        return longer(TEXT(self, sentence, **values))

    def counted(self: Words, one: str, several: str, number: int, /, **values: Any) -> str:
        return longer(COUNTED(self, one, several, number, **values))

    monkeypatch.setattr(Words, "text", text)
    monkeypatch.setattr(Words, "counted", counted)


@pytest.mark.feature("F1.3")
@pytest.mark.usefixtures("longer_words")
@pytest.mark.parametrize("size", SIZES)
async def test_longer_words_find_room(tmp_path: Path, look: Looking, size: str) -> None:
    prints, link = FakePrintRoom(), [ONLINE]
    async with (
        open_counter(tmp_path, prints=prints) as counter,
        look(counter, size=size, prints=prints, link=lambda: link[0]) as till,
    ):
        stage, faults = Stage(till, link, await people_of(counter)), []
        await till.open()
        await till.log_in()
        for name, bring in STATES.items():
            await bring(stage)
            faults += await laid_out(till.page, name)
            link[0] = ONLINE
    assert not faults, "\n".join(faults)
