"""Disks that stand still, or take nothing any more: reads go on, nothing is answered before it is saved, once."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.odd_machine import OddMachine, built
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = [pytest.mark.needs("mosquitto"), pytest.mark.needs("gcc")]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


@pytest.fixture
def odd(tmp_path: Path, chain: Chain) -> OddMachine:
    machine = built(tmp_path)
    till = chain.tills[0]
    till.stop()
    machine.carry(till)
    till.start()
    return machine


def create(till: Daemon, name: str) -> tuple[int, str]:
    status, answer = till.api.ask("POST", "/customers", {"last_name": name, "surface": "import"})
    return status, answer.get("detail", "") if status >= 400 else answer["customer"]["id"]


@pytest.mark.feature("F4.4")
def test_while_the_disk_stands_still_the_counter_reads_and_nothing_is_said_to_be_saved(
    chain: Chain, odd: OddMachine
) -> None:
    till, other = chain.tills
    before = create(till, "Avant")[1]
    answers: list[tuple[int, object]] = []
    body = {"last_name": "Pendant", "surface": "import"}

    def ask() -> None:
        answers.append(till.api.ask("POST", "/customers", body, key="une-seule-fois"))

    odd.set(stands_still=1)
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(3.0)
    assert answers == [], "it is not on the disk yet"
    begun = time.perf_counter()
    assert till.api.ask("GET", f"/customers/{before}")[0] == 200
    assert time.perf_counter() - begun < 2.0
    meanwhile = create(other, "Ailleurs")[1]
    odd.set(stands_still=0)
    asking.join()
    assert [status for status, _ in answers] == [201]
    assert till.api.ask("POST", "/customers", body, key="une-seule-fois") == answers[0]
    chain.settle()
    for box in (chain.hub, till, other):
        assert len(box.api.get("/customers?q=pendant")["hits"]) == 1
        assert box.api.ask("GET", f"/customers/{meanwhile}")[0] == 200
    assert till.process is not None
    assert till.process.poll() is None


@pytest.mark.feature("F4.4")
def test_on_a_disk_that_became_read_only_reads_go_on_and_writes_are_refused_in_one_sentence(
    chain: Chain, odd: OddMachine
) -> None:
    till, _ = chain.tills
    before = create(till, "Avant")[1]
    odd.set(read_only=1)
    status, refused = create(till, "Perdu")
    assert status == 503
    assert refused.startswith("the disk"), refused
    assert till.api.ask("GET", f"/customers/{before}")[0] == 200
    odd.set(read_only=0)
    after = until(
        lambda: next((id_ for status, id_ in [create(till, "Guéri")] if status == 201), ""), "a disk to write"
    )
    chain.settle()
    assert chain.hub.api.ask("GET", f"/customers/{after}")[0] == 200
    assert chain.hub.api.get("/customers?q=perdu")["hits"] == []
