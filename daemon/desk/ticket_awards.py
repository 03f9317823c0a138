"""Whose a held ticket is: what head office says to a till that wants to take it over, and what a sale says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daemon.desk.premises import Premises
from daemon.desk.sale_party import Selling
from daemon.desk.tickets import account_in, load
from daemon.domain import ticket_step as steps
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.sale import returned_of, site_of_sale
from daemon.domain.ticket import Take, Ticket, TicketType
from daemon.domain.ticket_step import Hand, Verdict, moved_id
from daemon.domain.visit import Visit, VisitState
from daemon.errors import OperatorMistake
from daemon.store import authoring as store
from daemon.store import sales, tickets, visits
from daemon.store.database import Connection
from daemon.store.replica import Replica, fenced_ms

TAKE_TOPIC = "take_ticket"
KEEPER = Actor(ActorKind.SYSTEM, "keeper", "till")


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeAsked:
    """A till wants a ticket for a sale, under a take-over of this id.

    `given_back`: take-overs that it knows to stand no more, which head office may not have heard yet.
    """

    ticket: str
    sale: str
    take: str
    by: str
    at_ms: int
    given_back: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketCopy:
    """What a till has to know of a ticket that has not reached it yet."""

    id: str
    owner: str
    type: TicketType
    shop: int
    basket: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeTold:
    """What head office says. granted: `take` is the take-over that stands, of `ticket`; taken: by `site` since then.

    `awarded`: no till of the shop can have the ticket unheard. Just after a start of head office one may.
    """

    verdict: Verdict
    take: str = ""
    site: int = 0
    at_ms: int = 0
    awarded: bool = False
    ticket: TicketCopy | None = None


def told_in(conn: Connection, premises: Premises, asked: TakeAsked) -> TakeTold:
    """Award a ticket to a till that asks; raises NotFound, OperatorMistake."""
    return award_in(conn, premises.replica, asked, now_ms=premises.clock.now_ms())


def award_in(conn: Connection, replica: Replica, asked: TakeAsked, *, now_ms: int) -> TakeTold:
    """Award a ticket, in the unit that says so to the shop. One of another shop, or of none, comes to this one."""
    sale, ticket = _id(asked.sale), load(conn, _id(asked.ticket))
    site = site_of_sale(sale)
    shop = tickets.shop_of_till(conn, site)
    if shop is None:
        raise OperatorMistake("sale: no enrolled till issued this id", field="sale")
    moved = [one for one in tickets.of_sale(conn, sale) if one.id == moved_id(ticket, shop)]
    ticket = moved[0] if moved else ticket  # the answer was lost
    said = steps.award(ticket, sale, [_id(one) for one in asked.given_back])
    if said.verdict != "granted":
        return _refused(said.verdict, said.take)
    awarded = said.take is not None and said.take.awarded
    operations: list[Operation] = []
    hand = Hand(site=site, by=asked.by, at_ms=asked.at_ms)
    if ticket.shop != shop:
        ticket, operations = steps.move(ticket, shop, hand)
    take = said.take.id if said.take is not None else _id(asked.take)
    if not awarded:
        awarded = tickets.shop_has_told(conn, shop, replica.boot)
        operations += steps.take_over(ticket, take, sale, hand, awarded=awarded)
        store.commit(conn, replica, Actor(), operations, now_ms=now_ms)
    return TakeTold(verdict="granted", take=take.hex(), awarded=awarded, ticket=_copy(ticket))


class TicketParty:
    """Held tickets take part in sales: what is posted is sold, what is cancelled goes back."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def opened(self, conn: Connection, visit: Visit) -> None:
        """Nothing is held yet."""

    def attached(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """Who is served changes no ticket."""
        return ()

    def applies(self, conn: Connection, selling: Selling) -> None:
        """A ticket has no prices of its own."""

    def posting(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """The tickets that the sale has become of; raises Conflicting where a person has to confirm it first.

        What head office awarded to this sale goes back where it was never put into its basket: the answer went lost.
        Where another till posts the sale it sells what the visit's till has said to be in the basket; of the rest it
        knows nothing, and that till says it when the visit ends there.
        """
        if selling.kind != "sale":
            return ()
        hand = Hand(site=self._premises.replica.identity.site, by="", at_ms=selling.now_ms)
        inside = visits.carried(conn, selling.visit) if selling.visit is not None else frozenset[bytes]()
        operations: list[Operation] = []
        for ticket in tickets.of_sale(conn, selling.sale):
            if ticket.id in inside or (selling.visit is None and ticket.is_inside(selling.sale)):
                operations += steps.sold(ticket, selling.sale, account_in(conn, ticket), hand)
            elif selling.visit is not None:
                operations += steps.put_back(ticket, selling.sale, hand)
        return operations

    def settled(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """What was in the basket is sold, unless whoever posted the sale has said so, or it was cancelled since."""
        if returned_of(sales.following(conn, selling.sale)).cancelled:
            hand = Hand(site=self._premises.replica.identity.site, by="", at_ms=selling.now_ms)
            return put_back(conn, selling.sale, hand)
        return self.posting(conn, selling)

    def cancelled(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """What the visit had taken over is free again."""
        if visit.state is not VisitState.CANCELLED:
            return ()
        replica = self._premises.replica
        at_ms = self._premises.clock.now_ms() + replica.timeline.offset_ms
        return put_back(conn, visit.sale_id, Hand(site=replica.identity.site, by="", at_ms=at_ms))


def put_back(conn: Connection, sale: bytes, hand: Hand) -> list[Operation]:
    """What puts back all that a sale has taken over."""
    return [op for ticket in tickets.of_sale(conn, sale) for op in steps.put_back(ticket, sale, hand)]


def put_back_of_closed(conn: Connection, replica: Replica, sale: bytes, ticket: Ticket, *, now_ms: int) -> int:
    """Give back what came to a sale of this till that is over: the answer went lost, the award came with the feed.

    Returns how many operations that took. Nothing while two boxes live under this site: the visit may be open there.
    """
    if site_of_sale(sale) != replica.identity.site or ticket.take_of(sale) is None or fenced_ms(conn):
        return 0
    visit = visits.of_sale(conn, sale.hex())
    if visit is None or visit.state is VisitState.OPEN:
        return 0  # of a visit that this disk does not know somebody else may still post the sale: a person decides
    hand = Hand(site=replica.identity.site, by="", at_ms=now_ms + replica.timeline.offset_ms)
    operations = steps.put_back(ticket, sale, hand)
    store.commit(conn, replica, KEEPER, operations, now_ms=now_ms)
    return len(operations)


def put_back_all_of_closed(conn: Connection, replica: Replica, *, now_ms: int) -> int:
    """The same of every ticket of this shop that is held: the feed of an award may have come as rows."""
    found = tickets.taken_ones(conn, replica.identity.shop)
    return sum(put_back_of_closed(conn, replica, sale, ticket, now_ms=now_ms) for sale, ticket in found)


def _refused(verdict: Verdict, take: Take | None) -> TakeTold:
    if take is None:
        return TakeTold(verdict=verdict)
    return TakeTold(verdict=verdict, take=take.id.hex(), site=take.site, at_ms=take.at_ms)


def _copy(ticket: Ticket) -> TicketCopy:
    return TicketCopy(
        id=ticket.id.hex(), owner=ticket.owner.hex(), type=ticket.type, shop=ticket.shop, basket=ticket.basket
    )


def _id(text: str) -> EntityId:
    found = parse_entity(text)
    if found is None:
        raise OperatorMistake("an id is 16 hexadecimal digits", field="id")
    return found
