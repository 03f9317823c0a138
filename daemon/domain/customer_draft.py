"""A customer as a file gives it, before it has an id: texts of cells in, values of the API's fields out.

What cannot be read is left out and told; the rest of the customer stays. Blanks are no values: they overwrite nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypedDict, TypeVar, cast

from daemon.domain import amount, birthday, company_number, mail_address, phone, postal_code
from daemon.domain.cell_words import CIVILITIES, COMPANIES, Consent, consent, is_marked, language
from daemon.domain.countries import country_code
from daemon.domain.folding import fold
from daemon.domain.foreign_cells import ARCHIVED
from daemon.domain.foreign_systems import OTHER
from daemon.domain.headings import FULL_NAME, SIREN
from daemon.domain.kinds import CHANNELS, CUSTOMER, SHAPES, Kind
from daemon.domain.payment_card import holds_payment_card, is_payment_card
from daemon.errors import OperatorMistake

T = TypeVar("T")


class AddressDraft(TypedDict, total=False):
    """One address; the country is always there (ISO 3166-1)."""

    line1: str
    line2: str
    postal_code: str
    city: str
    country: str


class OtherAddressDraft(TypedDict):
    """An address beside the main one."""

    label: str
    address: AddressDraft


class CreditDraft(TypedDict):
    """What a shop owes: an opening credit note. Without a number one is made from the line's key."""

    origin: Literal["store credit", "gift card", "credit note"]
    number: str
    cents: int


class CustomerDraft(TypedDict, total=False):
    """The fields of a customer under their names in the API; an absent one is not known.

    From `source_id` on: what only an import brings. `points` are those that stand, `points_added` come on top.
    """

    kind: Literal["person", "company"]
    civility: str
    first_name: str
    last_name: str
    company_name: str
    siret: str
    vat_number: str
    code: str
    email: str
    mobile: str
    phone: str
    address: AddressDraft
    birthday: str
    language: str
    member_number: str
    tags: list[str]
    note: str
    cards: list[str]
    consents: dict[str, Consent]
    source_id: str
    addresses: list[OtherAddressDraft]
    points: int
    points_added: int
    credits: list[CreditDraft]
    archived: bool
    groups: list[str]
    npai: bool
    bad_address: bool


ONLY_IMPORTED: Final = frozenset({"source_id", "addresses", "points", "points_added", "credits", "archived", "npai"})
"""What a file brings and no file of ours takes away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What was wrong with one cell: the field that it should have filled (empty: the whole line), and a sentence."""

    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Customs:
    """What a chain says about files of its own: the country of addresses without one, the first digits of its cards."""

    country: str = "FR"
    card_prefixes: tuple[str, ...] = ()


_LENGTHS: Final = {shape.name: shape.length_max for shape in CUSTOMER.fields.values()}
_NAME_LENGTH_MAX: Final = _LENGTHS["name"]
_NOTE_LENGTH_MAX: Final = SHAPES[Kind.NOTE].fields[1].length_max
_TAG_LENGTH_MAX: Final = SHAPES[Kind.TAG].fields[1].length_max
_CARD_LENGTH_MAX: Final = SHAPES[Kind.CARD].fields[1].length_max
_LABEL_LENGTH_MAX: Final = SHAPES[Kind.ADDRESS].fields[2].length_max
_SOURCE_ID_LENGTH_MAX: Final = 64
_NUMBER_LENGTH_MAX: Final = SHAPES[Kind.CREDIT_NOTE].fields[1].length_max
_LIST: Final = re.compile(r"[,;|\n]")

_IDENTIFYING: Final = (
    "last_name",
    "first_name",
    "company_name",
    "email",
    "mobile",
    "phone",
    "code",
    "cards",
    "member_number",
)


def draft_of(
    cells: Mapping[str, str], customs: Customs, *, adds_only: bool = False
) -> tuple[CustomerDraft | None, tuple[Fault, ...]]:
    """The customer of one line, by field of `headings.field_of`; None when what is left names nobody.

    `adds_only`: what the line says is for a customer whom it names by id or e-mail alone.
    """
    reading = _Reading({name: text for name, text in cells.items() if text.strip()}, customs)
    draft = CustomerDraft()
    _read_names(reading, draft)
    _read_numbers(reading, draft)
    _read_address(reading, draft, adds_only=adds_only)
    _read_reach(reading, draft)
    _read_lists(reading, draft)
    _read_opening(reading, draft)
    if not any(name in draft for name in (("source_id", "email") if adds_only else _IDENTIFYING)):
        return None, (*reading.faults, Fault(field="", sentence="the line names nobody"))
    if adds_only:
        return draft, tuple(reading.faults)
    says_nothing = not reading.cells.get("kind")
    company = "first_name" not in draft and (
        ("company_name" in draft and "last_name" not in draft)
        or ("last_name" in draft and "siret" in draft and says_nothing)
    )
    draft["kind"] = "company" if company or reading.says_company else "person"
    if draft["kind"] == "company" and "company_name" not in draft and "last_name" in draft:
        draft["company_name"] = " ".join(filter(None, (draft.pop("first_name", ""), draft.pop("last_name"))))
    return draft, tuple(reading.faults)


