"""What lies between a till and its broker: a proxy that ends TLS on both sides, so that it can spoil single messages.

Towards the till it is the broker, with the broker's certificate; towards the broker it is the till, with the till's.
It cuts, delays, doubles (the same number again, or a message of its own, at once or later) and confirms what it loses.
"""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

from daemon.hub.broker_files import AUTHORITY, SERVER
from daemon.sync.identity import load_identity
from tests.blackbox import packets
from tests.fakes.chance import Random

HOST: Final = "localhost"
_READ_BYTES: Final = 64 * 1024


class LineState(StrEnum):
    """How a line is. A silent one keeps its connections and carries nothing."""

    OPEN = "open"
    CUT = "cut"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Weather:
    """How likely each fault is, for each packet; how fast the line is at most."""

    cut: float = 0.0
    delayed: float = 0.0
    delay_s_max: float = 0.3
    again: float = 0.0
    copied: float = 0.0
    copied_later: float = 0.0
    lost_though_confirmed: float = 0.0
    bytes_per_s: float = 0.0


FAIR: Final = Weather()
FOUL: Final = Weather(
    cut=0.004, delayed=0.1, again=0.06, copied=0.06, copied_later=0.03, lost_though_confirmed=0.02, delay_s_max=0.25
)
SLOW: Final = Weather(bytes_per_s=8000)
"""A line of 64 kbit/s."""


@dataclass
class Line:
    """The line of one till."""

    broker_files: Path
    broker_port: int
    chance: Random
    counts: Counter[str] = field(default_factory=Counter)
    weather: Weather = FAIR
    state: LineState = LineState.OPEN
    port: int = 0
    takes_at_once: int = 0
    """What the till says in its next CONNECT that it takes at once, whatever it would say; 0: that."""
    till_state: Path | None = None
    """The till's state directory, once it is enrolled: the proxy shows its certificate."""

    def __post_init__(self) -> None:
        self._ends: set[asyncio.StreamWriter] = set()
        self._both: tuple[asyncio.StreamWriter, asyncio.StreamWriter] | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def open(self, tasks: asyncio.TaskGroup) -> asyncio.Server:
        """Listen; what goes on later goes on in `tasks`."""
        self._tasks = tasks
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.broker_files / SERVER)
        context.load_verify_locations(self.broker_files / AUTHORITY)
        context.verify_mode = ssl.CERT_REQUIRED
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def slip_in(self, packet: bytes, *, to_till: bool) -> None:
        """Send something that neither end has said; on the loop's thread."""
        assert self._both is not None, "the line stands"
        _write(self._both[0 if to_till else 1], packet)

    def turn(self, state: LineState) -> None:
        """Cut, silence, heal; on the loop's thread."""
        self.state = state
        if state is LineState.SILENT:
            self._flowing.clear()
            return
        if state is LineState.CUT:
            for end in self._ends:
                end.transport.abort()
        self._flowing.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            await self._flowing.wait()
            if self.state is LineState.OPEN:
                await self._join(reader, writer)
        finally:
            self._ends.discard(writer)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self.till_state is not None
        identity = load_identity(self.till_state)
        assert identity is not None
        try:
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", self.broker_port, ssl=identity.tls(), server_hostname=HOST
            )
        except OSError:
            return
        self._ends.add(far_writer)
        self._both = (writer, far_writer)
        self.counts["connections"] += 1
        try:
            async with asyncio.TaskGroup() as tasks:
                up = tasks.create_task(self._pump(reader, far_writer, writer), name="up")
                down = tasks.create_task(self._pump(far_reader, writer, far_writer), name="down")
                up.add_done_callback(lambda _: down.cancel())
                down.add_done_callback(lambda _: up.cancel())
        finally:
            self._ends.discard(far_writer)
            far_writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        buffer = bytearray()
        with suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                buffer += data
                for packet in packets.take(buffer):
                    await self._pass(packet, onward, back)

    async def _pass(self, packet: bytes, onward: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
        """One packet onwards, as the weather is; raises ConnectionAbortedError for a cut in the middle of it."""
        await self._flowing.wait()
        weather = self.weather
        if self._strikes("delayed", weather.delayed):
            await asyncio.sleep(self.chance.random() * weather.delay_s_max)
        if weather.bytes_per_s:
            await asyncio.sleep(len(packet) / weather.bytes_per_s)
        if self._strikes("cut inside a packet", weather.cut):
            _write(onward, packet[: len(packet) // 2])
            raise ConnectionAbortedError
        if self.takes_at_once and packet[0] >> 4 == packets.CONNECT:
            packet = packets.taking_at_once(packet, self.takes_at_once)
        if packets.is_confirmed_publish(packet):
            if self._strikes("lost though confirmed", weather.lost_though_confirmed):
                _write(back, packets.acknowledgement(packet))
                return
            packet = self._doubled(packet, onward)
        _write(onward, packet)
        await onward.drain()

    def _doubled(self, packet: bytes, onward: asyncio.StreamWriter) -> bytes:
        weather = self.weather
        if self._strikes("copied later", weather.copied_later):
            self._tasks.create_task(self._later(packets.second_copy(packet), onward), name="a late copy")
        if self._strikes("sent again", weather.again):
            return packet + packets.sent_again(packet)
        if self._strikes("copied", weather.copied):
            return packet + packets.second_copy(packet)
        return packet

    async def _later(self, packet: bytes, onward: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05 + 3 * self.chance.random())
        if onward in self._ends:
            _write(onward, packet)

    def _strikes(self, name: str, likelihood: float) -> bool:
        if not likelihood or self.chance.random() >= likelihood:
            return False
        self.counts[name] += 1
        return True


def _write(to: asyncio.StreamWriter, packet: bytes) -> None:
    """Send, unless the other end is gone: its reader says so."""
    if not to.transport.is_closing():
        to.write(packet)


class Proxy:
    """All lines, on a thread of their own: whoever tests blocks in calls to daemons."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._serving = asyncio.Event()
        self._stop = asyncio.Event()
        self._servers: list[asyncio.Server] = []

    def add(self, line: Line) -> Line:
        """Listen for one more till."""
        self._call(self._open(line))
        return line

    def turn(self, line: Line, state: LineState) -> None:
        """Cut, silence or heal a line."""
        self._loop.call_soon_threadsafe(line.turn, state)

    def slip_in(self, line: Line, packet: bytes, *, to_till: bool) -> None:
        """Send something to one end of a line."""
        self._loop.call_soon_threadsafe(partial(line.slip_in, packet, to_till=to_till))

    async def _open(self, line: Line) -> None:
        await self._serving.wait()
        self._servers.append(await line.open(self._tasks))

    async def serve(self) -> None:
        """Carry until stopped; then abort what is open."""
        async with asyncio.TaskGroup() as self._tasks:
            self._serving.set()
            await self._stop.wait()
            for server in self._servers:
                server.close()
            me = asyncio.current_task()
            carrying = asyncio.all_tasks() - {me}
            for task in carrying:
                task.cancel()
            await asyncio.wait(carrying) if carrying else None
            await asyncio.sleep(0.05)  # aborted TLS transports close in the next turns of the loop

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)


@contextmanager
def running_proxy() -> Iterator[Proxy]:
    """A proxy without lines, while the block runs."""
    proxy = Proxy()
    loop = proxy._loop
    thread = threading.Thread(target=loop.run_until_complete, args=(proxy.serve(),), name="proxy")
    thread.start()
    try:
        yield proxy
    finally:
        proxy._end()
        thread.join(20)
        loop.close()
