"""The till's readers in the words of the API and of a report to head office."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from daemon.clock import SystemClock
from daemon.config import load_till
from daemon.desk.events import Event
from daemon.desk.outputs import OutputHealth
from daemon.desk.scan import ScanDesk
from daemon.domain.code import ScannedCode
from daemon.drivers.device import Candidate, CardRead, DeviceHealth, DeviceState, ReadRefused, Refusal
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.framing import SETTLE_MS
from daemon.drivers.supervisor import Supervisor
from daemon.sync.till_facts import DeviceTold, devices_told
from daemon.till.devices import device_facts, follow_readers, readers, shown_devices, simulated, told_devices
from daemon.till.printers import plugged
from daemon.web.parts import DeviceShown
from tests.fakes.counter import open_browser, open_counter
from tests.fakes.page_reader import open_till

CARD = "M-000123"

HEALTH = DeviceHealth(
    device="scanner",
    state=DeviceState.UP,
    detail="",
    last_read_ms=1_700_000_000_000,
    bad_frames=2,
    suppressed=3,
    reconnects=1,
    refused_full=4,
)


def test_every_figure_of_a_reader_is_shown_and_told() -> None:
    assert shown_devices([HEALTH]) == [
        DeviceShown(
            device="scanner",
            state="up",
            detail="",
            last_read_at="2023-11-14T22:13:20Z",
            bad_frames=2,
            reconnects=1,
            suppressed=3,
            refused_full=4,
        )
    ]
    assert told_devices([HEALTH]) == (DeviceTold("scanner", "up", 1_700_000_000_000, 2, 3, 1, 4),)


class FakeScans:
    """Notes what is scanned and refused."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def scanned(self, code: ScannedCode, *, device: str, by_reader: bool) -> None:
        assert by_reader, "what a device has read is a card that is here"
        self.told.append(f"{device} read {code.text}")

    def refused(self, reason: str, *, device: str) -> None:
        self.told.append(f"{device} refused {reason}")


@pytest.mark.feature("A4.6")
async def test_reads_are_looked_up_and_refusals_told_but_for_the_supplement_of_a_magazine() -> None:
    events, scans, announced = EventQueue(), FakeScans(), []
    events.put(CardRead(device="front", code=ScannedCode(text="3760123456784", symbology=None)))
    for reason in (Refusal.ADD_ON, Refusal.PAYMENT_CARD, Refusal.CHECKSUM):
        events.put(ReadRefused(device="front", reason=reason))
    events.put(HEALTH)
    done = asyncio.Event()

    def announce(kind: str, told: object) -> None:
        announced.append((kind, told))
        done.set()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow_readers(events, cast(ScanDesk, scans), announce), name="reads")
        await done.wait()
        following.cancel()
    assert scans.told == ["front read 3760123456784", "front refused payment_card", "front refused checksum"]
    assert announced == [(Event.DEVICE, HEALTH)]


@pytest.mark.feature("D8.1")
async def test_a_card_that_is_tapped_on_the_page_is_read_by_the_simulated_reader(tmp_path: Path) -> None:
    config = load_till(till_file(tmp_path, f'[[reader]]\nkind = "simulated"\nname = "essai"\ncards = ["{CARD}"]\n'))
    clock, events = SystemClock(), EventQueue()
    built = readers(config, clock)
    taps = simulated(built, config)
    async with open_counter(tmp_path) as counter, open_till(counter, simulated=taps) as till:
        await counter.choose_walk_in()
        card = {"last_name": "Morel", "cards": [CARD]}
        async with open_browser(counter) as browser:
            made = (await browser.post("/customers", card)).json["customer"]
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(Supervisor(built, events, clock).run(), name="readers"),
                tasks.create_task(follow_readers(events, counter.desks.scans, counter.live.publish), name="reads"),
            ]
            page = await till.get()
            assert "Lecteur simulé · essai" in page.text
            assert CARD in page.text
            await asyncio.sleep(2 * SETTLE_MS / 1000)
            assert (await till.post("/essai", device="essai", code=CARD)).status == 200
            for _ in range(500):
                if counter.heard("scan"):
                    break
                await asyncio.sleep(0.01)
            assert "Ce n’est plus ici" in (await till.post("/essai", device="nobody's", code=CARD)).text
            for task in running:
                task.cancel()
        told = counter.heard("scan")[-1]
        assert (told.outcome, told.device, told.customer.id) == ("customer", "essai", made["id"])


def test_where_no_reader_is_simulated_nothing_is_offered(tmp_path: Path) -> None:
    config = load_till(till_file(tmp_path, ""))
    assert simulated(readers(config, SystemClock()), config) == ()


def test_a_printer_that_is_plugged_in_is_known_by_its_path(tmp_path: Path) -> None:
    said = '[[printer]]\nname = "counter"\naddress = "usb:///dev/usb/lp0"\n'
    config = load_till(till_file(tmp_path, said + '[[printer]]\nname = "far"\naddress = "tcp://10.0.0.9:9100"\n'))
    assert plugged(config, Candidate(subsystem="usbmisc", node="/dev/usb/lp0")) == ["counter"]
    assert plugged(config, Candidate(subsystem="usbmisc", node="/dev/usb/lp7", links=("/dev/x",))) == []


def test_printers_displays_and_the_drawer_are_told_beside_the_readers() -> None:
    other = OutputHealth(device="counter", role="printer", state="held", detail="x", last_used_ms=7, reconnects=2)
    told = devices_told(device_facts([HEALTH], [other]))
    assert told is not None
    assert [(one.device, one.role, one.state, one.reconnects) for one in told] == [
        ("scanner", "reader", "up", 1),
        ("counter", "printer", "held", 2),
    ]


def till_file(folder: Path, devices: str) -> Path:
    path = folder / "till.toml"
    path.write_text(f'[till]\nstate_directory = "{folder}/state"\n{devices}')
    return path
