"""What a ZPL printer says about itself: the three lines of ~HS, and the answer to ^HW; bytes in, values out; no I/O.

STX 030,0,0,1245,000,0,0,0,000,0,0,0 ETX CR LF       paper out, pause, formats in the buffer, ...
STX 001,0,0,0,1,2,4,0,00000000,1,000 ETX CR LF       head up, ribbon out, labels still to print, ...
STX 1234,0 ETX CR LF
STX CR LF - DIR R:COMPTOIR.GRF CR LF ... ETX         the list of files that ^HW asked for
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from typing_extensions import override

from daemon.domain.print_job import Hold
from daemon.drivers.polled_dialogue import ReadInTurn

ASK: Final = b"~HS"
STX, ETX = 0x02, 0x03
FRAME_BYTES_MAX: Final = 8192
LISTING: Final = b"DIR R:COMPTOIR.GRF"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostStatus:
    """A whole answer to ~HS."""

    hold: Hold | None
    unread: int
    """Labels in the buffer that are not drawn yet."""
    unprinted: int
    is_partial: bool
    """A label has begun to arrive."""

    @property
    def is_idle(self) -> bool:
        """Nothing is left to print."""
        return not (self.unread or self.unprinted or self.is_partial)


Answer: TypeAlias = HostStatus | ReadInTurn


class HostStatusStream:
    """Takes apart what a printer sends."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None
        self._first: list[str] = []

    @override
    def __repr__(self) -> str:
        return f"HostStatusStream(inside={self._frame is not None}, first={bool(self._first)})"

    def receive(self, data: bytes) -> list[Answer]:
        """The answers that these bytes complete, in order."""
        answers: list[Answer] = []
        for octet in data:
            if octet == STX:
                self._frame = bytearray()
            elif octet == ETX and self._frame is not None:
                frame, self._frame = bytes(self._frame), None
                answers += self._taken(frame)
            elif self._frame is not None:
                self._frame.append(octet)
                if len(self._frame) > FRAME_BYTES_MAX:
                    self._frame = None
        return answers

    def _taken(self, frame: bytes) -> list[Answer]:
        if LISTING in frame:
            return [ReadInTurn()]
        parts = frame.decode("ascii", errors="replace").strip().split(",")
        if len(parts) == 12:
            self._first = parts
            return []
        if len(parts) == 11 and self._first:
            first, self._first = self._first, []
            status = _status(first, parts)
            return [status] if status else []
        return []


def _status(first: list[str], second: list[str]) -> HostStatus | None:
    """None for lines that have the right length and no sense."""
    try:
        flags = {"paper": int(first[1]), "pause": int(first[2]), "head": int(second[2]), "ribbon": int(second[3])}
        unread, unprinted, partial = int(first[4]), int(second[8]), int(first[7])
    except ValueError:
        return None
    holds = {
        "head": Hold.COVER_OPEN,
        "paper": Hold.PAPER_OUT,
        "ribbon": Hold.RIBBON_OUT,
        "pause": Hold.PAUSED,
    }
    # The cover first: a printer that is open pauses too, and may miss its paper.
    hold = next((hold for name, hold in holds.items() if flags[name]), None)
    return HostStatus(hold=hold, unread=unread, unprinted=unprinted, is_partial=bool(partial))
