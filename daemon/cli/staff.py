"""`comptoir operators list|add|edit|revoke|restore`: who may log in, in the whole chain."""

import sys
from typing import Any

from daemon.cli import moments
from daemon.cli.asking import asked, new_pin
from daemon.cli.caller import Caller
from daemon.cli.customer_view import author
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.roles import role_name
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _
from daemon.domain.folding import fold
from daemon.errors import Conflicting, NotFound, OperatorMistake

Member = dict[str, Any]


def listed(at: Invocation) -> int:
    """List operators; revoked ones too, if asked."""
    with at.daemon() as daemon:
        found = [one for one in daemon.get("/staff") if at.given.all or not one["revoked"]]
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    if not found:
        at.terminal.note(_("No operator yet: comptoir operators add NAME"), "yellow")
        return Exit.OK
    columns = (
        Column(title=_("Name"), keep=6),
        Column(title=_("Role"), keep=5),
        Column(title=_("Logs in by"), keep=4),
        Column(title=_("State"), keep=3),
        Column(title="Id", keep=2),
    )
    at.terminal.table(columns, [_row(one) for one in found])
    return Exit.OK


def add(at: Invocation) -> int:
    """Make an operator; one of this name is there already is refused."""
    given = at.given
    body = {"display_name": given.name, "role": given.role}
    with at.daemon() as daemon:
        if any(fold(one["display_name"]) == fold(given.name) and not one["revoked"] for one in daemon.get("/staff")):
            raise Conflicting("an operator of this name is there already: change that one, or add a word to the name")
        badge = given.badge
        pin = _typed_pin(at, wanted=given.pin_stdin or (badge is None and at.terminal.asks))
        if badge is None and pin is None and at.terminal.asks:
            badge = asked(at.terminal, _("Badge: scan it now (nothing for none)")) or None
        if badge is None and pin is None:
            raise OperatorMistake("an operator logs in by PIN, by badge, or both: give --pin-stdin or --badge")
        body |= {name: text for name, text in (("pin", pin), ("badge", badge)) if text}
        made = daemon.post("/operators", body)
    return _told(at, made, _("{name} may log in at every till that hears of it."))


def edit(at: Invocation) -> int:
    """Change an operator's name, role, PIN, badge."""
    given = at.given
    with at.daemon() as daemon:
        who = _find(daemon, given.who)
        body = {"display_name": given.name, "role": given.role, "badge": "" if given.no_badge else given.badge}
        body["pin"] = _typed_pin(at, wanted=given.pin or given.pin_stdin)
        changes = {name: text for name, text in body.items() if text is not None}
        if not changes:
            raise OperatorMistake("nothing was said to change: see --help")
        made = daemon.patch(f"/operators/{who['id']}", changes)
    return _told(at, made, _("{name} is changed, at every till that hears of it."))


def revoke(at: Invocation) -> int:
    """Take an operator's right to log in away; their sessions end at each till that hears of it."""
    return _set_revoked(at, _("{name} no longer logs in; sessions end at every till that hears of it."), revoked=True)


def restore(at: Invocation) -> int:
    """Let a revoked operator log in again, by the same PIN and badge."""
    return _set_revoked(at, _("{name} may log in at every till that hears of it."), revoked=False)


def _set_revoked(at: Invocation, sentence: str, *, revoked: bool) -> int:
    with at.daemon() as daemon:
        who = _find(daemon, at.given.who, revoked=not revoked)
        made = daemon.patch(f"/operators/{who['id']}", {"revoked": revoked})
    return _told(at, made, sentence)


def _told(at: Invocation, made: Member, sentence: str) -> int:
    if at.terminal.as_json:
        at.terminal.answer(made)
    else:
        at.terminal.note(sentence.format(name=made["display_name"]), "green")
    return Exit.OK


def _find(daemon: Caller, who: str, *, revoked: bool = False) -> Member:
    """The operator with this id or name; of one name, those who are in the state that is about to change go first."""
    staff: list[Member] = daemon.get("/staff")
    found = [one for one in staff if one["id"] == who] or [
        one for one in staff if fold(one["display_name"]) == fold(who)
    ]
    if len(found) > 1:
        found = [one for one in found if one["revoked"] == revoked]
    if len(found) > 1:
        raise Conflicting("several operators have this name: give the id, from: comptoir operators list")
    if not found:
        raise NotFound("no operator has this name or id", field="who")
    return found[0]


def _typed_pin(at: Invocation, *, wanted: bool) -> str | None:
    """A PIN from standard input, or typed twice unseen; None where none is given."""
    if not wanted:
        return None
    if at.given.pin_stdin:
        return sys.stdin.readline().strip() or None
    return new_pin(at.terminal)


def _row(one: Member) -> list[str | Cell]:
    ways = [way for way, has in (("PIN", one["pin"]), (_("badge"), one["badge"])) if has]
    state = ""
    if one["revoked"]:
        by = author(one["revoked_by"] or "") or "—"
        state = _("revoked {moment} by {name}").format(moment=moments.moment(one["revoked_at"]), name=by)
    return [
        Cell(text=one["display_name"], style="dim" if one["revoked"] else None),
        role_name(one["role"]),
        " + ".join(ways) or "—",
        Cell(text=state, style="yellow"),
        Cell(text=one["id"], style="dim"),
    ]
