"""The page of a badge: how it will look, on which printer, what stands in the way; and a lost card's replacement."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from daemon.clock import random_id
from daemon.desk.badges import BadgeDesk, NewBadge
from daemon.desk.print_shown import PrintJobShown
from daemon.desk.replacement import NewReplacement
from daemon.domain.role import Right
from daemon.errors import Conflicting
from daemon.web.aside import Word
from daemon.web.customer_page import ID, jobs
from daemon.web.customer_view import is_good
from daemon.web.http import Response, RouteDef
from daemon.web.surface import PageCall, Surface

CARD: Final = "{card:[0-9a-f]{16}}"

FINDING_WORDS: Final = {
    "missing_glyph": "Letters that the printer has not were replaced: %(detail)s",
    "shortened": "Part of the name was cut: it is too long for the badge.",
    "other_symbol": "The number is too long for bars: it is printed as a QR code.",
    "no_symbol": "The number is too long for any symbol: it is printed in digits.",
}
"""By the kind of a finding; message ids."""


class BadgePages:
    """Badges before they are printed."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface = self._surface
        return [
            surface.get(f"/clients/{ID}/badge", self._show, Right.PRINT),
            surface.get(f"/clients/{ID}/badge.png", self._picture, Right.PRINT),
            surface.post(f"/clients/{ID}/cartes/{CARD}/remplacer", self._replace, Right.EDIT),
        ]

    async def _show(self, call: PageCall) -> Response:
        id_ = call.id()
        customer = await self._surface.desks.lookup.customer(id_)
        about = await self._badges().about(id_, NewBadge(card=call.query.get("card") or None))
        return await self._surface.show(
            call,
            "badge.html.j2",
            customer=customer,
            about=about,
            findings=[call.words.text(FINDING_WORDS[one.kind], detail=one.detail) for one in about.findings],
            good=[card for card in customer.cards if is_good(card)],
            was_printed=was_printed(await jobs(self._surface), customer.id),
        )

    async def _picture(self, call: PageCall) -> Response:
        preview = await self._badges().preview(call.id(), NewBadge(card=call.query.get("card") or None))
        return Response(body=preview.png, content_type="image/png")

    async def _replace(self, call: PageCall) -> Response:
        """Block the card, give another, print it; the record tells the rest."""
        change, id_ = self._surface.change(call), call.id()
        prints = self._surface.desks.badges is not None
        given = NewReplacement(number=call.form.get("number") or None, print=prints)
        dot = bytes.fromhex(call.path["card"])
        change = replace(change, key=change.key or random_id().hex())
        await self._surface.desks.replacements.replace(change, id_, dot, given)
        sentence = call.words.text("The old card is blocked, the new one is the customer's. Points stay.")
        self._surface.say(call, Word(sentence=sentence))
        return self._surface.go(f"{self._surface.root}/clients/{id_.hex()}?section=cards")

    def _badges(self) -> BadgeDesk:
        if self._surface.desks.badges is None:
            raise Conflicting("no printer is configured at this till")
        return self._surface.desks.badges


def was_printed(found: Sequence[PrintJobShown], customer: str) -> bool:
    """Whether a badge of this customer has come out of late: a second one is printed for a reason."""
    return any(job.kind == "badge" and job.customer == customer and job.state == "printed" for job in found)
