"""`comptoir hub erasures`: receipts, and the tills that have not confirmed."""

from collections.abc import Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _


def listed(at: Invocation) -> int:
    """List the last erasures."""
    with at.daemon("hub") as daemon:
        found = daemon.get("/erasures", limit=200)
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    if not found:
        at.terminal.note(_("Nobody was erased."), "green")
        return Exit.OK
    columns = (
        Column(title=_("Erased"), keep=5),
        Column(title=_("Receipt"), keep=4),
        Column(title=_("Not confirmed by"), keep=3),
    )
    rows = [[moments.moment(one["erased_at"]), one["tombstone"], _waiting(one)] for one in found]
    at.terminal.table(columns, rows)
    return Exit.OK


def _waiting(one: Mapping[str, Any]) -> Cell:
    names = [
        (till["label"] or _("till {site}").format(site=till["site"])) + (f" ({_('withdrawn')})" * till["withdrawn"])
        for till in one["unconfirmed"]
    ]
    return Cell(text=", ".join(names) or _("nobody: all tills have confirmed"), style="yellow" if names else "green")
