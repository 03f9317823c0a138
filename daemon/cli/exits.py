"""What the command line says to scripts when it ends: one number for each way to end."""

from enum import IntEnum

from daemon.errors import ComptoirError, Conflicting, Misconfigured, NotFound, NotRunning, Refusal


class Exit(IntEnum):
    """Exit codes; the README lists them. They never change their meaning."""

    OK = 0
    FAILED = 1
    """Refused or failed: the sentence on standard error says what and where."""
    USAGE = 2
    NOT_RUNNING = 3
    NOT_FOUND = 4
    CONFLICT = 5
    MISCONFIGURED = 78
    """EX_CONFIG of sysexits.h. The units do not start a daemon again that ended so (RestartPreventExitStatus)."""
    INTERRUPTED = 130


def exit_of(error: ComptoirError) -> Exit:
    """The code that an error ends with."""
    match error:
        case Misconfigured():
            return Exit.MISCONFIGURED
        case NotRunning():
            return Exit.NOT_RUNNING
        case NotFound() | Refusal(status=404):
            return Exit.NOT_FOUND
        case Conflicting() | Refusal(status=409 | 412):
            return Exit.CONFLICT
        case _:
            return Exit.FAILED
