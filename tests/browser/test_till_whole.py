"""What is promised of every screen of the till, in a real browser: zoom, still pictures, the till software, scans."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.price_lists import ProductEdit
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import Screen
from tests.browser.looking_over import LAID_OUT, TARGET_PX
from tests.browser.stage import staged
from tests.browser.states import STATES, people_of, regular
from tests.browser.test_till_screens import sophie
from tests.examples.till_software import TillSoftware
from tests.fakes.people import CARD
from tests.fakes.products import stocked

pytestmark = pytest.mark.needs("chromium")

ZOOMED: list[str] = [
    "ready", "search", "search, nobody", "record", "record, wishes", "record, terms", "record, points", "benefits",
    "history", "alert", "create", "till status", "settings",
]  # fmt: skip


@pytest.mark.feature("F1.4")
async def test_zoomed_to_200_percent_nothing_is_cut_off_and_nothing_lies_beside_the_screen(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path, people_of) as stage:
        till = stage.screen
        await till.log_in()
        await till.page.set_viewport_size({"width": 640, "height": 400})
        faults = []
        for name in ZOOMED:
            await STATES[name](stage)
            await till.page.evaluate("document.querySelectorAll('.toast').forEach((it) => it.remove())")
            found = await till.page.evaluate(LAID_OUT, [TARGET_PX, 700])
            faults += [f"{name}: {one}" for one in found if not one.startswith("covered")]
    assert not faults, "\n".join(faults)


@pytest.mark.feature("F1.4")
async def test_who_wants_no_motion_sees_none(till: Screen) -> None:
    await till.page.keyboard.press("F2")
    moving = await till.page.evaluate("""() => {
      document.body.dataset.busy = ''
      const all = [document.body, ...document.querySelectorAll('*')]
      const still = (it, kind) => getComputedStyle(it, kind)
      return all.filter((it) => ['', '::before'].some((kind) =>
        still(it, kind).animationName !== 'none' || parseFloat(still(it, kind).transitionDuration) > 0)).length
    }""")
    assert moving == 0


@pytest.mark.feature("A7.1", "F1.2")
async def test_choosing_on_the_page_reaches_the_till_software_which_asks_what_applies_and_posts_the_sale(
    till: Screen,
) -> None:
    counter = till.counter
    await stocked(counter, "410001", ProductEdit(label="Sécateur", price_cents=4990, vat=2000))
    id_ = await sophie(counter)
    software = TillSoftware(till.url, await counter.token(Role.APPLICATION, "caisse"))
    waiting = asyncio.get_running_loop().run_in_executor(None, software.chosen_on_the_page)
    await asyncio.sleep(0.3)
    await till.scan(CARD)
    await till.shows("record")
    await till.page.click(".act .btn--primary")
    await till.shows("ready")
    visit: Any = await waiting
    assert visit["customer"]["id"] == id_
    applies: Any = await asyncio.to_thread(software.applies, visit, [{"product": "410001"}])
    assert applies["total"] == 4990
    line = {"product": "410001", "label": "Sécateur", "amount": applies["lines"][0]["amount"]}
    posted: Any = await asyncio.to_thread(lambda: software.post(visit, {"lines": [line]}, key="t-1"))
    assert posted["state"] == "posted"
    await till.page.wait_for_selector(".sale__n:text('Client de passage')")
    assert (await counter.desks.revenue.revenue(EntityId(bytes.fromhex(id_)))).total == 4990


@pytest.mark.feature("F1.2")
async def test_an_article_scanned_on_the_wish_list_adds_a_row_and_one_touch_takes_it_back(till: Screen) -> None:
    await stocked(till.counter, "3760001000016", ProductEdit(label="Sécateur", price_cents=4990))
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}?section=wishes")
    await till.scan("3760001000016")
    await till.page.wait_for_selector(".sect--wishes :text('Sécateur')")
    await till.page.click(".sect--wishes .btn--icon")
    await till.page.wait_for_selector(".sect--wishes :text('Sécateur')", state="detached")
    await till.page.click("#word .btn")
    await till.page.wait_for_selector(".sect--wishes :text('Sécateur')")


@pytest.mark.feature("F1.2")
async def test_a_wish_that_is_added_to_the_sale_reaches_the_till_software(till: Screen) -> None:
    counter = till.counter
    await stocked(counter, "3760001000016", ProductEdit(label="Sécateur", price_cents=4990))
    id_ = await sophie(counter)
    await till.open(f"/clients/{id_}?section=wishes")
    await till.scan("3760001000016")
    await till.page.wait_for_selector(".sect--wishes :text('Sécateur')")
    software = TillSoftware(till.url, await counter.token(Role.APPLICATION, "caisse"))
    waiting = asyncio.get_running_loop().run_in_executor(None, software.article_asked)
    await asyncio.sleep(0.3)
    await till.page.click(".sect--wishes :text('Ajouter à la vente')")
    asked: Any = await waiting
    assert (asked["product"], asked["label"], asked["customer"]) == ("3760001000016", "Sécateur", id_)
    await till.page.wait_for_selector("#word :text('demandé à la vente')")
    await till.page.wait_for_selector(".record__id :text('Dans la vente')")


@pytest.mark.feature("F1.4")
async def test_the_keys_of_the_till_lead_on_from_every_screen(till: Screen) -> None:
    id_ = await sophie(till.counter)
    for where, key, shows in (
        (f"/clients/{id_}", "F4", "edit"),
        ("/etat", "F4", "edit"),
        (f"/clients/{id_}/historique", "F8", "tickets"),
        ("/clients?q=lef", "F8", "tickets"),
        (f"/clients/{id_}", "F3", "edit"),
        (f"/clients/{id_}", "Escape", "ready"),
    ):
        await till.open(where)
        await till.page.keyboard.press(key)
        await till.shows(shows)


@pytest.mark.feature("C2.3")
async def test_a_credit_note_is_spent_in_part_on_the_pad(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await regular(till.counter, EntityId(bytes.fromhex(id_)))
    await till.open(f"/clients/{id_}")
    await till.page.click(".label:nth-child(2) .btn")
    await till.page.wait_for_selector("#amount:focus")
    await till.page.fill("#amount", "")
    for key in ("1", "0", ",", "5", "0"):
        await till.page.click(f'.pad [data-pad="{key}"]')
    await till.page.keyboard.press("Enter")
    await till.page.wait_for_selector(".label:nth-child(2) :text('10,50')")


async def test_a_reload_in_the_middle_of_anything_shows_the_same_again(till: Screen) -> None:
    id_ = await sophie(till.counter)
    for path in (f"/clients/{id_}?section=wishes", "/clients?q=lef", f"/clients/{id_}/historique?quoi=fiche"):
        await till.open(path)
        before = await till.text("#main")
        await till.page.reload()
        await till.page.wait_for_selector("[data-live]")
        assert await till.text("#main") == before


async def test_a_page_that_is_opened_is_asked_for_once(till: Screen) -> None:
    id_ = await sophie(till.counter)
    asked: list[str] = []
    till.page.on("request", lambda request: asked.append(request.url) if "/clients/" in request.url else None)
    await till.open(f"/clients/{id_}")
    await asyncio.sleep(0.5)
    assert len(asked) == 1, "what came while it was on its way is told by the events"
