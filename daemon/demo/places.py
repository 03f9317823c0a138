"""Where everything of a demo lives: its folders and files, its ports, the configuration of each role.

DIRECTORY/            README (marks it as ours), lock, control.sock
DIRECTORY/siege/      hub.toml, journal.log, api.sock, state/
DIRECTORY/caisse-1/   till.toml, journal.log, api.sock, state/, token, scanner (the pty), badges/ (what was printed)
"""

import json
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.demo.chain import CHAIN_LANGUAGE, CHAIN_NAME, SHOPS, DemoShop
from daemon.demo.guests import guests
from daemon.errors import OperatorMistake

MARK: Final = "README"
_MARK_TEXT: Final = "Made by `comptoir demo`, about nobody real. May be removed while no demo runs here.\n"
CONTROL_SOCKET: Final = "control.sock"
HUB_NAME: Final = "siege"
SOCKET_PATH_BYTES_MAX: Final = 107
"""unix(7)."""

HUB_PORT: Final = 8100
"""Of head office's pages; the tills' follow it."""
ENROL_PORT: Final = 8109
BROKER_PORT: Final = 8110
_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePlace:
    """What head office and a till have: a name, a folder, pages."""

    name: str
    directory: Path
    wanted_port: int
    path: str
    """Of the first page."""

    @property
    def state(self) -> Path:
        """The role's state directory."""
        return self.directory / "state"

    @property
    def socket(self) -> Path:
        """The unix socket of its API; paths of sockets are short."""
        return self.directory / "api.sock"

    @property
    def config(self) -> Path:
        """Its configuration, written anew at each start."""
        return self.directory / f"{'hub' if self.name == HUB_NAME else 'till'}.toml"

    @property
    def journal(self) -> Path:
        """What it says, since the demo was started."""
        return self.directory / "journal.log"


@dataclass(frozen=True, kw_only=True, slots=True)
class TillPlace(RolePlace):
    """A till, its shop, and what stands beside it."""

    shop: DemoShop

    @property
    def scanner(self) -> Path:
        """The serial line of its scanner."""
        return self.directory / "scanner"

    @property
    def badges(self) -> Path:
        """Where what its printer prints falls."""
        return self.directory / "badges"

    @property
    def token(self) -> Path:
        """The token of its till software."""
        return self.directory / "token"


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """All of one demo."""

    directory: Path
    hub: RolePlace
    tills: tuple[TillPlace, ...]

    @property
    def control(self) -> Path:
        """Where a running demo takes commands."""
        return self.directory / CONTROL_SOCKET


@dataclass(frozen=True, kw_only=True, slots=True)
class TillPorts:
    """Where a till serves, where its line begins, where its printer listens."""

    pages: int
    line: int
    printer: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HubPorts:
    """Where head office serves, where tills enrol, where the broker listens."""

    pages: int
    enrol: int
    broker: int


def places(directory: Path) -> Places:
    """The places of a demo under `directory`; nothing is made. Raises OperatorMistake for a path that is too long."""
    root = directory.absolute()
    shops = [shop for shop in SHOPS for _ in range(shop.tills)]
    found = Places(
        directory=root,
        hub=RolePlace(name=HUB_NAME, directory=root / HUB_NAME, wanted_port=HUB_PORT, path="/siege"),
        tills=tuple(
            TillPlace(
                name=f"caisse-{number}",
                directory=root / f"caisse-{number}",
                wanted_port=HUB_PORT + number,
                path="/caisse",
                shop=shop,
            )
            for number, shop in enumerate(shops, start=1)
        ),
    )
    longest = max(len(bytes(place.socket)) for place in found.tills)
    if longest > SOCKET_PATH_BYTES_MAX:
        raise OperatorMistake(
            f"the path of {root} is {longest - SOCKET_PATH_BYTES_MAX} bytes too long for sockets: choose a shorter one",
            field="directory",
        )
    return found


def claim(found: Places, *, fresh: bool) -> None:
    """Make the folders, closed to others; `fresh` first removes what was there.

    Raises OperatorMistake for a folder of other things. Call it with the directory's lock held.
    """
    root, mark = found.directory, found.directory / MARK
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    here = {entry.name for entry in root.iterdir()} - {"lock"}
    if here and (MARK not in here or mark.read_text("utf-8") != _MARK_TEXT):
        raise OperatorMistake(f"{root} holds other things than a demo: choose another directory", field="directory")
    if fresh:
        for entry in here:
            _remove(root / entry)
    root.chmod(0o700)
    mark.write_text(_MARK_TEXT, "utf-8")
    for place in (found.hub, *found.tills):
        place.directory.mkdir(exist_ok=True)
        place.journal.unlink(missing_ok=True)
    for till in found.tills:
        till.badges.mkdir(exist_ok=True)


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def port_at(wanted: int) -> int:
    """The loopback port that is wanted if nobody has it, else one that nobody has."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OperatorMistake("no port of this machine is free")


def write_hub(place: RolePlace, ports: HubPorts) -> None:
    """Write head office's configuration."""
    state = str(place.state)
    hub = {"state_directory": state, "public_host": "localhost", "language": CHAIN_LANGUAGE, "chain_name": CHAIN_NAME}
    tables: dict[str, Mapping[str, object]] = {
        "hub": hub,
        "http": {"port": ports.pages, "socket": str(place.socket)},
        "enrol": {"host": _HOST, "port": ports.enrol},
        "broker": {"host": _HOST, "port": ports.broker, "tls": False},
        "backup": {"directory": str(place.directory / "backups")},
    }
    place.config.write_text("\n".join(_table(f"[{name}]", table) for name, table in tables.items()), "utf-8")


def write_till(place: TillPlace, ports: TillPorts) -> None:
    """Write a till's configuration: its line leads to the relay that can be cut, not to the broker."""
    reader = {"kind": "serial-scanner", "name": "douchette", "path": str(place.scanner)}
    simulated = {"kind": "simulated", "name": "essai", "cards": [guest.code for guest in guests()]}
    printer = {"name": "imprimante", "address": f"tcp://{_HOST}:{ports.printer}"}
    tables: dict[str, Mapping[str, object]] = {
        "[till]": {"state_directory": str(place.state), "language": CHAIN_LANGUAGE},
        "[http]": {"port": ports.pages, "socket": str(place.socket)},
        "[link]": {"host": _HOST, "port": ports.line, "tls": False},
        "[badge]": {"chain_name": CHAIN_NAME},
        "[[reader]]": reader,
        "[[reader]] # taps from the page": simulated,
        "[[printer]]": printer,
    }
    place.config.write_text("\n".join(_table(head, table) for head, table in tables.items()), "utf-8")


def _table(head: str, values: Mapping[str, object]) -> str:
    # What JSON makes of numbers, texts and truth is TOML as well.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([head, *lines, ""])
