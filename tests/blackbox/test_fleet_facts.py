"""What head office is told of tills with which something is the matter: a clock, a reader, a line, a switch."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from daemon.domain.feed import CHAIN
from daemon.store import ordering
from daemon.store.database import open_connection
from tests.blackbox.proxied import is_proved_equal, running_proxied
from tests.blackbox.proxy import FAIR, SLOW, Line, LineState, Proxy
from tests.fakes.chance import Random
from tests.system.odd_machine import built
from tests.system.processes import Chain, Daemon, until

pytestmark = [pytest.mark.needs("mosquitto"), pytest.mark.feature("E6.1")]

HOUR_S = 3600
TOLD_S = 90.0
"""A report is due every half a minute."""

NOTES = 120

Running = tuple[Chain, Proxy, list[Line]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_proxied(tmp_path_factory.mktemp("facts"), (1, 1, 2)) as found:
        yield found


def told(chain: Chain, number: int) -> Any:
    """What head office knows of the till with this number, from one."""
    return next(one for one in chain.hub.api.get("/tills") if one["label"] == f"Caisse {number}")


def stands_at(till: Daemon) -> int:
    """How much of the feed of the chain a till has."""
    feeds = till.replication()["feeds"]
    return next(int(feed["offset"]) for feed in feeds if feed["reach"] == "chain")


def ordered(chain: Chain) -> int:
    """How much of it there is."""
    with closing(open_connection(chain.directory / "hub" / "hub.db", read_only=True)) as conn:
        return ordering.feed_head(conn, CHAIN).offset


def test_a_clock_that_is_wrong_is_told_with_its_sign_and_of_that_till_alone(running: Running, tmp_path: Path) -> None:
    chain = running[0]
    odd, till = built(tmp_path), chain.tills[0]
    for off_s in (HOUR_S, -2 * HOUR_S):
        till.stop()
        odd.set(clock_off_s=off_s)
        odd.carry(till)
        till.start()
        until(
            lambda: abs(told(chain, 1)["clock_ahead_ms"] - off_s * 1000) < 10_000,  # noqa: B023  waited for at once
            "the wrong clock to be told",
            TOLD_S,
        )
    assert all(abs(told(chain, number)["clock_ahead_ms"]) < 10_000 for number in (2, 3))
    till.environ.clear()


def test_a_reader_that_is_not_there_is_told_with_its_name_and_state(running: Running, tmp_path: Path) -> None:
    chain = running[0]
    till = chain.tills[1]
    till.stop()
    reader = f'[[reader]]\nkind = "serial-scanner"\nname = "douchette"\npath = "{tmp_path}/unplugged"\n'
    shown = '[[reader]]\nkind = "simulated"\nname = "essai"\n'
    till.config.write_text(till.config.read_text() + reader + shown)
    till.start()

    def devices() -> dict[str, str]:
        return {one["device"]: one["state"] for one in told(chain, 2)["devices"] or ()}

    until(lambda: devices() == {"douchette": "absent", "essai": "up"}, "the reader to be told", TOLD_S)
    assert told(chain, 1)["devices"] == []


def test_records_that_wait_at_a_till_are_counted_at_head_office_until_they_are_there(running: Running) -> None:
    chain, proxy, lines = running
    till, line = chain.tills[2], lines[2]
    customer = till.api.post("/customers", {"last_name": "Lent"})["customer"]["id"]
    until(lambda: is_proved_equal(chain), "equality proved at a mark", 90)
    proxy.turn(line, LineState.CUT)
    chance = Random("notes")
    for _ in range(NOTES):
        text = "".join(chance.choices(ascii_lowercase, k=900))  # what does not compress
        till.api.post(f"/customers/{customer}/notes", {"text": text})
    line.weather = SLOW
    proxy.turn(line, LineState.OPEN)
    waiting = until(lambda: told(chain, 3)["waiting"], "what waits to be told", TOLD_S)
    assert 0 < waiting <= NOTES
    line.weather = FAIR
    until(lambda: told(chain, 3)["waiting"] == 0, "nothing to wait any more", TOLD_S)
    assert len(chain.hub.api.get(f"/customers/{customer}")["notes"]) == NOTES


def test_a_till_that_is_away_is_as_many_records_behind_as_it_lacks(running: Running) -> None:
    chain, proxy, lines = running
    away, other = chain.tills[2], chain.tills[0]
    until(lambda: is_proved_equal(chain), "equality proved at a mark", 90)
    until(
        lambda: told(chain, 3)["offset"] == stands_at(away) and told(chain, 3)["behind"] == 0, "it to be told", TOLD_S
    )
    proxy.turn(lines[2], LineState.CUT)
    for number in range(5):
        made = other.api.post("/customers", {"last_name": f"Sans elle {number}"})["customer"]["id"]
    until(lambda: chain.hub.api.ask("GET", f"/customers/{made}")[0] == 200, "head office to have them")
    lacks = ordered(chain) - stands_at(away)
    assert lacks >= 5
    until(lambda: told(chain, 3)["online"] is False, "head office to hear that it is away")
    assert told(chain, 3)["behind"] == lacks
    proxy.turn(lines[2], LineState.OPEN)
    until(lambda: told(chain, 3)["behind"] == 0 and told(chain, 3)["online"], "it to be back", TOLD_S)
