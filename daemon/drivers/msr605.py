"""The MSR605, a magnetic stripe reader on a serial line: asked once to read, it answers when a card is swiped.

Bytes: MSR605 Programmer's Manual, sections 6 to 8; vectors in tests/captures/readers/msr605.reader.toml. A
track without data is an empty field, or left out at the end. Any track that holds a payment number condemns the whole
swipe, here, before anybody else sees it.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

from typing_extensions import override

from daemon.clock import Clock
from daemon.domain.code import ScannedCode
from daemon.domain.payment_card import track_holds_payment_card
from daemon.drivers.debounce import SCANNER, Debounce
from daemon.drivers.device import CardRead, ReaderEvent, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.framing import BadFrame
from daemon.drivers.line_reader import LineReader, LineSession, Say, Step, line_rules, refuse
from daemon.errors import DeviceFault

CONTRACT: Final = 1
TRIED_ON: Final = (
    "pseudo-terminals at 9600 baud, with a simulated MSR605 and the frames of tests/captures/readers/msr605.reader.toml"
)

RESET: Final = b"\x1ba"
READ: Final = b"\x1br"
TEST: Final = b"\x1be"
TEST_PASSED: Final = b"\x1by"

_READ_NEXT: Final = Say(data=READ)
_START: Final = b"\x1bs"
_END: Final = b"?\x1c\x1b"
"""Then one byte of status."""
_WELL: Final = 0x30
_CHARACTERS_MAX: Final = {1: 79, 2: 40, 3: 107}
"""Of each track, sentinels counted (ISO 7811)."""

_FRAME_BYTES_MAX: Final = 2 + 3 * 2 + sum(_CHARACTERS_MAX.values()) + 4
"""An ESC and a number stand before each track."""

_OF_TRACKS: Final = bytes(range(0x20, 0x60))
_SENTINELS: Final = "%;+_?"
_IDLE_MS: Final = 500
"""244 characters take 254 ms at 9600 baud; silence of this length ends a frame that was begun."""

_ANSWER_MS: Final = 2000
_LOOK_MS: Final = 60_000
"""A quiet reader is asked now and then whether it still lives: one that lost its power waits for no card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StripeReaderConfig:
    """One MSR605."""

    name: str
    path: str
    """A stable name: `/dev/serial/by-id/...`."""
    baud: int = 9600
    track: Literal[1, 2, 3] = 2
    """The track that holds the card's number; what follows a separator (`^` or `=`) is left out."""
    card_prefixes: tuple[str, ...] = ()
    """Of the chain's cards: never taken for payment numbers."""

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(*line_rules(self.name, self.path, self.baud))


@dataclass(frozen=True, kw_only=True, slots=True)
class Swipe:
    """The tracks of a card that is no payment card, without their sentinels; empty where there is none."""

    tracks: tuple[str, str, str] = field(repr=False)


class StripeFramer:
    """Bytes in, swipes out. `ESC s` starts a frame wherever it stands: neither sign of it occurs inside a track."""

    def __init__(self, card_prefixes: tuple[str, ...]) -> None:
        self._card_prefixes = card_prefixes
        # Of fixed size, so that wiping it wipes every copy that this object ever made.
        self._buffer = bytearray(_FRAME_BYTES_MAX)
        self._length = 0
        self._last_byte_ms = 0

    @override
    def __repr__(self) -> str:
        return f"StripeFramer(holding {self._length} bytes)"

    @property
    def due_ms(self) -> int | None:
        """When silence ends what was begun; None while nothing is."""
        return self._last_byte_ms + _IDLE_MS if self._length else None

    def feed(self, data: bytes, now_ms: int) -> list[Swipe | BadFrame]:
        """Take bytes that arrived at `now_ms` (monotonic), or none, and give what they complete."""
        overdue = self._length and now_ms - self._last_byte_ms >= _IDLE_MS
        found: list[Swipe | BadFrame] = [*self.close()] if overdue else []
        if data:
            self._last_byte_ms = now_ms
        for byte in data:
            item = self._take(byte)
            if item is not None:
                found.append(item)
        return found

    def close(self) -> list[BadFrame]:
        """The line is gone: give up what was begun."""
        cut = [self._refuse(Refusal.CUT)] if self._length >= len(_START) else []
        self._wipe()
        return cut

    def _take(self, byte: int) -> Swipe | BadFrame | None:
        self._buffer[self._length] = byte
        self._length += 1
        if self._length <= len(_START):
            self._seek_start(byte)
            return None
        if self._buffer.endswith(_START, 0, self._length):
            cut = self._refuse(Refusal.CUT)
            self._buffer[: len(_START)], self._length = _START, len(_START)
            return cut
        if self._buffer.endswith(_END, 0, self._length - 1):
            return self._complete()
        return self._refuse(Refusal.OVERLONG) if self._length == len(self._buffer) else None

    def _seek_start(self, byte: int) -> None:
        """What does not begin a frame is forgotten; its last byte may begin one."""
        if self._buffer[: self._length] != _START[: self._length]:
            self._wipe()
            if byte == _START[0]:
                self._buffer[0], self._length = byte, 1

    def _complete(self) -> Swipe | BadFrame:
        status = self._buffer[self._length - 1]
        tracks = self._tracks()
        # Looked at whatever the status: a track that was read may stand beside one that was not.
        if any(track_holds_payment_card(track, self._card_prefixes) for track in tracks.values()):
            return self._refuse(Refusal.PAYMENT_CARD)
        if status != _WELL:
            return self._refuse(Refusal.UNREADABLE)
        if not tracks:
            return self._refuse(Refusal.EMPTY)
        if any(len(tracks.get(number, "")) > most for number, most in _CHARACTERS_MAX.items()):
            return self._refuse(Refusal.OVERLONG)
        one, two, three = (tracks.get(number, "").strip(_SENTINELS) for number in (1, 2, 3))
        self._wipe()
        return Swipe(tracks=(one, two, three))

    def _tracks(self) -> dict[int, str]:
        """Those that hold something, by number; what is no character of a track (ISO 7811: 20 to 5F) makes it empty."""
        inside = self._buffer[len(_START) : self._length - len(_END) - 1]
        found: dict[int, str] = {}
        for part in inside.split(b"\x1b")[1:]:
            if len(part) > 1 and not part[1:].translate(None, _OF_TRACKS):
                found[part[0]] = part[1:].decode("ascii")
        inside[:] = bytes(len(inside))
        return found

    def _refuse(self, reason: Refusal) -> BadFrame:
        bad = BadFrame(reason=reason, length=self._length)
        self._wipe()
        return bad

    def _wipe(self) -> None:
        # Beyond its length the buffer is zero already.
        self._buffer[: self._length] = bytes(self._length)
        self._length = 0


