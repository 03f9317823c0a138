"""How this till stands, and the settings of this screen."""

from typing import Final

from daemon.domain.role import Right
from daemon.web.aside import Word
from daemon.web.customer_page import jobs
from daemon.web.device_routes import devices_of
from daemon.web.disagreement_view import label_of
from daemon.web.http import Response, RouteDef
from daemon.web.screen_settings import LOCKS_S, keep_settings
from daemon.web.surface import PageCall, Surface

JOBS_MAX: Final = 8
MET_MAX: Final = 10


class StatusPages:
    """The till itself."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface = self._surface
        return [
            surface.get("/etat", self._condition),
            surface.get("/reglages", self._settings),
            surface.post("/reglages", self._keep, Right.READ),
        ]

    async def _condition(self, call: PageCall) -> Response:
        parts, desks = self._surface.parts, self._surface.desks
        link = parts.link() if parts.link is not None else None
        inbox = await desks.provenance.inbox(limit=MET_MAX, whose="here")
        return await self._surface.show(
            call,
            "condition.html.j2",
            standing=await desks.condition.replication(link),
            devices=await devices_of(parts),
            jobs=list(await jobs(self._surface))[:JOBS_MAX],
            met=[(one, label_of(one.part, one.field, call.words)) for one in inbox.disagreements],
            version=parts.version,
        )

    async def _settings(self, call: PageCall) -> Response:
        return await self._surface.show(call, "settings.html.j2", locks=LOCKS_S)

    async def _keep(self, call: PageCall) -> Response:
        """What was chosen holds for this screen from the next page on."""
        response = self._surface.go(f"{self._surface.root}/reglages")
        keep_settings(response, **{name: call.form[name] for name in ("lang", "contrast", "lock") if name in call.form})
        self._surface.say(call, Word(sentence=call.words.text("Saved.")))
        return response
