"""Routes of printing: badges and their jobs."""

from typing import Final

from daemon.desk.badges import BadgeDesk, JobAnswer, NewBadge, PrintJobShown
from daemon.domain.role import Right
from daemon.errors import Conflicting
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


def _desk(parts: WebParts) -> BadgeDesk:
    if parts.desks.badges is None:
        raise Conflicting("printer: no printer is configured here", field="printer")
    return parts.desks.badges


async def _request(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).request(asked.call, asked.id(), asked.body))


async def _jobs(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await _desk(parts).jobs() if parts.desks.badges is not None else ())


async def _answer(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).answer(asked.id(), asked.body))


ROUTES: Final = (
    Route(
        method="POST",
        path="/customers/{id}/badge",
        summary="Ask for a badge; it is printed once, or the operator is asked.",
        right=Right.PRINT,
        body=NewBadge,
        answer=PrintJobShown,
        act=_request,
        status=202,
        once=True,
    ),
    Route(
        method="GET",
        path="/print-jobs",
        summary="Open print jobs and the last closed ones, newest first.",
        right=Right.PRINT,
        answer=tuple[PrintJobShown, ...],
        act=_jobs,
    ),
    Route(
        method="POST",
        path="/print-jobs/{id}/answer",
        summary="What the operator saw: it came out, print it again, give it up.",
        right=Right.PRINT,
        body=JobAnswer,
        answer=PrintJobShown,
        act=_answer,
        once=True,
    ),
)
