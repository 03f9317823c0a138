"""`comptoir hub field …`, `comptoir customers fill`: the chain's own fields."""

from collections.abc import Mapping
from typing import Any

from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Column
from daemon.cli.words import _
from daemon.errors import OperatorMistake


def listed(at: Invocation) -> int:
    """List the chain's own fields."""
    with at.daemon() as daemon:
        found = daemon.get("/custom-fields")
    if at.terminal.as_json:
        at.terminal.answer(found)
    elif not found:
        at.terminal.note(_("The chain has no fields of its own: comptoir hub field add NAME"), "yellow")
    else:
        _show(at, found)
    return Exit.OK


def define(at: Invocation) -> int:
    """Define a field."""
    given = at.given
    body = {"label": given.label, "type": given.type, "choices": given.choice, "searched": given.searched}
    with at.daemon("hub") as daemon:
        made = daemon.post("/custom-fields", body)
    if at.terminal.as_json:
        at.terminal.answer(made)
    else:
        _show(at, [made])
    return Exit.OK


def withdraw(at: Invocation) -> int:
    """Offer a field no more."""
    with at.daemon("hub") as daemon:
        after = daemon.patch(f"/custom-fields/{at.given.number}", {"withdrawn": True})
    if at.terminal.as_json:
        at.terminal.answer(after)
    else:
        _show(at, [after])
    return Exit.OK


def fill(at: Invocation) -> int:
    """Fill in fields of a customer."""
    given = dict(_pair(text) for text in at.given.values)
    with at.daemon() as daemon:
        types = {str(one["number"]): one["type"] for one in daemon.get("/custom-fields")}
        id_ = find(at, daemon, at.given.who)
        values = {number: _typed(types.get(number, ""), text) for number, text in given.items()}
        after = daemon.patch(f"/customers/{id_}/custom", {"values": values})
    if at.terminal.as_json:
        at.terminal.answer(after)
    else:
        at.terminal.facts([(number, str(value)) for number, value in after["custom"].items()])
    return Exit.OK


def _pair(text: str) -> tuple[str, str]:
    number, equals, value = text.partition("=")
    if not equals:
        raise OperatorMistake("values: write NUMBER=VALUE", field="values")
    return number, value


def _typed(type_: str, text: str) -> Any:
    if type_ == "yes_no" and text:
        return text.lower() in {"yes", "oui", "true", "1"}
    return text or None


def _show(at: Invocation, found: list[Mapping[str, Any]]) -> None:
    columns = (
        Column(title=_("Number"), right=True, keep=6),
        Column(title=_("Name"), keep=5),
        Column(title=_("Type"), keep=4),
        Column(title=_("Found by a search"), keep=2),
        Column(title=_("State"), keep=3),
    )
    rows = [
        [
            str(one["number"]),
            one["label"],
            ", ".join([one["type"], *one["choices"]]),
            _("yes") if one["searched"] else _("no"),
            _("withdrawn") if one["withdrawn"] else "",
        ]
        for one in found
    ]
    at.terminal.table(columns, rows)
