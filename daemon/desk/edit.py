"""Creates and edits customers: what is asked for, who has it already, which operations say it.

`decide_*` are pure; the desk loads what they need and commits what they return, in one transaction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.customer import Customer, is_profile, is_walk_in, row_of, version_of
from daemon.desk.customer_fields import (
    FIELD_NAMES,
    CustomerFields,
    Customs,
    check_preferred_channel,
    line,
    stored_fields,
)
from daemon.desk.customer_parts import CARD_NUMBER, TAG, is_strong, number, of_kind, text_of
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.lookup import living_owners, load_customer
from daemon.desk.members import NewNote, card_fields, note_fields, tag_changes, tag_of, without_card
from daemon.desk.mistakes import Mistakes
from daemon.desk.premises import Call, Premises, author_of, write_once
from daemon.domain import authoring, policy, policy_book
from daemon.domain.account import ACCOUNT
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CHANNELS, Kind
from daemon.domain.role import Right, may
from daemon.errors import Forbidden, NotFound, OperatorMistake, Outdated, Taken
from daemon.store import authoring as store
from daemon.store import customers, elements
from daemon.store.database import Connection

Surface = Literal["till", "kiosk", "application", "import"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConsent:
    """What a customer says about one channel now."""

    state: Literal["granted", "refused"]
    date: str | None = None
    source: str | None = None
    wording: str | None = None
    expiry: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConsents:
    """What a customer says, channel by channel; channels that are absent stay as they are."""

    newsletter: NewConsent | None = None
    contests: NewConsent | None = None
    email: NewConsent | None = None
    sms: NewConsent | None = None
    phone: NewConsent | None = None
    post: NewConsent | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCustomer(CustomerFields):
    """A customer to be created; without a code one is given.

    `even_if_known` creates although somebody has this telephone: two people. A card is one person's: `move_cards` takes
    the cards from whoever has them.
    """

    cards: tuple[str, ...] = field(default=(), repr=False)
    tags: tuple[str, ...] = ()
    notes: tuple[NewNote, ...] = ()
    consents: NewConsents | None = None
    surface: Surface | None = None
    even_if_known: bool = False
    move_cards: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerEdit(CustomerFields):
    """Changes of a customer; `tags` is the whole set as it should be."""

    tags: tuple[str, ...] | None = None
    consents: NewConsents | None = None
    archived: bool | None = None
    blocked: bool | None = None
    blocked_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """The customer; `identified` says that it was there already, known by its e-mail."""

    identified: bool
    customer: Customer


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who writes, and when: what notes and consents say. `wordings`: what a customer is shown now, by channel."""

    actor: Actor
    now_ms: int
    wordings: Mapping[str, str] = field(default_factory=dict)


def surface_of(given: NewCustomer, actor: Actor) -> Surface:
    """Where a creation comes from; only who may import can ask for the rules of an import. Raises Forbidden."""
    if given.surface == "import" and not may(actor.role, Right.IMPORT):
        raise Forbidden("surface: this role may not create customers as an import does", field="surface")
    return given.surface or ("application" if actor.kind == ActorKind.APPLICATION else "till")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewIds:
    """What a new customer is known by: the code is for one who was given none, no account means the derived one."""

    customer: EntityId
    code: str
    account: EntityId | None = None


def decide_creation(
    given: NewCustomer, ids: NewIds, *, required: policy.Required, author: Author, customs: Customs
) -> list[Operation]:
    """The operations that create a customer; raises OperatorMistake naming the field at fault."""
    kind = given.kind or ("company" if given.company_name and not given.last_name else "person")
    told = {name for name in FIELD_NAMES if _is_told(getattr(given, name))}
    present = frozenset(told | {"kind"})
    mistakes = Mistakes()
    for name in policy.missing(required, surface=surface_of(given, author.actor), kind=kind, given=frozenset(told)):
        mistakes.add(OperatorMistake(f"{name}: this is required to create a {kind}", field=name))
    if not told & {"first_name", "last_name", "company_name", "email", "mobile", "phone", "code"} and not given.cards:
        mistakes.add(OperatorMistake("last_name: nothing here names the customer", field="last_name"))
    whole = CustomerFields(**{name: getattr(given, name) for name in FIELD_NAMES - {"kind"}}, kind=kind)
    values: dict[int, Any] = {}
    with mistakes:
        values = stored_fields(whole, present, None, customs)
    cards: dict[Any, dict[int, Any]] = {}
    for typed in given.cards:
        with mistakes:
            fields = card_fields(typed, "", author.now_ms, customs)
            cards[fields[CARD_NUMBER]] = fields
    tags: list[str] = []
    with mistakes:
        tags = _distinct_tags(given.tags)
    mistakes.refuse()
    values.setdefault(number("code"), ids.code)
    if ids.account is not None:
        values[ACCOUNT] = ids.account
    if given.consents is not None:
        values |= consent_values(given.consents, author)
    check_preferred_channel(Element(Kind.CUSTOMER, ids.customer, b"", (0, 0, 0)), values, author.now_ms)
    by, now_ms = author_of(author.actor), author.now_ms
    return [
        authoring.create(Kind.CUSTOMER, ids.customer, values),
        *(authoring.add(Kind.CARD, ids.customer, fields) for fields in cards.values()),
        *(authoring.add(Kind.TAG, ids.customer, {TAG: tag}) for tag in tags),
        *(authoring.add(Kind.NOTE, ids.customer, note_fields(note, by, now_ms)) for note in given.notes),
    ]


