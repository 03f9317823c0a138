"""Every screen of the till beside the picture of it that is kept: what nobody meant to change has not changed.

Pictures are half as large as the screen and grey, in `pictures/`, for one version of Chromium each; with another one
the difference is told and nothing fails. After a change that was meant: `COMPTOIR_PICTURES=keep pytest` with this
file, and look at them.
"""

import io
import os
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Page

from tests.browser.conftest import SIZES, Looking
from tests.browser.states import ONLINE, STATES, Stage, people_of
from tests.fakes.counter import open_counter
from tests.fakes.print_room import FakePrintRoom

pytestmark = pytest.mark.needs("chromium")

PICTURES: Final = Path(__file__).with_name("pictures")
DRAWN: Final = (
    "ready", "search", "search, nobody", "record", "record, wishes", "record, terms", "record, points",
    "record, offline", "record, bare", "alert", "create", "till status", "settings",
)  # fmt: skip
GREYS: Final = 16
FAR: Final = 48
"""So far apart, of 255, two greys are not the same any more."""
SHARE_MAX: Final = 0.002

STILL: Final = """() => {
  for (const it of document.querySelectorAll('[data-clock]')) it.textContent = '08:53'
  for (const it of document.querySelectorAll('.toast')) it.remove()
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const text = walk.currentNode.nodeValue
    walk.currentNode.nodeValue = text.replace(/A012\\d{6}[0-9A-Z]{4}/, 'A0120000010000').replace(/\\d+ Go/, '74 Go')
  }
  document.activeElement?.blur()
}"""
"""What is another at each run: the time, the tails of codes, the room on the disk, the blinking caret."""


@pytest.mark.feature("F1.4")
@pytest.mark.parametrize("size", SIZES)
async def test_no_screen_has_changed_that_nobody_meant_to_change(tmp_path: Path, look: Looking, size: str) -> None:
    prints, link = FakePrintRoom(), [ONLINE]
    async with (
        open_counter(tmp_path, prints=prints) as counter,
        look(counter, size=size, prints=prints, link=lambda: link[0]) as till,
    ):
        stage = Stage(till, link, await people_of(counter))
        await till.open()
        await till.log_in()
        version = till.page.context.browser.version.partition(".")[0] if till.page.context.browser else "0"
        changed = []
        for name in DRAWN:
            await STATES[name](stage)
            changed += _changed(
                await _picture(till.page), f"{name.replace(', ', '-').replace(' ', '-')}-{size}", version
            )
            link[0] = ONLINE
    if changed and not (PICTURES / f"chromium-{version}").exists():
        pytest.skip(f"pictures are kept of another Chromium: {changed}")
    assert not changed, "\n".join(changed)


async def _picture(page: Page) -> Image.Image:
    await page.evaluate(STILL)
    shot = Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide"))).convert("L")
    return shot.resize((shot.width // 2, shot.height // 2), Image.Resampling.BOX)


def _changed(shot: Image.Image, name: str, version: str) -> list[str]:
    """One line where the screen is another than its picture; with COMPTOIR_PICTURES=keep, keep it instead."""
    kept = PICTURES / f"chromium-{version}" / f"{name}.png"
    if os.environ.get("COMPTOIR_PICTURES") == "keep":
        kept.parent.mkdir(parents=True, exist_ok=True)
        shot.quantize(GREYS).save(kept, optimize=True)
        return []
    if not kept.exists():
        return [f"{name}: no picture is kept"]
    before = Image.open(kept).convert("L")
    if before.size != shot.size:
        return [f"{name}: {shot.size} in place of {before.size}"]
    apart = ImageChops.difference(before, shot.quantize(GREYS).convert("L")).histogram()
    share = sum(apart[FAR:]) / (shot.width * shot.height)
    return [f"{name}: {share:.2%} of it has changed"] if share > SHARE_MAX else []
