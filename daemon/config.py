"""Configuration: one TOML file per role, read once at start into typed values; every complaint names its key.

`systemd/till.example.toml` and `systemd/hub.example.toml` explain each key; a test holds them to these classes. What a
till learns at enrolment (chain, site, broker, certificates) is no configuration: it stands in the state directory.
"""

import dataclasses
import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from typing_extensions import override

from daemon.errors import Misconfigured, OperatorMistake
from daemon.printer_config import ADDRESSES, OURS, Badge, Display, Printer, is_address, misfit
from daemon.typed import convert

T = TypeVar("T")

Language = Literal["fr", "en"]
_FILE_BYTES_MAX: Final = 256 * 1024
STORE_KEY_BYTES: Final = 32
SOCKET_NAME: Final = "comptoir.sock"


class Secret:
    """Bytes that do not show themselves in a repr, a log or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The bytes, for the one call that needs them."""
        return self._value

    @override
    def __repr__(self) -> str:
        return "Secret(****)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Http:
    """Where the local API and the pages are served. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8080
    socket: str | None = None
    """Path of the unix socket; absent: `comptoir.sock` in the state directory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """The database."""

    encryption_key_file: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """What is told to the journal."""

    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, kw_only=True, slots=True)
class TillSection:
    """The till itself."""

    state_directory: str
    language: Language = "fr"
    machine_root: str = "/"
    """Beneath it lie etc and sys, where a till sees whether its disk was moved to another machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Where the broker is, in place of what enrolment said; an absent key leaves that as it is."""

    host: str | None = None
    port: int | None = None
    tls: bool | None = None
    certificate: str | None = None
    key: str | None = None
    ca: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """One reader: its kind in `daemon.drivers.catalogue`, and the settings of that driver's own class."""

    kind: str
    name: str
    settings: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Cards:
    """Which numbers are the chain's own cards."""

    prefixes: tuple[str, ...] = ("29",)


@dataclass(frozen=True, kw_only=True, slots=True)
class TillConfig:
    """`till.toml`."""

    till: TillSection
    http: Http = field(default_factory=Http)
    store: Store = field(default_factory=Store)
    link: Link = field(default_factory=Link)
    reader: tuple[Reader, ...] = ()
    printer: tuple[Printer, ...] = ()
    display: tuple[Display, ...] = ()
    badge: Badge = field(default_factory=Badge)
    cards: Cards = field(default_factory=Cards)
    log: Log = field(default_factory=Log)

    @property
    def socket(self) -> Path:
        """Where the unix socket of the API stands."""
        return _socket(self.http, self.till.state_directory)


@dataclass(frozen=True, kw_only=True, slots=True)
class HubSection:
    """Head office itself."""

    state_directory: str
    public_host: str
    """The name or address under which the tills reach this machine; it stands in the hub's certificate."""
    language: Language = "fr"
    chain_name: str | None = None
    """What the pages call the chain; absent: its id."""
    feed_days: int = 35
    """Head office says record by record what came in the last days; who was away for longer is filled from rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrol:
    """Where tills enrol, by HTTPS."""

    host: str = "0.0.0.0"  # noqa: S104  tills come from elsewhere; nothing but enrolment is served there
    port: int = 8443


@dataclass(frozen=True, kw_only=True, slots=True)
class Broker:
    """The MQTT broker of the chain, and where its access list is written."""

    host: str = "127.0.0.1"
    port: int = 8883
    tls: bool = True
    files: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """Where verified backups go, and how many of them may be restored."""

    directory: str | None = None
    keep: int = 7
    """Tills keep their own records until so many backups hold them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HubConfig:
    """`hub.toml`."""

    hub: HubSection
    http: Http = field(default_factory=Http)
    enrol: Enrol = field(default_factory=Enrol)
    broker: Broker = field(default_factory=Broker)
    store: Store = field(default_factory=Store)
    backup: Backup = field(default_factory=Backup)
    log: Log = field(default_factory=Log)

    @property
    def socket(self) -> Path:
        """Where the unix socket of the API stands."""
        return _socket(self.http, self.hub.state_directory)


