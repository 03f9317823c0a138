"""Questions on a terminal: they stand on standard error, so that the answer of a command stays alone on its output."""

import getpass
import sys

from daemon.cli.terminal import Terminal
from daemon.cli.words import _

_YES = frozenset({"y", "yes", "o", "oui"})


def asked(terminal: Terminal, question: str, *, default: str = "") -> str:
    """What somebody typed; an empty line takes the default, the end of the input too."""
    hint = f" [{default}]" if default else ""
    terminal.err.write(_("{question}: ").format(question=f"{question}{hint}"))
    terminal.err.flush()
    line = sys.stdin.readline()
    if not line:
        terminal.err.write("\n")
    return line.strip() or default


def confirmed(terminal: Terminal, question: str) -> bool:
    """Whether somebody said yes; nobody there says no."""
    if not terminal.asks:
        return False
    return asked(terminal, f"{question} {_('[y/N]')}").lower() in _YES


def secret(terminal: Terminal, question: str) -> str:
    """What somebody typed without seeing it."""
    return getpass.getpass(_("{question}: ").format(question=question), stream=terminal.err).strip()


def new_pin(terminal: Terminal) -> str | None:
    """A new PIN, typed twice without being seen; None where nothing is typed."""
    while True:
        pin = secret(terminal, _("PIN of 4 to 12 digits (nothing for none)"))
        if not pin or pin == secret(terminal, _("The same PIN again")):
            return pin or None
        terminal.note(_("The two PINs differ."), "yellow")
