"""`comptoir customers why|choose|disagreements`: why a value stands, and which one should."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from daemon.cli import moments
from daemon.cli.customer_view import author, channel_name, field_name
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _
from daemon.domain.folding import fold
from daemon.errors import NotFound, OperatorMistake

HUB_SITE: Final = 1

_ESSENTIAL: Final = {"card": ("number", "state"), "note": ("text",), "tag": ("tag",), "address": ("address",)}
"""Of what belongs to a customer, the fields that a person reads; the first one names it."""

_INSIDE: Final = frozenset({"account", "walk_in_of", "profile", "pin", "bad_address", "on_account"})
"""Fields that say nothing to a person."""


def why(at: Invocation) -> int:
    """Show the story of each field of a customer."""
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find(at, daemon, at.given.who)}/why")
    stories = [one for one in found["fields"] if not at.given.field or _is_called(one, at.given.field)]
    if at.terminal.as_json:
        at.terminal.answer({**found, "fields": stories})
    else:
        told = [one for one in stories if at.given.field or _says_something(one)]
        rows = [row for story in told for row in _rows(story)]
        at.terminal.table(_columns(), rows)
    return Exit.OK if stories else Exit.NOT_FOUND


def choose(at: Invocation) -> int:
    """Set one of the values that met in a field."""
    given = at.given
    with at.daemon() as daemon:
        id_ = find(at, daemon, given.who)
        story = _story(daemon.get(f"/customers/{id_}/why"), given.field, given.member)
        body = {
            "field": story["field"],
            "member": story["member"],
            "chosen": given.value,
            "standing": story["standing"]["id"],
        }
        after = daemon.post(f"/customers/{id_}/choice", body)
    if at.terminal.as_json:
        at.terminal.answer(after)
    else:
        at.terminal.note(_("Settled: {name}.").format(name=_label(story)), "green")
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
    at.terminal.note(_("to settle one: comptoir customers why CUSTOMER, then comptoir customers choose"), "dim")
    return Exit.OK


def _story(found: Mapping[str, Any], name: str, member: str | None) -> Mapping[str, Any]:
    """The field that is meant: by its name here or in the API; of several, the one about which somebody disagrees."""
    meant = [one for one in found["fields"] if _is_called(one, name) and member in (None, one["member"])]
    meant.sort(key=lambda one: (not one["lost"], one["member"] is not None))
    if not meant:
        raise NotFound("field: the customer has no such field", field="field")
    if len([one for one in meant if one["lost"]]) > 1:
        raise OperatorMistake("member: several are in disagreement: say which with --member", field="member")
    return dict(meant[0])


def _is_called(story: Mapping[str, Any], name: str) -> bool:
    return name == story["field"] or fold(name) == fold(_label(story))


def _says_something(story: Mapping[str, Any]) -> bool:
    """Whether a person reads it: what only the program needs is left to --field and --json."""
    is_read = story["field"] in _ESSENTIAL.get(story["part"], (story["field"],)) and story["field"] not in _INSIDE
    return bool(story["lost"]) or (
        is_read and (story["standing"]["value"] is not None or story["replaced"] is not None)
    )


def _label(story: Mapping[str, Any]) -> str:
    name, part = story["field"], story["part"]
    if story.get("label"):
        return str(story["label"])
    if name.startswith("consent_"):
        return _("{name}: {text}").format(name=field_name("consents"), text=channel_name(name.removeprefix("consent_")))
    if part == "customer":
        return field_name("display_name" if name == "name" else name)
    if name in _ESSENTIAL.get(part, ())[:1]:
        return field_name(part)
    return _("{name}: {text}").format(name=field_name(part), text=field_name(name))


def _value(said: Mapping[str, Any]) -> str:
    words = {
        "granted": _("granted"),
        "refused": _("refused"),
        "person": _("person"),
        "company": _("company"),
        "yes": _("yes"),
        "no": _("no"),
    }
    return words.get(said["value"] or "", said["value"] or "—")


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
    yield [Cell(text=_label(story), style="bold"), "", *_said(story["standing"])]
    if story["replaced"] is not None:
        yield ["", Cell(text=_("replaced"), style="dim"), *_said(story["replaced"])]
    for lost in story["lost"]:
        yield ["", Cell(text=_("lost"), style="yellow"), *_said(lost)]


def _said(said: Mapping[str, Any]) -> list[str | Cell]:
    return [_value(said), author(said["by"]), _where(said), Cell(text=said["id"], style="dim")]


def _where(said: Mapping[str, Any]) -> str:
    site = said["site"]
    where = said["till"] or (_("head office") if site == HUB_SITE else _("till {site}").format(site=site))
    return f"{where}, {moments.moment(said['at'])}"


def _row(one: Mapping[str, Any]) -> list[str | Cell]:
    standing = one["standing"]
    stands = _("(removed)") if standing is None else _value(standing)
    lost = _value(one["lost"])
    name = one["display_name"] or one["customer"]
    return [name, _label(one), stands, Cell(text=lost, style="yellow"), _where(one["lost"])]
