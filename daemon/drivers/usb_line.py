"""A printer on the kernel's USB printer port (/dev/usb/lp0): bytes out, and answers back where the port gives them.

Tried on a pseudo-terminal; a real port differs in what the kernel's usblp says: EINVAL where there is no way back, an
empty read where there is nothing to read, a status byte (Documentation/usb and lp(4)) where nobody answers.
"""

import asyncio
import errno
import fcntl
import os
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.domain.print_job import Hold
from daemon.drivers.printer_lines import READ_BYTES, PrinterTransport
from daemon.errors import DeviceAbsent, DeviceFault

LPGETSTATUS: Final = 0x060B
NO_ERROR, SELECTED, PAPER_OUT = 0x08, 0x10, 0x20
"""The lines of a parallel port, which USB printers report as one byte."""

EMPTY_READ_S: Final = 0.1
_GONE: Final = frozenset({errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOENT, errno.EBADF})
_ONE_WAY: Final = frozenset({errno.EINVAL, errno.EOPNOTSUPP})


@dataclass(frozen=True, kw_only=True, slots=True)
class UsbLine:
    """A printer at a path such as `/dev/usb/lp0`; a link that udev makes keeps its name."""

    path: str

    @property
    def watched_path(self) -> Path:
        """The port."""
        return Path(self.path)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PrinterTransport]:
        """Take the port for this process; raises DeviceAbsent or DeviceFault with one sentence."""
        descriptor = _opened(self.path)
        try:
            yield _UsbTransport(self.path, descriptor)
        finally:
            os.close(descriptor)


class _UsbTransport:
    """The kernel takes what the printer takes: a printer without paper makes `write` wait, and nothing else."""

    def __init__(self, path: str, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._early = b""
        self.answers = self._has_way_back()

    async def read(self) -> bytes:
        while True:
            data, self._early = self._early or self._taken(), b""
            if data:
                return data
            if not self.answers:
                await asyncio.Event().wait()
            await self._readable()

    async def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                await self._writable()
            except OSError as gone:
                raise self._gone() from gone

    def expect_standstill(self, expected: bool) -> None:
        """The port never gives up by itself."""

    def port_hold(self) -> Hold | None:
        """What the status byte of the port says; None too where there is none."""
        try:
            answer = fcntl.ioctl(self._descriptor, LPGETSTATUS, bytes(4))
        except OSError:
            return None
        return hold_of(answer[0])

    def _has_way_back(self) -> bool:
        try:
            self._early = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return True
        except OSError as refused:
            return refused.errno not in _ONE_WAY | {errno.EBADF}
        return True

    def _taken(self) -> bytes:
        """What is there to read; raises DeviceAbsent when the printer is not there any more."""
        if not self.answers:
            return b""
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as gone:
            raise self._gone() from gone
        if not data and self._is_hung_up():
            raise self._gone()
        return data

    def _is_hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return any(happened & (select.POLLHUP | select.POLLERR) for _, happened in poll.poll(0))

    async def _readable(self) -> None:
        """Wait for an answer; a port that says so and has none is asked again later, not at once."""
        ready = asyncio.Event()
        self._loop.add_reader(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_reader(self._descriptor)
        data = self._taken()
        if data:
            self._early = data
        else:
            await asyncio.sleep(EMPTY_READ_S)

    async def _writable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._descriptor)

    def _gone(self) -> DeviceAbsent:
        return DeviceAbsent(f"the printer at {self._path} was unplugged")


def hold_of(status: int) -> Hold | None:
    """What a port's status byte says is in the way."""
    if status & PAPER_OUT:
        return Hold.PAPER_OUT
    if not status & NO_ERROR:
        return Hold.FAULT
    return None if status & SELECTED else Hold.ABSENT


def _opened(path: str) -> int:
    for mode in (os.O_RDWR, os.O_WRONLY):
        try:
            descriptor = os.open(path, mode | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as refused:
            if mode is os.O_RDWR and refused.errno in {errno.EACCES, errno.EROFS}:
                continue
            raise _cannot_open(path, refused) from refused
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as refused:
            os.close(descriptor)
            raise DeviceFault(f"{path} is in use by another program") from refused
        return descriptor
    raise AssertionError("the loop returns or raises")


def _cannot_open(path: str, refused: OSError) -> DeviceFault:
    if refused.errno in _GONE:
        return DeviceAbsent(f"nothing is plugged in at {path}")
    if refused.errno in {errno.EACCES, errno.EPERM}:
        return DeviceFault(f"no permission to open {path}; the daemon's user must be in the group lp")
    if refused.errno in {errno.EBUSY, errno.EAGAIN}:
        return DeviceFault(f"{path} is in use by another program")
    return DeviceFault(f"{path} is not a printer port")
