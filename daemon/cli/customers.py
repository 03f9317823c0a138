"""`comptoir customers search|show|create|edit`, and how a customer is named on the command line."""

import re
from argparse import Namespace
from collections.abc import Mapping
from typing import Any, Final

from daemon.cli import customer_view as view
from daemon.cli.caller import Caller, segment
from daemon.cli.exits import Exit
from daemon.cli.inquiry_view import search_there
from daemon.cli.invocation import Invocation
from daemon.cli.words import _
from daemon.errors import NotFound, OperatorMistake, Refusal, Taken

FIELDS: Final = (
    "kind",
    "civility",
    "first_name",
    "last_name",
    "company_name",
    "siret",
    "vat_number",
    "code",
    "email",
    "mobile",
    "phone",
    "birthday",
    "language",
    "member_number",
    "preferred_channel",
)
"""Options that are fields of the API under the same names."""

ADDRESS: Final = ("line1", "line2", "postal_code", "city", "country")
_ID: Final = re.compile(r"[0-9a-f]{16}")
_DAY: Final = re.compile(r"\d\d-\d\d")
"""A birthday without its year: the API's own `--05-03` looks like an option."""

_WHOLE: Final = ("exact", "word")
"""How near a match is where every word was typed whole: one such hit is meant, whoever else begins like it."""

CHANNELS: Final = ("newsletter", "contests", "email", "sms", "phone", "post")


def search(at: Invocation) -> int:
    """Find customers as the till does, or at head office; nobody found ends with 4."""
    if at.given.head_office:
        return search_there(at)
    with at.daemon() as daemon:
        found = daemon.get("/customers", q=" ".join(at.given.words), limit=at.given.limit)
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        view.show_hits(at.terminal, found)
    return Exit.OK if found["hits"] else Exit.NOT_FOUND


def show(at: Invocation) -> int:
    """Show one customer."""
    with at.daemon() as daemon:
        found = daemon.get(f"/customers/{find(at, daemon, at.given.who)}")
    _shown(at, found)
    return Exit.OK


def create(at: Invocation) -> int:
    """Create a customer, or identify the one who has this e-mail."""
    body = fields_of(at.given)
    lists = {"cards": at.given.card, "tags": at.given.tag, "notes": [{"text": text} for text in at.given.note]}
    body |= {name: values for name, values in lists.items() if values}
    if not body:
        raise OperatorMistake("nothing was said of the customer: give a name, an e-mail, a telephone or a card")
    body["surface"] = at.given.surface
    if at.given.even_if_known:
        body["even_if_known"] = True
    if at.given.move_card:
        body["move_cards"] = True
    with at.daemon() as daemon:
        try:
            made = daemon.post("/customers", body, key=at.given.key)
        except Refusal as refused:
            _show_owners(at, daemon, refused)
            raise
    if at.terminal.as_json:
        at.terminal.answer(made)
        return Exit.OK
    sentence = _("This customer was here already: nothing was created.") if made["identified"] else _("Created.")
    at.terminal.note(sentence, "yellow" if made["identified"] else "green")
    view.show_customer(at.terminal, made["customer"])
    return Exit.OK


def edit(at: Invocation) -> int:
    """Change what is given; an empty text empties a field."""
    body = fields_of(at.given)
    body |= {name: value for name, value in _guards(at.given).items() if value is not None}
    with at.daemon() as daemon:
        id_ = find(at, daemon, at.given.who)
        before = daemon.fetch(f"/customers/{id_}")
        if at.given.tags is not None:
            body["tags"] = [part.strip() for part in at.given.tags.split(",") if part.strip()]
        if "address" in body:
            body["address"] = {**(before.body["address"] or {}), **(body["address"] or {})}
        after = daemon.patch(f"/customers/{id_}", body, version=before.version) if body else before.body
        after = _edit_members(daemon, id_, at.given) or after
    if at.terminal.as_json:
        at.terminal.answer(after)
        return Exit.OK
    changed = view.changes_between(before.body, after)
    at.terminal.note(_("Saved.") if changed else _("Nothing to change: it says so already."), "green")
    view.show_changes(at.terminal, after, changed)
    return Exit.OK


