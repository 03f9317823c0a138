"""A till in this process, and Chromium looking at it. Nothing but the daemon is ever asked for anything."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, async_playwright

from daemon.domain.code import ScannedCode
from daemon.domain.role import Role
from daemon.web.parts import WebParts
from daemon.web.server import Listening, build_app, serve
from tests.browser.kept_pictures import STEADY
from tests.fakes.counter import Counter, open_counter
from tests.fakes.page_reader import PIN, pages_of
from tests.fakes.print_room import FakePrintRoom
from tests.programs import find_program

SIZES = {"S": (800, 480), "M": (1280, 800), "L": (1920, 1080)}
WAIT_MS = 8_000
OURS = ("127.0.0.1", "localhost")


@dataclass
class Screen:
    """One page of a running role, and what stands behind it."""

    page: Page
    counter: Counter
    url: str
    root: str
    prints: FakePrintRoom
    stop: Callable[[], Any]
    start: Callable[[], Any]
    faults: list[str] = field(default_factory=list)

    async def open(self, path: str = "", *, lang: str = "fr") -> None:
        await self.page.goto(f"{self.url}{self.root}{path}{'&' if '?' in path else '?'}lang={lang}")
        await self.page.wait_for_selector("[data-live]")

    async def log_in(self, name: str = "Nolwenn", *, lang: str = "fr") -> None:
        await self.open(lang=lang)
        await self.page.get_by_text(name, exact=True).click()
        for digit in PIN:
            await self.page.click(f'[data-pad="{digit}"]')
        await self.page.click("#login .btn--primary")
        await self.shows("ready" if self.root == "/caisse" else "fleet")
        await self.page.wait_for_selector("[data-live]")

    async def shows(self, screen: str) -> None:
        await self.page.wait_for_selector(f'body[data-screen~="{screen}"]')

    async def scan(self, code: str) -> None:
        await self.counter.desks.scans.scanned(ScannedCode(text=code, symbology=None), device="test")

    async def text(self, where: str = "body") -> str:
        return " ".join((await self.page.inner_text(where)).replace("\u202f", " ").split())

    async def focused(self) -> str:
        found: str = await self.page.evaluate("document.activeElement.id")
        return found


@asynccontextmanager
async def running(counter: Counter, **parts: Any) -> AsyncIterator[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    """Serve a counter's pages on one port, which can be let go and taken again as by a restart."""
    made = WebParts(
        desks=counter.desks, live=counter.live, clock=counter.clock, secret=b"s" * 32, version="test", **parts
    )
    app = pages_of(made)
    async with AsyncExitStack() as once:
        lives = [once]
        served = await once.enter_async_context(serve(build_app(app), Listening()))

        async def stop() -> None:
            await lives.pop().aclose()

        async def start() -> None:
            again = AsyncExitStack()
            await again.enter_async_context(serve(build_app(app), Listening(port=served.port)))
            lives.append(again)

        yield served.url, stop, start
        for left in lives:
            await left.aclose()


@asynccontextmanager
async def looking(
    counter: Counter, *, size: str = "M", touch: bool = False, prints: FakePrintRoom | None = None, **parts: Any
) -> AsyncIterator[Screen]:
    """Chromium before the pages of a counter; a script that fails, or asks another machine, fails the test."""
    width, height = SIZES[size]
    async with AsyncExitStack() as stack:
        url, stop, start = await stack.enter_async_context(running(counter, **parts))
        driver = await stack.enter_async_context(async_playwright())
        chromium = await driver.chromium.launch(
            executable_path=find_program("chromium"), args=["--no-sandbox", "--disable-gpu", *STEADY]
        )
        stack.push_async_callback(chromium.close)
        context = await chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=touch, reduced_motion="reduce"
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        root = "/siege" if counter.desks.visits is None else "/caisse"
        screen = Screen(page, counter, url, root, prints or FakePrintRoom(), stop, start)

        def asked(request: Request) -> None:
            if urlsplit(request.url).hostname not in OURS:
                screen.faults.append(f"asked {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: screen.faults.append(str(error)))
        yield screen
        assert screen.faults == []
        await context.close()


Looking = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture
def look() -> Looking:
    """`async with look(counter, size="S") as screen`."""
    return looking


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Screen]:
    """A till with a printer; Nolwenn is logged in."""
    prints = FakePrintRoom()
    async with open_counter(tmp_path, prints=prints) as counter:
        await counter.choose_walk_in()
        await counter.hire("Nolwenn", pin=PIN, badge="OP-NOLWENN", role=Role.CASHIER)
        async with looking(counter, prints=prints) as screen:
            await screen.log_in()
            yield screen
