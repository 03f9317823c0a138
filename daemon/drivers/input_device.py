"""An input device of the kernel (evdev), grabbed: what it types reaches this process and no window.

No library: one ioctl and the 24 bytes of an event are all that is needed, and the library has no wheels for ARM.
"""

import errno
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.drivers.descriptor_line import DescriptorLine
from daemon.errors import DeviceAbsent, DeviceFault

_GRAB: Final = 0x40044590
"""EVIOCGRAB of linux/input.h: _IOW('E', 0x90, int)."""

CLASS: Final = Path("/sys/class/input")
BY_ID: Final = Path("/dev/input/by-id")
_GONE: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})


@dataclass(frozen=True, kw_only=True, slots=True)
class InputNode:
    """An input device that the machine shows."""

    path: Path
    name: str
    uniq: str
    """What it calls itself: the address of a Bluetooth scanner, some serial numbers; mostly empty."""


def input_nodes() -> Iterator[InputNode]:
    """Every input device, read from the kernel's files without opening one."""
    for folder in sorted(CLASS.glob("event*")):
        with suppress(OSError, UnicodeDecodeError):
            name, uniq = ((folder / "device" / fact).read_text("utf-8").strip() for fact in ("name", "uniq"))
            yield InputNode(path=Path("/dev/input") / folder.name, name=name, uniq=uniq)


def node_called(uniq: str) -> Path | None:
    """Where the device stands that calls itself so; None where there is none. The first, where it has several."""
    return next((node.path for node in input_nodes() if node.uniq.lower() == uniq.lower()), None)


@asynccontextmanager
async def open_input(path: Path) -> AsyncIterator[DescriptorLine]:
    """Take the device for this process alone; let go on leaving. Raises DeviceAbsent, DeviceFault."""
    descriptor = _open(path)
    line = DescriptorLine(str(path), descriptor)
    try:
        yield line
    finally:
        line.close()
        os.close(descriptor)


def _open(path: Path) -> int:
    """An input device opens at once: no firmware is asked."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as refused:
        raise _cannot_open(path, refused) from refused
    try:
        fcntl.ioctl(descriptor, _GRAB, 1)
    except OSError as refused:
        os.close(descriptor)
        raise _cannot_open(path, refused) from refused
    return descriptor


def _cannot_open(path: Path, refused: OSError) -> DeviceFault:
    if refused.errno in _GONE:
        return DeviceAbsent(f"nothing is plugged in at {path}")
    if refused.errno in {errno.EACCES, errno.EPERM}:
        return DeviceFault(f"no permission to open {path}; the daemon's user must be in the group input")
    if refused.errno == errno.EBUSY:
        return DeviceFault(f"{path} is in use by another program")
    return DeviceFault(f"{path} is not an input device")
