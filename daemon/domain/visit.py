"""A visit: one customer of one lane from the first article to the posted sale. Pure; all transitions in one table.

    open > posted       the sale is done; the next visit starts with the walk-in customer again
    open > cancelled

The basket is the till software's own: bytes that are kept, given back and never looked into.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from daemon.domain.ids import EntityId
from daemon.domain.sale import new_sale_id
from daemon.errors import Conflicting, OperatorMistake

BASKET_BYTES_MAX = 64 * 1024


class VisitState(StrEnum):
    """Where a visit stands; the stored spelling."""

    OPEN = "open"
    POSTED = "posted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One visit as it is stored. `sale` is issued with the visit, so that a posting sent twice is one sale.

    It is the sale's id in 16 hexadecimal digits; visits of the first release say site and visit instead.
    """

    id: EntityId
    lane: str
    state: VisitState = VisitState.OPEN
    customer: EntityId
    walk_in: EntityId
    basket: bytes = field(default=b"", repr=False)
    sale: str
    opened_ms: int
    changed_ms: int

    @property
    def sale_id(self) -> EntityId:
        """The id of the sale that this visit is to become."""
        site, dash, _ = self.sale.partition("-")
        return new_sale_id(int(site), self.id) if dash else EntityId(bytes.fromhex(self.sale))

    @property
    def is_walk_in(self) -> bool:
        """Whether nobody in particular is being served."""
        return self.customer == self.walk_in


@dataclass(frozen=True, slots=True)
class Attach:
    """Serve this customer, also in place of another one."""

    customer: EntityId


@dataclass(frozen=True, slots=True)
class Detach:
    """Serve nobody in particular after all."""


@dataclass(frozen=True, slots=True)
class Fill:
    """The basket as it is now."""

    basket: bytes


@dataclass(frozen=True, slots=True)
class Post:
    """The sale is done."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """There will be no sale."""


VisitEvent: TypeAlias = Attach | Detach | Fill | Post | Cancel

_OPEN, _POSTED, _CANCELLED = VisitState.OPEN, VisitState.POSTED, VisitState.CANCELLED

# A state and an event that are not in the table do not go together. What was posted may be posted again: the till
# software did not hear the answer.
TRANSITIONS: Mapping[VisitState, Mapping[type[VisitEvent], VisitState]] = {
    _OPEN: {Attach: _OPEN, Detach: _OPEN, Fill: _OPEN, Post: _POSTED, Cancel: _CANCELLED},
    _POSTED: {Post: _POSTED},
    _CANCELLED: {Cancel: _CANCELLED},
}

_ATTEMPTED: Mapping[type[VisitEvent], str] = {
    Attach: "no customer can be attached",
    Detach: "no customer can be detached",
    Fill: "the basket cannot change",
    Post: "it cannot be posted",
    Cancel: "it cannot be cancelled",
}


def open_visit(*, id_: EntityId, lane: str, walk_in: EntityId, site: int, now_ms: int) -> Visit:
    """A new visit. Its sale id names the till, the only one whose posting may create what a sale earns."""
    return Visit(
        id=id_,
        lane=lane,
        customer=walk_in,
        walk_in=walk_in,
        sale=new_sale_id(site, id_).hex(),
        opened_ms=now_ms,
        changed_ms=now_ms,
    )


def apply(visit: Visit, event: VisitEvent, *, now_ms: int) -> Visit:
    """What `event` makes of a visit; raises Conflicting when the two do not go together."""
    after = TRANSITIONS[visit.state].get(type(event))
    if after is None:
        raise Conflicting(f"the visit is {visit.state.value}: {_ATTEMPTED[type(event)]}")
    moved = replace(_marked(visit, event), state=after)
    return visit if moved == visit else replace(moved, changed_ms=now_ms)


def _marked(visit: Visit, event: VisitEvent) -> Visit:
    match event:
        case Attach(customer):
            return replace(visit, customer=customer)
        case Detach():
            return replace(visit, customer=visit.walk_in)
        case Fill(basket):
            if len(basket) > BASKET_BYTES_MAX:
                raise OperatorMistake(
                    f"the basket is {len(basket)} bytes long, the most allowed is {BASKET_BYTES_MAX}", field="basket"
                )
            return replace(visit, basket=basket)
        case Post() | Cancel():
            return visit
