"""Shows how far something has come: one line on standard error, rewritten in place, for what takes over a second.

Nothing is shown to a file or a pipe.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from daemon.cli.terminal import Terminal, shortened
from daemon.cli.words import _, figure
from daemon.clock import Clock, SystemClock

SHOWN_AFTER_S: Final = 1.0
DRAWN_EVERY_S: Final = 0.1
BAR_COLUMNS: Final = 24
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """A bar that its owner moves; drawn once a second has passed."""

    def __init__(self, terminal: Terminal, label: str, clock: Clock) -> None:
        self._terminal = terminal
        self._label = label
        self._clock = clock
        self._begun_s = clock.monotonic_s()
        self._drawn_s = self._begun_s + SHOWN_AFTER_S - DRAWN_EVERY_S
        self._is_drawn = False

    def to(self, done: int, total: int, unit: str = "") -> None:
        """So much of so much is done; a total of 0 is not known yet."""
        now_s = self._clock.monotonic_s()
        if not self._terminal.watched or now_s - self._drawn_s < DRAWN_EVERY_S:
            return
        self._drawn_s = now_s
        self._is_drawn = True
        shown = line(self._label, done, total, elapsed_s=now_s - self._begun_s, unit=unit)
        self._terminal.err.write(_CLEAR + shortened(shown, (self._terminal.width or 80) - 1))
        self._terminal.err.flush()

    def clear(self) -> None:
        """Take the line away: what follows is written in its place."""
        if self._is_drawn:
            self._is_drawn = False
            self._terminal.err.write(_CLEAR)
            self._terminal.err.flush()


@contextmanager
def shown(terminal: Terminal, label: str, clock: Clock | None = None) -> Iterator[Progress]:
    """A bar for the block; its line is gone when the block ends, however it ends."""
    bar = Progress(terminal, label, clock or SystemClock())
    try:
        yield bar
    finally:
        bar.clear()


@contextmanager
def measured(
    terminal: Terminal, label: str, measure: Callable[[], tuple[int, int]] = lambda: (0, 0), *, unit: str = ""
) -> Iterator[None]:
    """A bar for work that reports nothing itself: `measure` is asked from a thread for (done, total)."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(DRAWN_EVERY_S):
            bar.to(*measure(), unit)

    with shown(terminal, label) as bar:
        thread = threading.Thread(target=watch, name="progress", daemon=True)
        if terminal.watched:
            thread.start()
        try:
            yield
        finally:
            over.set()
            if terminal.watched:
                thread.join()


def line(label: str, done: int, total: int, *, elapsed_s: float, unit: str = "") -> str:
    """`Import  ██████░░░░░░  51 %  1 020 / 2 000  0:07 left`; without a total, what is done and since when."""
    if total <= 0:
        what = f"{figure(done)}{unit}  " if done else ""
        return f"{label}  {what}{_clock_time(elapsed_s)}"
    part = min(1.0, done / total)
    full = int(part * BAR_COLUMNS)
    left = _("{time} left").format(time=_clock_time(elapsed_s * (1 - part) / part)) if part > 0.02 else ""
    bar = "█" * full + "░" * (BAR_COLUMNS - full)
    return f"{label}  {bar}  {int(part * 100):3d} %  {figure(done)} / {figure(total)}{unit}  {left}"


def filled(done: int, total: int, *, has_bar: bool) -> str:
    """`██████░░░░░░  41 %  412 000 of 1 000 000 rows`: how far something is that goes on elsewhere."""
    part = min(1.0, done / max(total, 1))
    full = int(part * BAR_COLUMNS)
    bar = "█" * full + "░" * (BAR_COLUMNS - full) + "  " if has_bar else ""
    rows = _("{done} of {total} rows").format(done=figure(done), total=figure(total))
    return f"{bar}{int(part * 100)} %  {rows}"


def _clock_time(seconds: float) -> str:
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}"
