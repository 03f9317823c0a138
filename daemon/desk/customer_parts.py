"""What belongs to a customer, as the API shows it: addresses, consents, cards, notes, values that lost. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from daemon.desk import instant
from daemon.domain import birthday as birthdays
from daemon.domain.element import Element
from daemon.domain.hlc import Stamp, ms_of
from daemon.domain.kinds import CHANNELS, CUSTOMER, UNSHOWN, Kind, field_shape, is_secret
from daemon.domain.merge import Loser

CardState = Literal["active", "lost", "replaced"]
ConsentState = Literal["granted", "refused", "expired", "unknown"]
"""An expired grant was one once; it counts as no, and the customer is asked again."""

CARD_NUMBER, CARD_MEDIUM, CARD_BLOCKED, CARD_SINCE, CARD_STATE = 1, 2, 3, 4, 5
NOTE_TEXT, NOTE_SHOW, NOTE_DONE, NOTE_WRITTEN, NOTE_AUTHOR = 1, 2, 3, 4, 5
TAG = 1
ADDRESS, ADDRESS_LABEL, ADDRESS_BAD = 1, 2, 3
"""Fields of the kinds that belong to a customer, as `domain.kinds` numbers them."""

_NUMBERS = {shape.name: at for at, shape in CUSTOMER.fields.items()}


def number(name: str) -> int:
    """The number of a customer's field by its name in the API."""
    return _NUMBERS[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """One address; `country` is ISO 3166-1."""

    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "FR"

    @property
    def stored(self) -> tuple[str, ...]:
        """As rows and records hold it."""
        return (self.line1, self.line2, self.postal_code, self.city, self.country)


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherAddress:
    """A further address of a customer; `customer` is the record that has it, of those merged into one person."""

    id: str
    customer: str = ""
    label: str
    address: Address
    bad: bool = False
    """Mail to it comes back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """What a customer said about one channel; what is not granted counts as no."""

    state: ConsentState = "unknown"
    date: str | None = None
    source: str | None = None
    wording: str | None = None
    operator: str | None = None
    expiry: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Consents:
    """What a customer said, channel by channel."""

    newsletter: Consent = field(default_factory=Consent)
    contests: Consent = field(default_factory=Consent)
    email: Consent = field(default_factory=Consent)
    sms: Consent = field(default_factory=Consent)
    phone: Consent = field(default_factory=Consent)
    post: Consent = field(default_factory=Consent)


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One card or badge; `since` and `by` are of its present state. `customer`: the record that has it."""

    id: str
    customer: str = ""
    number: str = field(repr=False)
    medium: str
    state: CardState
    blocked: bool
    reason: str | None
    since: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A note; `author` is the name of the operator where it is known. `customer`: the record that has it."""

    id: str
    customer: str = ""
    text: str = field(repr=False)
    author: str
    written_at: str
    show_at_till: bool
    done: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A value that lost to one whose author had not seen it: a person may want to look."""

    field: str
    value: str = dataclasses.field(repr=False)
    at: str
    by: str
    site: int


def newest_stamp(element: Element) -> Stamp:
    """When anything of an element was last set."""
    return max(element.stamps.values(), default=element.base) if element.stamps else element.base


def is_strong(element: Element, field_number: int) -> bool:
    """Whether a guarded field stands on its refusing side: blocked, archived, refused."""
    value = element.fields.get(field_number)
    return isinstance(value, tuple) and bool(value) and bool(value[0])


def is_bad(element: Element, address: int, mark: int) -> bool:
    """Whether mail to this very version of an address comes back: a later one is not marked."""
    value = element.fields.get(mark)
    return value is not None and value == element.stamp(address) and element.fields.get(address) is not None


def reason_of(element: Element, field_number: int) -> str | None:
    """Why a guarded field stands there, where somebody said so."""
    value = element.fields.get(field_number)
    if isinstance(value, tuple) and value and value[0] and len(value) > 2 and isinstance(value[2], str):
        return value[2] or None
    return None


def address_of(value: Any) -> Address | None:
    """A stored address."""
    if not isinstance(value, tuple):
        return None
    line1, line2, postal_code, city, country = parts_of(value, 5)
    return Address(line1=line1, line2=line2, postal_code=postal_code, city=city, country=country or "FR")


def birthday_of(value: Any) -> str | None:
    """A stored birthday as text; one that is no date (of a foreign program) is not shown."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    year, month, day = value
    if not isinstance(month, int) or not isinstance(day, int) or not isinstance(year, int | None):
        return None
    return birthdays.Birthday(year=year, month=month, day=day).text


def consents_of(row: Element, names: Mapping[str, str]) -> Consents:
    """What the customer said, channel by channel, as it was given."""
    said = {channel: _consent(row.fields.get(number(f"consent_{channel}")), names) for channel in CHANNELS}
    return Consents(**said)


def _consent(value: Any, names: Mapping[str, str]) -> Consent:
    if not isinstance(value, tuple) or len(value) < 2:
        return Consent()
    date_ms, source, wording, operator, expiry_ms = (*value[2:], None, None, None, None, None)[:5]
    return Consent(
        state="refused" if value[0] else "granted",
        date=instant.shown(date_ms) if isinstance(date_ms, int) else None,
        source=source if isinstance(source, str) else None,
        wording=wording if isinstance(wording, str) else None,
        operator=names.get(operator, operator) if isinstance(operator, str) else None,
        expiry=instant.shown(expiry_ms) if isinstance(expiry_ms, int) else None,
    )


def consents_at(said: Consents, now_ms: int) -> Consents:
    """What the customer said as it counts at a moment: grants expire."""
    over = {
        channel: replace(consent, state="expired")
        for channel in CHANNELS
        if (consent := getattr(said, channel)).state == "granted"
        and consent.expiry is not None
        and instant.parse(consent.expiry, field="expiry") <= now_ms
    }
    return replace(said, **over)


def is_over(consent: tuple[Any, ...], now_ms: int) -> bool:
    """Whether a grant has expired."""
    expiry_ms = consent[6] if len(consent) > 6 else None
    return isinstance(expiry_ms, int) and expiry_ms <= now_ms


def card_of(element: Element, authors: Mapping[Stamp, str], names: Mapping[str, str]) -> Card:
    """A card as it is shown; who stands beside its last change is known by the change's stamp."""
    blocked = is_strong(element, CARD_BLOCKED)
    state = text_of(element.fields.get(CARD_STATE))
    since, by = element.fields.get(CARD_SINCE), authors.get(newest_stamp(element), "")
    if element.stamps:
        since = ms_of(newest_stamp(element))
    return Card(
        id=element.dot.hex(),
        customer=element.entity.hex(),
        number=text_of(element.fields.get(CARD_NUMBER)),
        medium=text_of(element.fields.get(CARD_MEDIUM)),
        state="lost" if state == "lost" else "replaced" if state == "replaced" else "active",
        blocked=blocked,
        reason=reason_of(element, CARD_BLOCKED),
        since=instant.shown(since if isinstance(since, int) else ms_of(element.base)),
        by=names.get(by, by),
    )


def notes_of(elements: Sequence[Element], names: Mapping[str, str]) -> tuple[Note, ...]:
    """A customer's notes, the newest first."""
    found = sorted(of_kind(elements, Kind.NOTE), key=lambda element: (element.base, element.dot), reverse=True)
    return tuple(_note(element, names) for element in found)


def _note(element: Element, names: Mapping[str, str]) -> Note:
    author = text_of(element.fields.get(NOTE_AUTHOR))
    written = element.fields.get(NOTE_WRITTEN)
    return Note(
        id=element.dot.hex(),
        customer=element.entity.hex(),
        text=text_of(element.fields.get(NOTE_TEXT)),
        author=names.get(author, author),
        written_at=instant.shown(written if isinstance(written, int) else ms_of(element.base)),
        show_at_till=element.fields.get(NOTE_SHOW) == 1,
        done=element.fields.get(NOTE_DONE) == 1,
    )


def other_address_of(element: Element) -> OtherAddress:
    """A further address."""
    return OtherAddress(
        id=element.dot.hex(),
        customer=element.entity.hex(),
        label=text_of(element.fields.get(ADDRESS_LABEL)),
        address=address_of(element.fields.get(ADDRESS)) or Address(),
        bad=is_bad(element, ADDRESS, ADDRESS_BAD),
    )


def conflict_of(loser: Loser, authors: Mapping[Stamp, str], names: Mapping[str, str]) -> Conflict:
    """A value that lost, with the name of its field and who had written it."""
    by = authors.get(loser.stamp, "")
    shape = field_shape(loser.key[1], loser.number)
    return Conflict(
        field=shape.name if shape else str(loser.number),
        value=UNSHOWN if is_secret(loser.key[1], loser.number) else value_text(loser.value),
        at=instant.shown(ms_of(loser.stamp)),
        by=names.get(by, by),
        site=loser.stamp[1],
    )


def value_text(value: Any) -> str:
    """Any stored value in one line, for a person to compare."""
    if isinstance(value, tuple):
        return " ".join(value_text(part) for part in value if part not in (None, ""))
    return value.hex() if isinstance(value, bytes) else "" if value is None else str(value)


def of_kind(elements: Iterable[Element], kind: Kind) -> list[Element]:
    """Those of one kind, in their order."""
    return [element for element in elements if element.kind == kind]


def text_of(value: Any) -> str:
    """A stored text; empty for anything else."""
    return value if isinstance(value, str) else ""


def parts_of(value: Any, count: int) -> tuple[str, ...]:
    """A stored value of several texts; empty ones for what is missing."""
    if not isinstance(value, tuple):
        return ("",) * count
    texts = tuple([part if isinstance(part, str) else "" for part in value[:count]])
    return texts if len(texts) == count else texts + ("",) * (count - len(texts))
