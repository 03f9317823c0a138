"""The till's readers in the words of the API and of a report to head office."""

import asyncio
from typing import cast

import pytest

from daemon.desk.events import Event
from daemon.desk.scan import ScanDesk
from daemon.domain.code import ScannedCode
from daemon.drivers.device import CardRead, DeviceHealth, DeviceState, ReadRefused, Refusal
from daemon.drivers.event_queue import EventQueue
from daemon.sync.till_facts import DeviceTold
from daemon.till.devices import follow_readers, shown_devices, told_devices
from daemon.web.parts import DeviceShown

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

    async def scanned(self, code: ScannedCode, *, device: str) -> None:
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
