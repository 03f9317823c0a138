"""The fleet as head office sees it, with real processes; a stolen till is cut, and what it could spend written off."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.processes import Chain, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


def tills(chain: Chain) -> dict[str, Any]:
    return {one["label"]: one for one in chain.hub.api.get("/tills")}


@pytest.mark.feature("E6.1")
def test_head_office_sees_clock_disk_lag_conflicts_and_version_of_each_till(chain: Chain) -> None:
    one = chain.tills[0]
    customer = one.api.post("/customers", {"last_name": "Morel", "surface": "import"})["customer"]["id"]
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


@pytest.mark.feature("E6.2")
def test_a_revoked_till_is_cut_within_a_minute_hears_nothing_more_and_its_rights_are_written_off(chain: Chain) -> None:
    stolen, other = chain.tills
    site = tills(chain)["Caisse 1"]["site"]
    customer = stolen.api.post("/customers", {"last_name": "Morel", "surface": "import"})["customer"]["id"]
    stolen.api.post(f"/customers/{customer}/points", {"amount": 30, "reason": "geste"})
    chain.settle()
    chain.hub.api.post(f"/tills/{site}/revoke", {})
    chain.broker.reload()
    # Its connection may stand: nothing goes through it any more, and there is no other.
    secret = other.api.post("/customers", {"last_name": "Secret", "surface": "import"})["customer"]["id"]
    until(lambda: chain.hub.api.ask("GET", f"/customers/{secret}")[0] == 200, "head office to go on")
    chain.hub.api.edit(customer, civility="Dr")
    time.sleep(3)
    assert stolen.api.ask("GET", f"/customers/{secret}")[0] == 404
    assert stolen.api.get(f"/customers/{customer}")["civility"] is None
    stolen.kill()
    stolen.start()
    with pytest.raises(AssertionError, match="waited"):
        until(lambda: stolen.replication()["link"]["online"], "a till that was withdrawn to come back", 8)
    assert stolen.api.ask("GET", f"/customers/{secret}")[0] == 404
    assert chain.hub.api.get(f"/customers/{customer}/points")["balance"] == 30
    assert chain.hub.api.post(f"/tills/{site}/write-off", {})
    until(lambda: other.api.get(f"/customers/{customer}/points")["balance"] == 30, "the balance to stay")
    assert tills(chain)["Caisse 1"]["revoked"] is True
