"""Routes of one customer's terms: groups, type, discount, agreed prices."""

from typing import Final

from daemon.desk.customer_terms import CustomerTerms, CustomerTermsEdit, Joining
from daemon.domain.price_list import NewPrice, PriceEdit
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


def _shown(terms: CustomerTerms, status: int = 0) -> Answer:
    return Answer(body=terms, status=status, headers={"ETag": f'"{terms.version}"'})


async def _show(parts: WebParts, asked: Asked) -> Answer:
    return _shown(await parts.desks.customer_terms.terms(asked.id()))


async def _edit(parts: WebParts, asked: Asked) -> Answer:
    return _shown(await parts.desks.customer_terms.edit(asked.call, asked.id(), asked.body, asked.present))


async def _join(parts: WebParts, asked: Asked) -> Answer:
    return _shown(await parts.desks.customer_terms.join(asked.call, asked.id(), asked.body), 201)


async def _leave(parts: WebParts, asked: Asked) -> Answer:
    return _shown(await parts.desks.customer_terms.leave(asked.call, asked.id(), asked.path["group"]))


async def _add_price(parts: WebParts, asked: Asked) -> Answer:
    return _shown(await parts.desks.customer_terms.add_price(asked.call, asked.id(), asked.body), 201)


async def _edit_price(parts: WebParts, asked: Asked) -> Answer:
    edited = parts.desks.customer_terms.edit_price(
        asked.call, asked.id(), asked.path["member"], asked.body, asked.present
    )
    return _shown(await edited)


async def _remove_price(parts: WebParts, asked: Asked) -> Answer:
    return _shown(await parts.desks.customer_terms.remove_price(asked.call, asked.id(), asked.path["member"]))


_ONE: Final = "/customers/{id}"

ROUTES: Final = (
    Route(
        method="GET",
        path=f"{_ONE}/terms",
        summary="A customer's groups, type and own terms; which of them stand, and what beats the others.",
        right=Right.READ,
        answer=CustomerTerms,
        act=_show,
    ),
    Route(
        method="PATCH",
        path=f"{_ONE}/terms",
        summary="Change the customer's own discount, tax category, price list, type: null takes one away.",
        right=Right.GIVE_TERMS,
        body=CustomerTermsEdit,
        answer=CustomerTerms,
        act=_edit,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/groups",
        summary="Put a customer into a group, as the principal one or beside others.",
        right=Right.EDIT,
        body=Joining,
        answer=CustomerTerms,
        act=_join,
        status=201,
        once=True,
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/groups/{{group}}",
        summary="Take a customer out of a group.",
        right=Right.EDIT,
        answer=CustomerTerms,
        act=_leave,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/prices",
        summary="Agree a price of one product with a customer, with dates.",
        right=Right.GIVE_TERMS,
        body=NewPrice,
        answer=CustomerTerms,
        act=_add_price,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path=f"{_ONE}/prices/{{member}}",
        summary="Change an agreed price.",
        right=Right.GIVE_TERMS,
        body=PriceEdit,
        answer=CustomerTerms,
        act=_edit_price,
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/prices/{{member}}",
        summary="Take an agreed price back.",
        right=Right.GIVE_TERMS,
        answer=CustomerTerms,
        act=_remove_price,
    ),
)
