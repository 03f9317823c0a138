"""Every screen of the till beside the picture of it that is kept: what nobody meant to change has not changed.

Pictures are half as large as the screen and of few colours, in `pictures/`, for one version of Chromium each; beside
another version nothing is compared, and the test says so. After a change that was meant: `COMPTOIR_PICTURES=keep
pytest` with the tests of the screens, and look at them.

All states are kept at 1280 x 800 in French; the screens of every day also on the other two sizes, and in English. What
another machine would paint otherwise is taken out before: the page brings its typeface, Chromium neither hints nor
colours the edges of letters (`STEADY`), half the size blurs what is left, and a tone may differ by `FAR`.
"""

import io
import os
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops
from playwright.async_api import Page

PICTURES: Final = Path(__file__).with_name("pictures")
MAIN: Final = frozenset(
    {
        "log-in", "ready", "ready, attached", "search", "search, nobody", "record", "record, wishes", "record, terms",
        "record, points", "record, offline", "record, bare", "record, disagreement", "record, contact", "benefits",
        "history", "alert", "alert, blocked", "badge", "edit", "create, known", "block, customer",
        "till status, offline", "settings", "on hold", "ticket, layaway",
    }
)  # fmt: skip
"""What a cashier meets every day."""

STEADY: Final = ("--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb")
COLOURS: Final = 40
FAR: Final = 48
"""So far apart, of 255, two tones are not the same any more."""
SHARE_MAX: Final = 0.002

STILL: Final = """() => {
  for (const it of document.querySelectorAll('[data-clock]')) it.textContent = '08:53'
  for (const it of document.querySelectorAll('.toast')) it.remove()
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const it = walk.currentNode, text = it.nodeValue
    const still = text.replace(/A012\\d{6}[0-9A-Z]{4}/g, 'A0120000010000').replace(/…[0-9A-Z]{5}/g, '…10000')
      .replace(/\\bB[0-9A-Z]{11}\\b/g, 'B00000000000').replace(/\\d+( | )(Go|GB)/, '74$1$2')
    if (still !== text) it.nodeValue = still
  }
  document.activeElement?.blur()
  scrollTo(0, 0)
}"""
"""What is another at each run: the time, the tails of codes, the room on the disk, the blinking caret."""


def is_kept(name: str, size: str, lang: str) -> bool:
    """Whether there is a picture of this screen, of this size, in this language."""
    return (size, lang) == ("M", "fr") or (name in MAIN and (size, lang) in {("S", "fr"), ("L", "fr"), ("M", "en")})


def file_of(name: str, size: str, lang: str) -> str:
    """`record-offline-M.png`, `record-M-en.png`."""
    return f"{name.replace(', ', '-').replace(' ', '-')}-{size}{'' if lang == 'fr' else f'-{lang}'}.png"


async def picture_faults(page: Page, name: str, size: str, lang: str) -> list[str]:
    """One line where the screen is another than its picture; with COMPTOIR_PICTURES=keep, it is kept instead."""
    browser = page.context.browser
    assert browser is not None
    folder = PICTURES / f"chromium-{browser.version.partition('.')[0]}"
    keeps = os.environ.get("COMPTOIR_PICTURES") == "keep"
    if not is_kept(name, size, lang) or not (keeps or folder.exists()):
        return []
    kept = folder / file_of(name, size, lang)
    shot = await picture(page)
    if keeps:
        folder.mkdir(parents=True, exist_ok=True)
        few(shot).save(kept, optimize=True)
        return []
    if not kept.exists():
        return [f"{kept.name}: no picture is kept"]
    share = apart(Image.open(kept).convert("RGB"), shot)
    return [f"{kept.name}: {share:.2%} of it has changed"] if share > SHARE_MAX else []


async def picture(page: Page) -> Image.Image:
    """The screen as it is shown now, half as large."""
    await page.evaluate(STILL)
    shot = Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    return shot.resize((shot.width // 2, shot.height // 2), Image.Resampling.BOX)


def few(shot: Image.Image) -> Image.Image:
    """The same in few colours."""
    return shot.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def apart(before: Image.Image, after: Image.Image) -> float:
    """The share of the screen that is not the same; all of it where the size differs."""
    if before.size != after.size:
        return 1.0
    channels = ImageChops.difference(before, few(after).convert("RGB")).split()
    farthest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return sum(farthest.histogram()[FAR:]) / (after.width * after.height)
