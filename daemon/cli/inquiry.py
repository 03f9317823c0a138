"""`comptoir customers verify`, and a search at head office."""

from daemon.cli.customer_view import field_name, show_customer
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _


def verify(at: Invocation) -> int:
    """Show what is different at head office; a difference ends with 5."""
    with at.daemon("till") as daemon:
        found = daemon.get(f"/head-office/customers/{find(at, daemon, at.given.who)}")
    code = Exit.OK if found["equal"] else Exit.CONFLICT
    if at.terminal.as_json:
        at.terminal.answer(found)
    elif found["equal"]:
        at.terminal.note(_("Head office knows the very same."), "green")
    elif found["there"] is None:
        at.terminal.note(_("Head office does not know this customer yet."), "yellow")
    elif found["here"] is None:
        at.terminal.note(_("This till does not know this customer yet:"), "yellow")
        show_customer(at.terminal, found["there"])
    else:
        columns = (
            Column(title=_("Field"), keep=4),
            Column(title=_("Here"), keep=5),
            Column(title=_("Head office"), keep=5),
        )
        rows = [
            [field_name(one["field"]), one["here"] or "—", Cell(text=one["there"] or "—", style="yellow")]
            for one in found["differences"]
        ]
        at.terminal.table(columns, rows)
    return code
