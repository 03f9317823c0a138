"""Every screen, in three sizes and two languages: axe, touch targets, nothing cut off, nothing beside the screen."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain.role import Role
from tests.browser.conftest import SIZES, Looking, Screen
from tests.fakes.counter import HUB, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known, sophie
from tests.fakes.print_room import FakePrintRoom
from tests.web.test_office_page import SILENT, FakeRoster
from tests.web.test_office_page import till as till_shown

pytestmark = pytest.mark.needs("chromium")

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET_PX = 44
NODES_MAX = 700

SMALL_TARGETS = """(least) => [...document.querySelectorAll('a[href],button,input:not([type=hidden]),[role=option]')]
  .filter((it) => it.offsetParent && getComputedStyle(it).opacity !== '0' && !it.matches('.skip'))
  .map((it) => [it, (/radio|checkbox/.test(it.type) ? it.labels[0] : it).getBoundingClientRect()])
  .filter(([it, box]) => box.height < least - 0.5 || box.width < 24)
  .map(([it, box]) => `${it.outerHTML.slice(0, 90)} ${box.width} x ${box.height}`)"""

CUT_OFF = """() => [...document.querySelectorAll('h1,h2,p,b,dd,dt,label,.btn,.chip,td,th,li')]
  .filter((it) => it.offsetParent && !it.closest('.vh,.scroll') && getComputedStyle(it).overflow !== 'visible')
  .filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.outerHTML.slice(0, 90))"""


async def faults_of(screen: Screen, name: str) -> list[str]:
    """What is wrong with the screen that is shown, each with its place."""
    page = screen.page
    await page.evaluate("document.querySelectorAll('.toast').forEach((it) => it.remove())")
    found: list[str] = []
    width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if width[0] > width[1]:
        found.append(f"{name}: {width[0]} px wide on a screen of {width[1]}")
    found += [f"{name}: small target {one}" for one in await page.evaluate(SMALL_TARGETS, TARGET_PX)]
    found += [f"{name}: cut off {one}" for one in await page.evaluate(CUT_OFF)]
    nodes = await page.evaluate("document.querySelectorAll('*').length")
    if nodes > NODES_MAX:
        found.append(f"{name}: {nodes} nodes")
    await page.evaluate(AXE)
    result: dict[str, Any] = await page.evaluate("(tags) => axe.run(document, {runOnly: tags})", RULES)
    for violation in result["violations"]:
        where = [f"{node['target']} {node['failureSummary']}" for node in violation["nodes"][:3]]
        found.append(f"{name}: {violation['id']} {violation['help']} {where}")
    return found


@pytest.mark.feature("F1.3", "F1.4")
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_of_the_till_can_be_used_by_everybody(
    tmp_path: Path, look: Looking, size: str, lang: str
) -> None:
    prints = FakePrintRoom()
    offline = LinkShown(online=False, since="2025-10-09T06:05:00Z")
    async with (
        open_counter(tmp_path, prints=prints) as counter,
        look(counter, size=size, prints=prints, link=lambda: offline) as till,
    ):
        await counter.choose_walk_in()
        for name in ("Nolwenn", "Marie-Antoinette de La Rochefoucauld"):
            await counter.hire(name, pin=PIN, role=Role.CASHIER)
        id_ = await sophie(counter, last_name="de La Rochefoucauld-Montmorency", tags=("VIP", "Jardin", "Pro"))
        for number in range(25):
            await known(counter, first_name="Sophie", last_name=f"Lefebvre{number}", email=f"s{number}@example.org")
        await till.open(lang=lang)
        faults = await faults_of(till, "log_in")
        await till.log_in(lang=lang)
        faults += await faults_of(till, "ready")
        for name, path in (
            ("search", "/clients?q=soph"),
            ("nobody", "/clients?q=kerouedan"),
            ("record", f"/clients/{id_}"),
            ("edit", f"/clients/{id_}/modifier"),
            ("edit", "/clients/nouveau"),
            ("condition", "/etat"),
        ):
            await till.page.goto(f"{till.url}/caisse{path}")
            await till.page.wait_for_selector("[data-live]")
            faults += await faults_of(till, f"{name} {path[:16]}")
        await till.page.fill("#q", "rochef")
        await till.page.wait_for_selector("#hits mark")
        await till.scan(CARD)
        await till.shows("record")
        await till.page.keyboard.press("F6")
        await till.page.wait_for_selector("#job")
        prints.interrupt()
        counter.live.publish("print_job", {})
        await till.page.wait_for_selector(".job--unknown")
        await till.scan("2900049999")
        await till.page.wait_for_selector(".notice--unknown")
        faults += await faults_of(till, "record, unknown card, badge")
        await till.page.keyboard.press("F3")
        await till.shows("edit")
        await till.page.fill("#f-email", "x@")
        await till.page.click(".act .btn--primary")
        await till.page.wait_for_selector("[aria-invalid]")
        faults += await faults_of(till, "edit, wrong")
    assert not faults, "\n".join(faults)


@pytest.mark.feature("F1.4")
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_of_head_office_can_be_used_by_everybody(tmp_path: Path, look: Looking, size: str) -> None:
    tills = (till_shown(12, behind=610, clock_ahead_ms=95_000), till_shown(13, heard_at=None, **SILENT))
    async with (
        open_counter(tmp_path, **HUB) as counter,
        look(counter, size=size, roster=FakeRoster(tills), link=lambda: LinkShown(online=True)) as office,
    ):
        await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        id_ = await sophie(counter)
        faults = []
        await office.log_in("Jeanne")
        for name, path in (
            ("fleet", ""),
            ("search", "/clients?q=soph"),
            ("record", f"/clients/{id_}"),
            ("edit", f"/clients/{id_}/modifier"),
        ):
            await office.page.goto(f"{office.url}/siege{path}")
            await office.page.wait_for_selector("[data-live]")
            faults += await faults_of(office, name)
    assert not faults, "\n".join(faults)
