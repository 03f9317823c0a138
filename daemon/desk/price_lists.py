"""Price lists and products: kept at head office, read everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daemon.desk.head_office_only import refuse_at_tills
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.element import Element
from daemon.domain.kind_shape import Claim
from daemon.domain.price_list import (
    NewPrice,
    PriceEdit,
    PriceList,
    PriceListEdit,
    SpecialPrice,
    decide_list,
    decide_new_price,
    decide_price,
    list_key,
    list_of,
    price_named,
    prices_of,
)
from daemon.domain.products import Product, ProductDraft, code_of, codes_of, decide_product, product_key, product_of
from daemon.errors import NotFound, Taken
from daemon.store import authoring as store
from daemon.store import customers, elements, terms
from daemon.store.database import Connection

PRODUCTS_MAX: Final = terms.PRODUCTS_MAX
"""Products of one page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceListsShown:
    """All price lists, by code."""

    price_lists: tuple[PriceList, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceListShown:
    """One price list with the prices that it names."""

    price_list: PriceList
    prices: tuple[SpecialPrice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductsShown:
    """Some products; `next` goes on with `after`, empty at the end."""

    products: tuple[Product, ...]
    next: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductEdit:
    """What becomes of a product; what is absent or null stays. Cents with taxes, VAT in hundredths of a percent."""

    label: str | None = None
    price_cents: int | None = None
    vat: int | None = None
    discountable: bool | None = None
    labour: bool | None = None
    family: str | None = None
    barcodes: tuple[str, ...] | None = None
    withdrawn: bool | None = None


class PriceDesk:
    """Where price lists and products are kept."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def price_lists(self) -> PriceListsShown:
        """All price lists."""
        found = await self._premises.database.read(terms.price_lists)
        return PriceListsShown(price_lists=tuple(found))

    async def price_list(self, code: str) -> PriceListShown:
        """One price list; raises NotFound."""
        return await self._premises.database.read(lambda conn: _shown(conn, code))

    async def put_list(self, call: Call, code: str, given: PriceListEdit, present: frozenset[str]) -> PriceListShown:
        """Make a price list, or change it; raises OperatorMistake, Forbidden at a till."""

        def decide(here: list[Element]) -> list[Operation]:
            row = next((one for one in here if one.key == list_key(code)), None)
            return decide_list(row, code, given, present)

        return await self._list(call, code, decide, is_new=True)

    async def add_price(self, call: Call, code: str, given: NewPrice) -> PriceListShown:
        """Name what a product costs in a list; raises NotFound, OperatorMistake, Forbidden at a till."""
        return await self._list(call, code, lambda _: decide_new_price(list_key(code)[0], given))

    async def edit_price(
        self, call: Call, code: str, price: str, given: PriceEdit, present: frozenset[str]
    ) -> PriceListShown:
        """Change a price of a list; raises NotFound, OperatorMistake, Forbidden at a till."""
        return await self._list(call, code, lambda here: decide_price(here, price, given, present))

    async def remove_price(self, call: Call, code: str, price: str) -> PriceListShown:
        """Take a price out of a list; raises NotFound, Forbidden at a till."""
        return await self._list(call, code, lambda here: [authoring.remove(price_named(here, price))])

    async def products(self, begin: str, after: str, limit: int) -> ProductsShown:
        """Products whose code or barcode begins so, page by page."""
        limit = max(1, min(limit, terms.PRODUCTS_MAX))

        def unit(conn: Connection) -> ProductsShown:
            found, following = terms.products_from(conn, begin, after, limit)
            return ProductsShown(products=tuple(found), next=following)

        return await self._premises.database.read(unit)

    async def product(self, code: str) -> Product:
        """The product that a code or a barcode names; raises NotFound."""
        row = await self._premises.database.read(lambda conn: terms.product_row(conn, code))
        if row is None:
            raise NotFound("no product has this code", field="code")
        return product_of(row)

    async def put_product(self, call: Call, code: str, given: ProductEdit) -> Product:
        """Make a product, or change it; raises OperatorMistake, Taken, Forbidden at a till."""
        refuse_at_tills(self._premises, "products")
        draft = ProductDraft(code=code_of(code), **{name: getattr(given, name) for name in ProductEdit.__slots__})
        key, now_ms = product_key(draft.code), self._premises.clock.now_ms()

        def unit(conn: Connection) -> Product:
            operations = decide_product(elements.element(conn, key), draft)
            refuse_taken(conn, draft)
            if operations:
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            row = elements.element(conn, key)
            assert row is not None, "what was decided stands"
            return product_of(row)

        return await write_once(self._premises, call, Product, unit, told=lambda _: None)

    async def _list(
        self, call: Call, code: str, decide: Callable[[list[Element]], list[Operation]], *, is_new: bool = False
    ) -> PriceListShown:
        refuse_at_tills(self._premises, "price lists")
        now_ms, entity = self._premises.clock.now_ms(), list_key(code)[0]

        def unit(conn: Connection) -> PriceListShown:
            if not is_new:
                _shown(conn, code)
            operations = decide(elements.elements_of(conn, entity))
            if operations:
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return _shown(conn, code)

        return await write_once(self._premises, call, PriceListShown, unit, told=lambda _: None)


def refuse_taken(conn: Connection, draft: ProductDraft) -> None:
    """A code or a barcode names one product; raises Taken."""
    own = product_key(draft.code)[0]
    for code in codes_of(draft):
        owners = [owner for owner in customers.owners_of(conn, Claim.PRODUCT, code) if owner != own]
        if owners:
            field = "code" if code == normal_form(Claim.PRODUCT, draft.code) else "barcodes"
            raise Taken(
                f"{field}: another product has this code",
                field=field,
                owners=tuple(owner.hex() for owner in owners),
            )


def _shown(conn: Connection, code: str) -> PriceListShown:
    here = elements.elements_of(conn, list_key(code)[0])
    row = next((one for one in here if one.key == list_key(code)), None)
    if row is None:
        raise NotFound("no price list has this code", field="code")
    return PriceListShown(price_list=list_of(row), prices=tuple(prices_of(here)))
