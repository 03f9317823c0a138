"""An import as it stands: which file, how far, what came of it. A job is one state of the table below. Pure.

receiving  the file is on its way; if it breaks off, nothing was asked for
running    lines are gone through; after a power cut it goes on behind the last line that was committed
done       every line was gone through
failed     the file cannot be read, or the disk refused; what was done stays, and reading the file again goes on
undoing    what was written is taken back, line by line
undone     it was
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from daemon.domain.change import Actor


class State(StrEnum):
    """Where a job stands; the stored spelling."""

    RECEIVING = "receiving"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


NEXT: Final = {
    State.RECEIVING: frozenset({State.RUNNING}),
    State.RUNNING: frozenset({State.DONE, State.FAILED}),
    State.DONE: frozenset({State.UNDOING}),
    State.FAILED: frozenset({State.UNDOING}),
    State.UNDOING: frozenset({State.UNDONE, State.FAILED}),
    State.UNDONE: frozenset[State](),
}
"""All transitions. What failed may be undone as far as it came."""

WORKING: Final = frozenset({State.RUNNING, State.UNDOING})

Npai = Literal["", "address", "no_information", "both"]
"""What a column NPAI says: mail to this address comes back, the customer wants no information; empty: nobody said."""

Subject = Literal["customers", "products"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a file is to be read.

    `source`: whose ids its lines have, when two shops' files meet; empty: the system that its headings tell.
    `key`: the one field that its lines are known by again; empty: the first of `import_line.KEYS` that a line has.
    """

    subject: Subject = "customers"
    dry_run: bool = False
    source: str = ""
    key: str = ""
    npai: Npai = ""
    name: str = field(default="", repr=False)
    """The file's name, for whoever reads the list of imports."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One import. Counts are of lines; `rows` is how many were gone through, `line` the last one's number."""

    id: bytes
    state: State
    options: Options
    actor: Actor
    made_ms: int
    digest: bytes = b""
    bytes_: int = 0
    system: str = ""
    total: int = 0
    rows: int = 0
    line: int = 0
    created: int = 0
    completed: int = 0
    unchanged: int = 0
    skipped: int = 0
    remarks: int = 0
    undone: int = 0
    kept: int = 0
    refused: int = 0
    failure: str = ""
    ended_ms: int = 0
