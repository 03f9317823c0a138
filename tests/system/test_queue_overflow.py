"""A broker whose queue for one till overflows drops without a word; the till asks for what it lacks."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.hub.broker_files import CONFIGURATION
from tests.fakes.mosquitto import running_mosquitto
from tests.system.processes import Chain, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


@pytest.mark.feature("E3.1")
def test_what_an_overflowing_queue_drops_is_fetched(chain: Chain) -> None:
    asleep, busy = chain.tills
    fragment = (chain.directory / "broker" / CONFIGURATION).read_text()
    assert "max_queued_messages 20000" in fragment
    small = fragment.replace("max_queued_messages 20000", "max_queued_messages 2").replace(
        "max_inflight_messages 256", "max_inflight_messages 2"
    )
    chain.broker.stop()
    chain.broker = chain.ends.enter_context(running_mosquitto(chain.directory, small, chain.broker_port))
    until(lambda: all(till.replication()["link"]["online"] for till in chain.tills), "the tills to come back")
    assert asleep.process is not None
    asleep.process.send_signal(signal.SIGSTOP)
    try:
        made = []
        for number in range(40):
            body = {"last_name": f"File {number}", "surface": "import"}
            made.append(busy.api.post("/customers", body)["customer"]["id"])
            until(lambda: chain.hub.api.ask("GET", f"/customers/{made[-1]}")[0] == 200, "head office to have it")
    finally:
        asleep.process.send_signal(signal.SIGCONT)
    chain.settle()
    assert all(asleep.api.ask("GET", f"/customers/{one}")[0] == 200 for one in made)
