"""Frames of the PN532, made and cut. Sans-IO.

`00 00 FF length -length D4|D5 code data sum 00` (NXP UM0701-02, 6.2.1): the two lengths add up to 0, so do the bytes
from D4 or D5 to the sum. `00 00 FF 00 FF 00` acknowledges a command.
"""

from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from daemon.drivers.device import Refusal
from daemon.drivers.framing import BadFrame

ACKNOWLEDGED: Final = bytes.fromhex("00 00 FF 00 FF 00")

_START: Final = b"\x00\xff"
_HEAD_BYTES: Final = 4
_FROM_HOST: Final = 0xD4
_FROM_DEVICE: Final = 0xD5
_ERROR: Final = 0x7F
_IDLE_MS: Final = 100
"""A frame of 262 bytes takes 23 ms at 115 200 baud; the slowest line that is believed runs at 300."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the device answers: the code of the command plus one, and its data. An error has the code 7F."""

    code: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledged:
    """The command has come whole; its answer follows."""


def command(code: int, data: bytes = b"") -> bytes:
    """A frame from us."""
    inside = bytes([_FROM_HOST, code]) + data
    return b"\x00" + _START + bytes([len(inside), -len(inside) % 256]) + inside + bytes([-sum(inside) % 256, 0])


class Pn532Framer:
    """Bytes in, answers out. After a frame that cannot be trusted the next start of one is sought."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._last_byte_ms = 0

    @override
    def __repr__(self) -> str:
        return f"Pn532Framer(holding {len(self._bytes)} bytes)"

    @property
    def is_inside_frame(self) -> bool:
        """Whether the start of a frame has come, and not all of it."""
        return len(self._bytes) > len(_START)

    @property
    def due_ms(self) -> int | None:
        """When silence ends what was begun; None while nothing is."""
        return self._last_byte_ms + _IDLE_MS if self.is_inside_frame else None

    def feed(self, data: bytes, now_ms: int) -> list[Answer | Acknowledged | BadFrame]:
        """Take bytes that arrived at `now_ms` (monotonic), or none, and give what they complete."""
        overdue = self.is_inside_frame and now_ms - self._last_byte_ms >= _IDLE_MS
        found: list[Answer | Acknowledged | BadFrame] = [*self.close()] if overdue else []
        if data:
            self._last_byte_ms = now_ms
        for byte in data:
            self._bytes.append(byte)
            item = self._take()
            if item is not None:
                found.append(item)
        return found

    def close(self) -> list[BadFrame]:
        """The line is gone: give up what was begun."""
        cut = [BadFrame(reason=Refusal.CUT, length=len(self._bytes))] if self.is_inside_frame else []
        self._bytes.clear()
        return cut

    def _take(self) -> Answer | Acknowledged | BadFrame | None:
        if len(self._bytes) <= len(_START):
            self._seek_start()
            return None
        if len(self._bytes) < _HEAD_BYTES:
            return None
        length, complement = self._bytes[2], self._bytes[3]
        if (length, complement) == (0x00, 0xFF):
            self._bytes.clear()
            return Acknowledged()
        if length == 0 or (length + complement) % 256 != 0:
            self._start_was_noise()
            return None
        return self._whole(length) if len(self._bytes) == _HEAD_BYTES + length + 1 else None

    def _start_was_noise(self) -> None:
        """A start without a length: what followed it may hold the true one."""
        rest = bytes(self._bytes[1:])
        self._bytes.clear()
        for byte in rest:
            self._bytes.append(byte)
            if len(self._bytes) <= len(_START):
                self._seek_start()

    def _seek_start(self) -> None:
        """Any number of zeros may come before a start."""
        if len(self._bytes) == len(_START) and self._bytes != _START:
            del self._bytes[0]
        if self._bytes and self._bytes[0] != _START[0]:
            self._bytes.clear()

    def _whole(self, length: int) -> Answer | BadFrame | None:
        inside, total = bytes(self._bytes[_HEAD_BYTES:-1]), sum(self._bytes[_HEAD_BYTES:])
        if total % 256 != 0:
            return self._refuse(Refusal.CHECKSUM)
        self._bytes.clear()
        if inside[0] == _ERROR:
            return Answer(code=_ERROR, data=inside[1:])
        if inside[0] != _FROM_DEVICE or length < 2:
            return BadFrame(reason=Refusal.CHECKSUM, length=length)
        return Answer(code=inside[1], data=inside[2:])

    def _refuse(self, reason: Refusal) -> BadFrame:
        bad = BadFrame(reason=reason, length=len(self._bytes))
        self._bytes.clear()
        return bad
