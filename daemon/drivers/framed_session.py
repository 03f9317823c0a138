"""A session with a device that speaks by itself: framer, meaning of a frame, debounce. Sans-IO."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from typing_extensions import override

from daemon.domain.code import ScannedCode
from daemon.drivers.debounce import Debounce, DebounceRule
from daemon.drivers.device import CardRead, ReaderEvent, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.framing import BadFrame, Frame
from daemon.drivers.line_reader import LineSession

ReadFrame: TypeAlias = Callable[[bytes], ScannedCode | Refusal]
"""What a whole frame says. Pure."""


class Framer(Protocol):
    """Bytes in, frames out; any split of the same bytes gives the same frames. Times are monotonic milliseconds."""

    @property
    def due_ms(self) -> int | None:
        """When silence ends what was begun; None while nothing is."""
        ...

    def opened(self, now_ms: int) -> None:
        """The line was opened just now: what comes at once may be the rest of a frame, and is never one."""
        ...

    def feed(self, data: bytes, now_ms: int) -> list[Frame | BadFrame]:
        """Take bytes, or none: silence until now."""
        ...

    def close(self) -> list[BadFrame]:
        """The line is gone: give up what was begun."""
        ...


class FramedSession(LineSession):
    """One session of `device`."""

    def __init__(self, device: str, framer: Framer, read: ReadFrame, rule: DebounceRule) -> None:
        self._device = device
        self._framer = framer
        self._read = read
        self._debounce = Debounce(rule)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._device}, {self._framer!r}, {self._debounce!r})"

    @property
    @override
    def due_ms(self) -> int | None:
        """Silence that ends a frame which was begun."""
        return self._framer.due_ms

    @override
    def begin(self, now_ms: int) -> list[ReaderEvent]:
        """The device speaks by itself, and may be speaking now."""
        self._framer.opened(now_ms)
        return []

    @override
    def feed(self, data: bytes, now_ms: int) -> list[ReaderEvent]:
        return [self._event(item, now_ms) for item in self._framer.feed(data, now_ms)]

    @override
    def close(self, now_ms: int) -> list[ReaderEvent]:
        return [self._event(item, now_ms) for item in self._framer.close()]

    def _event(self, item: Frame | BadFrame, now_ms: int) -> ReaderEvent:
        if isinstance(item, BadFrame):
            return ReadRefused(device=self._device, reason=item.reason)
        code = self._read(item.data)
        if isinstance(code, Refusal):
            return ReadRefused(device=self._device, reason=code)
        if not self._debounce.is_new(code.text, now_ms):
            return ReadRepeated(device=self._device)
        return CardRead(device=self._device, code=code)
