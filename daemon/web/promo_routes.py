"""Routes of promo codes: made at head office, listed everywhere, chosen on a visit like anything that is spent."""

from typing import Final

from daemon.desk.promo_codes import NewPromoCode, PromoCode, PromoCodes, PromoEdit
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


async def _list(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.promo_codes.codes())


async def _add(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.promo_codes.add(asked.call, asked.body))


async def _edit(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.promo_codes.edit(asked.call, asked.id(), asked.body))


ROUTES: Final = (
    Route(
        method="GET",
        path="/promo-codes",
        summary="All promo codes: what they give, how often they may still be used, in the chain and here.",
        right=Right.READ,
        answer=PromoCodes,
        act=_list,
    ),
    Route(
        method="POST",
        path="/promo-codes",
        summary="Make a promo code with its quota. At head office.",
        right=Right.KEEP_TERMS,
        body=NewPromoCode,
        answer=PromoCode,
        act=_add,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path="/promo-codes/{id}",
        summary="Withdraw a promo code, or change how often it may still be used. At head office.",
        right=Right.KEEP_TERMS,
        body=PromoEdit,
        answer=PromoCode,
        act=_edit,
    ),
)
