"""The screens of customers, at the till and at head office: search, preview, record, what is added to a record."""

from collections.abc import Sequence
from typing import Any, Final

from daemon.desk.at_a_glance import Glance
from daemon.desk.badges import BadgeOffer
from daemon.desk.customer import Customer
from daemon.desk.favourites import Favourite
from daemon.desk.members import NewCard, NewNote, NoteEdit
from daemon.desk.print_shown import PrintJobShown
from daemon.desk.search_answer import SearchAnswer
from daemon.desk.visits import VisitShown
from daemon.domain.ids import EntityId
from daemon.domain.role import Right, may
from daemon.errors import OperatorMistake, PeerFault
from daemon.web.alert_view import Alert, alert_of
from daemon.web.aside import Word
from daemon.web.benefits_view import usable_lines
from daemon.web.customer_view import (
    consent_line,
    consent_rows,
    job_of,
    record_face,
    till_notes,
)
from daemon.web.disagreement_view import Met, met_of
from daemon.web.http import Response, RouteDef
from daemon.web.page_problem import sentence_of
from daemon.web.record_sections import benefits_for, sections_of
from daemon.web.search_view import OfficeAnswer, count_line, office_rows, rows_of
from daemon.web.sought import named, sought
from daemon.web.surface import PageCall, Surface, entity

HITS_MAX: Final = 20
JOB_SHOWN_MS: Final = 2 * 60_000
"""How long a badge that came out is still told of on the record."""

ID: Final = "{id:[0-9a-f]{16}}"


