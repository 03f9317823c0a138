"""Runs one library over the workload: seed, a hub where it needs one, two tills; each a process of its own.

A process may take ten CPU minutes (not minutes of the wall: the machine is shared) and 8 GB. What takes more is ended
and tried again smaller.
"""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.peers import verdict
from tests.bench.peers.environments import ROOT, Peer
from tests.bench.peers.verdict import Fates
from tests.bench.peers.workload import TILLS, Size, write

CPU_S_MAX = 600.0
WALL_S_MAX = 3600.0
RSS_MB_MAX = 8 * 1024.0
POLL_S = 0.1
PARTS = (1, 4, 20, 100)
TICKS = os.sysconf("SC_CLK_TCK")


class GaveUpError(Exception):
    """A process went past a limit, or failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one library's run showed; the greater of the two tills where there is one figure for both."""

    title: str
    version: str
    size: Size
    cpu_s: float
    edit_cpu_s: float
    sent_mb: float
    deflated_mb: float
    rss_mb: float
    fates: Fates
    hub_cpu_s: float | None = None
    too_much: str = ""


@dataclass(slots=True)
class Process:
    """A running adapter: what it said so far, and what it has used."""

    name: str
    popen: subprocess.Popen[bytes]
    output: Path
    began: float = field(default_factory=time.monotonic)

    def said(self, step: str) -> dict[str, Any] | None:
        """What it said with this word, if it did."""
        for line in self.output.read_text("utf-8").splitlines(keepends=True):
            if line.endswith("\n") and line.startswith("{") and (words := json.loads(line))["step"] == step:
                return dict(words)
        return None

    def watch(self) -> None:
        """Raise where it is past a limit, or ended ill."""
        if self.popen.poll() not in {None, 0}:
            raise GaveUpError(f"{self.name} failed: {_last_words(self.output.with_suffix('.err'))}")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            stat = Path(f"/proc/{self.popen.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            cpu_s, rss_mb = (int(stat[11]) + int(stat[12])) / TICKS, int(stat[21]) * os.sysconf("SC_PAGESIZE") / 2**20
            if cpu_s > CPU_S_MAX:
                raise GaveUpError(f"{self.name} took over {CPU_S_MAX / 60:.0f} CPU minutes")
            if rss_mb > RSS_MB_MAX:
                raise GaveUpError(f"{self.name} took over {RSS_MB_MAX / 1024:.0f} GB")
        if time.monotonic() - self.began > WALL_S_MAX:
            raise GaveUpError(f"{self.name} took over {WALL_S_MAX / 60:.0f} minutes")

    def go(self) -> None:
        """The word that it waits for."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(b"go\n")
        self.popen.stdin.flush()


class Race:
    """One run in a folder of its own; whatever it started ends with it."""

    def __init__(self, peer: Peer, workload: Path, where: Path) -> None:
        self._peer, self._workload, self._where = peer, workload, where
        self._running: list[Process] = []

    def __enter__(self) -> "Race":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.popen.kill()
            process.popen.communicate()

    def start(self, *arguments: str) -> Process:
        """Start the adapter with a step."""
        name = ".".join(arguments)
        output = self._where / f"says-{name}.out"
        command = [*self._peer.command(), arguments[0], str(self._workload), str(self._where), *arguments[1:]]
        with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
            # The interpreter's own path is left out (-P): this names the root, for what the adapters share.
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            popen = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment)
        process = Process(" ".join(arguments), popen, output)
        self._running.append(process)
        return process

    def wait(self, step: str, *processes: Process) -> list[dict[str, Any]]:
        """Until all have said this word; everything that runs is watched meanwhile."""
        while True:
            said = [process.said(step) for process in processes]
            if None not in said:
                return [words for words in said if words is not None]
            for process in self._running:
                process.watch()
            time.sleep(POLL_S)

    def wait_end(self, process: Process) -> None:
        """Until it has ended well."""
        while process.popen.poll() is None:
            process.watch()
            time.sleep(POLL_S)
        process.watch()


def run(peer: Peer, size: Size) -> Outcome:
    """The full size, else the largest part of it that fits in the limits."""
    reason = ""
    for one_in in PARTS:
        try:
            outcome = run_once(peer, size.part(one_in), too_much=reason)
        except GaveUpError as much:
            reason = reason or str(much)
            print(f"  {peer.title}, 1/{one_in} of the size: {much}", flush=True)
        else:
            return outcome
    raise GaveUpError(f"{peer.title} ran at no size: {reason}")


def run_once(peer: Peer, size: Size, *, too_much: str = "") -> Outcome:
    """One run of one size."""
    with tempfile.TemporaryDirectory(prefix="comptoir-peers-") as name:
        workload = Path(name) / "workload.jsonl"
        write(workload, size)
        where = Path(name) / "run"
        where.mkdir()
        with Race(peer, workload, where) as race:
            hub, tills = _ride(race, peer)
        fates = verdict.judge(workload, [where / f"state.{till}" for till in TILLS])
    of_hub = hub if hub is not None and "deflated_bytes" in hub else None
    return Outcome(
        title=peer.title,
        version=tills[0]["version"],
        size=size,
        cpu_s=max(till["cpu_s"] for till in tills),
        edit_cpu_s=max(till["edit_cpu_s"] for till in tills),
        sent_mb=sum(one["sent_bytes"] for one in ([of_hub] if of_hub else tills)) / 1e6,
        deflated_mb=sum(one["deflated_bytes"] for one in ([of_hub] if of_hub else tills)) / 1e6,
        rss_mb=max(till["rss_mb"] for till in tills),
        fates=fates,
        hub_cpu_s=hub.get("cpu_s") if hub else None,
        too_much=too_much,
    )


def _ride(race: Race, peer: Peer) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """What the hub said at the end, and the tills."""
    if not peer.has_hub or peer.language == "python":
        race.wait_end(race.start("seed"))
    hubs = [race.start("hub")] if peer.has_hub else []
    race.wait("ready", *hubs)
    tills = [race.start("till", str(till)) for till in TILLS]
    race.wait("ready", *tills)
    for process in (*hubs, *tills):
        process.go()
    done = race.wait("done", *tills)
    of_hub = race.wait("done", *hubs)
    race.wait("written", *tills)
    return (of_hub[0] if of_hub else None), done


def _last_words(path: Path) -> str:
    lines = [line.strip() for line in path.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line]
    return (errors or lines or ["it said nothing"])[-1][:200]
