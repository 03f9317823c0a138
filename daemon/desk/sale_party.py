"""Who takes part in sales beside the register: loyalty, coupons, credit. Each adds to what applies, and to the record.

Every function runs in the transaction of the visit or the sale that it is told of: what a party returns is saved and
sent with the sale as one record, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.pricing import LineTerms
from daemon.domain.sale import SaleHead, SaleKind, SoldLine
from daemon.domain.visit import Visit
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Selling:
    """A sale as it is asked about, or posted. `sold` is empty while it is asked about.

    visit       of this till; None where another till's visit is posted here, or no visit was opened
    sale        its id, 8 bytes; of a return or a cancellation its own, `original` names the sale
    customer    None: erased since, or the account is nobody's (returns)
    here        all elements of the customer
    lines       what the rules say of each line
    codes       coupons, promo codes, credit notes that were scanned or typed for this sale
    """

    visit: bytes | None
    sale: bytes
    kind: SaleKind = "sale"
    customer: EntityId | None
    account: EntityId
    is_walk_in: bool
    here: Sequence[Element] = ()
    lines: Sequence[LineTerms] = ()
    sold: Sequence[SoldLine] = ()
    total: int = 0
    original: SaleHead | None = None
    codes: tuple[str, ...] = ()
    shop: int
    day: int
    now_ms: int


class SaleParty(Protocol):
    """Somebody who takes part in sales."""

    def opened(self, conn: Connection, visit: Visit) -> None:
        """A visit was opened, with the id of its sale."""
        ...

    def attached(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """A visit serves somebody from now on: what that adds to the chain."""
        ...

    def applies(self, conn: Connection, selling: Selling) -> Any:
        """What to answer beside prices and discounts; None for nothing. Writes nothing."""
        ...

    def posting(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """What the sale, return or cancellation adds to its record; told once for each, when it is registered."""
        ...

    def settled(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """Another till has registered the sale of a visit that is posted now: what this visit alone knows of it."""
        ...

    def cancelled(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """A visit ended without a sale, or serves somebody else from now on: what that adds to the chain."""
        ...


@dataclass(frozen=True, slots=True)
class Parties:
    """All who take part, in their order; at most one has an answer of its own."""

    parties: tuple[SaleParty, ...] = field(default=())

    def opened(self, conn: Connection, visit: Visit) -> None:
        """Tell all of an opened visit."""
        for party in self.parties:
            party.opened(conn, visit)

    def attached(self, conn: Connection, visit: Visit) -> list[Operation]:
        """What all add when somebody is served."""
        return [operation for party in self.parties for operation in party.attached(conn, visit)]

    def applies(self, conn: Connection, selling: Selling) -> Any:
        """The first answer that somebody has."""
        for party in self.parties:
            answer = party.applies(conn, selling)
            if answer is not None:
                return answer
        return None

    def posting(self, conn: Connection, selling: Selling) -> list[Operation]:
        """What all add to the record."""
        return [operation for party in self.parties for operation in party.posting(conn, selling)]

    def settled(self, conn: Connection, selling: Selling) -> list[Operation]:
        """What all add where another till was first to register the sale."""
        return [operation for party in self.parties for operation in party.settled(conn, selling)]

    def cancelled(self, conn: Connection, visit: Visit) -> list[Operation]:
        """What all add when a visit ends without a sale, or serves somebody else."""
        return [operation for party in self.parties for operation in party.cancelled(conn, visit)]
