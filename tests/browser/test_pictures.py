"""The pictures that are kept: every state has one, and a screen that has changed is told, and no other."""

from pathlib import Path

import pytest

from tests.browser.conftest import Screen
from tests.browser.kept_pictures import MAIN, PICTURES, SHARE_MAX, apart, few, file_of, is_kept, picture
from tests.browser.states import STATES
from tests.browser.test_ticket_screens import LISTS, ONE
from tests.browser.test_till_screens import sophie

NAMES = ("log-in", *STATES, *LISTS, *ONE)


def test_a_picture_is_kept_of_every_state_and_of_nothing_else() -> None:
    wanted = {
        file_of(name, size, lang)
        for name in NAMES
        for size in ("S", "M", "L")
        for lang in ("fr", "en")
        if is_kept(name, size, lang)
    }
    assert set(NAMES) >= MAIN
    for folder in PICTURES.iterdir():
        assert {path.name for path in Path(folder).iterdir()} == wanted


@pytest.mark.needs("chromium")
async def test_the_same_screen_is_the_same_and_a_slight_change_of_it_is_told(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}")
    before = few(await picture(till.page)).convert("RGB")
    assert apart(before, await picture(till.page)) < SHARE_MAX / 4
    for where, change in (
        (".card__name", "letter-spacing: .02em"),
        (".act__row", "padding-left: 20px"),
        (".sync", "background: #ffd02f"),
    ):
        await till.page.eval_on_selector(where, "(it, change) => it.style.cssText = change", change)
        assert apart(before, await picture(till.page)) > SHARE_MAX, change
        await till.page.eval_on_selector(where, "(it) => it.style.cssText = ''")
    assert apart(before, await picture(till.page)) < SHARE_MAX / 4
