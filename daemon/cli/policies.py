"""`comptoir hub policy list|show|set`."""

import json
from collections.abc import Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.caller import segment
from daemon.cli.customer_view import author
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Column
from daemon.cli.words import _


def listed(at: Invocation) -> int:
    """List all policies as they hold."""
    with at.daemon() as daemon:
        found = daemon.get("/policies", shop=at.given.shop)
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    columns = (
        Column(title=_("Policy"), keep=6),
        Column(title=_("Value"), keep=4),
        Column(title=_("Origin"), keep=3),
    )
    at.terminal.table(columns, [[one["name"], _value(one), _origin(one)] for one in found])
    return Exit.OK


def show(at: Invocation) -> int:
    """Show one policy."""
    with at.daemon() as daemon:
        found = daemon.get(f"/policies/{segment(at.given.name)}", shop=at.given.shop)
    return _told(at, found)


def put(at: Invocation) -> int:
    """Set a policy; what is no JSON is a text."""
    try:
        value = json.loads(at.given.value)
    except ValueError:
        value = at.given.value
    shop = f"?shop={at.given.shop}" if at.given.shop else ""
    with at.daemon("hub") as daemon:
        found = daemon.put(f"/policies/{segment(at.given.name)}{shop}", {"value": value})
    return _told(at, found)


def _told(at: Invocation, found: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        pairs = [(_("Policy"), found["name"]), (_("Value"), _value(found)), (_("Origin"), _origin(found))]
        at.terminal.facts(pairs)
    return Exit.OK


def _value(found: Mapping[str, Any]) -> str:
    value = found["value"]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _origin(found: Mapping[str, Any]) -> str:
    if found["origin"] == "default":
        return _("the program's own, nothing was said")
    sentence = _("from head office, since {moment}, by {name}")
    return sentence.format(moment=moments.moment(found["since"]), name=author(found["by"]) or "—")
