"""A real pcscd with the virtual reader of vsmartcard, and a card of our own that answers APDUs.

The reader listens; a card is presented by connecting to it. A message is its length in two bytes, then one control byte
(0 power off, 1 power on, 2 reset, 4 answer to reset) or an APDU.
"""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from daemon.drivers import pcsc
from daemon.errors import DeviceFault
from tests.fakes.mosquitto import free_port, wait_until
from tests.programs import find_program

READER = "Virtual PCD 00 00"
DESFIRE = bytes.fromhex("3B8180018080")
_ANSWER_TO_RESET = 4
_LOOK_S = 0.5
"""pcscd asks its reader for a card every 0.4 s."""
_NOT_SUPPORTED = bytes.fromhex("6D00")


class Pcscd:
    """A running pcscd."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = find_program("pcscd")
        assert program
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "--foreground", "--config", str(self._folder / "readers")], stdout=log, stderr=log
            )
        wait_until(lambda: READER in _names(), "pcscd to show its reader")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)
            self._process = None


def _names() -> list[str]:
    with suppress(DeviceFault):
        return pcsc.reader_names()
    return []


@contextmanager
def running_pcscd(folder: Path) -> Iterator[Pcscd]:
    """pcscd on a free port; skips in one sentence where it cannot be, and fails there in continuous integration."""
    port = free_port()
    (folder / "readers").mkdir()
    (folder / "readers" / "virtual").write_text(
        f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port:#06x}\n'
        f"LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID {port:#06x}\n"
    )
    reason = _why_not()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    daemon = Pcscd(folder, port)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()


def _why_not() -> str:
    try:
        pcsc.reader_names()
    except DeviceFault as fault:
        if "does not run" not in str(fault):
            return str(fault)
    else:
        return "a pcscd runs on this machine already"
    if os.geteuid() != 0:
        return "pcscd runs as root only"
    return "" if Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so").exists() else "vsmartcard-vpcd is not installed"


class VirtualCard:
    """A card that answers each APDU from a table; a function of the table may take the card away. Use as a context."""

    def __init__(
        self, port: int, answers: Mapping[bytes, bytes | Callable[[], bytes]], answer_to_reset: bytes = DESFIRE
    ) -> None:
        self._port = port
        self._answers = answers
        self._answer_to_reset = answer_to_reset
        self._talking: asyncio.Task[None] | None = None
        self.asked: list[bytes] = []

    async def present(self, tasks: asyncio.TaskGroup) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._talking = tasks.create_task(self._talk(reader, writer), name="virtual card")

    async def remove(self) -> None:
        assert self._talking
        self._talking.cancel()
        with suppress(asyncio.CancelledError):
            await self._talking
        await asyncio.sleep(_LOOK_S)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                answer = self._answer(await reader.readexactly(size))
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # taken away, or pcscd has ended
        finally:
            writer.close()

    def _answer(self, heard: bytes) -> bytes | None:
        if len(heard) == 1:
            return self._answer_to_reset if heard[0] == _ANSWER_TO_RESET else None
        self.asked.append(heard)
        found = self._answers.get(heard, _NOT_SUPPORTED)
        return found if isinstance(found, bytes) else found()


def taken_away() -> bytes:
    """An answer of a card that leaves the field instead."""
    raise ConnectionResetError
