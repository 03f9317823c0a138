"""A power cut: every file of a directory returns to its last fsync, every name to the last fsync of its directory.

The library in `rigs/power_cut.c` is built where the tests run and preloaded into a daemon.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent / "rigs" / "power_cut.c"

_SYNC_ALL = """
import os, sys
for folder, _, names in os.walk(sys.argv[1], topdown=False):
    for path in [*(os.path.join(folder, name) for name in names), folder]:
        if os.path.isfile(path) or os.path.isdir(path):
            fd = os.open(path, os.O_RDONLY)
            os.fsync(fd)
            os.close(fd)
"""


@dataclass(frozen=True)
class Disk:
    """The disk under `watched`, as a power cut would leave it."""

    library: Path
    watched: Path
    kept: Path

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs so that its syncs are seen."""
        return {
            "LD_PRELOAD": str(self.library),
            "POWER_CUT_WATCH": str(self.watched),
            "POWER_CUT_KEPT": str(self.kept),
        }

    def run(self, *arguments: str) -> str:
        """Run Python under the library; what it prints."""
        done = subprocess.run(
            [sys.executable, "-P", *arguments],
            env=os.environ | self.environ,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def sync_all(self) -> None:
        """What is there now is on the disk."""
        self.run("-c", _SYNC_ALL, str(self.watched))

    def syncs(self, end: str) -> int:
        """How often files whose name ends so were synced."""
        lines: Sequence[str] = (self.kept / "log").read_text().splitlines()
        return sum(line.startswith("F ") and line.endswith(end) for line in lines)

    def cut(self) -> None:
        """The power is gone and back; every process that works there was killed before."""
        returned = self.watched.with_name(f"{self.watched.name}.returned")
        self._return(self.kept / "root.names", returned)
        shutil.rmtree(self.watched)
        returned.rename(self.watched)

    def _return(self, names: Path, to: Path) -> None:
        to.mkdir()
        for line in names.read_text().splitlines() if names.exists() else ():
            kind, mode, key, name = line.split(" ", 3)
            path, content = to / name, self.kept / key
            if kind == "D":
                self._return(self.kept / f"{key}.names", path)
            elif kind == "F":
                path.write_bytes(content.read_bytes() if content.exists() else b"")
            else:
                continue
            path.chmod(int(mode, 8))


def disk_under(watched: Path, scratch: Path) -> Disk:
    """Build the library in `scratch` and watch a directory."""
    library, kept = scratch / "power_cut.so", scratch / f"kept-{watched.name}"
    if not library.exists():
        command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-Wno-format-truncation"]
        subprocess.run([*command, "-o", str(library), str(SOURCE), "-ldl"], check=True, timeout=60)
    kept.mkdir()
    return Disk(library, watched, kept)
