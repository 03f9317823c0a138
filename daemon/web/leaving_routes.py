"""Routes of customers who go: archived, deleted, erased."""

from typing import Final

from daemon.desk.customer import Customer
from daemon.desk.erasures import LIMIT_MAX, ErasureShown
from daemon.desk.leaving import Archiving, Erased, Erasing
from daemon.desk.retention import SilentPage
from daemon.domain.ids import parse_entity
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _archive(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.leaving.archive(asked.call, asked.id(), asked.body))


async def _delete(parts: WebParts, asked: Asked) -> Answer:
    await parts.desks.leaving.delete(asked.call, asked.id())
    return Answer(status=204)


async def _erase(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.leaving.erase(asked.call, asked.id(), asked.body))


async def _erasures(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.erasures.newest(limit=asked.number("limit", 50)))


async def _silent(parts: WebParts, asked: Asked) -> Answer:
    after = asked.query.get("after", "")
    behind = parse_entity(after)
    if after and behind is None:
        raise OperatorMistake("after: an id is 16 hexadecimal digits", field="after")
    return Answer(body=await parts.desks.leaving.silent.page(behind))


_ONE: Final = "/customers/{id}"

ROUTES: Final = (
    Route(
        method="POST",
        path=f"{_ONE}/archive",
        summary="Archive a customer; PATCH with archived false takes them out again.",
        right=Right.BLOCK,
        body=Archiving,
        answer=Customer,
        act=_archive,
        once=True,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        summary="Delete a customer who has no history (409 says what to do with one who has).",
        right=Right.BLOCK,
        answer=None,
        act=_delete,
        status=204,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/erase",
        summary="Erase a person for ever, on every till and at head office; the receipt names nobody.",
        right=Right.ERASE,
        body=Erasing,
        answer=Erased,
        act=_erase,
        once=True,
    ),
    Route(
        method="GET",
        path="/retention",
        summary="Customers who gave no sign for as long as head office keeps them: to be told, or to be erased.",
        right=Right.ERASE,
        answer=SilentPage,
        act=_silent,
        query=(Param(name="after", text="The `next` of the page before; absent at the beginning."),),
    ),
    Route(
        method="GET",
        path="/erasures",
        summary="Receipts of the last erasures: how many tills have confirmed each, and which have not.",
        right=Right.ERASE,
        answer=tuple[ErasureShown, ...],
        act=_erasures,
        query=(Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=LIMIT_MAX),),
        hub=True,
    ),
)
