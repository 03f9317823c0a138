"""`comptoir groups …` and `comptoir types …`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from daemon.cli.caller import Caller
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.money import rate_text
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _
from daemon.errors import NotFound, OperatorMistake

_GROUP: Final = ("label", "colour", "mark", "discount", "price_list", "tax_category", "position")
_TYPE: Final = ("label", "discount", "tax_category", "employee", "withdrawn")


def groups(at: Invocation) -> int:
    """List the groups."""
    with at.daemon() as daemon:
        found = daemon.get("/groups")
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_groups(at, found["groups"])
    return Exit.OK


def add_group(at: Invocation) -> int:
    """Make a group."""
    with at.daemon() as daemon:
        made = daemon.post("/groups", _said(at, _GROUP))
    return _told(at, made, _("Created."))


def edit_group(at: Invocation) -> int:
    """Change a group."""
    with at.daemon() as daemon:
        made = daemon.patch(f"/groups/{_group(daemon, at.given.group)}", _said(at, _GROUP))
    return _told(at, made, _("Changed."))


def delete_group(at: Invocation) -> int:
    """Delete a group by naming what takes its place."""
    with at.daemon() as daemon:
        gone, into = _group(daemon, at.given.group), _group(daemon, at.given.replacement)
        made = daemon.post(f"/groups/{gone}/delete", {"replacement": into})
    return _told(at, made, _("Deleted; its members are in the group below."))


def join(at: Invocation) -> int:
    """Put a customer into a group."""
    with at.daemon() as daemon:
        who, group = find(at, daemon, at.given.who), _group(daemon, at.given.group)
        shown = daemon.post(f"/customers/{who}/groups", {"group": group, "principal": at.given.principal})
    return _membership(at, shown)


def leave(at: Invocation) -> int:
    """Take a customer out of a group."""
    with at.daemon() as daemon:
        who, group = find(at, daemon, at.given.who), _group(daemon, at.given.group)
        daemon.delete(f"/customers/{who}/groups/{group}")
        shown = daemon.get(f"/customers/{who}/terms")
    return _membership(at, shown)


def types(at: Invocation) -> int:
    """List the types of customers."""
    with at.daemon() as daemon:
        found = daemon.get("/customer-types")
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_types(at, found["types"])
    return Exit.OK


def add_type(at: Invocation) -> int:
    """Make a type of customers."""
    with at.daemon() as daemon:
        made = daemon.post("/customer-types", _said(at, _TYPE))
    return _told_type(at, made, _("Created."))


def edit_type(at: Invocation) -> int:
    """Change a type of customers, or withdraw it."""
    with at.daemon() as daemon:
        found = daemon.get("/customer-types")["types"]
        id_ = _named(found, at.given.type, _("no type of customers is called {name}"))
        made = daemon.patch(f"/customer-types/{id_}", _said(at, _TYPE))
    return _told_type(at, made, _("Changed."))


def _said(at: Invocation, names: Sequence[str]) -> dict[str, Any]:
    """The options that were given, as fields of the API; an empty text empties a field."""
    told = {name: getattr(at.given, name, None) for name in names}
    found = {name: (value if value != "" else None) for name, value in told.items() if value is not None}
    if not found:
        raise OperatorMistake("nothing was said that would change anything: see --help")
    return found


def _group(daemon: Caller, text: str) -> str:
    return _named(daemon.get("/groups")["groups"], text, _("no group is called {name}"))


def _named(found: Sequence[Mapping[str, Any]], text: str, sentence: str) -> str:
    """The id of what is called so, or has this id; raises NotFound."""
    sought = text.casefold()
    ids = [str(one["id"]) for one in found if one["id"] == text or str(one["label"]).casefold() == sought]
    if len(ids) != 1:
        raise NotFound(sentence.format(name=text))
    return ids[0]


def _told(at: Invocation, made: Mapping[str, Any], sentence: str) -> int:
    if at.terminal.as_json:
        at.terminal.answer(made)
    else:
        at.terminal.note(sentence, "green")
        _show_groups(at, [made])
    return Exit.OK


def _told_type(at: Invocation, made: Mapping[str, Any], sentence: str) -> int:
    if at.terminal.as_json:
        at.terminal.answer(made)
    else:
        at.terminal.note(sentence, "green")
        _show_types(at, [made])
    return Exit.OK


def _membership(at: Invocation, shown: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(shown)
        return Exit.OK
    named = [
        f"{one['label'] or one['id']}{' *' if one['id'] == shown['principal']['id'] else ''}" for one in shown["groups"]
    ]
    at.terminal.facts([(_("Groups"), ", ".join(named) or _("none"))])
    return Exit.OK


def _show_groups(at: Invocation, found: Sequence[Mapping[str, Any]]) -> None:
    columns = [
        Column(title=_("Id")), Column(title=_("Group"), keep=3), Column(title=_("Mark")), Column(title=_("Colour")),
        Column(title=_("Discount"), right=True), Column(title=_("Price list")), Column(title=_("Tax")),
    ]  # fmt: skip
    rows = [
        [
            Cell(text=one["id"], style="dim"),
            one["label"] or (_("everybody else") if one["is_default"] else ""),
            one["mark"],
            one["colour"],
            rate_text(one["discount"]),
            one["price_list"],
            one["tax_category"],
        ]
        for one in found
    ]
    at.terminal.table(columns, rows)


def _show_types(at: Invocation, found: Sequence[Mapping[str, Any]]) -> None:
    columns = [
        Column(title=_("Id")), Column(title=_("Type"), keep=3), Column(title=_("Discount"), right=True),
        Column(title=_("Tax")), Column(title=_("Remark")),
    ]  # fmt: skip
    rows = [
        [
            Cell(text=one["id"], style="dim"),
            one["label"],
            rate_text(one["discount"]),
            one["tax_category"],
            _("withdrawn") if one["withdrawn"] else _("employee") if one["employee"] else "",
        ]
        for one in found
    ]
    at.terminal.table(columns, rows)
