"""Routes of proof of possession: what a customer has shown, their PIN, what was refused."""

from typing import Final

from daemon.desk.proof_shown import CustomerProof, NewPin, Refusals, TypedPin, VisitProof
from daemon.desk.proofs import REFUSALS_MAX
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _of_visit(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.proofs.of_visit(asked.id()))


async def _prove(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.proofs.prove(asked.call, asked.id(), asked.body))


async def _of_customer(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.proofs.of_customer(asked.id()))


async def _set_pin(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.proofs.set_pin(asked.call, asked.id(), asked.body))


async def _refusals(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.proofs.refusals(asked.number("limit", 50), asked.query.get("after", "")))


ROUTES: Final = (
    Route(
        method="GET",
        path="/visits/{id}/proof",
        summary="What the customer of a visit has shown of themselves (name only, card, PIN), and how far it goes.",
        right=Right.SELL,
        answer=VisitProof,
        act=_of_visit,
        till=True,
    ),
    Route(
        method="POST",
        path="/visits/{id}/proof",
        summary="Hold what the customer typed against their PIN; a wrong one counts in the whole chain.",
        right=Right.SELL,
        body=TypedPin,
        answer=VisitProof,
        act=_prove,
        till=True,
    ),
    Route(
        method="GET",
        path="/customers/{id}/proof",
        summary="Whether a customer has a PIN, the wrong tries that count, and what was refused, till by till.",
        right=Right.READ,
        answer=CustomerProof,
        act=_of_customer,
    ),
    Route(
        method="PUT",
        path="/customers/{id}/pin",
        summary="Set a customer's PIN, or set it anew: on the proof of the present one, a card, or a word that may.",
        right=Right.EDIT,
        body=NewPin,
        answer=CustomerProof,
        act=_set_pin,
    ),
    Route(
        method="GET",
        path="/refusals",
        summary="Customers about whom something was refused anywhere in the chain, the latest first.",
        right=Right.OBSERVE,
        query=(
            Param(name="limit", text="How many customers at most.", type="integer", minimum=1, maximum=REFUSALS_MAX),
            Param(name="after", text="Where to go on: what the page before has named as its next."),
        ),
        answer=Refusals,
        act=_refusals,
    ),
)
