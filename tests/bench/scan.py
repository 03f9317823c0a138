"""The last byte of a card on a serial line to its event at an HTTP client, with 100 000 customers; and the till idle.

Floor: the same kind of pty, one indexed SELECT, a constant event, in a process that does nothing else. Both are read by
the same client, scan by scan in turn, so that the machine's noise falls on both.
"""

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daemon.certificates import KeyPair, create_authority, issue_client, new_key, signing_request
from daemon.clock import SystemClock, random_bytes
from daemon.demo.people import People, card_number
from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.kinds import Kind
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.store import authoring as author
from tests.bench.figures import percentile
from tests.bench.replicas import NOW_MS, Box

CUSTOMERS = 100_000
SCANS = 400
QUIET_S = 0.02


def fill(path: Path) -> None:
    """A till of 100 000 customers with a card each, all of it at head office already."""
    till, people = Box(path, 2), People(7)
    for start in range(0, CUSTOMERS, 1000):
        till.run(lambda conn, start=start: _add(conn, till, people, start))  # type: ignore[misc]  # bound now
    till.run(lambda conn: conn.execute("DELETE FROM change"))
    till.run(lambda conn: till.replica.save_applied(conn, till.replica.head.seq))
    till.close()


def _add(conn: Any, till: Box, people: People, start: int) -> None:
    for at, one in enumerate(people.customers(1000, start), start=start):
        who = people.customer_id(at)
        fields: dict[int, Any] = {1: 0, 2: (one.get("first_name", ""), one.get("last_name", "")), 7: f"C{at:06d}"}
        card: dict[int, Any] = {1: card_number(at), 2: "barcode"}
        operations = [authoring.create(Kind.CUSTOMER, who, fields), authoring.add(Kind.CARD, who, card)]
        author.commit(conn, till.replica, Actor(), operations, now_ms=NOW_MS)


def enrol(state: Path) -> None:
    """What enrolment leaves on the disk; the line itself stays cut, as on an offline day."""
    folder = state / "enrolment" / "bench"
    folder.mkdir(parents=True)
    (folder / "pin.key").write_bytes(random_bytes(32))
    key, now_ms = new_key(), SystemClock().now_ms()
    certificate = issue_client(create_authority("bench", now_ms), signing_request(key, "2"), "2", now_ms)
    (folder / "till.pem").write_bytes(KeyPair(key_pem=key, certificate_pem=certificate).joined())
    (state / "enrolment.toml").write_text(
        'site = 2\nshop = 1\nchain = "bench"\nbroker_host = "127.0.0.1"\nbroker_port = 9\nfolder = "bench"\n'
    )


class Events:
    """A client of server-sent events on a unix socket."""

    def __init__(self, door: Path, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(10)
        self._socket.connect(str(door))
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode())
        self._socket.recv(65536)

    def wait_for_scan(self) -> None:
        """Return when the event of a scan has come."""
        heard = b""
        while b"event: scan" not in heard:
            heard += self._socket.recv(65536)

    def drain(self) -> None:
        """Forget what else came."""
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self._socket.recv(65536)
        self._socket.settimeout(10)

    def close(self) -> None:
        """Leave."""
        self._socket.close()


@contextlib.contextmanager
def running(command: list[str], door: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A process, and the seconds until its door opened."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not door.exists():
                assert process.poll() is None, command
                time.sleep(0.002)
            yield process, time.perf_counter() - began
        finally:
            process.terminate()


def measure() -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        where = Path(name)
        state = where / "till"
        enrol(state)
        fill(state / "till.db")
        _bare_database(where / "bare.db")
        config = where / "till.toml"
        config.write_text(
            f'[till]\nstate_directory = "{state}"\n[http]\nport = 0\n[link]\ntls = false\n'
            f'[[reader]]\nname = "scanner"\nkind = "serial-scanner"\npath = "{where}/scanner"\n'
        )
        clock = SystemClock()
        ours_door, bare_door = state / "comptoir.sock", where / "bare.sock"
        till = [sys.executable, "-P", "-m", "daemon", "till", "--config", str(config)]
        bare = [sys.executable, "-m", "tests.bench.bare_scan", f"{where}/bare", f"{where}/bare.db", str(bare_door)]
        with (
            SimulatedScanner(where / "scanner", clock),
            SimulatedScanner(where / "bare", clock),
            running(till, ours_door) as (process, ready_s),
            running(bare, bare_door),
        ):
            time.sleep(3)
            idle_mb = _rss_mb(process.pid)
            ours, floor = _scans(where, ours_door, bare_door)
    p99, floor_p99 = percentile(ours, 99) * 1000, percentile(floor, 99) * 1000
    p50, floor_p50 = percentile(ours, 50) * 1000, percentile(floor, 50) * 1000
    print(f"scan: last byte to event at the client, {CUSTOMERS:,} customers, {SCANS} scans each")
    print(f"  p50 {p50:.2f} ms, floor {floor_p50:.2f}; p99 {p99:.2f} ms, floor {floor_p99:.2f}")
    print(f"  ratio of the p99 {p99 / floor_p99:.2f}")
    print(f"till: idle {idle_mb:.0f} MB, its door open after {ready_s:.2f} s")


def _scans(where: Path, ours_door: Path, bare_door: Path) -> tuple[list[float], list[float]]:
    lines = [_far_end(where / "scanner"), _far_end(where / "bare")]
    clients = [Events(ours_door, "/api/v1/events"), Events(bare_door, "/")]
    times: list[list[float]] = [[], []]
    for at in range(SCANS):
        code = card_number(at * 97 % CUSTOMERS).encode()
        for line, client, found in zip(lines, clients, times, strict=True):
            time.sleep(QUIET_S)
            client.drain()
            os.write(line, code)
            time.sleep(QUIET_S)
            began = time.perf_counter()
            os.write(line, b"\r")
            client.wait_for_scan()
            found.append(time.perf_counter() - began)
    for client in clients:
        client.close()
    return times[0][20:], times[1][20:]


def _far_end(link: Path) -> int:
    """The scanner's own end of the line: the master of the pty that the link names."""
    wanted = str(link.readlink())
    for number in range(3, 256):
        with contextlib.suppress(OSError):
            if os.path.exists(f"/proc/self/fd/{number}") and _slave_name(number) == wanted:  # noqa: PTH110
                return number
    raise AssertionError(f"no end of {link} is open here")


def _slave_name(number: int) -> str:
    import fcntl
    import struct

    (index,) = struct.unpack("I", fcntl.ioctl(number, 0x80045430, b"\0\0\0\0"))  # TIOCGPTN
    return f"/dev/pts/{index}"


def _bare_database(path: Path) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("CREATE TABLE card (number TEXT PRIMARY KEY, entity BLOB) WITHOUT ROWID")
    conn.execute("BEGIN")
    conn.executemany("INSERT INTO card VALUES (?, ?)", [(card_number(at), b"x" * 8) for at in range(CUSTOMERS)])
    conn.execute("COMMIT")
    conn.close()


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
