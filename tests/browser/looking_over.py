"""What is wrong with a screen that is shown: said in one line each, with its place."""

from importlib.resources import files
from typing import Any, Final

from playwright.async_api import Page

AXE: Final = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET_PX: Final = 44
NODES_MAX: Final = 700

_SHOWN = "it.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !it.closest('[inert]')"

LAID_OUT: Final = (
    """([least, most]) => {
  const found = [], of = (it) => it.outerHTML.replace(/\\s+/g, ' ').slice(0, 100), root = document.documentElement
  const modal = document.querySelector('dialog[open]')
  const rolled = (it, y) => it && (/auto|scroll/.test(getComputedStyle(it).overflowY)
    && (y < it.getBoundingClientRect().top || y > it.getBoundingClientRect().bottom) || rolled(it.parentElement, y))
  const shown = (it) => (!modal || modal.contains(it)) && """
    + _SHOWN
    + """
  const scrolls = (it) => it && (/auto|scroll/.test(getComputedStyle(it).overflowX) || scrolls(it.parentElement))
  if (root.scrollWidth > innerWidth) found.push(`${root.scrollWidth} px wide on a screen of ${innerWidth}`)
  const nodes = document.querySelectorAll('*').length
  if (nodes > most) found.push(`${nodes} nodes`)
  for (const it of document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,[role=option]')) {
    if (!shown(it) || it.matches('.skip')) continue
    const box = (/radio|checkbox/.test(it.type) ? it.labels[0] : it).getBoundingClientRect()
    if (box.height < least - 0.5 || box.width < least - 0.5) found.push(`small ${of(it)} ${box.width} x ${box.height}`)
    const x = box.x + box.width / 2, y = box.y + box.height / 2, over = document.elementFromPoint(x, y)
    if (over && !rolled(it, y) && !over.closest('.act,.bar,#notice') && !it.closest('dialog')
      && !it.contains(over) && !over.contains(it) && !over.closest('label')?.contains(it))
      found.push(`covered ${of(it)} by ${of(over)}`)
  }
  const range = document.createRange()
  for (const it of document.querySelectorAll('body *')) {
    if (it.closest('svg,.skip,template') || !shown(it) || getComputedStyle(it).clipPath === 'inset(50%)') continue
    for (const text of it.childNodes) {
      if (text.nodeType !== 3 || !text.nodeValue.trim()) continue
      range.selectNodeContents(text)
      const box = range.getBoundingClientRect()
      if (!box.width) continue
      const btn = it.closest('.btn'), own = btn?.getBoundingClientRect()
      if (own && (box.left < own.left || box.right > own.right || box.top < own.top || box.bottom > own.bottom))
        found.push(`spills ${of(btn)}`)
      if ((box.left < -1 || box.right > innerWidth + 1) && !scrolls(it)) found.push(`beside the screen ${of(it)}`)
      for (let around = it; around !== root; around = around.parentElement) {
        const style = getComputedStyle(around), edge = around.getBoundingClientRect()
        if (/hidden|clip/.test(style.overflowX) && (box.right > edge.right + 1 || box.left < edge.left - 1)
          || /hidden|clip/.test(style.overflowY) && (box.bottom > edge.bottom + 2 || box.top < edge.top - 2)) {
          found.push(`cut off ${of(it)}`)
          break
        }
      }
    }
  }
  return [...new Set(found)]
}"""
)

REACHABLE: Final = (
    """() => [...document.querySelectorAll('a[href],button,input,select,textarea,[tabindex="0"]')].filter((it) =>
  """
    + _SHOWN.replace("{opacityProperty: true, visibilityProperty: true}", "{visibilityProperty: true}")
    + """ && !it.disabled && it.type !== 'hidden' && !(it.type === 'radio' && (!it.form || [...it.form.elements]
    .some((other) => other !== it && other.name === it.name && other.type === 'radio'
      && (other.checked || !it.checked && other.compareDocumentPosition(it) & 4)))))
  .map((it, at) => { it.walked = String(at); return it.outerHTML.slice(0, 100) })"""
)

FOCUSED: Final = """() => {
  const it = document.activeElement
  if (it === document.body) return null
  const marked = [it, it.nextElementSibling, it.parentElement].some((one) => {
    const style = one && getComputedStyle(one)
    return style && (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none')
  })
  return [it.walked ?? '', marked ? '' : it.outerHTML.slice(0, 100)]
}"""


UNSTUCK: Final = """async (tags) => {
  const bar = document.querySelector('#act')
  if (bar) bar.style.position = 'static'
  const found = await axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false})
  if (bar) bar.style.position = ''
  return found.violations
}"""
"""What lies under the bar of actions is scrolled to, and no smaller for that."""


async def laid_out(page: Page, name: str) -> list[str]:
    """What is too small, covered, cut off or beside the screen."""
    await page.evaluate("document.querySelectorAll('.toast').forEach((it) => it.remove())")
    return [f"{name}: {fault}" for fault in await page.evaluate(LAID_OUT, [TARGET_PX, NODES_MAX])]


async def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with what is shown: laid out badly, or against a rule of WCAG 2.2 AA."""
    found: list[str] = []
    if not await page.evaluate("!!window.axe"):
        await page.evaluate(AXE)
    violations: list[dict[str, Any]] = await page.evaluate(
        UNSTUCK,
        RULES,
    )
    for violation in violations:
        where = [f"{node['target']} {node['failureSummary']}" for node in violation["nodes"][:3]]
        found.append(f"{name}: {violation['id']} {violation['help']} {where}")
    return [*found, *await laid_out(page, name)]


async def walked(page: Page, name: str) -> list[str]:
    """What the Tab key does not reach, or reaches without a mark that is seen.

    What is to be reached is marked on the elements themselves, not in their attributes: a push that comes meanwhile
    makes the page like a newer one, which has no such attributes.
    """
    there: list[str] = await page.evaluate(REACHABLE)
    count = len(there)
    await page.evaluate("document.activeElement.blur()")
    reached: set[str] = set()
    unmarked: list[str] = []
    for _ in range(count + 4):
        await page.keyboard.press("Tab")
        focus = await page.evaluate(FOCUSED)
        if focus is None:
            continue
        if focus[0] in reached and len(reached) >= count:
            break
        reached.add(focus[0])
        unmarked += [f"{name}: focus is not seen on {focus[1]}"] if focus[1] else []
    lost = [html for at, html in enumerate(there) if str(at) not in reached]
    return [*dict.fromkeys(unmarked), *(f"{name}: the Tab key does not reach {one}" for one in lost)]
