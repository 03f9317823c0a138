"""The last byte of a frame on a serial line to the card event in the consumer's hands, for each serial reader.

Floor: a bare `add_reader` on a line of the same kind, in the same loop, that gets the same bytes in turn with the
driver: what the kernel and asyncio cost before anybody looks at a byte. The bar is three times the floor's p99.

A p99 is made of few readings, and on a busy machine somebody else chooses which: so a round in which the daemon or the
device stood in the queue for a core (the kernel counts that) is left out, for both alike, and told. The interval is
that of 19 of 20 repetitions (moving blocks of rounds, drawn again).
"""

import asyncio
import contextlib
import json
import os
import random
import select
import struct
import tempfile
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor
from pathlib import Path

from daemon.clock import SystemClock
from daemon.drivers.catalogue import driver
from daemon.drivers.conformance import read_capture
from daemon.drivers.device import CardRead, DeviceHealth, DeviceState
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.framing import SETTLE_MS
from daemon.drivers.msr605 import TEST, TEST_PASSED
from daemon.drivers.pn532_frames import ACKNOWLEDGED
from daemon.drivers.supervisor import Supervisor
from daemon.typed import convert
from tests.bench.figures import percentile
from tests.captures.reader_captures import FOLDER

BAR = 3.0
READS = 3000
READS_ASKED = 600
"""Of a reader that is asked for each card, eight times a second."""
WARM = 20
QUEUED_NS = 50_000
"""Waiting for a core for longer than this is somebody else's doing."""
QUIET_S = 0.002
UNHEARD_S = 2.0
BLOCK = 50
"""Rounds that stand together: a busy moment of the machine lasts for several."""
REDRAWN = 400


def scanned(number: int) -> bytes:
    """A barcode, with its identifier."""
    return f"]C0M-{number:06d}\r".encode()


def tagged(number: int) -> bytes:
    """A tag of an RDM6300."""
    tag = (0x0100000000 + number).to_bytes(5, "big")
    return b"\x02" + (tag + bytes([reduce(xor, tag)])).hex().upper().encode() + b"\x03"


def wired(number: int) -> bytes:
    """A Wiegand-26 badge."""
    data = f"{number:024b}"
    return f"{data[:12].count('1') % 2}{data}{1 - data[12:].count('1') % 2}\r".encode()


def swiped(number: int) -> bytes:
    """A swipe of a card with one track."""
    return b"\x1bs\x1b\x01\x1b\x02;%06d?\x1b\x03?\x1c\x1b0" % number


