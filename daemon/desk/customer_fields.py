"""What a caller says about a customer, checked and turned into values of the kinds table. Pure.

Every refusal is one sentence that names the field and repeats nothing of what was typed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Final, Literal

from daemon.desk.customer import COMPANY, PERSON, CustomerKind
from daemon.desk.customer_parts import Address, address_of, is_over, is_strong, number, parts_of
from daemon.desk.mistakes import Mistakes
from daemon.domain import birthday, company_number, mail_address, phone, postal_code
from daemon.domain.element import Element
from daemon.domain.kinds import CUSTOMER
from daemon.domain.payment_card import holds_payment_card, is_payment_card
from daemon.errors import OperatorMistake

_LENGTHS: Final = {shape.name: shape.length_max for shape in CUSTOMER.fields.values()}
_NAME_LENGTH_MAX: Final = _LENGTHS["name"] // 2
_LANGUAGE: Final = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")

Channel = Literal["email", "sms", "phone", "post"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFields:
    """What may be said of a customer; in an edit, null empties a field and what is absent stays."""

    kind: CustomerKind | None = None
    civility: str | None = None
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    company_name: str | None = field(default=None, repr=False)
    siret: str | None = None
    vat_number: str | None = None
    code: str | None = None
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    birthday: str | None = field(default=None, repr=False)
    language: str | None = None
    member_number: str | None = None
    preferred_channel: Channel | None = None


FIELD_NAMES: Final = frozenset(shape.name for shape in fields(CustomerFields))


@dataclass(frozen=True, kw_only=True, slots=True)
class Customs:
    """What this chain's numbers look like: first digits of its cards, never taken for payment numbers."""

    card_prefixes: tuple[str, ...] = ()


def stored_fields(
    given: CustomerFields, present: frozenset[str], here: Element | None, customs: Customs
) -> dict[int, Any]:
    """The values to set, by number of field; None empties. `here` is the row as it stands, None at creation.

    Raises OperatorMistake for the first field that is wrong, with the others beside it.
    """
    reading = _Reading(given, present, here, customs, Mistakes())
    values: dict[int, Any] = {}
    reading.read_names(values)
    reading.read_numbers(values)
    reading.read_reach(values)
    reading.check(values)
    reading.mistakes.refuse()
    return values


@dataclass(frozen=True, slots=True)
class _Reading:
    """One set of fields on its way."""

    given: CustomerFields
    present: frozenset[str]
    here: Element | None
    customs: Customs
    mistakes: Mistakes

    def take(self, values: dict[int, Any], name: str, read: Callable[[str], Any]) -> None:
        """Put the value of a text field that was given; an empty one empties."""
        if name in self.present:
            text = getattr(self.given, name)
            with self.mistakes:
                values[number(name)] = read(text) if text is not None and text.strip() else None

    def standing(self, name: str) -> Any:
        return self.here.fields.get(number(name)) if self.here else None

    def read_names(self, values: dict[int, Any]) -> None:
        if "kind" in self.present and self.given.kind is not None:
            values[number("kind")] = COMPANY if self.given.kind == "company" else PERSON
        if self.present & {"first_name", "last_name"}:
            values[number("name")] = self._name()
        self.take(values, "civility", lambda text: line(text, "civility", _LENGTHS["civility"]))
        self.take(values, "company_name", lambda text: line(text, "company_name", _LENGTHS["company_name"]))

    def _name(self) -> tuple[str, str] | None:
        """First and last name are one value: the half that was not given stays as it is."""
        first, last = parts_of(self.standing("name"), 2)
        with self.mistakes:
            if "first_name" in self.present:
                first = line(self.given.first_name or "", "first_name", _NAME_LENGTH_MAX)
        with self.mistakes:
            if "last_name" in self.present:
                last = line(self.given.last_name or "", "last_name", _NAME_LENGTH_MAX)
        return (first, last) if first or last else None

    def read_numbers(self, values: dict[int, Any]) -> None:
        self.take(values, "siret", company_number.parse_siret)
        self.take(values, "vat_number", company_number.parse_vat)
        self.take(values, "code", lambda text: self._code(text, "code"))
        self.take(values, "member_number", lambda text: self._code(text, "member_number"))
        self.take(values, "language", _language)
        self.take(values, "birthday", lambda text: tuple(birthday.parse(text).stored))

    def _code(self, text: str, name: str) -> str:
        found = line(text, name, _LENGTHS[name])
        refuse_payment_card(found, name, self.customs)
        return found

    def read_reach(self, values: dict[int, Any]) -> None:
        if "address" in self.present:
            address = self.given.address
            with self.mistakes:
                values[number("address")] = stored_address(address) if address else None
        region = self._region(values)
        self.take(values, "email", _mail)
        for name in ("mobile", "phone"):
            if region or not _is_national(getattr(self.given, name) or ""):
                self.take(values, name, partial(phone.parse, region=region or "FR", field=name))
        self.take(values, "preferred_channel", str)

    def _region(self, values: dict[int, Any]) -> str:
        """Where a national number is dialled: by the address as it will be, or a refused one's country; else empty."""
        given = self.given.address
        if given is None or number("address") in values:
            where = address_of(values.get(number("address"), self.standing("address"))) or Address()
            return phone.region_of(where.postal_code, where.country)
        country = given.country.strip().upper() or "FR"
        return country if _COUNTRY.fullmatch(country) else ""

    def check(self, values: dict[int, Any]) -> None:
        """What several fields say together."""
        siret = values.get(number("siret"), self.standing("siret")) or ""
        vat = values.get(number("vat_number"), self.standing("vat_number")) or ""
        numbers = {"siret", "vat_number"}
        is_read = bool(self.present & numbers) and not self.mistakes.fields & numbers
        if is_read and not company_number.same_company(siret, vat):
            self.mistakes.add(
                OperatorMistake(
                    "vat_number: the VAT number and the SIRET name two different companies", field="vat_number"
                )
            )
        code = self.standing("code")
        if code is not None and values.get(number("code"), code) != code:
            self.mistakes.add(OperatorMistake("code: the code of a customer is fixed once it is given", field="code"))


