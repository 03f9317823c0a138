"""What the configuration says of printers and customer displays: values, and what fits together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Printer:
    """One printer."""

    name: str
    address: str
    """`tcp://host:port`, `serial:///dev/serial/by-id/…`, `usb:///dev/usb/lp0`, `ipp://host:port/…`, `file:///folder`."""
    kind: str = "escpos"
    """escpos, zpl, ipp, pdf, or the language of a third party (`daemon.drivers.catalogue`)."""
    width: Literal[80, 58] = 80
    variant: Literal["raster", "text"] = "raster"
    baud: int = 9600
    code_page: Literal["wpc1252", "cp858", "iso8859-15", "cp850", "cp437"] = "wpc1252"
    card: Literal["cr80", "paper_80", "paper_58"] = "cr80"
    """The size of a badge where it is no roll's."""
    dpi: Literal[203, 300, 600] = 203
    drawer: bool = False
    """Whether the cash drawer hangs on this printer."""
    options: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    """What a language of third parties lets be set, by the class of its module."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Display:
    """One customer display of two lines."""

    name: str
    address: str
    kind: Literal["cd5220"] = "cd5220"
    baud: int = 9600
    code_page: Literal["wpc1252", "cp858", "cp850", "cp437"] = "cp858"


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """What is printed on a badge, where head office says nothing."""

    chain_name: str | None = None
    """Absent: the name that enrolment brought."""
    layout: Literal["bars", "qr"] = "bars"
    logo_file: str | None = None


ADDRESSES: Final = (
    "write tcp://host:port, serial:///dev/serial/by-id/..., usb:///dev/usb/lp0, ipp://host:port/printers/name or"
    " file:///folder"
)
OURS: Final = ("escpos", "zpl", "ipp", "pdf")
"""The kinds of printer that come with Comptoir."""

LINE_SCHEMES: Final = ("tcp", "serial", "usb")
SCHEMES: Final = {
    "escpos": LINE_SCHEMES,
    "zpl": LINE_SCHEMES,
    "ipp": ("ipp",),
    "pdf": ("file",),
    "cd5220": ("tcp", "serial"),
}


def is_address(text: str) -> bool:
    """Whether this says where a printer is."""
    try:
        parts = urlsplit(text)
        has_port = parts.port is not None
    except ValueError:
        return False
    match parts.scheme:
        case "tcp":
            return bool(parts.hostname) and has_port and not parts.path
        case "serial" | "usb":
            return not parts.netloc and parts.path.startswith("/dev/")
        case "ipp":
            return bool(parts.hostname) and len(parts.path) > 1
        case "file":
            return not parts.netloc and len(parts.path) > 1
        case _:
            return False


def misfit(devices: Iterable[Printer | Display]) -> tuple[int, str] | None:
    """The first device, by its number, whose kind is not reached by its address, and which addresses reach it."""
    for number, device in enumerate(devices):
        schemes = SCHEMES.get(device.kind, LINE_SCHEMES)
        if urlsplit(device.address).scheme not in schemes:
            return number, f"a device of kind {device.kind} is reached by {' or '.join(f'{one}://' for one in schemes)}"
    return None
