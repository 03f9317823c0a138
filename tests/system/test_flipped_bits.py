"""Bits flip in the file of a daemon that runs: it finds the row by itself, and gets it back from the other side."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.domain.kinds import Kind
from daemon.domain.mending import mended
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = [pytest.mark.needs("mosquitto")]

FOUND_S = 60.0
"""So few rows are looked through every five seconds; a million takes half a day."""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running_chain(tmp_path_factory.mktemp("flipped"), shops=(1, 2)) as running:
        yield running


def file_of(box: Daemon) -> Path:
    return box.api.path.parent / f"{box.role}.db"


def stored(box: Daemon, customer: str) -> tuple[bytes, bytes]:
    """Body and hash of a customer's row, as they stand."""
    with closing(sqlite3.connect(file_of(box))) as conn:
        found: tuple[bytes, bytes] = conn.execute(
            "SELECT body, hash FROM element WHERE entity = ? AND kind = ?", (bytes.fromhex(customer), Kind.CUSTOMER)
        ).fetchone()
        return found


def flip(box: Daemon, customer: str) -> None:
    """Three bits of one byte, in the file itself: more than the row's hash can put right."""
    body, _ = stored(box, customer)
    path = file_of(box)
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as conn:
        until(
            lambda: conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0),
            "the log to be in the database",
        )
        raw = path.read_bytes()
        assert raw.count(body) == 1, "the row stands in one place"
        at = raw.index(body) + len(body) - 3
        with path.open("r+b") as file:
            file.seek(at)
            file.write(bytes([raw[at] ^ 0b1011]))
        # What a process has read before, it reads again once somebody has written.
        conn.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('touched', 1)")
    assert mended(*stored(box, customer)) is None, "nobody mends this row alone"


@pytest.mark.parametrize("where", ["till", "hub"])
def test_a_row_in_which_bits_flipped_while_the_daemon_ran_is_found_and_comes_back_from_the_other(
    chain: Chain, where: str
) -> None:
    box = chain.hub if where == "hub" else chain.tills[0]

    made = [
        chain.tills[number % 2].api.post("/customers", {"last_name": f"Bits {where} {number}", "surface": "import"})
        for number in range(20)
    ]
    chain.settle()
    assert box.process is not None
    pid = box.process.pid
    customer = made[7]["customer"]["id"]
    before = stored(box, customer)
    flip(box, customer)
    until(lambda: stored(box, customer) == before, "the row to be what it was", FOUND_S)
    shown = box.api.get(f"/customers/{customer}")
    assert shown["last_name"].startswith("Bits")
    assert box.process.poll() is None
    assert box.process.pid == pid
    assert "Traceback" not in box.log.read_text()
    chain.settle()


@pytest.mark.parametrize("where", ["till", "hub"])
def test_a_sum_that_somebody_has_changed_in_the_file_is_counted_again_from_its_entries(
    chain: Chain, where: str
) -> None:
    box = chain.hub if where == "hub" else chain.tills[0]
    made = chain.tills[0].api.post("/customers", {"last_name": f"Somme {where}", "surface": "import"})["customer"]["id"]
    chain.tills[0].api.post(f"/customers/{made}/points", {"amount": 30, "reason": "geste"})
    chain.settle()

    def balance() -> int:
        return int(box.api.get(f"/customers/{made}/loyalty")["points"]["balance"])

    assert balance() == 30
    with closing(sqlite3.connect(file_of(box), timeout=30)) as conn:
        conn.execute("UPDATE balance SET amount = amount + 900 WHERE amount = 30 AND holder = x''")
        conn.commit()
    until(lambda: balance() == 30, "the sum to be that of its entries", FOUND_S)
    assert "were not those of their entries" in box.log.read_text()
