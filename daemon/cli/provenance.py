"""`comptoir customers why|choose|disagreements`: why a value stands, and which one should."""

from collections.abc import Iterator, Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.customer_view import author, field_name
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _
from daemon.errors import NotFound

HUB_SITE = 1


def why(at: Invocation) -> int:
    """Show the story of each field of a customer."""
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find(at, daemon, at.given.who)}/why")
    stories = [one for one in found["fields"] if at.given.field in ("", one["field"])]
    if at.terminal.as_json:
        at.terminal.answer({**found, "fields": stories})
    else:
        rows = [row for story in stories for row in _rows(story)]
        at.terminal.table(_columns(), rows)
    return Exit.OK if stories else Exit.NOT_FOUND


def choose(at: Invocation) -> int:
    """Set one of the values that met in a field."""
    given = at.given
    with at.daemon() as daemon:
        id_ = find(at, daemon, given.who)
        story = _story(daemon.get(f"/customers/{id_}/why"), given.field, given.member)
        body = {
            "field": given.field,
            "member": given.member,
            "chosen": given.value,
            "standing": story["standing"]["id"],
        }
        after = daemon.post(f"/customers/{id_}/choice", body)
    if at.terminal.as_json:
        at.terminal.answer(after)
    else:
        at.terminal.note(_("Settled: {name}.").format(name=field_name(given.field)), "green")
    return Exit.OK


def disagreements(at: Invocation) -> int:
    """List the disagreements that nobody has settled."""
    found: list[Any] = []
    with at.daemon() as daemon:
        after = ""
        while True:
            query: dict[str, str | int] = {"limit": 200, "after": after}
            if at.given.all:
                query["whose"] = "all"
            page = daemon.get("/disagreements", **query)
            found += page["disagreements"]
            after = page["next"] or ""
            if not after:
                break
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    if not found:
        at.terminal.note(_("Nobody disagrees."), "green")
        return Exit.OK
    columns = (
        Column(title=_("Customer"), keep=6),
        Column(title=_("Field"), keep=5),
        Column(title=_("Stands"), keep=4),
        Column(title=_("Lost"), keep=4),
        Column(title=_("Where, when"), keep=2),
    )
    at.terminal.table(columns, [_row(one) for one in found])
    return Exit.OK


def _story(found: Mapping[str, Any], name: str, member: str | None) -> Mapping[str, Any]:
    for story in found["fields"]:
        if (story["field"], story["member"]) == (name, member):
            return dict(story)
    raise NotFound("field: the customer has no such field", field="field")


def _columns() -> tuple[Column, ...]:
    return (
        Column(title=_("Field"), keep=6),
        Column(title="", keep=3),
        Column(title=_("Value"), keep=5),
        Column(title=_("By"), keep=2),
        Column(title=_("Where, when"), keep=3),
        Column(title="Id", keep=4),
    )


def _rows(story: Mapping[str, Any]) -> Iterator[list[str | Cell]]:
    name = field_name(story["field"])
    yield [Cell(text=name, style="bold"), "", *_said(story["standing"])]
    if story["replaced"] is not None:
        yield ["", Cell(text=_("replaced"), style="dim"), *_said(story["replaced"])]
    for lost in story["lost"]:
        yield ["", Cell(text=_("lost"), style="yellow"), *_said(lost)]


def _said(said: Mapping[str, Any]) -> list[str | Cell]:
    return [said["value"] or "—", author(said["by"]), _where(said), Cell(text=said["id"], style="dim")]


def _where(said: Mapping[str, Any]) -> str:
    site = said["site"]
    where = said["till"] or (_("head office") if site == HUB_SITE else _("till {site}").format(site=site))
    return f"{where}, {moments.moment(said['at'])}"


def _row(one: Mapping[str, Any]) -> list[str | Cell]:
    standing = one["standing"]
    stands = _("(removed)") if standing is None else standing["value"] or "—"
    lost = one["lost"]["value"] or "—"
    name = one["display_name"] or one["customer"]
    return [name, field_name(one["field"]), stands, Cell(text=lost, style="yellow"), _where(one["lost"])]
