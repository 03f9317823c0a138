"""The morph of pages: whatever two pieces of a page are, the old one becomes the newer, and keeps what is there."""

import pytest
from playwright.async_api import async_playwright

from daemon.web.static_files import FOLDER
from tests.programs import find_program

pytestmark = pytest.mark.needs("chromium")

ROUNDS = 400

RANDOM_TREES = """([seed, rounds]) => {
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  const pick = (those) => those[Math.floor(random() * those.length)]
  const tree = (depth, ids) => {
    const it = document.createElement(pick(['p', 'div', 'li', 'b', 'input']))
    if (ids.length && random() < 0.4) it.id = ids.splice(Math.floor(random() * ids.length), 1)[0]
    if (random() < 0.4) it.className = pick(['a', 'b', 'a b'])
    if (random() < 0.2) it.setAttribute('data-on', pick(['x', 'y']))
    if (it.localName === 'input') { it.setAttribute('value', pick(['1', '2', ''])); return it }
    for (let n = Math.floor(random() * 4); n && depth; n--)
      it.append(random() < 0.3 ? pick(['un', 'deux', ' ']) : tree(depth - 1, ids))
    return it
  }
  const wrong = []
  for (let round = 0; round < rounds; round++) {
    const [old, fresh] = [0, 1].map(() => {
      const root = document.createElement('div')
      const ids = [...'abcdefgh']
      for (let n = 0; n < 3; n++) root.append(tree(4, ids))
      return root
    })
    document.body.replaceChildren(old)
    const before = old.outerHTML, wanted = fresh.cloneNode(true)
    morph(old, fresh)
    if (!old.isEqualNode(wanted)) wrong.push([before, wanted.outerHTML, old.outerHTML])
  }
  return wrong
}"""

KEEPS = """() => {
  document.body.innerHTML = '<ul id="l"><li id="a">un</li><li id="b"><input id="f" value="x"></li><li>3</li></ul>'
  const field = document.querySelector('#f'), list = document.querySelector('#l')
  field.focus()
  const newer = '<ul id="l"><li id="n">neuf</li><li id="b"><input id="f" value="y"></li></ul>'
  const fresh = new DOMParser().parseFromString(newer, 'text/html')
  morph(list, fresh.querySelector('#l'))
  return [document.activeElement === field, field.value, list.textContent, list.children.length]
}"""

STAYS_OPEN = """() => {
  document.body.innerHTML = '<div id="l"><details class="a"><summary>Détails</summary>un</details></div>'
  const list = document.querySelector('#l'), details = list.firstChild
  details.open = true
  const newer = '<div id="l"><details class="b"><summary>Détails</summary>deux</details></div>'
  morph(list, new DOMParser().parseFromString(newer, 'text/html').querySelector('#l'), true)
  return [list.firstChild === details, details.open, details.className, details.lastChild.nodeValue]
}"""


async def test_the_old_becomes_the_newer_and_the_focused_field_stays_the_same_one() -> None:
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(
            executable_path=find_program("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await chromium.new_page()
        await page.add_script_tag(content=(FOLDER / "morph.js").read_text("utf-8"))
        assert await page.evaluate(RANDOM_TREES, [7, ROUNDS]) == []
        assert await page.evaluate(KEEPS) == [True, "y", "neuf", 2]
        assert await page.evaluate(STAYS_OPEN) == [True, True, "b", "deux"]
        await chromium.close()
