"""Power cuts: what was answered is on the disk. Files return to their last fsync, names to that of their directory."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tests.system.power_cut import Disk, disk_under
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = [pytest.mark.needs("gcc"), pytest.mark.needs("mosquitto")]

TEN_COMMITS = """
import os, sys
from pathlib import Path
from daemon.store.database import open_connection
conn = open_connection(Path(sys.argv[1]))
conn.execute(f"PRAGMA synchronous={sys.argv[2]}") if sys.argv[2:] else None
conn.execute("CREATE TABLE seen (n INTEGER)")
log = Path(os.environ["POWER_CUT_KEPT"]) / "log"
count = lambda: sum(line.endswith("-wal") for line in log.read_text().splitlines()) if log.exists() else 0
before = count()
for n in range(10):
    conn.execute("INSERT INTO seen VALUES (?)", (n,))
print(count() - before)
"""

CARELESS = """
import sys
from daemon.store import database
careful = database.open_connection
def careless(*args, **more):
    conn = careful(*args, **more)
    conn.execute("PRAGMA synchronous=NORMAL")
    return conn
database.open_connection = careless
from daemon.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("mode", "syncs"), [((), 10), (("FULL",), 10), (("NORMAL",), 0)])
def test_ten_commits_are_ten_fsyncs_and_none_with_synchronous_normal(
    tmp_path: Path, mode: tuple[str, ...], syncs: int
) -> None:
    (tmp_path / "state").mkdir()
    disk = disk_under(tmp_path / "state", tmp_path)
    assert int(disk.run("-c", TEN_COMMITS, str(tmp_path / "state" / "x.db"), *mode)) == syncs


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1,)) as running:
        yield running


def watched(chain: Chain, daemon: Daemon, state: str, program: str = "") -> Disk:
    """Start a daemon again under the library."""
    daemon.stop()
    disk = disk_under(chain.directory / state, chain.directory)
    disk.sync_all()
    daemon.environ = disk.environ
    if program:
        daemon.command = (*daemon.command[:2], "-c", program)
    daemon.start()
    return disk


def cut(daemon: Daemon, disk: Disk) -> None:
    """Power off, power on, start."""
    daemon.kill()
    disk.cut()
    disk.sync_all()
    daemon.start()


def customer(number: int) -> dict[str, str]:
    return {"first_name": "Panne", "last_name": f"Secteur {number}", "email": f"panne{number}@example.org"}


class Typist(threading.Thread):
    """Creates one customer after the other until the daemon is gone."""

    def __init__(self, daemon: Daemon, first: int) -> None:
        super().__init__()
        self.till = daemon
        self.next = first
        self.answered: dict[int, Any] = {}

    @override
    def run(self) -> None:
        while True:
            try:
                answer = self.till.api.post("/customers", customer(self.next), key=f"panne-{self.next}")
            except (OSError, http.client.HTTPException, ValueError):
                return
            self.answered[self.next] = answer
            self.next += 1


@pytest.mark.feature("E3.1")
def test_a_till_loses_nothing_that_it_answered_when_the_power_is_cut(chain: Chain) -> None:
    [till] = chain.tills
    disk = watched(chain, till, "till1")
    answered: dict[int, Any] = {}
    first = 0
    for _ in range(3):
        typist = Typist(till, first)
        typist.start()
        until(lambda: len(typist.answered) >= 20, "twenty answers")  # noqa: B023 - waited for at once
        cut(till, disk)
        typist.join(30)
        answered |= typist.answered
        first = typist.next + 1
        for number, answer in answered.items():
            assert till.api.get(f"/customers/{answer['customer']['id']}")["email"] == f"panne{number}@example.org"
    for number, answer in answered.items():
        assert till.api.post("/customers", customer(number), key=f"panne-{number}") == answer
    chain.settle()
    assert chain.hub.api.get("/register")["total"] >= len(answered)


def test_a_till_with_synchronous_normal_would_lose_what_it_answered(chain: Chain) -> None:
    [till] = chain.tills
    disk = watched(chain, till, "till1", CARELESS)
    made = [till.api.post("/customers", customer(number))["customer"]["id"] for number in range(20)]
    cut(till, disk)
    assert any(till.api.ask("GET", f"/customers/{id_}")[0] == 404 for id_ in made)


def test_head_office_loses_nothing_that_it_acknowledged_when_the_power_is_cut(chain: Chain) -> None:
    [till] = chain.tills
    disk = watched(chain, chain.hub, "hub")
    for round_ in range(2):
        made = [till.api.post("/customers", customer(100 * round_ + n))["customer"]["id"] for n in range(20)]
        until(lambda: till.replication()["applied_seq"], "an acknowledgement")
        applied = till.replication()["applied_seq"]
        cut(chain.hub, disk)
        chain.settle()
        assert till.replication()["applied_seq"] >= applied
        assert all(chain.hub.api.ask("GET", f"/customers/{id_}")[0] == 200 for id_ in made)
    # A hub that had forgotten something would have begun another generation.
    assert till.replication()["feeds"][0]["generation"] == 1
