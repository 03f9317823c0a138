"""What this till saved and head office does not have yet, change by change: to see that nothing is lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from daemon.desk import instant
from daemon.desk.customer import display_name, row_of
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Premises
from daemon.domain.change import Operation, decode_header, decode_operation
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.store import account_owners, changes, elements
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsent:
    """One change: when, whose, of what kinds (`note`, `sale`), by whom. `customer` is empty where it is of nobody."""

    at: str
    kinds: tuple[str, ...]
    customer: str
    display_name: str = field(repr=False)
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnsentShown:
    """The oldest of them, and how many there are in all."""

    changes: tuple[Unsent, ...]
    total: int


class UnsentDesk:
    """Where they are listed."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def oldest(self, limit: int) -> UnsentShown:
        """The first ones in the queue."""

        def unit(conn: Connection) -> UnsentShown:
            names = operator_names(conn)
            found = changes.unsent(conn, limit)
            return UnsentShown(
                changes=tuple(_shown(conn, one, names) for one in found), total=changes.waiting(conn).records
            )

        return await self._premises.database.read(unit)

    async def is_made_here(self, customer: EntityId) -> bool:
        """Whether this till made the customer and head office does not know of it yet."""

        def unit(conn: Connection) -> bool:
            since, row = changes.unsent_from(conn), row_of(elements.elements_of(conn, customer))
            return since is not None and row is not None and row.base[1] == since[1] and row.base >= since

        return await self._premises.database.read(unit)


def _shown(conn: Connection, one: changes.UnsentRecord, names: dict[str, str]) -> Unsent:
    operations = [decode_operation(slot) for slot in one.slots if isinstance(slot, bytes)]
    actor = decode_header(one.header).actor.id
    customer = next((found for found in (_owner(conn, each) for each in operations) if found is not None), None)
    row = row_of(elements.elements_of(conn, customer)) if customer is not None else None
    return Unsent(
        at=instant.shown(one.saved_ms),
        kinds=tuple(dict.fromkeys(_names(operations))),
        customer=customer.hex() if customer is not None and row is not None else "",
        display_name=display_name(row) if row is not None else "",
        by=names.get(actor, actor),
    )


def _owner(conn: Connection, operation: Operation) -> EntityId | None:
    if elements.element(conn, (operation.entity, Kind.CUSTOMER, b"")) is not None:
        return EntityId(operation.entity)
    return account_owners.owner(conn, operation.entity)


def _names(operations: Iterable[Operation]) -> Iterable[str]:
    for one in operations:
        yield Kind(one.kind).name.lower() if one.kind in {int(kind) for kind in Kind} else "other"