def load_till(path: Path) -> TillConfig:
    """Read a till's configuration; raises Misconfigured: `till.toml: http.port: expected `int`, got `str``."""
    try:
        tables = _tables(path)
        readers = tables.pop("reader", [])
        config = _typed(tables, TillConfig)
        _check_each(config)
        config = dataclasses.replace(config, reader=_readers(readers, config.cards.prefixes))
        _check_names(config)
        _check_languages(config.printer)
    except OperatorMistake as wrong:
        raise Misconfigured(f"{path.name}: {wrong}", field=wrong.field) from wrong
    return config


def load_hub(path: Path) -> HubConfig:
    """Read the hub's configuration; raises Misconfigured like `load_till`."""
    try:
        config = _typed(_tables(path), HubConfig)
        _check_each(config)
    except OperatorMistake as wrong:
        raise Misconfigured(f"{path.name}: {wrong}", field=wrong.field) from wrong
    return config


def read_store_key(store: Store) -> Secret | None:
    """The key of the database, 32 bytes or their 64 hexadecimal digits, or None; raises Misconfigured."""
    if store.encryption_key_file is None:
        return None
    key, path = "store.encryption_key_file", Path(store.encryption_key_file)
    try:
        raw = path.read_bytes()
        readable_by_all = path.stat().st_mode & 0o004
    except OSError as wrong:
        raise _mistake(key, f"the file {path} cannot be read: {wrong.strerror}") from wrong
    if readable_by_all:
        raise _mistake(key, f"everybody on this machine may read {path}: chmod o-r")
    if len(raw) == STORE_KEY_BYTES:
        return Secret(raw)
    try:
        value = bytes.fromhex(raw.decode("ascii").strip())
    except ValueError as wrong:
        raise _mistake(key, f"{path} holds neither 32 bytes nor 64 hexadecimal digits") from wrong
    if len(value) != STORE_KEY_BYTES:
        raise _mistake(key, f"{path} holds neither 32 bytes nor 64 hexadecimal digits")
    return Secret(value)


def _socket(http: Http, state_directory: str) -> Path:
    return Path(http.socket) if http.socket else Path(state_directory) / SOCKET_NAME


def _mistake(key: str, sentence: str) -> Misconfigured:
    return Misconfigured(f"{key}: {sentence}", field=key)


