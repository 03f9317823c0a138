"""A clock that is set: what the demo says of the past is written as it would have been then."""

from typing_extensions import override

from daemon.clock import Clock


class PastClock(Clock):
    """Says `at_ms` for as long as somebody set it, and never more than it is now."""

    def __init__(self, now: Clock, at_ms: int) -> None:
        self._now = now
        self._at_ms = at_ms

    def set(self, at_ms: int) -> None:
        """From now on it is then; never back, and never after now."""
        self._at_ms = min(max(at_ms, self._at_ms), self._now.now_ms())

    @override
    def now_ms(self) -> int:
        return self._at_ms

    @override
    def monotonic_s(self) -> float:
        return self._now.monotonic_s()

    @override
    async def sleep(self, seconds: float) -> None:
        await self._now.sleep(seconds)
