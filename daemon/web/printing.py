"""Routes of printing: badges and how they look, slips, the drawer, the customer display, and print jobs."""

from typing import Final

from daemon.desk.badges import BadgeDesk, BadgeShown, JobAnswer, NewBadge
from daemon.desk.display_desk import DisplayShown, NewDisplay
from daemon.desk.print_shown import PrintJobShown
from daemon.desk.printouts import AddressBlock, NewKick, NewPrint
from daemon.desk.replacement import NewReplacement, Replaced
from daemon.domain.address_block import COLUMNS_MAX, COLUMNS_MIN
from daemon.domain.badge_design import BadgeDesign
from daemon.domain.ids import parse_entity
from daemon.domain.role import Right
from daemon.errors import Conflicting, NotFound
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


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


async def _about(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _desk(parts).about(asked.id(), _wished(asked)))


async def _picture(parts: WebParts, asked: Asked) -> Answer:
    preview = await _desk(parts).preview(asked.id(), _wished(asked))
    return Answer(body=preview.png, content_type="image/png")


def _wished(asked: Asked) -> NewBadge:
    query = asked.query
    return NewBadge(
        printer=query.get("printer") or None,
        card=query.get("card") or None,
        duplicata=bool(asked.number("duplicata", 0)),
    )


async def _replace(parts: WebParts, asked: Asked) -> Answer:
    dot = entity_of(asked.path["member"])
    return Answer(body=await parts.desks.replacements.replace(asked.call, asked.id(), dot, asked.body))


async def _slip(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.printouts.request(asked.call, asked.body))


async def _kick(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.printouts.kick(asked.call, asked.body))


async def _block(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.printouts.address_block(asked.id(), asked.number("columns", 0)))


async def _show(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.displays.show(asked.body))


async def _design(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.badge_designs.design())


async def _change_design(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.badge_designs.change(asked.call, asked.raw))


def entity_of(text: str) -> bytes:
    """The id of a card in a path; raises NotFound for what cannot be one."""
    found = parse_entity(text)
    if found is None:
        raise NotFound("the customer has no such card", field="member")
    return found


_WISHES: Final = (
    Param(name="printer", text="The printer; without it the usual one."),
    Param(name="card", text="The card; without it the first good one."),
    Param(name="duplicata", text="1: as a copy says what it is.", type="integer", maximum=1),
)

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
    Route(
        method="GET",
        path="/customers/{id}/badge",
        summary="What a badge would say, on which printer, and what stands in the way.",
        right=Right.PRINT,
        answer=BadgeShown,
        act=_about,
        query=_WISHES,
        till=True,
    ),
    Route(
        method="GET",
        path="/customers/{id}/badge.png",
        summary="The badge as it would be printed, dot by dot.",
        right=Right.PRINT,
        answer=bytes,
        act=_picture,
        query=_WISHES,
        media="image/png",
        till=True,
    ),
    Route(
        method="POST",
        path="/customers/{id}/cards/{member}/replacement",
        summary="Block a lost card, give the customer another in its place and print it; points stay.",
        right=Right.EDIT,
        body=NewReplacement,
        answer=Replaced,
        act=_replace,
        status=201,
        once=True,
        till=True,
    ),
    Route(
        method="GET",
        path="/customers/{id}/address-block",
        summary="Name and address for a receipt or a preparation ticket, in the width asked.",
        right=Right.READ,
        answer=AddressBlock,
        act=_block,
        query=(
            Param(
                name="columns",
                text="Characters in a line; 38 without it.",
                type="integer",
                minimum=COLUMNS_MIN,
                maximum=COLUMNS_MAX,
            ),
        ),
    ),
    Route(
        method="POST",
        path="/print-jobs",
        summary="Print a credit note, a coupon, an address block, a report or the test page.",
        right=Right.PRINT,
        body=NewPrint,
        answer=PrintJobShown,
        act=_slip,
        status=202,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path="/drawer",
        summary="Open the cash drawer, now or never.",
        right=Right.SELL,
        body=NewKick,
        answer=PrintJobShown,
        act=_kick,
        status=202,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path="/customer-display",
        summary="Show the customer a greeting or an amount, now or never.",
        right=Right.SELL,
        body=NewDisplay,
        answer=DisplayShown,
        act=_show,
        once=True,
        till=True,
    ),
    Route(
        method="GET",
        path="/badge-design",
        summary="How badges look.",
        right=Right.READ,
        answer=BadgeDesign,
        act=_design,
    ),
    Route(
        method="PUT",
        path="/badge-design",
        summary="Say how badges look in the whole chain.",
        right=Right.SET_UP,
        body=bytes,
        answer=BadgeDesign,
        act=_change_design,
        hub=True,
    ),
)
