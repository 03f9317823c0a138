"""A till is filled from rows of the hub: bytes of a customer on the wire, CPU, memory above idle, and a bare load.

Asked are at most 80 bytes for a bare customer, 64 MB more than idle; the time as a ratio to a bare SQLite load.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daemon.domain import authoring
from daemon.domain.canonical import pack
from daemon.domain.change import Actor
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL
from daemon.store import authoring as author
from daemon.store import portions, taking
from daemon.sync import wire
from daemon.sync.wire_rows import TICKET_BYTES, Rows
from tests.bench.exchange import customer, ident
from tests.bench.replicas import NOW_MS, Box, as_daemons_do, memory_mb

CUSTOMERS = int(os.environ.get("CUSTOMERS", "50000"))
BARE = (1, 2, 7)
"""What a customer has at least: a kind, a name, a code."""


def hub_of(where: Path, fields: tuple[int, ...] | None) -> Box:
    """A hub with customers, made as an import makes them: some hundred in each record."""
    hub = Box(where, 1)

    def unit(conn: Any, numbers: range) -> None:
        for start in range(numbers.start, numbers.stop, 100):
            made = [
                authoring.create(Kind.CUSTOMER, ident(at), {n: v for n, v in customer(at).items() if _is(n, fields)})
                for at in range(start, min(start + 100, numbers.stop))
            ]
            author.commit(conn, hub.replica, Actor(1, "import", "office"), made, now_ms=NOW_MS + start)

    for start in range(0, CUSTOMERS, 1000):
        hub.run(lambda conn, start=start: unit(conn, range(start, min(start + 1000, CUSTOMERS))))  # type: ignore[misc]  # bound now
    return hub


def _is(number: int, fields: tuple[int, ...] | None) -> bool:
    return fields is None or number in fields


def messages(hub: Box) -> Iterator[bytes]:
    """All rows of the hub as they go over the wire."""
    after = BEFORE_ALL
    while True:
        portion = hub.run(lambda conn, after=after: portions.read_portion(conn, hub.replica, CHAIN, after, ()))  # type: ignore[misc]  # bound now
        yield wire.encode(Rows(portion, bytes(TICKET_BYTES)))
        if portion.upto is None:
            return
        after = portion.upto


def fill(where: Path) -> None:
    """In a process of its own: fill an empty till, say what it cost."""
    till = Box(where / "till.db", 2)
    as_daemons_do()
    idle_mb = memory_mb()
    slowest = 0.0
    began = time.process_time()
    for path in sorted((where / "rows").iterdir()):
        message = wire.decode(path.read_bytes())
        assert isinstance(message, Rows)
        start = time.process_time()
        till.run(lambda conn, one=message.portion: taking.fill(conn, till.replica, one))  # type: ignore[misc]  # bound now
        slowest = max(slowest, time.process_time() - start)
    cpu_s = time.process_time() - began
    peak_mb = memory_mb("VmHWM")
    root = till.replica.root(till.conn).hex()
    print(json.dumps({"cpu_s": cpu_s, "more_mb": peak_mb - idle_mb, "unit_ms": slowest * 1e3, "root": root}))


def floor(where: Path) -> float:
    """CPU seconds of inserting rows as long into one bare table, 500 in a transaction."""
    conn = sqlite3.connect(where / "floor.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE customer (id BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID")
    rows = sorted((ident(at), pack(customer(at))) for at in range(CUSTOMERS))
    began = time.process_time()
    for start in range(0, CUSTOMERS, 500):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany("INSERT INTO customer VALUES (?,?)", rows[start : start + 500])
        conn.execute("COMMIT")
    cpu_s = time.process_time() - began
    conn.close()
    return cpu_s


def measure() -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        where = Path(name)
        bare = hub_of(where / "bare.db", BARE)
        bare_bytes = sum(len(raw) for raw in messages(bare)) / CUSTOMERS
        bare.close()
        hub = hub_of(where / "hub.db", None)
        (where / "rows").mkdir()
        total = 0
        began = time.process_time()
        for at, raw in enumerate(messages(hub)):
            total += len(raw)
            (where / "rows" / f"{at:06d}").write_bytes(raw)
        serve_s = time.process_time() - began
        root = hub.replica.root(hub.conn).hex()
        hub.close()
        command = [sys.executable, "-P", "-m", "tests.bench.fill", str(where)]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        floor_s = floor(where)
        print(f"fill: {CUSTOMERS:,} customers x 15 fields, from rows of the hub into an empty till")
        print(f"  a bare customer {bare_bytes:.0f} bytes on the wire, one with 15 fields {total / CUSTOMERS:.0f}")
        each, bare_each = ours["cpu_s"] / CUSTOMERS * 1e6, floor_s / CUSTOMERS * 1e6
        print(f"  take in {each:.0f} µs of CPU each   floor {bare_each:.0f} µs   ratio {each / bare_each:.1f}")
        serve_us, longest = serve_s / CUSTOMERS * 1e6, ours["unit_ms"]
        print(f"  serve {serve_us:.0f} µs each at the hub, longest unit at the till {longest:.0f} ms")
        print(f"  memory {ours['more_mb']:.0f} MB more than idle; roots equal: {ours['root'] == root}")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        fill(Path(sys.argv[1]))
    else:
        measure()
