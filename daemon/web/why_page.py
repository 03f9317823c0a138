"""Why a value stands: the page of all fields of a customer, and the choice between two that met."""

from daemon.desk.provenance import Choice
from daemon.domain.role import Right
from daemon.errors import Outdated
from daemon.web.aside import Word
from daemon.web.customer_page import ID
from daemon.web.disagreement_view import told_of
from daemon.web.http import Response, RouteDef
from daemon.web.surface import PageCall, Surface


class WhyPages:
    """Where values come from."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        return [
            self._surface.get(f"/clients/{ID}/pourquoi", self._why),
            self._surface.post(f"/clients/{ID}/choix", self._choose, Right.EDIT),
        ]

    async def _why(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        why = await self._surface.desks.provenance.why(call.id())
        told = told_of(why, call.words, self._surface.place.site)
        return await self._surface.show(call, "why.html.j2", customer=customer, told=told)

    async def _choose(self, call: PageCall) -> Response:
        """One of the values that met stands from now on, and nobody is asked about the others again."""
        form = call.form
        given = Choice(
            field=form.get("field", ""),
            chosen=form.get("chosen", ""),
            standing=form.get("standing", ""),
            member=form.get("member") or None,
        )
        try:
            await self._surface.desks.provenance.choose(self._surface.change(call), call.id(), given)
        except Outdated:
            sentence = call.words.text("This was changed meanwhile: here is how it stands now.")
        else:
            sentence = call.words.text("Settled, for every till.")
        self._surface.say(call, Word(sentence=sentence))
        return self._surface.go(self._surface.back(call))
