"""A small touch screen without a keyboard: letters to touch, and a long form in two steps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.domain.role import Role
from tests.browser.conftest import Screen, looking
from tests.browser.looking_over import TARGET_PX, faults_of
from tests.browser.test_till_screens import served, sophie
from tests.fakes.counter import open_counter
from tests.fakes.page_reader import PIN

pytestmark = pytest.mark.needs("chromium")

SMALL_KEYS = """(least) => [...document.querySelectorAll('#osk button')].filter((it) => {
  const box = it.getBoundingClientRect()
  return box.height < least || box.left < 0 || box.right > innerWidth || box.bottom > innerHeight
}).map((it) => it.textContent)"""
COVERED = """() => {
  const field = document.activeElement.getBoundingClientRect()
  return field.bottom > document.querySelector('#osk').getBoundingClientRect().top
}"""


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Screen]:
    """A till of 800 x 480 to touch; Nolwenn is logged in."""
    async with open_counter(tmp_path) as counter:
        await counter.choose_walk_in()
        await counter.hire("Nolwenn", pin=PIN, role=Role.CASHIER)
        async with looking(counter, size="S", touch=True) as screen:
            await screen.log_in()
            yield screen


async def touch(till: Screen, signs: str) -> None:
    for sign in signs:
        await till.page.tap(f'#osk [data-key="{sign}"]')


@pytest.mark.feature("F1.2", "F1.4")
async def test_a_customer_is_found_and_chosen_by_touch_alone(small: Screen) -> None:
    await sophie(small.counter)
    await small.page.tap("#q")
    await small.page.wait_for_selector("[data-osk] #osk button")
    assert await small.page.evaluate(SMALL_KEYS, TARGET_PX) == []
    await touch(small, "sopg⌫h")
    await small.page.wait_for_selector("#hits mark:text('Soph')")
    assert (await small.focused(), await small.page.input_value("#q")) == ("q", "soph")
    assert await faults_of(small.page, "letters") == []
    await touch(small, "⏎")
    await small.page.wait_for_selector(".sale__n:text('Sophie')")
    assert await served(small) == ["Sophie Lefèvre"]


@pytest.mark.feature("B2.1")
async def test_a_new_customer_is_typed_in_two_steps_and_what_is_wrong_opens_its_step(small: Screen) -> None:
    await small.open("/clients/nouveau")
    await small.page.tap("#f-first_name")
    await touch(small, "gaàl")
    assert await small.page.input_value("#f-first_name") == "Gaàl", "a name begins with a capital"
    await small.page.tap("#f-last_name")
    assert not await small.page.evaluate(COVERED)
    await touch(small, "le␣goff")
    assert await small.page.input_value("#f-last_name") == "Le goff"
    assert not await small.page.is_visible("#f-email")
    await small.page.tap(".steps .pick:nth-child(2)")
    await small.page.tap("#f-email")
    assert not await small.page.evaluate(COVERED)
    await touch(small, "gael@")
    await touch(small, "⏎")
    await small.page.wait_for_selector("#e-email")
    assert await small.page.is_visible("#f-email")
    assert await small.focused() == "f-email"
    await touch(small, "example.org⏎")
    await small.shows("record")
    assert "Le goff" in await small.text("#name")


async def test_who_has_a_keyboard_or_a_mouse_sees_no_letters_to_touch(till: Screen) -> None:
    await till.page.focus("#q")
    assert not await till.page.is_visible("#osk")