def check_preferred_channel(row: Element, values: dict[int, Any], now_ms: int) -> None:
    """A preferred channel is one that the customer granted; a refusal of it takes the preference away."""
    at = number("preferred_channel")
    channel = values.get(at, row.fields.get(at))
    if not isinstance(channel, str):
        return
    consent = number(f"consent_{channel}")
    standing = values.get(consent, row.fields.get(consent))
    granted = isinstance(standing, tuple) and bool(standing) and not standing[0] and not is_over(standing, now_ms)
    if granted:
        return
    if values.get(at) is not None:
        raise OperatorMistake("preferred_channel: the customer has not granted this channel", field="preferred_channel")
    if is_strong(row, consent) or consent in values:
        values[at] = None


def line(text: str, name: str, length_max: int) -> str:
    """One line of text: what cannot be seen becomes a space, spaces collapse; raises OperatorMistake when too long."""
    found = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(found) > length_max:
        raise OperatorMistake(f"{name}: the text has more than {length_max} characters", field=name)
    _refuse_payment_number(found, name)
    return found


def paragraph(text: str, name: str, length_max: int) -> str:
    """Text of several lines, with something in it; raises OperatorMistake."""
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text.replace("\r\n", "\n")).strip()
    if not plain:
        raise OperatorMistake(f"{name}: the text is empty", field=name)
    if len(plain) > length_max:
        raise OperatorMistake(f"{name}: the text has more than {length_max} characters", field=name)
    _refuse_payment_number(plain, name)
    return plain


def _refuse_payment_number(text: str, name: str) -> None:
    """A payment card leaves no trace in any text either; raises OperatorMistake."""
    if holds_payment_card(text):
        raise OperatorMistake(
            f"{name}: this is the number of a payment card, it is neither looked up nor kept", field=name
        )


def stored_address(given: Address, name: str = "address") -> tuple[str, ...] | None:
    """An address in its stored form, its postal code checked by its country; None for an empty one."""
    mistakes = Mistakes()
    country, code = given.country.strip().upper() or "FR", given.postal_code.strip()
    lines = dict.fromkeys(("line1", "line2", "city"), "")
    for part in lines:
        with mistakes:
            lines[part] = line(getattr(given, part), f"{name}.{part}", _LENGTHS["address"])
    if not _COUNTRY.fullmatch(country):
        mistakes.add(
            OperatorMistake(f"{name}.country: write the country with two letters, as FR", field=f"{name}.country")
        )
    elif code:
        with mistakes:
            code = postal_code.parse(code, country=country, field=f"{name}.postal_code")
    mistakes.refuse()
    address = Address(**lines, postal_code=code, country=country)
    return address.stored if any(address.stored[:4]) else None


def refuse_payment_card(text: str, name: str, customs: Customs) -> None:
    """A payment card is neither looked up nor kept, wherever somebody types it; raises OperatorMistake."""
    if is_payment_card(text, customs.card_prefixes):
        raise OperatorMistake(
            f"{name}: this is the number of a payment card, it is neither looked up nor kept", field=name
        )


def _is_national(typed: str) -> bool:
    """Whether a telephone number is written as it is dialled at home, without the prefix of a country."""
    return not typed.strip().removeprefix("'").strip().startswith(("+", "00"))


def _mail(text: str) -> str:
    typed = mail_address.parse(text).typed
    _refuse_payment_number(typed, "email")
    return typed


def _language(text: str) -> str:
    found = text.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(found):
        raise OperatorMistake("language: write the language as fr or fr-FR", field="language")
    return found
