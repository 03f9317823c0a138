"""Routes of who stands ready when a search opens."""

from typing import Final

from daemon.desk.customer import Customer
from daemon.desk.favourites import Favourite, FavouritesEdit, NewProfile
from daemon.domain.role import Right
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route
from daemon.web.shop_routes import number_of


async def _favourites(parts: WebParts, asked: Asked) -> Answer:
    shop = asked.number("shop", -1)
    return Answer(body=await parts.desks.favourites.of_shop(None if shop < 0 else shop))


async def _put(parts: WebParts, asked: Asked) -> Answer:
    shop = number_of(asked.path["shop"], "shop")
    return Answer(body=await parts.desks.favourites.put(asked.call, shop, asked.body))


async def _make_profile(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.favourites.make_profile(asked.call, asked.body), 201)


ROUTES: Final = (
    Route(
        method="GET",
        path="/favourites",
        summary="Who stands ready when a search opens: profiles and favourite customers of this shop, in their order.",
        right=Right.READ,
        answer=tuple[Favourite, ...],
        act=_favourites,
        query=(Param(name="shop", text="Of another shop.", type="integer", maximum=65_535),),
    ),
    Route(
        method="PUT",
        path="/shops/{shop}/favourites",
        summary="Order the favourites of a shop; 0: of every shop that has none of its own.",
        right=Right.SET_UP,
        body=FavouritesEdit,
        answer=tuple[Favourite, ...],
        act=_put,
    ),
    Route(
        method="POST",
        path="/profiles",
        summary="Make an anonymous profile that carries a discount; at head office alone.",
        right=Right.SET_UP,
        body=NewProfile,
        answer=Customer,
        act=_make_profile,
        status=201,
        once=True,
    ),
)
