"""What a cashier does and sees at the till, in a real browser: keys, touches, scans, and edits of others meanwhile."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Route, expect

from daemon.clock import SystemClock
from daemon.desk.customer import Customer
from daemon.desk.edit import CustomerEdit
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from daemon.web.parts import Limits
from tests.browser.conftest import Looking, Screen
from tests.fakes import people
from tests.fakes.counter import Counter, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known

pytestmark = pytest.mark.needs("chromium")


async def sophie(counter: Counter) -> str:
    """Sophie, with nothing to be done for her."""
    return await people.sophie(counter, notes=())


async def stored(screen: Screen, id_: str) -> Customer:
    return await screen.counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))


async def change_elsewhere(screen: Screen, id_: str, **fields: str) -> None:
    edit = CustomerEdit(**fields)  # type: ignore[arg-type]  # the names of the test
    call = screen.counter.call()
    id_bytes = EntityId(bytes.fromhex(id_))
    await screen.counter.desks.edits.edit(call, id_bytes, edit, present=frozenset(fields), version="")


async def served(screen: Screen) -> list[str]:
    assert screen.counter.desks.visits is not None
    return [visit.customer.display_name for visit in await screen.counter.desks.visits.open_ones()]


@pytest.mark.feature("A4.2", "F1.2")
async def test_a_scan_paints_the_customer_from_any_screen_and_the_typed_search_stays(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.page.keyboard.press("F2")
    await till.page.keyboard.type("sop")
    await till.shows("search")
    await till.scan(CARD)
    await till.shows("record")
    assert "Sophie Lefèvre" in await till.text("#name")
    assert till.page.url.endswith(f"/caisse/clients/{id_}")
    assert (await till.focused(), await till.page.input_value("#q")) == ("q", "sop")
    assert await served(till) == []


async def test_two_scans_at_once_show_the_last_one(till: Screen) -> None:
    await sophie(till.counter)
    await known(till.counter, first_name="Paul", last_name="Morel", cards=("2900000001",))
    await till.scan("2900000001")
    await till.scan(CARD)
    await till.page.wait_for_selector("#name:text('Lefèvre')")
    await asyncio.sleep(0.3)
    assert "Lefèvre" in await till.text("#name")


@pytest.mark.feature("A8.1", "A7.1")
async def test_the_list_follows_every_key_and_enter_chooses(till: Screen) -> None:
    await sophie(till.counter)
    await known(till.counter, first_name="Sophia", last_name="Lefebvre", email="sophia@example.org")
    await till.page.keyboard.press("F2")
    await till.page.keyboard.type("s")
    await till.page.wait_for_selector("#hits mark")
    await till.page.keyboard.type("oph")
    await till.page.keyboard.press("ArrowDown")
    await till.page.wait_for_selector("#hits [aria-selected=true]:has-text('Lefèvre Sophie')")
    await till.page.wait_for_selector("#peek :text('C004218')")
    await till.page.keyboard.press("Enter")
    await till.shows("ready")
    assert await served(till) == ["Sophie Lefèvre"]
    assert "Pour la vente : Sophie Lefèvre." in await till.text("#word")
    await till.page.click("#word .btn")
    await till.page.wait_for_selector("#main :text('Client de passage')")
    assert await served(till) == ["Client de passage"]


@pytest.mark.feature("A8.1")
@pytest.mark.parametrize(("key", "screen"), [("Enter", "ready"), ("Control+Enter", "record")])
async def test_the_next_name_begins_with_an_empty_field(till: Screen, key: str, screen: str) -> None:
    await sophie(till.counter)
    await known(till.counter, first_name="Paul", last_name="Morel")
    await till.page.keyboard.press("F2")
    await till.page.keyboard.type("lefevre")
    await till.page.wait_for_selector("#hits mark")
    await till.page.keyboard.press(key)
    await till.shows(screen)
    assert await till.page.input_value("#q") == ""
    await till.page.keyboard.press("F2")
    await till.page.keyboard.type("morel")
    await till.page.wait_for_selector("#hits mark:text('Morel')")
    assert await till.page.input_value("#q") == "morel"


async def test_the_next_name_may_be_typed_before_the_page_has_come(till: Screen) -> None:
    await sophie(till.counter)
    await known(till.counter, first_name="Paul", last_name="Morel")

    async def late(route: Route) -> None:
        await asyncio.sleep(0.4)
        await route.continue_()

    await till.page.route("**/vente", late)
    await till.page.keyboard.press("F2")
    await till.page.keyboard.type("lefevre")
    await till.page.wait_for_selector("#hits mark")
    await till.page.keyboard.press("Enter")
    await till.page.keyboard.type("morel", delay=120)
    await till.page.wait_for_selector("#hits mark:text('Morel')")
    assert await till.page.input_value("#q") == "morel"
    assert await served(till) == ["Sophie Lefèvre"]


@pytest.mark.feature("A8.1")
async def test_control_enter_opens_the_record_and_enter_there_chooses(till: Screen) -> None:
    await sophie(till.counter)
    await till.page.keyboard.press("F2")
    await till.page.keyboard.type("lefevre")
    await till.page.wait_for_selector("#hits mark")
    await till.page.keyboard.press("Control+Enter")
    await till.shows("record")
    assert await served(till) == []
    await till.page.keyboard.press("Enter")
    await till.shows("ready")
    assert await served(till) == ["Sophie Lefèvre"]


@pytest.mark.feature("A8.2", "F1.2")
async def test_a_touch_chooses_or_opens_in_one_action(tmp_path: Path, look: Looking) -> None:
    async with open_counter(tmp_path) as counter, look(counter, size="S", touch=True) as till:
        await counter.choose_walk_in()
        await counter.hire("Nolwenn", pin=PIN, role=Role.CASHIER)
        await sophie(counter)
        await till.log_in()
        for where, screen in (("#hits [data-do=open]", "record"), ("#hits .hit__n", "ready")):
            await till.page.fill("#q", "soph")
            await till.page.wait_for_selector("#hits mark")
            await till.page.tap(where)
            await till.shows(screen)
        assert await served(till) == ["Sophie Lefèvre"]


async def test_an_edit_is_saved_and_what_is_wrong_is_said_beside_its_field(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.scan(CARD)
    await till.shows("record")
    await till.page.keyboard.press("F3")
    await till.shows("edit")
    await till.page.fill("#f-email", "sophie@")
    await till.page.keyboard.press("Enter")
    await till.page.wait_for_selector("#e-email")
    assert "Ce n’est pas une adresse e-mail." in await till.text("#e-email")
    assert await till.focused() == "f-email"
    await till.page.fill("#f-email", "sophie@example.org")
    await till.page.keyboard.press("Enter")
    await till.shows("record")
    assert "Enregistré." in await till.text("#word")
    assert (await stored(till, id_)).email == "sophie@example.org"


async def test_a_changed_form_is_never_lost_to_a_scan_nor_to_a_way_out(till: Screen) -> None:
    id_ = await known(till.counter, last_name="Tanguy", email="t@example.org")
    await sophie(till.counter)
    await till.open(f"/clients/{id_}/modifier")
    await till.page.fill("#f-first_name", "Gaël")
    await till.scan(CARD)
    await till.page.wait_for_selector(".notice--held")
    assert "Carte de Sophie Lefèvre scannée. Enregistrer d’abord ?" in await till.text("#notice")
    assert await till.page.input_value("#f-first_name") == "Gaël"
    await till.page.keyboard.press("Escape")
    await till.page.wait_for_selector("#notice :text('n’est pas enregistrée')")
    assert await till.page.input_value("#f-first_name") == "Gaël"
    await till.scan(CARD)
    await till.page.wait_for_selector("#notice :text('Sophie')")
    await till.page.click(".notice .btn--primary")
    await till.page.wait_for_selector("#name:text('Lefèvre')")
    assert (await stored(till, id_)).first_name == "Gaël"


async def test_a_changed_form_can_be_given_up(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}/modifier")
    await till.page.fill("#f-first_name", "X")
    await till.page.keyboard.press("Escape")
    await till.page.click(".notice [data-discard]")
    await till.shows("record")
    assert (await stored(till, id_)).first_name == "Sophie"


@pytest.mark.feature("A4.2", "A4.4")
async def test_an_unknown_card_goes_to_the_field_that_asks_for_one_and_else_is_offered(till: Screen) -> None:
    await till.open("/clients/nouveau")
    await till.page.fill("#f-last_name", "Morel")
    await till.page.focus("#f-card")
    await till.scan("2900049999")
    await expect(till.page.locator("#f-card")).to_have_value("2900049999")
    assert await till.page.input_value("#f-last_name") == "Morel"
    await till.page.fill("#f-first_name", "Paul")
    await till.page.fill("#f-email", "paul@example.org")
    await till.page.keyboard.press("Enter")
    await till.shows("record")
    await till.scan("2900048888")
    await till.page.wait_for_selector(".notice--unknown")
    await till.page.click(".notice .btn--primary")
    await till.page.wait_for_selector("#name:text('Morel')")
    await till.page.click(".tabs__n :text('Cartes')")
    await till.page.wait_for_selector(".sect--cards :text('2900048888')")


async def test_an_edit_elsewhere_never_takes_the_form_away_and_both_are_kept(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}/modifier")
    await till.page.fill("#f-city", "Rezé")
    await change_elsewhere(till, id_, email="elsewhere@example.org")
    await till.page.wait_for_selector("[data-stale] .stale")
    assert await till.page.input_value("#f-city") == "Rezé"
    await till.page.keyboard.press("Enter")
    await till.page.wait_for_selector("#fault-t")
    await till.page.click(".act .btn--primary")
    await till.shows("record")
    after = await stored(till, id_)
    assert after.address is not None
    assert (after.address.city, after.email) == ("Rezé", "elsewhere@example.org")


async def test_an_edit_elsewhere_is_seen_on_the_record_at_once(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}?section=notes")
    await change_elsewhere(till, id_, email="elsewhere@example.org")
    await till.page.wait_for_selector(":text('elsewhere@example.org')")
    await till.page.fill("#note-x", "à rap")
    await change_elsewhere(till, id_, email="again@example.org")
    await till.page.wait_for_selector("[data-stale] .stale")
    assert await till.page.input_value("#note-x") == "à rap"


async def test_the_badge_is_asked_for_by_a_key_and_its_fate_is_asked_of_the_operator(till: Screen) -> None:
    await sophie(till.counter)
    await till.scan(CARD)
    await till.shows("record")
    await till.page.keyboard.press("F6")
    await till.page.wait_for_selector("#job :text('Attend l’imprimante')")
    till.prints.interrupt()
    till.counter.live.publish("print_job", {"id": "x", "customer": None})
    await till.page.wait_for_selector("#job :text('Le badge est-il sorti')")
    await till.page.click("#job [value=came_out]")
    await till.page.wait_for_selector("#job :text('Imprimé')")
    assert len(till.prints.faces) == 1


async def test_a_daemon_that_is_gone_is_covered_within_two_seconds_and_all_comes_back(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}/modifier")
    await till.page.fill("#f-city", "Rezé")
    await till.stop()
    gone = time.perf_counter()  # how long a person waits
    await till.page.wait_for_selector("#lost[open]")
    assert time.perf_counter() - gone < 2.5
    await change_elsewhere(till, id_, email="meanwhile@example.org")
    await till.start()
    await till.page.wait_for_selector("#lost:not([open])", state="attached")
    await till.page.wait_for_selector("[data-stale] .stale")
    assert await till.page.input_value("#f-city") == "Rezé"
    await till.page.click(".act .btn--primary")
    await till.page.wait_for_selector("#fault-t")
    assert await till.page.input_value("#f-email") == "meanwhile@example.org"


async def test_a_daemon_that_hangs_is_noticed_by_its_silence(tmp_path: Path, look: Looking) -> None:
    async with open_counter(tmp_path) as counter, look(counter, limits=Limits(heartbeat_s=60)) as till:
        await counter.hire("Nolwenn", pin=PIN, role=Role.CASHIER)
        await till.open()
        hung = time.perf_counter()  # how long a person waits
        await till.page.wait_for_selector("#lost[open]")
        assert time.perf_counter() - hung < 3
        counter.live.publish("refetch", {"reason": "missed"})
        await till.page.wait_for_selector("#lost:not([open])", state="attached")


async def test_a_scan_that_comes_while_the_page_is_on_its_way_is_not_lost(till: Screen) -> None:
    id_ = await sophie(till.counter)

    async def scan_before_it_listens(route: Route) -> None:
        await till.scan(CARD)
        await route.continue_()

    await till.page.route("**/live.*.js", scan_before_it_listens)
    await till.page.route("**/live.js*", scan_before_it_listens)
    await till.open("/etat")
    await till.shows("record")
    assert id_ in till.page.url


@pytest.mark.feature("A4.2")
@pytest.mark.parametrize("identifier", ["", "]C0"])
async def test_a_scanner_that_types_into_the_page_is_heard_while_no_field_wants_it(
    till: Screen, identifier: str
) -> None:
    id_ = await sophie(till.counter)
    await till.open("/etat")
    await till.page.wait_for_selector("[data-live]")
    await press(till, [{"key": sign, "code": _code_of(sign), "text": sign} for sign in identifier + CARD])
    await till.shows("record")
    assert id_ in till.page.url


def _code_of(sign: str) -> str:
    return f"Digit{sign}" if sign.isdecimal() else f"Key{sign.upper()}" if sign.isalpha() else "BracketRight"


async def press(till: Screen, keys: Sequence[dict[str, Any]]) -> None:
    """These keys and Enter as from a scanner, 2 ms after each other, however late a busy Chromium comes to them."""
    session = await till.page.context.new_cdp_session(till.page)
    began_s = SystemClock().now_ms() / 1000
    for at, key in enumerate((*keys, {"key": "Enter", "code": "Enter", "text": "\r"})):
        when = {"type": "keyDown", "timestamp": began_s + at * 0.002}
        await session.send("Input.dispatchKeyEvent", when | key)


@pytest.mark.feature("A4.2")
@pytest.mark.parametrize(("shown", "shift"), [("&é\"'(-è_çà", False), ("1234567890", True), ("1234567890", False)])
async def test_the_digits_of_a_scanner_are_heard_whatever_keyboard_the_till_believes_to_have(
    till: Screen, shown: str, shift: bool
) -> None:
    id_ = await sophie(till.counter)
    await till.open("/etat")
    await till.page.wait_for_selector("[data-live]")
    signs = dict(zip("1234567890", shown, strict=True))
    modifiers = 8 if shift else 0
    await press(
        till,
        [{"key": signs[at], "code": f"Digit{at}", "text": signs[at], "modifiers": modifiers} for at in CARD],
    )
    await till.shows("record")
    assert id_ in till.page.url


@pytest.mark.feature("B2.2")
async def test_enter_in_the_form_asks_again_and_never_makes_a_second_customer(till: Screen) -> None:
    await sophie(till.counter)
    await till.open("/clients/nouveau")
    typed = {"first_name": "Luc", "last_name": "Lefebvre", "mobile": "0639981234", "email": "l@example.org"}
    for name, value in typed.items():
        await till.page.fill(f"#f-{name}", value)
    for _ in range(2):
        await till.page.press("#f-last_name", "Enter")
        await till.page.wait_for_selector("#known-t")
        await till.page.wait_for_selector("body:not([data-busy])")
    assert "Luc" not in [hit.customer.first_name for hit in (await till.counter.desks.lookup.search("lefebvre")).hits]
    await till.page.click("[name=even_if_known]")
    await till.shows("record")


async def test_what_a_hand_types_is_no_scan(till: Screen) -> None:
    await sophie(till.counter)
    await till.open("/etat")
    await till.page.wait_for_selector("[data-live]")
    await till.page.keyboard.type(CARD[:8], delay=70)
    await till.page.keyboard.press("Shift")
    await asyncio.sleep(0.3)
    await till.shows("condition")


@pytest.mark.feature("A4.1", "F2.1")
async def test_a_scanned_badge_logs_in_and_changes_the_operator(till: Screen) -> None:
    await till.counter.hire("Yann", badge="OP-YANN")
    await till.scan("OP-YANN")
    await till.page.wait_for_selector("#state :text('Yann')")
    await till.page.click(".who")
    await till.shows("log_in")
    await till.page.wait_for_selector("[data-live]")
    await till.scan("OP-NOLWENN")
    await till.shows("ready")
    assert "Nolwenn" in await till.text("#state")


async def test_what_was_typed_stands_in_the_form_again_after_the_session_ran_out(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}/modifier")
    await till.page.fill("#f-city", "Rezé")
    till.counter.clock.at_ms += 13 * 3_600_000
    await till.page.click(".act .btn--primary")
    await till.shows("log_in")
    await till.scan("OP-NOLWENN")
    await till.shows("edit")
    assert await till.page.input_value("#f-city") == "Rezé"
    await till.page.click(".act .btn--primary")
    await till.shows("record")
    after = (await stored(till, id_)).address
    assert after is not None
    assert after.city == "Rezé"


async def test_the_sale_that_the_till_software_posts_leaves_the_ready_page(till: Screen) -> None:
    visits, call = till.counter.desks.visits, till.counter.call()
    assert visits is not None
    id_ = await sophie(till.counter)
    await till.scan(CARD)
    await till.shows("record")
    await till.page.click(".act .btn--primary")
    await till.page.wait_for_selector(".sale__n:text('Sophie')")
    (visit,) = await visits.open_ones()
    assert visit.customer.id == id_
    await visits.post(call, EntityId(bytes.fromhex(visit.id)))
    await till.page.wait_for_selector(".sale__n:text('Client de passage')")


async def test_nothing_of_a_customer_stays_in_the_browser(till: Screen) -> None:
    await sophie(till.counter)
    await till.scan(CARD)
    await till.shows("record")
    kept = await till.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "Lef" not in kept
    assert "comptoir_session" not in kept
    await till.page.click(".who")
    await till.shows("log_in")
    assert "Lefèvre" not in await till.page.content()
