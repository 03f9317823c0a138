"""`comptoir sales …`: found again, shown, taken back; revenue by month and history of a customer."""

from collections.abc import Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.customers import find as find_customer
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.money import cents_text
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _
from daemon.domain.amount import parse_cents
from daemon.errors import OperatorMistake

_PER_PIECE = 10
"""Quantities are typed with two decimals and sent in thousandths."""


def find(at: Invocation) -> int:
    """Find sales; none found ends with 4."""
    given = at.given
    with at.daemon() as daemon:
        query: dict[str, str | int] = {
            name: value
            for name, value in (
                ("from", given.from_day), ("until", given.until_day), ("amount", given.amount),
                ("product", given.product), ("ticket", given.ticket), ("shop", given.shop), ("limit", given.limit),
            )
            if value is not None
        }  # fmt: skip
        if given.customer:
            query["customer"] = find_customer(at, daemon, given.customer)
        if given.over_returned:
            query["over_returned"] = 1
        found = daemon.get("/sales", **query, **_asking(at))
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_list(at, found)
    return Exit.OK if found["sales"] else Exit.NOT_FOUND


def show(at: Invocation) -> int:
    """Show a sale with its lines."""
    with at.daemon() as daemon:
        found = daemon.get(f"/sales/{at.given.sale}", **_asking(at))
    return _shown(at, found)


def take_back(at: Invocation) -> int:
    """Register what came back of a sale."""
    given = at.given
    with at.daemon() as daemon:
        body: dict[str, Any] = {"reason": given.reason}
        if given.amount is not None:
            body["amount"] = given.amount
        elif given.line:
            sold = daemon.get(f"/sales/{given.sale}", head_office=1)["lines"] or []
            body["lines"] = [_line(text, sold) for text in given.line]
        found = daemon.post(f"/sales/{given.sale}/returns", body)
    return _shown(at, found)


def cancel(at: Invocation) -> int:
    """Cancel a sale."""
    with at.daemon() as daemon:
        found = daemon.post(f"/sales/{at.given.sale}/cancel", {"reason": at.given.reason})
    return _shown(at, found)


def revenue(at: Invocation) -> int:
    """Show a customer's revenue by month."""
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find_customer(at, daemon, at.given.who)}/revenue")
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    rows = [[one["month"], cents_text(one["revenue"])] for one in found["months"] if one["revenue"]]
    at.terminal.table([Column(title=_("Month")), Column(title=_("Revenue"), right=True)], rows)
    until = moments.moment(found["complete_until"]) if found["complete_until"] else _("not known")
    at.terminal.facts([(_("Total"), cents_text(found["total"])), (_("Complete until"), until)])
    return Exit.OK


def history(at: Invocation) -> int:
    """Show what happened with a customer, newest first."""
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find_customer(at, daemon, at.given.who)}/history")
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    columns = [
        Column(title=_("When")), Column(title=_("What"), keep=2), Column(title=_("Amount"), right=True),
        Column(title=_("By")), Column(title=_("In words"), keep=3),
    ]  # fmt: skip
    rows = [
        [moments.moment(one["at"]), _event_name(one["kind"]), _amount(one), one["by"], _words(one)]
        for one in found["events"]
    ]
    at.terminal.table(columns, rows)
    return Exit.OK


def _asking(at: Invocation) -> dict[str, int]:
    return {"head_office": 1} if at.given.head_office else {}


def _line(text: str, sold: list[Mapping[str, Any]]) -> dict[str, int]:
    """`2` is the whole second line, `2=0,5` half a piece of it; raises OperatorMistake."""
    number, is_part, quantity = text.partition("=")
    if not (number.isascii() and number.isdecimal() and 0 < int(number) <= max(len(sold), 1)):
        raise OperatorMistake(f"the sale has no line {number}")
    whole = sold[int(number) - 1]["quantity_milli"] if sold else 1000
    return {"line": int(number) - 1, "quantity_milli": parse_cents(quantity) * _PER_PIECE if is_part else whole}


def _show_list(at: Invocation, found: Mapping[str, Any]) -> None:
    columns = [
        Column(title=_("Sale")), Column(title=_("When")), Column(title=_("What")), Column(title=_("Total"), right=True),
        Column(title=_("Shop"), right=True), Column(title=_("Ticket")), Column(title=_("Customer"), keep=3),
    ]  # fmt: skip
    rows = [
        [
            Cell(text=one["id"], style="dim"),
            moments.moment(one["sold_at"]),
            _event_name(one["kind"]),
            cents_text(one["total"]),
            str(one["shop"]),
            one["ticket"],
            one["customer"]["display_name"] if one["customer"] else "",
        ]
        for one in found["sales"]
    ]
    at.terminal.table(columns, rows)
    if found["more"]:
        at.terminal.note(_("There are more: narrow it down, or give --limit."), "dim")
    if found.get("older_elsewhere"):
        at.terminal.note(_("Older sales of other shops are at head office: ask with --head-office."), "dim")


def _shown(at: Invocation, found: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    _show_list(at, {"sales": [found["sale"], *found["following"]], "more": False})
    if found["lines"] is None:
        at.terminal.note(_("The lines are not on this till: ask with --head-office."), "yellow")
    columns = [
        Column(title=_("Line"), right=True), Column(title=_("Product")), Column(title=_("Label"), keep=3),
        Column(title=_("Quantity"), right=True), Column(title=_("Amount"), right=True),
    ]  # fmt: skip
    rows = [
        [str(at_ + 1), line["product"], line["label"], _quantity(line["quantity_milli"]), cents_text(line["amount"])]
        for at_, line in enumerate(found["lines"] or [])
    ]
    at.terminal.say()
    at.terminal.table(columns, rows)
    left = [(_("Came back"), cents_text(found["returned"])), (_("Left"), cents_text(found["left"]))]
    at.terminal.facts(left if found["sale"]["kind"] == "sale" else [])
    if found["over_returned"]:
        at.terminal.note(_("More came back than was sold: two tills did not hear of each other."), "red")
    return Exit.OK


def _quantity(milli: int) -> str:
    whole, part = divmod(abs(milli), 1000)
    digits = f"{part:03d}".rstrip("0")
    return f"{'-' if milli < 0 else ''}{whole}{'.' + digits if digits else ''}"


def _amount(event: Mapping[str, Any]) -> str:
    if event["amount"] is None:
        return ""
    return str(event["amount"]) if event["book"] in {"points", "coupon", "quota"} else cents_text(event["amount"])


def _words(event: Mapping[str, Any]) -> str:
    return " ".join(part for part in (", ".join(event["fields"]), event["text"], event["cause"]) if part)


def _event_name(kind: str) -> str:
    names = {
        "created": _("created"),
        "edited": _("edited"),
        "overruled": _("overruled"),
        "consent": _("consent"),
        "note": _("note"),
        "card": _("card"),
        "tag": _("tag"),
        "address": _("address"),
        "group": _("group"),
        "price": _("price"),
        "wish": _("wish"),
        "coupon": _("coupon"),
        "credit_note": _("credit note"),
        "merged": _("merged"),
        "sale": _("sale"),
        "return": _("return"),
        "cancellation": _("cancellation"),
        "points": _("points"),
        "account": _("account"),
        "entry": _("entry"),
        "award": _("award"),
    }
    return names.get(kind, kind)
