"""Routes of visits: open, attach, fill the basket, post."""

from typing import Final

from daemon.desk.sale_terms import Basket, SaleTerms
from daemon.desk.selling import NewSale
from daemon.desk.visits import Attachment, NewVisit, VisitDesk, VisitShown
from daemon.domain.ids import parse_entity
from daemon.domain.role import Right
from daemon.errors import NotFound, OperatorMistake
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


def _desk(parts: WebParts) -> VisitDesk:
    assert parts.desks.visits is not None, "visits are mounted where there is a counter"
    return parts.desks.visits


async def _open(parts: WebParts, asked: Asked) -> Answer:
    visit = await _desk(parts).open(asked.call, asked.body)
    return Answer(body=visit, headers={"Location": f"/api/v1/visits/{visit.id}"})


async def _open_ones(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await _desk(parts).open_ones())


async def _show(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).visit(asked.id()))


async def _attach(parts: WebParts, asked: Asked) -> Answer:
    given: Attachment = asked.body
    customer = parse_entity(given.customer)
    if customer is None:
        raise OperatorMistake("customer: an id is 16 hexadecimal digits", field="customer")
    return Answer(body=await _desk(parts).attach(asked.call, asked.id(), customer))


async def _detach(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).detach(asked.call, asked.id()))


async def _post(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).post(asked.call, asked.id(), asked.body))


async def _terms(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).terms(asked.id(), asked.body))


async def _cancel(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).cancel(asked.call, asked.id()))


async def _basket(parts: WebParts, asked: Asked) -> Answer:
    found = await _desk(parts).basket(asked.id())
    if not found:
        raise NotFound("nothing was put into this basket yet", field="basket")
    return Answer(body=found)


async def _fill(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).fill(asked.call, asked.id(), asked.raw))


_SELL = Right.SELL
_ONE = "/visits/{id}"

ROUTES: Final = (
    Route(
        method="POST",
        path="/visits",
        summary="Begin to serve at a lane; the walk-in customer is served until somebody is attached.",
        right=_SELL,
        body=NewVisit,
        answer=VisitShown,
        act=_open,
        status=201,
        once=True,
        till=True,
    ),
    Route(
        method="GET",
        path="/visits",
        summary="The open visits, one for each busy lane.",
        right=_SELL,
        answer=tuple[VisitShown, ...],
        act=_open_ones,
        till=True,
    ),
    Route(method="GET", path=_ONE, summary="One visit.", right=_SELL, answer=VisitShown, act=_show, till=True),
    Route(
        method="POST",
        path=f"{_ONE}/attach",
        summary="Serve this customer, also in place of another one.",
        right=_SELL,
        body=Attachment,
        answer=VisitShown,
        act=_attach,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/detach",
        summary="Serve nobody in particular.",
        right=_SELL,
        answer=VisitShown,
        act=_detach,
        once=True,
        till=True,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/basket",
        summary="The basket as it was put, byte for byte.",
        right=_SELL,
        answer=bytes,
        act=_basket,
        till=True,
    ),
    Route(
        method="PUT",
        path=f"{_ONE}/basket",
        summary="Keep the basket: any JSON of the till software's own, at most 64 KiB, never looked into.",
        right=_SELL,
        body=bytes,
        answer=VisitShown,
        act=_fill,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/terms",
        summary="What applies to these lines: prices, discounts, taxes, each with its reason. Writes nothing.",
        right=_SELL,
        body=Basket,
        answer=SaleTerms,
        act=_terms,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/post",
        summary="The sale is done, registered with its lines if they are told; posting twice is one sale.",
        right=_SELL,
        body=NewSale,
        optional=True,
        answer=VisitShown,
        act=_post,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/cancel",
        summary="There will be no sale.",
        right=_SELL,
        answer=VisitShown,
        act=_cancel,
        once=True,
        till=True,
    ),
)
