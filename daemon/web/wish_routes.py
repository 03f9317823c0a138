"""Routes of wish lists."""

from typing import Final

from daemon.desk.wishes import NewWish, Wishes
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


async def _list(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.wishes.wishes(asked.id()))


async def _add(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.wishes.add(asked.call, asked.id(), asked.body))


async def _bought(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.wishes.bought(asked.call, asked.id(), asked.id("wish")))


async def _remove(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.wishes.remove(asked.call, asked.id(), asked.id("wish")))


_LIST: Final = "/customers/{id}/wishes"

ROUTES: Final = (
    Route(
        method="GET",
        path=_LIST,
        summary="The wish list of a customer: what is wished for, then what was bought.",
        right=Right.READ,
        answer=Wishes,
        act=_list,
    ),
    Route(
        method="POST",
        path=_LIST,
        summary="Put an article on the list, by its scanned code or by a label.",
        right=Right.EDIT,
        body=NewWish,
        answer=Wishes,
        act=_add,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_LIST}/{{wish}}/bought",
        summary="The article was bought.",
        right=Right.EDIT,
        answer=Wishes,
        act=_bought,
        once=True,
    ),
    Route(
        method="DELETE",
        path=f"{_LIST}/{{wish}}",
        summary="Take an article off the list.",
        right=Right.EDIT,
        answer=Wishes,
        act=_remove,
    ),
)
