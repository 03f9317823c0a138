"""A lost card is blocked and another takes its place; what hangs on the customer stays where it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from daemon.desk import members
from daemon.desk.badges import BadgeDesk, NewBadge
from daemon.desk.customer import Customer
from daemon.desk.customer_parts import CARD_NUMBER, of_kind, text_of
from daemon.desk.edit import EditDesk
from daemon.desk.lookup import living_owners
from daemon.desk.members import CardEdit, NewCard
from daemon.desk.premises import Call, Premises, author_of
from daemon.desk.print_shown import PrintJobShown
from daemon.domain.change import Operation
from daemon.domain.code import lookup_form
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.errors import Conflicting, Taken
from daemon.store.card_numbers import next_card_number
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReplacement:
    """What takes the place of a card; without a number this till gives one of its own.

    `state`: lost, or replaced because it was worn. `print`: the badge of the new card, on `printer` or the usual one.
    """

    number: str | None = field(default=None, repr=False)
    state: Literal["lost", "replaced"] = "lost"
    reason: str = ""
    print: bool = True
    printer: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """The customer with both cards, the id of the new one, and the job that prints it."""

    customer: Customer
    card: str
    job: PrintJobShown | None


class ReplacementDesk:
    """Where cards are replaced."""

    def __init__(self, premises: Premises, edits: EditDesk, badges: BadgeDesk | None) -> None:
        self._premises = premises
        self._edits = edits
        self._badges = badges

    async def replace(self, call: Call, id_: EntityId, dot: bytes, given: NewReplacement) -> Replaced:
        """Block the old card and give the new one in one transaction, then ask for its badge.

        Raises NotFound for the old card, Conflicting where it was lost already, Taken for a number that somebody has.
        """
        if given.print and self._badges is None:
            raise Conflicting("printer: no printer is configured at this till", field="printer")
        customer = await self._edits.change_with(
            call, id_, lambda conn, here: self._decide(conn, here, dot, given, author_of(call.actor))
        )
        card = max((one for one in customer.cards if one.state == "active"), key=lambda one: one.since)
        job = None
        if given.print and self._badges is not None:
            # The same key again is the same job: a crash in between loses nothing.
            job = await self._badges.request(call, id_, NewBadge(printer=given.printer, card=card.id))
        return Replaced(customer=customer, card=card.id, job=job)

    def _decide(
        self, conn: Connection, here: Sequence[Element], dot: bytes, given: NewReplacement, author: str
    ) -> list[Operation]:
        now_ms, customs = self._premises.clock.now_ms(), self._premises.customs
        old = members.member(here, Kind.CARD, dot)
        if text_of(old.fields.get(5)) in ("lost", "replaced"):
            raise Conflicting("this card was replaced already: read again", field="member")
        number = given.number or next_card_number(conn, self._premises.replica, customs.card_prefixes[0])
        if lookup_form(number) in {
            lookup_form(text_of(one.fields.get(CARD_NUMBER))) for one in of_kind(here, Kind.CARD)
        }:
            raise Conflicting("number: the customer has this card already: scan the new one", field="number")
        owners = tuple(owner.hex() for owner in living_owners(conn, Claim.CARD, number))
        if owners:
            raise Taken("number: this card belongs to another customer", field="number", owners=owners)
        edit = CardEdit(state=given.state, reason=given.reason or None)
        return [
            *members.edit_card(here, dot, edit, author, now_ms),
            *members.add_card(here, NewCard(number=number, medium="badge"), now_ms, customs),
        ]
