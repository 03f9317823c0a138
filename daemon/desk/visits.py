"""Serves one visit per lane: who is being served, what is in the basket, and the sale at its end."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.customer import row_of
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import is_strong, number
from daemon.desk.events import Event
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.sale_terms import Basket, SaleTerms
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.desk.selling import NewSale, Place, PriceDifference, SellingDesk
from daemon.domain import visit as rules
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId
from daemon.domain.leaving import is_deleted
from daemon.domain.payment_card import json_holds_payment_card
from daemon.domain.sale import returned_of
from daemon.domain.visit import Attach, Cancel, Detach, Fill, Post, Visit, VisitEvent, VisitState
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake, StoreFault
from daemon.store import authoring as store
from daemon.store import customers, rights, sales, visits
from daemon.store.database import Connection

log = logging.getLogger(__name__)

LANE_LENGTH_MAX = 32

CLOSED_KEPT_MS = 31 * 24 * 3_600_000
"""Longer than the answers to requests: a posting that is sent again meets its visit, or its remembered answer."""

SWEEP_S = 24 * 3600.0
SWEPT_AT_ONCE = 50
"""Baskets of 64 KiB: a unit of work stays far below 20 ms on a memory card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVisit:
    """A visit to open; a shop with one lane needs no name for it."""

    lane: str = "1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """The customer who is being served."""

    customer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitShown:
    """A visit. `sale_id` is issued with it and becomes the sale's when it is posted; the basket is fetched apart.

    Of a sale that was just posted: `differs`, lines that were sold for another amount than the rules say here and now;
    `rules_changed`, whether these are others than it was told under; `earned`, the points that it brings.
    """

    id: str
    lane: str
    state: VisitState
    customer: CustomerBrief
    is_walk_in: bool
    sale_id: str
    basket_bytes: int
    opened_at: str
    changed_at: str
    differs: tuple[PriceDifference, ...] = ()
    rules_changed: bool = False
    earned: int | None = None


class VisitDesk:
    """Where customers are served."""

    def __init__(self, premises: Premises, selling: SellingDesk) -> None:
        self._premises = premises
        self._selling = selling

    async def open(self, call: Call, given: NewVisit) -> VisitShown:
        """Begin to serve; the walk-in customer is served until somebody is attached.

        Raises Conflicting when the lane is busy or no walk-in customer was chosen.
        """
        lane = line(given.lane, "lane", LANE_LENGTH_MAX)
        if not lane:
            raise OperatorMistake("lane: the lane has no name", field="lane")
        identity, now_ms, id_ = self._premises.replica.identity, self._premises.clock.now_ms(), EntityId(random_id())

        def unit(conn: Connection) -> VisitShown:
            walk_in = customers.walk_in(conn, identity.shop)
            if walk_in is None:
                raise Conflicting("no walk-in customer was chosen for this shop: set it up first")
            if visits.open_ones(conn, lane):
                raise Conflicting("lane: a visit is open there already: post or cancel it first", field="lane")
            visit = rules.open_visit(id_=id_, lane=lane, walk_in=walk_in, site=identity.site, now_ms=now_ms)
            visits.save(conn, visit)
            self._selling.parties.opened(conn, visit)
            return _shown(conn, visit)

        return await write_once(self._premises, call, VisitShown, unit, told=self._tell)

    async def open_ones(self) -> tuple[VisitShown, ...]:
        """The visits that are open now, one for each busy lane."""
        return await self._premises.database.read(
            lambda conn: tuple(_shown(conn, visit) for visit in visits.open_ones(conn))
        )

    async def visit(self, id_: EntityId) -> VisitShown:
        """One visit; raises NotFound."""
        return await self._premises.database.read(lambda conn: _shown(conn, _load(conn, id_)))

    async def basket(self, id_: EntityId) -> bytes:
        """The basket as it was last put, byte for byte; empty until then."""
        return await self._premises.database.read(lambda conn: _load(conn, id_).basket)

    async def attach(self, call: Call, id_: EntityId, customer: EntityId) -> VisitShown:
        """Serve this customer; raises NotFound, Forbidden for one who is blocked."""
        return await self._step(call, id_, Attach(customer), check=lambda conn: check_customer(conn, customer))

    async def detach(self, call: Call, id_: EntityId) -> VisitShown:
        """Serve nobody in particular."""
        return await self._step(call, id_, Detach())

    async def fill(self, call: Call, id_: EntityId, basket: bytes) -> VisitShown:
        """Keep the basket as it is now; raises OperatorMistake for one that is too big or holds a payment card."""
        refuse_card_in_basket(basket, self._premises.customs.card_prefixes)
        return await self._step(call, id_, Fill(basket))

    async def terms(self, id_: EntityId, basket: Basket) -> SaleTerms:
        """What applies to a basket of this visit; raises NotFound, OperatorMistake."""
        return await self._premises.database.read(
            lambda conn: self._selling.terms(conn, self._place(conn, _load(conn, id_)), basket)
        )

    async def post(self, call: Call, id_: EntityId, sold: NewSale | None = None) -> VisitShown:
        """The sale is done, and registered with its lines if they are told; all of it in one record.

        Posting what was posted already changes nothing. Raises Conflicting, Forbidden, OperatorMistake.
        """
        return await write_once(
            self._premises,
            call,
            VisitShown,
            lambda conn: self.post_in(conn, call, _load(conn, id_), sold),
            told=self._tell,
        )

    def post_in(self, conn: Connection, call: Call, before: Visit, sold: NewSale | None) -> VisitShown:
        """Post a visit in the caller's transaction."""
        now_ms, where = self._premises.clock.now_ms(), self._place(conn, before)
        after = rules.apply(before, Post(), now_ms=now_ms)
        registered = self._selling.register(conn, call, where, sold) if sold is not None else None
        operations = list(registered.operations) if registered is not None else []
        if after != before and not operations:
            operations = self._selling.without_lines(conn, where)
        if operations:
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
        if after != before:
            visits.save(conn, after)
        shown = _shown(conn, after)
        if registered is None or not registered.operations:
            return shown
        return replace(
            shown,
            differs=registered.differs,
            rules_changed=registered.has_other_rules,
            earned=registered.earned,
        )

    async def cancel(self, call: Call, id_: EntityId) -> VisitShown:
        """There will be no sale."""
        return await self._step(call, id_, Cancel())

    def _place(self, conn: Connection, visit: Visit) -> Place:
        """Where the sale of a visit is made; the walk-in stands in for a customer whose row is gone."""
        shop, (row,) = self._premises.replica.identity.shop, customers.rows(conn, [visit.customer])
        customer = visit.customer if row is not None else visit.walk_in
        return Place(sale=visit.sale_id, visit=visit.id, customer=customer, lane=visit.lane, shop=shop)

    async def _step(
        self, call: Call, id_: EntityId, event: VisitEvent, *, check: Callable[[Connection], None] | None = None
    ) -> VisitShown:
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> VisitShown:
            before = _load(conn, id_)
            if check is not None:
                check(conn)
            after = rules.apply(before, event, now_ms=now_ms)
            if after != before:
                operations = self.save_in(conn, before, after)
                if operations:
                    store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return _shown(conn, after)

        return await write_once(self._premises, call, VisitShown, unit, told=self._tell)

    def save_in(self, conn: Connection, before: Visit, after: Visit) -> list[Operation]:
        """Keep a visit in the caller's transaction; returns what those who take part in sales add."""
        if after.state is VisitState.CANCELLED or after.customer != before.customer:
            _refuse_registered(conn, before)
        visits.save(conn, after)
        parties, operations = self._selling.parties, list[Operation]()
        if after.state is VisitState.CANCELLED or after.customer != before.customer:
            operations += parties.cancelled(conn, after)  # what one had chosen is not the next one's
        if after.customer != before.customer:
            operations += parties.attached(conn, after)
        return operations

    def load_in(self, conn: Connection, id_: EntityId) -> Visit:
        """A visit, in the caller's transaction; raises NotFound."""
        return _load(conn, id_)

    def shown_in(self, conn: Connection, visit: Visit) -> VisitShown:
        """A visit as the API shows it, in the caller's transaction."""
        return _shown(conn, visit)

    async def tend(self) -> None:
        """Forget closed visits once nothing can ask for them any more; until cancelled."""
        while True:
            try:
                await self.forget_closed()
            except StoreFault as fault:
                log.warning("old visits stay for another day: %s", fault)
            await self._premises.clock.sleep(SWEEP_S)

    async def forget_closed(self) -> int:
        """Delete what was closed long ago, a little at a time; returns how many visits."""
        before_ms, total = self._premises.clock.now_ms() - CLOSED_KEPT_MS, 0
        while True:
            gone = await self._premises.database.write_in_turn(
                lambda conn: visits.forget_closed(conn, before_ms, limit=SWEPT_AT_ONCE)
            )
            total += gone
            if gone < SWEPT_AT_ONCE:
                await self._premises.database.write_in_turn(rights.forget_issued)
                await self._premises.database.write_in_turn(visits.forget_carried)
                return total

    def _tell(self, visit: VisitShown) -> None:
        self._premises.announce(Event.VISIT, visit)


