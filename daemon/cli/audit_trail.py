"""`comptoir audit`: who did what on this machine."""

from typing import Final

from daemon.cli import audit_words, moments
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.roles import role_name
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _, figure

PAGE: Final = 200
ABOUT_DIGITS: Final = 8
"""Enough to tell two customers of one page apart."""


def run(at: Invocation) -> int:
    """Show the newest acts, newest last, as a journal reads."""
    wanted = at.given.last
    acts: list[dict[str, object]] = []
    with at.daemon() as daemon:
        before = ""
        while len(acts) < wanted:
            found = daemon.get(f"/audit?limit={min(PAGE, wanted - len(acts))}{before}")
            acts += found["acts"]
            if found["before"] is None:
                break
            before = f"&before={found['before']}"
    acts.reverse()
    if at.terminal.as_json:
        at.terminal.answer({"acts": acts})
        return Exit.OK
    if not acts:
        at.terminal.note(_("Nothing was done here yet."))
        return Exit.OK
    columns = (
        Column(title=_("No."), right=True),
        Column(title=_("When")),
        Column(title=_("Who")),
        Column(title=_("What")),
        Column(title=_("About")),
    )
    at.terminal.table(columns, [_row(act) for act in acts])
    return Exit.OK


def _row(act: dict[str, object]) -> list[str | Cell]:
    about = str(act["about"])[:ABOUT_DIGITS]
    return [
        figure(int(str(act["number"]))),
        moments.moment(str(act["at"])),
        " ".join(filter(None, (str(act["actor"]), f"({role_name(str(act['role']))})" if act["role"] else ""))),
        audit_words.act(str(act["what"])),
        Cell(text=about, style="dim"),
    ]
