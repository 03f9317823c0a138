"""The till's screens in a slowed Chromium: what they weigh, when they are painted, whether they grow.

Each figure stands beside its budget. The processor is slowed in the page only, four times for a till of some years,
six times for the first paint; the daemon runs at full speed beside it. Without Chromium a line says so.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from playwright.async_api import CDPSession

from daemon.clock import SystemClock
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from daemon.web.static_files import load_static
from tests.bench.figures import percentile
from tests.browser.conftest import Screen, looking
from tests.browser.states import regular
from tests.fakes.counter import Counter, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known, sophie
from tests.programs import find_program

CUSTOMERS: Final = 300
TYPED: Final = ("sophie lef", "martin", "lefebvre 12", "c0120", "soph")
SCANS: Final = 40
PUSHES: Final = 2_000
OTHER_CARD: Final = "2900000001"

WATCH: Final = """() => {
  window.painted = []
  const settled = () => requestAnimationFrame(() => setTimeout(() => window.painted.push(Date.now())))
  new MutationObserver(settled).observe(document.querySelector('#main'),
    {childList: true, subtree: true, attributes: true, characterData: true})
}"""
QUIET: Final = """async () => {
  for (const until = Date.now() + 1500; Date.now() < until; await new Promise((on) => setTimeout(on, 10)))
    if (window.painted.length && Date.now() - window.painted.at(-1) > 120) return window.painted[0]
  return 0
}"""
PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


async def _fill(counter: Counter) -> str:
    await counter.choose_walk_in()
    await counter.hire("Nolwenn", pin=PIN, role=Role.CASHIER)
    id_ = await sophie(counter, notes=())
    await regular(counter, EntityId(bytes.fromhex(id_)))
    await known(counter, first_name="Paul", last_name="Morel", cards=(OTHER_CARD,))
    for number in range(CUSTOMERS):
        await known(counter, first_name="Sophie", last_name=f"Lefebvre{number}", email=f"s{number}@example.org")
    return id_


async def _until_painted(screen: Screen, act: Callable[[], Awaitable[None]]) -> float | None:
    """Milliseconds until the first paint that an act led to, once the page is quiet; None: nothing was to paint."""
    await screen.page.evaluate("window.painted = []")
    began = SystemClock().now_ms()
    await act()
    painted: float = await screen.page.evaluate(QUIET)
    return max(painted - began, 0.0) if painted else None


async def _keys(screen: Screen) -> list[float]:
    found: list[float | None] = []
    for text in TYPED:
        await screen.open()
        await screen.page.evaluate(WATCH)
        await screen.page.focus("#q")
        found += [await _until_painted(screen, partial(screen.page.keyboard.type, letter)) for letter in text]
    return [one for one in found if one is not None]


async def _scans(screen: Screen) -> list[float]:
    await screen.open()
    await screen.page.evaluate(WATCH)
    cards = (OTHER_CARD, CARD) * (SCANS // 2)
    found = [await _until_painted(screen, partial(screen.scan, card)) for card in cards]
    return [one for one in found if one is not None]


async def _heap(screen: Screen, cdp: CDPSession, id_: str) -> tuple[float, float, int, int]:
    """MB before and after the pushes, and how many elements there were."""
    await screen.open(f"/clients/{id_}")

    async def size() -> tuple[float, int]:
        await cdp.send("HeapProfiler.collectGarbage")
        used = (await cdp.send("Runtime.getHeapUsage"))["usedSize"]
        nodes: int = await screen.page.evaluate("document.querySelectorAll('*').length")
        return used / 1e6, nodes

    for _ in range(50):
        screen.counter.live.publish("customer", {"id": id_})
        await asyncio.sleep(0.02)
    before, nodes = await size()
    for _ in range(PUSHES):
        screen.counter.live.publish("customer", {"id": id_})
        await asyncio.sleep(0.02)
    after, nodes_after = await size()
    return before, after, nodes, nodes_after


async def _measure(path: Path) -> None:
    async with open_counter(path) as counter, looking(counter) as screen:
        id_ = await _fill(counter)
        await screen.log_in()
        cdp = await screen.page.context.new_cdp_session(screen.page)
        first = []
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        for _ in range(7):
            await screen.open(f"/clients/{id_}")
            first.append(float(await screen.page.evaluate(PAINT)))
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        keys, scans = await _keys(screen), await _scans(screen)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        before, after, nodes, nodes_after = await _heap(screen, cdp, id_)
    print(f"  record: {nodes} elements (at most 700), first paint {percentile(first, 50):.0f} ms at 6x (at most 1 000)")
    print(f"  key to painted, 4x: p50 {percentile(keys, 50):.0f}, p95 {percentile(keys, 95):.0f} ms (at most 250)")
    print(f"  scan to painted, 4x: p50 {percentile(scans, 50):.0f}, p95 {percentile(scans, 95):.0f} ms (at most 300)")
    print(f"  {PUSHES:,} pushes: heap {before:.2f} to {after:.2f} MB, elements {nodes} to {nodes_after} (both flat)")


def measure() -> None:
    """Run it and print."""
    files = load_static().files
    style = sum(len(files[name]) for name in ("tokens.css", "ui.css", "till.css"))
    script = sum(len(body) for name, body in files.items() if name.endswith(".js"))
    print("screens: the till in Chromium")
    print(f"  script {script / 1024:.1f} KB (at most 20), style {style / 1024:.1f} KB (at most 25)")
    if find_program("chromium") is None:
        print("  no Chromium here: apt-get install chromium")
        return
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        asyncio.run(_measure(Path(name)))
