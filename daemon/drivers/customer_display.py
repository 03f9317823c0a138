"""A customer display of two lines of twenty letters, by the commands of the CD5220 that most of them know.

    ESC @                  a fresh start
    ESC t n                the set of letters, as receipt printers number them
    ESC Q A ... CR         the upper line, scrolling off
    ESC Q B ... CR         the lower line

Nothing is answered.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.domain.badge_text import lacking
from daemon.domain.text_fit import spelled
from daemon.drivers.printer_lines import PrinterLine

TRIED_ON: Final = "a pseudo-terminal, byte by byte as the manual has them"

COLUMNS: Final = 20
INITIALIZE: Final = b"\x1b@"
PAGES: Final = {"cp437": (0, "cp437"), "cp850": (2, "cp850"), "wpc1252": (16, "cp1252"), "cp858": (19, "cp858")}
"""By the names of the configuration: n of ESC t, and Python's name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cd5220:
    """One configured display. Opens its line for each text: nothing is held while nothing is shown."""

    name: str
    line: PrinterLine
    code_page: str = "cp858"
    settle_s: float = 0.1
    """Until the line has carried 50 bytes: closing it throws away what was not sent."""

    @property
    def watched_path(self) -> Path | None:
        """Where it is plugged in."""
        return self.line.watched_path

    async def show(self, upper: str, lower: str) -> tuple[str, ...]:
        """Show two lines; returns the letters that were replaced. Raises DeviceFault."""
        data, missing = frame(upper, lower, self.code_page)
        async with self.line.open() as line:
            await line.write(data)
            await asyncio.sleep(self.settle_s)
        return missing


def frame(upper: str, lower: str, code_page: str) -> tuple[bytes, tuple[str, ...]]:
    """The bytes that show two lines, and the letters that the code page has not."""
    number, codec = PAGES[code_page]
    said = [spelled(line, lambda text: lacking(text, codec)) for line in (upper, lower)]
    top, bottom = (one.text[:COLUMNS].ljust(COLUMNS).encode(codec, errors="replace") for one in said)
    data = INITIALIZE + b"\x1bt" + bytes((number,)) + b"\x1bQA" + top + b"\r" + b"\x1bQB" + bottom + b"\r"
    return data, tuple(dict.fromkeys(letter for one in said for letter in one.missing))
