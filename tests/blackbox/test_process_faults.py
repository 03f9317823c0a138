"""What happens to processes and lines besides death: stopped for a while, started twice, slow, silent."""

import http.client
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.blackbox.proxied import is_proved_equal, running_proxied
from tests.blackbox.proxy import FAIR, SLOW, Line, LineState, Proxy
from tests.system.processes import Chain, Daemon, until

pytestmark = pytest.mark.needs("mosquitto")

STOPPED_S = float(os.environ.get("COMPTOIR_STOPPED_S", "4"))
"""How long processes stand still. A minute and more, as in shops: COMPTOIR_STOPPED_S=70."""

Running = tuple[Chain, Proxy, list[Line]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_proxied(tmp_path_factory.mktemp("faults"), (1, 1, 2)) as found:
        yield found


@contextmanager
def stopped(daemon: Daemon) -> Iterator[None]:
    """The process stands still, as one that is swapped out or whose disk hangs; its sockets stay open."""
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        daemon.process.send_signal(signal.SIGCONT)


def create(daemon: Daemon, name: str) -> str:
    body = {"first_name": "Panne", "last_name": name, "email": f"{name}@example.org"}
    return str(daemon.api.post("/customers", body, key=name)["customer"]["id"])


def note(daemon: Daemon, customer: str, text: str) -> None:
    daemon.api.post(f"/customers/{customer}/notes", {"text": text}, key=text.replace(" ", "-"))


def notes(daemon: Daemon, customer: str) -> Counter[str]:
    return Counter(one["text"] for one in daemon.api.get(f"/customers/{customer}")["notes"])


def ask_and_give_up(daemon: Daemon, customer: str, text: str) -> None:
    """Ask, and hang up before there is an answer, as till software with a short patience does."""
    connection = http.client.HTTPConnection("localhost", timeout=1)
    connection.sock = daemon.api.connected(timeout_s=1)
    headers = {"Content-Type": "application/json", "Idempotency-Key": text.replace(" ", "-")}
    connection.request("POST", f"/api/v1/customers/{customer}/notes", f'{{"text": "{text}"}}', headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()


@pytest.mark.parametrize("role", ["till", "hub"])
def test_a_second_daemon_on_one_state_directory_refuses_in_one_sentence(running: Running, role: str) -> None:
    chain = running[0]
    daemon = chain.hub if role == "hub" else chain.tills[0]
    second = subprocess.run(
        [*daemon.command, role, "--config", str(daemon.config)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd="/",
        env=os.environ | {"LC_ALL": "en_GB.UTF-8"},
    )
    assert second.returncode == 1
    assert "another process works in" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    assert daemon.api.ask("GET", "/health")[0] == 200


def test_a_till_that_stood_still_goes_on_and_does_nothing_twice(running: Running) -> None:
    chain = running[0]
    first, second, _ = chain.tills
    customer = create(first, "immobile")
    chain.settle()
    with stopped(first):
        ask_and_give_up(first, customer, "asked while it stood still")
        note(second, customer, "meanwhile elsewhere")
        time.sleep(STOPPED_S)
    note(first, customer, "asked while it stood still")
    note(first, customer, "afterwards")
    chain.settle()
    wanted = Counter({"asked while it stood still": 1, "meanwhile elsewhere": 1, "afterwards": 1})
    assert [notes(box, customer) for box in (chain.hub, *chain.tills)] == [wanted] * 4


def test_a_hub_that_stood_still_goes_on_and_does_nothing_twice(running: Running) -> None:
    chain = running[0]
    customer = create(chain.tills[0], "siege")
    chain.settle()
    with stopped(chain.hub):
        for number, till in enumerate(chain.tills):
            note(till, customer, f"hub stands still {number}")
        time.sleep(STOPPED_S)
    for number, till in enumerate(chain.tills):
        note(till, customer, f"hub is back {number}")
    until(lambda: is_proved_equal(chain), "equality proved at a mark", 90)
    texts = {f"hub {does} {number}" for does in ("stands still", "is back") for number in range(3)}
    assert [notes(box, customer) for box in (chain.hub, *chain.tills)] == [Counter(texts)] * 4
    assert [till.replication()["feeds"][0]["generation"] for till in chain.tills] == [1, 1, 1]


@pytest.mark.feature("E1.2")
def test_on_a_slow_line_and_on_a_silent_one_tills_work_and_catch_up(running: Running) -> None:
    chain, proxy, (slow, silent, _) = running
    first, second, third = chain.tills
    slow.weather, connections = SLOW, slow.counts["connections"]
    proxy.turn(silent, LineState.SILENT)
    made = [create(third, f"lent{number}") for number in range(60)]
    for customer in made:
        third.api.post(f"/customers/{customer}/notes", {"text": incompressible(600)})
    for number, till in enumerate((first, second)):
        begun = time.perf_counter()
        create(till, f"surplace{number}")
        assert time.perf_counter() - begun < 1.0, "the counter waits for the line"
    until(
        lambda: _link(first)["online"] and not _link(second)["online"], "a line that carries nothing to be noticed", 60
    )
    assert _link(third)["online"]
    proxy.turn(silent, LineState.OPEN)
    online: Counter[bool] = Counter()

    def proved() -> bool:
        online[_link(first)["online"]] += 1
        return is_proved_equal(chain)

    until(proved, "equality proved at a mark, over 64 kbit/s", 120)
    assert set(online) == {True}, "the slow till was cut off"
    assert slow.counts["connections"] == connections, "its connection has held throughout"
    slow.weather = FAIR
    for box in (chain.hub, *chain.tills):
        assert all(box.api.ask("GET", f"/customers/{customer}")[0] == 200 for customer in made)
        assert len(box.api.get("/customers?q=surplace")["hits"]) == 2


def incompressible(length: int) -> str:
    """Letters alone: among digits there would be payment numbers."""
    return "".join(chr(ord("a") + byte % 26) for byte in os.urandom(length))


def _link(till: Daemon) -> Any:
    return till.replication()["link"]


def test_nothing_of_it_ended_a_daemon(running: Running) -> None:
    chain: Chain = running[0]
    for daemon in (chain.hub, *chain.tills):
        assert daemon.process is not None
        assert daemon.process.poll() is None
        assert "Traceback" not in Path(daemon.log).read_text()
