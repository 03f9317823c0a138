"""Held tickets are taken over by a sale, put back, taken away from another till, sold beside it on a person's word.

Head office is asked first, and its answer decides. Where it cannot be reached a till takes over by itself, which is
recorded; whoever does so although another till is known to have the ticket names that till's take-over.
"""

import logging
from dataclasses import dataclass, field, replace
from typing import Final

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.approvals import Capped, authorise
from daemon.desk.events import Event
from daemon.desk.inquiry import InquiryDesk
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.ticket_awards import TAKE_TOPIC, TakeAsked, TakeTold, TicketCopy, put_back_all_of_closed
from daemon.desk.tickets import FOR_NOBODY, REASON_LENGTH_MAX, TicketDesk, TicketTerms, edited, kept_basket, load
from daemon.desk.tickets_shown import TicketShown
from daemon.desk.visits import VisitDesk, VisitShown, check_customer
from daemon.domain import ticket as rules
from daemon.domain import ticket_step as steps
from daemon.domain import visit as visit_rules
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.plain_line import plain_line
from daemon.domain.role import Role
from daemon.domain.site_row import label_of, site_key
from daemon.domain.ticket import Step, Take, Ticket
from daemon.domain.visit import Attach, Cancel, Detach, Fill, Visit, VisitState
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake, PeerFault, StoreFault
from daemon.store import authoring as store
from daemon.store import customers, elements, idempotency, tickets, visits
from daemon.store.database import Connection

log = logging.getLogger(__name__)

ARRIVES_S: Final = 2.0
"""So long a ticket that head office has just awarded is waited for: its feed is on its way."""
LOOK_S: Final = 0.05
GONE_MAX: Final = 32
TENDED_S: Final = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """The visit whose sale takes a ticket over. `despite`: another till's take-over, known and overruled offline."""

    visit: str
    despite: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A ticket that is this sale's from now on, and its visit, with the basket in it."""

    ticket: TicketShown
    visit: VisitShown


