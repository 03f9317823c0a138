"""What a customer looks like on a page: the loyalty card, what they said to each channel, their cards. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Card, Consent, ConsentState, Note
from daemon.desk.print_shown import PrintJobShown
from daemon.desk.search_answer import CustomerBrief
from daemon.domain import phone as phones
from daemon.domain.card_symbol import number_as_read
from daemon.domain.kinds import CHANNELS
from daemon.web.barcode_svg import Bars, bars_of
from daemon.web.i18n import Words

CHANNEL_WORDS: Final = {
    "newsletter": "Newsletter",
    "contests": "Contests",
    "email": "E-mail",
    "sms": "SMS",
    "phone": "Phone",
    "post": "Post",
}
FIELD_WORDS: Final = {
    "name": "Name",
    "kind": "Kind of customer",
    "company_name": "Company name",
    "siret": "SIRET",
    "vat_number": "VAT number",
    "email": "E-mail",
    "mobile": "Mobile",
    "phone": "Phone",
    "address": "Address",
    "birthday": "Birthday",
    "language": "Language",
    "member_number": "Member number",
    "code": "Customer code",
}
"""Message ids of the names of fields, for values that lost."""

NAME_LINE_MAX: Final = 14
"""A longer part of a name is set in a smaller size, so that the card never cuts it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardFace:
    """The loyalty card as it is drawn: the very number that a badge of this customer would carry."""

    name_lines: tuple[str, ...] = field(repr=False)
    is_long: bool
    code: str | None
    number: str = field(repr=False)
    bars: Bars | None
    since: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRow:
    """What a customer said about one channel; `label` is a message id."""

    channel: str
    label: str
    state: ConsentState
    date_ms: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LostValue:
    """A value that lost to one whose author had not seen it; `label` is a message id or a name of a newer version."""

    label: str
    value: str = field(repr=False)
    at_ms: int
    site: int
    by: str


def card_face(customer: Customer | CustomerBrief, number: str = "", since: str = "") -> CardFace:
    """The card of a customer; without a number of its own it carries the customer's code."""
    shown = number or customer.code or ""
    lines = name_lines(customer)
    return CardFace(
        name_lines=lines,
        is_long=max((len(part) for part in lines), default=0) > NAME_LINE_MAX,
        code=customer.code,
        number=number_as_read(shown),
        bars=bars_of(shown),
        since=since,
    )


def record_face(customer: Customer) -> CardFace:
    """The card of a whole record: the first good card decides, as on the printed badge."""
    good = next((card for card in customer.cards if is_good(card)), None)
    return card_face(customer, good.number if good else "", customer.created_at[:4])


def is_good(card: Card) -> bool:
    """Whether a scan of this card is served."""
    return card.state == "active" and not card.blocked


def name_lines(customer: Customer | CustomerBrief) -> tuple[str, ...]:
    """First name above last name; a company's whole name in one line."""
    if customer.kind == "company":
        return (customer.display_name,)
    return tuple(part for part in (customer.first_name, customer.last_name) if part) or (customer.display_name,)


def discreet(customer: Customer) -> str:
    """`Sophie L.`: who somebody is, for those who know already; a company's name is no secret."""
    if customer.kind == "company" or not (customer.first_name and customer.last_name):
        return customer.display_name
    initial = next((letter for letter in customer.last_name if letter.isupper()), customer.last_name[0])
    return f"{customer.first_name} {initial}."


def consent_rows(customer: Customer) -> tuple[ConsentRow, ...]:
    """All channels, in their order."""
    return tuple(_consent(channel, getattr(customer.consents, channel)) for channel in CHANNELS)


def consent_line(customer: Customer, words: Words) -> str:
    """`Info-lettre oui, SMS non`: what was said, and nothing of what was not asked; empty where nothing was."""
    told = [row for row in consent_rows(customer) if row.state in {"granted", "refused"}]
    parts = [f"{words.text(row.label)} {words.text('yes' if row.state == 'granted' else 'no')}" for row in told]
    return ", ".join(parts)


def till_notes(customer: Customer) -> tuple[Note, ...]:
    """The notes to be seen at identification."""
    return tuple(note for note in customer.notes if note.show_at_till and not note.done)


def lost_values(customer: Customer) -> tuple[LostValue, ...]:
    """Values that a person may want to look at, the newest first."""
    found = [
        LostValue(
            label=FIELD_WORDS.get(conflict.field, conflict.field),
            value=_spoken(conflict.field, conflict.value),
            at_ms=instant.parse(conflict.at, field="at") if conflict.at else 0,
            site=conflict.site,
            by=conflict.by,
        )
        for conflict in customer.conflicts
        if conflict.value
    ]
    return tuple(sorted(found, key=lambda one: one.at_ms, reverse=True))


def job_of(jobs: Sequence[PrintJobShown], customer: str, *, since_ms: int) -> PrintJobShown | None:
    """The print job that the record shows: the last one of this customer, while it is open or newly closed."""
    mine = next((job for job in jobs if job.customer == customer), None)
    if mine is None:
        return None
    is_open = mine.state not in {"printed", "cancelled"}
    return mine if is_open or instant.parse(mine.changed_at, field="changed_at") >= since_ms else None


def _consent(channel: str, said: Consent) -> ConsentRow:
    return ConsentRow(
        channel=channel,
        label=CHANNEL_WORDS.get(channel, channel),
        state=said.state,
        date_ms=instant.parse(said.date, field="date") if said.date else 0,
        source=said.source or "",
    )


def _spoken(name: str, value: str) -> str:
    return phones.national(value) if name in {"mobile", "phone"} and value.startswith("+") else value
