"""Held tickets at the till: the shop's list, one ticket with all that may be done with it, and the basket put aside."""

from typing import get_args

from daemon.desk.approvals import Approving
from daemon.desk.premises import Call
from daemon.desk.ticket_taking import Confirming, Releasing, Taking, TicketTakingDesk
from daemon.desk.tickets import Advancing, Closing, Depositing, NewTicket, TicketsAsked, TicketTerms
from daemon.desk.tickets_shown import TicketsFound, TicketShown
from daemon.domain.amount import parse_cents
from daemon.domain.caps import Act
from daemon.domain.role import Right, may
from daemon.domain.ticket import TicketType
from daemon.domain.ticket_step import Left
from daemon.errors import Conflicting, OperatorMistake, PeerFault
from daemon.web.aside import Word
from daemon.web.customer_page import ID, open_visit
from daemon.web.http import Response, RouteDef
from daemon.web.page_problem import sentence_of
from daemon.web.serving import sale_of_lane
from daemon.web.surface import PageCall, Surface, entity
from daemon.web.ticket_view import SHOWN, rows_of, view_of


class TicketPages:
    """The screens of held tickets."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface, one = self._surface, f"/attente/{ID}"
        return [
            surface.get("/attente", self._list),
            surface.get(one, self._ticket),
            surface.post("/vente/attente", self._hold, Right.SELL),
            surface.post(f"/clients/{ID}/attente", self._make, Right.EDIT),
            surface.post(f"{one}/reprendre", self._take, Right.SELL),
            surface.post(f"{one}/remettre", self._release, Right.SELL),
            surface.post(f"{one}/confirmer", self._confirm, Right.SELL),
            surface.post(f"{one}/etape", self._advance, Right.EDIT),
            surface.post(f"{one}/acompte", self._deposit, Right.EDIT),
            surface.post(f"{one}/fermer", self._close, Right.EDIT),
            surface.post(f"{one}/rouvrir", self._reopen, Right.EDIT),
        ]

    async def _list(self, call: PageCall) -> Response:
        found, sentence = await self._surface.desks.tickets.find(TicketsAsked(limit=SHOWN)), ""
        is_asked = "siege" in call.query
        if is_asked:
            found, sentence = await self._everywhere(call, found)
        return await self._surface.show(
            call,
            "tickets.html.j2",
            rows=rows_of(found.tickets, call.words, offline=self._surface.is_offline, now_ms=self._surface.now_ms),
            more=found.more,
            sentence=sentence,
            is_asked=is_asked,
            visit=await open_visit(self._surface),
        )

    async def _everywhere(self, call: PageCall, here: TicketsFound) -> tuple[TicketsFound, str]:
        """Those of the web store and of no shop too, if head office says."""
        desk = self._surface.desks.tickets
        try:
            return await desk.find_at_head_office(TicketsAsked(shop=desk.shop, limit=SHOWN)), ""
        except (PeerFault, OperatorMistake) as refused:
            return here, sentence_of(refused, call.words)

    async def _ticket(self, call: PageCall) -> Response:
        ticket = await self._surface.desks.tickets.ticket(call.id())
        view = view_of(ticket, call.words, offline=self._surface.is_offline, now_ms=self._surface.now_ms)
        operators = [
            one
            for one in await self._surface.desks.operators.operators()
            if may(one.role, Right.GIVE_TERMS) and one.id != call.caller.actor.id
        ]
        return await self._surface.show(call, "ticket.html.j2", ticket=ticket, view=view, operators=operators)

    # ---- the sale ----------------------------------------------------------------------------------------------------

    async def _hold(self, call: PageCall) -> Response:
        """Put the basket of the open sale aside."""
        visit = await open_visit(self._surface)
        if visit is None or not visit.basket_bytes:
            raise Conflicting("visit: there is nothing in its basket", field="visit")
        terms = TicketTerms(label=call.form.get("label", ""))
        parked = await self._taking().hold(self._surface.change(call), entity(visit.id), terms)
        self._say(call, call.words.text("The basket is parked."), parked.ticket)
        return self._surface.go(f"{self._surface.root}/attente")

    async def _take(self, call: PageCall) -> Response:
        """Resume a ticket in the sale of this lane."""
        change = self._surface.change(call)
        visit = await sale_of_lane(self._surface, change)
        given = Taking(visit=visit.id, despite=call.form.get("despite", ""))
        taken = await self._taking().take(change, call.id(), given)
        self._surface.asides.serve(taken.visit.customer.id, taken.visit.id, self._surface.now_ms)
        undo = f"{self._surface.root}/attente/{taken.ticket.id}/remettre"
        self._surface.say(call, Word(sentence=call.words.text("The ticket is in the sale."), undo=undo))
        return self._surface.go(self._surface.root)

    async def _release(self, call: PageCall) -> Response:
        """Put a ticket back; that of another till with a second person, unless who acts reaches so far."""
        ticket = await self._surface.desks.tickets.ticket(call.id())
        take = call.form.get("take", "")
        given = Releasing(take=take, reason=call.form.get("reason", ""), approval=await self._second(call, ticket))
        found = await self._taking().release(self._surface.change(call), call.id(), given)
        self._say(call, call.words.text("The ticket is put back."), found)
        return self._surface.go(self._address(found) if take else f"{self._surface.root}/attente")

    async def _confirm(self, call: PageCall) -> Response:
        """A person has looked at what another till did with this ticket."""
        ticket, visit = await self._surface.desks.tickets.ticket(call.id()), await open_visit(self._surface)
        is_sold = not ticket.settled
        given = Confirming(
            names=call.form.get("names", ""),
            visit="" if is_sold or visit is None else visit.id,
            approval=await self._second(call, ticket),
        )
        found = await self._taking().confirm(self._surface.change(call), call.id(), given)
        self._say(call, call.words.text("Confirmed."), found)
        return self._surface.go(self._address(found))

    # ---- what becomes of it ------------------------------------------------------------------------------------------

    async def _make(self, call: PageCall) -> Response:
        """A ticket for the customer of a record."""
        form, kinds = call.form, {str(kind): kind for kind in TicketType}
        given = NewTicket(
            customer=call.id().hex(),
            type=kinds.get(form.get("type", ""), TicketType.SPECIAL_ORDER),
            label=form.get("label", ""),
            total=parse_cents(form["total"]) if form.get("total", "").strip() else 0,
        )
        if not given.label.strip():
            raise OperatorMistake("label: say what it is", field="label")
        found = await self._surface.desks.tickets.make(self._surface.change(call), given)
        self._say(call, call.words.text("Noted on the record."), found)
        return self._surface.onward(call, f"{self._surface.root}/clients/{call.id().hex()}?section=tickets")

    async def _advance(self, call: PageCall) -> Response:
        desk, stage = self._surface.desks.tickets, call.form.get("stage", "")
        found = await desk.advance(self._surface.change(call), call.id(), Advancing(stage=stage))
        return self._surface.go(self._address(found))

    async def _deposit(self, call: PageCall) -> Response:
        given = Depositing(amount=parse_cents(call.form.get("amount", "")))
        found = await self._surface.desks.tickets.deposit(self._surface.change(call), call.id(), given)
        self._say(call, call.words.text("Deposit of %(amount)s taken.", amount=call.words.euros(given.amount)), found)
        return self._surface.onward(call, self._address(found))

    async def _close(self, call: PageCall) -> Response:
        said = call.form.get("deposit", "")
        left = next((one for one in get_args(Left) if one == said and one != "used"), None)
        given = Closing(reason=call.form.get("reason", ""), deposit=left)
        found = await self._surface.desks.tickets.close(self._surface.change(call), call.id(), given)
        undo = f"{self._address(found)}/rouvrir" if not found.deposits else ""
        self._surface.say(call, Word(sentence=call.words.text("The ticket is closed."), undo=undo))
        return self._surface.onward(call, self._address(found))

    async def _reopen(self, call: PageCall) -> Response:
        found = await self._surface.desks.tickets.reopen(self._surface.change(call), call.id())
        return self._surface.go(self._address(found))

    # ---- beside ------------------------------------------------------------------------------------------------------

    async def _second(self, call: PageCall, ticket: TicketShown) -> str:
        """What the second person said yes with; empty where none was named."""
        operator, pin = call.form.get("operator", ""), call.form.get("pin", "")
        if not operator or not pin:
            return ""
        asked = Approving(act=Act.SECOND_SALE, amount=max(ticket.total, 1), operator=operator, pin=pin)
        return (await self._surface.desks.approvals.approve(Call(actor=call.caller.actor), asked)).approval

    def _taking(self) -> TicketTakingDesk:
        assert self._surface.desks.ticket_taking is not None, "these pages are mounted where there is a counter"
        return self._surface.desks.ticket_taking

    def _say(self, call: PageCall, sentence: str, _: TicketShown) -> None:
        self._surface.say(call, Word(sentence=sentence))

    def _address(self, ticket: TicketShown) -> str:
        return f"{self._surface.root}/attente/{ticket.id}"
