"""The screens of customers, at the till and at head office: search, preview, record, what is added to a record."""

from collections.abc import Sequence
from typing import Any, Final

from daemon.desk.customer import Customer
from daemon.desk.members import NewCard, NewNote, NoteEdit
from daemon.desk.print_shown import PrintJobShown
from daemon.desk.visits import VisitShown
from daemon.domain.ids import EntityId
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.aside import Word
from daemon.web.customer_view import (
    consent_line,
    consent_rows,
    job_of,
    lost_values,
    record_face,
    till_notes,
)
from daemon.web.http import Response, RouteDef
from daemon.web.page_problem import sentence_of
from daemon.web.search_view import count_line, rows_of
from daemon.web.surface import PageCall, Surface, entity

HITS_MAX: Final = 20
JOB_SHOWN_MS: Final = 2 * 60_000
"""How long a badge that came out is still told of on the record."""

SECTIONS: Final = ("contact", "notes", "cards", "consents")
"""What a small screen shows one at a time."""

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
            surface.post(f"{one}/notes/{{note:[0-9a-f]{{16}}}}/fait", self._note_done, Right.EDIT),
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
            count=count_line(answer, call.words) if answer is not None else "",
            copy=answer.copy if answer is not None else None,
            **_peek_view(peeked, call),
        )

    async def _peek(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        return self._surface.part(call, "peek.html.j2", **_peek_view(customer, call))

    async def _record(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        section = call.query.get("section", SECTIONS[0])
        return await self._surface.show(
            call,
            "record.html.j2",
            customer=customer,
            face=record_face(customer),
            section=section if section in SECTIONS else SECTIONS[0],
            consents=consent_rows(customer),
            consent_line=consent_line(customer, call.words),
            till_notes=till_notes(customer),
            lost=lost_values(customer),
            visit=await open_visit(self._surface),
            job=job_of(await jobs(self._surface), customer.id, since_ms=self._surface.now_ms - JOB_SHOWN_MS),
            prints=self._surface.desks.badges is not None,
        )

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
        onward = call.form.get("onward", "")
        return self._surface.go(self._surface.own(onward) if onward else self._surface.back(call))

    async def _note_done(self, call: PageCall) -> Response:
        note = entity(call.path["note"])
        await self._surface.desks.members.edit_note(self._surface.change(call), call.id(), note, NoteEdit(done=True))
        return self._surface.go(self._surface.back(call))

    def _address(self, id_: EntityId) -> str:
        return f"{self._surface.root}/clients/{id_.hex()}"


def _peek_view(customer: Customer | None, call: PageCall) -> dict[str, Any]:
    """What the preview beside the list shows."""
    return {
        "peeked": customer,
        "face": record_face(customer) if customer is not None else None,
        "till_notes": till_notes(customer) if customer is not None else (),
        "consent_line": consent_line(customer, call.words) if customer is not None else "",
    }


async def open_visit(surface: Surface) -> VisitShown | None:
    """The open visit of this place's lane, if there is one."""
    if surface.desks.visits is None:
        return None
    found = await surface.desks.visits.open_ones()
    return next((visit for visit in found if visit.lane == surface.place.lane), None)


async def jobs(surface: Surface) -> Sequence[PrintJobShown]:
    """The print jobs, newest first; none where there is no printer."""
    return await surface.desks.badges.jobs() if surface.desks.badges is not None else ()
