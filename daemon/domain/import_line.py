"""What a line of a file changes: whom it creates or completes, with which operations. Pure.

Blanks overwrite nothing, a refusal is never turned into a grant, an address is replaced as a whole or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from daemon.domain import authoring, birthday, mail_address
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation
from daemon.domain.code import lookup_form
from daemon.domain.customer_draft import AddressDraft, CustomerDraft
from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.ids import EntityId
from daemon.domain.import_job import Npai
from daemon.domain.kinds import CHANNELS, CUSTOMER, SHAPES, Kind

Outcome = Literal["created", "completed", "unchanged", "skipped"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("created", "completed", "unchanged", "skipped")

SOURCE: Final = "import"
PERSON, COMPANY, DELETED = 1, 2, 1
NUMBER: Final = {shape.name: at for at, shape in CUSTOMER.fields.items()}.__getitem__
"""The number of a customer's field by its name."""
_CARD, _NOTE, _TAG, _ADDRESS = (
    {shape.name: at for at, shape in SHAPES[kind].fields.items()}.__getitem__
    for kind in (Kind.CARD, Kind.NOTE, Kind.TAG, Kind.ADDRESS)
)
BAD_ADDRESS: Final = NUMBER("bad_address")
_MEMBER_OF: Final = SHAPES[Kind.MEMBERSHIP].number("group")
_PRINCIPAL: Final = NUMBER("principal_group")
_TEXTS: Final = tuple(
    (name, NUMBER(name))
    for name in (
        "civility",
        "company_name",
        "siret",
        "vat_number",
        "email",
        "mobile",
        "phone",
        "language",
        "member_number",
    )
)
KEYS: Final = ("source_id", "code", "email", "card", "mobile", "member_number")
"""What a line may be known by again, the first that it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who imports, and when: what notes and consents say."""

    by: str
    now_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LinePlan:
    """What a line comes to. `names`: the API's fields; `kept`: (field, why it stays); `before`: values replaced."""

    outcome: Outcome
    entity: EntityId
    operations: list[Operation] = field(default_factory=list, repr=False)
    names: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    before: Mapping[int, Any] = field(default_factory=dict, repr=False)


def key_of(draft: CustomerDraft, source: str, stated: str = "") -> bytes:
    """What a line is known by again: its id in `source`, else what it has of KEYS, else all that it says.

    `stated` names the one field of KEYS that the lines of this file are known by.
    """
    for name in (stated,) if stated else KEYS:
        said = _said(draft, name)
        if said:
            return pack((source if name == "source_id" else "", name, said))
    told = {name: value for name, value in draft.items() if name not in {"points", "points_added", "credits"}}
    return pack((source, "line", pack(_plain(told))))


def entity_of(key: bytes) -> EntityId:
    """The customer that a line with this key creates: the same one at every replica."""
    return EntityId(digest8(b"import" + key))


def _said(draft: CustomerDraft, name: str) -> str:
    if name == "card":
        return lookup_form(next(iter(draft.get("cards", [])), ""))
    value = draft.get(name)
    if not isinstance(value, str):
        return ""
    return mail_address.key_of(value) or "" if name == "email" else fold(value) if name == "code" else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _plain(value[name])) for name in sorted(value))
    return tuple(map(_plain, value)) if isinstance(value, list) else value


_TOLD: Final = {"note": "notes"}
_UNTOLD: Final = frozenset({"kind", "source_id", "points", "points_added", "credits", "npai", "bad_address", "groups"})
"""What is not told of as a field, or (what stands open) is told where it is booked."""


def _told_of(name: str) -> str:
    """A field of the row under its name in the API."""
    return "consents" if name.startswith("consent_") else "last_name" if name == "name" else name


def create(draft: CustomerDraft, entity: EntityId, code: str, author: Author, groups: Sequence[bytes] = ()) -> LinePlan:
    """A customer who is nowhere yet. `groups`: what the file calls groups, the first the principal one."""
    values = values_of(draft, author) | {NUMBER("code"): code}
    if groups:
        values[_PRINCIPAL] = groups[0]
    operations = [
        authoring.create(Kind.CUSTOMER, entity, values),
        *_members(draft, entity, (), author),
        *(authoring.add(Kind.MEMBERSHIP, entity, {_MEMBER_OF: group}) for group in groups),
    ]
    names = [_TOLD.get(name, name) for name in draft if name not in _UNTOLD] + ["groups"] * bool(groups)
    return LinePlan(
        outcome="created", entity=entity, operations=operations, names=tuple(names), before=dict.fromkeys(values)
    )


