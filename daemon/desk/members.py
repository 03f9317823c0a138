"""What belongs to a customer and comes and goes: cards, notes, tags, further addresses; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from daemon.desk.customer import is_profile, is_walk_in, row_of
from daemon.desk.customer_fields import Customs, line, paragraph, refuse_payment_card, stored_address
from daemon.desk.customer_parts import (
    ADDRESS,
    ADDRESS_LABEL,
    CARD_BLOCKED,
    CARD_MEDIUM,
    CARD_NUMBER,
    CARD_SINCE,
    CARD_STATE,
    NOTE_AUTHOR,
    NOTE_DONE,
    NOTE_SHOW,
    NOTE_TEXT,
    NOTE_WRITTEN,
    TAG,
    Address,
    CardState,
    number,
    of_kind,
    text_of,
)
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.code import lookup_form
from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.kinds import SHAPES, Kind
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake

_CARD_LENGTH_MAX = SHAPES[Kind.CARD].fields[CARD_NUMBER].length_max
_MEDIUM_LENGTH_MAX = SHAPES[Kind.CARD].fields[CARD_MEDIUM].length_max
_NOTE_LENGTH_MAX = SHAPES[Kind.NOTE].fields[NOTE_TEXT].length_max
_TAG_LENGTH_MAX = SHAPES[Kind.TAG].fields[TAG].length_max
_LABEL_LENGTH_MAX = SHAPES[Kind.ADDRESS].fields[ADDRESS_LABEL].length_max


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCard:
    """A card to give to a customer. `move`: take it from whoever has it now."""

    number: str = field(repr=False)
    medium: str = ""
    move: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CardEdit:
    """What becomes of a card; lost and replaced block it."""

    state: CardState | None = None
    blocked: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNote:
    """A note to keep."""

    text: str = field(repr=False)
    show_at_till: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteEdit:
    """What becomes of a note; done closes it for everybody."""

    text: str | None = field(default=None, repr=False)
    show_at_till: bool | None = None
    done: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTag:
    """One tag, or several separated by commas."""

    tag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAddress:
    """A further address; `main` makes it the main one, and the one that was main a further one."""

    address: Address
    label: str = ""
    main: bool = False


MemberKind = Literal[Kind.CARD, Kind.NOTE, Kind.TAG, Kind.ADDRESS]

_WORDS = {Kind.CARD: "card", Kind.NOTE: "note", Kind.TAG: "tag", Kind.ADDRESS: "address"}


def card_fields(typed: str, medium: str, now_ms: int, customs: Customs) -> dict[int, Any]:
    """A card's values, its number in the form in which scans look for it; raises OperatorMistake."""
    number_ = lookup_form(line(typed, "number", _CARD_LENGTH_MAX))
    if not number_:
        raise OperatorMistake("number: the number of the card is empty", field="number")
    refuse_payment_card(typed, "number", customs)
    return {
        CARD_NUMBER: number_,
        CARD_MEDIUM: line(medium, "medium", _MEDIUM_LENGTH_MAX) or None,
        CARD_SINCE: now_ms,
        CARD_STATE: "active",
    }


def note_fields(given: NewNote, author: str, now_ms: int) -> dict[int, Any]:
    """A note's values; raises OperatorMistake for an empty one."""
    return {
        NOTE_TEXT: paragraph(given.text, "text", _NOTE_LENGTH_MAX),
        NOTE_SHOW: int(given.show_at_till),
        NOTE_DONE: 0,
        NOTE_WRITTEN: now_ms,
        NOTE_AUTHOR: author,
    }


def tag_of(typed: str) -> str:
    """A tag in one line; raises OperatorMistake for an empty one."""
    found = line(typed, "tag", _TAG_LENGTH_MAX)
    if not fold(found):
        raise OperatorMistake("tag: the tag is empty", field="tag")
    return found


def tags_of(typed: str) -> list[str]:
    """Tags separated by commas."""
    return [tag_of(part) for part in typed.split(",") if part.strip()] or [tag_of(typed)]


def tag_changes(here: Sequence[Element], wanted: Sequence[str], owner: bytes) -> list[Operation]:
    """What makes the tags `here` those that are wanted; case and accents make no other tag."""
    want = {fold(tag): tag for tag in wanted}
    have = {fold(text_of(tag.fields.get(TAG))) for tag in here}
    gone = [authoring.remove(tag) for tag in here if fold(text_of(tag.fields.get(TAG))) not in want]
    return gone + [authoring.add(Kind.TAG, owner, {TAG: tag}) for folded, tag in want.items() if folded not in have]


def add_card(here: Sequence[Element], given: NewCard, now_ms: int, customs: Customs) -> list[Operation]:
    """Give a card to a customer; one that they have already changes nothing."""
    owner = _owner(here)
    values = card_fields(given.number, given.medium, now_ms, customs)
    if any(
        lookup_form(text_of(card.fields.get(CARD_NUMBER))) == values[CARD_NUMBER] for card in of_kind(here, Kind.CARD)
    ):
        return []
    return [authoring.add(Kind.CARD, owner, values)]


