"""The product as `make install` leaves it, started by a real systemd that was booted for it, without a network."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import SystemClock
from tests.system.container import (
    Container,
    booted,
    copy_of_pristine,
    disable,
    enable,
    install_product,
    why_impossible,
)

pytestmark = [
    pytest.mark.needs("debootstrap", "systemd-nspawn"),
    pytest.mark.skipif(why_impossible() is not None, reason=str(why_impossible())),
    # The first run on a machine fetches a Debian.
    pytest.mark.timeout(1800),
]

CLOCK = SystemClock()
RIGS = Path(__file__).parent / "rigs"
TILL, HUB, RELOADER, BROKER = (
    "comptoir-till.service",
    "comptoir-hub.service",
    "comptoir-broker.path",
    "mosquitto.service",
)
TILL_SOCKET = "/run/comptoir-till/comptoir.sock"
CARD = "2900000000018"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The disk of a machine on which the product was just installed."""
    root = tmp_path_factory.mktemp("machine")
    copy_of_pristine(root)
    install_product(root)
    configure(root)
    enable(root, TILL, HUB, RELOADER)
    yield root
    shutil.rmtree(root)


def configure(root: Path) -> None:
    """What an administrator does: two settings, and the broker may read what the hub writes."""
    till, hub = root / "etc/comptoir/till.toml", root / "etc/comptoir/hub.toml"
    till.write_text(till.read_text("utf-8").replace("/dev/serial/by-id/usb-scanner", "/run/scanner"), "utf-8")
    hub.write_text(hub.read_text("utf-8").replace("siege.example.com", "localhost"), "utf-8")
    (root / "etc/mosquitto/conf.d/comptoir.conf").symlink_to("/opt/comptoir/share/mosquitto.conf")
    for rig in RIGS.glob("*.py"):
        shutil.copy(rig, root / "opt")


def at_till(machine: Container, *words: str) -> Any:
    return json.loads(machine.run("comptoir", *words, "--json", "--socket", TILL_SOCKET))


@pytest.fixture(scope="module")
def chain(root: Path) -> Iterator[Container]:
    """Head office, its broker and a till that has joined, on one machine."""
    with booted(root) as machine:
        found_and_join(machine)
        yield machine


def found_and_join(machine: Container) -> None:
    assert machine.property(TILL, "ActiveState") == "inactive"
    machine.run("comptoir", "hub", "init", "--chain", "essai")
    machine.run("systemctl", "start", HUB)
    machine.wait_for(BROKER, "ActiveState", "active", 30)
    machine.run("comptoir", "hub", "shop", "add", "1", "Nantes")
    code = json.loads(machine.run("comptoir", "hub", "add-till", "1", "--json"))["code"]
    machine.run("comptoir", "till", "enrol", code, "--hub", "localhost")
    machine.run("systemctl", "start", TILL)
    at_till(machine, "setup", "--walk-in", "Client de passage", "--shop-name", "Nantes", "--no-input")
    customer = ("--first-name", "Hélène", "--last-name", "Lefèvre", "--email", "helene@example.fr")
    at_till(machine, "customers", "create", *customer, "--card", CARD)


@contextmanager
def rig(machine: Container, name: str, argument: str, greeting: str) -> Iterator[subprocess.Popen[str]]:
    """A program of `rigs` in the container; it ends when its standard input does."""
    with machine.spawn("/opt/comptoir/venv/bin/python", f"/opt/{name}.py", argument) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == f"{greeting}\n"
        yield process
        process.stdin.close()
        process.wait(10)


def events_of(process: subprocess.Popen[str]) -> Iterator[tuple[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        kind, _, data = line.partition(" ")
        yield kind, json.loads(data)


def scan(machine: Container, code: str) -> Any:
    """What the till software hears when a scanner is plugged in and reads a code."""
    with (
        rig(machine, "event_listener", TILL_SOCKET, "listening 200") as listener,
        rig(machine, "serial_scanner", "/run/scanner", "plugged in") as scanner,
    ):
        events = events_of(listener)
        next(data for kind, data in events if kind == "device" and data["state"] == "up")
        assert scanner.stdin is not None
        time.sleep(0.5)  # what begins within 50 ms of the opening may be the tail of a code, and is refused
        scanner.stdin.write(f"{code}\n")
        scanner.stdin.flush()
        return next(data for kind, data in events if kind == "scan")


@pytest.mark.feature("F3.2")
def test_the_installed_till_serves_a_scan(chain: Container) -> None:
    scanned = scan(chain, CARD)
    assert scanned["outcome"] == "customer"
    assert scanned["customer"]["display_name"] == "Hélène Lefèvre"


def test_the_broker_reads_what_the_hub_writes(chain: Container) -> None:
    def reloads() -> int:
        return chain.journal(BROKER).count("Reloaded")

    before = reloads()
    chain.run("comptoir", "hub", "revoke", "2", "--yes")
    deadline_s = CLOCK.monotonic_s() + 10
    while reloads() == before:
        assert CLOCK.monotonic_s() < deadline_s, chain.journal("comptoir-broker.service")
        time.sleep(0.1)


@pytest.mark.feature("F3.1")
def test_a_till_that_hangs_is_killed_and_started_anew(chain: Container) -> None:
    drop_in = f"/run/systemd/system/{TILL}.d/impatient.conf"
    chain.run("install", "-D", "/dev/stdin", drop_in, text_in="[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\n")
    chain.run("systemctl", "daemon-reload")
    chain.run("systemctl", "restart", TILL)
    hung = chain.property(TILL, "MainPID")
    chain.run("kill", "-STOP", hung)
    chain.wait_for(TILL, "Result", "watchdog", 30)
    chain.wait_for(TILL, "SubState", "running", 30)
    assert chain.property(TILL, "MainPID") != hung


def test_a_wrong_configuration_is_told_once_and_not_tried_again_every_second(chain: Container) -> None:
    good = chain.run("cat", "/etc/comptoir/till.toml")
    write = ("install", "-m", "640", "-g", "comptoir-till", "/dev/stdin", "/etc/comptoir/till.toml")
    chain.run(*write, text_in=good.replace("baud = 9600", 'baud = "fast"'))
    chain.run("systemctl", "restart", TILL, check=False)
    chain.wait_for(TILL, "ActiveState", "failed", 30)
    time.sleep(3)
    assert (chain.property(TILL, "ActiveState"), chain.property(TILL, "ExecMainStatus")) == ("failed", "78")
    assert chain.journal(TILL).count("printer[0].baud") == 1, "told once"
    chain.run(*write, text_in=good)
    chain.run("systemctl", "start", TILL)
    chain.wait_for(TILL, "ActiveState", "active", 30)


@pytest.mark.feature("F3.3")
def test_after_a_power_cut_the_till_comes_up_alone_and_knows_its_customers(chain: Container, root: Path) -> None:
    chain.cut_power()
    disable(root, HUB, RELOADER, BROKER)
    with booted(root) as machine:
        machine.wait_for(TILL, "ActiveState", "active", 30)
        assert machine.property(BROKER, "ActiveState") == "inactive"
        assert scan(machine, CARD)["customer"]["display_name"] == "Hélène Lefèvre"
        assert not at_till(machine, "sync", "status")["anchored"]
        # What systemd-timesyncd does once a time server has answered; the unit may not ask the kernel itself.
        machine.run("install", "-D", "/dev/null", "/run/systemd/timesync/synchronized")
        deadline_s = CLOCK.monotonic_s() + 30
        while not at_till(machine, "sync", "status")["anchored"]:
            assert CLOCK.monotonic_s() < deadline_s, machine.journal(TILL)
            time.sleep(0.5)
