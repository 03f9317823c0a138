"""Reads a file of customers in a process of its own: `python -P -m daemon.desk.import_reader`.

Order and file come on standard input, answers go to standard output, each as four bytes of length and so many bytes:
JSON, but for the file. It ends with its last answer, or when nobody is there any more to send or to take: a pipe that
closes is all that it needs to be told. What goes wrong otherwise ends it without a word, for it could hold a name.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from daemon.domain.import_file import Opened, Order, ReadLine, open_customers
from daemon.errors import ComptoirError
from daemon.typed import parse_json, to_json

LENGTH_BYTES: Final = 4
LINES_AT_ONCE: Final = 64
NICE: Final = 5
_FIRST_TO_GO: Final = "800"
"""Where memory runs out the kernel ends the reader, whom another can follow, and not the daemon (proc_pid(5))."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """First what was opened, then lines; the last has neither, or says why nothing (more) can be read."""

    opened: Opened | None = None
    lines: tuple[ReadLine, ...] = field(default=(), repr=False)
    refused: str = ""


def framed(content: bytes) -> list[bytes]:
    """A frame, ready to be written."""
    return [len(content).to_bytes(LENGTH_BYTES, "big"), content]


def answers(order: Order, raw: bytes) -> Iterator[Answer]:
    """All that is to be said of a file."""
    try:
        opened, lines = open_customers(raw, order)
        yield Answer(opened=opened)
        while some := tuple(islice(lines, LINES_AT_ONCE)):
            yield Answer(lines=some)
    except ComptoirError as wrong:
        yield Answer(refused=str(wrong))
    else:
        yield Answer()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer the one order that comes; raises EOFError or BrokenPipeError when nobody is there any more."""
    order = parse_json(_frame(source), Order)
    for answer in answers(order, _frame(source)):
        sink.writelines(framed(to_json(answer)))
        sink.flush()


def _frame(source: BinaryIO) -> bytes:
    length = int.from_bytes(_exactly(source, LENGTH_BYTES), "big")
    return _exactly(source, length)


def _exactly(source: BinaryIO, many: int) -> bytes:
    content = source.read(many)
    if len(content) < many:
        raise EOFError
    return content


def main() -> int:
    """Serve, behind everybody else on this machine."""
    with suppress(OSError):  # a sandbox may allow neither, and both are a courtesy
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    try:
        # An own buffer: under PYTHONUNBUFFERED the one of sys.stdout is none, and may write a part.
        with open(sys.stdout.fileno(), "wb", closefd=False) as sink:
            serve(sys.stdin.buffer, sink)
    except (EOFError, OSError):
        # What could not be written stays in the buffer, and Python would try once more on its way out.
        os._exit(1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
