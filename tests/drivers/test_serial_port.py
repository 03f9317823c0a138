import asyncio
import errno
import fcntl
import os
import stat
import subprocess
import sys
import termios
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from daemon.clock import SystemClock
from daemon.drivers import serial_port
from daemon.drivers.serial_port import SerialLine, open_serial
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[SimulatedScanner]:
    with SimulatedScanner(tmp_path / "scanner", SystemClock(), baud=115_200) as plugged:
        yield plugged


@pytest.fixture
def line(scanner: SimulatedScanner, tmp_path: Path) -> SerialLine:
    return SerialLine(path=str(tmp_path / "scanner"))


async def test_bytes_sent_at_the_other_end_are_read(scanner: SimulatedScanner, line: SerialLine) -> None:
    async with open_serial(line) as port:
        await scanner.play(b"3760123456784\r\n\x00\xff")
        received = b""
        while len(received) < 17:
            received += await port.read()
    assert received == b"3760123456784\r\n\x00\xff"


async def test_bytes_written_arrive_whole_though_the_line_is_slow(line: SerialLine) -> None:
    sent = bytes(range(256)) * 400
    loop, received, whole = asyncio.get_running_loop(), bytearray(), asyncio.Event()
    descriptor, far_end = os.openpty()

    def take() -> None:
        received.extend(os.read(descriptor, 1000))
        if len(received) == len(sent):
            whole.set()

    try:
        async with open_serial(SerialLine(path=os.ttyname(far_end))) as port:
            loop.add_reader(descriptor, take)
            await port.write(sent)
            await whole.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        os.close(far_end)
    assert received == sent


async def test_a_device_that_floods_a_slow_caller_is_held_back_by_the_kernel() -> None:
    sent = b"x" * 100_000
    descriptor, far_end = os.openpty()
    try:
        async with open_serial(SerialLine(path=os.ttyname(far_end))) as port, asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.to_thread(os.write, descriptor, sent), name="flood")
            received = await port.read()
            await asyncio.sleep(0.02)
            assert len(port._received) <= 8192
            while len(received) < len(sent):
                received += await port.read()
    finally:
        os.close(descriptor)
        os.close(far_end)
    assert received == sent


async def test_the_port_prints_as_its_path_and_speed(line: SerialLine) -> None:
    async with open_serial(line) as port:
        assert repr(port) == f"SerialPort({line.path}, 9600 baud)"


async def test_an_unplug_ends_a_read_with_one_sentence(scanner: SimulatedScanner, line: SerialLine) -> None:
    async with open_serial(line) as port:
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(must_be_unplugged(port), name="read")
            await asyncio.sleep(0.01)
            scanner.unplug()
        assert reading.result() == f"{line.path} was unplugged"


async def test_an_unplug_inside_a_frame_gives_the_bytes_before_it_first(
    scanner: SimulatedScanner, line: SerialLine
) -> None:
    async with open_serial(line) as port:
        await scanner.play(b"37601")
        received = b""
        while len(received) < 5:
            received += await port.read()
        scanner.unplug()
        assert await must_be_unplugged(port) == f"{line.path} was unplugged"
    assert received == b"37601"


async def test_writing_to_what_was_unplugged_says_so(scanner: SimulatedScanner, line: SerialLine) -> None:
    async with open_serial(line) as port:
        scanner.unplug()
        with pytest.raises(DeviceAbsent, match="was unplugged"):
            await port.write(b"\x05")


async def test_after_a_replug_the_same_path_opens_again(scanner: SimulatedScanner, line: SerialLine) -> None:
    async with open_serial(line) as port:
        scanner.unplug()
        await must_be_unplugged(port)
    with pytest.raises(DeviceAbsent, match="nothing is plugged in at"):
        await opens(line)
    scanner.plug()
    async with open_serial(line) as port:
        await scanner.play(b"M")
        assert await port.read() == b"M"


async def test_bytes_sent_before_it_was_opened_are_forgotten(scanner: SimulatedScanner, line: SerialLine) -> None:
    await scanner.play(b"half a fra")
    async with open_serial(line) as port:
        await scanner.play(b"M")
        assert await port.read() == b"M"


async def test_a_second_opening_in_this_process_is_refused(line: SerialLine) -> None:
    async with open_serial(line):
        with pytest.raises(DeviceFault, match="is in use by another program"):
            await opens(line)
    await opens(line)


@pytest.mark.feature("D5.3")
async def test_a_second_process_is_refused_and_gets_it_afterwards(line: SerialLine) -> None:
    script = textwrap.dedent("""
        import asyncio, sys
        from daemon.drivers.serial_port import SerialLine, open_serial
        from daemon.errors import DeviceFault
        async def main():
            try:
                async with open_serial(SerialLine(path=sys.argv[1])):
                    print("opened")
            except DeviceFault as refused:
                print(refused)
        asyncio.run(main())
    """)

    def second_process() -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, line.path], capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout.strip()

    async with open_serial(line):
        assert await asyncio.to_thread(second_process) == f"{line.path} is in use by another program"
    assert await asyncio.to_thread(second_process) == "opened"


