"""A scanner that is a keyboard: grabbed, and read by key codes in its own layout, not by what this host would type.

Such a scanner in US mode types `"è-à&é"'(-è_'` for 3760123456784 on a French host
(tests/captures/readers/keyboard_scanner.reader.toml); its key codes are right whatever the host is set to.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from typing_extensions import override

from daemon.clock import Clock
from daemon.domain.code import ScannedCode
from daemon.drivers.card_formats import CardFormats, read_frame
from daemon.drivers.debounce import SCANNER
from daemon.drivers.device import ByteTransport, Candidate, Refusal
from daemon.drivers.framed_session import FramedSession
from daemon.drivers.input_device import node_called, open_input
from daemon.drivers.key_framing import KeyFramer
from daemon.drivers.key_layouts import LAYOUTS, Layout, LayoutName, layout, text_of
from daemon.drivers.line_reader import LineReader, refuse
from daemon.errors import DeviceAbsent

CONTRACT: Final = 1
TRIED_ON: Final = (
    "an evdev scanner of umockdev 0.17, grabbed and unplugged; layouts against libxkbcommon 1.5 and xkb-data 2.35"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyboardScannerConfig:
    """One scanner that is a keyboard."""

    name: str
    path: str = ""
    """A stable name: `/dev/input/by-id/...-event-kbd`, or `/dev/comptoir/keys-...` for its socket."""
    uniq: str = ""
    """Instead of a path: what the device calls itself, such as the address of a Bluetooth scanner."""
    layout: LayoutName = "us"
    """The keyboard that the scanner was set to be; `comptoir devices try` finds it by a scan of AZ-019."""
    prefix: str = ""
    """What the scanner was set to send before each code."""
    card_prefixes: tuple[str, ...] = ()
    """Of the chain's cards: never taken for payment numbers."""
    check_bare_gtin: bool = True
    """Refuse 8, 12 or 13 digits whose check digit is wrong, where the scanner sends no AIM identifier."""
    idle_ms: int = 300
    """Silence after which an unfinished code is given up."""

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(
            ("name", not self.name, "a device needs a name"),
            ("path", bool(self.path) == bool(self.uniq), "either the path of the device is given, or its uniq"),
            ("path", bool(self.path) and not Path(self.path).is_absolute(), "the path of the device starts with /"),
            ("layout", self.layout not in LAYOUTS, f"the layouts are {', '.join(LAYOUTS)}"),
            ("idle_ms", self.idle_ms <= 0, "the silence that ends a code is above 0 ms"),
        )


def read_keys(keys: bytes, typed: Layout, prefix: str, formats: CardFormats) -> ScannedCode | Refusal:
    """The code that the keys of one scan type on their layout."""
    text = text_of(keys, typed)
    if text is None:
        return Refusal.NOT_TEXT
    if not text.startswith(prefix):
        return Refusal.NO_PREFIX
    return read_frame(text.removeprefix(prefix).encode(), formats)


class KeyboardSession(FramedSession):
    """One session of a keyboard scanner."""

    def __init__(self, config: KeyboardScannerConfig, typed: Layout) -> None:
        formats = CardFormats(card_prefixes=config.card_prefixes, check_bare_gtin=config.check_bare_gtin)
        read = partial(read_keys, typed=typed, prefix=config.prefix, formats=formats)
        super().__init__(config.name, KeyFramer(config.idle_ms), read, SCANNER)


class KeyboardScanner(LineReader):
    """The driver."""

    def __init__(self, config: KeyboardScannerConfig, clock: Clock) -> None:
        super().__init__(
            config.name, config.path or config.uniq, partial(KeyboardSession, config, layout(config.layout)), clock
        )
        self._config = config

    @property
    @override
    def watched_path(self) -> Path | None:
        return Path(self._config.path) if self._config.path else node_called(self._config.uniq)

    @override
    def match(self, candidate: Candidate) -> int:
        """The configured path is one of its names, or it calls itself as configured."""
        if self._config.uniq:
            return 100 if candidate.uniq.lower() == self._config.uniq.lower() else 0
        return super().match(candidate)

    @override
    def open(self) -> AbstractAsyncContextManager[ByteTransport]:
        path = self.watched_path
        if path is None:
            raise DeviceAbsent(f"no input device calls itself {self._config.uniq}")
        return open_input(path)


Config = KeyboardScannerConfig


def build(config: KeyboardScannerConfig, clock: Clock) -> KeyboardScanner:
    """The driver of one configured scanner."""
    return KeyboardScanner(config, clock)
