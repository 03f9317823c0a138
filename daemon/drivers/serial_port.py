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

from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake

OPEN_TIMEOUT_S: Final = 10.0
"""Opening a USB adapter whose firmware hangs waits for several USB time-outs of 5 s."""

_READ_BYTES_MAX: Final = 4096

_PSEUDO_TERMINALS: Final = range(136, 144)
"""Major numbers of /dev/pts (Linux, Documentation/admin-guide/devices.txt)."""

_GONE: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.EBADF})


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialLine:
    """Which port and how fast; 8 data bits, no parity, 1 stop bit, no flow control."""

    path: str
    """A stable name, such as `/dev/serial/by-id/...`."""
    baud: int = 9600


class SerialPort:
    """An open port. Made by `open_serial`."""

    def __init__(self, line: SerialLine, descriptor: int) -> None:
        self._line = line
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._is_listening = False
        self._gone = False
        self._waiting: asyncio.Future[None] | None = None

    @override
    def __repr__(self) -> str:
        return f"SerialPort({self._line.path}, {self._line.baud} baud)"

    async def read(self) -> bytes:
        """What has arrived, at least one byte; raises DeviceAbsent when the device was unplugged.

        For one task. The kernel keeps what comes while the caller is slow, so a babbling device floods nobody.
        """
        while not self._received:
            if self._gone:
                raise _unplugged(self._line)
            self._listen()
            self._waiting = self._loop.create_future()
            await self._waiting
        data = bytes(self._received)
        self._received.clear()
        return data

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the kernel; a device that reads slowly makes this wait."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                await self._writable()
            except OSError as gone:
                raise _unplugged(self._line) from gone

    def close(self) -> None:
        """Let go of the event loop; the descriptor is not this object's to close."""
        self._deafen()
        self._received[:] = bytes(len(self._received))

    def _listen(self) -> None:
        if not self._is_listening:
            self._loop.add_reader(self._descriptor, self._arrived)
            self._is_listening = True

    def _deafen(self) -> None:
        if self._is_listening:
            self._loop.remove_reader(self._descriptor)
            self._is_listening = False

    def _arrived(self) -> None:
        """Called by the loop for as long as there is something to read, or an end to be told."""
        try:
            data = os.read(self._descriptor, _READ_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._received += data
        self._gone = not data
        if self._gone or len(self._received) >= _READ_BYTES_MAX:
            self._deafen()
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def _writable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._descriptor)


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


def _unplugged(line: SerialLine) -> DeviceAbsent:
    return DeviceAbsent(f"{line.path} was unplugged")


def _cannot_open(line: SerialLine, refused: Exception) -> DeviceFault:
    number = refused.errno if isinstance(refused, OSError) else None
    if number in _GONE:
        return DeviceAbsent(f"nothing is plugged in at {line.path}")
    if number in {errno.EACCES, errno.EPERM}:
        return DeviceFault(f"no permission to open {line.path}; the daemon's user must be in the group dialout")
    if number in {errno.EBUSY, errno.EAGAIN}:
        return DeviceFault(f"{line.path} is in use by another program")
    return DeviceFault(f"{line.path} is not a serial port")
