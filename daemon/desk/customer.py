"""A customer as the API shows it, made from the elements that replicas hold. Pure.

Names follow the one table of fields (`domain.kinds`). First and last name are one value, an address is one value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from daemon.desk import instant
from daemon.desk.customer_parts import (
    TAG,
    Address,
    Card,
    Conflict,
    Consents,
    Note,
    OtherAddress,
    address_of,
    birthday_of,
    card_of,
    conflict_of,
    consents_of,
    is_bad,
    is_strong,
    newest_stamp,
    notes_of,
    number,
    of_kind,
    other_address_of,
    parts_of,
    reason_of,
    text_of,
)
from daemon.domain import phone as phones
from daemon.domain.canonical import digest8
from daemon.domain.element import Element
from daemon.domain.hlc import Stamp, ms_of
from daemon.domain.kinds import CHANNELS, CUSTOM_FIELDS_FROM, CUSTOMER, Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.merge import Loser

PERSON, COMPANY = 1, 2
"""Stored spelling of the kind of customer."""

_CUSTOMER: Final = Kind.CUSTOMER
_NAME, _COMPANY_NAME, _KIND = number("name"), number("company_name"), number("kind")
_ARCHIVED = number("archived")
_WALK_IN_OF: Final = number("walk_in_of")
"""Named once: lists ask for them by the hundred."""

CustomerKind = Literal["person", "company"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """One customer. `version` is the ETag; `person` is who shows the person that this customer is part of."""

    id: str
    version: str
    person: str
    kind: CustomerKind
    display_name: str = field(repr=False)
    civility: str | None = None
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    company_name: str | None = field(default=None, repr=False)
    siret: str | None = None
    vat_number: str | None = None
    code: str | None = None
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    mobile_shown: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    phone_shown: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    addresses: tuple[OtherAddress, ...] = field(default=(), repr=False)
    bad_address: bool = False
    """Mail to the main address comes back (NPAI)."""
    no_information: bool = False
    """Every channel is refused."""
    birthday: str | None = field(default=None, repr=False)
    language: str | None = None
    member_number: str | None = None
    preferred_channel: str | None = None
    consents: Consents = field(default_factory=Consents)
    tags: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    notes: tuple[Note, ...] = ()
    records: tuple[str, ...] = ()
    """The records that were merged into this person, this one first; empty where nothing was."""
    walk_in: bool = False
    profile: bool = False
    """Nobody in particular either: an anonymous profile that carries a discount."""
    archived: bool = False
    blocked: bool = False
    blocked_reason: str | None = None
    deleted: bool = False
    created_at: str = ""
    changed_at: str = ""
    conflicts: tuple[Conflict, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict, repr=False)
    """Fields of the chain's own, by number: what they are called says `GET /custom-fields`."""
    unknown: dict[str, Any] = field(default_factory=dict)
    """Fields of a newer version, by number, as far as JSON can show them; they are kept whatever is edited here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """What a customer shows of a person of several records.

    `others`: their elements; their cards, notes, tags and addresses are its own too. `row`: its row with the values of
    the person, where it is the one that shows it.
    """

    others: Sequence[Sequence[Element]] = ()
    row: Element | None = None


def row_of(elements: Iterable[Element]) -> Element | None:
    """The customer's own row among its elements."""
    for element in elements:
        if element.kind == _CUSTOMER:
            return element
    return None


def version_of(elements: Iterable[Element]) -> str:
    """Changes whenever anything of the customer does, here or elsewhere."""
    return digest8(*(element.body() for element in elements)).hex()


