"""A file of 100 000 customers imported at head office, beside a counter that looks up a card and edits all the while.

Floor: the same file through csv.reader into one bare table, a full commit for as many lines as ours takes at once.
"""

import asyncio
import csv
import io
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from daemon.clock import SystemClock, random_bytes
from daemon.demo.people import People, card_number
from daemon.desk.customer_fields import Customs
from daemon.desk.desks import Desks, furnish
from daemon.desk.import_shown import ImportShown
from daemon.desk.premises import Call, Premises
from daemon.domain.change import Actor
from daemon.domain.import_job import Options
from daemon.domain.kind_shape import Claim
from daemon.store.database import Connection, Database, open_database
from daemon.store.replica import Identity, Replica, write_identity
from tests.bench.figures import percentile

LINES = 100_000
LINES_AT_ONCE = 32
ASKED_EVERY_S = 0.1
"""Several counters at once: a card looked up and an edit saved, ten times a second."""
HEADINGS = (
    "Civilité;Nom;Prénom;Adresse;Code postal;Ville;Mobile;E-mail;Date de naissance;N° carte;Points;Newsletter\r\n"
)


def measure(lines: int = LINES) -> None:
    """Run it and print."""
    raw = b"".join(_file(lines))
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        taken_s, again_s, waits_ms = asyncio.run(_ours(Path(name), raw))
        floor_s = _floor(Path(name), raw)
    print(f"import: {lines} lines, {len(raw) / 1e6:.0f} MB")
    print(
        f"  ours {taken_s:6.1f} s ({lines / taken_s:.0f} lines/s), again {again_s:.1f} s"
        f"   floor {floor_s:.1f} s   ratio {taken_s / floor_s:.1f}"
    )
    print(
        f"  the counter beside it: lookup and edit p50 {percentile(waits_ms, 50):.1f} ms,"
        f" p99 {percentile(waits_ms, 99):.1f} ms, longest {max(waits_ms):.1f} ms, {len(waits_ms)} asked"
    )


def _file(lines: int) -> Iterator[bytes]:
    yield HEADINGS.encode("cp1252")
    people = People(11)
    for start in range(0, lines, 1000):
        for at, one in enumerate(people.customers(min(1000, lines - start), start), start=start):
            name, first = one.get("last_name", one.get("company_name", "")), one.get("first_name", "")
            cells = (
                *("Mme" if at % 2 else "M.", name, first, f"{at % 90 + 1} rue de l'Église", f"{44000 + at % 800:05d}"),
                *("Nantes", _telephone(at), f"n{at}@example.fr"),
                *(f"{at % 28 + 1:02d}/{at % 12 + 1:02d}/{1940 + at % 60}", card_number(at), f"{at % 900}"),
                "oui" if at % 3 else "non",
            )
            yield (";".join(cells) + "\r\n").encode("cp1252", "replace")


INVENTED = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
"""The blocks of ten thousand numbers that are nobody's, for films and for tests (Arcep, decision 2018-0881)."""


def _telephone(at: int) -> str:
    """A number that nobody else in the file has, as long as there are any; then none."""
    block, number = divmod(at, 10_000)
    return f"{INVENTED[block]} {number // 100:02d} {number % 100:02d}" if block < len(INVENTED) else ""


async def _ours(where: Path, raw: bytes) -> tuple[float, float, list[float]]:
    async with open_database(where / "hub.db") as database:
        replica = Replica(random_bytes(8))
        await database.write(lambda conn: _set_up(conn, replica))
        database.on_rollback(replica.reload)
        premises = Premises(
            database=database,
            replica=replica,
            clock=SystemClock(),
            announce=lambda *_: None,
            customs=Customs(card_prefixes=("2900",)),
        )
        desks = furnish(premises, pin_key=random_bytes(32))
        waits_ms: list[float] = []
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(desks.imports.run(), name="imports"),
                tasks.create_task(_counter(database, desks, waits_ms), name="counter"),
            ]
            first = await _import(desks, raw)
            again = await _import(desks, raw)
            for task in running:
                task.cancel()
        return first, again, waits_ms


def _set_up(conn: Connection, replica: Replica) -> None:
    write_identity(conn, Identity(chain="bench", site=1, shop=0, incarnation=7, lot=random_bytes(8)))
    replica.reload(conn)


async def _import(desks: Desks, raw: bytes) -> float:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(raw), 65536):
            yield raw[at : at + 65536]

    began = time.perf_counter()
    call = Call(actor=Actor(), key=random_bytes(8).hex())
    job = await desks.imports.receive(call, Options(), chunks())
    while job.state == "running":
        await asyncio.sleep(0.05)
        job = await desks.imports.job(bytes.fromhex(job.id))
    taken_s = time.perf_counter() - began
    _check(job)
    return taken_s


def _check(job: ImportShown) -> None:
    assert job.state == "done", job
    assert job.skipped == 0, job


async def _counter(database: Database, desks: Desks, waits_ms: list[float]) -> None:
    """Somebody at the counter: a card looked up, then something saved."""
    at = 0
    while True:
        await asyncio.sleep(ASKED_EVERY_S)
        at += 37
        began = time.perf_counter()
        await desks.lookup.identify([(Claim.CARD, card_number(at % LINES))])
        await database.write(partial(_note, at=at))
        waits_ms.append((time.perf_counter() - began) * 1000)


def _note(conn: Connection, at: int) -> None:
    conn.execute("INSERT OR REPLACE INTO meta VALUES ('bench', ?)", (at,))


def _floor(where: Path, raw: bytes) -> float:
    conn = sqlite3.connect(where / "floor.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, body TEXT)")
    began = time.perf_counter()
    rows = list(csv.reader(io.StringIO(raw.decode("cp1252")), delimiter=";"))
    for start in range(0, len(rows), LINES_AT_ONCE):
        conn.execute("BEGIN")
        conn.executemany(
            "INSERT INTO customer (body) VALUES (?)", [("|".join(row),) for row in rows[start : start + LINES_AT_ONCE]]
        )
        conn.execute("COMMIT")
    taken_s = time.perf_counter() - began
    conn.close()
    return taken_s
