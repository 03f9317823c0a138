"""`comptoir customers archive|delete|erase`: customers who go."""

from typing import Any

from daemon.cli import moments
from daemon.cli.asking import confirmed
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Column
from daemon.cli.words import _
from daemon.errors import OperatorMistake


def archive(at: Invocation) -> int:
    """Archive a customer."""
    with at.daemon() as daemon:
        id_ = find(at, daemon, at.given.who)
        after = daemon.post(f"/customers/{id_}/archive", {"reason": at.given.reason})
    if at.terminal.as_json:
        at.terminal.answer(after)
    else:
        at.terminal.note(_("{name} is archived.").format(name=after["display_name"]), "green")
    return Exit.OK


def silent(at: Invocation) -> int:
    """List who gave no sign for as long as head office keeps customers."""
    found: list[dict[str, Any]] = []
    with at.daemon() as daemon:
        after = ""
        while True:
            page = daemon.get("/retention", **({"after": after} if after else {}))
            found += page["customers"]
            after = page["next"]
            if not after:
                break
    if at.terminal.as_json:
        at.terminal.answer({"months": page["months"], "customers": found})
        return Exit.OK
    columns = [Column(title=_("Customer"), keep=3), Column(title=_("Last sign")), Column(title=_("What is due"))]
    rows = [
        [
            f"{one['customer']['code'] or ''} {one['customer']['display_name']}".strip(),
            moments.day(one["last_sign"]),
            _("erase: comptoir customers erase CODE --reason retention")
            if one["due"] == "erase"
            else _("tell them before {day}").format(day=moments.day(one["until"])),
        ]
        for one in found
    ]
    at.terminal.table(columns, rows)
    return Exit.OK


def delete(at: Invocation) -> int:
    """Delete a customer without history, once somebody said yes."""
    with at.daemon() as daemon:
        id_ = find(at, daemon, at.given.who)
        name = daemon.get(f"/customers/{id_}")["display_name"]
        if not at.given.yes and not confirmed(at.terminal, _("Delete {name}?").format(name=name)):
            raise OperatorMistake("nothing was done: answer yes, or give --yes")
        daemon.delete(f"/customers/{id_}")
    if at.terminal.as_json:
        at.terminal.answer({"id": id_, "deleted": True})
    else:
        at.terminal.note(_("{name} is deleted.").format(name=name), "green")
    return Exit.OK


def erase(at: Invocation) -> int:
    """Erase a person for ever, once somebody said yes; the receipt names nobody."""
    with at.daemon() as daemon:
        id_ = find(at, daemon, at.given.who)
        question = _("Erase {who} for ever, on every till and at head office?").format(who=at.given.who)
        if not at.given.yes and not confirmed(at.terminal, question):
            raise OperatorMistake("nothing was done: answer yes, or give --yes")
        body = {"reason": at.given.reason, "despite_open": at.given.despite_open}
        receipt = daemon.post(f"/customers/{id_}/erase", body)
    if at.terminal.as_json:
        at.terminal.answer(receipt)
    else:
        at.terminal.note(_("Erased. What is left, and names nobody:"), "green")
        for tombstone in receipt["tombstones"]:
            at.terminal.say(f"{tombstone}  {receipt['erased_at']}")
    return Exit.OK
