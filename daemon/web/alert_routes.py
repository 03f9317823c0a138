"""Routes of what is shown at identification: alerts, NPAI, a comment during a sale."""

from typing import Final

from daemon.desk.alerts import Alert, Comment, NpaiTick
from daemon.desk.customer import Customer
from daemon.domain.role import Right
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


async def _npai(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.alerts.npai(asked.call, asked.id(), asked.body))


async def _of_customer(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.alerts.of_customer(asked.id()))


async def _of_visit(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.alerts.of_visit(asked.id()))


async def _next_time(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.alerts.next_time(asked.id(), asked.path["alert"]))


async def _comment(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.alerts.comment(asked.call, asked.id(), asked.body), 201)


ROUTES: Final = (
    Route(
        method="POST",
        path="/customers/{id}/npai",
        summary="Mail came back: say which is meant, this address is bad or the customer wants no information.",
        right=Right.EDIT,
        body=NpaiTick,
        answer=Customer,
        act=_npai,
        once=True,
    ),
    Route(
        method="GET",
        path="/customers/{id}/alerts",
        summary="What is shown when this customer is identified.",
        right=Right.READ,
        answer=tuple[Alert, ...],
        act=_of_customer,
    ),
    Route(
        method="GET",
        path="/visits/{id}/alerts",
        summary="What of the customer of this visit nobody has seen to yet.",
        right=Right.SELL,
        answer=tuple[Alert, ...],
        act=_of_visit,
        till=True,
    ),
    Route(
        method="POST",
        path="/visits/{id}/alerts/{alert}/next-time",
        summary="Seen: it is not shown again during this visit, and comes back with the next one.",
        right=Right.SELL,
        answer=tuple[Alert, ...],
        act=_next_time,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path="/visits/{id}/comment",
        summary="Write a note about the customer of this visit, during the sale.",
        right=Right.EDIT,
        body=Comment,
        answer=Customer,
        act=_comment,
        status=201,
        once=True,
        till=True,
    ),
)
