"""A broker whose queue for one till overflows drops without a word; the till asks for what it lacks."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.domain.ids import SiteId
from daemon.sync.topics import Topics
from tests.blackbox.proxied import is_proved_equal, running_proxied
from tests.blackbox.proxy import Line
from tests.system.processes import CHAIN, Chain, Daemon, until

pytestmark = pytest.mark.needs("mosquitto")

AT_ONCE, QUEUED = 2, 2
"""What the broker sends without an answer, and keeps behind that: 256 and 20 000, as we install it."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Chain, list[Line]]]:
    with running_proxied(tmp_path, (1, 2)) as (chain, _, lines):
        yield chain, lines


def offset(till: Daemon) -> int:
    """How much of the feed of the chain a till has heard."""
    feeds = till.replication()["feeds"]
    return next(int(feed["offset"]) for feed in feeds if feed["reach"] == "chain")


@pytest.mark.feature("E3.1")
def test_what_an_overflowing_queue_drops_is_fetched(running: tuple[Chain, list[Line]]) -> None:
    chain, lines = running
    asleep, busy = chain.tills
    lines[0].takes_at_once = AT_ONCE
    chain.broker.stop()
    chain.start_broker(max_queued_messages=str(QUEUED), log_type="all")
    until(lambda: is_proved_equal(chain), "the tills to come back", 90)
    assert asleep.process is not None
    asleep.process.send_signal(signal.SIGSTOP)
    try:
        made, here = [], offset(busy)
        for number in range(3 * (AT_ONCE + QUEUED)):
            body = {"last_name": f"File {number}", "surface": "import"}
            made.append(busy.api.post("/customers", body)["customer"]["id"])
            until(lambda: offset(busy) - here > number, "head office to have said it to all")  # noqa: B023  waited for at once
    finally:
        asleep.process.send_signal(signal.SIGCONT)
    chain.settle()
    site, log = asleep.replication()["site"], chain.broker.log
    _, dropped, after = log.partition(f"Outgoing messages are being dropped for client {site}.")
    assert dropped, "the queue has not overflowed"
    up = f"Received PUBLISH from {site} (d0, q1, r0, m"
    assert any(up in line and Topics(CHAIN).up(SiteId(site)) in line for line in after.splitlines()), "nobody has asked"
    assert all(asleep.api.ask("GET", f"/customers/{one}")[0] == 200 for one in made)
