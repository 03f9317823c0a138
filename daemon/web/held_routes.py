"""Routes that say all that is held on one customer: as JSON, and as a PDF to hand over."""

import asyncio
from typing import Final

from daemon.desk.held import Held
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.held_pdf import held_pdf
from daemon.web.i18n import LANGUAGES, Words
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _held(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.held.held(asked.id()))


async def _held_pdf(parts: WebParts, asked: Asked) -> Answer:
    language = asked.query.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise OperatorMistake("language: fr or en", field="language")
    held = await parts.desks.held.held(asked.id())
    document = await asyncio.to_thread(held_pdf, held, Words(language))
    name = f"attachment; filename={held.customer.id}.pdf"
    return Answer(body=document, content_type="application/pdf", headers={"Content-Disposition": name})


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers/{id}/held",
        summary="All that is held on one customer, kind by kind, with who set it and when.",
        right=Right.BLOCK,
        answer=Held,
        act=_held,
    ),
    Route(
        method="GET",
        path="/customers/{id}/held.pdf",
        summary="The same as a PDF to hand over to the customer.",
        right=Right.BLOCK,
        answer=bytes,
        media="application/pdf",
        act=_held_pdf,
        query=(Param(name="language", text="fr (if nothing is said) or en."),),
    ),
)
