"""A touch screen without a keyboard: letters to touch, and on a small one a long form in two steps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.edit import CustomerEdit
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import Looking, Screen, looking
from tests.browser.looking_over import TARGET_PX, faults_of
from tests.browser.test_till_screens import served, sophie
from tests.fakes.counter import open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known

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


LETTERS = "body[data-osk] #osk button"


async def away(till: Screen) -> None:
    await till.page.wait_for_selector("body:not([data-osk])")
    assert not await till.page.is_visible("#osk")


@pytest.mark.feature("A8.2", "F1.2")
async def test_the_hit_that_is_touched_while_the_letters_are_up_is_the_one_that_is_chosen(small: Screen) -> None:
    await sophie(small.counter)
    for first_name in ("Anne", "Luc"):
        await known(small.counter, first_name=first_name, last_name="Sophocle", email=f"{first_name}@example.org")
    await small.page.tap("#q")
    await touch(small, "soph")
    await small.page.wait_for_selector("#hits [role=option]:nth-of-type(2) mark")
    second = small.page.locator("#hits [role=option]").nth(1)
    wanted = await second.get_attribute("data-choose")
    await second.locator("b").tap()
    await small.shows("ready")
    assert small.counter.desks.visits is not None
    assert [visit.customer.id for visit in await small.counter.desks.visits.open_ones()] == [wanted]
    await away(small)


@pytest.mark.feature("A4.2", "F1.2")
async def test_a_scan_puts_the_letters_away_and_a_touch_of_the_field_brings_them_back(small: Screen) -> None:
    await sophie(small.counter)
    await small.page.tap("#q")
    await touch(small, "xyz")
    await small.shows("search")
    await small.page.wait_for_selector(LETTERS)
    await small.scan(CARD)
    await small.shows("record")
    await away(small)
    assert await small.focused() == "q"
    await small.page.tap("#q")
    await small.page.wait_for_selector(LETTERS)


async def test_the_letters_have_the_signs_of_names_amounts_and_addresses(small: Screen) -> None:
    await small.page.tap("#q")
    await touch(small, "n,…ëïêîôâ%_+/")
    assert await small.page.input_value("#q") == "n,ëïêîôâ%_+/"
    more = small.page.locator('#osk [data-key="…"]')
    assert await more.get_attribute("aria-pressed") == "true"
    assert await small.page.evaluate(SMALL_KEYS, TARGET_PX) == []
    assert await faults_of(small.page, "signs") == []
    await touch(small, "⇧")
    assert await small.page.get_attribute('#osk [data-key="⇧"]', "aria-pressed") == "true"
    await touch(small, "ë…a")
    assert await small.page.get_attribute('#osk [data-key="⇧"]', "aria-pressed") == "false"
    assert await small.page.input_value("#q") == "n,ëïêîôâ%_+/Ëa"


async def test_a_field_for_a_secret_is_typed_by_touch_but_the_pin_that_has_a_pad(small: Screen) -> None:
    add = "(pad) => document.querySelector('main').insertAdjacentHTML('beforeend', `<input id=s type=password ${pad}>`)"
    await small.page.evaluate(add, "")
    await small.page.tap("#s")
    await touch(small, "12a")
    assert await small.page.input_value("#s") == "12a"
    await small.page.evaluate("document.querySelector('#s').setAttribute('data-pin', '')")
    await small.page.evaluate("document.activeElement.blur()")
    await small.page.tap("#s")
    await away(small)


async def test_a_keyboard_that_is_typed_on_puts_the_letters_away_until_a_field_is_touched(small: Screen) -> None:
    await small.open("/clients/nouveau")
    await small.page.tap("#f-first_name")
    await small.page.wait_for_selector(LETTERS)
    await small.page.keyboard.press("g")
    await away(small)
    await small.page.keyboard.press("Tab")
    assert await small.focused() == "f-last_name"
    await away(small)
    assert await small.page.input_value("#f-first_name") == "g"
    await small.page.tap("#f-last_name")
    await small.page.wait_for_selector(LETTERS)


@pytest.mark.parametrize("size", ["S", "M"])
async def test_who_has_a_keyboard_or_a_mouse_sees_no_letters_to_touch(tmp_path: Path, look: Looking, size: str) -> None:
    async with open_counter(tmp_path) as counter, look(counter, size=size) as till:
        await counter.hire("Nolwenn", pin=PIN, role=Role.CASHIER)
        await till.log_in()
        await till.page.click("#q")
        assert not await till.page.is_visible("#osk")


@pytest.mark.feature("F1.2", "F1.4")
@pytest.mark.parametrize("size", ["M", "L"])
async def test_a_larger_touch_screen_without_a_keyboard_has_letters_too(
    tmp_path: Path, look: Looking, size: str
) -> None:
    async with open_counter(tmp_path) as counter, look(counter, size=size, touch=True) as till:
        await counter.choose_walk_in()
        await counter.hire("Nolwenn", pin=PIN, role=Role.CASHIER)
        await sophie(counter)
        await till.log_in()
        await till.page.tap("#q")
        await touch(till, "soph")
        await till.page.wait_for_selector("#hits mark:text('Soph')")
        assert await till.page.evaluate(SMALL_KEYS, TARGET_PX) == []
        assert await faults_of(till.page, "letters") == []
        await till.page.tap("#peek .btn--primary")
        await till.page.wait_for_selector(".sale__n:text('Sophie')")
        await away(till)
        await till.open("/clients/nouveau")
        await till.page.tap("#f-city")
        await touch(till, "nantes")
        assert not await till.page.evaluate(COVERED)
        await touch(till, "⏎")
        await till.page.wait_for_selector("#e-last_name, #e-first_name")


@pytest.mark.feature("B7.2")
async def test_a_manager_lifts_a_block_by_touch_alone(small: Screen) -> None:
    id_ = await sophie(small.counter)
    call, who = small.counter.call(), EntityId(bytes.fromhex(id_))
    given = CustomerEdit(blocked=True, blocked_reason="Trois factures impayées")
    await small.counter.desks.edits.edit(call, who, given, present=frozenset({"blocked"}), version="")
    await small.counter.hire("Yann", pin="1379", role=Role.MANAGER)
    await small.scan(CARD)
    await small.page.wait_for_selector("[role=alertdialog] #boss-pin")
    await small.page.tap("#boss-pin")
    assert not await small.page.evaluate(COVERED)
    await touch(small, "1379⏎")
    await small.page.wait_for_selector("[role=alertdialog]", state="detached")
    assert not (await small.counter.desks.lookup.customer(who)).blocked