def customer_of(
    elements: Sequence[Element],
    *,
    person: bytes = b"",
    merged: Merged | None = None,
    losers: Sequence[Loser] = (),
    authors: Mapping[Stamp, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Customer | None:
    """The customer of these elements, or None where there is no row of one.

    `merged`: what it shows of the records that were merged with it. `authors`: who gave a stamp; `names`: operators'
    names by id.
    Elements come in the order of the store, so that the version is stable.
    """
    merged = merged or Merged()
    row = merged.row or row_of(elements)
    if row is None:
        return None
    value = _Values(row)
    first, last = value.parts("name", 2)
    stamps = [newest_stamp(element) for element in elements]
    whole = [*elements, *(one for record in merged.others for one in record)]
    return Customer(
        id=row.entity.hex(),
        version=version_of(elements),
        person=(person or row.entity).hex(),
        kind="company" if row.fields.get(number("kind")) == COMPANY else "person",
        display_name=display_name(row),
        civility=value.text("civility"),
        first_name=first or None,
        last_name=last or None,
        company_name=value.text("company_name"),
        siret=value.text("siret"),
        vat_number=value.text("vat_number"),
        code=value.text("code"),
        email=value.text("email"),
        mobile=value.text("mobile"),
        mobile_shown=_national(value.text("mobile")),
        phone=value.text("phone"),
        phone_shown=_national(value.text("phone")),
        address=address_of(row.fields.get(number("address"))),
        addresses=tuple(other_address_of(element) for element in of_kind(whole, Kind.ADDRESS)),
        bad_address=is_bad(row, number("address"), number("bad_address")),
        no_information=all(is_strong(row, number(f"consent_{channel}")) for channel in CHANNELS),
        birthday=birthday_of(row.fields.get(number("birthday"))),
        language=value.text("language"),
        member_number=value.text("member_number"),
        preferred_channel=value.text("preferred_channel"),
        consents=consents_of(row, names or {}),
        tags=tuple(sorted({text_of(element.fields.get(TAG)) for element in of_kind(whole, Kind.TAG)})),
        cards=tuple(card_of(element, authors or {}, names or {}) for element in of_kind(whole, Kind.CARD)),
        notes=notes_of(whole, names or {}),
        records=(row.entity.hex(), *(one[0].entity.hex() for one in merged.others)) if merged.others else (),
        walk_in=is_walk_in(row),
        profile=is_profile(row),
        archived=is_strong(row, number("archived")),
        blocked=is_strong(row, number("blocked")),
        blocked_reason=reason_of(row, number("blocked")),
        deleted=is_deleted(row),
        created_at=instant.shown(ms_of(row.base)),
        changed_at=instant.shown(ms_of(max(stamps))),
        conflicts=tuple(conflict_of(loser, authors or {}, names or {}) for loser in losers),
        custom=_custom(row),
        unknown=_unknown(row),
    )


def display_name(row: Element) -> str:
    """What a list calls this customer: first and last name, or the company's."""
    first, last = parts_of(row.fields.get(_NAME), 2)
    person = f"{first} {last}" if first and last else first or last
    company = text_of(row.fields.get(_COMPANY_NAME))
    if row.fields.get(_KIND) == COMPANY:
        return company or person
    return person or company


def is_walk_in(row: Element) -> bool:
    """Whether this is nobody in particular at some point of sale."""
    return row.fields.get(_WALK_IN_OF) is not None


def is_profile(row: Element) -> bool:
    """Whether this is an anonymous profile."""
    return row.fields.get(number("profile")) == 1


def is_anonymous(row: Element) -> bool:
    """Whether this is nobody in particular: no consents, notes, cards, tags; neither merged nor erased."""
    return is_walk_in(row) or is_profile(row)


def _unknown(row: Element) -> dict[str, Any]:
    known = CUSTOMER.fields
    found = sorted(row.fields.items())
    return {str(at): _plain(value) for at, value in found if at not in known and at < CUSTOM_FIELDS_FROM}


def _custom(row: Element) -> dict[str, Any]:
    return {str(at): _plain(value) for at, value in sorted(row.fields.items()) if at >= CUSTOM_FIELDS_FROM}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value


def _national(e164: str | None) -> str | None:
    return phones.national(e164) if e164 else None


class _Values:
    """A row read by the names of its fields."""

    __slots__ = ("fields",)

    def __init__(self, row: Element) -> None:
        self.fields = row.fields

    def text(self, name: str) -> str | None:
        value = self.fields.get(number(name))
        return value if isinstance(value, str) and value else None

    def parts(self, name: str, count: int) -> tuple[str, ...]:
        return parts_of(self.fields.get(number(name)), count)