def decide_edit(
    given: CustomerEdit, present: frozenset[str], here: Sequence[Element], *, author: Author, customs: Customs
) -> list[Operation]:
    """The operations that an edit comes to; none when it changes nothing. Raises OperatorMistake, Forbidden."""
    row = row_of(here)
    assert row is not None, "only a customer that is there is edited"
    if is_walk_in(row) and present & {"consents", "tags", "archived", "blocked"}:
        raise Forbidden("the walk-in customer has no tags and no consents, and is neither archived nor blocked")
    if is_profile(row) and present & {"consents", "tags"}:
        raise Forbidden("an anonymous profile has no cards, notes, tags, consents and further addresses")
    if present & {"archived", "blocked"} and not may(author.actor.role, Right.BLOCK):
        raise Forbidden("this role may neither block nor archive a customer")
    mistakes, values, tags = Mistakes(), dict[int, Any](), list[str]()
    with mistakes:
        values = stored_fields(given, present, row, customs)
    with mistakes:
        tags = _distinct_tags(given.tags or ())
    mistakes.refuse()
    if given.consents is not None:
        values |= consent_values(given.consents, author)
    values |= _guards(given, row, author)
    check_preferred_channel(row, values, author.now_ms)
    changed = {at: value for at, value in values.items() if row.fields.get(at) != value}
    operations = [authoring.change(row, changed)] if changed else []
    if "tags" in present:
        operations += tag_changes(of_kind(here, Kind.TAG), tags, row.entity)
    return operations


def consent_values(given: NewConsents, author: Author) -> dict[int, Any]:
    """Values of the channels that are named: (refused, date, source, wording, operator, expiry)."""
    values: dict[int, Any] = {}
    for channel in CHANNELS:
        said: NewConsent | None = getattr(given, channel)
        if said is None:
            continue
        where = f"consents.{channel}"
        details = (
            instant.parse(said.date, field=f"{where}.date") if said.date else author.now_ms,
            line(said.source or "", f"{where}.source", 64) or None,
            line(said.wording or author.wordings.get(channel, ""), f"{where}.wording", 64) or None,
            author_of(author.actor),
            instant.parse(said.expiry, field=f"{where}.expiry") if said.expiry else None,
        )
        values[number(f"consent_{channel}")] = authoring.guard(strong=said.state == "refused", details=details)
    return values


def _guards(given: CustomerEdit, row: Element, author: Author) -> dict[int, Any]:
    """Archiving and blocking: (on, reason, since, by)."""
    reason = line(given.blocked_reason or "", "blocked_reason", 200)
    values: dict[int, Any] = {}
    for name, why in (("archived", ""), ("blocked", reason)):
        on: bool | None = getattr(given, name)
        if on is not None and (on or is_strong(row, number(name))):
            details = (why, author.now_ms, author_of(author.actor))
            values[number(name)] = authoring.guard(strong=on, details=details)
    if given.archived is False and row.fields.get(number("deleted")) is not None:
        values[number("deleted")] = None  # a deletion that a sale turned into an archive
    return values


