"""Ties a program to the process that starts it: `python -P -m daemon.demo.leash PARENT PROGRAM [ARGUMENT …]`.

The kernel ends the program when its parent is gone, however it went; nothing of a demo outlives it.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""prctl(2); what it sets survives the exec that follows."""


def leashed(*program: str) -> tuple[str, ...]:
    """The command line that runs our Python with these arguments and ends it with us.

    The kernel watches the thread that starts it: start it from one that lasts.
    """
    python = (sys.executable, "-P", "-m")
    return (*python, "daemon.demo.leash", str(os.getpid()), *python, *program)


def main(arguments: Sequence[str]) -> int:
    """Become the program; returns only when the parent has gone already, or the kernel refuses."""
    parent, program = int(arguments[0]), list(arguments[1:])
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0) != 0:
        sys.stderr.write(f"prctl: {os.strerror(ctypes.get_errno())}\n")
        return 1
    if os.getppid() == parent:  # else it was gone before we asked
        os.execv(program[0], program)  # noqa: S606  the very command that our parent wrote
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