def without_card(here: Sequence[Element], typed: str) -> list[Operation]:
    """Take a card from a customer, by its number: it goes to somebody else."""
    sought = lookup_form(typed)
    cards = of_kind(here, Kind.CARD)
    return [authoring.remove(card) for card in cards if lookup_form(text_of(card.fields.get(CARD_NUMBER))) == sought]


def edit_card(here: Sequence[Element], dot: bytes, given: CardEdit, author: str, now_ms: int) -> list[Operation]:
    """Block, lose, replace a card, or make it good again."""
    card = member(here, Kind.CARD, dot)
    state = given.state or text_of(card.fields.get(CARD_STATE)) or "active"
    blocked = given.blocked if given.blocked is not None else state != "active" if given.state else None
    if blocked is False and state != "active":
        raise Conflicting(f"state: a card that is {state} stays blocked; make it active first", field="blocked")
    reason = line(given.reason or "", "reason", 200) or (state if state != "active" else "")
    values: dict[int, Any] = {}
    if given.state is not None:
        values[CARD_STATE] = state
    if blocked is not None:
        values[CARD_BLOCKED] = authoring.guard(strong=blocked, details=(reason, now_ms, author))
    return [authoring.change(card, values)] if values else []


def add_note(here: Sequence[Element], given: NewNote, author: str, now_ms: int) -> list[Operation]:
    """Write a note about a customer."""
    return [authoring.add(Kind.NOTE, _owner(here), note_fields(given, author, now_ms))]


def edit_note(here: Sequence[Element], dot: bytes, given: NoteEdit) -> list[Operation]:
    """Supersede a note's text, close it, show it or not."""
    note = member(here, Kind.NOTE, dot)
    values: dict[int, Any] = {}
    if given.text is not None:
        values[NOTE_TEXT] = paragraph(given.text, "text", _NOTE_LENGTH_MAX)
    if given.show_at_till is not None:
        values[NOTE_SHOW] = int(given.show_at_till)
    if given.done is not None:
        values[NOTE_DONE] = int(given.done)
    changed = {at: value for at, value in values.items() if note.fields.get(at) != value}
    return [authoring.change(note, changed)] if changed else []


def add_tags(here: Sequence[Element], given: NewTag) -> list[Operation]:
    """Add tags; those that are there already, whatever their case, stay as they are."""
    owner = _owner(here)
    tags = of_kind(here, Kind.TAG)
    standing = [text_of(tag.fields.get(TAG)) for tag in tags]
    return tag_changes(tags, [*tags_of(given.tag), *standing], owner)


def remove_tag(here: Sequence[Element], typed: str) -> list[Operation]:
    """Take a tag off; raises NotFound when it is not there."""
    gone = [tag for tag in of_kind(here, Kind.TAG) if fold(text_of(tag.fields.get(TAG))) == fold(typed)]
    if not gone:
        raise NotFound("the customer has no such tag", field="tag")
    return [authoring.remove(tag) for tag in gone]


def add_address(here: Sequence[Element], given: NewAddress) -> list[Operation]:
    """Add an address, or put it in the place of the main one, which becomes a further one."""
    owner = _owner(here)
    value = stored_address(given.address)
    if value is None:
        raise OperatorMistake("address: the address is empty", field="address")
    label = line(given.label, "label", _LABEL_LENGTH_MAX) or None
    if not given.main:
        return [authoring.add(Kind.ADDRESS, owner, {ADDRESS: value, ADDRESS_LABEL: label})]
    row = row_of(here)
    assert row is not None, "the owner was just looked at"
    before = row.fields.get(number("address"))
    operations = [authoring.change(row, {number("address"): value})]
    if before is not None and before != value:
        operations.append(authoring.add(Kind.ADDRESS, owner, {ADDRESS: before, ADDRESS_LABEL: label}))
    return operations


def remove(here: Sequence[Element], kind: MemberKind, dot: bytes) -> list[Operation]:
    """Drop a card, a note, an address; raises NotFound."""
    return [authoring.remove(member(here, kind, dot))]


def member(here: Sequence[Element], kind: MemberKind, dot: bytes) -> Element:
    """The member with this id; raises NotFound."""
    found = next((element for element in of_kind(here, kind) if element.dot == dot), None)
    if found is None:
        raise NotFound(f"the customer has no such {_WORDS[kind]}", field="member")
    return found


def _owner(here: Sequence[Element]) -> bytes:
    """The customer that something is added to; the walk-in customer has nothing of the kind. Raises Forbidden."""
    row = row_of(here)
    assert row is not None, "only a customer that is there is edited"
    if is_walk_in(row):
        raise Forbidden("the walk-in customer has no cards, notes, tags and further addresses")
    if is_profile(row):
        raise Forbidden("an anonymous profile has no cards, notes, tags, consents and further addresses")
    return row.entity
