import asyncio
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pyudev

from daemon.drivers import hotplug
from daemon.drivers.device import Candidate
from daemon.drivers.hotplug import NO_LIBRARY, NO_MONITOR, NO_UDEV, hot_plug, plugged_in

RIG = Path(__file__).parent / "rigs" / "umockdev_scanner.py"


@dataclass
class FakeDevice:
    """What pyudev tells of a device."""

    action: str
    device_node: str | None
    subsystem: str | None = "tty"
    properties: dict[str, str] = field(default_factory=dict)
    parent: "FakeDevice | None" = None

    def find_parent(self, subsystem: str) -> "FakeDevice | None":
        assert subsystem == "input"
        return self.parent


class FakeMonitor:
    """A netlink monitor: a descriptor that becomes readable, and devices to fetch."""

    def __init__(self) -> None:
        self._udevd, self._listener = socket.socketpair()
        self._devices: list[FakeDevice] = []

    def fileno(self) -> int:
        return self._listener.fileno()

    def poll(self, timeout: float) -> FakeDevice | None:
        assert timeout == 0
        self._listener.setblocking(False)
        return self._devices.pop(0) if self._devices and self._listener.recv(1) else None

    def tell(self, *devices: FakeDevice) -> None:
        self._devices += devices
        self._udevd.send(b"." * len(devices))

    def close(self) -> None:
        self._udevd.close()
        self._listener.close()


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMonitor]:
    fake = FakeMonitor()
    monkeypatch.setattr(hotplug, "_monitor", lambda: fake)
    yield fake
    fake.close()


async def test_devices_that_appear_are_told_and_those_that_go_are_not(monitor: FakeMonitor) -> None:
    told: asyncio.Queue[Candidate] = asyncio.Queue()
    async with hot_plug(told.put_nowait) as why_not:
        assert why_not == ""
        monitor.tell(
            FakeDevice("remove", "/dev/ttyACM0"),
            FakeDevice("add", None, subsystem="usb"),
            FakeDevice("add", "/dev/ttyACM1", properties={"DEVLINKS": "/dev/a /dev/b", "ID_VENDOR_ID": "05e0"}),
            FakeDevice("change", "/dev/ttyACM2", subsystem=None),
        )
        first, second = await told.get(), await told.get()
    assert first == Candidate(subsystem="tty", node="/dev/ttyACM1", links=("/dev/a", "/dev/b"), vendor_id="05e0")
    assert second == Candidate(subsystem="", node="/dev/ttyACM2")
    assert told.empty()


async def test_an_input_device_is_told_with_what_it_calls_itself(monitor: FakeMonitor) -> None:
    told: asyncio.Queue[Candidate] = asyncio.Queue()
    parent = FakeDevice("add", None, subsystem="input", properties={"UNIQ": '"aa:bb"'})
    async with hot_plug(told.put_nowait):
        monitor.tell(
            FakeDevice("add", "/dev/input/event5", subsystem="input", parent=parent),
            FakeDevice("add", "/dev/input/event6", subsystem="input"),
        )
        assert [(await told.get()).uniq, (await told.get()).uniq] == ["aa:bb", ""]


async def test_after_leaving_nothing_more_is_told(monitor: FakeMonitor) -> None:
    told: list[Candidate] = []
    async with hot_plug(told.append):
        pass
    monitor.tell(FakeDevice("add", "/dev/ttyACM0"))
    await asyncio.sleep(0)
    assert told == []


async def why_there_is_no_news() -> str:
    async with hot_plug(lambda _candidate: None) as sentence:
        return sentence


async def test_where_udev_does_not_run_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotplug, "UDEV_CONTROL", Path("/no/such/socket"))
    assert await why_there_is_no_news() == NO_UDEV


@pytest.mark.parametrize(("error", "sentence"), [(ImportError("No libudev"), NO_LIBRARY), (OSError(97), NO_MONITOR)])
async def test_where_udev_cannot_be_heard_one_sentence_says_so(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(hotplug, "UDEV_CONTROL", Path("/"))
    monkeypatch.setattr(pyudev, "Context", refuse)
    assert await why_there_is_no_news() == sentence


async def test_libudev_is_asked_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotplug, "UDEV_CONTROL", Path("/"))
    assert await why_there_is_no_news() in {"", NO_MONITOR, NO_LIBRARY}


def test_without_libudev_nothing_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ImportError("No libudev")

    monkeypatch.setattr(pyudev, "Context", refuse)
    assert plugged_in() == []


def test_what_this_machine_shows_is_listed_without_opening_it() -> None:
    assert all(candidate.node.startswith("/dev/") for candidate in plugged_in())


@pytest.mark.needs("umockdev-wrapper")
def test_a_scanner_plugged_into_an_invented_machine_is_told_by_libudev_itself() -> None:
    child = textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from daemon.drivers import hotplug

        hotplug.UDEV_CONTROL = Path("/")

        async def main():
            told = asyncio.Queue()
            async with hotplug.hot_plug(told.put_nowait) as why_not, asyncio.timeout(10):
                print("listening", why_not, flush=True)
                while True:
                    candidate = await told.get()
                    if candidate.subsystem == "tty":
                        break
                await asyncio.to_thread(sys.stdin.read)
            assert candidate in hotplug.plugged_in()
            print(candidate.node, *candidate.links, candidate.vendor_id, candidate.product_id, candidate.serial)

        asyncio.run(main())
    """)
    rig = ["umockdev-wrapper", "/usr/bin/python3", str(RIG), sys.executable, "-c", child]
    done = subprocess.run(rig, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [
        "listening ",
        "/dev/ttyACM0 /dev/serial/by-id/usb-Acme_Scanner_0042-if00 05e0 1701 0042",
    ]
