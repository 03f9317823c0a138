"""Proofs of possession at two tills that are cut off: what both count once they hear of each other."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.possession import morel, prove, rule, serve, set_pin, spend
from tests.fakes.two_tills import TwoTills, open_two_tills


@pytest.fixture
async def chain(tmp_path: Path) -> Any:
    async with open_two_tills(tmp_path) as found:
        for till in found.tills:
            await till.counter.choose_walk_in()
        await found.sync()
        yield found


@pytest.mark.feature("C12.3", "C12.5")
async def test_tills_that_are_cut_off_add_up_their_wrong_tries_once_they_hear_of_each_other(chain: TwoTills) -> None:
    one, two, hub = chain.one, chain.two, chain.hub
    await rule(hub.counter)
    customer = await morel(one)
    await set_pin(one, customer, "4826")
    await chain.sync()
    visits = [await serve(till, customer) for till in chain.tills]
    for till, visit in zip(chain.tills, visits, strict=True):
        for _ in range(3):
            assert (await prove(till, visit, "1111")).status == 403
        assert (await prove(till, visit, "4826")).status == 429, "each alone: three are free"
    await chain.sync()
    for browser in (hub, one, two):
        browser.counter.clock.at_ms += 3_600_000
    for till, visit in zip(chain.tills, visits, strict=True):
        shut = await prove(till, visit, "4826")
        assert (shut.status, "closed" in shut.json["detail"]) == (403, True), "together they were six"
    assert len(await chain.roots()) == 1
    listed = (await hub.get("/refusals")).json
    (found,) = listed["customers"]
    assert (found["customer"], found["wrong"], found["pin"], found["tills"]) == (customer, 6, "closed", [2, 3])
    await set_pin(two, customer, "5937")
    await chain.sync()
    assert (await prove(one, visits[0], "5937")).status == 200, "a new PIN opens it everywhere"
    assert len(await chain.roots()) == 1


@pytest.mark.feature("C12.1")
async def test_each_till_that_is_cut_off_lets_the_limit_go_once_and_both_count_it_when_they_hear(
    chain: TwoTills,
) -> None:
    await rule(chain.hub.counter)
    customer = await morel(chain.one, 300)
    await chain.sync()
    gift = {"amount": 300, "reason": "geste"}
    assert (await chain.two.post(f"/customers/{customer}/points", gift)).status == 200
    for till in chain.tills:
        visit = await serve(till, customer)
        assert (await spend(till, visit, points=101)).json["asked"] == "card"
        assert (await spend(till, visit, points=100)).status == 200
        await till.post(f"/visits/{visit}/post")
    await chain.sync()
    for till in chain.tills:
        visit = await serve(till, customer)
        assert (await till.get(f"/visits/{visit}/proof")).json["limits"][0]["spent"] == 200
        assert (await spend(till, visit, points=1)).json["asked"] == "new_pin", "a card goes to 200 here"


@pytest.mark.feature("C12.3")
async def test_the_right_pin_at_one_till_forgives_at_the_other_what_it_had_heard_of(chain: TwoTills) -> None:
    one, two = chain.tills
    customer = await morel(one)
    await set_pin(one, customer, "4826")
    await chain.sync()
    mine, theirs = await serve(one, customer), await serve(two, customer)
    for _ in range(2):
        await prove(one, mine, "1111")
    await chain.sync()
    await prove(two, theirs, "1111")
    await prove(one, mine, "4826")
    await chain.sync()
    for till in (chain.hub, one, two):
        assert (await till.get(f"/customers/{customer}/proof")).json["wrong"] == 1
    assert len(await chain.roots()) == 1


@pytest.mark.feature("C12.4")
async def test_two_tills_that_set_a_pin_at_once_show_no_hash_in_their_disagreement(chain: TwoTills) -> None:
    one, two = chain.tills
    customer = await morel(one)
    await chain.sync()
    await set_pin(one, customer, "4826")
    await set_pin(two, customer, "5937")
    await chain.sync()
    for path in (
        f"/customers/{customer}",
        f"/customers/{customer}/why",
        f"/customers/{customer}/history",
        "/disagreements",
    ):
        heard = await chain.hub.get(path)
        assert (heard.status, b"scrypt" in heard.raw) == (200, False), path
    assert len(await chain.roots()) == 1
