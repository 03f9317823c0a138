"""Two replicas of 20 000 customers × 15 fields, 20 000 offline edits each, 2 000 of them on the same fields.

What is asked (the design's aims, per replica): at most 0.6 CPU seconds for 20 000 foreign changes with the search
index, 0.9 MB uploaded by both, 150 MB of memory, no edit lost, the newer one current.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemon.domain import authoring
from daemon.domain.canonical import pack
from daemon.domain.change import Actor, Operation, decode_header, decode_operation, header_of
from daemon.domain.hlc import Stamp
from daemon.domain.kinds import Kind
from daemon.store import authoring as author
from daemon.store import elements
from daemon.store.slots import unpack_slots
from daemon.sync import wire
from tests.bench.replicas import NOW_MS, Box, as_daemons_do, memory_mb

CUSTOMERS = 20_000
EDITS = 20_000
CLASHES = 2_000
FIRST_NAMES = ("Hélène", "Paul", "Nolwenn", "Karim", "Zoé", "Gaël", "Inès", "Yann")
LAST_NAMES = ("Lefèvre", "Le Goff", "Meunier", "Gauthier", "Dupont", "N'Guyen", "Moreau-Petit", "Ferrand")


def customer(at: int) -> dict[int, Any]:
    """Fifteen fields of one customer."""
    first, last = FIRST_NAMES[at % 8], LAST_NAMES[at // 8 % 8]
    return {
        1: 0,
        2: (first, f"{last} {at % 991}"),
        3: "Mme",
        7: f"B{at:06d}",
        8: f"client{at}@example.org",
        9: f"+3363998{at % 10000:04d}",
        11: (f"{at % 180} rue Crébillon", "", "44000", "Nantes", "FR"),
        12: (1950 + at % 50, at % 12 + 1, at % 28 + 1),
        13: "fr",
        14: f"M{at}",
        15: at.to_bytes(8, "big"),
        19: "public",
        22: "email",
        30: (False, None),
        31: (True, None),
    }


EDITED = (3, 8, 9, 11, 12, 13, 19, 22, 2, 14)


def new_value(number: int, at: int, who: int) -> Any:
    """What an edit sets."""
    values = {
        2: (FIRST_NAMES[at % 8], f"{LAST_NAMES[at % 8]} {who}{at % 997}"),
        3: "M.",
        8: f"n{who}.{at}@example.net",
        9: f"+3363998{(at * 7 + who) % 10000:04d}",
        11: (f"{at % 90} bis quai {who}", "", "44100", "Nantes", "FR"),
        12: (1960 + at % 40, at % 12 + 1, at % 28 + 1),
        13: "br" if who == 2 else "en",
        14: f"N{who}{at}",
        19: f"tarif{who}{at % 5}",
        22: "sms" if who == 2 else "post",
    }
    return values[number]


def ident(at: int) -> bytes:
    """The id of customer `at`: spread like the random ones that it stands for."""
    return (at * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8, "big")


def plan(who: int) -> list[tuple[int, int]]:
    """(customer, field) of each edit: the first CLASHES are the same for both, the rest apart."""
    shared = [(at, EDITED[at % len(EDITED)]) for at in range(CLASHES)]
    rest = [
        (CLASHES + (at * 2 + who) % (CUSTOMERS - CLASHES), EDITED[(at + who) % 10]) for at in range(EDITS - CLASHES)
    ]
    return shared + rest


def prepare(where: Path) -> dict[str, float]:
    """Both tills with the same customers and their own edits, the hub between; returns what was sent and its cost."""
    hub, tills = Box(where / "hub.db", 1), [Box(where / "2.db", 2), Box(where / "3.db", 3)]
    _same_customers(hub, tills)
    costs: dict[str, float] = {}
    with _cpu(costs, "edit_us"):
        for who, till in enumerate(tills, start=2):
            _edit(till, who)
    with _cpu(costs, "encode_us"):
        uploads = [wire.encode(wire.Upload(batch)) for till in tills for batch in till.batches()]
    with _cpu(costs, "order_us"):
        for raw in uploads:
            message = wire.decode(raw)
            assert isinstance(message, wire.Upload)
            hub.order(message.batch)
    frames = [wire.encode(wire.Ordered(frame)) for frame in hub.frames(CUSTOMERS)]
    (where / "frames").mkdir()
    for at, raw in enumerate(frames):
        (where / "frames" / f"{at:05d}").write_bytes(raw)
    for box in (hub, *tills):
        box.close()
    return {**costs, "uploaded_mb": sum(map(len, uploads)) / 1e6, "fan_out_mb": sum(map(len, frames)) / 1e6}


@contextmanager
def _cpu(costs: dict[str, float], name: str) -> Iterator[None]:
    """Note what an edit costs in a step, in microseconds of CPU."""
    began = time.process_time()
    yield
    costs[name] = (time.process_time() - began) / EDITS / 2 * 1e6


def _same_customers(hub: Box, tills: list[Box]) -> None:
    first = tills[0]
    for start in range(0, CUSTOMERS, 1000):
        first.run(lambda conn, start=start: _create(conn, first, range(start, start + 1000)))  # type: ignore[misc]  # bound now
    for batch in first.batches():
        hub.order(batch)
    for till in tills:
        for frame in hub.frames(0):
            till.follow(frame)


def _create(conn: Any, till: Box, numbers: range) -> None:
    for at in numbers:
        author.commit(conn, till.replica, Actor(), [_creation(at)], now_ms=NOW_MS - 10**6)


def _creation(at: int) -> Operation:
    return authoring.create(Kind.CUSTOMER, ident(at), customer(at))


def _edit(till: Box, who: int) -> None:
    edits = plan(who)

    def unit(conn: Any, part: list[tuple[int, tuple[int, int]]]) -> None:
        for n, (at, number) in part:
            here = elements.element(conn, (ident(at), int(Kind.CUSTOMER), b""))
            assert here is not None
            change = authoring.change(here, {number: new_value(number, n, who)})
            author.commit(conn, till.replica, Actor(), [change], now_ms=NOW_MS + n * 2 + who)

    for start in range(0, EDITS, 1000):
        part = list(enumerate(edits[start : start + 1000], start=start))
        till.run(lambda conn, part=part: unit(conn, part))  # type: ignore[misc]  # bound now


def replica(where: Path, site: int) -> None:
    """In a process of its own: open a till, apply the frames, say what it cost."""
    till = Box(where / f"{site}.db", site)
    as_daemons_do()
    messages = [path.read_bytes() for path in sorted((where / "frames").iterdir())]
    foreign = 0
    cpu_s = 0.0
    for raw in messages:
        began = time.process_time()
        message = wire.decode(raw)
        assert isinstance(message, wire.Ordered)
        till.follow(message.frame)
        cpu_s += time.process_time() - began
        foreign += sum(header_of(record).site != site for record in message.frame.records)
    rss_mb = memory_mb("VmHWM")
    print(
        json.dumps({"cpu_s": cpu_s, "rss_mb": rss_mb, "foreign": foreign, "root": till.replica.root(till.conn).hex()})
    )


def floor(where: Path) -> float:
    """CPU seconds of 20 000 bare upserts of rows as long, in one table, in as many transactions."""
    conn = sqlite3.connect(where / "floor.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE customer (id BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID")
    rows = [(ident(at), pack(customer(at))) for at in range(CUSTOMERS)]
    upsert = "INSERT INTO customer VALUES (?,?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
    conn.executemany(upsert, rows)
    edited = [(ident(at), pack(customer(at + 1))) for at, _ in plan(2)]
    began = time.process_time()
    for start in range(0, EDITS, 500):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(upsert, edited[start : start + 500])
        conn.execute("COMMIT")
    cpu_s = time.process_time() - began
    conn.close()
    return cpu_s


def judge(where: Path) -> tuple[int, int]:
    """(edits lost, fields on which an older edit stands), by what the hub ordered and what it holds.

    An edit is not lost if it stands, if a later one replaces its very stamp, or if it is kept as a loser.
    """
    hub = Box(where / "hub.db", 1)
    made: dict[tuple[bytes, int], list[tuple[Stamp, Any]]] = {}
    seen: set[tuple[bytes, int, Stamp]] = set()
    rows = hub.conn.execute("SELECT header, slots FROM feed WHERE feed_offset > ?", (CUSTOMERS,)).fetchall()
    for header, raw in rows:
        stamp = decode_header(header).stamp
        for slot in unpack_slots(raw):
            assert isinstance(slot, bytes)
            op = decode_operation(slot)
            seen |= {(op.entity, number, at) for number, at in op.replaces.items()}
            for number, value in op.fields.items():
                made.setdefault((op.entity, number), []).append((stamp, value))
    lost = older = 0
    for (entity, number), edits in made.items():
        here = elements.element(hub.conn, (entity, int(Kind.CUSTOMER), b""))
        assert here is not None
        kept = {loser.stamp for loser in elements.losers_of(hub.conn, entity) if loser.number == number}
        standing = here.fields.get(number)
        lost += sum(
            value != standing and stamp not in kept and (entity, number, stamp) not in seen for stamp, value in edits
        )
        older += standing != max(edits)[1]
    hub.close()
    return lost, older


def measure() -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        where = Path(name)
        print(
            f"exchange: {CUSTOMERS:,} customers × 15 fields, {EDITS:,} + {EDITS:,} offline edits, {CLASHES:,} clashes"
        )
        facts = prepare(where)
        ours = []
        for site in (2, 3):
            command = [sys.executable, "-P", "-m", "tests.bench.exchange", str(where), str(site)]
            ours.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        floor_s = floor(where)
        cpu_s = max(one["cpu_s"] * 20_000 / one["foreign"] for one in ours)
        rss_mb = max(one["rss_mb"] for one in ours)
        print(
            f"  apply 20 000 foreign changes {cpu_s:6.2f} CPU s   floor {floor_s:.2f} s   ratio {cpu_s / floor_s:.1f}"
        )
        print(f"  uploaded by both {facts['uploaded_mb']:.2f} MB, fan-out {facts['fan_out_mb']:.2f} MB")
        print(f"  peak memory of a replica {rss_mb:.0f} MB")
        make, encode, order = (facts[name] for name in ("edit_us", "encode_us", "order_us"))
        print(f"  an edit: {make:.0f} µs to make, {encode:.0f} to encode, {order:.0f} to order at the hub")
        lost, older = judge(where)
        print(f"  edits lost {lost}, fields on which an older edit stands {older}")
        print(f"  roots equal: {len({one['root'] for one in ours}) == 1}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        replica(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        measure()
