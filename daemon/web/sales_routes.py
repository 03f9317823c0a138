"""Routes of the register of sales, and of what a customer bought: sales, revenue by month, history."""

from typing import Final

from daemon.desk.history import LIMIT_MAX, History
from daemon.desk.revenue import Revenue
from daemon.desk.sale_terms import Basket, SaleTerms
from daemon.desk.sales import FOUND_MAX, Cancelling, NewReturn, SaleElsewhere, SalesAsked
from daemon.desk.sales_found import SalesFound, SaleShown
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _find(parts: WebParts, asked: Asked) -> Answer:
    query = asked.query
    wanted = SalesAsked(
        customer=query.get("customer", ""),
        from_day=query.get("from", ""),
        until_day=query.get("until", ""),
        amount=asked.number("amount", 0) if query.get("amount") else None,
        product=query.get("product", ""),
        ticket=query.get("ticket", ""),
        shop=asked.number("shop", 0) if query.get("shop") else None,
        limit=asked.number("limit", 50),
        over_returned=bool(asked.number("over_returned", 0)),
    )
    desk = parts.desks.sales
    is_asked = bool(asked.number("head_office", 0))
    return Answer(body=await (desk.find_at_head_office(wanted) if is_asked else desk.find(wanted)))


async def _show(parts: WebParts, asked: Asked) -> Answer:
    desk = parts.desks.sales
    is_asked = bool(asked.number("head_office", 0))
    return Answer(body=await (desk.sale_at_head_office(asked.id()) if is_asked else desk.sale(asked.id())))


async def _post(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.sales.post_elsewhere(asked.call, asked.body))


async def _take_back(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.sales.take_back(asked.call, asked.id(), asked.body))


async def _cancel(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.sales.cancel(asked.call, asked.id(), asked.body))


async def _terms(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.selling.terms_for(asked.id(), asked.body))


async def _revenue(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.revenue.revenue(asked.id()))


async def _history(parts: WebParts, asked: Asked) -> Answer:
    before, limit = asked.query.get("before", ""), asked.number("limit", 50)
    return Answer(body=await parts.desks.history.history(asked.id(), before=before, limit=limit))


_HEAD_OFFICE: Final = Param(
    name="head_office",
    text="1: ask head office where this till does not know, within a deadline; 0 (if nothing is said): this till only.",
    type="integer",
    maximum=1,
)
_CUSTOMER: Final = "/customers/{id}"

ROUTES: Final = (
    Route(
        method="GET",
        path="/sales",
        summary="Find sales again, the newest first: by date, amount, product, ticket, customer.",
        right=Right.SELL,
        answer=SalesFound,
        act=_find,
        query=(
            Param(name="customer", text="The id of who bought: all records of that person."),
            Param(name="from", text="The first day, as 2026-11-22."),
            Param(name="until", text="The last day."),
            Param(name="amount", text="Cents of the total.", type="integer", maximum=999_999_999),
            Param(name="product", text="Code or barcode of a product: of sales whose lines are on this till."),
            Param(name="ticket", text="The number on the ticket."),
            Param(name="shop", text="The number of a shop.", type="integer", maximum=65_535),
            Param(
                name="over_returned",
                text="1: only sales of which more came back than was sold, at tills that did not hear of each other.",
                type="integer",
                maximum=1,
            ),
            Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=FOUND_MAX),
            _HEAD_OFFICE,
        ),
    ),
    Route(
        method="GET",
        path="/sales/{id}",
        summary="One sale with its lines, and what came back of it.",
        right=Right.SELL,
        answer=SaleShown,
        act=_show,
        query=(_HEAD_OFFICE,),
    ),
    Route(
        method="POST",
        path="/sales",
        summary="Register a sale that another till of this shop began: once, however often and by whom it is sent.",
        right=Right.SELL,
        body=SaleElsewhere,
        answer=SaleShown,
        act=_post,
        once=True,
    ),
    Route(
        method="POST",
        path="/sales/{id}/returns",
        summary="Register what came back of a sale, never more than was sold.",
        right=Right.SELL,
        body=NewReturn,
        answer=SaleShown,
        act=_take_back,
        once=True,
    ),
    Route(
        method="POST",
        path="/sales/{id}/cancel",
        summary="Cancel a sale: what had not come back goes back.",
        right=Right.SELL,
        body=Cancelling,
        answer=SaleShown,
        act=_cancel,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_CUSTOMER}/sale-terms",
        summary="What would apply to these lines for a customer, outside of any visit. Writes nothing.",
        right=Right.READ,
        body=Basket,
        answer=SaleTerms,
        act=_terms,
    ),
    Route(
        method="GET",
        path=f"{_CUSTOMER}/revenue",
        summary="Revenue of a customer by month: 24 months, taxes included, returns deducted; complete up to when.",
        right=Right.READ,
        answer=Revenue,
        act=_revenue,
    ),
    Route(
        method="GET",
        path=f"{_CUSTOMER}/history",
        summary="What happened with a customer, newest first: sales, points, coupons, notes, consents, edits, merges.",
        right=Right.READ,
        answer=History,
        act=_history,
        query=(
            Param(name="before", text="The `next` of the page before; absent at the beginning."),
            Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=LIMIT_MAX),
        ),
    ),
)
