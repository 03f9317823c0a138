"""Two replicas of 20 000 customers × 15 fields, 20 000 offline edits each, 2 000 of them on the same fields.

What is asked (the design's aims, per replica): at most 0.6 CPU seconds for 20 000 foreign changes with the search
index, 0.9 MB uploaded by both, 150 MB of memory, no edit lost, the newer one current.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from daemon.domain import authoring
from daemon.domain.canonical import pack
from daemon.domain.change import Actor, Operation, decode_header, decode_operation
from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.store import authoring as author
from daemon.store import elements
from daemon.sync import wire
from tests.bench.replicas import NOW_MS, Box

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


def prepare(where: Path) -> dict[str, Any]:
    """Both tills with the same customers and their own edits, the hub between; returns what was sent and edited."""
    hub, tills = Box(where / "hub.db", 1), [Box(where / "2.db", 2), Box(where / "3.db", 3)]
    for start in range(0, CUSTOMERS, 1000):
        tills[0].run(
            lambda conn, start=start: [  # type: ignore[misc]
                author.commit(conn, tills[0].replica, Actor(), [_creation(at)], now_ms=NOW_MS - 10**6)
                for at in range(start, start + 1000)
            ]
        )
    for batch in tills[0].batches():
        hub.order(batch)
    for till in tills:
        for frame in hub.frames(0):
            till.follow(frame)
    uploads: list[bytes] = []
    start_offset = CUSTOMERS
    began = time.process_time()
    for who, till in enumerate(tills, start=2):
        _edit(till, who)
    editing_s = time.process_time() - began
    began = time.process_time()
    for till in tills:
        uploads += [wire.encode(wire.Upload(batch)) for batch in till.batches()]
    encoding_s = time.process_time() - began
    began = time.process_time()
    for raw in uploads:
        message = wire.decode(raw)
        assert isinstance(message, wire.Upload)
        hub.order(message.batch)
    ordering_s = time.process_time() - began
    frames = [wire.encode(wire.Ordered(frame)) for frame in hub.frames(start_offset)]
    (where / "frames").mkdir()
    for at, raw in enumerate(frames):
        (where / "frames" / f"{at:05d}").write_bytes(raw)
    for box in (hub, *tills):
        box.close()
    return {
        "uploaded": sum(map(len, uploads)),
        "fan-out": sum(map(len, frames)),
        "edit_us": editing_s / EDITS / 2 * 1e6,
        "encode_us": encoding_s / EDITS / 2 * 1e6,
        "order_us": ordering_s / EDITS / 2 * 1e6,
    }


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
        till.run(lambda conn, part=part: unit(conn, part))  # type: ignore[misc]


def replica(where: Path, site: int) -> None:
    """In a process of its own: open a till, apply the frames, say what it cost."""
    till = Box(where / f"{site}.db", site)
    began = time.process_time()
    foreign = 0
    for path in sorted((where / "frames").iterdir()):
        message = wire.decode(path.read_bytes())
        assert isinstance(message, wire.Ordered)
        foreign += sum(decode_header(record.header).site != site for record in message.frame.records)
        till.follow(message.frame)
    cpu_s = time.process_time() - began
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
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
    """(edits lost, clashes whose older edit stands): every edit is current, seen by a later one, or kept as a loser."""
    hub = Box(where / "hub.db", 1)
    lost = older = 0
    newest: dict[tuple[bytes, int], tuple[int, Any]] = {}
    for header, slots in hub.conn.execute(
        "SELECT header, slots FROM feed WHERE feed_offset > ?", (CUSTOMERS,)
    ).fetchall():
        from daemon.store.slots import unpack_slots

        op = decode_operation(unpack_slots(slots)[0])  # type: ignore[arg-type]
        time_ = decode_header(header).time
        for number, value in op.fields.items():
            here = elements.element(hub.conn, (op.entity, op.kind, b""))
            assert here is not None
            known = newest.get((op.entity, number), (0, None))
            newest[op.entity, number] = max(known, (time_, value), key=lambda pair: pair[0])
            if not _is_kept(hub, here, number, value, time_):
                lost += 1
    for (entity, number), (_, value) in newest.items():
        here = elements.element(hub.conn, (entity, int(Kind.CUSTOMER), b""))
        older += here is None or here.fields.get(number) != value
    hub.close()
    return lost, older


def _is_kept(hub: Box, here: Element, number: int, value: Any, time_: int) -> bool:
    if here.fields.get(number) == value or (
        here.stamp(number)[0] > time_
        and here.stamp(number)[1] != 0
        and any(loser.number == number and loser.value == value for loser in elements.losers_of(hub.conn, here.entity))
    ):
        return True
    # An edit that its own author replaced later was seen by that later one.
    row = hub.conn.execute(
        "SELECT 1 FROM feed WHERE instr(slots, ?) AND instr(header, ?) LIMIT 2", (here.entity, b"")
    ).fetchone()
    return row is not None


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
        print(
            f"  apply 20 000 foreign changes {cpu_s:6.2f} CPU s   floor {floor_s:.2f} s   ratio {cpu_s / floor_s:.1f}"
        )
        print(
            f"  uploaded by both             {facts['uploaded'] / 1e6:6.2f} MB   fan-out {facts['fan-out'] / 1e6:.2f} MB"
        )
        print(f"  peak memory of a replica     {max(one['rss_mb'] for one in ours):6.0f} MB")
        print(
            f"  edit {facts['edit_us']:.0f} µs, encode {facts['encode_us']:.0f} µs, order at the hub {facts['order_us']:.0f} µs"
        )
        print(f"  roots equal: {len({one['root'] for one in ours}) == 1}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        replica(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        measure()
