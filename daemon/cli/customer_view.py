"""How a customer, a list of them, and what an edit changed look on a terminal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from daemon.cli import moments
from daemon.cli.terminal import Cell, Column, Style, Terminal
from daemon.cli.words import _, counted, figure
from daemon.domain.author import system_user

Customer = Mapping[str, Any]

HUB_SITE: Final = 1
CHANNELS: Final = ("newsletter", "contests", "email", "sms", "phone", "post")
_UNSHOWN: Final = frozenset({"id", "version", "person", "changed_at", "created_at", "mobile_shown", "phone_shown"})


def field_name(field: str) -> str:
    """A field of the API as people call it."""
    names = {
        "kind": _("Kind"),
        "display_name": _("Name"),
        "civility": _("Title"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "company_name": _("Company"),
        "siret": _("SIRET"),
        "vat_number": _("VAT number"),
        "code": _("Code"),
        "email": _("E-mail"),
        "mobile": _("Mobile"),
        "phone": _("Telephone"),
        "address": _("Address"),
        "addresses": _("Other addresses"),
        "postal_code": _("Postal code"),
        "city": _("Town"),
        "birthday": _("Birthday"),
        "language": _("Language"),
        "member_number": _("Member number"),
        "preferred_channel": _("Preferred channel"),
        "consents": _("Consents"),
        "tags": _("Tags"),
        "tag": _("Tag"),
        "cards": _("Cards"),
        "card": _("Card"),
        "notes": _("Notes"),
        "note": _("Note"),
        "state": _("State"),
        "points": _("Points"),
        "points_added": _("Points"),
        "store_credit": _("Store credit"),
        "gift_card": _("Gift card"),
        "credit_note": _("Credit note"),
        "archived": _("Archived"),
        "blocked": _("Blocked"),
        "blocked_reason": _("Reason"),
        "conflicts": _("Values that lost"),
        "principal_group": _("Principal group"),
        "customer_type": _("Customer type"),
        "price_list": _("Price list"),
        "discount": _("Discount"),
        "tax_category": _("Tax category"),
        "account_number": _("Account number"),
    }
    return names.get(field, field)


def channel_name(channel: str) -> str:
    """A channel of consent as people call it."""
    names = {
        "newsletter": _("newsletter"),
        "contests": _("contests"),
        "email": _("e-mail"),
        "sms": _("SMS"),
        "phone": _("telephone"),
        "post": _("post"),
    }
    return names.get(channel, channel)


def show_hits(terminal: Terminal, found: Mapping[str, Any]) -> None:
    """Hits with what matched, then how many there are and how old the copy is."""
    rows = [_hit_row(hit) for hit in found["hits"]]
    columns = [*_brief_columns(), Column(title=_("Found by"), keep=2)]
    if rows:
        terminal.table(columns, rows)
    terminal.note(_count_line(found), "dim")


def show_briefs(terminal: Terminal, customers: Sequence[Customer]) -> None:
    """Customers to choose from, with their ids."""
    columns = [*_brief_columns(), Column(title="Id", keep=5)]
    terminal.table(columns, [[*_brief_row(customer), Cell(text=customer["id"], style="dim")] for customer in customers])


def show_customer(terminal: Terminal, customer: Customer) -> None:
    """One customer with all that belongs to it."""
    terminal.write(
        Cell(text=customer["display_name"] or _("(no name)"), style="bold"),
        Cell(text="  " + " · ".join(_headline(customer)), style="dim"),
    )
    for sentence in _warnings(customer):
        terminal.say(f"  ! {sentence}", "yellow")
    terminal.facts(list(_facts(customer)))


def changes_between(before: Customer, after: Customer) -> list[str]:
    """The fields that differ."""
    return [name for name in after if name not in _UNSHOWN and before.get(name) != after.get(name)]


def show_changes(terminal: Terminal, after: Customer, changed: Sequence[str]) -> None:
    """The customer's name and the fields that an edit changed, as they are now."""
    terminal.write(
        Cell(text=after["display_name"] or _("(no name)"), style="bold"),
        Cell(text="  " + " · ".join(_headline(after)), style="dim"),
    )
    terminal.facts([(field_name(name), value_text(name, after) or "—") for name in changed if name != "display_name"])


