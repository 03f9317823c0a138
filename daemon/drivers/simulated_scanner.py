"""The other end of a scanner's cable: a pseudo-terminal that sends frames at the pace of a serial line.

The till reads it with the driver of a real scanner; nothing in that driver knows.
"""

import os
import tty
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from typing_extensions import override

from daemon.clock import Clock
from daemon.errors import DeviceAbsent

_BITS_PER_BYTE: Final = 10
"""8N1: a start bit, 8 of data, a stop bit."""


class SimulatedScanner:
    """A scanner that is plugged in at `path`, a symbolic link as udev makes them. Use as a context."""

    def __init__(self, path: Path, clock: Clock, *, baud: int = 9600, ending: bytes = b"\r") -> None:
        self._path = path
        self._clock = clock
        self._byte_s = _BITS_PER_BYTE / baud
        self._ending = ending
        self._line: int | None = None

    @override
    def __repr__(self) -> str:
        return f"SimulatedScanner({self._path}, {'unplugged' if self._line is None else 'plugged in'})"

    def __enter__(self) -> Self:
        """Plug it in."""
        self.plug()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Unplug it, whether or not somebody still reads."""
        self.unplug()

    def plug(self) -> None:
        """Appear at the path: a new device each time, under the old name."""
        self.unplug()
        line, far_end = os.openpty()
        # Raw before anybody opens it: echo would send the daemon's own bytes back as a scan.
        tty.setraw(far_end)
        os.set_blocking(line, False)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(far_end))
        fresh.replace(self._path)
        os.close(far_end)
        self._line = line

    def unplug(self) -> None:
        """Disappear; whoever has it open is told by the kernel, in the middle of a frame if need be."""
        if self._line is None:
            return
        os.close(self._line)
        self._line = None
        self._path.unlink(missing_ok=True)

    async def tap(self, text: str, *, aim: str = "") -> None:
        """Scan `text`, with an AIM identifier such as `]E0` or none; raises DeviceAbsent while unplugged."""
        await self.play(f"{aim}{text}".encode() + self._ending)

    async def play(self, data: bytes) -> None:
        """Send bytes as they are, each when its time on the wire has come.

        The event loop wakes to the millisecond: single bytes come up to 1 ms late, the last one too.
        """
        begun_s = self._clock.monotonic_s()
        for place in range(len(data)):
            early_s = begun_s + (place + 1) * self._byte_s - self._clock.monotonic_s()
            if early_s > 0:
                await self._clock.sleep(early_s)
            self._send(data[place : place + 1])

    def _send(self, byte: bytes) -> None:
        if self._line is None:
            raise DeviceAbsent(f"the simulated scanner {self._path} is unplugged")
        # Nobody reads and the line's buffer is full: lost, as on a real cable.
        with suppress(BlockingIOError):
            os.write(self._line, byte)
