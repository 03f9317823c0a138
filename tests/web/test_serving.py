"""Who the sale is for, as the pages choose it."""

import pytest

from daemon.desk.visits import NewVisit
from daemon.domain.ids import EntityId
from daemon.errors import Conflicting, NotFound
from daemon.web.parts import WebParts
from daemon.web.serving import serve
from daemon.web.surface import Surface
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PLACE, STATIC
from tests.fakes.people import known


def surface_of(counter: Counter) -> Surface:
    parts = WebParts(desks=counter.desks, live=counter.live, clock=counter.clock, secret=b"s" * 32)
    return Surface(parts, PLACE, STATIC, root="/caisse", name="till")


@pytest.fixture
async def paul(counter: Counter) -> EntityId:
    id_ = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    return EntityId(bytes.fromhex(id_))


async def test_choosing_somebody_opens_a_visit_where_none_is_open(counter: Counter, paul: EntityId) -> None:
    await counter.choose_walk_in()
    surface = surface_of(counter)
    served = await serve(surface, counter.call(), paul)
    assert (served.customer.display_name, served.lane, served.is_walk_in) == ("Paul Morel", PLACE.lane, False)
    assert surface.asides.served() == (paul.hex(),) or list(surface.asides.served()) == [paul.hex()]


async def test_the_visit_of_the_till_software_is_the_one_that_serves(counter: Counter, paul: EntityId) -> None:
    await counter.choose_walk_in()
    assert counter.desks.visits is not None
    opened = await counter.desks.visits.open(counter.call(), NewVisit(lane=PLACE.lane))
    await counter.desks.visits.open(counter.call(), NewVisit(lane="9"))
    assert (await serve(surface_of(counter), counter.call(), paul)).id == opened.id


async def test_nobody_is_served_where_no_walk_in_customer_was_chosen(counter: Counter, paul: EntityId) -> None:
    with pytest.raises(Conflicting, match="walk-in"):
        await serve(surface_of(counter), counter.call(), paul)


async def test_who_is_not_here_is_not_served(counter: Counter) -> None:
    await counter.choose_walk_in()
    with pytest.raises(NotFound):
        await serve(surface_of(counter), counter.call(), EntityId(bytes(8)))
