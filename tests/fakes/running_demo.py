"""A demo as a user runs it: one command in a terminal, further ones in another."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon.clock import SystemClock
from daemon.demo.calls import Api
from daemon.demo.places import Places, places

DEMO = (sys.executable, "-P", "-m", "daemon", "demo")
START_S_MAX = 90.0
STOP_S_MAX = 30.0
COMPLETE = "Every till has all customers"
ENVIRONMENT = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def until(holds: Callable[[], bool], what: str, s_max: float = 20.0) -> None:
    """Wait until something holds."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + s_max
    while not holds():
        assert clock.monotonic_s() < end_s, f"waited {s_max:g} s for {what}"
        time.sleep(0.05)


@dataclass
class RunningDemo:
    """A demo that runs, and what it has said."""

    directory: Path
    process: subprocess.Popen[bytes]
    places: Places
    addresses: dict[str, str] = field(default_factory=dict)
    """By name; the first page of each role."""

    @property
    def screen(self) -> str:
        return (self.directory.parent / "screen").read_text("utf-8")

    def do(self, *words: str) -> list[dict[str, Any]]:
        """Give a command in another terminal; what it says, thing by thing."""
        done = subprocess.run(
            [*DEMO, "--directory", str(self.directory), "--json", *words],
            env=ENVIRONMENT,
            check=False,
            capture_output=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def says(self, *words: str) -> list[str]:
        """The keys of what a command says."""
        return [str(one["said"]) for one in self.do(*words)]

    def rows(self) -> dict[str, dict[str, Any]]:
        """The table of `status`, by name."""
        return {row["name"]: row for row in self.do("status")}

    def api(self, name: str) -> Api:
        """The API of a role, as the owner of the machine."""
        place = next(one for one in (self.places.hub, *self.places.tills) if one.name == name)
        return Api(name=name, socket=place.socket)

    def token(self, name: str) -> str:
        return next(one for one in self.places.tills if one.name == name).token.read_text("ascii")


@contextmanager
def running_demo(folder: Path, *, customers: int = 200) -> Iterator[RunningDemo]:
    """Start a demo in `folder`, on whatever ports are free; it has ended, with all its processes, after the block."""
    directory = folder / "demo"
    command = [*DEMO, "--directory", str(directory), "--customers", str(customers)]
    with (
        (folder / "screen").open("wb") as screen,
        subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen) as process,
    ):
        demo = RunningDemo(directory, process, places(directory))
        try:
            until(lambda: process.poll() is not None or COMPLETE in demo.screen, "the demo to be complete", START_S_MAX)
            assert process.poll() is None, demo.screen
            demo.addresses = {name: str(row.get("address", "")) for name, row in demo.rows().items()}
            yield demo
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_S_MAX)
            finally:
                process.kill()