def find(at: Invocation, daemon: Caller, who: str) -> str:
    """The id of the customer that was named by id, code, card, e-mail, telephone or by a name that only one has.

    Raises NotFound; Taken when several fit, who are listed for a choice.
    """
    if _ID.fullmatch(who) and not who.isdecimal():
        return who
    found = daemon.post("/identify", {"email": who} if "@" in who else {"code": who})
    if found["outcome"] == "customer":
        return str(found["customer"]["id"])
    candidates = found["candidates"] or _searched(daemon, who)
    if len(candidates) == 1:
        return str(candidates[0]["id"])
    if not candidates and _ID.fullmatch(who):
        return who  # sixteen digits that are nobody's card may still be an id
    if not candidates:
        raise NotFound("no customer is found under this name, code, card or e-mail")
    if not at.terminal.as_json:
        view.show_briefs(at.terminal, candidates)
    raise Taken(
        "several customers fit: name one of them by its code or id",
        field="who",
        owners=tuple(str(candidate["id"]) for candidate in candidates),
    )


def _searched(daemon: Caller, words: str) -> list[dict[str, Any]]:
    """Those whom a search finds, the ones with these very words alone where there are such."""
    # Who is almost called so is shown by a search; a command never takes that for the name of its customer.
    hits = daemon.get("/customers", q=words, limit=10, almost=0)["hits"]
    whole = [hit for hit in hits if all(match["nearness"] in _WHOLE for match in hit["matches"])]
    return [hit["customer"] for hit in whole or hits]


def fields_of(given: Namespace) -> dict[str, Any]:
    """The fields that were given, in the shape of the API; an empty text is null."""
    body: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(given, name)
        if value is not None:
            body[name] = value or None
    if _DAY.fullmatch(given.birthday or ""):
        body["birthday"] = f"--{given.birthday}"
    address = {name: getattr(given, name) for name in ADDRESS if getattr(given, name) is not None}
    if address:
        body["address"] = address
    consents = dict(_consent(text) for text in given.consent)
    if consents:
        body["consents"] = consents
    return body


def _consent(text: str) -> tuple[str, dict[str, str]]:
    """`sms=yes` as the API says it; raises OperatorMistake."""
    channel, _equals, answer = text.partition("=")
    states = {"yes": "granted", "granted": "granted", "oui": "granted"}
    states |= {"no": "refused", "refused": "refused", "non": "refused"}
    if channel not in CHANNELS or answer.lower() not in states:
        raise OperatorMistake(f"consent: write CHANNEL=yes or CHANNEL=no, the channels are {', '.join(CHANNELS)}")
    return channel, {"state": states[answer.lower()], "source": "cli"}


def _guards(given: Namespace) -> Mapping[str, Any]:
    return {
        "archived": given.archived,
        "blocked": False if given.unblock else True if given.block is not None else None,
        "blocked_reason": given.block or None,
    }


def _edit_members(daemon: Caller, id_: str, given: Namespace) -> Any:
    """Add and drop what is not a field; what the customer is after it, or None."""
    after = None
    for tag in given.add_tag:
        after = daemon.post(f"/customers/{id_}/tags", {"tag": tag})
    for number in given.add_card:
        after = daemon.post(f"/customers/{id_}/cards", {"number": number, "move": given.move_card})
    for text in given.add_note:
        after = daemon.post(f"/customers/{id_}/notes", {"text": text, "show_at_till": given.show_at_till})
    for tag in given.remove_tag:
        daemon.delete(f"/customers/{id_}/tags/{segment(tag)}")
        after = daemon.get(f"/customers/{id_}")
    return after


def _show_owners(at: Invocation, daemon: Caller, refused: Refusal) -> None:
    """List those who have the value already."""
    owners = refused.problem.get("owners")
    if isinstance(owners, list) and not at.terminal.as_json:
        view.show_briefs(at.terminal, [daemon.get(f"/customers/{segment(str(owner))}") for owner in owners[:10]])


def _shown(at: Invocation, customer: Mapping[str, Any]) -> None:
    if at.terminal.as_json:
        at.terminal.answer(customer)
    else:
        view.show_customer(at.terminal, customer)
