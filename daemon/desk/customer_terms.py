"""The terms of one customer: groups, type, price list, discount, tax category, prices; and what of them stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from daemon.desk import instant
from daemon.desk.customer import is_walk_in, row_of, version_of
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import newest_stamp
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.customer_type import TYPE_OF, CustomerType
from daemon.domain.element import Element
from daemon.domain.group import DEFAULT, Group, decide_joining, decide_leaving, memberships_of, principal_of
from daemon.domain.hlc import ms_of
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.price_list import (
    LIST_OF,
    NewPrice,
    PriceEdit,
    SpecialPrice,
    decide_new_price,
    decide_price,
    price_named,
    prices_of,
)
from daemon.domain.pricing import AskedLine, Reason, applies
from daemon.domain.rate import rate_of
from daemon.domain.role import Right, may
from daemon.errors import Forbidden, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements, terms
from daemon.store.database import Connection

DISCOUNT: Final = CUSTOMER.number("discount")
TAX_CATEGORY: Final = CUSTOMER.number("tax_category")
TAX_LENGTH_MAX: Final = CUSTOMER.fields[TAX_CATEGORY].length_max

Decide = Callable[[Connection, Sequence[Element]], list[Operation]]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerTerms:
    """The terms of a customer. `standing`: which of them a sale would follow, and what beats the others.

    `principal` is one of `groups`, or the default group, which carries nothing. `employee`: by their type.
    """

    id: str
    version: str
    discount: int | None
    tax_category: str
    price_list: str
    type: CustomerType | None
    employee: bool
    groups: tuple[Group, ...]
    principal: Group
    prices: tuple[SpecialPrice, ...]
    standing: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerTermsEdit:
    """Terms of the customer's own; null takes one away, what is absent stays. 0 is a discount too: none, whatever else.

    `price_list` is a code, `type` an id.
    """

    discount: int | None = None
    tax_category: str | None = None
    price_list: str | None = None
    type: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Joining:
    """The group to be in, as the principal one or beside others."""

    group: str
    principal: bool = False


class CustomerTermsDesk:
    """Where the terms of customers are kept: at tills as at head office."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def terms(self, id_: EntityId) -> CustomerTerms:
        """The terms of one customer; raises NotFound."""
        day = self._day()
        return await self._premises.database.read(lambda conn: _shown(conn, id_, day(conn)))

    async def edit(self, call: Call, id_: EntityId, given: CustomerTermsEdit, present: frozenset[str]) -> CustomerTerms:
        """Change the customer's own terms; raises NotFound, Forbidden, OperatorMistake."""

        def decide(conn: Connection, here: Sequence[Element]) -> list[Operation]:
            row = row_of(here)
            assert row is not None, "only a customer that is there is edited"
            values = _values(conn, given, present)
            changed = {at: value for at, value in values.items() if row.fields.get(at) != value}
            return [authoring.change(row, changed)] if changed else []

        return await self._change(call, id_, decide)

    async def join(self, call: Call, id_: EntityId, given: Joining) -> CustomerTerms:
        """Put a customer into a group; the principal one takes the right to give terms. Raises as `edit`."""
        if given.principal and not may(call.actor.role, Right.GIVE_TERMS):
            raise Forbidden("principal: this role may not give a customer terms", field="principal")
        return await self._change(
            call,
            id_,
            lambda conn, here: decide_joining(here, terms.groups(conn), given.group, principal=given.principal),
        )

    async def leave(self, call: Call, id_: EntityId, group: str) -> CustomerTerms:
        """Take a customer out of a group; raises NotFound, Forbidden."""
        return await self._change(call, id_, lambda conn, here: decide_leaving(here, terms.groups(conn), group))

    async def add_price(self, call: Call, id_: EntityId, given: NewPrice) -> CustomerTerms:
        """Agree a price of one product with a customer; raises NotFound, Forbidden, OperatorMistake."""
        return await self._change(call, id_, lambda _, here: decide_new_price(here[0].entity, given))

    async def edit_price(
        self, call: Call, id_: EntityId, price: str, given: PriceEdit, present: frozenset[str]
    ) -> CustomerTerms:
        """Change an agreed price; raises NotFound, OperatorMistake."""
        return await self._change(call, id_, lambda _, here: decide_price(here, price, given, present))

    async def remove_price(self, call: Call, id_: EntityId, price: str) -> CustomerTerms:
        """Take an agreed price back; raises NotFound."""
        return await self._change(call, id_, lambda _, here: [authoring.remove(price_named(here, price))])

    def _day(self) -> Callable[[Connection], int]:
        now_ms, shop = self._premises.clock.now_ms(), self._premises.replica.identity.shop
        return lambda conn: terms.day_there(conn, shop, now_ms)

    async def _change(self, call: Call, id_: EntityId, decide: Decide) -> CustomerTerms:
        now_ms, day = self._premises.clock.now_ms(), self._day()

        def unit(conn: Connection) -> CustomerTerms:
            here = _here(conn, id_)
            row = row_of(here)
            if row is not None and is_walk_in(row):
                raise Forbidden("the walk-in customer has no terms of its own, and is in no group")
            operations = decide(conn, here)
            if operations:
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return _shown(conn, id_, day(conn))

        return await write_once(self._premises, call, CustomerTerms, unit, told=self._tell)

    def _tell(self, shown: CustomerTerms) -> None:
        self._premises.announce(Event.CUSTOMER, CustomerChanged(id=shown.id, version=shown.version))


