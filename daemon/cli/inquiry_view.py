"""A search at head office, and how its hits look: each with whether this till knows the customer so."""

from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _

LIMIT_MAX = 50


def search_there(at: Invocation) -> int:
    """Ask head office the same search; nobody found ends with 4."""
    with at.daemon("till") as daemon:
        limit = min(at.given.limit, LIMIT_MAX)
        found = daemon.get("/head-office/customers", q=" ".join(at.given.words), limit=limit)
    if at.terminal.as_json:
        at.terminal.answer(found)
    elif not found["hits"]:
        at.terminal.note(_("Nobody found."), "dim")
    else:
        words = {"same": _("the same"), "different": _("differs"), "absent": _("absent")}
        columns = (
            Column(title=_("Code"), keep=4),
            Column(title=_("Name"), keep=5),
            Column(title=_("Here too"), keep=3),
            Column(title="Id", keep=2),
        )
        rows: list[list[str | Cell]] = [
            [
                hit["customer"]["code"] or "",
                hit["customer"]["display_name"],
                words[hit["here"]],
                Cell(text=hit["customer"]["id"], style="dim"),
            ]
            for hit in found["hits"]
        ]
        at.terminal.table(columns, rows)
    return Exit.OK if found["hits"] else Exit.NOT_FOUND
