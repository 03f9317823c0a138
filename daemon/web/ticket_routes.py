"""Routes of held tickets: baskets, quotes, layaways, special orders, work orders."""

from typing import Final

from daemon.desk.ticket_taking import Confirming, Parked, Releasing, Taken, Taking, TicketTakingDesk
from daemon.desk.tickets import (
    FOUND_MAX,
    Advancing,
    Closing,
    Depositing,
    NewTicket,
    TicketEdit,
    TicketsAsked,
    TicketTerms,
)
from daemon.desk.tickets_shown import TicketsFound, TicketShown
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _found(parts: WebParts, asked: Asked, customer: str) -> Answer:
    wanted = TicketsAsked(customer=customer, shop=asked.number("shop", 0), limit=asked.number("limit", 50))
    desk = parts.desks.tickets
    is_asked = bool(asked.number("head_office", 0))
    if is_asked and not wanted.shop:
        wanted = TicketsAsked(customer=customer, shop=desk.shop, limit=wanted.limit)
    return Answer(body=await (desk.find_at_head_office(wanted) if is_asked else desk.find(wanted)))


async def _list(parts: WebParts, asked: Asked) -> Answer:
    return await _found(parts, asked, asked.query.get("customer", ""))


async def _of_customer(parts: WebParts, asked: Asked) -> Answer:
    return await _found(parts, asked, asked.id().hex())


async def _make(parts: WebParts, asked: Asked) -> Answer:
    ticket = await parts.desks.tickets.make(asked.call, asked.body)
    return Answer(body=ticket, headers={"Location": f"/api/v1/held-tickets/{ticket.id}"})


async def _show(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.ticket(asked.id()))


async def _basket(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.basket(asked.id()))


async def _edit(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.edit(asked.call, asked.id(), asked.body))


async def _advance(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.advance(asked.call, asked.id(), asked.body))


async def _deposit(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.deposit(asked.call, asked.id(), asked.body))


async def _close(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.close(asked.call, asked.id(), asked.body or Closing()))


async def _reopen(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.tickets.reopen(asked.call, asked.id()))


def _taking(parts: WebParts) -> TicketTakingDesk:
    assert parts.desks.ticket_taking is not None, "tickets are taken over where there is a counter"
    return parts.desks.ticket_taking


async def _take(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _taking(parts).take(asked.call, asked.id(), asked.body))


async def _release(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _taking(parts).release(asked.call, asked.id(), asked.body or Releasing()))


async def _confirm(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _taking(parts).confirm(asked.call, asked.id(), asked.body))


async def _hold(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await _taking(parts).hold(asked.call, asked.id(), asked.body or TicketTerms()))


_SELL: Final = Right.SELL
_ALL: Final = "/held-tickets"
_ONE: Final = f"{_ALL}/{{id}}"
_QUERY: Final = (
    Param(name="limit", text="How many at most.", type="integer", minimum=1, maximum=FOUND_MAX),
    Param(
        name="head_office",
        text="1: ask head office, within a deadline, for those of other shops and of none; 0: those that are here.",
        type="integer",
        maximum=1,
    ),
)

ROUTES: Final = (
    Route(
        method="GET",
        path=_ALL,
        summary="Held tickets that somebody has still to do with, the newest first; or all of a customer.",
        right=Right.READ,
        answer=TicketsFound,
        act=_list,
        query=(
            Param(name="customer", text="The id of a customer: all that person's tickets, those that are over too."),
            Param(name="shop", text="The number of a shop, at head office.", type="integer", maximum=65_535),
            *_QUERY,
        ),
    ),
    Route(
        method="GET",
        path="/customers/{id}/held-tickets",
        summary="All held tickets of a customer, the newest first.",
        right=Right.READ,
        answer=TicketsFound,
        act=_of_customer,
        query=_QUERY,
    ),
    Route(
        method="POST",
        path=_ALL,
        summary="Hold a ticket: a basket, a quote, a layaway, a special order, a work order; of the web store too.",
        right=Right.EDIT,
        body=NewTicket,
        answer=TicketShown,
        act=_make,
        status=201,
        once=True,
    ),
    Route(
        method="GET",
        path=_ONE,
        summary="One held ticket with all that was done with it.",
        right=Right.READ,
        answer=TicketShown,
        act=_show,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/basket",
        summary="What is in a held ticket: the till software's own JSON.",
        right=Right.READ,
        answer=bytes,
        act=_basket,
    ),
    Route(
        method="PATCH",
        path=_ONE,
        summary="Say anew what is in a ticket; what is absent stays.",
        right=Right.EDIT,
        body=TicketEdit,
        answer=TicketShown,
        act=_edit,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/advance",
        summary="Bring a ticket to another stage of its type (`next_stages` says which).",
        right=Right.EDIT,
        body=Advancing,
        answer=TicketShown,
        act=_advance,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/deposits",
        summary="Take a payment beforehand: a movement of the customer's account.",
        right=Right.EDIT,
        body=Depositing,
        answer=TicketShown,
        act=_deposit,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/close",
        summary="There will be no sale; what was paid beforehand goes back or stays.",
        right=Right.EDIT,
        body=Closing,
        optional=True,
        answer=TicketShown,
        act=_close,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/reopen",
        summary="The ticket was closed by mistake.",
        right=Right.EDIT,
        answer=TicketShown,
        act=_reopen,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/take",
        summary="Take a ticket over into a visit: head office awards it to one till; offline it is recorded and shown.",
        right=_SELL,
        body=Taking,
        answer=Taken,
        act=_take,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/release",
        summary="Put a ticket back; on a person's word, that of another till.",
        right=_SELL,
        body=Releasing,
        optional=True,
        answer=TicketShown,
        act=_release,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/confirm",
        summary="A person names what another till did with the ticket: this sale may be posted, or two are settled.",
        right=_SELL,
        body=Confirming,
        answer=TicketShown,
        act=_confirm,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path="/visits/{id}/hold",
        summary="Put the basket of a visit aside for its customer; the visit is over.",
        right=_SELL,
        body=TicketTerms,
        optional=True,
        answer=Parked,
        act=_hold,
        once=True,
        till=True,
    ),
)