@dataclass
class _Reading:
    """The cells of one line on their way: what was read, what was wrong."""

    cells: dict[str, str]
    customs: Customs
    faults: list[Fault] = field(default_factory=list)

    @property
    def says_company(self) -> bool:
        return fold(self.cells.get("kind", "")) in COMPANIES

    def take(self, name: str, read: Callable[[str], T]) -> T | None:
        """The value of a cell, or None when it is blank or wrong; a wrong one is told."""
        text = self.cells.get(name)
        if text is None:
            return None
        try:
            return read(text)
        except OperatorMistake as wrong:
            prefix = f"{wrong.field}: "
            self.faults.append(Fault(field=name, sentence=str(wrong).removeprefix(prefix)))
            return None


def _line_of(length_max: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        return _short(" ".join(_printable(text).split()), length_max)

    return read


def _card_line(text: str) -> str:
    """One card number; whether it is one of payment is asked with the chain's own prefixes at hand."""
    line = " ".join(_printable(text).split())
    if len(line) > _CARD_LENGTH_MAX:
        raise OperatorMistake(f"the text has more than {_CARD_LENGTH_MAX} characters")
    return line


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign in "\n\u00a0\u202f" else " " for sign in text.replace("\r\n", "\n")
    )


def _short(text: str, length_max: int) -> str:
    if len(text) > length_max:
        raise OperatorMistake(f"the text has more than {length_max} characters")
    if not text:
        raise OperatorMistake("the text has no visible character")
    if holds_payment_card(text):
        raise OperatorMistake("a payment card is never read")
    return text


