"""A till whose line can be cut, whose clock can be wrong, whose readers can fail: where the states of screens stand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from daemon.desk.condition import LinkShown
from daemon.desk.search_answer import SearchAnswer
from daemon.domain.badge import CARDS, Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.clock_doubt import ClockDoubt
from daemon.drivers.badge_picture import preview_badge
from daemon.errors import NoAnswer
from daemon.typed import parse_json, to_json
from daemon.web.parts import DeviceShown
from tests.browser.conftest import Screen, looking
from tests.fakes.counter import Counter, open_counter
from tests.fakes.print_room import FakePrintRoom

OFFLINE: Final = LinkShown(online=False, since="2025-10-09T06:05:00Z")
ONLINE: Final = LinkShown(online=True, since="2025-10-09T05:00:00Z")


class DrawingPrintRoom(FakePrintRoom):
    """Shows the badge that a printer would print."""

    @override
    async def preview(self, printer: str, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        return preview_badge(order, next(iter(CARDS.values())), duplicata=duplicata)


@dataclass
class Around:
    """What is around a till, and changes."""

    link: LinkShown = ONLINE
    doubt: ClockDoubt | None = None
    devices: tuple[DeviceShown, ...] = ()
    counter: Counter | None = None
    answers: bool = True
    """Whether head office does."""

    def usual(self) -> None:
        """All is well again."""
        self.link, self.doubt, self.devices, self.answers = ONLINE, None, (), True

    async def ask(self, topic: str, body: bytes, *, deadline_s: float) -> bytes:
        """Head office knows one Sophie more than this till."""
        if not self.answers or self.counter is None or topic != "search":
            raise NoAnswer("head office gave no answer")
        found: dict[str, Any] = parse_json(
            to_json(await self.counter.desks.lookup.search("paul", limit=1)), dict[str, Any]
        )
        for hit in found["hits"]:
            hit["customer"] |= {"id": "00" * 7 + "99", "display_name": "Sophia Lefebvre", "code": "C027844"}
        return to_json(parse_json(to_json(found), SearchAnswer))


@dataclass
class Stage:
    """A till with its customers by the names of the states."""

    screen: Screen
    around: Around
    ids: dict[str, str] = field(default_factory=dict)

    async def go(self, path: str, shows: str) -> None:
        await self.screen.page.goto(f"{self.screen.url}/caisse{path}")
        await self.screen.page.wait_for_selector(f'body[data-live][data-screen~="{shows}"]')

    async def sees(self, selector: str) -> None:
        await self.screen.page.wait_for_selector(selector)

    async def type(self, **fields: str) -> None:
        """Fill the form of a customer; on a small screen its second step is opened first."""
        for name, text in fields.items():
            if not await self.screen.page.is_visible(f"#f-{name}"):
                await self.screen.page.click(".steps .pick:nth-child(2)")
            await self.screen.page.fill(f"#f-{name}", text)

    async def put_away(self) -> None:
        """A scan that waits for an answer on one screen is no part of the next one; nor is a printer that stands."""
        self.around.usual()
        self.screen.prints.holds.clear()
        shown = await self.screen.page.query_selector('form[action$="/avis/fin"] button')
        if shown is not None:
            await shown.click()
            await self.screen.page.wait_for_selector("#notice:not(:has(.notice))", state="attached")


Bring = Callable[[Stage], Awaitable[None]]


def page(path: str, shows: str) -> Bring:
    """A state that an address brings about."""

    async def bring(stage: Stage) -> None:
        await stage.go(path.format(**stage.ids), shows)

    return bring


People = Callable[[Counter], Awaitable[dict[str, str]]]

_MADE: Final[dict[People, tuple[dict[str, bytes], dict[str, str]]]] = {}
"""The database of each shop as it is at first, and who is who in it: making one takes longer than looking at it."""


async def _moved_in(folder: Path, people: People) -> dict[str, str]:
    """Put the database of this shop into the folder; made once in a run of the tests."""
    if people not in _MADE:
        async with open_counter(folder) as counter:
            ids = await people(counter)
        _MADE[people] = await asyncio.to_thread(_read, folder), ids
    files, ids = _MADE[people]
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return dict(ids)


def _read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.db*")}


@asynccontextmanager
async def staged(folder: Path, people: People, *, size: str = "M") -> AsyncIterator[Stage]:
    """A till with these people, before anybody has logged in."""
    ids = await _moved_in(folder, people)
    prints, around = DrawingPrintRoom(), Around()
    async with open_counter(folder, prints=prints, ask=around.ask) as counter:
        around.counter = counter
        parts: dict[str, Any] = {
            "link": lambda: around.link,
            "clock_doubt": lambda: around.doubt,
            "devices": lambda: around.devices,
            "retry": lambda: None,
        }
        async with looking(counter, size=size, prints=prints, **parts) as till:
            yield Stage(till, around, ids)
