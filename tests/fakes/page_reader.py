"""Reads the pages of a served counter as a person without scripts would: over HTTP, following every redirect."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from daemon.domain.role import Role
from daemon.web.office_page import office_pages
from daemon.web.parts import WebParts
from daemon.web.server import Listening, Served, build_app, serve
from daemon.web.static_files import load_static
from daemon.web.surface import Place
from daemon.web.till_page import till_pages
from tests.fakes.counter import Counter

PIN = "2580"
PLACE = Place(chain="Maison Kermarrec", shop="Nantes Crébillon", till="Caisse 2")
STATIC = load_static()


@dataclass(frozen=True)
class PageRead:
    """One page as it came."""

    status: int
    address: str
    html: str
    headers: Any

    @property
    def text(self) -> str:
        """What is to be read on it, in one line; scripts, styles and what is hidden left out."""
        shown = re.sub(r"<(template|dialog|title|script)\b.*?</\1>", " ", self.html, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).replace("\u202f", " ").split())

    @property
    def screen(self) -> str:
        return self.attribute("data-screen").split()[-1]

    def attribute(self, name: str) -> str:
        """The first value of an attribute."""
        found = re.search(rf'\b{name}="([^"]*)"', self.html)
        return html.unescape(found[1]) if found else ""

    def part(self, id_: str) -> str:
        """From the element with this id to the next region: enough to see what stands there."""
        return self.html.partition(f'id="{id_}"')[2].partition("data-region>")[2].partition("data-region")[0]

    def form(self, action: str) -> dict[str, str]:
        """The hidden and filled fields of the form with this action, as a browser would send them."""
        _, _, rest = self.html.partition(f'action="{action}"')
        assert rest, f"no form leads to {action}"
        fields: dict[str, str] = {}
        for tag in re.findall(r"<input\b[^>]*>", rest.partition("</form>")[0]):
            attributes = {name: html.unescape(value) for name, value in re.findall(r'([\w.-]+)="([^"]*)"', tag)}
            chosen = attributes.get("type") not in {"radio", "checkbox"} or " checked" in tag
            if "name" in attributes and chosen:
                fields[attributes["name"]] = attributes.get("value", "")
        return fields


@dataclass
class PageReader:
    """A reader of one surface."""

    counter: Counter
    served: Served
    session: aiohttp.ClientSession
    root: str
    token: str = ""
    last: PageRead = field(default_factory=lambda: PageRead(0, "", "", {}))

    async def get(self, path: str = "", **query: str) -> PageRead:
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, /, **form: str) -> PageRead:
        return await self._ask("POST", path, data=form, headers={"X-Comptoir-Token": self.token})

    async def send(self, path: str, **changed: str) -> PageRead:
        """Send the form of the last page, with some fields typed over."""
        return await self.post(path, **{**self.last.form(self.root + path), **changed})

    async def upload(self, path: str, raw: bytes, /, **form: str) -> PageRead:
        """Send a file as the body, as the page's script does; what is said of it stands in the address."""
        headers = {"X-Comptoir-Token": self.token, "Content-Type": "application/octet-stream"}
        return await self._ask("POST", path, data=raw, params=form, headers=headers)

    async def log_in(self, operator: str, pin: str = PIN, onward: str = "") -> PageRead:
        return await self.post("/session", operator=operator, pin=pin, onward=onward)

    async def _ask(self, method: str, path: str, **more: Any) -> PageRead:
        url = self.served.url + self.root + path
        async with self.session.request(method, url, **more) as response:
            text = await response.text()
            page = PageRead(response.status, response.url.raw_path_qs, text, response.headers)
        if "data-token" in text:
            self.token = page.attribute("data-token")
            self.last = page
        return page


def pages_of(parts: WebParts, place: Place = PLACE) -> WebParts:
    """The same parts, with the pages of their role."""
    mount = office_pages if parts.is_hub else till_pages
    return replace(parts, pages=mount(parts, place, STATIC))


@asynccontextmanager
async def open_pages(counter: Counter, *, place: Place = PLACE, **parts: Any) -> AsyncIterator[PageReader]:
    """Serve a counter with its pages on a free port."""
    made = WebParts(
        desks=counter.desks, live=counter.live, clock=counter.clock, secret=b"s" * 32, version="test", **parts
    )
    async with (
        serve(build_app(pages_of(made, place)), Listening()) as served,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        yield PageReader(counter, served, session, "/siege" if made.is_hub else "/caisse")


@asynccontextmanager
async def open_till(counter: Counter, *, role: Role = Role.CASHIER, **parts: Any) -> AsyncIterator[PageReader]:
    """The till's pages with an operator logged in."""
    operator = await counter.hire("Nolwenn", pin=PIN, role=role)
    async with open_pages(counter, **parts) as reader:
        await reader.log_in(operator)
        yield reader
