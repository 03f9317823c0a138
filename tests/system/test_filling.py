"""A till that was away for longer than head office keeps its records is filled from rows, through kills."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.planting import plant
from tests.system.processes import Chain, Daemon, comptoir, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

CUSTOMERS = 40_000
TOGETHER = 100
"""Customers of one record."""
KILLED_AT = (1_000, 6_000, 14_000)
_FIGURE = r"(\d[\d\s]*)"
ON_COMMAND_LINE = rf"{_FIGURE} sur {_FIGURE} fiches"
ON_PAGE = rf"Remplissage\s: {_FIGURE} sur {_FIGURE} fiches"


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


def age_feed(chain: Chain) -> None:
    """Everything was ordered long ago; head office is not running."""
    conn = sqlite3.connect(chain.hub.api.path.parent / "hub.db")
    conn.execute("UPDATE feed SET ordered_ms = 1")
    conn.commit()
    conn.close()


def oldest(chain: Chain) -> int:
    conn = sqlite3.connect(chain.hub.api.path.parent / "hub.db")
    try:
        return int(conn.execute("SELECT min(feed_offset) FROM feed WHERE reach = 0").fetchone()[0])
    finally:
        conn.close()


def filled(till: Daemon) -> int:
    fill = till.replication()["fill"]
    return int(fill["rows"]) if fill else 0


def figures(text: str, what: str) -> tuple[int, int]:
    """`N sur M` as people read it, wherever it is written."""
    found = re.search(what, text)
    assert found is not None, text[-3000:]
    done, total = (int(re.sub(r"\D", "", part)) for part in found.groups())
    return done, total


def told_everywhere(till: Daemon) -> bool:
    """Whether page and command line said how much of how much is there; False where the filling ended meanwhile."""
    before = filled(till)
    told = [
        (comptoir("sync", "status", "--config", str(till.config), LC_ALL="fr_FR.UTF-8"), ON_COMMAND_LINE),
        (till.api.page("/caisse/etat"), ON_PAGE),
        (till.api.page("/caisse"), ON_PAGE),
    ]
    after = till.replication()["fill"]
    if after is None or after["history"] is not None:
        return False
    for text, where in told:
        done, total = figures(text, where)
        assert before <= done <= after["rows"] <= total
        assert CUSTOMERS <= total <= CUSTOMERS * 1.05
    return True


def goes_on_after_a_kill(till: Daemon) -> bool:
    """Kill it in the midst; what was filled before is filled still. Whether it was in the midst."""
    before = filled(till)
    till.kill()
    till.start()
    after = filled(till)
    assert after >= before, f"{before} rows were there before the kill, {after} after it"
    return before > 0


@pytest.mark.feature("E4.1")
def test_a_till_behind_a_pruned_log_is_filled_through_kills_and_sells_meanwhile(chain: Chain) -> None:
    away, other = chain.tills
    here = away.api.post("/customers", {"first_name": "Ici", "last_name": "Avant", "email": "avant@example.org"})
    chain.settle()
    away.stop()
    gone = away_and_erased(chain, other)
    chain.hub.stop()
    plant(chain, CUSTOMERS, together=TOGETHER)
    age_feed(chain)
    chain.hub.start()
    until(lambda: oldest(chain) > CUSTOMERS // TOGETHER, "head office to prune its log", 60)
    away.start()
    killed = told = 0
    made = []
    for at in KILLED_AT:
        until(lambda: filled(away) > at, f"{at} rows to be taken")  # noqa: B023  waited for at once
        told += told_everywhere(away)
        # The counter works meanwhile: somebody new, an edit of somebody old, a search, a scan.
        name = f"Pendant {at}"
        made.append(
            away.api.post("/customers", {"first_name": "Client", "last_name": name, "email": f"p{at}@example.org"})
        )
        away.api.edit(here["customer"]["id"], civility=f"Dr {at}")
        assert len(away.api.get(f"/customers?q=p{at}@example.org")["hits"]) == 1
        killed += goes_on_after_a_kill(away)
    assert killed == len(KILLED_AT), "each kill hit a filling that went on"
    assert told > 0
    until(lambda: away.replication()["fill"] is None, "the filling to end")
    chain.settle()
    assert len(away.api.get(f"/customers?q=client{CUSTOMERS - 1:05d}@example.org")["hits"]) == 1
    for one in made:
        assert chain.hub.api.ask("GET", f"/customers/{one['customer']['id']}")[0] == 200
    assert chain.hub.api.get(f"/customers/{here['customer']['id']}")["civility"] == f"Dr {KILLED_AT[-1]}"
    assert away.api.ask("GET", f"/customers/{gone}")[0] == 404
    status = comptoir("sync", "status", "--config", str(away.config), "--json")
    assert '"fill": null' in status


def away_and_erased(chain: Chain, other: Daemon) -> str:
    """Somebody whom the till that is away never heard of, and who was erased since."""
    body = {"first_name": "Zoé", "last_name": "Oubliée", "email": "zoe@example.org"}
    made: str = other.api.post("/customers", body)["customer"]["id"]
    until(lambda: chain.hub.api.ask("GET", f"/customers/{made}")[0] == 200, "the customer at head office")
    chain.hub.api.post(f"/customers/{made}/erase", {"reason": "request"})
    return made
