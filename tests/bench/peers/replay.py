"""What an adapter in Python does: `seed WORKLOAD FOLDER`, perhaps `hub WORKLOAD FOLDER`, `till WORKLOAD FOLDER WHO`.

A till opens what the seed left, makes its edits, says `ready` on its output and waits for a line on its input; it then
exchanges and merges (this is what is measured), says `done` with its figures, and writes `state.WHO`.
Only the standard library: this runs in environments that hold nothing of ours.
"""

import json
import os
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

LENGTH_BYTES = 4
POLL_S = 0.02


class Upload(Protocol):
    """Where a till lays what it sends, and finds what another sent."""

    def send(self, messages: list[bytes]) -> None:
        """Send once and for all."""

    def receive(self, who: str) -> list[bytes]:
        """What `who` sent, as soon as it is there."""


class Replica(Protocol):
    """One library, holding one till's customers."""

    def edit(self, edit: dict[str, Any]) -> None:
        """One user action, kept as the library keeps it."""

    def offline_day_ends(self) -> None:
        """All edits are made; nothing was sent yet."""

    def exchange(self, line: Upload) -> None:
        """Send own edits, take in the others', keep the result on the disk."""

    def states(self) -> Iterator[dict[str, Any]]:
        """`{"customer", "fields", "conflicts", "history"}` of each: the last two hold field → other values, where the
        library itself names them as conflicts, or still has them in a history that can be read."""

    def facts(self) -> dict[str, Any]:
        """The library's version, and whatever else the table should know."""


class Folder:
    """An upload as a file of length-prefixed messages: the bytes counted are those of the messages."""

    def __init__(self, where: Path, who: str) -> None:
        self.where = where
        self.who = who
        self.sent_bytes = 0
        self.deflated_bytes = 0
        self._deflate_cpu_s = 0.0

    def send(self, messages: list[bytes]) -> None:
        """Lay the messages down under one name, in one instant."""
        self.sent_bytes += sum(map(len, messages))
        began = time.process_time()
        self.deflated_bytes += sum(min(len(raw), len(zlib.compress(raw))) for raw in messages)
        self._deflate_cpu_s += time.process_time() - began
        path, part = self.where / f"upload.{self.who}", self.where / f"part.{self.who}"
        part.write_bytes(b"".join(len(raw).to_bytes(LENGTH_BYTES, "big") + raw for raw in messages))
        part.rename(path)

    def receive(self, who: str) -> list[bytes]:
        """Wait for a file and read it."""
        path = self.where / f"upload.{who}"
        while not path.exists():
            time.sleep(POLL_S)
        raw, at, found = path.read_bytes(), 0, []
        while at < len(raw):
            end = at + LENGTH_BYTES + int.from_bytes(raw[at : at + LENGTH_BYTES], "big")
            found.append(raw[at + LENGTH_BYTES : end])
            at = end
        return found

    @property
    def own_cpu_s(self) -> float:
        """What counting cost, and the library does not pay for."""
        return self._deflate_cpu_s


def customers(workload: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(id, fields) of each; the file is never held whole, so that it does not count as anybody's memory."""
    with workload.open(encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if "fields" not in line:
                return
            yield line["customer"], line["fields"]


def edits(workload: Path, till: int) -> Iterator[dict[str, Any]]:
    """One till's edits in order of time."""
    with workload.open(encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if line.get("till") == till:
                yield line


def say(step: str, **more: Any) -> None:
    """One line for the race."""
    print(json.dumps({"step": step, **more}), flush=True)


def await_word() -> None:
    """Wait for the race; its end is ours."""
    if not sys.stdin.readline():
        sys.exit(1)


def run_till(replica: Replica, workload: Path, where: Path, who: int) -> None:
    """The whole life of one till."""
    began = time.process_time()
    for edit in edits(workload, who):
        replica.edit(edit)
    replica.offline_day_ends()
    edit_cpu_s = time.process_time() - began
    line = Folder(where, str(who))
    say("ready")
    await_word()
    began = time.process_time()
    replica.exchange(line)
    cpu_s = time.process_time() - began - line.own_cpu_s
    say(
        "done",
        cpu_s=cpu_s,
        edit_cpu_s=edit_cpu_s,
        sent_bytes=line.sent_bytes,
        deflated_bytes=line.deflated_bytes,
        rss_mb=peak_rss_mb(),
        **replica.facts(),
    )
    with (where / f"state.{who}").open("w", encoding="utf-8") as file:
        for state in replica.states():
            file.write(json.dumps(state) + "\n")
    say("written")


def peak_rss_mb() -> float:
    """The most memory that this process ever held; `ru_maxrss` would begin at the size of whoever started it."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def keep(path: Path, raw: bytes) -> None:
    """Append to a file and wait for the disk."""
    with path.open("ab") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
