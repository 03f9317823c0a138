"""What is plugged in, and the news of it. The door to pyudev.

Only devices that the configuration names are ever opened; this module opens none.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pyudev

from daemon.drivers.device import Candidate

SUBSYSTEMS: Final = ("tty", "input", "hidraw", "usb", "usbmisc")

UDEV_CONTROL: Final = Path("/run/udev/control")
"""Without udevd libudev answers a monitor that stays silent for ever, and no error."""

NO_UDEV: Final = "udev is not running here: a device plugged in is noticed within 0.25 s by its path"
NO_MONITOR: Final = "udev cannot be listened to (is AF_NETLINK allowed?): a device plugged in is noticed by its path"
NO_LIBRARY: Final = "libudev is not installed: a device plugged in is noticed within 0.25 s by its path"


@asynccontextmanager
async def hot_plug(plugged: Callable[[Candidate], None]) -> AsyncIterator[str]:
    """Call `plugged` for each device that udev has finished setting up, until left.

    Gives an empty text, or one sentence that says why there is no news: the supervisor then goes by paths alone.
    """
    opened = _monitor()
    if isinstance(opened, str):
        yield opened
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(opened.fileno(), _drain, opened, plugged)
    try:
        yield ""
    finally:
        loop.remove_reader(opened.fileno())


def plugged_in() -> list[Candidate]:
    """The devices that are there now, for `comptoir doctor`; nothing where udev cannot be asked."""
    try:
        context = pyudev.Context()
    except ImportError:
        return []
    found = (device for subsystem in SUBSYSTEMS for device in context.list_devices(subsystem=subsystem))
    return [_candidate(device) for device in found if device.device_node]


def _monitor() -> pyudev.Monitor | str:
    if not UDEV_CONTROL.exists():
        return NO_UDEV
    try:
        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        for subsystem in SUBSYSTEMS:
            monitor.filter_by(subsystem)
        monitor.start()
    except ImportError:
        return NO_LIBRARY
    except OSError:
        return NO_MONITOR
    return monitor


def _drain(monitor: pyudev.Monitor, plugged: Callable[[Candidate], None]) -> None:
    """One wake-up may stand for several devices: a scanner is a usb device and its tty."""
    for device in iter(lambda: monitor.poll(timeout=0), None):
        if device.action in {"add", "change"} and device.device_node:
            plugged(_candidate(device))


def _candidate(device: pyudev.Device) -> Candidate:
    known = device.properties
    return Candidate(
        subsystem=device.subsystem or "",
        node=device.device_node,
        links=tuple(known.get("DEVLINKS", "").split()),
        vendor_id=known.get("ID_VENDOR_ID", ""),
        product_id=known.get("ID_MODEL_ID", ""),
        serial=known.get("ID_SERIAL_SHORT", ""),
        model=known.get("ID_MODEL", ""),
        uniq=_uniq(device),
    )


def _uniq(device: pyudev.Device) -> str:
    """What an input device calls itself, told of its parent; udev puts it in quotation marks."""
    if device.subsystem != "input":
        return ""
    parent = device.find_parent("input")
    return str(parent.properties.get("UNIQ", "")).strip('"') if parent is not None else ""
