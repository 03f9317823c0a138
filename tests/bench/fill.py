"""A till is filled from rows of the hub: bytes of a customer on the wire, CPU, memory above idle, and a bare load.

In two passes: all that a counter serves with, then the history, heads of sales and what they come to by month. Asked
are at most 80 bytes for a bare customer, 64 MB more than idle; the time as a ratio to a bare SQLite load.
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
from daemon.domain.change import Actor, Operation
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Part
from daemon.store import authoring as author
from daemon.store import portions, taking
from daemon.sync import wire
from daemon.sync.wire_rows import TICKET_BYTES, Rows
from tests.bench.exchange import customer, ident
from tests.bench.replicas import NOW_MS, Box, as_daemons_do, memory_mb

CUSTOMERS = int(os.environ.get("CUSTOMERS", "50000"))
BARE = (1, 2, 7)
"""What a customer has at least: a kind, a name, a code."""

SALES = int(os.environ.get("SALES", "2"))
"""Heads of sales of a customer, beside what older ones come to in each of the last twelve months."""

PASSES = (Part.COUNTER, Part.HISTORY)


def hub_of(where: Path, fields: tuple[int, ...] | None, sales: int = 0) -> Box:
    """A hub with customers, made as an import makes them: some hundred in each record; with so many sales of each."""
    hub = Box(where, 1)
    together = 100 // (1 + sales)

    def unit(conn: Any, numbers: range) -> None:
        for start in range(numbers.start, numbers.stop, together):
            people = range(start, min(start + together, numbers.stop))
            made = [
                authoring.create(Kind.CUSTOMER, ident(at), {n: v for n, v in customer(at).items() if _is(n, fields)})
                for at in people
            ]
            made += [one for at in people for one in history_of(at, sales)]
            author.commit(conn, hub.replica, Actor(1, "import", "office"), made, now_ms=NOW_MS + start)

    for start in range(0, CUSTOMERS, 1000):
        hub.run(lambda conn, start=start: unit(conn, range(start, min(start + 1000, CUSTOMERS))))  # type: ignore[misc]  # bound now
    return hub


def history_of(at: int, sales: int) -> Iterator[Operation]:
    """What a customer bought, and the row of their months."""
    for nth in range(sales):
        fields = {1: "sale", 2: 1_000 + at, 3: 202610 + nth % 2, 4: NOW_MS - nth, 7: 1 + at % 20, 8: "1"}
        yield authoring.add(Kind.SALE, account_of(at), {**fields, 9: f"T{at:07d}{nth}", 11: "op1", 12: 3})
    if sales:
        months = tuple((202501 + month, 1_000 * month + at) for month in range(12))
        yield authoring.create(Kind.MONTH, account_of(at), {1: months})


def account_of(at: int) -> bytes:
    """The account of a customer."""
    return ident(at + 10_000_000)


def _is(number: int, fields: tuple[int, ...] | None) -> bool:
    return fields is None or number in fields


def messages(hub: Box, part: Part) -> Iterator[bytes]:
    """All rows of one pass of the hub as they go over the wire."""
    after = BEFORE_ALL
    while True:
        portion = hub.run(lambda conn, after=after: portions.read_portion(conn, hub.replica, CHAIN, after, (), part))  # type: ignore[misc]  # bound now
        yield wire.encode(Rows(portion, bytes(TICKET_BYTES)))
        if portion.upto is None:
            return
        after = portion.upto


def fill(where: Path) -> None:
    """In a process of its own: fill an empty till, say what it cost."""
    till = Box(where / "till.db", 2)
    as_daemons_do()
    idle_mb = memory_mb()
    slowest, spent, rows = 0.0, {Part.COUNTER: 0.0, Part.HISTORY: 0.0}, {Part.COUNTER: 0, Part.HISTORY: 0}
    for path in sorted((where / "rows").iterdir()):
        began = time.process_time()
        message = wire.decode(path.read_bytes())
        assert isinstance(message, Rows)
        start = time.thread_time()
        till.run(lambda conn, one=message.portion: taking.fill(conn, till.replica, one))  # type: ignore[misc]  # bound now
        slowest = max(slowest, time.thread_time() - start)
        spent[message.portion.part] += time.process_time() - began
        rows[message.portion.part] += len(message.portion.rows)
    peak_mb = memory_mb("VmHWM")
    root = till.replica.root(till.conn).hex()
    told = {"cpu_s": spent[Part.COUNTER], "past_s": spent[Part.HISTORY], "past_rows": rows[Part.HISTORY]}
    print(json.dumps({**told, "more_mb": peak_mb - idle_mb, "unit_ms": slowest * 1e3, "root": root}))


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
        bare_bytes = sum(len(raw) for raw in messages(bare, Part.COUNTER)) / CUSTOMERS
        bare.close()
        hub = hub_of(where / "hub.db", None, SALES)
        (where / "rows").mkdir()
        total, serve_s = dict.fromkeys(PASSES, 0), dict.fromkeys(PASSES, 0.0)
        for part in PASSES:
            began = time.process_time()
            for at, raw in enumerate(messages(hub, part)):
                total[part] += len(raw)
                (where / "rows" / f"{part:d}{at:06d}").write_bytes(raw)
            serve_s[part] = time.process_time() - began
        root = hub.replica.root(hub.conn).hex()
        hub.close()
        command = [sys.executable, "-P", "-m", "tests.bench.fill", str(where)]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        floor_s = floor(where)
        print(f"fill: {CUSTOMERS:,} customers x 15 fields, from rows of the hub into an empty till")
        full_bytes = total[Part.COUNTER] / CUSTOMERS
        print(f"  a bare customer {bare_bytes:.0f} bytes on the wire, one with 15 fields {full_bytes:.0f}")
        each, bare_each = ours["cpu_s"] / CUSTOMERS * 1e6, floor_s / CUSTOMERS * 1e6
        print(f"  take in {each:.0f} µs of CPU each   floor {bare_each:.0f} µs   ratio {each / bare_each:.1f}")
        serve_us, longest = serve_s[Part.COUNTER] / CUSTOMERS * 1e6, ours["unit_ms"]
        print(f"  serve {serve_us:.0f} µs each at the hub, longest unit at the till {longest:.0f} ms")
        past = max(ours["past_rows"], 1)
        past, took_s, gave_s = max(ours["past_rows"], 1), ours["past_s"], serve_s[Part.HISTORY]
        print(f"  second pass: {past:,} heads of sales and months, {total[Part.HISTORY] / past:.0f} bytes each", end="")
        print(f", take in {took_s / past * 1e6:.0f} µs, serve {gave_s / past * 1e6:.0f} µs each")
        print(f"  memory {ours['more_mb']:.0f} MB more than idle; roots equal: {ours['root'] == root}")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        fill(Path(sys.argv[1]))
    else:
        measure()
