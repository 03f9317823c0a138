"""A search for every key that somebody types, and for names typed almost right; alone, then beside a bulk merge.

100 000 customers on the till; CUSTOMERS=1000000 for those that are asked for: as-you-type p99 at most 5 ms, almost
right p50 15 and p99 50 ms. Floor: one indexed SELECT of the same file. The time is that of the desk's own unit (query,
rows, ranking, answer), on the clock and in CPU of its thread, which other work on the machine disturbs less. Beside it
frames of another site's new customers are applied one after the other. Keys come as from a fast hand, and once before
anything is measured: a till that was just started reads its file for the first time.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from daemon.clock import SystemClock, random_bytes
from daemon.demo.people import People
from daemon.desk.customer import COMPANY, PERSON
from daemon.desk.customer_fields import Customs
from daemon.desk.lookup import search_answer
from daemon.desk.premises import Premises
from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.feed import Frame
from daemon.domain.kinds import Kind
from daemon.store import authoring as author
from daemon.store import following
from daemon.store.database import Connection, Database, open_database
from daemon.store.index_merging import merge_some
from daemon.store.replica import Replica
from tests.bench.figures import percentile
from tests.bench.replicas import NOW_MS, Box, as_daemons_do

CUSTOMERS = int(os.environ.get("CUSTOMERS", "100000"))
KEY_EVERY_S = 0.03
"""Between two keys, from half of it to twice as much; staff who hurry need a tenth of a second."""
MERGED = 80_000
"""Customers of another site, whose records are merged beside the searches: some twenty seconds of it."""

ALMOST = (
    *("helene lefevbre", "meunnier", "gotier sophie", "kristof leclair", "bertran", "chevaleir", "fontiane marie"),
    *("legof", "tibo michot", "carpantier", "rouseau jaen", "charpentire", "bourgois", "gilaume perin", "fernandze"),
    *("xavier zylberstein", "montgolfierre", "katrine pelltier", "schnaider", "dupomt claire", "quemenneur"),
)
"""Names as they are heard or mistyped; some that nobody has."""
TYPED = ("helene lefevre", "dupont", "martin nantes", "0639980012", "c000123", "le goff")


def fill(path: Path, count: int) -> None:
    """A till with `count` plausible customers."""
    till = Box(path, 2)
    people = People(7)
    for start in range(0, count, 1000):
        till.run(lambda conn, start=start: _add(conn, till, people, start, min(1000, count - start)))  # type: ignore[misc]  # bound now
    till.run(lambda conn: merge_some(conn, till.replica))
    while till.run(lambda conn: merge_some(conn, till.replica)):
        pass  # as a daemon does once nobody writes any more
    till.close()


def _add(conn: Any, till: Box, people: People, start: int, count: int) -> None:
    for at, one in enumerate(people.customers(count, start), start=start):
        address = one.get("address", {})
        fields: dict[int, Any] = {
            1: COMPANY if one["kind"] == "company" else PERSON,
            2: (one.get("first_name", ""), one.get("last_name", "")),
            4: one.get("company_name"),
            7: f"C{at:06d}",
            8: one.get("email"),
            9: one.get("mobile"),
            11: tuple(address.get(part, "") for part in ("line1", "line2", "postal_code", "city", "country")),
        }
        create = authoring.create(Kind.CUSTOMER, people.customer_id(at), fields)
        author.commit(conn, till.replica, Actor(), [create], now_ms=NOW_MS)


@dataclass(slots=True)
class _Took:
    """Seconds of each answer: on the clock, and of CPU."""

    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Times:
    """What each search took, and the floor."""

    typed: _Took = field(default_factory=_Took)
    almost: _Took = field(default_factory=_Took)
    floor: _Took = field(default_factory=_Took)

    def show(self, when: str) -> None:
        floor_ms = percentile(self.floor.clock, 99) * 1000
        for what, found, most in (("typed", self.typed, "5"), ("almost right", self.almost, "50, p50 15")):
            p50, p99 = percentile(found.clock, 50) * 1000, percentile(found.clock, 99) * 1000
            cpu50, cpu99 = percentile(found.cpu, 50) * 1000, percentile(found.cpu, 99) * 1000
            print(
                f"  {when}, {what}: p50 {p50:.2f} ms, p99 {p99:.2f} ms (at most {most}); CPU {cpu50:.2f}, {cpu99:.2f}"
                f"   floor {floor_ms:.2f} ms   ratio {p99 / floor_ms:.1f}"
            )


def merged(path: Path) -> list[Frame]:
    """What head office has ordered of another site: new customers."""
    hub, people = Box(path, 1), People(8)
    for start in range(0, MERGED, 1000):
        hub.run(lambda conn, start=start: _add(conn, hub, people, start, 1000))  # type: ignore[misc]  # bound now
    frames = list(hub.frames(0))
    hub.close()
    return frames


async def _searches(path: Path, frames: list[Frame]) -> tuple[_Times, _Times]:
    alone, beside = _Times(), _Times()
    async with open_database(path) as database:
        replica = Replica(random_bytes(8))
        await database.write(replica.reload)
        premises = Premises(
            database=database, replica=replica, clock=SystemClock(), announce=lambda *_: None, customs=Customs()
        )
        await _round(premises, _Times(), rounds=1)
        await _round(premises, alone, rounds=3)
        async with asyncio.TaskGroup() as tasks:
            merging = tasks.create_task(_merge(database, replica, frames), name="merging")
            while not merging.done():
                await _round(premises, beside, rounds=1)
    return alone, beside


async def _merge(database: Database, replica: Replica, frames: list[Frame]) -> None:
    for frame in frames:
        await database.write_in_turn(lambda conn, frame=frame: following.apply_frame(conn, replica, frame))  # type: ignore[misc]  # bound now


async def _round(premises: Premises, times: _Times, *, rounds: int) -> None:
    database, entity = premises.database, People(7).customer_id(500)

    def searched(text: str) -> Callable[[Connection], object]:
        return lambda conn: search_answer(conn, premises, text, limit=20)

    chance = Random(3)
    for text in TYPED * rounds:
        for length in range(1, len(text) + 1):
            await asyncio.sleep(KEY_EVERY_S * chance.uniform(0.5, 2))
            await _timed(database, times.typed, searched(text[:length]))
            await _timed(database, times.floor, lambda conn: conn.execute(_FLOOR, (entity,)).fetchone())
    for text in ALMOST * rounds:
        await asyncio.sleep(KEY_EVERY_S * chance.uniform(0.5, 2))
        await _timed(database, times.almost, searched(text))


_FLOOR = "SELECT body FROM element WHERE entity = ?"


async def _timed(database: Database, took: _Took, unit: Callable[[Connection], object]) -> None:
    def measured(conn: Connection) -> float:
        began = time.thread_time()
        unit(conn)
        return time.thread_time() - began

    began = time.perf_counter()
    took.cpu.append(await database.read(measured, is_search=True))
    took.clock.append(time.perf_counter() - began)


def measure() -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        path = Path(name) / "2.db"
        fill(path, CUSTOMERS)
        frames = merged(Path(name) / "hub.db")
        size = path.stat().st_size / 1e6
        as_daemons_do()
        alone, beside = asyncio.run(_searches(path, frames))
    print(f"search: a search per key, {CUSTOMERS:,} customers ({size:.0f} MB)")
    alone.show("alone")
    beside.show(f"beside a merge ({len(beside.typed.clock)} keys)")