def value_text(name: str, customer: Customer) -> str:
    """Any field of a customer in a few lines."""
    texts: dict[str, Callable[[], str]] = {
        "address": lambda: _address(customer["address"]),
        "addresses": lambda: "\n".join(_address(one["address"]) for one in customer["addresses"]),
        "birthday": lambda: moments.birthday(customer["birthday"]),
        "mobile": lambda: customer["mobile_shown"] or "",
        "phone": lambda: customer["phone_shown"] or "",
        "kind": lambda: _("company") if customer["kind"] == "company" else _("person"),
        "tags": lambda: ", ".join(customer["tags"]),
        "consents": lambda: _consents(customer["consents"]),
        "cards": lambda: "\n".join(_card(card) for card in customer["cards"]),
        "notes": lambda: "\n".join(_note(note) for note in customer["notes"]),
        "conflicts": lambda: "\n".join(_conflict(conflict) for conflict in customer["conflicts"]),
    }
    if name in texts:
        return texts[name]()
    value = customer.get(name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _brief_columns() -> list[Column]:
    return [
        Column(title=_("Code"), keep=4),
        Column(title=_("Name"), keep=5),
        Column(title=_("Town"), keep=2),
        Column(title=_("Telephone"), keep=4),
        Column(title=_("E-mail"), keep=3),
    ]


def _brief_row(customer: Customer) -> list[str | Cell]:
    address = customer.get("address") or customer
    town = " ".join(part for part in (address.get("postal_code"), address.get("city")) if part)
    style: Style | None = "dim" if customer["archived"] or customer["blocked"] else None
    return [
        customer["code"] or "",
        Cell(text=customer["display_name"], style=style),
        town,
        customer["mobile_shown"] or customer["phone_shown"] or "",
        customer["email"] or "",
    ]


def _hit_row(hit: Mapping[str, Any]) -> list[str | Cell]:
    row = _brief_row(hit["customer"])
    almost = {"sounds_like": _("almost: sounds the same"), "typing": _("almost: a slip of typing")}
    match = next((one for one in hit["matches"] if one["nearness"] in almost), hit["matches"][0])
    label = f"{field_name(match['field'])} "
    ranges = tuple((start + len(label), end + len(label)) for start, end in match["ranges"])
    why = f" ({almost[match['nearness']]})" if match["nearness"] in almost else ""
    return [*row, Cell(text=label + match["text"] + why, ranges=ranges)]


def _count_line(found: Mapping[str, Any]) -> str:
    shown, total = len(found["hits"]), found["total"]
    if not shown:
        said = _("Nobody found.")
    elif found["cut"]:
        sentence = _("{shown} first of more than {total}") if found["more_than"] else _("{shown} first of {total}")
        said = sentence.format(shown=figure(shown), total=figure(total))
    else:
        said = counted("{n} customer", "{n} customers", shown)
    return " · ".join([said, *copy_line(found["copy"])])


def copy_line(copy: Mapping[str, Any]) -> Iterator[str]:
    """How old this copy of the chain is, and what waits for head office."""
    if copy["proved_at"] is not None:
        yield _("copy proved equal {ago}").format(ago=moments.ago(copy["age_s"]))
    elif copy["age_s"] is None:
        yield _("copy not proved equal yet")
    if copy["waiting"]:
        yield counted("{n} waiting for head office", "{n} waiting for head office", copy["waiting"])
    if copy.get("indexed", 1) < 1:
        yield _("names are being indexed again: {share} % can be found").format(share=int(copy["indexed"] * 100))


def _headline(customer: Customer) -> Iterator[str]:
    yield _("company") if customer["kind"] == "company" else _("person")
    if customer["code"]:
        yield customer["code"]
    if customer["walk_in"]:
        yield _("walk-in customer of a shop")


def _warnings(customer: Customer) -> Iterator[str]:
    if customer["blocked"]:
        reason = customer["blocked_reason"]
        yield _("Blocked: {reason}").format(reason=reason) if reason else _("Blocked")
    if customer["archived"]:
        yield _("Archived")
    for note in customer["notes"]:
        if note["show_at_till"] and not note["done"]:
            yield note["text"]


def _facts(customer: Customer) -> Iterator[tuple[str, str | Cell]]:
    names = [
        *("civility", "first_name", "last_name", "company_name") * (customer["kind"] == "company"),
        *("siret", "vat_number", "email", "mobile", "phone", "address", "addresses", "birthday", "language"),
        *("member_number", "cards", "tags", "consents", "preferred_channel", "notes"),
    ]
    for name in names:
        if name != "company_name":
            yield field_name(name), value_text(name, customer)
    lost = value_text("conflicts", customer)
    yield field_name("conflicts"), Cell(text=lost, style="yellow")
    yield _("Changed"), moments.moment(customer["changed_at"])
    yield "Id", Cell(text=customer["id"], style="dim")


def _address(address: Mapping[str, str] | None) -> str:
    if not address:
        return ""
    town = " ".join(part for part in (address["postal_code"], address["city"]) if part)
    country = "" if address["country"] == "FR" else address["country"]
    return ", ".join(part for part in (address["line1"], address["line2"], town, country) if part)


def _consents(consents: Mapping[str, Mapping[str, Any]]) -> str:
    said = []
    for channel in CHANNELS:
        consent = consents[channel]
        if consent["state"] != "unknown":
            answers = {"granted": _("yes"), "refused": _("no")}
            answer = answers.get(consent["state"], _("expired, to be asked again"))
            details = ", ".join(part for part in (moments.day(consent["date"]), consent["source"]) if part)
            said.append(f"{channel_name(channel)} {answer}" + (f" ({details})" if details else ""))
    return " · ".join(said)


def _card(card: Mapping[str, Any]) -> str:
    states = {"active": "", "lost": _("lost"), "replaced": _("replaced")}
    blocked = (card["reason"] or _("blocked")) if card["blocked"] and card["state"] == "active" else ""
    since = _("since {day}").format(day=moments.day(card["since"])) if card["since"] else ""
    return ", ".join(part for part in (card["number"], card["medium"], states[card["state"]], blocked, since) if part)


def author(name: str) -> str:
    """Who stands beside something; a user of a machine is said to be one."""
    user = system_user(name)
    return _("system: {user}").format(user=user) if user else name


def _note(note: Mapping[str, Any]) -> str:
    head = ", ".join(part for part in (moments.day(note["written_at"]), author(note["author"])) if part)
    done = f" ({_('done')})" if note["done"] else ""
    return f"{' '.join(note['text'].split())}  — {head}{done}"


def _conflict(conflict: Mapping[str, Any]) -> str:
    site = conflict["site"]
    where = _("head office") if site == HUB_SITE else _("till {site}").format(site=site)
    lost = _("{name}: {text}").format(name=field_name(conflict["field"]), text=conflict["value"])
    return f"{lost}  — {where}, {moments.moment(conflict['at'])}"
