"""The RDM6300, a 125 kHz module on a serial line: STX, ten hexadecimal digits, two of checksum, ETX, every 50 ms.

Bytes: the module's data sheet; vectors in tests/captures/readers/rdm6300.reader.toml. The checksum is the XOR
of the five.
"""

from dataclasses import dataclass
from functools import partial, reduce
from operator import xor
from typing import Final

from typing_extensions import override

from daemon.clock import Clock
from daemon.domain.code import ScannedCode
from daemon.drivers.debounce import PRESENCE
from daemon.drivers.device import Refusal
from daemon.drivers.framed_session import FramedSession
from daemon.drivers.framing import BadFrame, Frame
from daemon.drivers.line_reader import LineReader, line_rules, refuse
from daemon.drivers.tag_number import TAG_BYTES, Rendering, rendered

CONTRACT: Final = 1
TRIED_ON: Final = "pseudo-terminals at 9600 baud, with the frames of tests/captures/readers/rdm6300.reader.toml"

_STX: Final = 0x02
_ETX: Final = 0x03
_DIGITS: Final = 2 * TAG_BYTES + 2
_HEXADECIMAL: Final = frozenset(b"0123456789ABCDEFabcdef")
_IDLE_MS: Final = 100
"""14 bytes take 15 ms at 9600 baud; a pause of six times that ends a frame. It stays above the 33 ms of 300 baud."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TagReaderConfig:
    """One RDM6300."""

    name: str
    path: str
    """A stable name: `/dev/serial/by-id/...`."""
    baud: int = 9600
    number: Rendering = "tag"
    """Which of a tag's three numbers is its card: `tag` (all five bytes), `label` or `facility`, as printed on tags."""

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(*line_rules(self.name, self.path, self.baud))


class TagFramer:
    """Bytes in, the five bytes of tags out. A STX starts a frame wherever it stands; what precedes it is noise."""

    def __init__(self) -> None:
        self._digits = bytearray()
        self._is_inside = False
        self._last_byte_ms = 0

    @override
    def __repr__(self) -> str:
        return f"TagFramer({f'{len(self._digits)} digits of a frame' if self._is_inside else 'between frames'})"

    @property
    def due_ms(self) -> int | None:
        """When silence ends what was begun; None while nothing is."""
        return self._last_byte_ms + _IDLE_MS if self._is_inside else None

    def opened(self, now_ms: int) -> None:
        """The line was opened just now; the rest of a frame has no STX and is noise."""

    def feed(self, data: bytes, now_ms: int) -> list[Frame | BadFrame]:
        """Take bytes that arrived at `now_ms` (monotonic), or none, and give what they complete; a frame is 5 bytes."""
        overdue = self._is_inside and now_ms - self._last_byte_ms >= _IDLE_MS
        found: list[Frame | BadFrame] = [*self.close()] if overdue else []
        if data:
            self._last_byte_ms = now_ms
        for byte in data:
            item = self._take(byte)
            if item is not None:
                found.append(item)
        return found

    def close(self) -> list[BadFrame]:
        """The line is gone: give up what was begun."""
        return [self._give_up(Refusal.CUT)] if self._is_inside else []

    def _take(self, byte: int) -> Frame | BadFrame | None:
        if byte == _STX:
            cut = self._give_up(Refusal.CUT) if self._is_inside else None
            self._is_inside = True
            return cut
        if not self._is_inside:
            return None
        if byte == _ETX:
            return self._complete()
        if byte not in _HEXADECIMAL:
            return self._give_up(Refusal.CONTROL_BYTE)
        if len(self._digits) == _DIGITS:
            return self._give_up(Refusal.OVERLONG)
        self._digits.append(byte)
        return None

    def _complete(self) -> Frame | BadFrame:
        if len(self._digits) != _DIGITS:
            return self._give_up(Refusal.CUT)
        *number, checksum = bytes.fromhex(self._digits.decode("ascii"))
        if reduce(xor, number) != checksum:
            return self._give_up(Refusal.CHECKSUM)
        self._give_up(Refusal.CUT)
        return Frame(data=bytes(number))

    def _give_up(self, reason: Refusal) -> BadFrame:
        bad = BadFrame(reason=reason, length=len(self._digits) + 1)
        self._digits.clear()
        self._is_inside = False
        return bad


def read_tag(number: bytes, rendering: Rendering) -> ScannedCode:
    """The card that a frame of five bytes stands for."""
    return ScannedCode(text=rendered(number, rendering), symbology=None)


class TagSession(FramedSession):
    """One session of an RDM6300."""

    def __init__(self, config: TagReaderConfig) -> None:
        super().__init__(config.name, TagFramer(), partial(read_tag, rendering=config.number), PRESENCE)


Config = TagReaderConfig


def build(config: TagReaderConfig, clock: Clock) -> LineReader:
    """The driver of one configured RDM6300."""
    return LineReader(config.name, config.path, partial(TagSession, config), clock, baud=config.baud)
