"""Disks that go on in another machine, with real processes: what the image held is not spent, all else goes on."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.system.processes import Api, Chain, Daemon, comptoir, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

POINTS = 30
WARNING = "disk-ran-in-another-machine"


def machine(directory: Path, serial: str) -> Path:
    """What a Raspberry Pi tells of itself; the card, with the system on it, may be a copy of another one's."""
    board = directory / "sys/firmware/devicetree/base"
    board.mkdir(parents=True, exist_ok=True)
    (board / "serial-number").write_bytes(serial.encode() + b"\0")
    (directory / "etc").mkdir(exist_ok=True)
    (directory / "etc/machine-id").write_text("8a5f0c1e7d5b4f8c9b1e2d3c4b5a6978\n")
    return directory


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=()) as running:
        for number, shop in enumerate((1, 2), 1):
            running.add_till(shop, machine=machine(tmp_path / f"machine{number}", f"10000000abcdef0{number}"))
        yield running


def make(box: Daemon, name: str) -> str:
    body = {"first_name": "Client", "last_name": name, "email": f"{name.lower()}@example.org"}
    made: str = box.api.post("/customers", body)["customer"]["id"]
    return made


def give(box: Daemon, customer: str, amount: int) -> int:
    status, _ = box.api.ask("POST", f"/customers/{customer}/points", {"amount": amount, "reason": "geste"})
    return status


def points(box: Daemon, customer: str) -> dict[str, Any]:
    found: dict[str, Any] = box.api.get(f"/customers/{customer}/loyalty")["points"]
    return found


def copied(chain: Chain, till: Daemon, root: Path) -> Daemon:
    """Another machine with a copy of a till's card."""
    state, first = chain.directory / "copy", till.api.path.parent
    shutil.copytree(first, state, ignore=shutil.ignore_patterns("*.sock", "lock"))
    config = chain.directory / "copy.toml"
    text = till.config.read_text().replace(str(first), str(state))
    config.write_text(text.replace(str(chain.directory / "machine1"), str(root)))
    copy = Daemon("till", config, chain.directory / "copy.log", Api(state / "comptoir.sock"))
    chain.tills.append(copy)
    return copy


