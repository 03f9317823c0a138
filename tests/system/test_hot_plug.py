"""A till whose devices are not there yet: udev's own word wakes each that has nearly given up."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.test_key_framing import keys_of, scanned
from tests.fakes.head_office import copied_chain, found_chain
from tests.system.processes import Api, until

RIG = Path(__file__).parents[1] / "drivers" / "rigs" / "umockdev_late_plug.py"
PRINTER = "/dev/serial/by-id/usb-Acme_Printer_0043-if00"
DEVICES = f"""
[[reader]]
kind = "keyboard-scanner"
name = "keys"
uniq = "0042"
layout = "us"
[[printer]]
name = "counter"
address = "serial://{PRINTER}"
"""
BACK_S = 10.0
"""The waits of this till are ten minutes: it is woken, or not."""

NEARLY_GIVEN_UP = textwrap.dedent("""
    import sys
    from functools import partial
    from pathlib import Path
    from daemon.backoff import Backoff
    from daemon.desk import print_desk
    from daemon.drivers import hotplug, supervisor

    # Whoever waits, waits ten minutes: nothing but udev wakes a device within this test. The machine has no udevd
    # that could be looked for; umockdev sends what udevd would.
    patient = Backoff(first_s=600.0, max_s=600.0)
    supervisor.Backoff = lambda: patient
    print_desk.RETRY, print_desk.WATCH_S = patient, 600.0
    hotplug.UDEV_CONTROL = Path("/")
    from daemon.__main__ import main
    raise SystemExit(main(sys.argv[1:]))
""")


@dataclass
class Till:
    """A till's process on a machine that is told what is plugged into it."""

    api: Api
    rig: subprocess.Popen[str]

    def tell(self, *words: str) -> str:
        assert self.rig.stdin
        assert self.rig.stdout
        self.rig.stdin.write(" ".join(words) + "\n")
        self.rig.stdin.flush()
        return self.rig.stdout.readline().strip()

    def device(self, name: str) -> Any:
        return next(one for one in self.api.get("/devices") if (one["device"], one["role"]) in _ROLES[name])


_ROLES = {"keys": {("keys", "reader")}, "counter": {("counter", "printer")}}


@contextmanager
def nearly_given_up(folder: Path) -> Iterator[Till]:
    made, here = folder / "made", folder / "here"
    made.mkdir()
    here.mkdir()
    found_chain(made)
    _, till = copied_chain(made, here)
    till.config.write_text(till.config.read_text() + DEVICES)
    child = [sys.executable, "-P", "-c", NEARLY_GIVEN_UP, "till", "--config", str(till.config)]
    with (folder / "log").open("w") as log:
        rig = subprocess.Popen(
            ["umockdev-wrapper", "/usr/bin/python3", str(RIG), *child],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            api = Api(till.state / "comptoir.sock")
            until(lambda: api.ask("GET", "/health")[0] == 200, "the till to answer")
            yield Till(api, rig)
        finally:
            rig.communicate(timeout=30)


@pytest.mark.feature("D5.1")
@pytest.mark.needs("umockdev-wrapper")
def test_a_reader_and_a_printer_that_wait_long_are_taken_as_soon_as_udev_tells_of_them(tmp_path: Path) -> None:
    with nearly_given_up(tmp_path) as till:
        until(lambda: till.device("keys")["state"] == "absent", "the reader to be missed")
        until(lambda: till.device("counter")["state"] == "absent", "the printer to be missed")
        time.sleep(0.5)
        assert till.tell("scanner") == "done"
        until(lambda: till.device("keys")["state"] == "up", "the scanner to be taken", BACK_S)
        time.sleep(0.3)  # what comes at once was being typed before
        assert till.tell("type", scanned(keys_of("M-000123", "us")).hex()) == "done"
        until(lambda: till.device("keys")["last_read_at"], "a card to be read", BACK_S)
        customer = till.api.post("/customers", {"last_name": "Morel", "surface": "import"})["customer"]["id"]
        job = till.api.post(f"/customers/{customer}/badge", {})
        until(lambda: till.api.get("/print-jobs")[0]["hold"] == "absent", "the badge to wait for its printer")
        assert till.tell("printer") == "done"
        asked = time.perf_counter()
        assert till.tell("heard").startswith("10"), "DLE: the printer is asked how it is"
        assert time.perf_counter() - asked < BACK_S
        assert till.api.get("/print-jobs")[0]["id"] == job["id"]
