"""Cutting bytes into frames that end with CR, LF, both, or a configured suffix. Sans-IO; time is an argument.

A frame may hold a payment number: a bad one is reported by reason and length only, and buffers are wiped, not dropped.
"""

from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from daemon.drivers.device import Refusal

_LINE_ENDS: Final = (b"\r", b"\n")
_GROUP_SEPARATOR: Final = 0x1D
"""FNC1 between GS1 element strings: the one control byte that belongs inside a frame."""

_DELETE: Final = 0x7F
_NEVER_INSIDE: Final = bytes({*range(0x20), _DELETE} - {_GROUP_SEPARATOR})
_NEVER_IN_UTF8: Final = frozenset({0xC0, 0xC1, *range(0xF5, 0x100)})
"""What a line shows when it is plugged in, or when the baud rate is wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Framing:
    """How a device marks its frames."""

    prefix: bytes = b""
    """What starts each frame and is no part of it; what precedes it is garbage."""
    suffix: bytes = b""
    """What ends each frame; empty means CR, LF or both."""
    frame_bytes_max: int = 512
    idle_ms: int = 300
    """Silence that ends a frame for good. A second scan takes a hand longer; at 300 baud a byte takes 33 ms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One whole frame, without prefix and terminator; never empty."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class BadFrame:
    """A frame that cannot be trusted. The bytes are gone."""

    reason: Refusal
    length: int
    """Bytes received until it was given up."""


SETTLE_MS: Final = 50
"""Who speaks so soon after the line was opened was speaking before, and its beginning is lost (33 ms at 300 baud)."""


class LineFramer:
    """Bytes in, frames out; any split of the same bytes gives the same frames.

    Control bytes before a frame are skipped (line noise, STX, the LF of the CR LF before), so no terminator ever
    makes an empty frame. A control byte inside a frame condemns it: one lost digit is another customer's number.
    """

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._ends = (framing.suffix,) if framing.suffix else _LINE_ENDS
        self._end_bytes = len(self._ends[0])
        # Of fixed size: a buffer that grows leaves unwiped copies of itself in freed memory.
        self._buffer = bytearray(framing.frame_bytes_max + self._end_bytes)
        self._length = 0
        self._discarding = False
        self._last_byte_ms = 0
        self._settles_ms = -1
        # A prefix such as STX tells the beginning of a frame from its middle; nothing else does.
        self._is_self_starting = framing.prefix[:1] < b" " if framing.prefix else False

    @override
    def __repr__(self) -> str:
        doing = "discarding" if self._discarding else f"holding {self._length} bytes"
        return f"LineFramer({doing})"

    @property
    def is_inside_frame(self) -> bool:
        """Whether silence matters: feed no bytes after `idle_ms` of it."""
        return self._length > 0 or self._discarding

    @property
    def due_ms(self) -> int | None:
        """When silence ends what was begun; None while nothing is."""
        return self._last_byte_ms + self._framing.idle_ms if self.is_inside_frame else None

    def opened(self, now_ms: int) -> None:
        """The line was opened just now; a frame that begins at once is the rest of one."""
        self._settles_ms = -1 if self._is_self_starting else now_ms + SETTLE_MS

    def feed(self, data: bytes, now_ms: int) -> list[Frame | BadFrame]:
        """Take bytes that arrived at `now_ms` (monotonic milliseconds) and give what they complete, in order.

        A frame whose rest did not come within `idle_ms` is given up first, so that the next one is not glued to it;
        `data` may be empty to ask for that alone.
        """
        overdue = now_ms - self._last_byte_ms >= self._framing.idle_ms and self.is_inside_frame
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
        cut = [BadFrame(reason=Refusal.CUT, length=self._length)] if self._length and not self._discarding else []
        self._wipe()
        self._discarding = False
        return cut

    def _take(self, byte: int) -> Frame | BadFrame | None:
        if not self._length and not self._discarding:
            if self._is_noise(byte):
                return None
            if self._last_byte_ms < self._settles_ms:
                self._discarding = True
                return BadFrame(reason=Refusal.CUT, length=1)
        self._buffer[self._length] = byte
        self._length += 1
        if self._buffer.endswith(self._ends, 0, self._length):
            return self._complete()
        if self._discarding:
            self._wipe(keep=self._end_bytes - 1)
        elif self._length == len(self._buffer):
            return self._overflow()
        return None

    def _is_noise(self, byte: int) -> bool:
        """Whether `byte` can start no frame."""
        if self._framing.prefix.startswith(bytes([byte])):
            return False
        return byte <= 0x20 or byte == _DELETE or byte in _NEVER_IN_UTF8

    def _complete(self) -> Frame | BadFrame | None:
        length = self._length
        data = b"" if self._discarding else bytes(self._buffer[: length - self._end_bytes])
        self._buffer[:length] = bytes(length)
        self._length, self._discarding = 0, False
        return self._judge(data, length) if data else None

    def _judge(self, data: bytes, length: int) -> Frame | BadFrame:
        start = self._start_of(data) if self._framing.prefix else 0
        if start < 0:
            return BadFrame(reason=Refusal.NO_PREFIX, length=length)
        inside = data[start:]
        if not inside:
            return BadFrame(reason=Refusal.EMPTY, length=length)
        if len(inside.translate(None, _NEVER_INSIDE)) < len(inside):
            return BadFrame(reason=Refusal.CONTROL_BYTE, length=length)
        return Frame(data=inside)

    def _start_of(self, data: bytes) -> int:
        """Where the frame proper starts, or -1.

        A control byte such as STX starts a frame wherever it stands: what precedes it was cut. A printable prefix
        may also occur inside a code, so its first place counts.
        """
        prefix = self._framing.prefix
        place = data.rfind(prefix) if prefix[0] < 0x20 else data.find(prefix)
        return place + len(prefix) if place >= 0 else -1

    def _overflow(self) -> BadFrame:
        bad = BadFrame(reason=Refusal.OVERLONG, length=self._length)
        self._wipe(keep=self._end_bytes - 1)
        self._discarding = True
        return bad

    def _wipe(self, *, keep: int = 0) -> None:
        """Zero all but the last `keep` bytes, which may be the start of an end and move to the front."""
        length = self._length
        kept = bytes(self._buffer[max(0, length - keep) : length])
        # Beyond its length the buffer is zero already.
        self._buffer[:length] = kept.ljust(length, b"\0")
        self._length = len(kept)
