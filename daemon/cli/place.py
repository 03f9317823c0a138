"""Which daemon a command speaks to: its role, its socket, its folder, found from flags, environment and configuration.

The configuration is only glanced at: a command that asks a running daemon does not fail for a mistake in a reader's
settings, and does not load the drivers.
"""

import os
import tomllib
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from daemon.errors import OperatorMistake, StoreFault

if TYPE_CHECKING:
    from daemon.cli.caller import Caller

Role = Literal["till", "hub"]

CONFIGS: Final[Mapping[Role, Path]] = {
    "till": Path("/etc/comptoir/till.toml"),
    "hub": Path("/etc/comptoir/hub.toml"),
}
SOCKET_VARIABLE: Final = "COMPTOIR_SOCKET"
TOKEN_VARIABLE: Final = "COMPTOIR_TOKEN"  # noqa: S105  the name of a variable
SOCKET_NAME: Final = "comptoir.sock"
TOKEN_NAME: Final = "cli.token"  # noqa: S105  the name of a file
ENROL_PORT: Final = 8443


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A daemon of this machine, running or not; `state` and `config` are unknown where only a socket was named."""

    role: Role | None
    socket: Path
    state: Path | None = None
    config: Path | None = None

    def caller(self, environ: Mapping[str, str] = os.environ) -> "Caller":
        """A caller with the token of the environment, or of the state directory where it can be read."""
        from daemon.cli.caller import Caller

        return Caller(self.socket, token=environ.get(TOKEN_VARIABLE, "") or self._kept_token())

    def _kept_token(self) -> str:
        if self.state is None:
            return ""
        try:
            return (self.state / TOKEN_NAME).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""


def place_of(given: Namespace, environ: Mapping[str, str] = os.environ, *, role: Role | None = None) -> Place:
    """The daemon that is meant: `--socket`, `--config`, COMPTOIR_SOCKET, then the configuration of this machine.

    `role` says which configuration is looked for first; raises OperatorMistake.
    """
    if given.socket:
        return Place(role=role, socket=Path(given.socket))
    if given.config:
        return glance(Path(given.config))
    if environ.get(SOCKET_VARIABLE):
        return Place(role=role, socket=Path(environ[SOCKET_VARIABLE]))
    return glance(config_path(given, role=role))


def config_path(given: Namespace, *, role: Role | None = None) -> Path:
    """The configuration file that is meant; raises OperatorMistake where there is none."""
    if given.config:
        return Path(given.config)
    wanted = [CONFIGS[role]] if role else list(CONFIGS.values())
    found = next((path for path in wanted if path.exists()), None)
    if found is None:
        names = " or ".join(map(str, wanted))
        raise OperatorMistake(f"{names} is not there: name the configuration with --config FILE")
    return found


def glance(path: Path) -> Place:
    """What a configuration says of sockets and folders; raises OperatorMistake, StoreFault."""
    tables = _tables(path)
    role: Role = "hub" if "hub" in tables and "till" not in tables else "till"
    state = _text(tables, role, "state_directory")
    if not state:
        raise OperatorMistake(f"{path.name}: {role}.state_directory: this key is required")
    socket = _text(tables, "http", "socket")
    return Place(
        role=role, socket=Path(socket) if socket else Path(state) / SOCKET_NAME, state=Path(state), config=path
    )


def configured_language(path: Path) -> str:
    """The language that a configuration names; empty where it cannot be read."""
    try:
        tables = _tables(path)
    except (OperatorMistake, StoreFault):
        return ""
    return _text(tables, "till", "language") or _text(tables, "hub", "language")


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as absent:
        raise OperatorMistake(f"the file {path} is not there") from absent
    except PermissionError as refused:
        raise OperatorMistake(f"you may not read {path}: run this as root (sudo)") from refused
    except OSError as failure:
        raise StoreFault(f"the file {path} cannot be read: {failure.strerror}") from failure
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise OperatorMistake(f"{path.name}: this is not TOML: {wrong}") from wrong


def _text(tables: Mapping[str, Any], table: str, key: str) -> str:
    found = tables.get(table)
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def card_prefixes(place: Place) -> tuple[str, ...]:
    """The first digits of the chain's own cards, as the configuration says; its default where there is none."""
    cards = _tables(place.config).get("cards", {}) if place.config else {}
    found = cards.get("prefixes") if isinstance(cards, dict) else None
    return tuple(map(str, found)) if isinstance(found, list) else ("29",)


def public_host(config: Path) -> str:
    """The name under which tills reach head office, with the port of enrolment where it is not the usual one."""
    try:
        tables = _tables(config)
    except (OperatorMistake, StoreFault):
        return ""
    enrol = tables.get("enrol")
    port = enrol.get("port") if isinstance(enrol, dict) else None
    host = _text(tables, "hub", "public_host")
    return f"{host}:{port}" if host and isinstance(port, int) and port != ENROL_PORT else host
