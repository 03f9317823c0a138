"""A search for every key that somebody types, and for names typed almost right, with 100 000 customers on the till.

Floor: one indexed SELECT of the same file. The time is that of the desk's own unit: query, rows, ranking, answer.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from daemon.clock import SystemClock, random_bytes
from daemon.demo.people import People
from daemon.desk.customer_fields import Customs
from daemon.desk.lookup import LookupDesk
from daemon.desk.premises import Premises
from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.kinds import Kind
from daemon.store import authoring as author
from daemon.store.database import open_database
from daemon.store.replica import Replica
from tests.bench.figures import percentile
from tests.bench.replicas import NOW_MS, Box

CUSTOMERS = 100_000
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
        till.run(lambda conn, start=start: _add(conn, till, people, start, min(1000, count - start)))  # type: ignore[misc]
    till.close()


def _add(conn: Any, till: Box, people: People, start: int, count: int) -> None:
    for at, one in enumerate(people.customers(count, start), start=start):
        fields: dict[int, Any] = {
            1: 0,
            2: (one.get("first_name", ""), one.get("last_name", "")),
            7: f"C{at:06d}",
            8: one.get("email"),
            9: one.get("mobile"),
        }
        create = authoring.create(Kind.CUSTOMER, people.customer_id(at), fields)
        author.commit(conn, till.replica, Actor(), [create], now_ms=NOW_MS)


async def _searches(path: Path) -> tuple[list[float], list[float], list[float]]:
    async with open_database(path) as database:
        replica = Replica(random_bytes(8))
        await database.write(replica.reload)
        premises = Premises(
            database=database, replica=replica, clock=SystemClock(), announce=lambda *_: None, customs=Customs()
        )
        desk = LookupDesk(premises)
        ours: list[float] = []
        almost: list[float] = []
        floor: list[float] = []
        entity = People(7).customer_id(500)
        for text in TYPED * 5:
            for length in range(1, len(text) + 1):
                began = time.perf_counter()
                await desk.search(text[:length], limit=20)
                ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                await database.read(
                    lambda conn: conn.execute("SELECT body FROM element WHERE entity = ?", (entity,)).fetchone()
                )
                floor.append(time.perf_counter() - began)
        for text in ALMOST * 10:
            began = time.perf_counter()
            await desk.search(text, limit=20)
            almost.append(time.perf_counter() - began)
        return ours, almost, floor


def measure() -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        path = Path(name) / "2.db"
        fill(path, CUSTOMERS)
        size = path.stat().st_size / 1e6
        ours, almost, floor = asyncio.run(_searches(path))
    ours_ms, floor_ms = percentile(ours, 99) * 1000, percentile(floor, 99) * 1000
    print(f"search: a search per key, {CUSTOMERS:,} customers ({size:.0f} MB)")
    print(
        f"  p50 {percentile(ours, 50) * 1000:.2f} ms, p99 {ours_ms:.2f} ms   floor {floor_ms:.2f} ms"
        f"   ratio {ours_ms / floor_ms:.1f}"
    )
    print(
        f"  almost right: p50 {percentile(almost, 50) * 1000:.2f} ms, p99 {percentile(almost, 99) * 1000:.2f} ms"
        f" (at most 15 and 50)   ratio {percentile(almost, 99) * 1000 / floor_ms:.1f}"
    )
