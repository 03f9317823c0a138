"""A process that is kept running as systemd keeps it: told when it is ready, started again 3 s after it ends.

It says that it is ready by sd_notify(3), the way it says so to systemd; it has a session of its own, so that Ctrl-C
reaches the demo alone, which ends its processes in order.
"""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

from typing_extensions import override

from daemon.cancellation import waited_for
from daemon.clock import Clock, random_bytes
from daemon.demo.leash import leashed
from daemon.errors import PeerFault

RESTART_S: Final = 3.0
"""RestartSec of the shipped units."""
READY_S_MAX: Final = 60.0
STOP_S_MAX: Final = 10.0
_NOTICE_BYTES: Final = 4096
_PROBE_S: Final = 0.02


class ProcessState(StrEnum):
    """Where a process stands."""

    STARTING = "starting"
    READY = "ready"
    ENDED = "ended"
    """It ended by itself or was killed; it is started again."""
    STOPPED = "stopped"


class KeptProcess:
    """One process and its place in the journal. `run` keeps it; the rest is what an operator would do to it."""

    def __init__(
        self,
        name: str,
        program: Sequence[str],
        journal: Path,
        clock: Clock,
        *,
        port: int = 0,
    ) -> None:
        """`port`: of a program that does not know sd_notify and is ready when it listens there."""
        self.name = name
        self.state = ProcessState.STOPPED
        self.ready_after_s = 0.0
        """How long the last start took."""
        self._program = tuple(program)
        self._journal = journal
        self._clock = clock
        self._port = port
        self._told: Callable[[KeptProcess], None] = lambda _: None
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._hurry = asyncio.Event()

    @override
    def __repr__(self) -> str:
        return f"KeptProcess({self.name}, {self.state}, pid {self.pid})"

    @property
    def pid(self) -> int | None:
        """Its process; None while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def tell(self, told: Callable[["KeptProcess"], None]) -> None:
        """Call `told` from now on whenever its state changes."""
        self._told = told

    async def ready(self) -> None:
        """Wait until it is ready; raises PeerFault, with its last words, when it ends before or takes too long."""
        try:
            async with asyncio.timeout(READY_S_MAX):
                await self._ready.wait()
        except TimeoutError as late:
            raise PeerFault(f"{self.name} is not ready after {READY_S_MAX:.0f} s: {self.last_words()}") from late

    def kill(self) -> bool:
        """End it as a power cut would; False when there is nothing to end."""
        if self.pid is None:
            return False
        os.kill(self.pid, signal.SIGKILL)
        return True

    def start(self) -> None:
        """Start it now rather than when its pause is over."""
        self._hurry.set()

    def last_words(self) -> str:
        """The last line of its journal."""
        with suppress(OSError):
            lines = self._journal.read_text("utf-8", errors="replace").strip().splitlines()
            if lines:
                return lines[-1]
        return "it said nothing"

    async def run(self) -> None:
        """Keep it running until cancelled, then end it in order. Raises PeerFault when its first start fails."""
        first = True
        while True:
            async with self._living():
                assert self._process is not None, "it was just started"
                await self._process.wait()
            self._ready.clear()
            if first and not self.ready_after_s:
                raise PeerFault(f"{self.name} does not start: {self.last_words()}")
            first = False
            self._change(ProcessState.ENDED)
            self._hurry.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(RESTART_S):
                    await self._hurry.wait()

    @asynccontextmanager
    async def _living(self) -> AsyncIterator[None]:
        """Start it, hear when it is ready; on leaving it has ended."""
        self._change(ProcessState.STARTING)
        with _ear() as (ear, address), self._journal.open("ab") as journal:
            begun_s = self._clock.monotonic_s()
            self._process = await asyncio.create_subprocess_exec(
                *leashed(*self._program),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                start_new_session=True,
                env=os.environ | {"NOTIFY_SOCKET": address},
            )
            async with asyncio.TaskGroup() as tasks:
                hearing = self._probe() if self._port else self._hear(ear)
                listening = tasks.create_task(self._note_ready(hearing, begun_s), name=f"{self.name}: ready?")
                try:
                    yield
                finally:
                    listening.cancel()
                    await self._end()

    async def _note_ready(self, heard: Awaitable[None], begun_s: float) -> None:
        await heard
        self.ready_after_s = self._clock.monotonic_s() - begun_s
        self._ready.set()
        self._change(ProcessState.READY)

    async def _hear(self, ear: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while b"READY=1" not in (await loop.sock_recv(ear, _NOTICE_BYTES)).split(b"\n"):
            pass  # a status line

    async def _probe(self) -> None:
        while not await _listens(self._port):
            await self._clock.sleep(_PROBE_S)

    async def _end(self) -> None:
        process = self._process
        assert process is not None, "what ends was started"
        if process.returncode is None:
            self._change(ProcessState.STOPPED)
            process.terminate()
            await waited_for(process.wait(), STOP_S_MAX)
        if process.returncode is None:
            process.kill()
            await process.wait()

    def _change(self, state: ProcessState) -> None:
        self.state = state
        self._told(self)


@contextmanager
def _ear() -> Iterator[tuple[socket.socket, str]]:
    """A socket of sd_notify(3) in the abstract namespace: no file, and no path that may be too long."""
    name = f"comptoir-demo-{random_bytes(8).hex()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as ear:
        ear.setblocking(False)
        ear.bind(f"\0{name}")
        yield ear, f"@{name}"


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
