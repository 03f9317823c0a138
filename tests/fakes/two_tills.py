"""Head office and two tills of different shops, each served over HTTP, joined by plain calls: tills that disagree.

Nothing travels until `sync` is called: between two calls every till is offline.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from daemon.clock import SystemClock
from daemon.desk.premises import Premises
from daemon.domain.feed import Frame
from daemon.errors import ComptoirError
from daemon.head_office.answers import answer
from daemon.hub.intake import take_in
from daemon.store import changes, following, ordering, sealing
from daemon.store.database import Connection
from daemon.sync import wire
from daemon.sync.wire_questions import Asked, Reply
from daemon.till.inquiries import Inquiries
from daemon.till.keeper import attend, put_back_late
from daemon.web.parts import Roster
from tests.fakes.counter import HUB, START_MS, Browser, Counter, open_browser, open_counter

BYTES_MAX = 60_000


@dataclass
class Line:
    """A till's line to head office for questions: cut, mute (nobody hears), lossy (no answer comes), or good."""

    office: Premises
    is_cut: bool = False
    is_mute: bool = False
    is_lossy: bool = False

    async def ask(self, topic: str, body: bytes, *, deadline_s: float) -> bytes:
        """What head office says, by the very code that answers over MQTT; a clear word when nothing comes."""
        inquiries = Inquiries(SystemClock())
        spoken: asyncio.Queue[Asked] = asyncio.Queue()
        if not self.is_cut:
            inquiries.connected(spoken.put_nowait)
        refused: list[ComptoirError] = []
        found = b""
        try:
            async with asyncio.TaskGroup() as tasks:
                office = tasks.create_task(self._answer(spoken, inquiries), name="head office")
                found = await inquiries.ask(
                    topic, body, deadline_s=0.3 if self.is_mute or self.is_lossy else deadline_s
                )
                office.cancel()
        except* ComptoirError as group:
            refused = [one for one in group.exceptions if isinstance(one, ComptoirError)]
        if refused:
            raise refused[0]
        return found

    async def _answer(self, spoken: asyncio.Queue[Asked], inquiries: Inquiries) -> None:
        while True:
            question = await spoken.get()
            if not self.is_mute:
                reply = wire.decode(wire.encode(await answer(self.office, question)))
                assert isinstance(reply, Reply)
                if not self.is_lossy:
                    inquiries.heard(reply)


@dataclass
class TwoTills:
    """Three browsers, each at its own replica."""

    hub: Browser
    one: Browser
    two: Browser
    lines: list[Line]
    passes_on: bool = False
    """Whether tills answer what head office recalls; else rights stay where they are given."""

    @property
    def tills(self) -> tuple[Browser, Browser]:
        return (self.one, self.two)

    async def sync(self) -> None:
        """Everybody hears everything; twice, because head office may have answered with records of its own."""
        for till in self.tills:
            await self.upload(till)
        for till in self.tills:
            await self.download(till)

    async def upload(self, till: Browser) -> None:
        """What a till has saved reaches head office, which says so."""
        here, there = till.counter, self.hub.counter
        while True:
            batch = await here.database.read(
                lambda conn: changes.pending_batch(
                    conn, here.replica, after=here.replica.applied_seq, bytes_max=BYTES_MAX
                )
            )
            if batch is None:
                return
            now_ms = there.clock.now_ms()
            taken = await there.database.write(lambda conn: take_in(conn, there.replica, batch, now_ms=now_ms))  # noqa: B023  called at once
            assert taken.head is not None
            assert not taken.misplaced
            seq = taken.head.seq
            await here.database.write(lambda conn: changes.settle(conn, here.replica, seq=seq, backed_up=0))  # noqa: B023  called at once

    async def download(self, till: Browser) -> None:
        """A till hears its feeds to their heads."""
        here = till.counter
        for scope in here.replica.scopes:
            while True:
                after = here.replica.cursors[scope].offset
                frame = await self.hub.counter.database.read(
                    lambda conn: ordering.frame_after(conn, scope, after, bytes_max=BYTES_MAX)  # noqa: B023  called at once
                )
                if frame is None:
                    break
                await here.database.write(lambda conn: self._heard(conn, here, frame))  # noqa: B023  called at once

    def _heard(self, conn: Connection, here: Counter, frame: Frame) -> None:
        """A frame is followed, and what it asks of the till is done, as the till's conversation does it."""
        following.apply_frame(conn, here.replica, frame)
        (attend if self.passes_on else put_back_late)(conn, here.replica, frame, now_ms=here.clock.now_ms())

    async def roots(self) -> set[bytes]:
        """The digests of all three: one, if they are equal."""
        found = set()
        for one in (self.hub, *self.tills):
            replica = one.counter.replica
            found.add(await one.counter.database.read(lambda conn: replica.root(conn, replica.scopes[0])))  # noqa: B023  called at once
        return found


@asynccontextmanager
async def open_two_tills(path: Path, *, shops: tuple[int, int] = (1, 2), **parts: Any) -> AsyncIterator[TwoTills]:
    """Head office, till 2 in shop 1, till 3 in shop 2; all know the time. Nothing here asks for the roster of tills."""
    async with AsyncExitStack() as stack:
        sites = ({**HUB}, {"site": 2, "shop": shops[0]}, {"site": 3, "shop": shops[1]})
        opened: list[Browser] = []
        lines: list[Line | None] = []
        for site in sites:
            line = Line(opened[0].counter.premises) if opened else None
            counter = await stack.enter_async_context(open_counter(path, **site, ask=line.ask if line else None))
            lines.append(line)
            replica = counter.replica

            def anchor(conn: Connection) -> None:
                sealing.anchor(conn, replica, local_ms=START_MS, true_ms=START_MS)  # noqa: B023  called at once

            await counter.database.write(anchor)
            more = {"roster": cast(Roster, object()), **parts} if counter.replica.identity.is_hub else parts
            opened.append(await stack.enter_async_context(open_browser(counter, **more)))
        hub, one, two = opened
        yield TwoTills(hub, one, two, [line for line in lines if line is not None])