def _read_names(reading: _Reading, draft: CustomerDraft) -> None:
    half = _line_of(_NAME_LENGTH_MAX // 2)
    both = reading.take(FULL_NAME, half)
    if both is not None and "last_name" not in reading.cells:
        first, last = _split_name(both)
        draft["last_name"] = last
        if first and "first_name" not in reading.cells:
            draft["first_name"] = first
    for name in ("first_name", "last_name"):
        _put(draft, name, reading.take(name, half))
    _put(draft, "company_name", reading.take("company_name", _line_of(_LENGTHS["company_name"])))
    _put(draft, "civility", reading.take("civility", _civility))


def _split_name(both: str) -> tuple[str, str]:
    """(first, last): `Anne LE GOFF` by its capitals, two words in their order, anything else as one last name."""
    parts = both.split()
    capitals = [part.isupper() and len(part) > 1 for part in parts]
    if any(capitals) and not all(capitals):
        return (
            " ".join(part for part, is_last in zip(parts, capitals, strict=True) if not is_last),
            " ".join(part for part, is_last in zip(parts, capitals, strict=True) if is_last),
        )
    return (parts[0], parts[1]) if len(parts) == 2 else ("", both)


def _civility(text: str) -> str:
    return CIVILITIES.get(fold(text)) or _line_of(_LENGTHS["civility"])(text)


def _read_numbers(reading: _Reading, draft: CustomerDraft) -> None:
    _put(draft, "siret", reading.take(SIREN, _siret_of_siren))
    _put(draft, "siret", reading.take("siret", company_number.parse_siret))
    _put(draft, "vat_number", reading.take("vat_number", company_number.parse_vat))
    _put(draft, "code", reading.take("code", _line_of(_LENGTHS["code"])))
    _put(draft, "member_number", reading.take("member_number", _line_of(_LENGTHS["member_number"])))


def _siret_of_siren(text: str) -> str:
    if sum(sign.isdecimal() for sign in text) == 9:
        company_number.parse_siren(text)
        raise OperatorMistake("a SIREN alone is not kept: the SIRET is wanted")
    return company_number.parse_siret(text)


def _read_address(reading: _Reading, draft: CustomerDraft, *, adds_only: bool) -> None:
    address = _address(reading, "address")
    if address and adds_only:
        label = reading.take("address.label", _line_of(_LABEL_LENGTH_MAX)) or ""
        draft["addresses"] = [OtherAddressDraft(label=label, address=address)]
    elif address:
        draft["address"] = address
    other = _address(reading, OTHER)
    if other and other != address:
        label = reading.take(f"{OTHER}.label", _line_of(_LABEL_LENGTH_MAX)) or ""
        draft["addresses"] = [OtherAddressDraft(label=label, address=other)]


def _address(reading: _Reading, name: str) -> AddressDraft:
    line = _line_of(_LENGTHS["address"])
    country = reading.take(f"{name}.country", country_code) or reading.customs.country
    address = AddressDraft()
    _put(address, "line1", reading.take(f"{name}.line1", line))
    _put(address, "line2", reading.take(f"{name}.line2", line))
    _put(address, "postal_code", reading.take(f"{name}.postal_code", lambda text: _postal_code(text, country)))
    _put(address, "city", reading.take(f"{name}.city", line))
    if address:
        address["country"] = country
    return address


def _postal_code(text: str, country: str) -> str:
    digits = text.strip()
    if country == "FR" and len(digits) == 4 and digits.isdecimal():
        text = f"0{digits}"  # 01000 is a number to a spreadsheet program, and loses its zero
    return postal_code.parse(text, country=country)


def _read_reach(reading: _Reading, draft: CustomerDraft) -> None:
    address = draft.get("address") or next((one["address"] for one in draft.get("addresses", [])), AddressDraft())
    region = phone.region_of(address.get("postal_code", ""), address.get("country", reading.customs.country))
    for name in ("mobile", "phone"):
        _put(draft, name, reading.take(name, lambda text: phone.parse(text, region=region)))
    other = reading.take("other_phone", lambda text: phone.parse(text, region=region))
    for number in (draft.pop("phone", None), other):
        if number is not None and number not in {draft.get("mobile"), draft.get("phone")}:
            _put_number(draft, number)
    _put(draft, "email", reading.take("email", lambda text: mail_address.parse(text).typed))
    _put(draft, "birthday", reading.take("birthday", _birthday))
    _put(draft, "language", reading.take("language", language))


def _put_number(draft: CustomerDraft, number: str) -> None:
    """A number in its place, if that is free."""
    if "mobile" not in draft and phone.is_mobile(number):
        draft["mobile"] = number
    elif "phone" not in draft:
        draft["phone"] = number


def _birthday(text: str) -> str | None:
    if text.strip() == "0000-00-00":  # how MySQL writes none
        return None
    return birthday.parse(text).text


def _read_lists(reading: _Reading, draft: CustomerDraft) -> None:
    _put(draft, "tags", reading.take("tags", _tags))
    _put(draft, "groups", reading.take("groups", _tags))
    _put(draft, "npai", reading.take("npai", is_marked))
    _put(draft, "bad_address", reading.take("bad_address", is_marked))
    _put(draft, "cards", reading.take("cards", lambda text: _cards(text, reading.customs.card_prefixes)))
    _put(draft, "note", reading.take("note", lambda text: _short(_printable(text).strip(), _NOTE_LENGTH_MAX)))
    consents: dict[str, Consent] = {}
    for channel in CHANNELS:
        _put(consents, channel, reading.take(f"consents.{channel}", consent))
    if consents:
        draft["consents"] = consents


def _read_opening(reading: _Reading, draft: CustomerDraft) -> None:
    """What only an import brings: the id in the system that the file is from, and what stands open there."""
    _put(draft, "source_id", reading.take("source_id", _line_of(_SOURCE_ID_LENGTH_MAX)))
    _put(draft, "points", reading.take("points", _points) or None)
    _put(draft, "points_added", reading.take("points_added", amount.parse_points) or None)
    credits_ = [
        _credit(reading, "store credit", "", "store_credit"),
        _credit(reading, "gift card", "gift_card", "gift_balance"),
        _credit(reading, "credit note", "credit_note", "credit_note_balance"),
    ]
    _put(draft, "credits", [credit for credit in credits_ if credit])
    if reading.cells.get(ARCHIVED):
        draft["archived"] = True


def _points(text: str) -> int:
    """Points that stand; a debt of points would be booked as owed, and could not be taken back."""
    points = amount.parse_points(text)
    if points < 0:
        raise OperatorMistake("less than nothing is no balance of points: it is left out")
    return points


def _credit(
    reading: _Reading, origin: Literal["store credit", "gift card", "credit note"], number: str, balance: str
) -> CreditDraft | None:
    """An open amount, if there is one: nothing owed is nothing to book, and a debt is no credit."""
    cents = reading.take(balance, amount.parse_cents)
    if not cents:
        return None
    if cents < 0:
        reading.faults.append(Fault(field=balance, sentence="less than nothing is no credit: it is left out"))
        return None
    return CreditDraft(origin=origin, number=reading.take(number, _number) or "", cents=cents)


def _number(text: str) -> str:
    if is_payment_card(text):
        raise OperatorMistake("a payment card is never read")
    return _line_of(_NUMBER_LENGTH_MAX)(text)


def _tags(text: str) -> list[str]:
    """Comma separated; two that differ in case or accents are one."""
    line = _line_of(_TAG_LENGTH_MAX)
    return list({fold(part): line(part) for part in reversed(_LIST.split(text)) if part.strip()}.values())[::-1]


def _cards(text: str, own_prefixes: tuple[str, ...]) -> list[str]:
    cards = list(dict.fromkeys(filter(None, map(_card_line, _LIST.split(text)))))
    if any(is_payment_card(card, own_prefixes) for card in cards):
        raise OperatorMistake("a payment card is never read")
    return cards


def _put(target: object, name: str, value: object) -> None:
    """Set a key of a draft whose name is computed, when there is a value."""
    if value is not None and value != []:
        cast("dict[str, object]", target)[name] = value
