"""A barcode scanner on a serial line, real or USB (CDC): port, framer, card formats, debounce."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.drivers.card_formats import CardFormats, read_frame
from daemon.drivers.debounce import SCANNER
from daemon.drivers.framed_session import FramedSession
from daemon.drivers.framing import Framing, LineFramer
from daemon.drivers.line_reader import LineReader, line_rules, refuse

CONTRACT: Final = 1
TRIED_ON: Final = "pseudo-terminals at 9600 baud, with the frames of tests/captures/readers/serial_scanner.reader.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialScannerConfig:
    """One scanner, as the configuration describes it."""

    name: str
    path: str
    """A stable name: `/dev/serial/by-id/...`; never ttyUSB0, which is whatever was plugged in first."""
    baud: int = 9600
    prefix: str = ""
    """What the scanner was set to send before each code."""
    suffix: str = ""
    """What it was set to send after each code; empty means CR, LF or both."""
    card_prefixes: tuple[str, ...] = ()
    """Of the chain's cards: never taken for payment numbers."""
    check_bare_gtin: bool = True
    """Refuse 8, 12 or 13 digits whose check digit is wrong, where the scanner sends no AIM identifier."""
    idle_ms: int = 300
    """Silence after which an unfinished code is given up."""
    frame_bytes_max: int = 512

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(
            *line_rules(self.name, self.path, self.baud),
            ("idle_ms", self.idle_ms <= 0, "the silence that ends a code is above 0 ms"),
            ("frame_bytes_max", not 16 <= self.frame_bytes_max <= 4096, "a code has 16 to 4096 bytes at most"),
        )


class ScannerSession(FramedSession):
    """One session of a scanner, sans-IO: bytes in, events out."""

    def __init__(self, config: SerialScannerConfig) -> None:
        framing = Framing(
            prefix=config.prefix.encode(),
            suffix=config.suffix.encode(),
            frame_bytes_max=config.frame_bytes_max,
            idle_ms=config.idle_ms,
        )
        formats = CardFormats(card_prefixes=config.card_prefixes, check_bare_gtin=config.check_bare_gtin)
        super().__init__(config.name, LineFramer(framing), partial(read_frame, formats=formats), SCANNER)


class SerialScanner(LineReader):
    """The driver."""

    def __init__(self, config: SerialScannerConfig, clock: Clock) -> None:
        super().__init__(config.name, config.path, partial(ScannerSession, config), clock, baud=config.baud)


Config = SerialScannerConfig
"""What `daemon.drivers.catalogue` asks of a driver module, with CONTRACT, TRIED_ON and `build`."""


def build(config: SerialScannerConfig, clock: Clock) -> SerialScanner:
    """The driver of one configured scanner."""
    return SerialScanner(config, clock)
