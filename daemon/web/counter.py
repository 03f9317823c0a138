"""Routes of the counter: who has a code, a simulated tap."""

from dataclasses import dataclass, field
from typing import Final

from daemon.desk.events import Scanned
from daemon.desk.lookup import claims_of
from daemon.desk.search_answer import Identification
from daemon.domain.change import ActorKind
from daemon.domain.code import ScannedCode
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route

CODE_LENGTH_MAX = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is known of somebody: a scanned or typed code, a card, an e-mail, a telephone; the first that fits."""

    code: str | None = field(default=None, repr=False)
    card: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tap:
    """A code as a reader would read it."""

    code: str = field(repr=False)
    device: str = "simulated"


async def _identify(parts: WebParts, asked: Asked) -> Answer:
    question: Question = asked.body
    claims = claims_of(
        code=question.code or "", card=question.card or "", email=question.email or "", telephone=question.phone or ""
    )
    if not claims:
        raise OperatorMistake("code: give a code, a card, an e-mail or a telephone", field="code")
    return Answer(body=await parts.desks.lookup.identify(claims))


async def _tap(parts: WebParts, asked: Asked) -> Answer:
    given: Tap = asked.body
    text = given.code.strip()
    if not text or len(text) > CODE_LENGTH_MAX or not text.replace("\x1d", "").isprintable():
        raise OperatorMistake(f"code: a code has 1 to {CODE_LENGTH_MAX} visible characters", field="code")
    scanned = ScannedCode(text=text, symbology=None)
    scans, is_application = parts.desks.scans, asked.actor.kind == ActorKind.APPLICATION
    by_reader = is_application and await scans.trusts_applications()
    return Answer(body=await scans.scanned(scanned, device=given.device[:64], by_reader=by_reader))


ROUTES: Final = (
    Route(
        method="POST",
        path="/identify",
        summary="Who has this code, card, e-mail or telephone; nothing is changed, nobody is told.",
        right=Right.READ,
        body=Question,
        answer=Identification,
        act=_identify,
    ),
    Route(
        method="POST",
        path="/scan",
        summary="A tap without a reader: looked up and told to everybody as if one had read it.",
        right=Right.SELL,
        body=Tap,
        answer=Scanned,
        act=_tap,
    ),
)
