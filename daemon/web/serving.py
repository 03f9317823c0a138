"""Who the sale is for: attaching a customer to the open visit of this place's lane, opening one where there is none."""

from dataclasses import replace

from daemon.desk.premises import Call
from daemon.desk.visits import NewVisit, VisitDesk, VisitShown
from daemon.domain.ids import EntityId
from daemon.errors import Conflicting
from daemon.web.customer_page import open_visit
from daemon.web.surface import Surface


async def serve(surface: Surface, change: Call, customer: EntityId) -> VisitShown:
    """Serve this customer; raises NotFound, Forbidden, Conflicting where no walk-in customer was chosen."""
    desk = visits(surface)
    visit = await sale_of_lane(surface, change)
    served = await desk.attach(change, EntityId(bytes.fromhex(visit.id)), customer)
    surface.asides.serve(served.customer.id, served.id, surface.now_ms)
    return served


async def sale_of_lane(surface: Surface, change: Call) -> VisitShown:
    """The open visit of this place's lane; a new one where there is none. Raises Conflicting."""
    return await open_visit(surface) or await _opened(surface, visits(surface), change)


def visits(surface: Surface) -> VisitDesk:
    """The desk of visits, which every till has."""
    assert surface.desks.visits is not None, "the till's pages are mounted where there is a counter"
    return surface.desks.visits


async def _opened(surface: Surface, desk: VisitDesk, change: Call) -> VisitShown:
    """A new visit, unless the till software was quicker."""
    try:
        key = f"{change.key}-open" if change.key else ""
        return await desk.open(replace(change, key=key), NewVisit(lane=surface.place.lane))
    except Conflicting:
        found = await open_visit(surface)
        if found is None:
            raise
        return found
