"""`comptoir card tap`: what a reader would have told."""

from collections.abc import Mapping
from typing import Any

from daemon.cli import customer_view as view
from daemon.cli import moments
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.words import _


def tap(at: Invocation) -> int:
    """Tap a code; a customer or an operator ends with 0, several with 5, nobody with 4, a refusal with 1."""
    with at.daemon("till") as daemon:
        found = daemon.post("/scan", {"code": at.given.code, "device": at.given.device})
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show(at, found)
    codes = {"customer": Exit.OK, "operator": Exit.OK, "choose": Exit.CONFLICT, "unknown": Exit.NOT_FOUND}
    return codes.get(found["outcome"], Exit.FAILED)


def _show(at: Invocation, found: Mapping[str, Any]) -> None:
    terminal = at.terminal
    match found["outcome"]:
        case "customer":
            view.show_briefs(terminal, [found["customer"]])
        case "choose":
            view.show_briefs(terminal, found["candidates"])
            terminal.note(_("Several customers have this card: the till asks which."), "yellow")
        case "operator":
            terminal.say(_("Operator: {name}").format(name=found["operator"]))
        case "blocked":
            terminal.note(_("This card is blocked: {reason}").format(reason=_blocked(found)), "red")
        case "refused":
            terminal.note(_("Refused: {reason}").format(reason=_reason(found["reason"])), "red")
        case _ if found["product"]:
            terminal.note(_("Nobody's card; it may be the product {code}.").format(code=found["product"]), "yellow")
        case _:
            terminal.note(_("Nobody has this card: the till offers to link it or to create a customer."), "yellow")


def _blocked(found: Mapping[str, Any]) -> str:
    """`lost on 22/11/2026`; a daemon of an earlier version tells no day."""
    day, reason = moments.day(found.get("blocked_at")), _reason(found["reason"])
    return _("{reason} on {day}").format(reason=reason, day=day) if day else reason


def _reason(reason: str | None) -> str:
    words = {
        "payment_card": _("a payment card, which is neither looked up nor kept"),
        "lost": _("lost"),
        "replaced": _("replaced"),
        "blocked": _("blocked"),
    }
    return words.get(reason or "", reason or "")
