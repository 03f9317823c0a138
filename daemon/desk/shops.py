"""The shops of the chain by number and name, and who is nobody in particular in this one."""

from dataclasses import dataclass

from daemon.desk.customer import Customer
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import text_of
from daemon.desk.lookup import load_customer
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain import authoring
from daemon.domain.canonical import digest8
from daemon.domain.element import Element, Key
from daemon.domain.kinds import Kind
from daemon.domain.site_row import label_of, site_key
from daemon.errors import NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements
from daemon.store.database import Connection

NUMBER, LABEL = 1, 2
"""Fields of a shop's row, as `domain.kinds` numbers them."""

LABEL_LENGTH_MAX = 100
NUMBER_MAX = 65_535


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """A point of sale; an empty label is one that nobody gave."""

    shop: int
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopName:
    """What a shop is called."""

    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopsShown:
    """All shops; `here` is the one of this till, 0 at head office."""

    here: int
    shops: tuple[Shop, ...]


def shop_key(number: int) -> Key:
    """Where the row of a shop is stored: two tills that name the same shop write one row."""
    return (digest8(f"shop/{number}".encode("ascii")), Kind.SHOP, b"")


class ShopDesk:
    """Where shops are named."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def shops(self) -> ShopsShown:
        """All shops that have a name, by number."""
        rows = await self._premises.database.read(lambda conn: elements.elements_of_kind(conn, Kind.SHOP))
        found = sorted((_shop(row) for row in rows), key=lambda shop: shop.shop)
        return ShopsShown(here=self._premises.replica.identity.shop, shops=tuple(found))

    async def till_label(self) -> str:
        """What head office calls this till; empty until it has a name here."""
        key = site_key(self._premises.replica.identity.site)
        return label_of(await self._premises.database.read(lambda conn: elements.element(conn, key)))

    async def name_shop(self, call: Call, number: int, given: ShopName) -> Shop:
        """Call a shop by this name; the name that it has already changes nothing. Raises OperatorMistake."""
        label, now_ms = line(given.label, "label", LABEL_LENGTH_MAX), self._premises.clock.now_ms()
        if not label:
            raise OperatorMistake("label: the shop has no name", field="label")
        if not 1 <= number <= NUMBER_MAX:
            raise OperatorMistake(f"shop: a shop has a number from 1 to {NUMBER_MAX}", field="shop")

        def unit(conn: Connection) -> Shop:
            key = shop_key(number)
            row = elements.element(conn, key)
            if row is None:
                operation = authoring.create(Kind.SHOP, key[0], {NUMBER: number, LABEL: label})
            elif text_of(row.fields.get(LABEL)) == label:
                return _shop(row)
            else:
                operation = authoring.change(row, {LABEL: label})
            store.commit(conn, self._premises.replica, call.actor, [operation], now_ms=now_ms)
            return Shop(shop=number, label=label)

        return await write_once(self._premises, call, Shop, unit, told=lambda _: None)

    async def walk_in(self) -> Customer:
        """The walk-in customer of this shop; raises NotFound until one was chosen."""
        shop = self._premises.replica.identity.shop

        def unit(conn: Connection) -> Customer:
            chosen = customers.walk_in(conn, shop)
            if chosen is None:
                raise NotFound("no walk-in customer was chosen for this shop")
            return load_customer(conn, chosen)

        return await self._premises.database.read(unit)


def _shop(row: Element) -> Shop:
    number = row.fields.get(NUMBER)
    return Shop(shop=number if isinstance(number, int) else 0, label=text_of(row.fields.get(LABEL)))
