"""The past that the demo is given: the same each time, in the order of time, with something of everything."""

from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.config import HubConfig, HubSection
from daemon.demo import seed
from daemon.demo.guests import guests
from daemon.demo.house_terms import HouseTerms
from daemon.demo.lively import DAY_MS, Scene, draws, events
from daemon.demo.past_clock import PastClock
from daemon.demo.people import People
from daemon.desk.desks import Desks
from daemon.domain.change import Actor
from daemon.domain.ids import EntityId

FIRST, _, THIRD = (EntityId(bytes.fromhex(guest.id)) for guest in guests(3))


def test_what_is_drawn_is_the_same_in_every_demo_and_another_for_another_thing() -> None:
    assert draws("sale", 1, 2) == draws("sale", 1, 2)
    assert draws("sale", 1, 2) != draws("sale", 2, 1)


def test_the_clock_of_the_past_goes_on_and_never_beyond_now() -> None:
    now = SystemClock()
    clock = PastClock(now, 1_000)
    clock.set(500)
    assert clock.now_ms() == 1_000
    clock.set(now.now_ms() + DAY_MS)
    assert clock.now_ms() <= now.now_ms()
    assert clock.monotonic_s() > 0


async def test_the_chain_has_something_of_everything_to_show(tmp_path: Path) -> None:
    config = HubConfig(hub=HubSection(state_directory=str(tmp_path / "hub"), public_host="localhost"))
    await seed.fill(config, 60, lambda *_: None)
    async with seed._opened(config, PastClock(SystemClock(), SystemClock().now_ms())) as office:
        desks: Desks = office.desks
        account = await desks.on_account.show(FIRST)
        assert (account.owed, account.maximum) == (18_240, 50_000)
        assert {one.state for one in await desks.credit_notes.of_customer(FIRST)} == {"open"}
        found = await desks.purses.show(FIRST)
        assert (found.points.balance > 500, len(found.coupons) >= 2) == (True, True)
        assert sum(month.revenue > 0 for month in (await desks.revenue.revenue(FIRST)).months) >= 8
        assert len((await desks.wishes.wishes(FIRST)).wishes) == 3
        assert len((await desks.customer_terms.terms(FIRST)).prices) == 2
        assert len(await desks.favourites.of_shop(0)) == 3
        assert len((await desks.provenance.inbox(limit=5)).disagreements) == 1
        assert (await desks.lookup.customer(THIRD)).conflicts
        assert len(await desks.custom_fields.all()) == 1
        assert (await desks.lookup.customer(FIRST)).created_at < "2020"
        again = len((await desks.prices.products("", "", 100)).products)
    await seed.fill(config, 60, lambda *_: pytest.fail("nothing is missing"))
    async with seed._opened(config, PastClock(SystemClock(), SystemClock().now_ms())) as office:
        assert len((await office.desks.prices.products("", "", 100)).products) == again


def test_what_happened_is_told_in_the_order_of_time() -> None:
    scene = Scene(
        desks=None,  # type: ignore[arg-type]  # nothing is written here
        replica=None,  # type: ignore[arg-type]  # nothing is written here
        actors=(Actor(),),
        now_ms=1_790_000_000_000,
        terms=HouseTerms(groups=("1", "2"), types=()),
    )
    told = events(scene, People(), 300)
    assert [one.at_ms for one in told] == sorted(one.at_ms for one in told)
    assert max(one.at_ms for one in told) < scene.now_ms
    assert len(told) > 500