def complete(draft: CustomerDraft, here: Sequence[Element], author: Author, groups: Sequence[bytes] = ()) -> LinePlan:
    """What a line says that a customer does not have yet, or has otherwise; one who was deleted comes back.

    `groups` are joined beside those that the customer is in (deleted ones resolved); who has a principal one keeps it.
    """
    row = next((element for element in here if element.kind == Kind.CUSTOMER), None)
    assert row is not None, "only a customer that is there is completed"
    if "address" not in draft and "addresses" in draft and row.fields.get(NUMBER("address")) is None:
        first, *others = draft["addresses"]
        draft = {**draft, "address": first["address"], "addresses": others}
    is_back = row.fields.get(NUMBER("deleted")) == DELETED
    kept: list[tuple[str, str]] = []
    values = {at: value for at, value in values_of(draft, author).items() if row.fields.get(at) != value}
    _keep_what_stands(draft, row, values, kept)
    if groups and row.fields.get(_PRINCIPAL) is None:
        values[_PRINCIPAL] = groups[0]
    if is_back:
        values[NUMBER("deleted")] = None
    operations = [authoring.change(row, values)] if values else []
    operations += _members(draft, row.entity, here, author)
    joined = {one.fields.get(_MEMBER_OF) for one in here if one.kind == Kind.MEMBERSHIP}
    operations += [
        authoring.add(Kind.MEMBERSHIP, row.entity, {_MEMBER_OF: group}) for group in groups if group not in joined
    ]
    names = [_NAMES[at] for at in values if at in _NAMES and at != NUMBER("deleted")]
    names += [_MEMBERS[one.kind] for one in operations if one.kind in _MEMBERS]
    return LinePlan(
        outcome="created" if is_back else "completed" if operations else "unchanged",
        entity=EntityId(row.entity),
        operations=operations,
        names=tuple(dict.fromkeys(names)),
        kept=tuple(kept),
        before={at: row.fields.get(at) for at in values},
    )


_NAMES: Final = {at: _told_of(shape.name) for at, shape in CUSTOMER.fields.items()}
_MEMBERS: Final[Mapping[int, str]] = {
    Kind.CARD: "cards",
    Kind.NOTE: "notes",
    Kind.TAG: "tags",
    Kind.ADDRESS: "addresses",
    Kind.MEMBERSHIP: "groups",
}


def values_of(draft: CustomerDraft, author: Author) -> dict[int, Any]:
    """A draft in the stored form of a customer's row; what it does not say is absent."""
    said: Mapping[str, Any] = draft
    values: dict[int, Any] = {at: said[name] for name, at in _TEXTS if name in said}
    if "kind" in draft:
        values[NUMBER("kind")] = COMPANY if draft["kind"] == "company" else PERSON
    if "first_name" in draft or "last_name" in draft:
        values[NUMBER("name")] = (draft.get("first_name", ""), draft.get("last_name", ""))
    if "address" in draft:
        values[NUMBER("address")] = stored_address(draft["address"])
    if "birthday" in draft:
        values[NUMBER("birthday")] = tuple(birthday.parse(draft["birthday"]).stored)
    for channel, answer in draft.get("consents", {}).items():
        details = (author.now_ms, SOURCE, None, author.by, None)
        values[NUMBER(f"consent_{channel}")] = authoring.guard(strong=answer == "refused", details=details)
    if draft.get("archived"):
        values[NUMBER("archived")] = authoring.guard(strong=True, details=(SOURCE, author.now_ms, author.by))
    return values


def meant(draft: CustomerDraft, npai: Npai) -> CustomerDraft:
    """A draft with what its mark NPAI was said to mean: a refusal of every channel; the address is marked later."""
    if draft.get("npai") and npai in {"no_information", "both"}:
        return {**draft, "consents": dict.fromkeys(CHANNELS, "refused")}
    return draft


def marks_address(draft: CustomerDraft, npai: Npai) -> bool:
    """Whether the line says that mail to the customer's address comes back."""
    return "bad_address" in draft or ("npai" in draft and npai in {"address", "both"})


def mark_address(row: Element) -> Operation | None:
    """Mark this very version of a main address as bad; None where there is none, or it is marked."""
    since = row.stamp(NUMBER("address"))
    if row.fields.get(NUMBER("address")) is None or row.fields.get(BAD_ADDRESS) == since:
        return None
    return authoring.change(row, {BAD_ADDRESS: since})


def stored_address(address: AddressDraft) -> tuple[str, ...]:
    """An address as rows hold it."""
    parts = (address.get("line1"), address.get("line2"), address.get("postal_code"), address.get("city"))
    return (*(part or "" for part in parts), address.get("country", "FR"))


def _keep_what_stands(draft: CustomerDraft, row: Element, values: dict[int, Any], kept: list[tuple[str, str]]) -> None:
    """Take out of `values` what a file may not change; `kept` says why."""
    if draft.get("code", "") not in {"", row.fields.get(NUMBER("code"))}:
        kept.append(("code", "the code of a customer is fixed once it is given"))
    if values.pop(NUMBER("kind"), PERSON) == COMPANY and row.fields.get(NUMBER("company_name")) is None:
        values[NUMBER("kind")] = COMPANY
    email, standing_email = values.get(NUMBER("email")), row.fields.get(NUMBER("email"))
    if isinstance(standing_email, str) and email and mail_address.key_of(email) == mail_address.key_of(standing_email):
        del values[NUMBER("email")]
    name = values.get(NUMBER("name"))
    if name is not None:
        standing = _parts(row.fields.get(NUMBER("name")), 2)
        merged = tuple(new or old for new, old in zip(name, standing, strict=True))
        values[NUMBER("name")] = merged
        if fold(" ".join(merged)) == fold(" ".join(standing)):  # capitals and accents alone are no news
            del values[NUMBER("name")]
    _keep_address(row, values, kept)
    _keep_guards(row, values, kept)


