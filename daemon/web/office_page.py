"""Head office's own screens: the fleet; customers as at the till, without a sale and without a printer."""

from typing import Final

from daemon.domain.role import Right
from daemon.web.block_page import BlockPages
from daemon.web.customer_page import CustomerPages
from daemon.web.edit_page import EditPages
from daemon.web.fleet_view import fleet_of
from daemon.web.held_page import HeldPages
from daemon.web.http import Response, RouteDef
from daemon.web.import_page import ImportPages
from daemon.web.office_terms_page import OfficeTermsPages
from daemon.web.parts import WebParts
from daemon.web.session_page import SessionPages
from daemon.web.settling_page import SettlingPages
from daemon.web.static_files import StaticFiles, load_static
from daemon.web.surface import PageCall, Place, Surface
from daemon.web.why_page import WhyPages

ROOT: Final = "/siege"


def office_pages(parts: WebParts, place: Place, static: StaticFiles | None = None) -> list[RouteDef]:
    """Every route of head office's pages, their static files included; for `WebParts.pages`."""
    files = static or load_static()
    surface = Surface(parts, place, files, root=ROOT, name="office")
    rooms = (
        SessionPages(surface),
        HeldPages(surface),
        OfficePages(surface),
        SettlingPages(surface),
        OfficeTermsPages(surface),
        ImportPages(surface),
        EditPages(surface, source="office"),
        CustomerPages(surface),
        BlockPages(surface),
        WhyPages(surface),
    )
    return [*files.routes(), surface.home(), *(route for room in rooms for route in room.routes())]


class OfficePages:
    """The screens that only head office has."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        return [self._surface.get("", self._fleet, Right.OBSERVE)]

    async def _fleet(self, call: PageCall) -> Response:
        roster = self._surface.parts.roster
        tills = await roster.tills() if roster is not None else ()
        return await self._surface.show(call, "fleet.html.j2", fleet=fleet_of(tills, call.words, self._surface.now_ms))