def tapped(number: int) -> bytes:
    """A tag in the field of a PN532, without the zero that follows it."""
    inside = b"\xd5\x4b\x01\x01\x00\x44\x00\x07\x04" + number.to_bytes(6, "big")
    head = bytes([len(inside), -len(inside) % 256])
    return ACKNOWLEDGED + b"\x00\x00\xff" + head + inside + bytes([-sum(inside) % 256])


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A kind of reader, the capture that describes it, and its frames."""

    kind: str
    capture: str
    frame: Callable[[int], bytes]
    reads: int = READS


KINDS = (
    Measured(kind="serial-scanner", capture="serial_scanner", frame=scanned),
    Measured(kind="rdm6300", capture="rdm6300", frame=tagged),
    Measured(kind="wiegand", capture="wiegand", frame=wired),
    Measured(kind="msr605", capture="msr605", frame=swiped),
    Measured(kind="pn532", capture="pn532", frame=tapped, reads=READS_ASKED),
)


class CoreQueue:
    """How long processes have stood ready without a core: proc_pid_schedstat(5), its second figure."""

    def __init__(self, *processes: int) -> None:
        self._files = [os.open(f"/proc/{process}/schedstat", os.O_RDONLY) for process in processes]

    def waited_ns(self) -> int:
        """Of all of them, since they began; of each, its first thread."""
        return sum(int(os.pread(file, 64, 0).split()[1]) for file in self._files)


class Line:
    """A pseudo-terminal: its far end, and the path of the end that is read."""

    def __init__(self, path: Path) -> None:
        self.far, near = os.openpty()
        tty.setraw(near)
        path.symlink_to(os.ttyname(near))
        self.path = path
        self._near = near

    def close(self) -> None:
        for descriptor in (self.far, self._near):
            os.close(descriptor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Latencies:
    """Seconds from the last byte of a frame to whoever waits for it, round by round, without those left out."""

    ours: list[float]
    bare: list[float]
    left_out: int


class Device:
    """Plays a frame on both lines in turn, the last byte apart, and is told when each was heard.

    In a process of its own: a device has no share in the daemon's interpreter. Monotonic time is one for the machine.
    """

    def __init__(self, what: Measured, ours: Line, bare: Line, heard: tuple[int, int]) -> None:
        self._what = what
        self._capture = read_capture(FOLDER / f"{what.capture}.reader.toml")
        self._far = ours.far
        self._played = ((ours.far, heard[0]), (bare.far, heard[1]))
        self._cores = CoreQueue(os.getpid(), os.getppid())

    def play(self) -> Latencies:
        """All rounds. The line is open."""
        self._get_ready()
        time.sleep(2 * SETTLE_MS / 1000)
        rounds = [self._round(number) for number in range(1, WARM + self._what.reads + 1)][WARM:]
        kept = [(ours, bare) for ours, bare in rounds if ours is not None and bare is not None]
        return Latencies(
            ours=[ours for ours, _ in kept], bare=[bare for _, bare in kept], left_out=len(rounds) - len(kept)
        )

    def _round(self, number: int) -> list[float | None]:
        """Ours and the bare one, each the first in its turn."""
        if self._capture.poll:
            self._wait_until_asked()
        frame = self._what.frame(number)
        ends = self._played if number % 2 else self._played[::-1]
        found = [self._play(frame, line, heard) for line, heard in ends]
        self._forget_commands()
        return found if number % 2 else found[::-1]

    def _play(self, frame: bytes, line: int, heard: int) -> float | None:
        """Seconds until it was heard; None where somebody else had the core, and it proves nothing."""
        while select.select([heard], [], [], 0)[0]:
            os.read(heard, 8)
        os.write(line, frame[:-1])
        time.sleep(QUIET_S)
        waited_ns = self._cores.waited_ns()
        sent_s = time.monotonic()
        os.write(line, frame[-1:])
        # Within a long pause of the machine a frame is cut, and never heard.
        is_heard = bool(select.select([heard], [], [], UNHEARD_S)[0])
        came_s: float = struct.unpack("d", os.read(heard, 8))[0] if is_heard else 0.0
        waited_ns = self._cores.waited_ns() - waited_ns
        time.sleep(QUIET_S)
        return came_s - sent_s if is_heard and waited_ns <= QUEUED_NS else None

    def _get_ready(self) -> None:
        if self._what.kind == "msr605":
            self._answer(TEST, TEST_PASSED)
        for one in self._capture.exchanges if self._capture.poll else ():
            self._answer(one.command, one.answer)

    def _answer(self, command: bytes, answer: bytes) -> None:
        heard = b""
        while command not in heard:
            heard += os.read(self._far, 4096)
        os.write(self._far, answer)

    def _wait_until_asked(self) -> None:
        heard = b""
        while not heard.endswith(self._capture.poll):
            heard += os.read(self._far, 4096)

    def _forget_commands(self) -> None:
        while not self._capture.poll and select.select([self._far], [], [], 0)[0]:
            os.read(self._far, 4096)


def _measured(what: Measured, folder: Path) -> Latencies:
    ours, bare = Line(folder / f"{what.kind}.ours"), Line(folder / f"{what.kind}.bare")
    heard_ours, heard_bare, opened, told = (os.pipe() for _ in range(4))
    child = os.fork()
    if child == 0:
        os.read(opened[0], 1)
        found = Device(what, ours, bare, (heard_ours[0], heard_bare[0])).play()
        with os.fdopen(told[1], "w", encoding="ascii") as out:
            json.dump([found.ours, found.bare, found.left_out], out)
        os._exit(0)
    os.close(told[1])
    try:
        return asyncio.run(_listen(what, ours, bare, Ends(heard_ours[1], heard_bare[1], opened[1], told[0])))
    finally:
        os.waitpid(child, 0)
        for descriptor in (*heard_ours, *heard_bare, *opened, told[0]):
            os.close(descriptor)
        ours.close()
        bare.close()


@dataclass(frozen=True, slots=True)
class Ends:
    """Ours, of the pipes to the device: where it is told what was heard and that the line is open; what it found."""

    heard_ours: int
    heard_bare: int
    opened: int
    told: int


async def _listen(what: Measured, ours: Line, bare: Line, ends: Ends) -> Latencies:
    """The daemon's reader and the bare one in one loop, until the device has told what it measured."""
    clock, events = SystemClock(), EventQueue()
    module = driver(what.kind)
    config = {**read_capture(FOLDER / f"{what.capture}.reader.toml").config, "path": str(ours.path)}
    supervisor = Supervisor([module.build(convert(config, module.Config), clock)], events, clock)
    with _bare_reader(bare, len(what.frame(1)), ends.heard_bare):
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(supervisor.run(), name="supervisor"),
                tasks.create_task(_consume(events, ends), name="consumer"),
            ]
            told = await asyncio.to_thread(_read_to_end, ends.told)
            for task in running:
                task.cancel()
    return Latencies(**dict(zip(("ours", "bare", "left_out"), json.loads(told), strict=True)))