async def test_a_holder_that_was_killed_leaves_the_port_free(line: SerialLine) -> None:
    script = textwrap.dedent("""
        import asyncio, os, signal, sys
        from daemon.drivers.serial_port import SerialLine, open_serial
        async def main():
            async with open_serial(SerialLine(path=sys.argv[1])):
                os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(main())
    """)
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script, line.path], timeout=30)
    assert killed.returncode < 0
    await opens(line)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/no/such/port", "nothing is plugged in at /no/such/port"),
        ("/dev/null", "/dev/null is not a serial port"),
        ("/", "/ is not a serial port"),
    ],
)
async def test_what_cannot_be_opened_is_named_in_one_sentence(path: str, sentence: str) -> None:
    with pytest.raises(DeviceFault) as refused:
        await opens(SerialLine(path=path))
    assert str(refused.value) == sentence


async def test_a_speed_that_no_port_has_is_a_mistake_of_the_configuration(line: SerialLine) -> None:
    with pytest.raises(OperatorMistake) as mistake:
        await opens(SerialLine(path=line.path, baud=10**12))
    assert mistake.value.field == "baud"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EACCES, "no permission to open /dev/x; the daemon's user must be in the group dialout"),
        (errno.EBUSY, "/dev/x is in use by another program"),
        (errno.EIO, "nothing is plugged in at /dev/x"),
    ],
)
async def test_what_the_kernel_refuses_is_said_in_one_sentence(
    number: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise serial.SerialException(number, "refused")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(DeviceFault) as refused:
        await opens(SerialLine(path="/dev/x"))
    assert str(refused.value) == sentence


async def test_a_port_that_is_no_pseudo_terminal_is_closed_to_every_other_program(
    line: SerialLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[int] = []
    monkeypatch.setattr(serial_port, "_is_pseudo_terminal", lambda _descriptor: False)
    monkeypatch.setattr(fcntl, "ioctl", lambda _descriptor, request, *_rest: marked.append(request))
    await opens(line)
    assert termios.TIOCEXCL in marked


async def test_a_mark_that_the_kernel_refuses_leaves_nothing_open(
    line: SerialLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(_descriptor: int) -> bool:
        raise OSError(errno.ENODEV, "gone")

    with monkeypatch.context() as patch:
        patch.setattr(serial_port, "_is_pseudo_terminal", vanish)
        with pytest.raises(DeviceAbsent):
            await opens(line)
    await opens(line)


async def test_an_opening_that_hangs_is_given_up_and_closed_when_it_comes(
    line: SerialLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = hang_openings(monkeypatch)
    monkeypatch.setattr(serial_port, "OPEN_TIMEOUT_S", 0.02)
    with pytest.raises(DeviceFault, match="did not open within"):
        await opens(line)
    release.set()
    await becomes_free(line)


async def test_cancelling_an_opening_leaves_nothing_open(line: SerialLine, monkeypatch: pytest.MonkeyPatch) -> None:
    release = hang_openings(monkeypatch)
    async with asyncio.TaskGroup() as tasks:
        opening = tasks.create_task(opens(line), name="open")
        await asyncio.sleep(0.01)
        opening.cancel()
    release.set()
    await becomes_free(line)


async def test_an_opening_that_fails_after_it_was_given_up_troubles_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    release = hang_openings(monkeypatch)
    monkeypatch.setattr(serial_port, "OPEN_TIMEOUT_S", 0.02)
    with pytest.raises(DeviceFault, match="did not open within"):
        await opens(SerialLine(path="/no/such/port"))
    release.set()
    await threads_end()


def test_an_opening_that_outlives_the_loop_is_closed(line: SerialLine, monkeypatch: pytest.MonkeyPatch) -> None:
    release = hang_openings(monkeypatch)

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await opens(line)

    asyncio.run(give_up())
    release.set()
    asyncio.run(becomes_free(line))


@pytest.mark.parametrize("error", [OSError(errno.EIO, "gone"), OSError(errno.ENODEV, "gone")])
async def test_a_wake_up_without_bytes_is_no_unplug_and_an_error_is_one(
    error: OSError, scanner: SimulatedScanner, line: SerialLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[OSError] = [BlockingIOError(), error]

    def read(_descriptor: int, _count: int) -> bytes:
        raise answers.pop(0)

    async with open_serial(line) as port:
        await scanner.play(b"M")
        monkeypatch.setattr(os, "read", read)
        assert await must_be_unplugged(port) == f"{line.path} was unplugged"
        monkeypatch.undo()
    assert not answers


async def test_cancelling_a_read_leaves_the_loop_clean(scanner: SimulatedScanner, line: SerialLine) -> None:
    async with open_serial(line) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await port.read()
        await scanner.play(b"M")
        assert await port.read() == b"M"


def test_pseudo_terminals_are_told_from_ports(tmp_path: Path) -> None:
    descriptor, far_end = os.openpty()
    assert serial_port._is_pseudo_terminal(far_end)
    os.close(descriptor)
    os.close(far_end)
    with Path("/dev/null").open("rb") as null:
        assert stat.S_ISCHR(os.fstat(null.fileno()).st_mode)
        assert not serial_port._is_pseudo_terminal(null.fileno())


async def must_be_unplugged(port: serial_port.SerialPort) -> str:
    """Read until the device is gone; the sentence that says so."""
    try:
        while True:
            await port.read()
    except DeviceAbsent as gone:
        return str(gone)


async def opens(line: SerialLine) -> None:
    async with open_serial(line):
        pass


async def becomes_free(line: SerialLine) -> None:
    await threads_end()
    await opens(line)


async def threads_end() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("open "):
            await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)


def hang_openings(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Every opening waits in its thread until the event is set."""
    release = threading.Event()
    really = serial_port._open

    def hang(line: SerialLine) -> serial.Serial:
        release.wait(timeout=10)
        return really(line)

    monkeypatch.setattr(serial_port, "_open", hang)
    return release
