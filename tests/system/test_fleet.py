"""The fleet as head office sees it, with real processes; a stolen till is cut, and what it could spend written off."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.canonical import unpack
from daemon.domain.ids import SiteId
from daemon.sync.topics import Topics
from tests.system.processes import CHAIN, Chain, Daemon, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

POINTS = 30
CUT_WITHIN_S = 60.0


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


def tills(chain: Chain) -> dict[str, Any]:
    return {one["label"]: one for one in chain.hub.api.get("/tills")}


def create(box: Daemon, name: str) -> str:
    made: str = box.api.post("/customers", {"last_name": name, "surface": "import"})["customer"]["id"]
    return made


def knows(box: Daemon, customer: str) -> bool:
    return box.api.ask("GET", f"/customers/{customer}")[0] == 200


@pytest.mark.feature("E6.1")
def test_head_office_sees_clock_disk_lag_conflicts_and_version_of_each_till(chain: Chain) -> None:
    customer = create(chain.tills[0], "Morel")
    chain.settle()
    chain.broker.stop()
    for number, till in enumerate(chain.tills):
        till.api.edit(customer, civility=f"Dr {number}")
    chain.start_broker()
    chain.settle()

    def told() -> bool:
        return all(
            till["proved_at"] and till["conflicts"] and till["waiting"] == 0 and till["behind"] == 0
            for till in tills(chain).values()
        )

    until(told, "both tills to tell how they are", 90)
    for till in tills(chain).values():
        assert (till["online"], till["conflicts"], till["otherwise"]) == (True, 1, 0)
        assert till["disk_free_bytes"] > 1_000_000
        assert abs(till["clock_ahead_ms"]) < 10_000
        assert till["version"]
        assert till["devices"] == []


class BrokerLog:
    """What the broker says that it did with the messages and the lines of one till."""

    def __init__(self, chain: Chain, site: int) -> None:
        self._chain = chain
        self._site = site
        topics = Topics(CHAIN)
        self._up = topics.up(SiteId(site))
        self._own = (topics.down(SiteId(site)), topics.feed_site(SiteId(site)))
        chain.broker.stop()
        chain.start_broker(log_type="all")
        until(lambda: all(till.replication()["link"]["online"] for till in chain.tills), "the tills to come back")

    def _count(self, *words: str) -> int:
        return sum(all(word in line for word in words) for line in self._chain.broker.log.splitlines())

    def said(self) -> int:
        """Messages of that till that the broker has taken."""
        return self._count(f"Received PUBLISH from {self._site} ", f"'{self._up}'")

    def refused(self) -> int:
        """Messages of that till that it has refused: its lines in the access list are gone."""
        return self._count(f"Denied PUBLISH from {self._site} ", f"'{self._up}'")

    def told(self) -> int:
        """What head office has said to that till alone."""
        return sum(self._count("Received PUBLISH from 1 ", f"'{topic}'") for topic in self._own)

    def delivered(self) -> int:
        """What has been passed on to it, whoever said it."""
        return self._count(f"Sending PUBLISH to {self._site} ")

    def connections(self) -> int:
        """How often it was let in."""
        return self._count("New client connected", f" as {self._site} ")


@pytest.mark.feature("E6.2")
def test_head_office_hears_a_withdrawn_till_no_more_though_the_broker_still_lets_it_in(chain: Chain) -> None:
    stolen, other = chain.tills
    site = tills(chain)["Caisse 1"]["site"]
    before = create(stolen, "Avant")
    log = BrokerLog(chain, site)
    chain.settle()
    chain.hub.api.post(f"/tills/{site}/revoke", {})
    said, told = log.said(), log.told()
    after = [create(stolen, "Apres")]
    until(lambda: log.said() > said, "the broker to take what the stolen till says")
    # The same head office, the same broker, and both started again: what is withdrawn is kept where it is decided.
    chain.hub.kill()
    chain.hub.start()
    stolen.kill()
    stolen.start()
    after.append(create(stolen, "Encore"))
    said = log.said()
    until(lambda: log.said() > said, "the stolen till to greet the new process")
    elsewhere = create(other, "Ailleurs")
    until(lambda: knows(chain.hub, elsewhere), "head office to listen to the others")
    time.sleep(5)
    assert log.told() == told, "head office has answered"
    assert not any(knows(box, one) for box in (chain.hub, other) for one in after)
    assert knows(chain.hub, before), "what was ordered before stays"
    assert stolen.replication()["copy"]["waiting"] == len(after)
    assert stolen.replication()["link"]["online"] is False
    assert tills(chain)["Caisse 1"]["online"] is False


@pytest.mark.feature("E6.2")
def test_a_revoked_till_is_cut_within_a_minute_hears_nothing_more_and_does_not_come_back(chain: Chain) -> None:
    stolen, other = chain.tills
    site = tills(chain)["Caisse 1"]["site"]
    customer = create(stolen, "Morel")
    log = BrokerLog(chain, site)
    chain.settle()
    begun = time.perf_counter()
    chain.hub.api.post(f"/tills/{site}/revoke", {})
    chain.broker.reload()
    delivered, connections = log.delivered(), log.connections()
    kept = create(stolen, "Perdu")
    until(log.refused, "the broker to refuse what the stolen till says", CUT_WITHIN_S)
    # Its connection may stand: nothing goes through it any more, and there is no other.
    secret = create(other, "Secret")
    until(lambda: knows(chain.hub, secret), "head office to go on")
    chain.hub.api.edit(customer, civility="Dr")
    until(lambda: other.api.get(f"/customers/{customer}")["civility"] == "Dr", "the others to hear")
    assert time.perf_counter() - begun < CUT_WITHIN_S
    assert not knows(stolen, secret)
    assert stolen.api.get(f"/customers/{customer}")["civility"] is None
    stolen.kill()
    stolen.start()
    with pytest.raises(AssertionError, match="waited"):
        until(lambda: stolen.replication()["link"]["online"], "a till that was withdrawn to come back", 8)
    assert (log.delivered(), log.connections()) == (delivered, connections)
    assert not knows(stolen, secret)
    assert not knows(chain.hub, kept)
    assert tills(chain)["Caisse 1"]["revoked"] is True


def held(chain: Chain, site: int) -> int:
    """What a till may spend, as head office has it."""
    with closing(sqlite3.connect(chain.hub.api.path.parent / "hub.db")) as conn:
        rows = conn.execute("SELECT holder, amount FROM balance WHERE holder != x''").fetchall()
    return sum(amount for holder, amount in rows if unpack(holder)[0] == site)


@pytest.mark.feature("E6.2")
def test_what_a_stolen_till_could_spend_is_written_off_and_another_spends_it(chain: Chain) -> None:
    stolen, other = chain.tills
    site = tills(chain)["Caisse 1"]["site"]
    customer = create(stolen, "Morel")
    stolen.api.post(f"/customers/{customer}/points", {"amount": POINTS, "reason": "geste"})
    chain.settle()
    assert held(chain, site) == POINTS
    chain.hub.api.post(f"/tills/{site}/revoke", {})
    assert chain.hub.api.ask("POST", f"/tills/{tills(chain)['Caisse 2']['site']}/write-off", {})[0] == 409

    take = {"amount": -POINTS, "reason": "erreur"}

    def spend() -> int:
        other.api.post(f"/customers/{customer}/loyalty/ask", {"points": POINTS})
        return other.api.ask("POST", f"/customers/{customer}/points", take)[0]

    for _ in range(3):
        assert spend() == 409, "the stolen till may have spent it"
        time.sleep(1)
    written_off = chain.hub.api.post(f"/tills/{site}/write-off", {})
    assert written_off["rights"] >= 1
    assert held(chain, site) == 0
    assert other.api.get(f"/customers/{customer}/points")["balance"] == POINTS
    until(lambda: spend() == 200, "another till to spend it")
    until(lambda: chain.hub.api.get(f"/customers/{customer}/points")["balance"] == 0, "head office to hear of it")
    assert chain.hub.api.post(f"/tills/{site}/write-off", {})["rights"] == 0
    assert held(chain, site) == 0