@dataclass(frozen=True, kw_only=True, slots=True)
class Releasing:
    """Put a ticket back. `take`: that of another till, taken away from there by a person; else this till's own."""

    take: str = ""
    reason: str = field(default="", repr=False)
    approval: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirming:
    """A person has looked: `names` is what the other till did, `visit` the one to be posted all the same.

    Without a visit, a ticket that was sold twice is settled. `approval`: of the second person.
    """

    names: str
    visit: str = ""
    approval: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """What was held of a visit, which is over."""

    ticket: TicketShown
    visit: VisitShown


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known before head office is asked. `is_done`: there is nothing to ask."""

    visit: Visit
    ticket: Ticket | None
    is_done: bool


class TicketTakingDesk:
    """Where held tickets change hands."""

    def __init__(self, premises: Premises, desk: TicketDesk, visits_: VisitDesk, inquiry: InquiryDesk | None) -> None:
        self._premises = premises
        self._desk = desk
        self._visits = visits_
        self._inquiry = inquiry

    async def take(self, call: Call, id_: EntityId, given: Taking) -> Taken:
        """Take a ticket over into a visit whose basket is empty.

        Raises NotFound, Conflicting (field `despite`: offline, and another till is known to have it), Forbidden,
        OperatorMistake.
        """
        visit = _id(given.visit, "visit")
        before = await self._premises.database.read(lambda conn: self._before(conn, call, id_, visit))
        fresh = random_id()
        told = None if before.is_done else await self._ask(call, id_, before, fresh)
        copy = told.ticket if told is not None else None
        ticket_id = EntityId(bytes.fromhex(copy.id)) if copy is not None else id_
        if copy is not None:
            await self._arrive(ticket_id)
        take = bytes.fromhex(told.take) if told is not None else fresh

        def unit(conn: Connection) -> Taken:
            now = self._visits.load_in(conn, visit)
            ticket = tickets.ticket(conn, ticket_id) or _of_copy(copy)
            if ticket is None:
                raise NotFound("no held ticket has this id", field="id")
            after = self._filled(conn, now, ticket)
            operations = self._taken(call, ticket, (now.sale_id, take), told, given)
            mine = ticket.take_of(now.sale_id)
            operations += steps.carry(ticket, mine.id if mine is not None else take, now.sale_id, self._desk.hand(call))
            visits.carry(conn, visit, ticket_id)
            self._save(conn, call, now, after, operations)
            shown = self._desk.shown(conn, tickets.ticket(conn, ticket_id) or ticket)
            return Taken(ticket=shown, visit=self._visits.shown_in(conn, after))

        try:
            return await write_once(self._premises, call, Taken, unit, told=self._tell)
        except OperatorMistake:
            if told is not None:  # else posting this visit would sell what nobody put into its basket
                await self._decline(call, ticket_id, copy, take)
            raise

    async def _decline(self, call: Call, id_: EntityId, copy: TicketCopy | None, take: bytes) -> None:
        """Give back what head office has awarded and this visit cannot have."""

        def unit(conn: Connection) -> None:
            ticket = tickets.ticket(conn, id_) or _of_copy(copy)
            if ticket is not None:
                self._commit(conn, call, steps.give_back(ticket, take, self._desk.hand(call)))

        await self._premises.database.write(unit)

    async def hold(self, call: Call, visit: EntityId, given: TicketTerms) -> Parked:
        """Put the basket of a visit aside, for its customer; a ticket that it had taken over goes back, as it is now.

        The visit is over. Raises NotFound, Conflicting, OperatorMistake.
        """
        fresh, fresh_owner = random_id(), random_id()

        def unit(conn: Connection) -> Parked:
            before = self._visits.load_in(conn, visit)
            if before.state is not VisitState.OPEN:
                raise Conflicting(f"the visit is {before.state.value}: it cannot be held", field="visit")
            if not before.basket:
                raise Conflicting("visit: there is nothing in its basket", field="visit")
            held = self._desk.held_of(given, kept_basket(before.basket, self._premises.customs.card_prefixes))
            # One sold or closed elsewhere meanwhile holds nothing any more: what is in the basket is a new one.
            inside = visits.carried(conn, before.id)
            known = [one for one in tickets.of_sale(conn, before.sale_id) if one.id in inside]
            live = [one for one in known if one.state in {"open", "taken"}]
            carried = next(iter(live), None)
            operations: list[Operation] = []
            if carried is not None:
                said = {rules.BASKET: held.basket, rules.TOTAL: held.total or carried.total}
                operations += edited(conn, carried, said)
            else:
                owner = fresh_owner if before.is_walk_in else before.customer
                if before.is_walk_in and given.type not in FOR_NOBODY:
                    raise Conflicting("customer: a ticket of this type is somebody's", field="customer")
                operations.append(steps.hold(replace(held, owner=owner, source="till"), id_=fresh))
            after = visit_rules.apply(before, Cancel(), now_ms=self._premises.clock.now_ms())
            self._save(conn, call, before, after, operations)
            found = load(conn, carried.id if carried is not None else fresh)
            return Parked(ticket=self._desk.shown(conn, found), visit=self._visits.shown_in(conn, after))

        return await write_once(self._premises, call, Parked, unit, told=self._tell)

    async def release(self, call: Call, id_: EntityId, given: Releasing) -> TicketShown:
        """Put a ticket back; that of another till on a person's word. Raises NotFound, Conflicting, Forbidden."""
        reason = plain_line(given.reason, "reason", REASON_LENGTH_MAX)
        wanted = _id(given.take, "take") if given.take else None
        changed: list[VisitShown] = []

        def unit(conn: Connection) -> TicketShown:
            ticket, hand = load(conn, id_), self._desk.hand(call)
            take = _standing(ticket, hand.site, wanted)
            mine = take.site == hand.site
            operations = (
                steps.put_back(ticket, take.sale, hand) if mine else steps.give_back(ticket, take.id, hand, reason)
            )
            visit = visits.of_sale(conn, take.sale.hex()) if mine else None
            if not mine:
                self._person(conn, call, ticket, given.approval)
            is_inside = visit is not None and ticket.id in visits.carried(conn, visit.id)
            if visit is not None and is_inside and visit.state is VisitState.OPEN:
                visits.drop(conn, visit.id, ticket.id)
                now_ms = self._premises.clock.now_ms()
                empty = visit_rules.apply(visit, Fill(b""), now_ms=now_ms)
                after = visit_rules.apply(empty, Detach(), now_ms=now_ms)
                self._save(conn, call, visit, after, operations)
                changed.append(self._visits.shown_in(conn, after))
            else:
                self._commit(conn, call, operations)
            return self._desk.shown(conn, load(conn, id_))

        def tell(ticket: TicketShown) -> None:
            self._desk.tell(ticket)
            for visit in changed:
                self._premises.announce(Event.VISIT, visit)

        return await write_once(self._premises, call, TicketShown, unit, told=tell)

    async def confirm(self, call: Call, id_: EntityId, given: Confirming) -> TicketShown:
        """A person names what another till did with the ticket; raises NotFound, Conflicting, Forbidden."""
        names, visit = _id(given.names, "names"), _id(given.visit, "visit") if given.visit else None

        def unit(conn: Connection) -> TicketShown:
            ticket = load(conn, id_)
            sale = self._visits.load_in(conn, visit).sale_id if visit is not None else b""
            operations = steps.confirm(ticket, names, sale, self._desk.hand(call))
            self._person(conn, call, ticket, given.approval)
            self._commit(conn, call, operations)
            return self._desk.shown(conn, load(conn, id_))

        return await write_once(self._premises, call, TicketShown, unit, told=self._desk.tell)

    async def tend(self) -> None:
        """Give back what came to sales that are over, with rows that brought no word of it; until cancelled."""
        replica, clock = self._premises.replica, self._premises.clock
        while True:
            try:
                await self._premises.database.write_behind(
                    lambda conn: put_back_all_of_closed(conn, replica, now_ms=clock.now_ms())
                )
            except StoreFault as fault:
                log.warning("tickets of sales that are over are given back later: %s", fault)
            await clock.sleep(TENDED_S)

    # ---- before head office is asked ---------------------------------------------------------------------------------

    def _before(self, conn: Connection, call: Call, id_: EntityId, visit: EntityId) -> _Before:
        """What is known here; raises what makes asking pointless."""
        now_ms = self._premises.clock.now_ms()
        now, ticket = self._visits.load_in(conn, visit), tickets.ticket(conn, id_)
        if call.key and idempotency.recall(conn, call.who, call.key, now_ms=now_ms) is not None:
            return _Before(now, ticket, is_done=True)
        if ticket is not None:
            self._filled(conn, now, ticket)
            if ticket.take_of(now.sale_id) is None:
                steps.check_held(ticket)
        return _Before(now, ticket, is_done=ticket is not None and ticket.take_of(now.sale_id) is not None)

    async def _ask(self, call: Call, id_: EntityId, before: _Before, take: bytes) -> TakeTold | None:
        """What head office says; None where it cannot be asked, or knows no such ticket yet. Raises Conflicting."""
        hand, ticket = self._desk.hand(call), before.ticket
        gone = [step.take.hex() for step in ticket.steps if step.what == Step.GIVEN_BACK] if ticket is not None else []
        asked = TakeAsked(
            ticket=id_.hex(),
            sale=before.visit.sale_id.hex(),
            take=take.hex(),
            by=hand.by,
            at_ms=hand.at_ms,
            given_back=tuple(gone[-GONE_MAX:]),
        )
        if self._inquiry is None:
            return None
        try:
            told = await self._inquiry.ask(TAKE_TOPIC, asked, TakeTold)
        except PeerFault:
            if ticket is None:
                raise
            return None
        if told is None and ticket is None:
            raise NotFound("no held ticket has this id, neither here nor at head office", field="id")
        if told is not None and told.verdict != "granted":
            raise Conflicting(await self._refusal(told), field="ticket")
        return told

    async def _refusal(self, told: TakeTold) -> str:
        if told.verdict != "taken":
            return "ticket: it was sold already" if told.verdict == "posted" else "ticket: it was closed"
        row = await self._premises.database.read(lambda conn: elements.element(conn, site_key(told.site)))
        till = label_of(row) or str(told.site)
        return f"ticket: till {till} has it since {instant.shown(told.at_ms)}: it is put back there, or taken away"

    async def _arrive(self, id_: EntityId) -> None:
        """Wait a moment for a ticket that has just been awarded to come with its feed; the copy serves meanwhile."""
        clock = self._premises.clock
        until_s = clock.monotonic_s() + ARRIVES_S
        while clock.monotonic_s() < until_s:
            if await self._premises.database.read(lambda conn: tickets.ticket(conn, id_)) is not None:
                return
            await clock.sleep(LOOK_S)

    # ---- within a unit -----------------------------------------------------------------------------------------------

    def _filled(self, conn: Connection, visit: Visit, ticket: Ticket) -> Visit:
        """The visit with the ticket's basket and customer; raises Conflicting, NotFound, Forbidden."""
        now_ms = self._premises.clock.now_ms()
        if visit.basket:
            if ticket.id in visits.carried(conn, visit.id):
                return visit
            raise Conflicting("visit: there is something in its basket: hold or post it first", field="visit")
        after = visit_rules.apply(visit, Fill(ticket.basket.encode()), now_ms=now_ms)
        (row,) = customers.rows(conn, [ticket.owner])
        if row is None:
            return after
        check_customer(conn, ticket.owner)
        return visit_rules.apply(after, Attach(ticket.owner), now_ms=now_ms)

    def _taken(
        self, call: Call, ticket: Ticket, wanted: tuple[bytes, bytes], told: TakeTold | None, given: Taking
    ) -> list[Operation]:
        """What takes the ticket over, awarded or alone. Raises Conflicting."""
        sale, take = wanted
        hand = self._desk.hand(call)
        if told is None:
            despite = _id(given.despite, "despite") if given.despite else b""
            return steps.take_alone(ticket, take, sale, hand, despite=despite)
        steps.check_held(ticket)
        return steps.take_over(ticket, take, sale, hand, awarded=told.awarded)

    def _person(self, conn: Connection, call: Call, ticket: Ticket, approval: str) -> None:
        """It takes a person, whatever a software was allowed; raises Forbidden."""
        if call.actor.role == Role.APPLICATION and not approval:
            raise Forbidden("approval: it takes a person to confirm this", field="approval")
        wanted = Capped(act=Act.SECOND_SALE, amount=max(ticket.total, 1), approval=approval)
        authorise(conn, self._premises.replica, call, wanted, now_ms=self._premises.clock.now_ms())

    def _save(self, conn: Connection, call: Call, before: Visit, after: Visit, operations: list[Operation]) -> None:
        """Keep a visit, and record what was done with it."""
        if after != before:
            operations += self._visits.save_in(conn, before, after)
        self._commit(conn, call, operations)

    def _commit(self, conn: Connection, call: Call, operations: list[Operation]) -> None:
        if operations:
            now_ms = self._premises.clock.now_ms()
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)

    def _tell(self, done: Taken | Parked) -> None:
        self._desk.tell(done.ticket)
        self._premises.announce(Event.VISIT, done.visit)


def _standing(ticket: Ticket, site: int, wanted: bytes | None) -> Take:
    """The take-over that is meant: the one named, else that of this till. Raises Conflicting."""
    found = next((one for one in ticket.takes if (one.id == wanted if wanted else one.site == site)), None)
    if found is None:
        raise Conflicting("take: the ticket is not taken over like that", field="take")
    return found


def _of_copy(copy: TicketCopy | None) -> Ticket | None:
    """A ticket that is still on its way."""
    if copy is None:
        return None
    return Ticket(
        owner=EntityId(bytes.fromhex(copy.owner)),
        id=bytes.fromhex(copy.id),
        type=copy.type,
        shop=copy.shop,
        basket=copy.basket,
    )


def _id(text: str, name: str) -> EntityId:
    found = parse_entity(text)
    if found is None:
        raise OperatorMistake(f"{name}: an id is 16 hexadecimal digits", field=name)
    return found
