"""Every screen of the till with words a third longer than French: another language finds room on the same screens."""

from pathlib import Path
from typing import Any

import pytest

from daemon.web.i18n import Words
from tests.browser.conftest import SIZES
from tests.browser.looking_over import laid_out
from tests.browser.stage import staged
from tests.browser.states import STATES, people_of

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
async def test_longer_words_find_room(tmp_path: Path, size: str) -> None:
    faults: list[str] = []
    async with staged(tmp_path, people_of, size=size) as stage:
        await stage.screen.open()
        await stage.screen.log_in()
        for name, bring in STATES.items():
            await bring(stage)
            faults += await laid_out(stage.screen.page, name)
            await stage.put_away()
    assert not faults, "\n".join(faults)
