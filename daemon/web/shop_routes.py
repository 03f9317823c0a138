"""Routes of the shop as a whole: its name, its walk-in customer, the register of everybody."""

from typing import Final

from daemon.desk.communes import Communes, communes_of
from daemon.desk.customer import Customer
from daemon.desk.register import PAGE_MAX, Page, Selection
from daemon.desk.shops import Shop, ShopName, ShopsShown
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _shops(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.shops.shops())


async def _name_shop(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.shops.name_shop(asked.call, number_of(asked.path["shop"], "shop"), asked.body))


async def _walk_in(parts: WebParts, _: Asked) -> Answer:
    return shown(await parts.desks.shops.walk_in())


async def _register(parts: WebParts, asked: Asked) -> Answer:
    text = asked.query.get("after", "")
    after: EntityId | None = parse_entity(text)
    if text and after is None:
        raise OperatorMistake("after: an id is 16 hexadecimal digits", field="after")
    selection = Selection(
        words=asked.query.get("q", ""),
        tag=asked.query.get("tag", ""),
        group=asked.query.get("group", ""),
        archived=bool(asked.number("archived", 1)),
    )
    limit = asked.number("limit", PAGE_MAX)
    return Answer(body=await parts.desks.register.page(after, limit=limit, selection=selection))


async def _communes(_: WebParts, asked: Asked) -> Answer:
    return Answer(body=communes_of(asked.query.get("postal_code", "")))


def number_of(text: str, name: str) -> int:
    """A number in a path; raises OperatorMistake."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise OperatorMistake(f"{name}: this is not a number", field=name)
    return int(text)


ROUTES: Final = (
    Route(
        method="GET",
        path="/shops",
        summary="The shops that have a name, and which one this till is in.",
        right=Right.READ,
        answer=ShopsShown,
        act=_shops,
    ),
    Route(
        method="PUT",
        path="/shops/{shop}",
        summary="Name a shop.",
        right=Right.SET_UP,
        body=ShopName,
        answer=Shop,
        act=_name_shop,
    ),
    Route(
        method="GET",
        path="/communes",
        summary="The communes that a French postal code serves, from the local disk.",
        right=Right.READ,
        answer=Communes,
        act=_communes,
        query=(Param(name="postal_code", text="Five digits."),),
    ),
    Route(
        method="GET",
        path="/walk-in",
        summary="The walk-in customer of this shop.",
        right=Right.READ,
        answer=Customer,
        act=_walk_in,
        till=True,
    ),
    Route(
        method="GET",
        path="/register",
        summary="Everybody or a selection, page by page in the order of ids, for an export.",
        # Whoever may bring customers in by the thousand may take them out.
        right=Right.IMPORT,
        answer=Page,
        act=_register,
        query=(
            Param(name="after", text="The `next` of the page before; absent at the beginning."),
            Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=PAGE_MAX),
            Param(name="q", text="Only those whom these words find."),
            Param(name="tag", text="Only those who have this tag."),
            Param(name="group", text="Only those who are in this group: its id or its name."),
            Param(name="archived", text="0: not those who are archived.", type="integer", maximum=1),
        ),
    ),
)