def _tables(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(_FILE_BYTES_MAX + 1)
    except OSError as wrong:
        raise OperatorMistake(f"the file {path} cannot be read: {wrong.strerror}") from wrong
    if len(raw) > _FILE_BYTES_MAX:
        raise OperatorMistake(f"a configuration has at most {_FILE_BYTES_MAX // 1024} KiB")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        raise OperatorMistake("the file is not UTF-8") from wrong
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise OperatorMistake(f"this is not TOML: {wrong}") from wrong


def _typed(tables: Mapping[str, Any], shape: type[T]) -> T:
    _check_keys(tables, shape, "")
    return convert(tables, shape)


def _check_keys(table: object, shape: Any, path: str) -> None:
    """Refuse unknown and missing keys and values that no choice has; other types are `convert`'s business."""
    if not isinstance(table, dict):
        return
    hints = get_type_hints(shape)
    known = {part.name: part for part in dataclasses.fields(shape)}
    for key, value in table.items():
        if key not in known:
            raise _mistake(f"{path}{key}", f"there is no such key{_near(key, known)}")
        _check_value(value, hints[key], f"{path}{key}")
    for name, part in known.items():
        if name not in table and part.default is MISSING and part.default_factory is MISSING:
            raise _mistake(f"{path}{name}", "this key is required")


def _check_value(value: object, hint: Any, key: str) -> None:
    if dataclasses.is_dataclass(hint):
        _check_keys(value, hint, f"{key}.")
    elif get_origin(hint) is Literal and value not in get_args(hint):
        raise _mistake(key, f"one of {', '.join(map(repr, get_args(hint)))} is expected")
    elif get_origin(hint) is tuple and isinstance(value, list):
        for number, part in enumerate(value):
            _check_value(part, get_args(hint)[0], f"{key}[{number}]")


def _near(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _readers(tables: object, card_prefixes: tuple[str, ...]) -> tuple[Reader, ...]:
    """Each `[[reader]]` in the class of its driver, which is imported now; third parties' drivers too."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _mistake("reader", "readers are written as [[reader]]")
    return tuple(_reader(dict(table), f"reader[{number}]", card_prefixes) for number, table in enumerate(tables))


def _reader(table: dict[str, Any], path: str, card_prefixes: tuple[str, ...]) -> Reader:
    from daemon.drivers.catalogue import driver

    kind = table.pop("kind", None)
    if not isinstance(kind, str):
        raise _mistake(f"{path}.kind", "this key is required")
    try:
        shape = driver(kind).Config
        if "card_prefixes" in {part.name for part in dataclasses.fields(shape)}:
            table.setdefault("card_prefixes", list(card_prefixes))
        settings = _typed(table, shape)
    except OperatorMistake as wrong:
        raise OperatorMistake(f"{path}.{wrong}", field=f"{path}.{wrong.field}") from wrong
    return Reader(kind=kind, name=str(settings.name), settings=settings)


def _check_languages(printers: tuple[Printer, ...]) -> None:
    """A kind that is none of ours is a third party's language, which is imported now and knows its options."""
    for number, printer in enumerate(printers):
        try:
            _check_language(printer)
        except OperatorMistake as wrong:
            path = f"printer[{number}]"
            raise OperatorMistake(f"{path}.{wrong}", field=f"{path}.{wrong.field}") from wrong


def _check_language(printer: Printer) -> None:
    from daemon.drivers.catalogue import language, spoken

    if printer.kind in OURS:
        if printer.options:
            raise _mistake("options", f"a printer of kind {printer.kind} has none: its keys stand in its section")
        return
    try:
        _check_keys(dict(printer.options), language(printer.kind).Config, "")
        spoken(printer.kind, printer.options)
    except OperatorMistake as wrong:
        where = "" if wrong.field == "kind" else "options."
        raise OperatorMistake(f"{where}{wrong}", field=f"{where}{wrong.field}") from wrong


def _is_path(text: str) -> bool:
    return Path(text).is_absolute() and "\x00" not in text


_Rule: TypeAlias = tuple[Callable[[Any], bool], str]
_PATH: Final[_Rule] = (_is_path, "a path starts with /")
_WORD: Final[_Rule] = (lambda text: bool(text.strip()), "a name is expected, not an empty text")
_ANYTHING: Final[_Rule] = (lambda _: True, "")
_RULES: Final[Mapping[str, _Rule]] = {
    "port": (lambda port: 0 <= port <= 65_535, "a port lies between 0 and 65535"),
    "baud": (lambda baud: baud > 0, "a speed in baud is above 0"),
    "keep": (lambda number: number >= 1, "at least one backup is kept"),
    "feed_days": (lambda days: days >= 1, "at least one day is kept"),
    "address": (is_address, ADDRESSES),
    "prefixes": (lambda digits: digits.isascii() and digits.isdecimal(), "the first digits of cards are digits"),
    **dict.fromkeys(("host", "public_host", "name"), _WORD),
    **dict.fromkeys(("state_directory", "socket", "encryption_key_file", "logo_file", "files", "directory"), _PATH),
    **dict.fromkeys(("certificate", "key", "ca", "machine_root"), _PATH),
}
"""What a value must be beyond its type, by the last part of its key."""


def _check_each(config: TillConfig | HubConfig) -> None:
    for key, value in _values(config, ""):
        accepts, sentence = _RULES.get(key.rpartition(".")[2].partition("[")[0], _ANYTHING)
        if not accepts(value):
            raise _mistake(key, sentence)


def _values(node: object, path: str) -> list[tuple[str, Any]]:
    """(dotted key, value) of every key that is set."""
    if isinstance(node, tuple):
        return [found for number, part in enumerate(node) for found in _values(part, f"{path}[{number}]")]
    if dataclasses.is_dataclass(node):
        dot = "." if path else ""
        return [
            found
            for part in dataclasses.fields(node)
            for found in _values(getattr(node, part.name), f"{path}{dot}{part.name}")
        ]
    return [] if node is None else [(path, node)]


def _check_names(config: TillConfig) -> None:
    """Health, jobs and events name devices: no two may have one name."""
    seen: set[str] = set()
    for key, name in [
        *((f"reader[{number}].name", reader.name) for number, reader in enumerate(config.reader)),
        *((f"printer[{number}].name", printer.name) for number, printer in enumerate(config.printer)),
        *((f"display[{number}].name", display.name) for number, display in enumerate(config.display)),
    ]:
        if name in seen:
            raise _mistake(key, "another device has this name")
        seen.add(name)
    for table, devices in (("printer", config.printer), ("display", config.display)):
        if found := misfit(devices):
            raise _mistake(f"{table}[{found[0]}].address", found[1])
