"""How this till stands, and the settings of this screen."""

from dataclasses import replace
from typing import Final

from daemon.clock import random_id
from daemon.desk.printouts import NewPrint
from daemon.desk.unsent import Unsent
from daemon.domain.role import Right
from daemon.web.aside import Word
from daemon.web.customer_page import jobs
from daemon.web.device_routes import devices_of
from daemon.web.device_words import gesture_of
from daemon.web.diagnostic import MEDIA, diagnostic, file_name
from daemon.web.disagreement_view import label_of
from daemon.web.http import Response, RouteDef
from daemon.web.i18n import Words
from daemon.web.screen_settings import LOCKS_S, keep_settings
from daemon.web.surface import PageCall, Surface
from daemon.web.truth_line import clock_told

KIND_WORDS: Final = {
    "customer": "Record",
    "entry": "Movement",
    "sale": "Purchase",
    "card": "Card",
    "note": "Note",
    "tag": "Tag",
    "coupon": "Coupon",
    "credit_note": "Credit note",
    "wish": "Wish",
    "price": "Special price",
    "membership": "Group",
    "address": "Further address",
    "operator": "Operator",
}
"""Message ids of what a change is of; others are changes."""

JOBS_MAX: Final = 8
MET_MAX: Final = 10
UNSENT_MAX: Final = 12


class StatusPages:
    """The till itself."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface = self._surface
        return [
            surface.get("/etat", self._condition),
            surface.post("/etat/essai", self._test_print, Right.PRINT),
            surface.post("/etat/envoi", self._retry, Right.READ),
            surface.get("/etat/diagnostic", self._diagnostic),
            surface.get("/reglages", self._settings),
            surface.post("/reglages", self._keep, Right.READ),
        ]

    async def _condition(self, call: PageCall) -> Response:
        parts, desks = self._surface.parts, self._surface.desks
        link = parts.link() if parts.link is not None else None
        doubt = parts.clock_doubt() if parts.clock_doubt is not None else None
        inbox = await desks.provenance.inbox(limit=MET_MAX, whose="here")
        return await self._surface.show(
            call,
            "condition.html.j2",
            standing=await desks.condition.replication(link),
            devices=await devices_of(parts),
            gesture_of=gesture_of,
            jobs=list(await jobs(self._surface))[:JOBS_MAX],
            unsent=await desks.unsent.oldest(UNSENT_MAX),
            room=desks.condition.room(),
            is_unwell=bool(desks.condition.trouble()),
            kinds_of=lambda one: kinds_told(one, call.words),
            met=[(one, label_of(one.part, one.field, call.words)) for one in inbox.disagreements],
            version=parts.version,
            doubt=doubt,
            doubt_told=clock_told(doubt, call.words) if doubt is not None else "",
            can_retry=parts.retry is not None,
        )

    async def _diagnostic(self, call: PageCall) -> Response:
        """A file to give to support; nothing of it leaves this machine by itself."""
        surface = self._surface
        name = file_name(surface.place.site, surface.now_ms)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body=await diagnostic(surface), content_type=MEDIA, headers=headers)

    async def _retry(self, call: PageCall) -> Response:
        """Try the line now: who stands before the till knows that the cable is in again."""
        if self._surface.parts.retry is not None:
            self._surface.parts.retry()
            self._surface.say(call, Word(sentence=call.words.text("The line to head office is being tried.")))
        return self._surface.go(f"{self._surface.root}/etat")

    async def _test_print(self, call: PageCall) -> Response:
        """A test page on a printer; its fate is told below, like that of any print."""
        wanted = NewPrint(kind="test_page", printer=call.form.get("printer") or None)
        change = self._surface.change(call)
        key = change.key or random_id().hex()
        await self._surface.desks.printouts.request(replace(change, key=key), wanted)
        self._surface.say(call, Word(sentence=call.words.text("A test page is on its way to the printer.")))
        return self._surface.go(f"{self._surface.root}/etat")

    async def _settings(self, call: PageCall) -> Response:
        return await self._surface.show(call, "settings.html.j2", locks=LOCKS_S)

    async def _keep(self, call: PageCall) -> Response:
        """What was chosen holds for this screen from the next page on."""
        response = self._surface.go(f"{self._surface.root}/reglages")
        keep_settings(response, **{name: call.form[name] for name in ("lang", "contrast", "lock") if name in call.form})
        self._surface.say(call, Word(sentence=call.words.text("Saved.")))
        return response


def kinds_told(one: Unsent, words: Words) -> list[str]:
    """What a change is of, each said once."""
    return list(dict.fromkeys(words.text(KIND_WORDS.get(kind, "Other change")) for kind in one.kinds))