def check_customer(conn: Connection, customer: EntityId) -> None:
    """Whether somebody can be served; raises NotFound, Forbidden for one who is blocked."""
    row = row_of(customers.listed(conn, [customer])[0])
    if row is None or is_deleted(row):
        raise NotFound("customer: no customer has this id", field="customer")
    if is_strong(row, number("blocked")):
        raise Forbidden("customer: this customer is blocked", field="customer")


def _refuse_registered(conn: Connection, visit: Visit) -> None:
    """A sale that another till has registered is done: nothing of it is taken back by the way. Raises Conflicting."""
    if sales.head(conn, visit.sale_id) is None or returned_of(sales.following(conn, visit.sale_id)).cancelled:
        return
    raise Conflicting("visit: its sale was registered at another till: post it here too, or cancel the sale")


def refuse_card_in_basket(basket: bytes, own_prefixes: Collection[str]) -> None:
    """A basket is the till software's own and is looked into for this alone; raises OperatorMistake."""
    try:
        found = len(basket) <= rules.BASKET_BYTES_MAX and json_holds_payment_card(basket, own_prefixes)
    except (ValueError, RecursionError) as wrong:
        raise OperatorMistake("basket: this is not JSON in UTF-8, or nested too deeply", field="basket") from wrong
    if found:
        raise OperatorMistake(
            "basket: this holds the number of a payment card, which is not kept: leave it out", field="basket"
        )


def _load(conn: Connection, id_: EntityId) -> Visit:
    visit = visits.load(conn, id_)
    if visit is None:
        raise NotFound("no visit has this id", field="id")
    return visit


def _shown(conn: Connection, visit: Visit) -> VisitShown:
    """A visit with its customer; the walk-in stands in for one who was erased since."""
    served, walk_in = (brief_of(found) for found in customers.listed(conn, [visit.customer, visit.walk_in]))
    unnamed = CustomerBrief(id=visit.walk_in.hex(), kind="person", display_name="", walk_in=True)
    return VisitShown(
        id=visit.id.hex(),
        lane=visit.lane,
        state=visit.state,
        customer=served or walk_in or unnamed,
        is_walk_in=visit.is_walk_in or served is None,
        sale_id=visit.sale,
        basket_bytes=len(visit.basket),
        opened_at=instant.shown(visit.opened_ms),
        changed_at=instant.shown(visit.changed_ms),
    )
