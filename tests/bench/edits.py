"""Durable edits per second through the store: load, merge, element, record, digest, index, one full commit each.

Floor: the same number of bare FULL commits of one row, with the standard way of writing them.
"""

import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.kinds import Kind
from daemon.store import authoring as author
from daemon.store import elements
from tests.bench.exchange import customer, ident
from tests.bench.replicas import NOW_MS, Box

EDITS = 1000


def measure() -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        ours, floor = _ours(Path(name)), _floor(Path(name))
    print(f"edits: {EDITS} durable edits, one transaction each")
    print(f"  ours {ours:7.0f}/s   floor {floor:.0f} bare FULL commits/s   ratio {floor / ours:.2f}")


def _ours(where: Path) -> float:
    till = Box(where / "2.db", 2)
    for start in range(0, EDITS, 500):
        till.run(lambda conn, start=start: _create(conn, till, range(start, start + 500)))  # type: ignore[misc]  # bound now
    began = time.perf_counter()
    for at in range(EDITS):
        till.run(lambda conn, at=at: _edit(conn, till, at))  # type: ignore[misc]  # bound now
    taken_s = time.perf_counter() - began
    till.close()
    return EDITS / taken_s


def _create(conn: Any, till: Box, numbers: range) -> None:
    for at in numbers:
        operation = authoring.create(Kind.CUSTOMER, ident(at), customer(at))
        author.commit(conn, till.replica, Actor(), [operation], now_ms=NOW_MS)


def _edit(conn: Any, till: Box, at: int) -> None:
    here = elements.element(conn, (ident(at), int(Kind.CUSTOMER), b""))
    assert here is not None
    change = authoring.change(here, {2: ("Paul", f"Morel {at}")})
    author.commit(conn, till.replica, Actor(), [change], now_ms=NOW_MS + at)


def _floor(where: Path) -> float:
    conn = sqlite3.connect(where / "floor.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, body BLOB)")
    began = time.perf_counter()
    for at in range(EDITS):
        conn.execute("INSERT INTO customer VALUES (?, ?)", (at, b"x" * 200))
    taken_s = time.perf_counter() - began
    conn.close()
    return EDITS / taken_s
