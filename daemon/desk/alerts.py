"""What is shown when a customer is identified: notes, mail that came back, consents that are over; what becomes of it.

NPAI is two facts: this version of this address is bad, which a new address clears; and the customer wants no
information, which is a refusal of every channel and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from daemon.desk.customer import Customer, is_profile, is_walk_in, row_of
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import ADDRESS, ADDRESS_BAD, number
from daemon.desk.edit import EditDesk
from daemon.desk.lookup import load_customer
from daemon.desk.member_desk import MemberDesk
from daemon.desk.members import NewNote, member
from daemon.desk.policies import value as policy_value
from daemon.desk.premises import Call, Premises, author_of
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import CHANNELS, Kind
from daemon.domain.policy_book import NPAI_ALERT
from daemon.errors import Forbidden, NotFound, OperatorMistake
from daemon.store import acknowledged, visits
from daemon.store.database import Connection

NPAI = "npai"
SOURCE_LENGTH_MAX = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class NpaiTick:
    """Which of the two facts is meant: one of them must be said.

    `address`: mail to this address comes back (false: it does not); `member`: a further address, absent for the main
    one. `no_information`: the customer refuses every channel.
    """

    address: bool | None = None
    no_information: bool | None = None
    member: str | None = None
    source: str = NPAI


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """Something to be seen at identification. `must_acknowledge`: the sale goes on once somebody has said so.

    `consent`: a grant has expired, the customer is asked again; `text` is its channel.
    """

    id: str
    kind: Literal["note", "npai", "consent"]
    text: str = field(repr=False)
    must_acknowledge: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """What somebody wants to remember of this customer, said during a sale."""

    text: str = field(repr=False)
    show_at_till: bool = False


def decide_npai(here: Sequence[Element], given: NpaiTick, *, by: str, now_ms: int) -> list[Operation]:
    """The edits that ticking NPAI comes to; raises OperatorMistake, NotFound, Forbidden."""
    row = row_of(here)
    assert row is not None, "only a customer that is there is edited"
    if is_walk_in(row) or is_profile(row):
        raise Forbidden("who is nobody in particular has no address")
    if given.address is None and given.no_information is None:
        raise OperatorMistake(
            "address: say which is meant: this address is bad, or the customer wants no information", field="address"
        )
    if given.no_information is False:
        raise OperatorMistake("no_information: a refusal is lifted channel by channel", field="no_information")
    values: dict[int, Any] = {}
    if given.no_information:
        source = line(given.source, "source", SOURCE_LENGTH_MAX) or NPAI
        refused = authoring.guard(strong=True, details=(now_ms, source, None, by, None))
        values |= {number(f"consent_{channel}"): refused for channel in CHANNELS}
    operations: list[Operation] = []
    if given.address is not None and given.member is not None:
        dot = parse_entity(given.member)
        other = member(here, Kind.ADDRESS, dot if dot is not None else b"")
        mark = other.stamp(ADDRESS) if given.address else None
        operations.append(authoring.change(other, {ADDRESS_BAD: mark}))
    elif given.address is not None:
        if row.fields.get(number("address")) is None:
            raise OperatorMistake("address: the customer has no address", field="address")
        values[number("bad_address")] = row.stamp(number("address")) if given.address else None
    changed = {at: value for at, value in values.items() if row.fields.get(at) != value}
    return [*([authoring.change(row, changed)] if changed else []), *operations]


def alerts_of(customer: Customer, *, policy: str) -> tuple[Alert, ...]:
    """What is to be seen now: notes for the till, the newest first, a bad address, expired consents."""
    found = [
        Alert(id=note.id, kind="note", text=note.text, must_acknowledge=False)
        for note in customer.notes
        if note.show_at_till and not note.done
    ]
    if customer.bad_address and policy != "off":
        where = customer.address
        text = ", ".join(part for part in (where.line1, where.postal_code, where.city) if part) if where else ""
        found.append(Alert(id=NPAI, kind="npai", text=text, must_acknowledge=policy == "acknowledge"))
    over = [channel for channel in CHANNELS if getattr(customer.consents, channel).state == "expired"]
    asked = [Alert(id=f"consent_{name}", kind="consent", text=name, must_acknowledge=False) for name in over]
    return (*found, *asked)


class AlertDesk:
    """Where alerts are shown and seen to."""

    def __init__(self, premises: Premises, edits: EditDesk, members: MemberDesk) -> None:
        self._premises = premises
        self._edits = edits
        self._members = members

    async def npai(self, call: Call, id_: EntityId, given: NpaiTick) -> Customer:
        """Tick one of the two facts, or both; raises NotFound, OperatorMistake, Forbidden."""
        now_ms, by = self._premises.clock.now_ms(), author_of(call.actor)
        return await self._edits.change(call, id_, lambda here: decide_npai(here, given, by=by, now_ms=now_ms))

    async def of_customer(self, id_: EntityId) -> tuple[Alert, ...]:
        """What is shown when this customer is identified; raises NotFound."""
        return await self._premises.database.read(lambda conn: self._alerts(conn, id_))

    async def of_visit(self, visit: EntityId) -> tuple[Alert, ...]:
        """What of the customer of a visit nobody has seen to yet during it; raises NotFound."""

        def unit(conn: Connection) -> tuple[Alert, ...]:
            seen = acknowledged.of_visit(conn, visit)
            return tuple(alert for alert in self._alerts(conn, _customer(conn, visit)) if alert.id not in seen)

        return await self._premises.database.read(unit)

    async def next_time(self, visit: EntityId, alert: str) -> tuple[Alert, ...]:
        """Somebody has seen it: it comes back with the next visit. Answers what is left; raises NotFound."""

        def unit(conn: Connection) -> tuple[Alert, ...]:
            found = self._alerts(conn, _customer(conn, visit))
            if alert not in {one.id for one in found}:
                raise NotFound("alert: there is no such alert", field="alert")
            acknowledged.note(conn, visit, alert)
            seen = acknowledged.of_visit(conn, visit)
            return tuple(one for one in found if one.id not in seen)

        return await self._premises.database.write(unit)

    async def comment(self, call: Call, visit: EntityId, given: Comment) -> Customer:
        """Write a note about the customer of a visit; raises NotFound, Forbidden for the walk-in customer."""
        customer = await self._premises.database.read(lambda conn: _customer(conn, visit))
        return await self._members.add_note(call, customer, NewNote(text=given.text, show_at_till=given.show_at_till))

    def _alerts(self, conn: Connection, id_: EntityId) -> tuple[Alert, ...]:
        return alerts_of(load_customer(conn, id_, self._premises.now_ms()), policy=policy_value(conn, NPAI_ALERT))


def _customer(conn: Connection, visit: EntityId) -> EntityId:
    found = visits.load(conn, visit)
    if found is None:
        raise NotFound("no visit has this id", field="id")
    return found.customer
