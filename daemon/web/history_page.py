"""What happened with a customer, and what they bought month by month, on a page of its own."""

from typing import Any

from daemon.desk.history import LIMIT_MAX
from daemon.web import history_view
from daemon.web.customer_page import ID
from daemon.web.http import Response, RouteDef
from daemon.web.record_sections import revenue_of
from daemon.web.surface import PageCall, Surface

MONTHS = 24


class HistoryPages:
    """The whole history."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        return [self._surface.get(f"/clients/{ID}/historique", self._show)]

    async def _show(self, call: PageCall) -> Response:
        id_ = call.id()
        customer = await self._surface.desks.lookup.customer(id_)
        chosen = call.query.get("quoi", "")
        chosen = chosen if chosen in history_view.FILTERS else ""
        rows, following = await self._rows(call, chosen)
        return await self._surface.show(
            call,
            "history.html.j2",
            customer=customer,
            revenue=await revenue_of(self._surface, call, id_, MONTHS),
            chosen=chosen,
            filters=history_view.FILTER_WORDS,
            rows=rows,
            following=following,
        )

    async def _rows(self, call: PageCall, chosen: str) -> tuple[tuple[history_view.HistoryRow, ...], str]:
        """A page of them; a filter looks through more, so that it is not empty where there is something."""
        wanted: Any = history_view.FILTERS[chosen]
        limit = LIMIT_MAX if wanted else history_view.SHOWN
        found = await self._surface.desks.history.history(call.id(), before=call.query.get("before", ""), limit=limit)
        events = [one for one in found.events if not wanted or one.kind in wanted]
        return history_view.rows_of(events, call.words, self._surface.place.site), found.next
