"""Routes of why a value stands, and of the inbox of disagreements."""

from typing import Final, Literal

from daemon.desk.customer import Customer
from daemon.desk.provenance import PAGE_MAX, Choice, Inbox, Why
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _why(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.provenance.why(asked.id()))


async def _choose(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.provenance.choose(asked.call, asked.id(), asked.body))


async def _inbox(parts: WebParts, asked: Asked) -> Answer:
    whose = asked.query.get("whose", "")
    known: dict[str, Literal["here", "all", ""]] = {"": "", "here": "here", "all": "all"}
    if whose not in known:
        raise OperatorMistake("whose: ask for here or all", field="whose")
    limit = asked.number("limit", 50)
    found = await parts.desks.provenance.inbox(after=asked.query.get("after", ""), limit=limit, whose=known[whose])
    return Answer(body=found)


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers/{id}/why",
        summary="Why each field says what it says: who, where, when, what it replaced, what lost in a disagreement.",
        right=Right.READ,
        answer=Why,
        act=_why,
    ),
    Route(
        method="POST",
        path="/customers/{id}/choice",
        summary="Settle a disagreement: one of the values that met is set, and all of them are named as seen.",
        right=Right.EDIT,
        body=Choice,
        answer=Customer,
        act=_choose,
        once=True,
    ),
    Route(
        method="GET",
        path="/disagreements",
        summary="Values that lost to one whose author had not seen them, until somebody settles them; newest first.",
        right=Right.READ,
        answer=Inbox,
        act=_inbox,
        query=(
            Param(name="after", text="The `next` of the page before; absent at the beginning."),
            Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=PAGE_MAX),
            Param(
                name="whose",
                text="here: those in which this shop had a word (what a till shows); all (what head office shows).",
            ),
        ),
    ),
)