def judged(box: Daemon, name: str) -> str:
    """What the doctor says of one thing; it looks at others too, which are of no matter here."""
    command = [sys.executable, "-P", "-m", "daemon", "doctor", "--quick", "--json", "--config", str(box.config)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    found: str = next(check["state"] for check in json.loads(done.stdout)["checks"] if check["name"] == name)
    return found


@pytest.mark.feature("E3.1")
def test_a_copied_card_spends_nothing_of_what_its_image_held_and_the_first_box_does(chain: Chain) -> None:
    till, other = chain.tills
    customer = make(till, "Morel")
    assert give(till, customer, POINTS) == 200
    chain.settle()
    till.stop()
    copy = copied(chain, till, machine(chain.directory / "machine3", "10000000abcdef03"))
    chain.broker.kill()
    till.start()
    copy.start()
    assert (points(till, customer)["here"], points(copy, customer)["here"]) == (POINTS, 0)
    assert points(copy, customer)["balance"] == POINTS
    assert give(copy, customer, -POINTS) == 409
    assert give(till, customer, -POINTS) == 200
    sold = [make(till, "Original"), make(copy, "Copie")]
    assert give(copy, customer, 5) == 200, "what is given there may be spent there"
    assert give(copy, customer, -5) == 200
    assert WARNING in copy.log.read_text()
    assert WARNING not in till.log.read_text()
    assert till.replication()["moved_at"] is None
    assert "this disk ran in another machine" in comptoir("sync", "status", "--config", str(copy.config))
    chain.start_broker()
    site = till.replication()["site"]
    until(
        lambda: copy.replication()["fenced_since"] and till.replication()["fenced_since"], "both to hear of the other"
    )
    assert give(copy, customer, 5) == 200
    assert give(copy, customer, -5) == 409, "two boxes under one number spend nothing"
    until(lambda: copy.replication()["copy"]["waiting"] == 0, "head office to have what the copy has done", 120)
    copy.stop()
    chain.tills.remove(copy)
    comptoir("hub", "unfence", str(site), "--config", str(chain.hub.config))
    until(lambda: till.replication()["fenced_since"] is None, "the first box to hear that it is alone")
    chain.settle()
    for box in (chain.hub, till, other):
        assert points(box, customer)["balance"] == 5
        assert points(box, customer)["at_risk"] == 0, "nothing was spent twice"
        assert all(box.api.ask("GET", f"/customers/{one}")[0] == 200 for one in sold)


@pytest.mark.feature("E3.1")
def test_a_card_that_was_put_into_new_hardware_keeps_what_waits_and_gives_up_what_it_held(chain: Chain) -> None:
    till, other = chain.tills
    customer = make(till, "Morel")
    assert give(till, customer, POINTS) == 200
    chain.settle()
    incarnation = till.replication()["incarnation"]
    chain.broker.kill()
    unsent = make(till, "Attend")
    till.kill()
    machine(chain.directory / "machine1", "10000000deadbeef")
    till.start()
    assert till.replication()["incarnation"] != incarnation
    assert give(till, customer, -POINTS) == 409
    later = make(till, "Apres")
    assert judged(till, "machine") == "warning"
    chain.start_broker()
    until(lambda: other.api.ask("GET", f"/customers/{later}")[0] == 200, "what was said after the move")
    chain.settle()
    for box in (chain.hub, till, other):
        assert len(box.api.get("/customers?q=attend@example.org")["hits"]) == 1
        assert box.api.ask("GET", f"/customers/{unsent}")[0] == 200
        assert points(box, customer)["balance"] == POINTS
    moved = till.replication()["moved_at"]
    assert moved
    until(lambda: judged(till, "machine") == "ok", "the doctor to be content: head office knows")
    till.stop()
    till.start()
    assert till.log.read_text().count(WARNING) == 1, "it is told once"
    assert (till.replication()["moved_at"], till.replication()["fenced_since"]) == (moved, None)
    assert give(till, customer, 5) == 200
    assert give(till, customer, -5) == 200


@pytest.mark.feature("E3.1", "E6.2")
def test_what_the_former_machine_held_is_listed_at_head_office_until_an_operator_writes_it_off(chain: Chain) -> None:
    till, other = chain.tills
    customer = make(till, "Morel")
    assert give(till, customer, POINTS) == 200
    chain.settle()
    office = ("--config", str(chain.hub.config))
    site = till.replication()["site"]
    assert chain.hub.api.ask("POST", f"/tills/{site}/write-off", {})[0] == 409, "it lives, and may be spending"
    until(lambda: told_lot(chain, site), "head office to hear how the till holds rights", 120)
    till.stop()
    machine(chain.directory / "machine1", "10000000deadbeef")
    till.start()
    chain.settle()
    until(lambda: listed(chain, site)["former_box_since"], "head office to hear that it is another box", 120)
    assert listed(chain, other.replication()["site"])["former_box_since"] is None
    assert f"comptoir hub write-off {site}" in noted("hub", "tills", *office)
    assert judged(chain.hub, "former-box") == "warning"
    for box in (till, other):
        box.api.post(f"/customers/{customer}/loyalty/ask", {"points": POINTS})
        chain.settle()
        assert give(box, customer, -POINTS) == 409, "the former machine may have spent it"

    assert json.loads(comptoir("hub", "write-off", str(site), "--yes", "--json", *office))["rights"] >= 1
    assert listed(chain, site)["former_box_since"] is None
    assert chain.hub.api.ask("POST", f"/tills/{site}/write-off", {})[0] == 409

    def spend() -> int:
        till.api.post(f"/customers/{customer}/loyalty/ask", {"points": POINTS})
        return give(till, customer, -POINTS)

    until(lambda: spend() == 200, "the till to spend it as the box that it is now")
    chain.settle()
    for box in (chain.hub, till, other):
        assert (points(box, customer)["balance"], points(box, customer)["at_risk"]) == (0, 0)


def told_lot(chain: Chain, site: int) -> bytes:
    """Under which lot a till holds rights, as head office has it from one of its reports."""
    with closing(sqlite3.connect(chain.hub.api.path.parent / "hub.db")) as conn:
        (lot,) = conn.execute("SELECT lot FROM roster WHERE site = ?", (site,)).fetchone()
    return bytes(lot)


def noted(*arguments: str) -> str:
    """What a command says beside its answer."""
    command = [sys.executable, "-P", "-m", "daemon", *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stderr


def listed(chain: Chain, site: int) -> dict[str, Any]:
    """A till in head office's list."""
    found: dict[str, Any] = next(one for one in chain.hub.api.get("/tills") if one["site"] == site)
    return found


@pytest.mark.feature("E3.1")
def test_a_machine_that_tells_nothing_more_is_no_other_machine(chain: Chain) -> None:
    till, _ = chain.tills
    customer = make(till, "Morel")
    assert give(till, customer, POINTS) == 200
    till.stop()
    shutil.rmtree(chain.directory / "machine1")
    till.start()
    till.stop()
    machine(chain.directory / "machine1", "10000000abcdef01")
    till.start()
    assert points(till, customer)["here"] == POINTS
    assert WARNING not in till.log.read_text()
