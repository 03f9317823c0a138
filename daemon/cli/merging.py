"""`comptoir customers duplicates|merge|part`: records that are one person."""

from collections.abc import Mapping, Sequence
from typing import Any

from daemon.cli.asking import confirmed
from daemon.cli.caller import Caller
from daemon.cli.customer_view import field_name
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _
from daemon.errors import OperatorMistake


def duplicates(at: Invocation) -> int:
    """List who may be the same person as somebody, or the pairs that head office has found."""
    if at.given.who is None:
        return _pairs(at)
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find(at, daemon, at.given.who)}/duplicates")["duplicates"]
    if at.terminal.as_json:
        at.terminal.answer(found)
    elif not found:
        at.terminal.note(_("Nobody is like them."), "green")
    else:
        columns = (Column(title=_("Customer"), keep=5), Column(title=_("Alike"), keep=3), Column(title="Id", keep=4))
        rows: list[list[str | Cell]] = [
            [_named(one["customer"]), _alike(one), Cell(text=one["customer"]["id"], style="dim")] for one in found
        ]
        at.terminal.table(columns, rows)
    return Exit.OK


def _pairs(at: Invocation) -> int:
    with at.daemon("hub") as daemon:
        found = daemon.get("/duplicates", limit=200)
    if at.terminal.as_json:
        at.terminal.answer(found)
    elif not found["pairs"]:
        at.terminal.note(_("No two customers are alike."), "green")
    else:
        columns = (
            Column(title=_("Customer"), keep=5),
            Column(title=_("Other"), keep=5),
            Column(title=_("Alike"), keep=3),
        )
        at.terminal.table(columns, [[_named(one["one"]), _named(one["other"]), _alike(one)] for one in found["pairs"]])
    return Exit.OK


def merge(at: Invocation) -> int:
    """Make one person of two records, once somebody has seen what differs and said yes."""
    with at.daemon() as daemon:
        one, other = find(at, daemon, at.given.who), find(at, daemon, at.given.other)
        choose = dict(_taken(at, daemon, text) for text in at.given.take)
        preview = daemon.get(f"/customers/{one}/merge/{other}")
        if not at.terminal.as_json:
            _show(at, preview, choose)
        if not at.given.yes and not confirmed(at.terminal, _("Make one person of these two?")):
            raise OperatorMistake("nothing was done: answer yes, or give --yes")
        person = daemon.post(f"/customers/{one}/merge", {"other": other, "choose": choose})
    return _told(at, person, _("Merged; undone for 30 days by: comptoir customers part"))


def part(at: Invocation) -> int:
    """Undo a merge of two records."""
    with at.daemon() as daemon:
        one, other = find(at, daemon, at.given.who), find(at, daemon, at.given.other)
        # A name finds the person; the merge is between two of its records.
        if one == other:
            raise OperatorMistake("other: name both records by their ids, from: customers duplicates", field="other")
        person = daemon.post(f"/customers/{one}/part", {"other": other})
    return _told(at, person, _("They are two people again."))


def _taken(at: Invocation, daemon: Caller, text: str) -> tuple[str, str]:
    name, equals, record = text.partition("=")
    if not equals:
        raise OperatorMistake("take: write FIELD=RECORD", field="take")
    return name, find(at, daemon, record)


def _show(at: Invocation, preview: Mapping[str, Any], choose: Mapping[str, str]) -> None:
    records: Sequence[Mapping[str, Any]] = preview["records"]
    columns = [Column(title=_("Field"), keep=5), *(Column(title=_named(one), keep=4) for one in records)]
    rows: list[list[str | Cell]] = []
    for field in preview["fields"]:
        right = choose.get(field["field"], field["proposed"])
        values = {one["customer"]: one["value"] or "—" for one in field["values"]}
        cells = [
            Cell(text=values.get(one["id"], ""), style="green" if one["id"] == right else "dim") for one in records
        ]
        rows.append([field_name(field["field"]), *cells])
    if rows:
        at.terminal.table(columns, rows)


def _told(at: Invocation, person: Mapping[str, Any], sentence: str) -> int:
    if at.terminal.as_json:
        at.terminal.answer(person)
    else:
        at.terminal.note(sentence, "green")
        for one in person["records"]:
            at.terminal.say(f"  {_named(one)}  {one['id']}")
    return Exit.OK


def _named(brief: Mapping[str, Any]) -> str:
    return " ".join(part for part in (brief["code"], brief["display_name"]) if part)


def _alike(one: Mapping[str, Any]) -> str:
    words = {
        "email": _("e-mail"),
        "phone": _("telephone"),
        "card": _("card"),
        "member_number": _("member number"),
        "siret": "SIRET",
        "name": _("sound of the name"),
        "address": _("address"),
        "birthday": _("birthday"),
    }
    return f"{one['score']} % · " + ", ".join(words.get(reason, reason) for reason in one["reasons"])
