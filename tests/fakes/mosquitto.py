"""The real mosquitto, started for a test on a free loopback port and ended by its own pid."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.clock import SystemClock
from tests.programs import find_program

PATIENCE_S = 10.0


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False


def wait_until(holds: Callable[[], bool], what: str) -> None:
    clock = SystemClock()
    end_s = clock.monotonic_s() + PATIENCE_S
    while not holds():
        assert clock.monotonic_s() < end_s, f"waited {PATIENCE_S:g} s for {what}"
        time.sleep(0.01)


class Mosquitto:
    """One running broker."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.port = port
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text()

    def reload(self) -> None:
        """What `systemctl reload` does; returns once the broker has read its files again."""
        before = self.log.count("Reloading config")
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log.count("Reloading config") > before, "mosquitto to reload")

    def freeze(self) -> None:
        """Stop answering without closing anything, like a cable pulled somewhere; returns once it stands still."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def kill(self) -> None:
        """End as in a power cut."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def stop(self) -> None:
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running_mosquitto(directory: Path, configuration: str, port: int) -> Iterator[Mosquitto]:
    """Run mosquitto with `configuration`, whose listener is on `port`; its files go to `directory`.

    The test is marked `needs("mosquitto")`.
    """
    program = find_program("mosquitto")
    assert program is not None
    if os.geteuid() == 0:
        # Started by root it becomes the user mosquitto, who may not read the test's directory.
        configuration += "\nuser root\n"
    file, log = directory / "mosquitto.conf", directory / "mosquitto.log"
    file.write_text(configuration)
    with log.open("wb") as sink, subprocess.Popen([program, "-c", file], stdout=sink, stderr=sink) as process:
        broker = Mosquitto(process, port, log)
        try:
            wait_until(lambda: process.poll() is not None or listens(port), "mosquitto to listen")
            assert process.poll() is None, broker.log
            yield broker
        finally:
            broker.stop()
