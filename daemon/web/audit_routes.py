"""The audit trail of this machine."""

from typing import Final

from daemon.desk.audit_desk import ACTS_MAX, TrailShown
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _trail(parts: WebParts, asked: Asked) -> Answer:
    before = asked.number("before", 0) or None
    return Answer(body=await parts.desks.audit.trail(before=before, limit=asked.number("limit", 50)))


ROUTES: Final = (
    Route(
        method="GET",
        path="/audit",
        summary="Who did what on this machine, newest first; customers stand there as the hash of their id.",
        right=Right.AUDIT,
        answer=TrailShown,
        act=_trail,
        query=(
            Param(name="before", text="Acts before this number.", type="integer", minimum=1, maximum=999_999_999),
            Param(name="limit", text="How many acts at most.", type="integer", minimum=1, maximum=ACTS_MAX),
        ),
    ),
)
