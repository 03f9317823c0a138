"""How a till's devices are, from their lines to head office.

A reader reads, misreads, is pulled within a scan, is plugged in again; a printer runs out of paper.
"""

import contextlib
import os
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.drivers.simulated_printer import SimulatedModel
from tests.fakes.printer_thread import PrinterThread
from tests.system.processes import Chain, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

GOOD, BAD = b"3760123456784\r", b"3760123456785\r"
SETTLED_S = 0.5
"""What a till hears in the first moments of a line was being sent before."""

BACK_S = 10.0
TOLD_S = 20.0
"""Head office hears of each change by then. Reports that come whatever happens are half a minute apart."""


class Scanner:
    """A scanner on a pseudo-terminal, under a link as udev makes them."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._line = -1

    def plug(self) -> None:
        self._line, far_end = os.openpty()
        tty.setraw(far_end)
        self._link.symlink_to(os.ttyname(far_end))
        os.close(far_end)

    def unplug(self) -> None:
        if self._line >= 0:
            self._link.unlink()
            os.close(self._line)
            self._line = -1

    def send(self, data: bytes) -> None:
        os.write(self._line, data)


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    one = Scanner(tmp_path / "usb-scanner")
    with contextlib.closing(contextlib.ExitStack()) as ends:
        ends.callback(one.unplug)
        yield one


@contextlib.contextmanager
def shop(folder: Path, devices: str) -> Iterator[Chain]:
    """Head office and one till with these devices, which it knows to be there or not."""
    with running_chain(folder, shops=(1,), till_extra=devices) as running:
        until(lambda: all(one["state"] != "connecting" for one in running.tills[0].api.get("/devices")), "a look")
        yield running


def shown(chain: Chain, role: str = "reader") -> dict[str, Any]:
    return dict(next(one for one in chain.tills[0].api.get("/devices") if one["role"] == role))


def told(chain: Chain, role: str = "reader") -> dict[str, Any]:
    """What head office says of it."""
    [till] = chain.hub.api.get("/tills")
    return dict(next((one for one in till["devices"] or () if one["role"] == role), {}))


def metric(chain: Chain, name: str, role: str = "reader") -> float:
    page = chain.tills[0].api.page("/api/v1/metrics")
    lines = [line for line in page.splitlines() if line.startswith(f"comptoir_device_{name}{{")]
    return float(next(line.split()[-1] for line in lines if f'role="{role}"' in line or name != "up"))


def reaches_head_office(chain: Chain, state: str, role: str = "reader", patience_s: float = TOLD_S) -> None:
    until(lambda: told(chain, role).get("state") == state, f"head office to hear of a {role} {state}", patience_s)


@pytest.mark.feature("D5.1", "E6.1")
def test_a_reader_that_is_pulled_and_plugged_in_again_is_so_at_the_till_in_its_figures_and_at_head_office(
    tmp_path: Path, scanner: Scanner
) -> None:
    reader = f'[[reader]]\nkind = "serial-scanner"\nname = "scanner"\npath = "{tmp_path}/usb-scanner"\n'
    with shop(tmp_path, reader) as chain:
        _pulled_and_back(chain, scanner)


def _pulled_and_back(chain: Chain, scanner: Scanner) -> None:
    assert shown(chain)["state"] == "absent"
    until(lambda: told(chain).get("state") == "absent", "the first report")
    scanner.plug()
    until(lambda: shown(chain)["state"] == "up", "the scanner to be up", BACK_S)
    reaches_head_office(chain, "up")
    time.sleep(SETTLED_S)
    scanner.send(GOOD)
    read_at = until(lambda: shown(chain)["last_read_at"], "the code to be read", BACK_S)
    scanner.send(BAD)
    until(lambda: shown(chain)["bad_frames"] == 1, "a wrong check digit to be counted", BACK_S)

    scanner.send(GOOD[:7])
    time.sleep(0.1)
    scanner.unplug()
    gone = until(lambda: one if (one := shown(chain))["state"] == "absent" else None, "the till to miss it", BACK_S)
    assert (gone["last_read_at"], gone["bad_frames"]) == (read_at, 2), "half a scan is no scan"
    assert "usb-scanner" in gone["detail"]
    assert metric(chain, "up") == 0
    reaches_head_office(chain, "absent")

    scanner.plug()
    back = until(lambda: one if (one := shown(chain))["state"] == "up" else None, "it to be back", BACK_S)
    assert (back["reconnects"], back["bad_frames"], back["detail"]) == (1, 2, "")
    assert [metric(chain, name) for name in ("up", "reconnects", "bad_frames")] == [1, 1, 2]
    reaches_head_office(chain, "up")
    at_head_office = told(chain)
    assert (at_head_office["device"], at_head_office["reconnects"], at_head_office["bad_frames"]) == ("scanner", 1, 2)


ASKED_S = 20.0
"""A printer tells nothing of its own accord: it is asked, one that took nothing every five seconds."""


@pytest.mark.feature("D4.1", "E6.1")
def test_a_printer_without_paper_and_the_drawer_on_it_are_so_at_the_till_and_at_head_office(tmp_path: Path) -> None:
    with PrinterThread(SimulatedModel()).running() as machine:
        printer = f'[[printer]]\nname = "counter"\naddress = "tcp://127.0.0.1:{machine.port}"\ndrawer = true\n'
        with shop(tmp_path, printer) as chain:
            reaches_head_office(chain, "up", "printer")
            machine.ask(lambda one: one.take_paper_out())
            until(lambda: shown(chain, "printer")["state"] == "held", "the till to ask its printer", ASKED_S)
            assert "roll" in shown(chain, "printer")["detail"]
            assert metric(chain, "up", "printer") == 0
            reaches_head_office(chain, "held", "printer")
            assert told(chain, "drawer")["state"] == "held"
            machine.ask(lambda one: one.refill())
            reaches_head_office(chain, "up", "printer", ASKED_S + TOLD_S)
            assert shown(chain, "printer")["state"] == "up"
            assert metric(chain, "up", "printer") == 1
