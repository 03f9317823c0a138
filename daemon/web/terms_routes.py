"""Routes of groups, types, price lists and products: kept at head office, read at tills."""

from typing import Final

from daemon.desk.price_lists import PRODUCTS_MAX, PriceListShown, PriceListsShown, ProductEdit, ProductsShown
from daemon.desk.terms import GroupsShown, Replacement, TypesShown
from daemon.domain.customer_type import CustomerType, CustomerTypeEdit
from daemon.domain.group import Group, GroupEdit
from daemon.domain.price_list import NewPrice, PriceEdit, PriceListEdit
from daemon.domain.products import Product
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _groups(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.groups())


async def _group(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.group(asked.id()))


async def _add_group(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.add_group(asked.call, asked.body, asked.present))


async def _edit_group(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.edit_group(asked.call, asked.id(), asked.body, asked.present))


async def _delete_group(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.delete_group(asked.call, asked.id(), asked.body))


async def _types(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.types())


async def _add_type(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.add_type(asked.call, asked.body, asked.present))


async def _edit_type(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.terms.edit_type(asked.call, asked.id(), asked.body, asked.present))


async def _lists(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.price_lists())


async def _list(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.price_list(asked.path["code"]))


async def _put_list(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.put_list(asked.call, asked.path["code"], asked.body, asked.present))


async def _add_price(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.add_price(asked.call, asked.path["code"], asked.body))


async def _edit_price(parts: WebParts, asked: Asked) -> Answer:
    path = asked.path
    edited = parts.desks.prices.edit_price(asked.call, path["code"], path["member"], asked.body, asked.present)
    return Answer(body=await edited)


async def _remove_price(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.remove_price(asked.call, asked.path["code"], asked.path["member"]))


async def _products(parts: WebParts, asked: Asked) -> Answer:
    query = asked.query
    found = parts.desks.prices.products(query.get("q", ""), query.get("after", ""), asked.number("limit", 50))
    return Answer(body=await found)


async def _product(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.product(asked.path["code"]))


async def _put_product(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.prices.put_product(asked.call, asked.path["code"], asked.body))


_READ, _KEEP = Right.READ, Right.KEEP_TERMS

_GROUPS: Final = (
    Route(
        method="GET",
        path="/groups",
        summary="The groups of customers, the default one first.",
        right=_READ,
        answer=GroupsShown,
        act=_groups,
    ),
    Route(
        method="GET",
        path="/groups/{id}",
        summary="One group; of a deleted one, the group that took its place.",
        right=_READ,
        answer=Group,
        act=_group,
    ),
    Route(
        method="POST",
        path="/groups",
        summary="Make a group (head office).",
        right=_KEEP,
        body=GroupEdit,
        answer=Group,
        act=_add_group,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path="/groups/{id}",
        summary="Change a group: label, colour, mark, terms, dated promotions (head office).",
        right=_KEEP,
        body=GroupEdit,
        answer=Group,
        act=_edit_group,
    ),
    Route(
        method="POST",
        path="/groups/{id}/delete",
        summary="Delete a group by naming what takes its place; answers that (head office).",
        right=_KEEP,
        body=Replacement,
        answer=Group,
        act=_delete_group,
        once=True,
    ),
    Route(
        method="GET",
        path="/customer-types",
        summary="The types of customers.",
        right=_READ,
        answer=TypesShown,
        act=_types,
    ),
    Route(
        method="POST",
        path="/customer-types",
        summary="Make a type of customers (head office).",
        right=_KEEP,
        body=CustomerTypeEdit,
        answer=CustomerType,
        act=_add_type,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path="/customer-types/{id}",
        summary="Change a type of customers, or withdraw it (head office).",
        right=_KEEP,
        body=CustomerTypeEdit,
        answer=CustomerType,
        act=_edit_type,
    ),
)

_PRICES: Final = (
    Route(
        method="GET",
        path="/price-lists",
        summary="The price lists.",
        right=_READ,
        answer=PriceListsShown,
        act=_lists,
    ),
    Route(
        method="GET",
        path="/price-lists/{code}",
        summary="One price list with the prices that it names.",
        right=_READ,
        answer=PriceListShown,
        act=_list,
    ),
    Route(
        method="PUT",
        path="/price-lists/{code}",
        summary="Make or change a price list, or withdraw it (head office).",
        right=_KEEP,
        body=PriceListEdit,
        answer=PriceListShown,
        act=_put_list,
    ),
    Route(
        method="POST",
        path="/price-lists/{code}/prices",
        summary="Name what a product costs in a list, with dates (head office).",
        right=_KEEP,
        body=NewPrice,
        answer=PriceListShown,
        act=_add_price,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path="/price-lists/{code}/prices/{member}",
        summary="Change a price of a list (head office).",
        right=_KEEP,
        body=PriceEdit,
        answer=PriceListShown,
        act=_edit_price,
    ),
    Route(
        method="DELETE",
        path="/price-lists/{code}/prices/{member}",
        summary="Take a price out of a list (head office).",
        right=_KEEP,
        answer=PriceListShown,
        act=_remove_price,
    ),
    Route(
        method="GET",
        path="/products",
        summary="Products whose code or barcode begins so.",
        right=_READ,
        answer=ProductsShown,
        act=_products,
        query=(
            Param(name="q", text="The beginning of a code or a barcode; absent: all."),
            Param(name="after", text="The `next` of the page before; absent at the beginning."),
            Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=PRODUCTS_MAX),
        ),
    ),
    Route(
        method="GET",
        path="/products/{code}",
        summary="The product that a code or a barcode names.",
        right=_READ,
        answer=Product,
        act=_product,
    ),
    Route(
        method="PUT",
        path="/products/{code}",
        summary="Make or change a product, or withdraw it (head office).",
        right=_KEEP,
        body=ProductEdit,
        answer=Product,
        act=_put_product,
    ),
)

ROUTES: Final = (*_GROUPS, *_PRICES)
