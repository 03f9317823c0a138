"""A till whose database file is damaged sells again within a minute, and head office gets what only that file held."""

import contextlib
import http.client
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from daemon.store import leftovers
from tests.system.planting import plant
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

CUSTOMERS = 2_100
SELLING_S = 60.0
PAGE = 4096


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running_chain(tmp_path_factory.mktemp("damaged"), shops=(1, 1)) as running:
        running.hub.stop()
        plant(running, CUSTOMERS, together=7)
        running.hub.start()
        running.settle()
        yield running


def database(till: Daemon) -> Path:
    return till.api.path.parent / "till.db"


def ask(till: Daemon, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """As `Api.ask`; a process that ended is started again, as systemd does after a second."""
    assert till.process is not None
    if till.process.poll() is not None:
        time.sleep(1)
        till.launch()
    with contextlib.suppress(OSError, http.client.HTTPException):
        return till.api.ask(method, path, body)
    return 0, None


def overwrite(path: Path, first: int, pages: int) -> None:
    with path.open("r+b") as file:
        file.seek(first * PAGE)
        file.write(os.urandom(pages * PAGE))


def between_the_schema(path: Path) -> tuple[int, int]:
    """The longest run of pages in the latter half that holds none of the schema: its first page, how many.

    Page 1 of a file with many tables is an inner page of the tree: 100 bytes of header, then as SQLite's format says.
    """
    page, pages = path.read_bytes()[:PAGE], path.stat().st_size // PAGE
    count = int.from_bytes(page[103:105], "big")
    cells = [int.from_bytes(page[112 + 2 * at : 114 + 2 * at], "big") for at in range(count)]
    schema = [int.from_bytes(page[at : at + 4], "big") for at in cells] + [int.from_bytes(page[108:112], "big")]
    assert page[100] == 5, "the first page is no inner page"
    # SQLite counts pages from 1, a seek from 0: the page behind number n begins at n.
    rims = sorted({pages // 2, *(one for one in schema if one > pages // 2), pages + 1})
    first, behind = max(pairwise(rims), key=lambda two: two[1] - two[0])
    return first, behind - first - 1


def made_offline(till: Daemon, tag: str) -> list[str]:
    """Customers that were made, and edits of others, while head office was away."""
    made = [
        till.api.post(
            "/customers", {"first_name": "Seule", "last_name": f"{tag}{at}", "email": f"{tag}{at:02d}@example.org"}
        )
        for at in range(12)
    ]
    for at in range(12):
        hit = till.api.get(f"/customers?q=client{100 + at:05d}@example.org")["hits"][0]
        till.api.edit(hit["customer"]["id"], civility=f"Dr {tag}")
    return [one["customer"]["id"] for one in made]


def sells(till: Daemon, tag: str) -> bool:
    """Whether somebody new can be saved and found, and what comes is looked up without an error."""
    for at in range(0, CUSTOMERS, 150):
        if ask(till, "GET", f"/customers?q=nom{at}")[0] != 200:
            return False
    body = {"first_name": "Après", "last_name": f"Panne {tag}", "email": f"panne-{tag}@example.org"}
    if ask(till, "POST", "/customers", body)[0] not in (201, 409):
        return False
    status, found = ask(till, "GET", f"/customers?q=panne-{tag}@example.org")
    return status == 200 and len(found["hits"]) == 1 and "database-replaced" in till.log.read_text()


@pytest.mark.feature("F4.5")
@pytest.mark.parametrize("case", ["middle", "header"])
def test_a_till_with_a_damaged_file_sells_within_a_minute_and_its_unsent_edits_reach_head_office_once(
    chain: Chain, case: str
) -> None:
    till, other = chain.tills
    # A clean end folds the log into the file: what is overwritten there is not shadowed, but by what is made offline.
    till.stop()
    till.start()
    chain.settle()
    chain.broker.kill()
    made = made_offline(till, case)
    incarnation = till.replication()["incarnation"]
    till.kill() if case == "middle" else till.stop()
    till.log.write_text("")
    path = database(till)
    match case:
        case "middle":
            # The log holds the newest pages. Of what it does not hold, all is overwritten between two pages of the
            # schema, without which nobody finds a table (DECISIONS 24).
            overwrite(path, *between_the_schema(path))
        case _:
            overwrite(path, 0, 1)
    till.launch()
    until(lambda: sells(till, case), "the till to sell", SELLING_S)
    assert leftovers.beside(path, leftovers.DAMAGED).exists()
    assert till.replication()["copy"]["waiting"] >= 25, "24 records that only this file held, and one since"
    chain.start_broker()
    chain.settle()
    assert till.replication()["incarnation"] != incarnation
    for ident in made:
        for box in (chain.hub, other, till):
            assert box.api.ask("GET", f"/customers/{ident}")[0] == 200, (case, box.config.stem)
    for at in range(12):
        hits = chain.hub.api.get(f"/customers?q=client{100 + at:05d}@example.org")["hits"]
        assert [chain.hub.api.get(f"/customers/{hit['customer']['id']}")["civility"] for hit in hits] == [f"Dr {case}"]
        assert len(chain.hub.api.get(f"/customers?q={case}{at:02d}@example.org")["hits"]) == 1
    until(lambda: not leftovers.beside(path, leftovers.DAMAGED).exists(), "the damaged file to go")
