"""Routes of policies: read everywhere, with their origin; set at head office."""

from typing import Final

from daemon.desk.policies import Policy, PolicyEdit
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _all(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.policies.all(shop=asked.number("shop", 0)))


async def _one(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.policies.one(asked.path["name"], shop=asked.number("shop", 0)))


async def _put(parts: WebParts, asked: Asked) -> Answer:
    shop = asked.number("shop", 0)
    return Answer(body=await parts.desks.policies.put(asked.call, asked.path["name"], asked.body, shop=shop))


_SHOP: Final = Param(
    name="shop", text="As it holds in this shop, where shops may differ.", type="integer", maximum=65_535
)

ROUTES: Final = (
    Route(
        method="GET",
        path="/policies",
        summary="All policies as they hold here, each with its origin.",
        right=Right.READ,
        answer=tuple[Policy, ...],
        act=_all,
        query=(_SHOP,),
    ),
    Route(
        method="GET",
        path="/policies/{name}",
        summary="One policy as it holds here.",
        right=Right.READ,
        answer=Policy,
        act=_one,
        query=(_SHOP,),
    ),
    Route(
        method="PUT",
        path="/policies/{name}",
        summary="Set a policy, for the chain or one shop; at head office alone.",
        right=Right.SET_UP,
        body=PolicyEdit,
        answer=Policy,
        act=_put,
        query=(_SHOP,),
    ),
)
