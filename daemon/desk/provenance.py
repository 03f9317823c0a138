"""Why a value stands: who set it, where, when, what it replaced, what lost to it; and the inbox of disagreements.

To choose between values that met is an ordinary edit that names every one of them, so that nobody's word is lost in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from daemon.desk import instant
from daemon.desk.custom_fields import definitions
from daemon.desk.customer import COMPANY, Customer, display_name, row_of
from daemon.desk.customer_parts import ADDRESS, CARD_NUMBER, NOTE_TEXT, TAG, text_of, value_text
from daemon.desk.edit import EditDesk
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Call, Premises
from daemon.domain import authoring
from daemon.domain.author import system_user
from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element, Key
from daemon.domain.hlc import NO_STAMP, Stamp, ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import FieldRule
from daemon.domain.kinds import CUSTOMER, UNSHOWN, Kind, field_shape, is_secret
from daemon.domain.leaving import is_deleted
from daemon.domain.merge import Loser
from daemon.domain.site_row import label_of, site_key
from daemon.errors import Conflicting, NotFound, OperatorMistake, Outdated
from daemon.store import disagreements, elements, past
from daemon.store.database import Connection

SHOWN_KINDS = (Kind.CUSTOMER, Kind.CARD, Kind.NOTE, Kind.TAG, Kind.ADDRESS, Kind.WISH, Kind.PRICE)
PAGE_MAX = 200

_ESSENTIAL = {Kind.CARD: CARD_NUMBER, Kind.NOTE: NOTE_TEXT, Kind.TAG: TAG, Kind.ADDRESS: ADDRESS}
"""What a member needs in order to come back after it was removed."""

_CALLED = {CUSTOMER.number("principal_group"): Kind.GROUP, CUSTOMER.number("customer_type"): Kind.CUSTOMER_TYPE}
_LABEL = 1
"""Fields that name a group or a type by its id, and where those say what they are called."""

KIND_WORDS = {Kind.CUSTOMER: "customer", Kind.CARD: "card", Kind.NOTE: "note", Kind.TAG: "tag", Kind.ADDRESS: "address"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A value as somebody gave it. `id` names it for a choice; `till` is what its till is called, where that is known.

    `value` null: the field was emptied.
    """

    id: str
    value: str | None = field(repr=False)
    by: str
    site: int
    shop: int
    till: str
    at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldStory:
    """Why one field says what it says. `part` and `member`: of a card, a note, a tag, an address, and which.

    `label`: what the chain calls a field of its own, whose name is a number.

    `replaced` null: see `before`; it is the first value, or the record that said so is not kept here any more (head
    office keeps them for some weeks, a till until the nightly backups hold them).
    """

    field: str
    part: str
    member: str | None
    standing: Said
    before: Literal["known", "first", "forgotten"]
    replaced: Said | None
    lost: tuple[Said, ...]
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """The story of each field of a customer that ever had a value."""

    customer: str
    fields: tuple[FieldStory, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """Two values that met: the one that stands (null: what it belonged to was removed), and the one that lost."""

    customer: str
    display_name: str = field(repr=False)
    field: str
    part: str
    member: str | None
    standing: Said | None
    lost: Said
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbox:
    """Disagreements that nobody has settled, newest first; `next` is the `after` of the next page, null at the end."""

    disagreements: tuple[Disagreement, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which of the values that met is right: `chosen` and `standing` are ids as they were read.

    With the standing one for both, what stands stays, and the others are settled.
    """

    field: str
    chosen: str
    standing: str
    member: str | None = None


def value_id(stamp: Stamp) -> str:
    """How a value is named."""
    return "-".join(f"{part:x}" for part in stamp)


def spoken(kind: int, number: int, value: Any) -> str | None:
    """A stored value in one line, in words where the stored spelling has none."""
    if value is None:
        return None
    if is_secret(kind, number):
        return UNSHOWN
    shape = field_shape(kind, number)
    if shape is not None and isinstance(value, int):
        if shape.name.endswith("_ms"):
            return instant.shown(value)
        if (kind, shape.name) == (Kind.CUSTOMER, "kind"):
            return "company" if value == COMPANY else "person"
    if shape is None or shape.rule is not FieldRule.GUARDED or not isinstance(value, tuple) or not value:
        return value_text(value)
    if shape.name.startswith("consent_"):
        return "refused" if value[0] else "granted"
    reason = value[2] if len(value) > 2 and isinstance(value[2], str) else ""
    return (f"yes: {reason}" if reason else "yes") if value[0] else "no"


def field_name(kind: int, number: int) -> str:
    """A field by its name in the API; one of a newer version, or of the chain, by its number."""
    shape = field_shape(kind, number)
    return shape.name if shape else str(number)


class _Reading:
    """Puts names to stamps, each looked up once."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self._names = operator_names(conn)
        self._tills: dict[int, str] = {}
        self._own = {one.number: one for one in definitions(conn)}

    def said(self, key: Key, number: int, value: Any, stamp: Stamp) -> Said:
        who = past.author(self.conn, stamp)
        actor = who.actor if who is not None else ""
        return Said(
            id=value_id(stamp),
            value=self._word(key[1], number, value),
            by=self._names.get(actor, system_user(actor) or actor),
            site=stamp[1],
            shop=who.shop if who is not None else 0,
            till=self._till(stamp[1]),
            at=instant.shown(ms_of(stamp)),
        )

    def label(self, kind: int, number: int) -> str:
        """What the chain calls a field of its own; empty for any other."""
        own = self._own.get(number) if kind == Kind.CUSTOMER else None
        return own.label if own is not None else ""

    def _word(self, kind: int, number: int, value: Any) -> str | None:
        """A value in words: a group and a type by what they are called."""
        if kind == Kind.CUSTOMER and number in _CALLED and isinstance(value, bytes):
            row = elements.element(self.conn, (EntityId(value), _CALLED[number], b""))
            return text_of(row.fields.get(_LABEL)) or value.hex() if row is not None else value.hex()
        own = self._own.get(number) if kind == Kind.CUSTOMER else None
        if own is not None and own.type == "yes_no" and isinstance(value, int):
            return "yes" if value else "no"
        return spoken(kind, number, value)

    def _till(self, site: int) -> str:
        if site not in self._tills:
            self._tills[site] = label_of(elements.element(self.conn, site_key(site)))
        return self._tills[site]

    def story(self, here: Element, number: int, losers: Sequence[Loser]) -> FieldStory:
        key, stamp = here.key, here.stamp(number)
        before, replaced = self._before(here, number, stamp)
        return FieldStory(
            field=field_name(here.kind, number),
            part=KIND_WORDS.get(Kind(here.kind), Kind(here.kind).name.lower()),
            member=here.dot.hex() or None,
            standing=self.said(key, number, here.fields.get(number), stamp),
            before=before,
            replaced=replaced,
            lost=tuple(self.said(key, number, loser.value, loser.stamp) for loser in losers),
            label=self.label(here.kind, number),
        )

    def _before(
        self, here: Element, number: int, stamp: Stamp
    ) -> tuple[Literal["known", "first", "forgotten"], Said | None]:
        if stamp == here.base:
            return "first", None
        now = past.said(self.conn, here.key, number, stamp)
        if now is None:
            return "forgotten", None
        then = here.base if now.replaced is None else now.replaced
        if then == NO_STAMP:
            return "first", None
        earlier = past.said(self.conn, here.key, number, then)
        if earlier is None:
            return "forgotten", None
        if earlier.value is None and then == here.base:
            return "first", None
        return "known", self.said(here.key, number, earlier.value, then)


def why(conn: Connection, id_: EntityId) -> Why:
    """The story of every field of a customer; raises NotFound."""
    here = elements.elements_of(conn, id_)
    row = row_of(here)
    if row is None or is_deleted(row):
        raise NotFound("no customer has this id", field="id")
    reading, losers = _Reading(conn), elements.losers_of(conn, id_)
    stories = [
        reading.story(one, number, [loser for loser in losers if (loser.key, loser.number) == (one.key, number)])
        for one in here
        if one.kind in SHOWN_KINDS
        for number in sorted(one.fields.keys() | one.stamps.keys())
    ]
    return Why(customer=id_.hex(), fields=tuple(stories))


def decide_choice(here: Sequence[Element], losers: Sequence[Loser], given: Choice) -> list[Operation]:
    """The edit that a choice comes to; raises NotFound, Outdated, Conflicting."""
    mine = [one for one in losers if _is_about(one, given)]
    standing = next((one for one in here if _holds(one, given)), None)
    chosen = next((one for one in mine if value_id(one.stamp) == given.chosen), None)
    if standing is None:
        return _decide_removed(mine, chosen, given)
    number = _number(standing.kind, given.field)
    if value_id(standing.stamp(number)) != given.standing:
        raise Outdated("standing: another value stands there by now: read it again, then choose")
    if chosen is None and given.chosen != given.standing:
        raise NotFound("chosen: no such value has lost there, or it is settled already", field="chosen")
    value = chosen.value if chosen is not None else standing.fields.get(number)
    return authoring.choose(standing, number, value, {one.stamp for one in mine})


def _decide_removed(mine: Sequence[Loser], chosen: Loser | None, given: Choice) -> list[Operation]:
    """A member was removed while somebody changed it: it stays away, or comes back with what was said last."""
    if not mine:
        raise NotFound("field: the customer has no such field", field="field")
    entity, kind, dot = mine[0].key
    operations = [Operation(kind, entity, Verb.REMOVE, {}, {one.number: one.stamp}, dot) for one in mine]
    if chosen is None and given.chosen == given.standing:
        return operations
    if chosen is None:
        raise NotFound("chosen: no such value has lost there, or it is settled already", field="chosen")
    if _ESSENTIAL.get(Kind(kind)) != chosen.number or chosen.value is None:
        raise Conflicting("chosen: what this belonged to was removed: add it anew, then settle this", field="chosen")
    return [*operations, authoring.add(kind, entity, {chosen.number: chosen.value})]


def _is_about(loser: Loser, given: Choice) -> bool:
    name = field_name(loser.key[1], loser.number)
    return (loser.key[2].hex() or None, name) == (given.member, given.field)


def _holds(one: Element, given: Choice) -> bool:
    if (one.dot.hex() or None) != given.member:
        return False
    return one.kind in SHOWN_KINDS if given.member else one.kind == Kind.CUSTOMER


def _number(kind: int, name: str) -> int:
    """The number of a field by its name in the API, or as a number."""
    if name.isascii() and name.isdecimal() and len(name) < 10:
        return int(name)
    shape = next((n for n in range(1, 100) if (one := field_shape(kind, n)) is not None and one.name == name), None)
    if shape is None:
        raise OperatorMistake("field: no such field", field="field")
    return shape


class ProvenanceDesk:
    """Where somebody asks why, and settles disagreements."""

    def __init__(self, premises: Premises, edits: EditDesk) -> None:
        self._premises = premises
        self._edits = edits

    async def why(self, id_: EntityId) -> Why:
        """The story of every field of a customer; raises NotFound."""
        return await self._premises.database.read(lambda conn: why(conn, id_))

    async def choose(self, call: Call, id_: EntityId, given: Choice) -> Customer:
        """Settle a disagreement by one edit; raises NotFound, Outdated, Conflicting."""
        return await self._edits.change_with(
            call, id_, lambda conn, here: decide_choice(here, elements.losers_of(conn, id_), given)
        )

    async def inbox(self, *, after: str = "", limit: int = 50, whose: Literal["here", "all", ""] = "") -> Inbox:
        """Disagreements that nobody has settled. `here`: those in which somebody of this shop had a word.

        Head office sees all unless it is asked otherwise, a till those of its shop.
        """
        identity = self._premises.replica.identity
        everywhere = whose == "all" or (not whose and identity.is_hub)
        shop = None if everywhere else identity.shop
        place = _place(after)

        def unit(conn: Connection) -> Inbox:
            return inbox(conn, place, limit=max(1, min(limit, PAGE_MAX)), shop=shop)

        return await self._premises.database.read(unit)


def inbox(conn: Connection, place: disagreements.Place, *, limit: int, shop: int | None) -> Inbox:
    """A page of the inbox; of one shop, or of all (None)."""
    reading, found = _Reading(conn), list[Disagreement]()
    looked_at, last = 0, None
    for loser in disagreements.losers_before(conn, place):
        looked_at += 1
        last = loser
        one = _disagreement(conn, reading, loser)
        if one is None or (shop is not None and not _is_of(one, shop)):
            continue
        found.append(one)
        if len(found) == limit:
            break
    more = len(found) == limit or looked_at >= disagreements.LOOKED_AT_MAX
    ended = None if last is None or not more else _text(disagreements.place_of(last))
    return Inbox(disagreements=tuple(found), next=ended)


def _disagreement(conn: Connection, reading: _Reading, loser: Loser) -> Disagreement | None:
    entity, kind, dot = loser.key
    row = elements.element(conn, (entity, Kind.CUSTOMER, b""))
    if row is None or is_deleted(row) or kind not in SHOWN_KINDS:
        return None
    here = row if kind == Kind.CUSTOMER else elements.element(conn, loser.key)
    standing = None
    if here is not None:
        standing = reading.said(loser.key, loser.number, here.fields.get(loser.number), here.stamp(loser.number))
    return Disagreement(
        customer=entity.hex(),
        display_name=display_name(row),
        field=field_name(kind, loser.number),
        part=KIND_WORDS.get(Kind(kind), Kind(kind).name.lower()),
        member=dot.hex() or None,
        standing=standing,
        lost=reading.said(loser.key, loser.number, loser.value, loser.stamp),
        label=reading.label(kind, loser.number),
    )


def _is_of(one: Disagreement, shop: int) -> bool:
    return shop in {one.lost.shop, one.standing.shop if one.standing is not None else one.lost.shop}


def _text(place: disagreements.Place) -> str:
    return ".".join(part.hex() if isinstance(part, bytes) else f"{part:x}" for part in place)


def _place(text: str) -> disagreements.Place:
    """Where a page ended, as its `next` said; raises OperatorMistake."""
    if not text:
        return disagreements.FIRST
    parts = text.split(".")
    try:
        time, site, incarnation, entity, kind, dot, number = parts
        return (
            *(int(time, 16), int(site, 16), int(incarnation, 16)),
            bytes.fromhex(entity),
            *(int(kind, 16), bytes.fromhex(dot), int(number, 16)),
        )
    except ValueError as wrong:
        raise OperatorMistake("after: take the `next` of the page before", field="after") from wrong
