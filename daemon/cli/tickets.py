"""`comptoir tickets …`: what is on hold, what becomes of it, and what was sold twice."""

from collections.abc import Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.customers import find as find_customer
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.money import cents_text
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _


def find(at: Invocation) -> int:
    """List held tickets; none ends with 4."""
    given = at.given
    with at.daemon() as daemon:
        query: dict[str, str | int] = {"limit": given.limit, "head_office": int(given.head_office)}
        if given.shop is not None:
            query["shop"] = given.shop
        if given.customer:
            query["customer"] = find_customer(at, daemon, given.customer)
        found = daemon.get("/held-tickets", **query)
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_list(at, found)
    return Exit.OK if found["tickets"] else Exit.NOT_FOUND


def show(at: Invocation) -> int:
    """Show one ticket."""
    with at.daemon() as daemon:
        return _shown(at, daemon.get(f"/held-tickets/{at.given.ticket}"))


def add(at: Invocation) -> int:
    """Hold a ticket for a customer."""
    given = at.given
    with at.daemon() as daemon:
        body = {
            "customer": find_customer(at, daemon, given.who),
            "type": given.type,
            "label": given.label,
            "comment": given.comment,
            "total": given.total,
            "due_day": given.due,
            "shop": given.shop,
        }
        return _shown(at, daemon.post("/held-tickets", body))


def advance(at: Invocation) -> int:
    """Bring a ticket to another stage."""
    return _post(at, "advance", {"stage": at.given.stage})


def deposit(at: Invocation) -> int:
    """Take a payment beforehand."""
    return _post(at, "deposits", {"amount": at.given.amount})


def close(at: Invocation) -> int:
    """Close a ticket without a sale."""
    return _post(at, "close", {"reason": at.given.reason, "deposit": at.given.deposit})


def reopen(at: Invocation) -> int:
    """Open a ticket again."""
    return _post(at, "reopen", None)


def release(at: Invocation) -> int:
    """Put a ticket back."""
    return _post(at, "release", {"take": at.given.take, "reason": at.given.reason})


def settle(at: Invocation) -> int:
    """Somebody has looked at a ticket that was sold twice."""
    return _post(at, "confirm", {"names": at.given.sale})


def _post(at: Invocation, what: str, body: Mapping[str, Any] | None) -> int:
    with at.daemon() as daemon:
        return _shown(at, daemon.post(f"/held-tickets/{at.given.ticket}/{what}", body))


def _show_list(at: Invocation, found: Mapping[str, Any]) -> None:
    columns = [
        Column(title=_("Ticket")), Column(title=_("Since")), Column(title=_("Type")), Column(title=_("Label"), keep=3),
        Column(title=_("Customer"), keep=2), Column(title=_("Total"), right=True), Column(title=_("State"), keep=2),
    ]  # fmt: skip
    rows = [
        [
            Cell(text=one["id"], style="dim"),
            moments.moment(one["written_at"]),
            _type_name(one["type"]),
            one["label"],
            one["customer"]["display_name"] if one["customer"] else "",
            cents_text(one["total"]) if one["total"] else "",
            Cell(text=_state(one), style=None if one["settled"] else "red"),
        ]
        for one in found["tickets"]
    ]
    at.terminal.table(columns, rows)
    if found["more"]:
        at.terminal.note(_("There are more: narrow it down, or give --limit."), "dim")


def _shown(at: Invocation, ticket: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(ticket)
        return Exit.OK
    _show_list(at, {"tickets": [ticket], "more": False})
    facts = [(_("Paid beforehand"), cents_text(ticket["deposits"])), (_("Left"), cents_text(ticket["left_to_pay"]))]
    told = facts if ticket["deposits"] else []
    told += [
        (_("Taken over as"), f"{one['id']}  {_place(one)}  {moments.moment(one['at'])}") for one in ticket["takes"]
    ]
    told += [(_("Sale"), f"{one['sale_id']}  {_place(one)}  {moments.moment(one['at'])}") for one in ticket["sales"]]
    if ticket["next_stages"]:
        told.append((_("May become"), ", ".join(ticket["next_stages"])))
    at.terminal.facts(told)
    if "taken_twice" in ticket["flags"]:
        at.terminal.note(_("Two tills took it over: they could not hear each other."), "yellow")
    if not ticket["settled"]:
        at.terminal.note(_("It was sold twice: look at both sales, then say so with “tickets settle”."), "red")
    columns = [
        Column(title=_("When")), Column(title=_("What")), Column(title=_("By")), Column(title=_("Till")),
        Column(title=_("In words"), keep=3),
    ]  # fmt: skip
    rows = [[moments.moment(one["at"]), one["what"], one["by"], _place(one), _words(one)] for one in ticket["steps"]]
    at.terminal.table(columns, rows)
    return Exit.OK


def _place(one: Mapping[str, Any]) -> str:
    return str(one["till"] or one["site"])


def _words(step: Mapping[str, Any]) -> str:
    amount = cents_text(step["amount"]) if step["amount"] else ""
    return " ".join(part for part in (step["stage"], amount, step["reason"]) if part)


def _state(ticket: Mapping[str, Any]) -> str:
    if not ticket["settled"]:
        return _("sold twice")
    names = {"posted": _("sold"), "closed": _("closed"), "taken": _("taken over")}
    return names.get(ticket["state"], str(ticket["stage"]))


def _type_name(kind: str) -> str:
    names = {
        "basket": _("basket"),
        "quote": _("quote"),
        "layaway": _("layaway"),
        "special_order": _("special order"),
        "work_order": _("work order"),
    }
    return names.get(kind, kind)
