"""The form of a customer: what stands in its fields, what a person changed, which sentence stands beside which field.

A form carries, beside each value, the value that it was shown with (`was.NAME`). So an edit says only what was changed,
and one that meets a newer version is laid over it without losing a keystroke. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Address
from daemon.desk.edit import CustomerEdit, NewConsent, NewConsents, NewCustomer
from daemon.domain.kinds import CHANNELS
from daemon.errors import OperatorMistake, Taken

PLAIN: Final = (
    "first_name",
    "last_name",
    "company_name",
    "siret",
    "vat_number",
    "email",
    "mobile",
    "phone",
    "birthday",
    "member_number",
)
ADDRESS: Final = ("line1", "line2", "postal_code", "city", "country")
CONSENTS: Final = tuple(f"consent_{channel}" for channel in CHANNELS)
ONCE: Final = ("code", "card")
"""At creation only; afterwards a code is fixed and cards have their own list."""
NAMES: Final = ("kind", *PLAIN, *ADDRESS, "tags", *CONSENTS, *ONCE)

WAS: Final = "was."
_LENGTH_MAX: Final = 400
_HOME: Final = "FR"

_SENTENCES: Final = {
    "email": "This is not an e-mail address.",
    "mobile": "This is not a phone number.",
    "phone": "This is not a phone number.",
    "postal_code": "No postal code of this country is so written.",
    "country": "Write the country with two letters, as FR.",
    "siret": "This is not a SIRET: it has 14 digits.",
    "vat_number": "This VAT number is not right, or names another company.",
    "birthday": "Write the day as 17/05/1980, or 17/05.",
    "code": "This code cannot be given.",
    "card": "This number cannot be a card of ours.",
    "member_number": "This number cannot be kept.",
}
"""Message ids by field, for what the desk refused."""

_TAKEN: Final = {
    "code": "This code belongs to another customer.",
    "card": "This card belongs to another customer.",
    "email": "Several customers have this e-mail address.",
    "mobile": "Another customer has this phone number.",
    "phone": "Another customer has this phone number.",
}
_PAYMENT_CARD: Final = "This is a payment card: it is neither looked up nor kept."
_REQUIRED: Final = "This is needed."
_TOO_LONG: Final = "This is too long."
_NOT_SO: Final = "This cannot be saved so."


NEWER: Final = "This record was changed elsewhere while you typed. What you typed is kept: look, then save."


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What stands in the fields, and what stood there before."""

    values: Mapping[str, str] = field(repr=False)
    was: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def changed(self) -> frozenset[str]:
        """The fields that a person changed."""
        return frozenset(name for name in NAMES if self.values.get(name, "") != self.was.get(name, ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class FormFault:
    """Why a form was not taken: the field at fault (empty: none of them) and the message id to show there."""

    field: str
    sentence: str
    owners: tuple[str, ...] = ()
    """Who has the value already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebased:
    """A form over a newer version; `clashes`: fields changed here and elsewhere, with the other value."""

    typed: Typed
    clashes: Mapping[str, str] = field(repr=False)


def read_form(form: Mapping[str, str]) -> Typed:
    """The fields of a posted form; unknown ones are left out."""
    values = {name: _line(form.get(name, "")) for name in NAMES}
    values["kind"] = "company" if values["kind"] == "company" else "person"  # a switch that is off is not sent
    was = {name: _line(form.get(WAS + name, "")) for name in NAMES}
    return Typed(values=values, was=was)


def blank(**given: str) -> Typed:
    """An empty form for a new customer."""
    return Typed(values={"kind": "person", "country": _HOME, **given})


def shown_form(customer: Customer) -> Typed:
    """The form of a customer as it stands."""
    address = customer.address or Address()
    values = {name: getattr(customer, name) or "" for name in PLAIN}
    values |= {name: getattr(address, name) for name in ADDRESS}
    values |= {f"consent_{channel}": _said(customer, channel) for channel in CHANNELS}
    values |= {
        "kind": customer.kind,
        "mobile": customer.mobile_shown or "",
        "phone": customer.phone_shown or "",
        "birthday": typed_day(customer.birthday or ""),
        "tags": ", ".join(customer.tags),
    }
    shown = {name: _line(value) for name, value in values.items()}
    return Typed(values=shown, was=shown)


def typed_day(text: str) -> str:
    """A stored birthday as it is typed: `17/05/1980`, `17/05`."""
    if not text:
        return ""
    year, month, day = text[:-6].strip("-"), text[-5:-3], text[-2:]
    return f"{day}/{month}/{year}" if year else f"{day}/{month}"


def edit_of(typed: Typed, *, source: str) -> tuple[CustomerEdit, frozenset[str]]:
    """What was changed, and the names of the API's fields that it touches; `source` stands beside consents."""
    changed, values = typed.changed, typed.values
    given: dict[str, Any] = {name: values[name] or None for name in PLAIN if name in changed}
    if "kind" in changed:
        given["kind"] = _kind(values)
    if changed & set(ADDRESS):
        given["address"] = _address(values)
    if "tags" in changed:
        given["tags"] = _tags(values)
    consents = _consents(values, (name for name in CONSENTS if name in changed), source)
    if consents is not None:
        given["consents"] = consents
    return CustomerEdit(**given), frozenset(given)


def creation_of(typed: Typed, *, source: str, even_if_known: bool, move_cards: bool = False) -> NewCustomer:
    """The customer that a form describes."""
    values = typed.values
    given: dict[str, Any] = {name: values[name] or None for name in (*PLAIN, "code")}
    return NewCustomer(
        **given,
        kind=_kind(values),
        address=_address(values),
        cards=(values["card"],) if values["card"] else (),
        tags=_tags(values),
        consents=_consents(values, CONSENTS, source),
        even_if_known=even_if_known,
        move_cards=move_cards,
    )


def rebased(typed: Typed, fresh: Typed) -> Rebased:
    """What a person changed, over what the customer is now."""
    changed = typed.changed
    values = {name: typed.values[name] if name in changed else value for name, value in fresh.values.items()}
    clashes = {
        name: fresh.values[name]
        for name in changed & set(fresh.values)
        if fresh.values[name] not in {typed.was.get(name, ""), typed.values[name]}
    }
    return Rebased(typed=replace(typed, values=values, was=fresh.values), clashes=clashes)


def faults_of(mistake: OperatorMistake, typed: Typed) -> tuple[FormFault, ...]:
    """The sentences of a refusal, one beside each field that it is about."""
    found: dict[str, FormFault] = {}
    for one in (mistake, *mistake.beside):
        fault = _fault_of(one, typed)
        found.setdefault(fault.field, fault)
    return tuple(found.values())


def _fault_of(mistake: OperatorMistake, typed: Typed) -> FormFault:
    name = _name_of(mistake.field)
    if isinstance(mistake, Taken):
        return FormFault(field=name, sentence=_TAKEN.get(name, _NOT_SO), owners=mistake.owners)
    if not name:
        return FormFault(field="", sentence=_NOT_SO)
    if "payment card" in str(mistake):
        return FormFault(field=name, sentence=_PAYMENT_CARD)
    value = typed.values.get(name, "")
    if not value:
        return FormFault(field=name, sentence=_REQUIRED)
    if len(value) >= _LENGTH_MAX:
        return FormFault(field=name, sentence=_TOO_LONG)
    return FormFault(field=name, sentence=_SENTENCES.get(name, _TOO_LONG))


def messages() -> Iterable[str]:
    """Every message id that a form may show."""
    return {*_SENTENCES.values(), *_TAKEN.values(), _PAYMENT_CARD, _REQUIRED, _TOO_LONG, _NOT_SO, NEWER}


def _name_of(path: str) -> str:
    """The field of the form that the API's path names: `address.city` is `city`, `consents.sms.date` is one of ours."""
    parts = path.split(".")
    if parts[0] == "address" and len(parts) > 1:
        return parts[1]
    if parts[0] == "consents" and len(parts) > 1:
        return f"consent_{parts[1]}"
    name = {"cards": "card", "number": "card", "address": "line1", "tag": "tags"}.get(parts[0], parts[0])
    return name if name in NAMES else ""


def _line(text: str) -> str:
    """Browsers send what was pasted: one line of it, of a length that no field exceeds."""
    return " ".join(text.split())[:_LENGTH_MAX]


def _said(customer: Customer, channel: str) -> str:
    state: str = getattr(customer.consents, channel).state
    return state if state in {"granted", "refused"} else ""


def _kind(values: Mapping[str, str]) -> Any:
    return "company" if values.get("kind") == "company" else "person"


def _address(values: Mapping[str, str]) -> Address | None:
    """The address, or None where only the country stands."""
    if not any(values[name] for name in ADDRESS if name != "country"):
        return None
    return Address(**{name: values[name] for name in ADDRESS if name != "country"}, country=values["country"] or _HOME)


def _tags(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part.strip() for part in values["tags"].split(",") if part.strip())


def _consents(values: Mapping[str, str], names: Iterable[str], source: str) -> NewConsents | None:
    """What is said now; a channel without an answer stays unasked."""
    said = {
        name.removeprefix("consent_"): NewConsent(state=values[name], source=source)  # type: ignore[arg-type]  # checked in the next line
        for name in names
        if values[name] in {"granted", "refused"}
    }
    return NewConsents(**said) if said else None
