"""The demo's own terminal: what it says on standard output, how far it has come on standard error.

A bar is drawn once a second has passed, in place on a terminal, as a line for each tenth elsewhere.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from daemon.clock import Clock
from daemon.demo.words import Said, Speech

SHOWN_AFTER_S: Final = 1.0
DRAWN_EVERY_S: Final = 0.1
BAR_COLUMNS: Final = 24
_CLEAR: Final = "\r\x1b[K"
_STYLES: Final = {"bold": 1, "dim": 2}


class Screen:
    """Where the demo speaks. Bars that move side by side share the last line of a terminal."""

    def __init__(self, out: TextIO, err: TextIO, *, speech: Speech, clock: Clock) -> None:
        self.speech = speech
        self._out = out
        self._err = err
        self._clock = clock
        self._bars: dict[str, str] = {}
        self._drawn_s = 0.0

    def say(self, one: Said) -> None:
        """Say something that has happened."""
        self.line(self.speech.of(one))

    def line(self, text: str = "") -> None:
        """Write a line; a bar below it stays below it."""
        self._clear()
        self._out.write(f"{text}\n")
        self._out.flush()
        self._draw()

    def styled(self, text: str, style: str) -> str:
        """The text in bold or dim, where a terminal shows it."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._out.isatty() else text

    @contextmanager
    def bar(self, label: str) -> Iterator["Bar"]:
        """A bar for the block."""
        bar = Bar(self, label, self._clock)
        try:
            yield bar
        finally:
            self._clear()
            self._bars.pop(label, None)
            self._draw()

    def show(self, label: str, text: str, *, tenth: int) -> None:
        """Draw a bar anew, unless it was drawn just now; a new tenth is a line where nothing can be drawn in place."""
        now_s = self._clock.monotonic_s()
        if not self._err.isatty():
            if tenth:
                self._err.write(f"{text}\n")
                self._err.flush()
        elif now_s - self._drawn_s >= DRAWN_EVERY_S or label not in self._bars:
            self._drawn_s = now_s
            self._bars[label] = text
            self._draw()

    def _draw(self) -> None:
        if self._bars and self._err.isatty():
            width = shutil.get_terminal_size().columns - 1
            self._err.write(_CLEAR + "   ".join(self._bars.values())[:width])
            self._err.flush()

    def _clear(self) -> None:
        if self._bars and self._err.isatty():
            self._err.write(_CLEAR)
            self._err.flush()


class Bar:
    """How far one thing has come."""

    def __init__(self, screen: Screen, label: str, clock: Clock) -> None:
        self._screen = screen
        self._label = label
        self._clock = clock
        self._begun_s = clock.monotonic_s()
        self._first: int | None = None
        self._tenths = 0

    def to(self, done: int, total: int) -> None:
        """So much of so much is done."""
        elapsed_s = self._clock.monotonic_s() - self._begun_s
        self._first = done if self._first is None else self._first
        if elapsed_s < SHOWN_AFTER_S or total <= 0:
            return
        part = min(1.0, done / total)
        tenths = int(part * 10)
        still_s = elapsed_s * (total - done) / (done - self._first) if done > self._first else None
        text = drawn(self._label, done, total, still_s=still_s, speech=self._screen.speech)
        self._screen.show(self._label, text, tenth=tenths if tenths > self._tenths else 0)
        self._tenths = max(tenths, self._tenths)


def drawn(label: str, done: int, total: int, *, still_s: float | None, speech: Speech) -> str:
    """`Customers  ██████░░░░░░  51 %  1,020 / 2,000  0:07`: at the end the time still to go, where it is known."""
    part = min(1.0, done / total)
    full = int(part * BAR_COLUMNS)
    left = "" if still_s is None else f"  {int(still_s) // 60}:{int(still_s) % 60:02d}"
    bar = "█" * full + "░" * (BAR_COLUMNS - full)
    return f"{label}  {bar}  {int(part * 100):3d} %  {speech.figure(done)} / {speech.figure(total)}{left}"
