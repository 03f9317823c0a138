"""Routes of records that may be one person: likely ones, merging, undoing it."""

from typing import Final

from daemon.desk.merging import Duplicates, LikelyPairs, MergePreview, Merging, Parting, Person
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _duplicates(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.merging.duplicates(asked.id()))


async def _different(parts: WebParts, asked: Asked) -> Answer:
    given: Parting = asked.body
    await parts.desks.merging.call_different(asked.id(), _other(given.other))
    return Answer(status=204)


async def _pairs(parts: WebParts, asked: Asked) -> Answer:
    found = await parts.desks.merging.pairs(after=asked.query.get("after", ""), limit=asked.number("limit", 50))
    return Answer(body=found)


async def _person(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.merging.person(asked.id()))


async def _preview(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.merging.preview(asked.id(), asked.id("other")))


async def _merge(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.merging.merge(asked.call, asked.id(), asked.body))


async def _part(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.merging.part(asked.call, asked.id(), asked.body))


def _other(text: str) -> EntityId:
    found = parse_entity(text)
    if found is None:
        raise OperatorMistake("other: an id is 16 hexadecimal digits", field="other")
    return found


_ONE: Final = "/customers/{id}"

ROUTES: Final = (
    Route(
        method="GET",
        path=f"{_ONE}/duplicates",
        summary="Who may be the same person, looked for now: e-mail, telephone, card, sound of the name and address.",
        right=Right.READ,
        answer=Duplicates,
        act=_duplicates,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/different",
        summary="Say that a likely one is another person: the pair is not shown here again.",
        right=Right.EDIT,
        body=Parting,
        answer=None,
        act=_different,
        status=204,
        once=True,
    ),
    Route(
        method="GET",
        path="/duplicates",
        summary="The pairs that head office has found and nobody has judged, the likeliest first.",
        right=Right.READ,
        answer=LikelyPairs,
        act=_pairs,
        query=(
            Param(name="after", text="The `next` of the page before; absent at the beginning."),
            Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=200),
        ),
        hub=True,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/person",
        summary="The person that a customer is part of: who shows it, its records, the merges between them.",
        right=Right.READ,
        answer=Person,
        act=_person,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/merge/{{other}}",
        summary="What a merge would come to: who shows the person, and both values of each field that differs.",
        right=Right.READ,
        answer=MergePreview,
        act=_preview,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/merge",
        summary="Make one person of two records, with the values that were chosen.",
        right=Right.BLOCK,
        body=Merging,
        answer=Person,
        act=_merge,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/part",
        summary="Undo a merge, for 30 days: the records are two people again; what was chosen stays as edited.",
        right=Right.BLOCK,
        body=Parting,
        answer=Person,
        act=_part,
        once=True,
    ),
)
