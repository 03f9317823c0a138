"""A badge reader with Wiegand wires behind a converter to a serial line, one line of text for each badge.

Wiegand-26 and Wiegand-34 carry 24 and 32 bits between two parity bits: even over the first half, odd over the second.
Converters send the bits, their hexadecimal digits, or the numbers that are printed on badges.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from daemon.clock import Clock
from daemon.domain.code import ScannedCode
from daemon.drivers.debounce import PRESENCE
from daemon.drivers.device import Refusal
from daemon.drivers.framed_session import FramedSession
from daemon.drivers.framing import Framing, LineFramer
from daemon.drivers.line_reader import LineReader, line_rules, refuse
from daemon.drivers.tag_number import BYTES_NEEDED, Rendering, rendered

CONTRACT: Final = 1
TRIED_ON: Final = "pseudo-terminals at 9600 baud, with the frames of tests/captures/readers/wiegand.reader.toml"

Content = Literal["bits", "hexadecimal", "facility", "label"]

_DATA_BITS: Final = frozenset({24, 32})
_HEXADECIMAL: Final = re.compile(r"(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}|[0-9A-Fa-f]{10})", re.ASCII)
_FACILITY: Final = re.compile(r"([0-9]{1,3})[,.:/ -]([0-9]{1,5})", re.ASCII)
_LABEL: Final = re.compile(r"[0-9]{10}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class WiegandConfig:
    """One converter."""

    name: str
    path: str
    """A stable name: `/dev/serial/by-id/...`."""
    baud: int = 9600
    prefix: str = ""
    """What the converter sends before each number."""
    suffix: str = ""
    """What it sends after each; empty means CR, LF or both."""
    content: Content = "bits"
    """What a line holds: `bits` (26 or 34, with parity), `hexadecimal`, `facility` (99,59822) or `label`."""
    number: Rendering = "facility"
    """Which of a tag's numbers is its card; `facility` is the only one that Wiegand-26 knows in full."""

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(
            *line_rules(self.name, self.path, self.baud),
            ("number", self.content == "facility" and self.number != "facility", "the converter sends no more of it"),
            ("number", self.content != "hexadecimal" and self.number == "tag", "the wires carry four bytes at most"),
        )


def number_of(text: str, content: Content) -> bytes | Refusal:
    """The bytes that a converter's line stands for: three, four or five of them."""
    match content:
        case "bits":
            return _bits(text)
        case "hexadecimal":
            return bytes.fromhex(text) if _HEXADECIMAL.fullmatch(text) else Refusal.WRONG_LENGTH
        case "facility":
            return _facility(text)
        case "label":
            return _label(text)


def _bits(text: str) -> bytes | Refusal:
    if text.strip("01"):
        return Refusal.NOT_DIGITS
    data = text[1:-1]
    if len(data) not in _DATA_BITS:
        return Refusal.WRONG_LENGTH
    half = len(text) // 2
    if text[:half].count("1") % 2 != 0 or text[half:].count("1") % 2 != 1:
        return Refusal.CHECKSUM
    return int(data, 2).to_bytes(len(data) // 8, "big")


def _facility(text: str) -> bytes | Refusal:
    found = _FACILITY.fullmatch(text)
    if found is None:
        return Refusal.WRONG_LENGTH
    facility, card = map(int, found.groups())
    return bytes([facility]) + card.to_bytes(2, "big") if facility < 2**8 and card < 2**16 else Refusal.WRONG_LENGTH


def _label(text: str) -> bytes | Refusal:
    if not _LABEL.fullmatch(text):
        return Refusal.NOT_DIGITS if not text.isdigit() else Refusal.WRONG_LENGTH
    return int(text).to_bytes(4, "big") if int(text) < 2**32 else Refusal.WRONG_LENGTH


def read_line(data: bytes, config: WiegandConfig) -> ScannedCode | Refusal:
    """The card that one line stands for."""
    number = number_of(data.decode("ascii", "replace").strip(" "), config.content)
    if isinstance(number, Refusal):
        return number
    if len(number) < BYTES_NEEDED[config.number]:
        return Refusal.NO_NUMBER
    return ScannedCode(text=rendered(number, config.number), symbology=None)


class WiegandSession(FramedSession):
    """One session of a converter."""

    def __init__(self, config: WiegandConfig) -> None:
        framing = Framing(prefix=config.prefix.encode(), suffix=config.suffix.encode(), frame_bytes_max=64)
        super().__init__(config.name, LineFramer(framing), partial(read_line, config=config), PRESENCE)


Config = WiegandConfig


def build(config: WiegandConfig, clock: Clock) -> LineReader:
    """The driver of one configured converter."""
    return LineReader(config.name, config.path, partial(WiegandSession, config), clock, baud=config.baud)
