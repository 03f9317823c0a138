"""How devices are, over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.desks import PrintManner
from daemon.desk.printouts import PrintoutManner
from daemon.domain.print_job import Hold
from daemon.errors import DeviceFault
from daemon.web.parts import DeviceShown
from tests.fakes.counter import Browser, open_browser, open_counter
from tests.fakes.print_room import FakePrintRoom


async def test_devices_are_told_as_the_till_sees_them_now(serving: Callable[..., Any]) -> None:
    states = iter(("connecting", "up"))

    def devices() -> list[DeviceShown]:
        return [
            DeviceShown(device="scanner", state=next(states), detail="", last_read_at=None, bad_frames=2, reconnects=0)
        ]

    async with serving(devices=devices) as browser:
        first = await browser.get("/devices")
        assert (first.status, first.json[0]["state"]) == (200, "connecting")
        assert (await browser.get("/devices")).json[0]["state"] == "up"


async def test_printers_are_told_as_they_answer_and_are_not_asked_too_often(tmp_path: Path) -> None:
    room = FakePrintRoom(printers=("ready", "no paper", "off", "dead", "far away"))
    room.holds = {"no paper": Hold.PAPER_OUT, "off": Hold.ABSENT, "dead": Hold.SILENT, "far away": 60.0}
    async with open_counter(tmp_path, prints=room) as counter, open_browser(counter) as browser:

        async def states() -> list[str]:
            heard = (await browser.get("/devices")).json
            assert {one["role"] for one in heard} == {"printer"}
            assert all(bool(one["detail"]) == (one["state"] != "up") for one in heard)
            return [one["state"] for one in heard]

        assert await states() == ["up", "held", "absent", "error", "absent"]
        # the print desk, which prints and asks as well, has heard meanwhile of all but the one that was late
        room.holds = {"far away": 60.0}
        assert await states() == ["up", "up", "up", "up", "absent"]
        room.holds = {"far away": Hold.PAPER_OUT}
        assert await states() == ["up", "up", "up", "up", "held"]
        room.holds = {}
        assert await states() == ["up"] * 5, "what was heard once is believed"
        counter.clock.at_ms += 11_000
        assert await states() == ["up"] * 5


async def test_a_till_without_devices_has_none(browser: Browser) -> None:
    assert (await browser.get("/devices")).json == []


class Glass:
    """A display on a cable that may be pulled."""

    name = "glass"
    fault = ""

    def __init__(self, path: Path) -> None:
        self.watched_path: Path | None = path

    async def show(self, upper: str, lower: str) -> tuple[str, ...]:
        if self.fault:
            raise DeviceFault(self.fault)
        return ()


@pytest.mark.feature("D5.1")
async def test_a_display_and_the_drawer_are_told_beside_the_printers(tmp_path: Path) -> None:
    plug = tmp_path / "glass"
    glass, room = Glass(plug), FakePrintRoom(printers=("counter",))
    manner = PrintManner(slips=PrintoutManner(drawer="counter"), displays=(glass,))
    async with open_counter(tmp_path, prints=room, manner=manner) as counter, open_browser(counter) as browser:

        async def told(role: str) -> dict[str, Any]:
            [found] = [one for one in (await browser.get("/devices")).json if one["role"] == role]
            return dict(found)

        async def greet() -> None:
            await browser.post("/customer-display", {"what": "welcome"})

        assert (await told("drawer"))["device"] == "counter"
        assert (await told("display"))["state"] == "absent"
        assert str(plug) in (await told("display"))["detail"]
        plug.touch()
        assert (await told("display"))["state"] == "up"
        glass.fault = "the display glass was unplugged"
        await greet()
        found = await told("display")
        assert (found["state"], found["detail"], found["last_used_at"]) == ("error", glass.fault, None)
        glass.fault = ""
        await greet()
        found = await told("display")
        assert (found["state"], found["detail"], found["reconnects"]) == ("up", "", 1)
        assert found["last_used_at"]
        metrics = (await browser.get("/metrics")).raw.decode()
        assert 'comptoir_device_up{device="glass",role="display"} 1.0' in metrics
        assert 'comptoir_device_up{device="counter",role="drawer"} 1.0' in metrics


async def test_a_display_on_a_network_is_not_known_before_it_was_spoken_to(tmp_path: Path) -> None:
    glass = Glass(tmp_path)
    glass.watched_path = None
    manner = PrintManner(displays=(glass,))
    async with open_counter(tmp_path, manner=manner) as counter, open_browser(counter) as browser:
        assert (await browser.get("/devices")).json[0]["state"] == "connecting"
        await browser.post("/customer-display", {"what": "clear"})
        assert (await browser.get("/devices")).json[0]["state"] == "up"
