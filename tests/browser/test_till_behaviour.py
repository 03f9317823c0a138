"""What stands over a record, what is known while a form is typed, locks, disagreements, benefits: in a real browser."""

import pytest

from daemon.desk.members import NewNote
from daemon.domain.ids import EntityId
from tests.browser.conftest import Screen
from tests.browser.states import disagreement, regular
from tests.browser.test_till_screens import served, sophie, stored
from tests.fakes import people
from tests.fakes.people import CARD, known

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.feature("B7.2")
async def test_an_alert_takes_enter_safely_and_a_scan_still_reaches_the_screen(till: Screen) -> None:
    id_ = await people.sophie(till.counter)
    await known(till.counter, first_name="Paul", last_name="Morel", cards=("2900000001",))
    await till.scan(CARD)
    await till.page.wait_for_selector("[role=alertdialog]")
    assert await till.page.evaluate("document.activeElement.closest('[role=alertdialog]') !== null")
    await till.scan("2900000001")
    await till.page.wait_for_selector("#name:text('Morel')")
    await till.scan(CARD)
    await till.page.wait_for_selector("[role=alertdialog]")
    await till.page.keyboard.press("Enter")
    await till.page.wait_for_selector("[role=alertdialog]", state="detached")
    assert not (await stored(till, id_)).notes[-1].done
    assert await served(till) == []
    await till.page.keyboard.press("Enter")
    await till.shows("ready")
    assert await served(till) == ["Sophie Lefèvre"]


async def test_an_alert_from_elsewhere_waits_until_what_is_typed_is_done(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}?section=notes")
    await till.page.fill("#note-x", "à rap")
    note = NewNote(text="Colis arrivé", show_at_till=True)
    await till.counter.desks.members.add_note(till.counter.call(), EntityId(bytes.fromhex(id_)), note)
    await till.page.wait_for_selector("[data-stale] .stale")
    assert (await till.focused(), await till.page.input_value("#note-x")) == ("note-x", "à rap")
    assert await till.page.query_selector("[role=alertdialog]") is None


@pytest.mark.feature("B2.2")
async def test_who_is_known_already_is_shown_while_the_form_is_typed_and_nothing_typed_moves(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open("/clients/nouveau")
    await till.page.fill("#f-last_name", "Lefevre")
    await till.page.focus("#f-mobile")
    await till.page.keyboard.type("0639981234")
    await till.page.wait_for_selector(".kin :text('même portable')")
    assert (await till.focused(), await till.page.input_value("#f-mobile")) == ("f-mobile", "0639981234")
    await till.page.fill("#f-postal_code", "44000")
    await till.page.click("#towns :text('Nantes')")
    assert await till.page.input_value("#f-city") == "Nantes"
    await till.page.click(".kin a")
    await till.shows("record")
    assert till.page.url.endswith(id_)


@pytest.mark.feature("F2.1")
async def test_a_locked_screen_shows_nothing_and_gives_back_what_was_typed(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}/modifier")
    await till.page.fill("#f-city", "Rezé")
    await till.page.keyboard.press("F9")
    await till.shows("log_in")
    assert "Lefèvre" not in await till.page.content()
    assert await till.page.evaluate("document.querySelector('[name=operator]').checked")
    await till.page.wait_for_selector("[data-live]")
    await till.scan("OP-NOLWENN")
    await till.shows("edit")
    assert await till.page.input_value("#f-city") == "Rezé"


async def test_a_screen_that_nobody_touches_locks_itself_when_its_settings_say_so(till: Screen) -> None:
    await till.open("/reglages")
    await till.page.click("text=2 min")
    await till.page.click("text=Fort")
    await till.page.click(".act .btn--primary")
    await till.page.wait_for_selector("html[data-contrast=high] [data-lock='120']")
    await till.page.evaluate("document.body.dataset.lock = '1'")
    await till.shows("log_in")


@pytest.mark.feature("B15.3")
async def test_two_values_that_met_are_settled_by_one_touch(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await disagreement(till.counter, EntityId(bytes.fromhex(id_)))
    await till.open(f"/clients/{id_}")
    await till.page.click(".met .btn:nth-of-type(2)")
    await till.page.wait_for_selector("#word :text('C’est réglé')")
    assert await till.page.query_selector(".met") is None
    assert (await stored(till, id_)).mobile == "+33639980009"


@pytest.mark.feature("C2.3")
async def test_a_benefit_is_chosen_for_the_sale_by_one_touch_and_given_back_by_another(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await regular(till.counter, EntityId(bytes.fromhex(id_)))
    await till.open(f"/clients/{id_}")
    await till.page.click(".label:nth-child(3) .btn")
    await till.page.wait_for_selector(".label:nth-child(3) .label__on")
    assert await served(till) == ["Sophie Lefèvre"]
    await till.page.click("#word .btn")
    await till.page.wait_for_selector(".label:nth-child(3) .btn:not(.label__on)")
    await till.page.click(".label:nth-child(1) .btn")
    await till.page.wait_for_selector("#amount:focus")
    await till.page.keyboard.type("1500")
    await till.page.keyboard.press("Enter")
    await till.page.wait_for_selector(".notice--problem")
    await till.page.fill("#amount", "500")
    await till.page.keyboard.press("Enter")
    await till.page.wait_for_selector(".label:nth-child(1) :text('500 choisis')")
