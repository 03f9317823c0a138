"""Reads what tells this machine from another one. What cannot be read is left out; nothing of it is kept or logged.

/etc/machine-id                                     written when the system was installed (machine-id(5))
/sys/firmware/devicetree/base/serial-number         a Raspberry Pi, and other boards with a device tree
/sys/class/dmi/id/product_uuid                      a PC; root alone may read it, unless tmpfiles gave it to the till
/sys/dev/block/MAJOR:MINOR/…/cid, serial, wwid      of the disk that the state lies on: SD card, NVMe, SCSI and USB
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from daemon.domain.machine import SYSTEM, Facts, fingerprint

READ_BYTES: Final = 256
_BOARDS: Final = {
    "board": "sys/firmware/devicetree/base/serial-number",
    "product": "sys/class/dmi/id/product_uuid",
}
_DISKS: Final = {
    "disk.cid": "device/cid",
    "disk.serial": "device/serial",
    "disk.virtual": "serial",
    "disk.wwid": "device/wwid",
}
"""In this order; the first that is there is taken: kernels disagree on how they write the last one."""


def machine_facts(chain: str, root: Path, state: Path) -> Facts:
    """The facts of this machine, beneath `root` (the real one is /); `state` lies on the disk that is meant.

    Each is named for its source: what is read elsewhere the next time is another fact, not another machine.
    """
    boards = {name: _text(root / path) for name, path in _BOARDS.items()}
    return fingerprint(chain, {SYSTEM: _system(root), **boards, **dict(_first(_disk(root, state)))})


def _system(root: Path) -> str:
    """A number that systemd made up for this boot alone is mounted over the file: it says nothing of the machine."""
    path = root / "etc/machine-id"
    with suppress(OSError):
        if path.stat().st_dev == path.resolve().parent.stat().st_dev:
            return _text(path)
    return ""


def _disk(root: Path, state: Path) -> Iterator[tuple[str, Path]]:
    """Where the number of the disk may stand: of the whole disk, where the state lies on a part of it."""
    with suppress(OSError):
        number = state.stat().st_dev
        disk = (root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
        disk = disk.parent if (disk / "partition").exists() else disk
        yield from ((name, disk / path) for name, path in _DISKS.items())


def _first(places: Iterable[tuple[str, Path]]) -> list[tuple[str, str]]:
    return [(name, text) for name, path in places if (text := _text(path))][:1]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(READ_BYTES).decode("ascii", "replace").strip(" \t\r\n\0")
    except OSError:
        return ""
