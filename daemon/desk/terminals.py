"""Screens at which a badge may log somebody in: known ones, of which one listens when the badge is scanned.

A screen is known once an operator has logged in at it with a PIN (`web.callers` keeps the proof in its browser). What
is scanned is for whoever stands before the machine; with two known screens nobody can say which one that is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from daemon.clock import Clock

GRACE_S = 3.0
"""A page that has just let its stream go is about to open the next one."""

LEFT_MAX = 64


class Terminals:
    """The known screens that listen now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._streams: dict[str, int] = {}
        self._left_s: dict[str, float] = {}

    @contextmanager
    def listening(self, terminal: str) -> Iterator[None]:
        """A known screen listens for as long as the block lasts; an unknown one (empty) is nobody."""
        if not terminal:
            yield
            return
        self._streams[terminal] = self._streams.get(terminal, 0) + 1
        try:
            yield
        finally:
            self._streams[terminal] -= 1
            if not self._streams[terminal]:
                del self._streams[terminal]
                self._left_s[terminal] = self._clock.monotonic_s()

    def the_one(self) -> str:
        """The known screen that listens; empty when there is none, or more than one."""
        now_s = self._clock.monotonic_s()
        recent = {one: left_s for one, left_s in self._left_s.items() if now_s - left_s < GRACE_S}
        self._left_s = dict(list(recent.items())[-LEFT_MAX:])
        listening = self._streams.keys() | self._left_s.keys()
        return next(iter(listening)) if len(listening) == 1 else ""