def _keep_address(row: Element, values: dict[int, Any], kept: list[tuple[str, str]]) -> None:
    at = NUMBER("address")
    said, standing = values.get(at), _parts(row.fields.get(at), 5)
    if said is None:
        return
    if all(part in {"", old} for part, old in zip(said, standing, strict=True)):
        del values[at]  # it says no more than what is here
    elif not said[0] and standing[0]:
        kept.append(("address", "the file has no street, the customer has one: the address stays as it is"))
        del values[at]


def _keep_guards(row: Element, values: dict[int, Any], kept: list[tuple[str, str]]) -> None:
    """An answer that says the same again is no news; a refusal stands against a file."""
    for name in (*(f"consent_{channel}" for channel in CHANNELS), "archived"):
        at = NUMBER(name)
        said, standing = values.get(at), row.fields.get(at)
        if said is None or not isinstance(standing, tuple) or not standing:
            continue
        if bool(standing[0]) == said[0]:
            del values[at]
        elif standing[0]:
            channel = name.removeprefix("consent_")
            kept.append((f"consents.{channel}", "the customer has refused this: a file cannot grant it"))
            del values[at]


def _members(draft: CustomerDraft, entity: bytes, here: Sequence[Element], author: Author) -> list[Operation]:
    """Cards, tags, notes and further addresses that are not there yet."""
    operations = []
    if "cards" in draft:
        operations += [authoring.add(Kind.CARD, entity, fields) for fields in _new_cards(draft, here, author)]
    if "tags" in draft:
        operations += [authoring.add(Kind.TAG, entity, {_TAG("tag"): tag}) for tag in _new_tags(draft, here)]
    if "note" in draft:
        operations += [authoring.add(Kind.NOTE, entity, fields) for fields in _new_notes(draft, here, author)]
    if "addresses" in draft:
        operations += [authoring.add(Kind.ADDRESS, entity, fields) for fields in _new_addresses(draft, here)]
    return operations


def _new_cards(draft: CustomerDraft, here: Iterable[Element], author: Author) -> list[dict[int, Any]]:
    known = {lookup_form(text) for text in _texts(here, Kind.CARD, _CARD("number"))}
    wanted = dict.fromkeys(lookup_form(card) for card in draft.get("cards", []))
    return [
        {_CARD("number"): card, _CARD("since"): author.now_ms, _CARD("state"): "active"}
        for card in wanted
        if card and card not in known
    ]


def _new_tags(draft: CustomerDraft, here: Iterable[Element]) -> list[str]:
    known = {fold(text) for text in _texts(here, Kind.TAG, _TAG("tag"))}
    return [tag for tag in draft.get("tags", []) if fold(tag) and fold(tag) not in known]


def _new_notes(draft: CustomerDraft, here: Iterable[Element], author: Author) -> list[dict[int, Any]]:
    note = draft.get("note")
    known = {" ".join(text.split()) for text in _texts(here, Kind.NOTE, _NOTE("text"))}
    if not note or " ".join(note.split()) in known:
        return []
    return [
        {
            _NOTE("text"): note,
            _NOTE("show_at_till"): 0,
            _NOTE("done"): 0,
            _NOTE("written_ms"): author.now_ms,
            _NOTE("author"): author.by,
        }
    ]


def _new_addresses(draft: CustomerDraft, here: Sequence[Element]) -> list[dict[int, Any]]:
    known = [element.fields.get(_ADDRESS("address")) for element in here if element.kind == Kind.ADDRESS]
    known += [element.fields.get(NUMBER("address")) for element in here if element.kind == Kind.CUSTOMER]
    if "address" in draft:
        known.append(stored_address(draft["address"]))
    wanted = [(stored_address(one["address"]), one["label"] or None) for one in draft.get("addresses", [])]
    return [
        {_ADDRESS("address"): address, _ADDRESS("label"): label} for address, label in wanted if address not in known
    ]


def _texts(here: Iterable[Element], kind: Kind, at: int) -> list[str]:
    found = [element.fields.get(at) for element in here if element.kind == kind]
    return [text for text in found if isinstance(text, str)]


def _parts(value: Any, count: int) -> tuple[str, ...]:
    texts = [part if isinstance(part, str) else "" for part in value] if isinstance(value, tuple) else []
    return tuple((texts + [""] * count)[:count])