async def _consume(events: EventQueue, ends: Ends) -> None:
    has_begun = False
    while True:
        match await events.get():
            case CardRead():
                os.write(ends.heard_ours, struct.pack("d", time.monotonic()))
            case DeviceHealth(state=DeviceState.UP) if not has_begun:
                has_begun = True
                os.write(ends.opened, b"!")


def _read_to_end(descriptor: int) -> bytes:
    found = b""
    while data := os.read(descriptor, 65_536):
        found += data
    return found


@contextlib.contextmanager
def _bare_reader(line: Line, frame_bytes: int, heard: int) -> Iterator[None]:
    descriptor = os.open(line.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    received = bytearray()

    def arrived() -> None:
        received.extend(os.read(descriptor, 4096))
        if len(received) >= frame_bytes:
            os.write(heard, struct.pack("d", time.monotonic()))
            received.clear()

    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, arrived)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _ratio(rounds: Sequence[tuple[float, float]]) -> float:
    return percentile([ours for ours, _ in rounds], 99) / percentile([bare for _, bare in rounds], 99)


def _interval(rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where the ratio would lie in 19 of 20 repetitions."""
    chance, starts = random.Random(1), range(len(rounds) - BLOCK + 1)
    found = [
        _ratio(
            [one for start in chance.choices(starts, k=len(rounds) // BLOCK) for one in rounds[start : start + BLOCK]]
        )
        for _ in range(REDRAWN)
    ]
    return percentile(found, 2.5), percentile(found, 97.5)


def measure() -> None:
    """Run it and print."""
    print(f"readers: last byte of a frame to the card event in the daemon; bar {BAR:g} times the floor's p99")
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        for what in KINDS:
            found = _measured(what, Path(name))
            rounds = list(zip(found.ours, found.bare, strict=True))
            if len(rounds) < BLOCK:
                print(f"  {what.kind:15} nothing to say: {found.left_out} rounds left out, the machine is too busy")
                continue
            p50, p99 = (percentile(found.ours, part) * 1000 for part in (50, 99))
            floor50, floor99 = (percentile(found.bare, part) * 1000 for part in (50, 99))
            low, high = _interval(rounds)
            print(
                f"  {what.kind:15} p50 {p50:.3f} ms (floor {floor50:.3f}), p99 {p99:.3f} ms (floor {floor99:.3f}),"
                f" ratio of the p99 {_ratio(rounds):.2f} ({low:.2f} to {high:.2f}), {len(rounds)} rounds"
                f" ({found.left_out} left out){', MISSED' if low > BAR else ''}",
                flush=True,
            )
