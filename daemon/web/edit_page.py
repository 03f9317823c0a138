"""The form of a customer: new or known, at the till and at head office. Nothing that was typed is ever lost."""

from collections.abc import Mapping, Sequence
from typing import Final

from daemon.clock import random_id
from daemon.desk.customer import Customer
from daemon.desk.edit import Created
from daemon.domain.role import Right
from daemon.errors import Forbidden, NotFound, OperatorMistake, Outdated
from daemon.web.aside import Word
from daemon.web.customer_form import (
    NEWER,
    FormFault,
    Typed,
    creation_of,
    edit_of,
    faults_of,
    read_form,
    rebased,
    shown_form,
)
from daemon.web.customer_page import ID
from daemon.web.customer_view import CHANNEL_WORDS
from daemon.web.http import Response, RouteDef
from daemon.web.i18n import Words
from daemon.web.known_view import known, towns
from daemon.web.page_problem import sentence_of
from daemon.web.sought import sought
from daemon.web.surface import PageCall, Surface, entity

_NEW: Final = "/clients/nouveau"


class EditPages:
    """The form, how it is taken, and what is said beside its fields."""

    def __init__(self, surface: Surface, *, source: str) -> None:
        self._surface = surface
        self._source = source

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface, one = self._surface, f"/clients/{ID}/modifier"
        return [
            surface.get(_NEW, self._new, Right.EDIT),
            surface.post(_NEW, self._create, Right.EDIT),
            surface.get(one, self._edit, Right.EDIT),
            surface.post(one, self._save, Right.EDIT),
            surface.post("/clients/connus", self._known, Right.READ),
        ]

    async def _new(self, call: PageCall) -> Response:
        """An empty form; the unknown card that was just scanned and the name that was sought stand in it already."""
        notice = self._surface.asides.notice(call.session, self._surface.now_ms)
        card = notice.code if notice is not None and notice.kind == "unknown" else ""
        return await self._form(call, await sought(self._surface.desks, call.query.get("q", ""), card=card))

    async def _create(self, call: PageCall) -> Response:
        typed = read_form(call.form)
        said = call.form.get("even_if_known", "")
        given = creation_of(typed, source=self._source, even_if_known=bool(said), move_cards=said == "card")
        try:
            made = await self._surface.desks.edits.create(self._surface.change(call), given)
        except OperatorMistake as refused:
            return await self._again(call, typed, refused)
        self._surface.notify(call, None)
        self._surface.say(call, Word(sentence=_made(made, call.words)))
        return self._surface.go(self._onward(call, made.customer))

    async def _edit(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        return await self._form(call, shown_form(customer), customer=customer)

    async def _save(self, call: PageCall) -> Response:
        """Save what was changed; laid over a newer version first, where there is one."""
        typed, id_ = read_form(call.form), call.id()
        given, present = edit_of(typed, source=self._source)
        version = call.form.get("version", "")
        try:
            if present:
                edits = self._surface.desks.edits
                await edits.edit(self._surface.change(call), id_, given, present=present, version=version)
        except Outdated:
            return await self._over_newer(call, typed)
        except OperatorMistake as refused:
            return await self._again(call, typed, refused, customer=await self._surface.desks.lookup.customer(id_))
        customer = await self._surface.desks.lookup.customer(id_)
        if present:
            self._surface.say(call, Word(sentence=call.words.text("Saved.")))
        return self._surface.go(self._onward(call, customer))

    async def _over_newer(self, call: PageCall, typed: Typed) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        found = rebased(typed, shown_form(customer))
        faults = (FormFault(field="", sentence=NEWER),)
        return await self._form(call, found.typed, customer=customer, faults=faults, clashes=found.clashes)

    async def _again(
        self, call: PageCall, typed: Typed, refused: OperatorMistake, customer: Customer | None = None
    ) -> Response:
        """The form as it was typed, with all that is wrong, each beside its field."""
        if isinstance(refused, Forbidden | NotFound):
            faults: tuple[FormFault, ...] = (FormFault(field="", sentence=sentence_of(refused, call.words)),)
        else:
            faults = faults_of(refused, typed)
        return await self._form(call, typed, customer=customer, faults=faults)

    async def _known(self, call: PageCall) -> Response:
        """Beside the form, while it is typed: who is known already, and the towns of the postal code."""
        typed = read_form(call.form)
        is_new = "pour" not in call.query
        found = await known(self._surface.desks, typed) if is_new else ()
        return self._surface.part(
            call,
            "known_part.html.j2",
            customer=None if is_new else call.query,
            known=found,
            copy=await self._surface.desks.lookup.copy(),
            towns=towns(typed),
        )

    async def _form(
        self,
        call: PageCall,
        typed: Typed,
        *,
        customer: Customer | None = None,
        faults: tuple[FormFault, ...] = (),
        clashes: Mapping[str, str] | None = None,
    ) -> Response:
        known_by = next((one for one in faults if one.owners), None)
        return await self._surface.show(
            call,
            "edit.html.j2",
            status=409 if faults else 200,
            typed=typed,
            customer=customer,
            wrong={one.field: one.sentence for one in faults},
            clashes=clashes or {},
            amiss={one.field for one in faults if one.field} | set(clashes or {}),
            known_by=known_by,
            owners=await self._owners(known_by.owners if known_by else ()),
            channels=CHANNEL_WORDS,
            known=await known(self._surface.desks, typed) if customer is None else (),
            copy=await self._surface.desks.lookup.copy(),
            towns=towns(typed),
            key=random_id().hex(),
            # What was sent already differs from what is saved: leaving asks first.
            is_dirty=bool(faults),
        )

    async def _owners(self, ids: Sequence[str]) -> list[Customer]:
        return [await self._surface.desks.lookup.customer(entity(id_)) for id_ in dict.fromkeys(ids[:5])]

    def _onward(self, call: PageCall, customer: Customer) -> str:
        """Where the scan that was held wanted to go, else the record."""
        onward = call.form.get("onward", "")
        return self._surface.own(onward) if onward else f"{self._surface.root}/clients/{customer.id}"


def _made(made: Created, words: Words) -> str:
    if made.identified:
        return words.text("This e-mail was known already: here is its customer. Nothing was created.")
    return words.text("Customer created.")
