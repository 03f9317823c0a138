"""The last byte of a frame on a serial line to the card event in the consumer's hands, for each serial reader.

Floor: a bare `add_reader` on a line of the same kind, in the same loop, that gets the same bytes in turn with the
driver: what the kernel and asyncio cost before anybody looks at a byte. The bar is three times the floor's p99.
"""

import asyncio
import contextlib
import os
import select
import tempfile
import threading
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor
from pathlib import Path

from typing_extensions import override

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
READS = 600
READS_ASKED = 60
"""Of a reader that is asked for each card, eight times a second."""
WARM = 10
QUIET_S = 0.002


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
    return b"\x1bs\x1b\x01\x1b\x02;%d?\x1b\x03?\x1c\x1b0" % number


def tapped(number: int) -> bytes:
    """A tag in the field of a PN532, without the zero that follows it."""
    inside = b"\xd5\x4b\x01\x01\x00\x44\x00\x07\x04" + number.to_bytes(6, "big")
    head = bytes([len(inside), -len(inside) % 256])
    return ACKNOWLEDGED + b"\x00\x00\xff" + head + inside + bytes([-sum(inside) % 256])


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A kind of reader, its frames, and what its device answers when it is not asked for a card."""

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


class Device(threading.Thread):
    """Plays frames on both lines in turn, the last byte apart, and notes when it was written."""

    def __init__(self, what: Measured, ours: Line, bare: Line, heard: dict[str, threading.Event]) -> None:
        super().__init__(name=f"simulated {what.kind}", daemon=True)
        self._what = what
        self._capture = read_capture(FOLDER / f"{what.capture}.reader.toml")
        self._lines = {"ours": ours, "bare": bare}
        self._heard = heard
        self.sent_s: dict[str, list[float]] = {"ours": [], "bare": []}

    @override
    def run(self) -> None:
        self._get_ready()
        time.sleep(2 * SETTLE_MS / 1000)
        for number in range(1, self._what.reads + 1):
            for name, line in self._lines.items():
                self._heard[name].clear()
                if name == "ours" and self._capture.poll:
                    self._wait_until_asked(line.far)
                frame = self._what.frame(number)
                os.write(line.far, frame[:-1])
                time.sleep(QUIET_S)
                self.sent_s[name].append(time.perf_counter())
                os.write(line.far, frame[-1:])
                assert self._heard[name].wait(5), f"{self._what.kind}: frame {number} was not read"
                time.sleep(QUIET_S)
            self._forget_commands()

    def _get_ready(self) -> None:
        far = self._lines["ours"].far
        if self._what.kind == "msr605":
            self._answer(far, TEST, TEST_PASSED)
        for one in self._capture.exchanges if self._capture.poll else ():
            self._answer(far, one.command, one.answer)

    def _answer(self, far: int, command: bytes, answer: bytes) -> None:
        heard = b""
        while command not in heard:
            heard += os.read(far, 4096)
        os.write(far, answer)

    def _wait_until_asked(self, far: int) -> None:
        heard = b""
        while not heard.endswith(self._capture.poll):
            heard += os.read(far, 4096)

    def _forget_commands(self) -> None:
        far = self._lines["ours"].far
        while not self._capture.poll and select.select([far], [], [], 0)[0]:
            os.read(far, 4096)


async def _time(what: Measured, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from the last byte to the event, and to the bare reader."""
    clock, events = SystemClock(), EventQueue()
    ours, bare = Line(folder / f"{what.kind}.ours"), Line(folder / f"{what.kind}.bare")
    module = driver(what.kind)
    config = {**read_capture(FOLDER / f"{what.capture}.reader.toml").config, "path": str(ours.path)}
    supervisor = Supervisor([module.build(convert(config, module.Config), clock)], events, clock)
    heard = {"ours": threading.Event(), "bare": threading.Event()}
    came_s: dict[str, list[float]] = {"ours": [], "bare": []}
    device = Device(what, ours, bare, heard)
    with _bare_reader(bare, what, came_s["bare"], heard["bare"]):
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(supervisor.run(), name="supervisor")
            while len(came_s["ours"]) < what.reads:
                match await events.get():
                    case CardRead():
                        came_s["ours"].append(time.perf_counter())
                        heard["ours"].set()
                    case DeviceHealth(state=DeviceState.UP) if not device.is_alive() and not came_s["ours"]:
                        device.start()
            await asyncio.to_thread(device.join)
            running.cancel()
    ours.close()
    bare.close()
    found = [
        [came - sent for came, sent in zip(came_s[name], device.sent_s[name], strict=True)][WARM:] for name in came_s
    ]
    return found[0], found[1]


@contextlib.contextmanager
def _bare_reader(line: Line, what: Measured, came_s: list[float], heard: threading.Event) -> Iterator[None]:
    descriptor = os.open(line.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    received = bytearray()

    def arrived() -> None:
        received.extend(os.read(descriptor, 4096))
        if len(received) == len(what.frame(len(came_s) + 1)):
            came_s.append(time.perf_counter())
            received.clear()
            heard.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, arrived)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def measure() -> None:
    """Run it and print."""
    print(f"readers: last byte of a frame to the card event in the daemon; bar {BAR:g} times the floor's p99")
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        for what in KINDS:
            ours, floor = asyncio.run(_time(what, Path(name)))
            p50, p99 = (percentile(ours, part) * 1000 for part in (50, 99))
            floor50, floor99 = (percentile(floor, part) * 1000 for part in (50, 99))
            print(
                f"  {what.kind:15} p50 {p50:.3f} ms (floor {floor50:.3f}), p99 {p99:.3f} ms (floor {floor99:.3f}),"
                f" ratio of the p99 {p99 / floor99:.2f}"
            )
