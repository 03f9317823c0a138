"""Head office looks for duplicates by itself, in short units."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from daemon.clock import Clock
from daemon.head_office import duplicates
from daemon.store import likely
from daemon.store.database import Connection
from tests.fakes.counter import HUB, open_browser, open_counter


class Hurried:
    """A clock whose every look at it is three milliseconds later, and that stops whoever sleeps long."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return 1_760_000_000_000

    def monotonic_s(self) -> float:
        self.at_s += 0.003
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds >= duplicates.REST_S:
            raise asyncio.CancelledError
        await asyncio.sleep(0)


async def run(counter_database: object, clock: Clock) -> None:
    with suppress(asyncio.CancelledError):
        await duplicates.find_duplicates(counter_database, clock)  # type: ignore[arg-type]  # a real database


@pytest.mark.feature("B14.1")
async def test_everybody_is_looked_at_once_in_units_that_end_when_their_time_is_up(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        for at in range(12):
            body = {"last_name": f"Nom{at}", "mobile": f"06123456{at % 6:02d}", "surface": "import"}
            assert (await browser.post("/customers", {**body, "even_if_known": True})).status == 201
        clock = Hurried()
        await run(counter.database, clock)
        assert len(clock.slept) > 12 / 4, "a few customers to a unit"
        assert await counter.database.read(likely.count_open) == 6
        again = Hurried()
        await run(counter.database, again)
        assert again.slept == [duplicates.REST_S], "nobody new, nothing to do"


async def test_a_damaged_row_stops_nobody(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        for at in range(3):
            body = {"last_name": f"Nom{at}", "mobile": "0612345600", "surface": "import", "even_if_known": True}
            await browser.post("/customers", body)

        def damage(conn: Connection) -> None:
            conn.execute(
                "UPDATE element SET body = x'00' WHERE kind = 1 AND entity ="
                " (SELECT min(entity) FROM element WHERE kind = 1)"
            )

        await counter.database.write(damage)
        await run(counter.database, Hurried())