def _values(conn: Connection, given: CustomerTermsEdit, present: frozenset[str]) -> dict[int, Any]:
    """The fields to set; raises OperatorMistake for what this replica does not know."""
    values: dict[int, Any] = {}
    if "discount" in present:
        values[DISCOUNT] = rate_of(given.discount, "discount")
    if "tax_category" in present:
        values[TAX_CATEGORY] = line(given.tax_category or "", "tax_category", TAX_LENGTH_MAX) or None
    if "price_list" in present:
        priced = terms.price_list(conn, given.price_list or "")
        if given.price_list and priced is None:
            raise OperatorMistake("price_list: no price list has this code", field="price_list")
        values[LIST_OF] = priced.list.code if priced is not None else None
    if "type" in present:
        values[TYPE_OF] = _type_named(conn, given.type)
    return values


def _type_named(conn: Connection, text: str | None) -> EntityId | None:
    if not text:
        return None
    id_ = parse_entity(text)
    if id_ is None or elements.element(conn, (id_, Kind.CUSTOMER_TYPE, b"")) is None:
        raise OperatorMistake("type: no type of customers has this id", field="type")
    return id_


def _here(conn: Connection, id_: EntityId) -> list[Element]:
    here = elements.elements_of(conn, id_)
    row = row_of(here)
    if row is None or is_deleted(row):
        raise NotFound("no customer has this id", field="id")
    return here


def _shown(conn: Connection, id_: EntityId, day: int) -> CustomerTerms:
    here = _here(conn, id_)
    known, found = terms.groups(conn), terms.terms_of(conn, here)
    named = [known.get(group, Group(id=group)) for group in memberships_of(here, known)]
    principal = principal_of(here, known)
    # An article that nobody lists, at a price that does not matter: what stands for it stands for all.
    (standing,) = applies(found, [AskedLine(label="*")], {}, day)
    return CustomerTerms(
        id=id_.hex(),
        version=version_of(here),
        discount=found.discount,
        tax_category=found.tax_category,
        price_list=found.own_list.list.code if found.own_list is not None else "",
        type=found.type,
        employee=found.type is not None and found.type.employee and not found.type.withdrawn,
        groups=tuple(sorted(named, key=lambda one: (one.position, one.label, one.id))),
        principal=known.get(principal, Group(id=principal, is_default=principal == DEFAULT.hex())),
        prices=_prices(conn, here),
        standing=standing.reasons,
    )


def _prices(conn: Connection, here: Sequence[Element]) -> tuple[SpecialPrice, ...]:
    """The agreed prices, each with who said it last, and when."""
    said = {one.dot.hex(): newest_stamp(one) for one in here if one.kind == Kind.PRICE}
    authors, names = (customers.authors(conn, said.values()), operator_names(conn)) if said else ({}, {})
    found = []
    for price in prices_of(here):
        stamp = said[price.id]
        by = authors.get(stamp, "")
        found.append(replace(price, agreed_at=instant.shown(ms_of(stamp)), agreed_by=names.get(by, by)))
    return tuple(found)
