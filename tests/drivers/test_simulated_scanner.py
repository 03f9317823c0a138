import os
import select
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.errors import DeviceAbsent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "serial" / "by-id" / "scanner"


def is_there(path: Path) -> bool:
    return path.is_symlink() and path.exists()


def line_at(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def received(line: int, count: int) -> bytes:
    """`count` bytes; the kernel carries them from one end to the other in its own time."""
    data = b""
    while len(data) < count and select.select([line], [], [], 5)[0]:
        data += os.read(line, 100)
    return data


async def test_a_tap_sends_identifier_text_and_terminator(path: Path) -> None:
    with SimulatedScanner(path, SystemClock(), baud=115_200, ending=b"\r\n") as scanner:
        line = line_at(path)
        await scanner.tap("3760123456784", aim="]E0")
        assert received(line, 18) == b"]E03760123456784\r\n"
        os.close(line)


async def test_bytes_come_at_the_pace_of_the_line(path: Path) -> None:
    clock = SystemClock()
    with SimulatedScanner(path, clock) as scanner:
        started_s = clock.monotonic_s()
        await scanner.tap("3760123456784")
        assert clock.monotonic_s() - started_s >= 14 * 10 / 9600


async def test_what_is_written_to_the_scanner_never_comes_back_as_a_scan(path: Path) -> None:
    with SimulatedScanner(path, SystemClock()) as scanner:
        line = line_at(path)
        os.write(line, b"\x05hello\r")
        await scanner.play(b"M")
        assert received(line, 1) == b"M"
        os.close(line)


async def test_unplugging_takes_the_path_away_and_plugging_brings_a_new_device(path: Path) -> None:
    with SimulatedScanner(path, SystemClock()) as scanner:
        assert repr(scanner) == f"SimulatedScanner({path}, plugged in)"
        line = line_at(path)
        scanner.unplug()
        assert repr(scanner) == f"SimulatedScanner({path}, unplugged)"
        assert not is_there(path)
        assert os.read(line, 100) == b""
        os.close(line)
        with pytest.raises(DeviceAbsent, match="is unplugged"):
            await scanner.tap("M-000123")
        scanner.plug()
        assert is_there(path)
    assert not is_there(path)


async def test_a_scanner_that_nobody_reads_loses_bytes_and_never_waits(path: Path) -> None:
    with SimulatedScanner(path, SystemClock(), baud=10_000_000) as scanner:
        await scanner.play(b"x" * 20_000)


def test_the_link_of_a_scanner_that_was_killed_is_replaced(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to("/dev/pts/no-longer")
    with SimulatedScanner(path, SystemClock()):
        assert is_there(path)