class StripeSession(LineSession):
    """One session of an MSR605: tests the line, asks to read, asks again after each card."""

    def __init__(self, config: StripeReaderConfig) -> None:
        self._config = config
        self._framer = StripeFramer(config.card_prefixes)
        self._debounce = Debounce(SCANNER)
        self._answer_due_ms: int | None = None
        self._look_ms = 0
        self._last_byte = b""

    @override
    def __repr__(self) -> str:
        doing = "waits for a card" if self._answer_due_ms is None else "waits for an answer"
        return f"StripeSession({self._config.name} {doing}, {self._framer!r}, {self._debounce!r})"

    @property
    @override
    def due_ms(self) -> int | None:
        return self._answer_due_ms or self._framer.due_ms or self._look_ms

    @override
    def begin(self, now_ms: int) -> list[Step]:
        """Reset, and ask whether somebody is there."""
        self._answer_due_ms = now_ms + _ANSWER_MS
        return [Say(data=RESET + TEST)]

    @override
    def feed(self, data: bytes, now_ms: int) -> list[Step]:
        if self._answer_due_ms is not None:
            return self._tested(data, now_ms)
        if data:
            self._look_ms = now_ms + _LOOK_MS
        steps: list[Step] = []
        for item in self._framer.feed(data, now_ms):
            steps += [self._event(item, now_ms), _READ_NEXT]
        if not data and now_ms >= self._look_ms:
            steps += self.begin(now_ms)
        return steps

    @override
    def close(self, now_ms: int) -> list[ReaderEvent]:
        return [self._event(item, now_ms) for item in self._framer.close()]

    def _tested(self, data: bytes, now_ms: int) -> list[Step]:
        heard = self._last_byte + data
        place = heard.find(TEST_PASSED)
        if place >= 0:
            self._answer_due_ms, self._last_byte = None, b""
            self._look_ms = now_ms + _LOOK_MS
            return [Say(data=RESET + READ), *self.feed(heard[place + len(TEST_PASSED) :], now_ms)]
        self._last_byte = heard[-1:]
        if self._answer_due_ms is not None and now_ms >= self._answer_due_ms:
            raise DeviceFault(f"nothing that answers like an MSR605 is at {self._config.path}")
        return []

    def _event(self, item: Swipe | BadFrame, now_ms: int) -> ReaderEvent:
        device = self._config.name
        if isinstance(item, BadFrame):
            return ReadRefused(device=device, reason=item.reason)
        text = item.tracks[self._config.track - 1].replace("^", "=").partition("=")[0].strip()
        if not text:
            return ReadRefused(device=device, reason=Refusal.NO_NUMBER)
        if not self._debounce.is_new(text, now_ms):
            return ReadRepeated(device=device)
        return CardRead(device=device, code=ScannedCode(text=text, symbology=None))


Config = StripeReaderConfig


def build(config: StripeReaderConfig, clock: Clock) -> LineReader:
    """The driver of one configured MSR605."""
    return LineReader(config.name, config.path, partial(StripeSession, config), clock, baud=config.baud)
