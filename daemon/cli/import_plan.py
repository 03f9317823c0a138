"""What a line of a file changes in a customer who is here already. Pure.

Blanks overwrite nothing, a refusal is never turned into a grant, an address is replaced as a whole or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from daemon.domain.code import lookup_form
from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.folding import fold

Customer = Mapping[str, Any]

PLAIN: Final = (
    "civility",
    "first_name",
    "last_name",
    "company_name",
    "siret",
    "vat_number",
    "email",
    "mobile",
    "phone",
    "birthday",
    "language",
    "member_number",
)
SOURCE: Final = "import"


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """What to change: fields for one edit, cards and a note to add; `kept` are (field, why it stays as it is)."""

    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cards: Sequence[str] = field(default=(), repr=False)
    note: str | None = field(default=None, repr=False)
    kept: Sequence[tuple[str, str]] = ()

    @property
    def names(self) -> list[str]:
        """The fields that would change."""
        return [*self.fields, *(["cards"] if self.cards else []), *(["notes"] if self.note else [])]


def creation(draft: CustomerDraft) -> dict[str, Any]:
    """The body that creates the customer of a line."""
    body: dict[str, Any] = {**draft, "surface": "import"}
    note = body.pop("note", None)
    if note:
        body["notes"] = [{"text": note}]
    if "consents" in body:
        body["consents"] = _said(draft.get("consents", {}))
    return body


def completion(draft: CustomerDraft, here: Customer) -> Completion:
    """What a line says that the customer does not have yet, or has otherwise."""
    said: Mapping[str, Any] = draft
    fields: dict[str, Any] = {name: said[name] for name in PLAIN if name in said and said[name] != here[name]}
    kept: list[tuple[str, str]] = []
    if "code" in said and said["code"] != here["code"]:
        kept.append(("code", "the code of a customer is fixed once it is given"))
    address = said.get("address")
    if address and not _holds(here["address"], address):
        if address.get("line1") or not (here["address"] or {}).get("line1"):
            fields["address"] = dict(address)
        else:
            kept.append(("address", "the file has no street, the customer has one: the address stays as it is"))
    tags = _with_tags(here["tags"], said.get("tags", []))
    if tags:
        fields["tags"] = tags
    consents = _consents(said.get("consents", {}), here["consents"], kept)
    if consents:
        fields["consents"] = consents
    numbers = {lookup_form(card["number"]) for card in here["cards"]}
    note = said.get("note")
    known = {" ".join(one["text"].split()) for one in here["notes"]}
    return Completion(
        fields=fields,
        cards=[card for card in said.get("cards", []) if lookup_form(card) not in numbers],
        note=note if note and " ".join(note.split()) not in known else None,
        kept=kept,
    )


def question(draft: CustomerDraft) -> dict[str, str]:
    """What the customer of a line is looked up by; a telephone is not enough, families share one."""
    found = {name: str(draft.get(name, "")) for name in ("code", "email")}
    found["card"] = next(iter(draft.get("cards", [])), "")
    return {name: text for name, text in found.items() if text}


def words(draft: CustomerDraft) -> str:
    """What a customer without code, e-mail and card is searched by: only one who has all that the line says counts."""
    address = draft.get("address", {})
    names = (draft.get("first_name"), draft.get("last_name"), draft.get("company_name"))
    return " ".join(text for text in (*names, address.get("postal_code"), draft.get("mobile")) if text)


def _holds(here: Mapping[str, str] | None, said: Mapping[str, str]) -> bool:
    """Whether an address says all that the file says already."""
    return here is not None and all(here.get(name) == text for name, text in said.items())


def _with_tags(here: Sequence[str], said: Sequence[str]) -> list[str]:
    """All tags together, when the file has one that is new."""
    known = {fold(tag) for tag in here}
    fresh = [tag for tag in said if fold(tag) not in known]
    return [*here, *fresh] if fresh else []


def _consents(
    said: Mapping[str, str], here: Mapping[str, Mapping[str, Any]], kept: list[tuple[str, str]]
) -> dict[str, dict[str, str]]:
    changed = {}
    for channel, answer in said.items():
        standing = here[channel]["state"]
        if answer == standing:
            continue
        if standing == "refused":
            kept.append((f"consents.{channel}", "the customer has refused this: a file cannot grant it"))
        else:
            changed[channel] = answer
    return _said(changed)


def _said(consents: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {channel: {"state": answer, "source": SOURCE} for channel, answer in consents.items()}