class CustomerPages:
    """Search, record and what belongs to it."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface, one = self._surface, f"/clients/{ID}"
        return [
            surface.get("/clients", self._search),
            surface.get(one, self._record),
            surface.get(f"{one}/apercu", self._peek),
            surface.post(f"{one}/cartes", self._link_card, Right.EDIT),
            surface.post(f"{one}/notes", self._add_note, Right.EDIT),
            surface.post(f"{one}/notes/{{note:[0-9a-f]{{16}}}}/{{done:fait|rouvrir}}", self._note_done, Right.EDIT),
            surface.post(f"{one}/plus-tard", self._postpone, Right.READ),
        ]

    async def _search(self, call: PageCall) -> Response:
        text = call.query.get("q", "").strip()
        sentence, answer, peeked = "", None, None
        try:
            answer = await self._surface.desks.lookup.search(text, limit=HITS_MAX) if text else None
        except OperatorMistake as refused:
            sentence = sentence_of(refused, call.words)
        if answer is not None and answer.hits:
            peeked = await self._surface.desks.lookup.customer(entity(answer.hits[0].customer.id))
        return await self._surface.show(
            call,
            "search.html.j2",
            q=text,
            sentence=sentence,
            rows=rows_of(answer) if answer is not None else (),
            glances=await self._glances(answer),
            count=count_line(answer, call.words) if answer is not None else "",
            copy=answer.copy if answer is not None else None,
            favourites=await favourites(self._surface),
            office=await self._office(call, text),
            can_ask=self._surface.desks.inquiry is not None,
            **(await self._nobody(text) if answer is not None and not answer.hits else {}),
            **await self._peek_view(peeked, call),
        )

    async def _nobody(self, text: str) -> dict[str, Any]:
        """Of a search that found nobody: among how many, and who would be created."""
        desks = self._surface.desks
        return {"base": await desks.condition.customers(), "new": named(await sought(desks, text)) or text}

    async def _glances(self, answer: SearchAnswer | None) -> dict[str, Glance]:
        """What stands beside each name of the list."""
        ids = [entity(hit.customer.id) for hit in answer.hits] if answer is not None else []
        return await self._surface.desks.glances.of(ids) if ids else {}

    async def _office(self, call: PageCall, text: str) -> OfficeAnswer | None:
        """What head office finds for the same words, where it is asked to; a clear word where it cannot be."""
        inquiry = self._surface.desks.inquiry
        if not text or "siege" not in call.query or inquiry is None:
            return None
        try:
            found = await inquiry.search(text, limit=HITS_MAX)
            return OfficeAnswer(rows=office_rows(found), indexed=found.indexed)
        except (PeerFault, OperatorMistake) as refused:
            return OfficeAnswer(sentence=sentence_of(refused, call.words))

    async def _peek(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        return self._surface.part(call, "peek.html.j2", **await self._peek_view(customer, call))

    async def _record(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        visit = await open_visit(self._surface)
        return await self._surface.show(
            call,
            "record.html.j2",
            customer=customer,
            face=record_face(customer),
            consents=consent_rows(customer),
            consent_line=consent_line(customer, call.words),
            till_notes=till_notes(customer),
            met=await met(self._surface, call, customer),
            visit=visit,
            **await self._told(call, customer, visit),
            job=job_of(await jobs(self._surface), customer.id, since_ms=self._surface.now_ms - JOB_SHOWN_MS),
            badge=await badge_offer(self._surface),
            is_new=await self._surface.desks.unsent.is_made_here(call.id()),
            **await sections_of(self._surface, call, customer, visit),
        )

    async def _told(self, call: PageCall, customer: Customer, visit: VisitShown | None) -> dict[str, Any]:
        """What stands over the record; of a block also who said so, and who else may lift it with a PIN."""
        found = alert(self._surface, customer, visit)
        if found is None or found.level != "blocked":
            return {"alert": found}
        desks = self._surface.desks
        stories = (await desks.provenance.why(entity(customer.id))).fields
        managers = [one for one in await desks.operators.operators() if may(one.role, Right.BLOCK)]
        block = next((story.standing for story in stories if story.field == "blocked"), None)
        return {"alert": found, "block": block, "managers": () if call.may("block") else managers}

    async def _link_card(self, call: PageCall) -> Response:
        """Give the unknown card that was scanned to this customer."""
        desks, id_ = self._surface.desks, call.id()
        given = NewCard(number=call.form.get("number", ""))
        customer = await desks.members.add_card(self._surface.change(call), id_, given)
        self._surface.notify(call, None)
        sentence = call.words.text("Card linked to %(name)s.", name=customer.display_name)
        self._surface.say(call, Word(sentence=sentence))
        return self._surface.go(self._address(id_))

    async def _add_note(self, call: PageCall) -> Response:
        given = NewNote(text=call.form.get("text", ""), show_at_till=bool(call.form.get("show_at_till")))
        if given.text.strip():
            await self._surface.desks.members.add_note(self._surface.change(call), call.id(), given)
        return self._surface.onward(call, self._surface.back(call))

    async def _note_done(self, call: PageCall) -> Response:
        note = entity(call.path["note"])
        done, id_ = call.path["done"] == "fait", call.id()
        await self._surface.desks.members.edit_note(self._surface.change(call), id_, note, NoteEdit(done=done))
        if done:
            undo = f"{self._address(id_)}/notes/{note.hex()}/rouvrir"
            self._surface.say(call, Word(sentence=call.words.text("Done, for every till."), undo=undo))
        return self._surface.go(self._surface.back(call))

    async def _postpone(self, call: PageCall) -> Response:
        """What is to be done waits for the next time."""
        postpone(self._surface, call.id(), await open_visit(self._surface))
        return self._surface.go(self._surface.back(call))

    async def _peek_view(self, customer: Customer | None, call: PageCall) -> dict[str, Any]:
        """What the preview beside the list shows."""
        return {
            "peeked": customer,
            "face": record_face(customer) if customer is not None else None,
            "till_notes": till_notes(customer) if customer is not None else (),
            "consent_line": consent_line(customer, call.words) if customer is not None else "",
            **await self._usable(customer, call),
        }

    async def _usable(self, customer: Customer | None, call: PageCall) -> dict[str, Any]:
        """What they may spend here now, line by line, and when they bought last."""
        if customer is None or customer.walk_in or customer.profile:
            return {"usable": (), "usable_total": "", "glance": None}
        found = await benefits_for(self._surface, call, customer, await open_visit(self._surface))
        glance = (await self._surface.desks.glances.of([entity(customer.id)])).get(customer.id)
        return {"usable": usable_lines(found), "usable_total": found.total, "glance": glance}

    def _address(self, id_: EntityId) -> str:
        return f"{self._surface.root}/clients/{id_.hex()}"


async def favourites(surface: Surface) -> Sequence[Favourite]:
    """Who stands ready at this till when a search opens."""
    return await surface.desks.favourites.of_shop() if surface.desks.visits is not None else ()


async def met(surface: Surface, call: PageCall, customer: Customer) -> tuple[Met, ...]:
    """Values of this customer that met, for somebody to decide."""
    if not customer.conflicts:
        return ()
    return met_of(await surface.desks.provenance.why(entity(customer.id)), call.words, surface.place.site)


def alert(surface: Surface, customer: Customer, visit: VisitShown | None) -> Alert | None:
    """What stands over the record of this customer until it is answered; at the till alone."""
    during = visit.id if visit is not None else ""
    is_told = surface.desks.visits is None or surface.asides.is_postponed(customer.id, during, surface.now_ms)
    return None if is_told else alert_of(customer)


def postpone(surface: Surface, id_: EntityId, visit: VisitShown | None) -> None:
    """Tell no more of this customer's alerts during this visit."""
    surface.asides.postpone(id_.hex(), visit.id if visit is not None else "", surface.now_ms)


async def open_visit(surface: Surface) -> VisitShown | None:
    """The open visit of this place's lane, if there is one."""
    if surface.desks.visits is None:
        return None
    found = await surface.desks.visits.open_ones()
    return next((visit for visit in found if visit.lane == surface.place.lane), None)


async def badge_offer(surface: Surface) -> BadgeOffer | None:
    """What is offered of badges; None where there is no printer."""
    return await surface.desks.badges.offer() if surface.desks.badges is not None else None


async def jobs(surface: Surface) -> Sequence[PrintJobShown]:
    """The print jobs, newest first; none where there is no printer."""
    return await surface.desks.badges.jobs() if surface.desks.badges is not None else ()
