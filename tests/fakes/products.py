"""Products, price lists and types as a till has them from head office."""

from daemon.desk.price_lists import ProductEdit
from daemon.domain.customer_type import CustomerTypeEdit, decide_type
from daemon.domain.ids import EntityId
from daemon.domain.price_list import PriceListEdit, decide_list
from daemon.domain.products import ProductDraft, decide_product
from daemon.store import authoring
from daemon.store.database import Connection
from tests.fakes.counter import Counter


async def stocked(counter: Counter, code: str, given: ProductEdit) -> None:
    """Head office sells this."""
    draft = ProductDraft(code=code, **{name: getattr(given, name) for name in ProductEdit.__slots__})

    def unit(conn: Connection) -> None:
        operations = decide_product(None, draft)
        authoring.commit(conn, counter.replica, counter.call().actor, operations, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def listed(counter: Counter, code: str, label: str) -> None:
    """Head office has a price list."""

    def unit(conn: Connection) -> None:
        operations = decide_list(None, code, PriceListEdit(label=label), frozenset({"label"}))
        authoring.commit(conn, counter.replica, counter.call().actor, operations, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def typed(counter: Counter, id_: EntityId, label: str, discount: int) -> None:
    """Head office has a type of customers."""

    def unit(conn: Connection) -> None:
        given = CustomerTypeEdit(label=label, discount=discount)
        operations = decide_type(None, id_, given, frozenset({"label", "discount"}), is_new=True)
        authoring.commit(conn, counter.replica, counter.call().actor, operations, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)
