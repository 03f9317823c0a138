"""`comptoir doctor`: looks at everything, says what it found in one line each, and which gesture mends it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from daemon.cli.check import Check, State, failed, ok, warning
from daemon.cli.check_machine import examine_config, examine_machine
from daemon.cli.check_state import examine_state
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.owner import act_as_owner
from daemon.cli.place import config_path, glance
from daemon.cli.sync_status import truth
from daemon.cli.terminal import Cell, Style, Terminal
from daemon.cli.words import _, counted, sentence
from daemon.clock import SystemClock
from daemon.errors import ComptoirError, NotRunning
from daemon.version import VERSION

MARKS: Final[dict[State, tuple[str, Style]]] = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "failed": ("✗", "red"),
    "skipped": ("–", "dim"),
}


def run(at: Invocation) -> int:
    """Examine; ends with 1 when something is wrong."""
    found: list[Check] = []
    for check in examine(at):
        found.append(check)
        if not at.terminal.as_json:
            show(at.terminal, check)
    wrong = [check for check in found if check.state == "failed"]
    if at.terminal.as_json:
        at.terminal.answer({"ok": not wrong, "checks": [asdict(check) for check in found]})
    else:
        _sum_up(at.terminal, found)
    return Exit.FAILED if wrong else Exit.OK


def examine(at: Invocation) -> Iterator[Check]:
    """Every check, one after the other, as its answer is known."""
    path = config_path(at.given)
    role = glance(path).role or "till"
    now_ms = SystemClock().now_ms()
    check, found = examine_config(role, path)
    yield check
    if found is None:
        return
    if found.state.is_dir():
        act_as_owner(found.state, role)
    yield from examine_machine(found, now_ms)
    yield from examine_state(found, at.terminal, now_ms, quick=at.given.quick)
    yield from _running(at)


def show(terminal: Terminal, check: Check) -> None:
    """One line, and its gesture under it."""
    mark, style = MARKS[check.state]
    terminal.write(Cell(text=f"{mark} ", style=style), Cell(text=check.sentence))
    if check.gesture:
        terminal.write(Cell(text=f"  → {check.gesture}", style="dim"))


def _running(at: Invocation) -> Iterator[Check]:
    """What the daemon itself says, if it runs."""
    try:
        with at.daemon() as daemon:
            health = daemon.get("/health")
            _status, raw = daemon.raw("/api/v1/ready")
            said = daemon.get("/replication")
    except NotRunning:
        yield warning("daemon", _("the daemon does not run"), f"sudo systemctl start comptoir-{at.place().role}")
        return
    except ComptoirError as wrong:
        yield failed("daemon", sentence(str(wrong)), "journalctl -u 'comptoir-*' -n 50")
        return
    if health["version"] != VERSION:
        told = _("the daemon runs version {old}, version {new} is installed").format(old=health["version"], new=VERSION)
        yield warning("daemon", told, f"sudo systemctl restart comptoir-{said['role']}")
    else:
        yield ok("daemon", _("the daemon runs, version {version}").format(version=VERSION))
    for text in health.get("trouble", ()):  # an older daemon says none
        yield warning("trouble", sentence(text), "journalctl -u 'comptoir-*' -n 50")
    for text in json.loads(raw).get("missing", []):
        yield failed("ready", sentence(text), "sudo comptoir setup")
    if said["role"] == "till":
        told, is_well = truth(said["copy"])
        yield ok("replication", told) if is_well else warning("replication", told, _("look at the line to head office"))


def _sum_up(terminal: Terminal, found: Sequence[Check]) -> None:
    wrong = sum(check.state == "failed" for check in found)
    watched = sum(check.state == "warning" for check in found)
    said = counted("{n} check", "{n} checks", len(found))
    if not wrong and not watched:
        terminal.note(f"{said} · " + _("all is well"), "green")
        return
    parts = [said]
    if wrong:
        parts.append(counted("{n} fault", "{n} faults", wrong))
    if watched:
        parts.append(counted("{n} to watch", "{n} to watch", watched))
    terminal.note(" · ".join(parts), "red" if wrong else "yellow")
