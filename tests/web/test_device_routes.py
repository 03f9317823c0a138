"""How devices are, over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from daemon.domain.print_job import Hold
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
        room.holds = {}
        assert await states() == ["up", "held", "absent", "error", "absent"]
        counter.clock.at_ms += 11_000
        assert await states() == ["up"] * 5


async def test_a_till_without_devices_has_none(browser: Browser) -> None:
    assert (await browser.get("/devices")).json == []
