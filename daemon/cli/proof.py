"""`comptoir customers proof|pin|refusals`: what customers have shown of themselves, their PINs, what was refused."""

import sys
from collections.abc import Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.asking import secret
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Column
from daemon.cli.words import _, figure
from daemon.errors import OperatorMistake


def show(at: Invocation) -> int:
    """Whether a customer has a PIN, and what was refused about them, till by till."""
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find(at, daemon, at.given.who)}/proof")
    return _told(at, found)


def set_pin(at: Invocation) -> int:
    """Set a customer's PIN: typed twice without being seen, or read from standard input; never an argument."""
    if at.given.pin_stdin:
        typed = sys.stdin.readline().strip()
    elif at.terminal.asks:
        typed = secret(at.terminal, _("PIN of 4 to 12 digits, typed by the customer"))
        if typed != secret(at.terminal, _("The same PIN again")):
            raise OperatorMistake("pin: the two are not the same", field="pin")
    else:
        raise OperatorMistake("pin: nobody can type it here: say --pin-stdin", field="pin")
    with at.daemon() as daemon:
        found = daemon.put(f"/customers/{find(at, daemon, at.given.who)}/pin", {"pin": typed})
    return _told(at, found)


def refusals(at: Invocation) -> int:
    """List the customers about whom something was refused, the latest first."""
    with at.daemon() as daemon:
        found = daemon.get("/refusals", limit=at.given.limit)
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    columns = (
        Column(title=_("Name"), keep=4),
        Column(title=_("PIN"), keep=3),
        Column(title=_("Wrong tries"), right=True),
        Column(title=_("Refused"), right=True),
        Column(title=_("Last"), keep=3),
        Column(title=_("Tills"), keep=2),
    )
    rows = [
        [
            one["display_name"],
            _pin(one["pin"]),
            figure(one["wrong"]),
            figure(one["refused"]),
            moments.moment(one["last_at"]),
            ", ".join(map(str, one["tills"])),
        ]
        for one in found["customers"]
    ]
    at.terminal.table(columns, rows)
    return Exit.OK


def _told(at: Invocation, found: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    pairs = [(_("PIN"), _pin(found["pin"])), (_("Wrong tries"), figure(found["wrong"]))]
    if found["wait_s"]:
        pairs.append((_("Next try"), moments.duration(found["wait_s"])))
    at.terminal.facts(pairs)
    for one in found["tills"]:
        said = _("till {till}: {wrong} wrong tries, {refused} refusals").format(
            till=one["till"], wrong=figure(one["wrong"]), refused=figure(one["refused"])
        )
        at.terminal.say(f"  {said}")
    return Exit.OK


def _pin(state: str) -> str:
    words = {
        "none": _("none"),
        "set": _("set"),
        "closed": _("closed after wrong tries: set a new one"),
        "other_key": _("sealed under another key: set a new one"),
    }
    return words.get(state, state)