def _is_told(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _distinct_tags(tags: Sequence[str]) -> list[str]:
    """Tags as they are kept; two that differ in case or accents are one."""
    return list({fold(tag): tag for tag in reversed([tag_of(typed) for typed in tags])}.values())[::-1]


class EditDesk:
    """Where customers are created and edited."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def create(self, call: Call, given: NewCustomer) -> Created:
        """Create a customer, or identify the one who has this e-mail.

        Raises OperatorMistake; Taken when somebody has this code, card or telephone.
        """
        now_ms = self._premises.clock.now_ms()
        id_, account = EntityId(random_id()), EntityId(random_id())
        bereft: list[EntityId] = []

        def unit(conn: Connection) -> Created:
            known = _known_by_mail(conn, given)
            if known is not None:
                return Created(identified=True, customer=load_customer(conn, known, now_ms))
            required = policy.required_of(customers.policy(conn, policy.REQUIRED))
            code = given.code or customers.next_code(conn, self._premises.replica)
            author = _author(conn, call.actor, now_ms)
            ids = NewIds(customer=id_, code=code, account=account)
            operations = decide_creation(given, ids, required=required, author=author, customs=self._premises.customs)
            _refuse_taken(conn, operations, given)
            bereft[:] = _take_cards(conn, operations) if given.move_cards else ()
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=author.now_ms)
            return Created(identified=False, customer=load_customer(conn, id_, now_ms))

        return await write_once(
            self._premises,
            call,
            Created,
            unit,
            told=lambda made: None if made.identified else self._tell(made.customer, bereft),
        )

    async def edit(
        self, call: Call, id_: EntityId, given: CustomerEdit, *, present: frozenset[str], version: str
    ) -> Customer:
        """Change a customer that is still at `version`; raises Outdated when it is not."""
        now_ms = self._premises.clock.now_ms()

        def decide(conn: Connection, here: Sequence[Element]) -> list[Operation]:
            _refuse_outdated(here, version)
            author = _author(conn, call.actor, now_ms)
            return decide_edit(given, present, here, author=author, customs=self._premises.customs)

        return await self.change_with(call, id_, decide)

    async def change(
        self,
        call: Call,
        id_: EntityId,
        decide: Callable[[Sequence[Element]], list[Operation]],
        *,
        version: str = "",
        check: Callable[[Connection, list[Operation]], None] | None = None,
    ) -> Customer:
        """Load a customer, decide, commit; `check` may look further in the same transaction."""

        def decide_with(conn: Connection, here: Sequence[Element]) -> list[Operation]:
            _refuse_outdated(here, version)
            operations = decide(here)
            if check is not None:
                check(conn, operations)
            return operations

        return await self.change_with(call, id_, decide_with)

    async def change_with(
        self, call: Call, id_: EntityId, decide: Callable[[Connection, Sequence[Element]], list[Operation]]
    ) -> Customer:
        """Load a customer, decide with whatever else is looked up in the same transaction, commit."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> Customer:
            here = elements.elements_of(conn, id_)
            if row_of(here) is None:
                raise NotFound("no customer has this id", field="id")
            operations = decide(conn, here)
            if operations:
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return load_customer(conn, id_, now_ms)

        return await write_once(self._premises, call, Customer, unit, told=self._tell)

    def _tell(self, customer: Customer, bereft: Sequence[EntityId] = ()) -> None:
        self._premises.announce(Event.CUSTOMER, CustomerChanged(id=customer.id, version=customer.version))
        for owner in bereft:
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=owner.hex()))


def _refuse_outdated(here: Sequence[Element], version: str) -> None:
    if version and version != version_of(here):
        raise Outdated("the customer was changed since it was read: read it again, then repeat")


def _author(conn: Connection, actor: Actor, now_ms: int) -> Author:
    """Who writes, with the wordings of consents that head office has said to be shown now."""
    wordings = policy_book.value_of(policy_book.CONSENT_WORDING, customers.policy(conn, policy_book.CONSENT_WORDING))
    return Author(actor=actor, now_ms=now_ms, wordings=wordings)


def _known_by_mail(conn: Connection, given: NewCustomer) -> EntityId | None:
    """The one customer who has this e-mail; raises Taken when several do."""
    if not given.email or not given.email.strip():
        return None
    owners = customers.persons(conn, living_owners(conn, Claim.EMAIL, given.email))
    if len(owners) > 1:
        raise _taken("email", owners, "several customers have this e-mail address: choose one of them")
    return owners[0] if owners else None


_ASKING = (("mobile", Claim.PHONE), ("phone", Claim.PHONE))


def _refuse_taken(conn: Connection, operations: Sequence[Operation], given: NewCustomer) -> None:
    """A code has one owner; a telephone or a card that somebody has is asked about, each by itself. Raises Taken."""
    row, mistakes = operations[0].fields, Mistakes()
    code = row.get(number("code"))
    owners = customers.owners_of(conn, Claim.CODE, code) if isinstance(code, str) else []
    if owners:
        mistakes.add(_taken("code", owners, "this code belongs to another customer"))
    for mistake in _known_by(conn, operations, given):
        mistakes.add(mistake)
    mistakes.refuse()


def _known_by(conn: Connection, operations: Sequence[Operation], given: NewCustomer) -> Iterator[Taken]:
    """Cards and telephones that somebody has; an import takes telephones as they are."""
    for card in _cards(operations) if not given.move_cards else ():
        owners = customers.persons(conn, living_owners(conn, Claim.CARD, card))
        if owners:
            yield _taken("cards", owners, "this card belongs to another customer")
    for name, claim in _ASKING if given.surface != "import" and not given.even_if_known else ():
        value = operations[0].fields.get(number(name))
        owners = customers.persons(conn, living_owners(conn, claim, value)) if isinstance(value, str) else []
        if owners:
            yield _taken(name, owners, "another customer has this telephone number")


def _cards(operations: Sequence[Operation]) -> list[str]:
    return [text_of(one.fields.get(CARD_NUMBER)) for one in operations if one.kind == Kind.CARD]


def _take_cards(conn: Connection, operations: list[Operation]) -> Sequence[EntityId]:
    """Have the cards of a new customer taken from all who have them, in the same record; returns who had them."""
    cards = _cards(operations)
    found = [(owner, card) for card in cards for owner in living_owners(conn, Claim.CARD, card, all_of_them=True)]
    for owner, card in found:
        operations += without_card(elements.elements_of(conn, owner), card)
    return [owner for owner, _ in found]


def _taken(name: str, owners: Sequence[EntityId], sentence: str) -> Taken:
    return Taken(f"{name}: {sentence}", field=name, owners=tuple(owner.hex() for owner in owners))
