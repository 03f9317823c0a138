"""Routes that ask head office: the same search, or one record, with what is different there."""

from typing import Final

from daemon.desk.inquiry import HITS_MAX, CheckedRecord, CheckedSearch, InquiryDesk
from daemon.domain.role import Right
from daemon.errors import OutOfReach
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


def _desk(parts: WebParts) -> InquiryDesk:
    if parts.desks.inquiry is None:
        raise OutOfReach("head office cannot be reached: the line is cut")
    return parts.desks.inquiry


async def _search(parts: WebParts, asked: Asked) -> Answer:
    text, limit = asked.query.get("q", ""), asked.number("limit", HITS_MAX)
    return Answer(body=await _desk(parts).search(text, limit=limit))


async def _record(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).record(asked.id()))


ROUTES: Final = (
    Route(
        method="GET",
        path="/head-office/customers",
        summary="The same search at head office, within a deadline; each hit says whether this till knows it so.",
        right=Right.READ,
        answer=CheckedSearch,
        act=_search,
        query=(
            Param(name="q", text="What somebody remembers, as in a search here."),
            Param(name="limit", text="How many hits at most.", type="integer", minimum=1, maximum=HITS_MAX),
        ),
        till=True,
    ),
    Route(
        method="GET",
        path="/head-office/customers/{id}",
        summary="One record at head office, within a deadline, and the fields that say something else there.",
        right=Right.READ,
        answer=CheckedRecord,
        act=_record,
        till=True,
    ),
)
