"""A whole chain as real processes: hub, tills, mosquitto with client certificates, simulated devices on real lines.

Each process is started as systemd would start it (`python -P -m daemon ROLE --config FILE`) and can be killed.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from daemon.config import load_hub
from daemon.head_office.founding import found
from daemon.hub.broker_files import CONFIGURATION
from tests.fakes.mosquitto import Mosquitto, free_port, running_mosquitto
from tests.system.scopes import differing

CHAIN = "essai"
PATIENCE_S = 60.0


def until(holds: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Wait until `holds()` is true; returns what it gave."""
    end = time.perf_counter() + patience_s
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if found_ := holds():
                return found_
        assert time.perf_counter() < end, f"waited {patience_s:g} s for {what}"
        time.sleep(0.02)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    @override
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(str(self._path))


@dataclass
class Api:
    """The API of one daemon, over its unix socket."""

    path: Path

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", version: str = "") -> tuple[int, Any]:
        """(status, JSON). A POST without a key gets a new one."""
        connection = self._asked(method, path, body, key, version)
        try:
            answer = connection.getresponse()
            raw = answer.read()
            return answer.status, json.loads(raw) if raw.strip() else None
        finally:
            connection.close()

    def ask_and_leave(self, method: str, path: str, body: Any = None, *, key: str = "", version: str = "") -> None:
        """Ask and hang up at once: whether it was done is not known."""
        self._asked(method, path, body, key, version).close()

    def _asked(self, method: str, path: str, body: Any, key: str, version: str) -> _UnixConnection:
        headers = {"Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = key or uuid.uuid5(uuid.NAMESPACE_OID, os.urandom(8).hex()).hex
        if version:
            headers["If-Match"] = f'"{version}"'
        connection = _UnixConnection(self.path)
        try:
            connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        except BaseException:
            connection.close()
            raise
        return connection

    def connected(self, timeout_s: float) -> socket.socket:
        """A bare connection to the daemon."""
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(timeout_s)
        found.connect(str(self.path))
        return found

    def page(self, path: str) -> str:
        """A page in French, as a browser on this machine gets it."""
        connection = _UnixConnection(self.path)
        try:
            connection.request("GET", path, headers={"Accept": "text/html", "Accept-Language": "fr"})
            answer = connection.getresponse()
            text = answer.read().decode()
            assert answer.status == 200, (path, answer.status, answer.headers.get("Location"), text[:300])
            return text
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """What is at `path`; it must be there."""
        status, body = self.ask("GET", path)
        assert status == 200, (status, body)
        return body

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Make something; it must succeed."""
        status, answer = self.ask("POST", path, body, key=key)
        assert status < 300, (status, answer)
        return answer

    def edit(self, customer: str, **fields: Any) -> Any:
        """Edit a customer as it stands now."""
        version = self.get(f"/customers/{customer}")["version"]
        status, answer = self.ask("PATCH", f"/customers/{customer}", fields, version=version)
        assert status == 200, (status, answer)
        return answer


@dataclass
class Daemon:
    """One role as a process."""

    role: str
    config: Path
    log: Path
    api: Api
    process: subprocess.Popen[bytes] | None = None
    command: tuple[str, ...] = (sys.executable, "-P", "-m", "daemon")
    environ: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        until(self._answers, f"{self.config.stem} to answer; its log: {self.log}")

    def launch(self) -> None:
        """Start it and do not wait."""
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [*self.command, self.role, "--config", str(self.config)],
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=os.environ | self.environ,
            )

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        return self.api.ask("GET", "/health")[0] == 200

    def kill(self) -> None:
        """As a power cut does, for the process."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """As systemd does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def replication(self) -> Any:
        """Where its replication stands."""
        return self.api.get("/replication")


@dataclass
class Chain:
    """Hub, tills, broker."""

    directory: Path
    hub: Daemon
    broker: Mosquitto
    broker_port: int
    enrol_port: int
    ends: contextlib.ExitStack
    tills: list[Daemon] = field(default_factory=list)

    def add_till(self, shop: int, extra: str = "", machine: Path | None = None) -> Daemon:
        """Enrol a till of a shop with a one-use code, and start it; `machine`: where it reads on what it runs."""
        number = len(self.tills) + 1
        state = self.directory / f"till{number}"
        config = self.directory / f"till{number}.toml"
        where = f'machine_root = "{machine}"\n' if machine is not None else ""
        config.write_text(f'[till]\nstate_directory = "{state}"\n{where}[http]\nport = 0\n{extra}')
        code = self.hub.api.post("/tills", {"shop": shop, "label": f"Caisse {number}"})["code"]
        comptoir("till", "enrol", code, "--hub", f"localhost:{self.enrol_port}", "--config", str(config))
        self.broker.reload()
        till = Daemon("till", config, self.directory / f"till{number}.log", Api(state / "comptoir.sock"))
        self.tills.append(till)
        till.start()
        return till

    def start_broker(self, **instead: str) -> None:
        """Start the broker anew with the files that the hub wrote; whatever it remembered is gone.

        `instead`: settings of its configuration that are to be others, or are to be there too.
        """
        fragment = (self.directory / "broker" / CONFIGURATION).read_text()
        lines = [line for line in fragment.splitlines() if line.partition(" ")[0] not in instead]
        fragment = "\n".join((*lines, *(f"{name} {value}" for name, value in instead.items()), ""))
        self.broker = self.ends.enter_context(running_mosquitto(self.directory, fragment, self.broker_port))

    def equal(self) -> bool:
        """Whether every till holds what head office does in each of its feeds and has nothing to send.

        And head office took nothing while they were asked.
        """
        head = self.hub.replication()
        equal = all(self._is_equal(till.replication(), head) for till in self.tills) and not self.differing()
        return equal and bool(self.hub.replication()["root"] == head["root"])

    def differing(self) -> dict[str, str]:
        """The feeds in which tills differ from head office."""
        hub = self.hub.api.path.parent
        return {
            f"{till.config.stem}, feed {int(scope.reach)}/{scope.number}": told
            for till in self.tills
            for scope, told in differing(hub, till.api.path.parent).items()
        }

    def _is_equal(self, till: Any, hub: Any) -> bool:
        return bool(till["root"] == hub["root"] and till["copy"]["waiting"] == 0)

    def stop_tills(self) -> None:
        """Stop every till, as systemd does."""
        for till in self.tills:
            till.stop()

    def settle(self) -> None:
        """Wait until all are equal."""
        try:
            until(self.equal, "equal roots everywhere", 60)
        except AssertionError as late:
            states = [box.replication() for box in (self.hub, *self.tills)]
            raise AssertionError(json.dumps([*states, self.differing()], indent=1)) from late


def comptoir(*arguments: str, **environ: str) -> str:
    """Run the command line as a user would; it must succeed."""
    command = [sys.executable, "-P", "-m", "daemon", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", check=False, timeout=60, env=os.environ | environ
    )
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


@contextlib.contextmanager
def running_chain(directory: Path, shops: tuple[int, ...] = (1, 1, 2), till_extra: str = "") -> Iterator[Chain]:
    """A hub with its broker, and one till for each entry of `shops`."""
    port, enrol_port = free_port(), free_port()
    config = directory / "hub.toml"
    config.write_text(
        f'[hub]\nstate_directory = "{directory}/hub"\npublic_host = "localhost"\n[http]\nport = 0\n'
        f'[enrol]\nhost = "127.0.0.1"\nport = {enrol_port}\n'
        f'[broker]\nhost = "127.0.0.1"\nport = {port}\nfiles = "{directory}/broker"\n'
    )
    (directory / "broker").mkdir()
    found(load_hub(config), CHAIN)
    hub = Daemon("hub", config, directory / "hub.log", Api(directory / "hub" / "comptoir.sock"))
    with contextlib.ExitStack() as ends:
        ends.callback(hub.stop)
        hub.start()
        fragment = (directory / "broker" / CONFIGURATION).read_text()
        broker = ends.enter_context(running_mosquitto(directory, fragment, port))
        chain = Chain(directory, hub, broker, port, enrol_port, ends)
        ends.callback(chain.stop_tills)
        for shop in shops:
            chain.add_till(shop, till_extra)
        yield chain
