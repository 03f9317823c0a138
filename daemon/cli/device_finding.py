"""What is plugged in that could be a reader or a printer, found without opening anything: ports, keyboards, PC/SC."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from daemon.errors import DeviceFault

SERIAL_LINKS: Final = Path("/dev/serial/by-id")
INPUT_LINKS: Final = Path("/dev/input/by-id")
DEV: Final = Path("/dev")
PORTS: Final = ("ttyUSB*", "ttyACM*", "ttyAMA*")

What = Literal["serial", "keyboard", "pcsc", "usb-printer"]

KINDS: Final[Mapping[What, tuple[str, ...]]] = {
    "serial": ("serial-scanner", "rdm6300", "wiegand", "msr605", "pn532", "escpos", "zpl", "cd5220"),
    "keyboard": ("keyboard-scanner",),
    "pcsc": ("pcsc",),
    "usb-printer": ("escpos", "zpl"),
}
"""The kinds of device that each may be."""

KEY: Final[Mapping[What, str]] = {"serial": "path", "keyboard": "path", "pcsc": "reader", "usb-printer": "address"}
"""Under which key of the configuration its address stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Something that could be configured. `stable` is the name that stays after a replug; None: udev gives it none."""

    what: What
    path: str
    stable: str | None
    used_by: str | None

    @property
    def address(self) -> str:
        """What is written into a configuration."""
        return self.stable or self.path


def found_here(used: Mapping[str, str]) -> list[Found]:
    """All that this machine shows. `used` names the device of the configuration that has an address."""
    by_node = {str(Path(address).resolve()): name for address, name in used.items() if address.startswith("/")}
    return [
        *_nodes("serial", _serial_nodes(), _links(SERIAL_LINKS, "*"), by_node),
        *_nodes("keyboard", (), _links(INPUT_LINKS, "*-event-kbd"), by_node),
        *_nodes("usb-printer", map(str, (DEV / "usb").glob("lp*")), {}, by_node),
        *(
            Found(what="pcsc", path=name, stable=name, used_by=_user(name, used))
            for name in _pcsc_readers()
        ),
    ]  # fmt: skip


def _serial_nodes() -> Iterator[str]:
    for pattern in PORTS:
        yield from map(str, DEV.glob(pattern))


def _links(folder: Path, pattern: str) -> dict[str, str]:
    """The stable name of each node."""
    return {str(link.resolve()): str(link) for link in sorted(folder.glob(pattern))} if folder.is_dir() else {}


def _nodes(what: What, nodes: Iterable[str], links: Mapping[str, str], by_node: Mapping[str, str]) -> Iterator[Found]:
    for node in sorted({*nodes, *links}):
        yield Found(what=what, path=node, stable=links.get(node), used_by=by_node.get(node))


def _pcsc_readers() -> list[str]:
    """None where pcscd, or its library, is not installed: most tills have no such reader."""
    from daemon.drivers.pcsc import SOCKET, reader_names

    if not SOCKET.exists():
        return []
    try:
        return reader_names()
    except DeviceFault:
        return []


def _user(name: str, used: Mapping[str, str]) -> str | None:
    """A reader may be configured by the beginning of its name."""
    return next((device for address, device in used.items() if address and name.startswith(address)), None)
