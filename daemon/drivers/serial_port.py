"""A serial line that this process alone holds, as awaitable bytes. The door to pyserial.

pyserial opens and configures the port; bytes are then read from its descriptor by the event loop, without a thread.
"""

import asyncio
import errno
import fcntl
import os
import stat
import termios
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import serial
from typing_extensions import override

from daemon.drivers.descriptor_line import DescriptorLine
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake

OPEN_TIMEOUT_S: Final = 10.0
"""Opening a USB adapter whose firmware hangs waits for several USB time-outs of 5 s."""

_PSEUDO_TERMINALS: Final = range(136, 144)
"""Major numbers of /dev/pts (Linux, Documentation/admin-guide/devices.txt)."""

_GONE: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.EBADF})


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialLine:
    """Which port and how fast; 8 data bits, no parity, 1 stop bit, no flow control."""

    path: str
    """A stable name, such as `/dev/serial/by-id/...`."""
    baud: int = 9600


class SerialPort(DescriptorLine):
    """An open port. Made by `open_serial`."""

    def __init__(self, line: SerialLine, descriptor: int) -> None:
        super().__init__(line.path, descriptor)
        self._baud = line.baud

    @override
    def __repr__(self) -> str:
        return f"SerialPort({self._path}, {self._baud} baud)"


@asynccontextmanager
async def open_serial(line: SerialLine) -> AsyncIterator[SerialPort]:
    """Take the port for this process; closed on leaving.

    Raises DeviceAbsent when nothing is at the path, DeviceFault when another process holds it or it is no serial port.
    """
    opened = await _Opening(line).opened()
    port = SerialPort(line, opened.fileno())
    try:
        yield port
    finally:
        port.close()
        _close(opened)


class _Opening:
    """Opening may block in the kernel: a thread of its own, which delays neither the loop nor the end of the process.

    Given up after OPEN_TIMEOUT_S or on cancellation, the port is closed as soon as it opens.
    """

    def __init__(self, line: SerialLine) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[serial.Serial] = self._loop.create_future()

    async def opened(self) -> serial.Serial:
        threading.Thread(target=self._work, name=f"open {self._line.path}", daemon=True).start()
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                return await self._answer
        except TimeoutError as late:
            raise DeviceFault(f"{self._line.path} did not open within {OPEN_TIMEOUT_S:g} s; unplug it once") from late

    def _work(self) -> None:
        try:
            opened = _open(self._line)
        except Exception as wrong:  # noqa: BLE001 - whatever it is, it is for the task that asked
            self._report(self._refuse, wrong)
        else:
            if not self._report(self._deliver, opened):
                _close(opened)

    def _report(self, receive: Callable[[Any], None], result: object) -> bool:
        """False when the loop is closed: the daemon stopped meanwhile."""
        try:
            self._loop.call_soon_threadsafe(receive, result)
        except RuntimeError:
            return False
        return True

    def _deliver(self, opened: serial.Serial) -> None:
        if self._answer.done():
            _close(opened)
        else:
            self._answer.set_result(opened)

    def _refuse(self, wrong: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(wrong)


def _open(line: SerialLine) -> serial.Serial:
    """Blocking. A lock (flock) refuses a second Comptoir and whoever else asks for it; TIOCEXCL refuses the rest."""
    try:
        opened = serial.Serial(line.path, line.baud, timeout=0, exclusive=True)
    except (serial.SerialException, OSError, termios.error) as refused:
        raise _cannot_open(line, refused) from refused
    except (ValueError, OverflowError) as refused:
        raise OperatorMistake(f"baud: {line.path} cannot run at {line.baud} baud", field="baud") from refused
    try:
        if not _is_pseudo_terminal(opened.fileno()):
            fcntl.ioctl(opened.fileno(), termios.TIOCEXCL)
    except OSError as refused:
        opened.close()
        raise _cannot_open(line, refused) from refused
    _hasten(opened)
    return opened


def _hasten(opened: serial.Serial) -> None:
    """Ask the driver to pass bytes on at once: an FTDI adapter otherwise collects them for 16 ms (its data sheet)."""
    # Where the driver knows no such mode (pyserial then raises ValueError), it has nothing to turn off.
    with suppress(OSError, ValueError):
        opened.set_low_latency_mode(True)


def _is_pseudo_terminal(descriptor: int) -> bool:
    """Those keep TIOCEXCL for as long as their master lives: after a kill -9 nobody could open one again (measured)."""
    status = os.fstat(descriptor)
    return stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) in _PSEUDO_TERMINALS


def _close(opened: serial.Serial) -> None:
    """Throw away what was not sent: else the kernel waits up to 30 s for a device that takes nothing."""
    # Unplugged: there is nothing left to throw away.
    with suppress(OSError, termios.error):
        opened.reset_output_buffer()
    opened.close()


def _cannot_open(line: SerialLine, refused: Exception) -> DeviceFault:
    number = refused.errno if isinstance(refused, OSError) else None
    if number in _GONE:
        return DeviceAbsent(f"nothing is plugged in at {line.path}")
    if number in {errno.EACCES, errno.EPERM}:
        return DeviceFault(f"no permission to open {line.path}; the daemon's user must be in the group dialout")
    if number in {errno.EBUSY, errno.EAGAIN}:
        return DeviceFault(f"{line.path} is in use by another program")
    return DeviceFault(f"{line.path} is not a serial port")
