"""A daemon on a machine whose clock is elsewhere, or whose disk stands still or takes nothing any more.

The library in `rigs/odd_machine.c` is built where the tests run and preloaded into the daemon.
"""

import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.system.processes import Daemon

SOURCE = Path(__file__).parent / "rigs" / "odd_machine.c"

NUMBERS = (
    "clock_off_s", "awake_s", "stands_still", "read_only", "read_fails", "sync_fails", "database_fails", "dies_at",
)  # fmt: skip
"""`awake_s`: how much longer it has been up. `database_fails` leaves the log as it is; `dies_at`: at which write."""

DAY_S = 86_400
YEAR_S = 365 * DAY_S


@dataclass
class OddMachine:
    """What is odd about it; each change is seen by the running daemon at once."""

    library: Path
    numbers: Path
    _now: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NUMBERS, 0))

    def set(self, **numbers: int) -> None:
        """Change some of it, by the names of `NUMBERS`."""
        assert numbers.keys() <= self._now.keys()
        self._now |= numbers
        with self.numbers.open("r+b" if self.numbers.exists() else "wb") as file:
            file.write(struct.pack(f"={len(NUMBERS)}q", *self._now.values()))

    def carry(self, box: Daemon) -> None:
        """This daemon runs on it from its next start on."""
        box.environ = {
            **box.environ,
            "LD_PRELOAD": str(self.library),
            "ODD_MACHINE": str(self.numbers),
            "ODD_DISK": ".db",
        }


def built(directory: Path) -> OddMachine:
    """Build the library; nothing is odd yet."""
    library = directory / "odd_machine.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    machine = OddMachine(library, directory / "odd_machine.numbers")
    machine.set()
    return machine
