"""How devices are, over HTTP."""

from collections.abc import Callable
from typing import Any

from daemon.web.parts import DeviceShown
from tests.fakes.counter import Browser


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


async def test_a_till_without_devices_has_none(browser: Browser) -> None:
    assert (await browser.get("/devices")).json == []
