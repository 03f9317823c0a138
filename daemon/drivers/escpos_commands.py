"""ESC/POS as a printer reads it: bytes in, commands out, split anywhere; no I/O. For the simulated printer.

A raster comes row by row, as it burns into the paper: a cut line leaves the parser in the middle of it, as in life.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from typing_extensions import override

RASTER_WIDTH_BYTES_MAX = 128
TEXT_BYTES_MAX = 1024


class Op(Enum):
    """What a command is about."""

    TEXT = auto()
    LINE_FEED = auto()
    FEED_LINES = auto()
    FEED_DOTS = auto()
    INITIALIZE = auto()
    MODE = auto()
    BOLD = auto()
    ALIGN = auto()
    CODE_PAGE = auto()
    SIZE = auto()
    BAR_HEIGHT = auto()
    BAR_MODULE = auto()
    BAR_TEXT = auto()
    BAR_FONT = auto()
    BARS = auto()
    """data: the m of GS k, then the characters."""
    TWO_D = auto()
    """data: cn and fn of GS ( k, then its parameters."""
    RASTER = auto()
    """data: xL xH yL yH of GS v 0; that many rows follow."""
    RASTER_ROW = auto()
    CUT = auto()
    AUTOMATIC_STATUS = auto()
    ASK_IN_TURN = auto()
    DRAWER = auto()
    SKIPPED = auto()
    """NUL, CR, and real-time commands, which were obeyed when they arrived."""
    NONSENSE = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """One command and its parameters."""

    op: Op
    data: bytes = field(default=b"", repr=False)


FIXED: dict[bytes, tuple[Op, int]] = {
    b"\x1b@": (Op.INITIALIZE, 0),
    b"\x1b!": (Op.MODE, 1),
    b"\x1bE": (Op.BOLD, 1),
    b"\x1bG": (Op.BOLD, 1),
    b"\x1ba": (Op.ALIGN, 1),
    b"\x1bd": (Op.FEED_LINES, 1),
    b"\x1bJ": (Op.FEED_DOTS, 1),
    b"\x1bt": (Op.CODE_PAGE, 1),
    b"\x1bp": (Op.DRAWER, 3),
    b"\x1d!": (Op.SIZE, 1),
    b"\x1dh": (Op.BAR_HEIGHT, 1),
    b"\x1dw": (Op.BAR_MODULE, 1),
    b"\x1dH": (Op.BAR_TEXT, 1),
    b"\x1df": (Op.BAR_FONT, 1),
    b"\x1da": (Op.AUTOMATIC_STATUS, 1),
    b"\x1dr": (Op.ASK_IN_TURN, 1),
    b"\x10\x04": (Op.SKIPPED, 1),
    b"\x10\x05": (Op.SKIPPED, 1),
}
"""Commands of a fixed length: their two bytes, and how many parameters follow."""

LEADS = frozenset({0x10, 0x1B, 0x1D})


class CommandStream:
    """The receive buffer of a printer, and where it stands in it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._row_bytes = 0
        self._rows_left = 0

    @override
    def __repr__(self) -> str:
        return f"CommandStream({len(self._buffer)} bytes, {self._rows_left} rows to come)"

    def __len__(self) -> int:
        return len(self._buffer)

    @property
    def waits_for_rows(self) -> bool:
        """Whether what comes next are the dots of a picture that has begun."""
        return self._rows_left > 0

    def add(self, data: bytes) -> None:
        """More bytes have arrived."""
        self._buffer += data

    def take(self) -> Command | None:
        """The next whole command, or None until more arrives."""
        if self._rows_left:
            return self._row()
        if not self._buffer:
            return None
        first = self._buffer[0]
        if first in LEADS:
            return self._escaped()
        if first >= 0x20:
            return self._text()
        ops = {0x0A: Op.LINE_FEED, 0x0D: Op.SKIPPED, 0x00: Op.SKIPPED}
        return Command(ops.get(first, Op.NONSENSE), self._pop(1))

    def _pop(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _row(self) -> Command | None:
        if len(self._buffer) < self._row_bytes:
            return None
        self._rows_left -= 1
        return Command(Op.RASTER_ROW, self._pop(self._row_bytes))

    def _text(self) -> Command:
        end = 0
        while end < min(len(self._buffer), TEXT_BYTES_MAX) and self._buffer[end] >= 0x20:
            end += 1
        return Command(Op.TEXT, self._pop(end))

    def _escaped(self) -> Command | None:
        if len(self._buffer) < 2:
            return None
        name = bytes(self._buffer[:2])
        if name in FIXED:
            op, parameters = FIXED[name]
            return self._whole(op, 2, 2 + parameters)
        match name:
            case b"\x1dV":
                return self._cut()
            case b"\x1dk":
                return self._bars()
            case b"\x1d(":
                return self._two_d()
            case b"\x1dv":
                return self._raster()
            case _:
                return Command(Op.NONSENSE, self._pop(2))

    def _whole(self, op: Op, start: int, end: int) -> Command | None:
        """The command that ends at `end`, its parameters from `start`; None while it is not all there."""
        if len(self._buffer) < end:
            return None
        return Command(op, self._pop(end)[start:])

    def _cut(self) -> Command | None:
        """GS V m, and n for the kinds that feed first."""
        if len(self._buffer) < 3:
            return None
        return self._whole(Op.CUT, 2, 4 if self._buffer[2] >= 65 else 3)

    def _bars(self) -> Command | None:
        """GS k: m up to 6 ends with a NUL, m from 65 says its length."""
        if len(self._buffer) < 4:
            return None
        kind = self._buffer[2]
        if kind >= 65:
            whole = self._whole(Op.BARS, 2, 4 + self._buffer[3])
            return Command(Op.BARS, whole.data[:1] + whole.data[2:]) if whole else None
        end = self._buffer.find(0, 3)
        if end < 0:
            return None
        whole = self._whole(Op.BARS, 2, end + 1)
        return Command(Op.BARS, whole.data[:-1]) if whole else None

    def _two_d(self) -> Command | None:
        """GS ( k pL pH ...; other letters after the parenthesis have the same shape."""
        if len(self._buffer) < 5:
            return None
        op = Op.TWO_D if self._buffer[2:3] == b"k" else Op.NONSENSE
        return self._whole(op, 5, 5 + int.from_bytes(self._buffer[3:5], "little"))

    def _raster(self) -> Command | None:
        """GS v 0 m xL xH yL yH."""
        if len(self._buffer) < 8:
            return None
        width = int.from_bytes(self._buffer[4:6], "little")
        if self._buffer[2:3] != b"0" or not 0 < width <= RASTER_WIDTH_BYTES_MAX:
            return Command(Op.NONSENSE, self._pop(2))
        self._row_bytes = width
        self._rows_left = int.from_bytes(self._buffer[6:8], "little")
        return self._whole(Op.RASTER, 4, 8)
