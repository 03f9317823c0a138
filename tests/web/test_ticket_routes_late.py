"""Held tickets over HTTP when word of them comes early, late, or from another shop."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.premises import Premises
from daemon.head_office.answers import answer
from daemon.sync.wire_questions import Asked, Reply
from tests.fakes import two_tills
from tests.fakes.selling import customer, post
from tests.fakes.tickets import BASKET, approval, cut, fill, one_shop, park, shown, take
from tests.fakes.two_tills import TwoTills

LINES = ({"label": "vase", "amount": 2_500}, {"label": "rose", "amount": 490})


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        yield found


@pytest.fixture
async def shops(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path, shops=(1, 2)) as found:
        yield found


@pytest.mark.feature("C8.1", "C8.2")
async def test_a_ticket_whose_feed_comes_before_its_answer_fills_the_visit(
    tills: TwoTills, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne = await customer(tills.hub, first_name="Anne")
    made = await tills.hub.post("/held-tickets", {"customer": anne, "basket": BASKET, "total": 2_990, "source": "web"})
    await tills.sync()
    heard_first = list[str]()

    async def slow(premises: Premises, question: Asked) -> Reply:
        found = await answer(premises, question)
        await tills.sync()
        heard_first.append(question.topic)
        return found

    monkeypatch.setattr(two_tills, "answer", slow)
    visit, heard = await take(tills.one, made.json)
    assert (heard.status, heard_first) == (200, ["take_ticket"]), heard.raw
    assert (await tills.one.get(f"/visits/{visit['id']}/basket")).json == BASKET
    assert (await tills.one.get(f"/visits/{visit['id']}")).json["customer"]["id"] == anne


@pytest.mark.feature("C8.3")
async def test_what_was_sold_elsewhere_meanwhile_is_held_as_a_ticket_of_its_own(tills: TwoTills) -> None:
    ticket = await park(tills.one)
    await tills.sync()
    cut(tills)
    mine, heard = await take(tills.one, ticket)
    theirs, other = await take(tills.two, ticket)
    assert (heard.status, other.status) == (200, 200)
    assert (await post(tills.two, theirs, *LINES)).status == 200
    cut(tills, is_cut=False)
    await tills.sync()
    more = {"lines": [*BASKET["lines"], {"product": "ruban", "cents": 300}]}
    await fill(tills.one, mine, more)
    parked = await tills.one.post(f"/visits/{mine['id']}/hold", {"total": 3_290})
    assert parked.status == 200, parked.raw
    held = parked.json["ticket"]
    assert (held["state"], held["id"] != ticket["id"]) == ("open", True), "what was sold holds nothing any more"
    assert (await tills.one.get(f"/held-tickets/{held['id']}/basket")).json == more
    assert (await tills.two.get(f"/held-tickets/{ticket['id']}/basket")).json == BASKET


@pytest.mark.feature("C8.2")
async def test_a_ticket_that_another_shop_has_by_now_is_not_sold_unseen(shops: TwoTills) -> None:
    ticket = await park(shops.one)
    await shops.sync()
    cut(shops)
    mine, heard = await take(shops.one, ticket)
    assert heard.status == 200
    cut(shops, is_cut=False)
    theirs, moved = await take(shops.two, ticket)
    assert moved.status == 200, moved.raw
    assert (await post(shops.two, theirs, *LINES)).status == 200
    await shops.sync()
    refused = await post(shops.one, mine, *LINES)
    assert (refused.status, refused.json["field"]) == (409, "names"), "the other shop has it"
    (name,) = (await shown(shops.one, ticket))["confirm"]
    said = {"names": name, "visit": mine["id"], "approval": await approval(shops.one)}
    assert (await shops.one.post(f"/held-tickets/{ticket['id']}/confirm", said)).status == 200
    assert (await post(shops.one, mine, *LINES)).status == 200


@pytest.mark.feature("C8.2")
async def test_sold_in_two_shops_that_heard_nothing_it_is_listed_until_a_person_has_settled_it(shops: TwoTills) -> None:
    ticket = await park(shops.one)
    await shops.sync()
    cut(shops)
    mine, _ = await take(shops.one, ticket)
    assert (await post(shops.one, mine, *LINES)).status == 200
    cut(shops, is_cut=False)
    theirs, moved = await take(shops.two, ticket)
    assert moved.status == 200, moved.raw
    assert (await post(shops.two, theirs, *LINES)).status == 200
    await shops.sync()
    for till in (shops.hub, shops.one):
        (stands,) = (await till.get("/held-tickets?shop=1")).json["tickets"]
        assert (stands["id"], stands["settled"]) == (ticket["id"], False)
        assert "sold_twice" in stands["flags"]
    settled = {"names": mine["sale_id"], "approval": await approval(shops.one)}
    heard = await shops.one.post(f"/held-tickets/{ticket['id']}/confirm", settled)
    assert (heard.status, heard.json["settled"]) == (200, True)
    await shops.sync()
    for till in (shops.hub, shops.one):
        assert (await till.get("/held-tickets?shop=1")).json["tickets"] == []


@pytest.mark.feature("C8.2")
async def test_what_head_office_awards_and_a_visit_cannot_have_goes_back(tills: TwoTills) -> None:
    anne = await customer(tills.hub, first_name="Anne")
    made = await tills.hub.post("/held-tickets", {"customer": anne, "basket": BASKET, "total": 2_990, "source": "web"})
    version = (await tills.hub.get(f"/customers/{anne}")).json["version"]
    blocked = await tills.hub.patch(f"/customers/{anne}", {"blocked": True}, version=version)
    assert blocked.status == 200, blocked.raw
    await tills.sync()
    visit, refused = await take(tills.one, made.json)
    assert (refused.status, refused.json["field"]) == (403, "customer")
    await tills.sync()
    (stands,) = (await tills.two.get("/held-tickets?shop=1")).json["tickets"]
    assert (stands["state"], stands["takes"]) == ("open", [])
    assert (await post(tills.one, visit, *LINES)).status == 200
    await tills.sync()
    assert (await shown(tills.hub, stands))["state"] == "open", "what was sold is something else"


async def award_lost_on_its_way(tills: TwoTills) -> tuple[dict[str, Any], dict[str, Any]]:
    """A ticket that this till does not know is awarded to a visit of its own, and the answer goes lost."""
    made = await tills.hub.post("/held-tickets", {"basket": BASKET, "total": 2_990, "source": "web", "shop": 1})
    assert made.status == 201, made.raw
    tills.lines[0].is_lossy = True
    visit, heard = await take(tills.one, made.json)
    assert heard.status >= 500, heard.raw
    tills.lines[0].is_lossy = False
    (asked,) = (await shown(tills.hub, made.json))["takes"]
    assert asked["site"] == 2, "head office has given it to the till all the same"
    return visit, made.json


@pytest.mark.feature("C8.2")
async def test_a_ticket_whose_award_went_lost_is_not_sold_by_another_basket(tills: TwoTills) -> None:
    visit, ticket = await award_lost_on_its_way(tills)
    await fill(tills.one, visit, {"lines": [{"product": "pot", "cents": 700}]})
    await tills.sync()
    assert (await post(tills.one, visit, {"label": "pot", "amount": 700})).status == 200
    await tills.sync()
    for till in (tills.hub, tills.one, tills.two):
        stands = await shown(till, ticket)
        assert (stands["state"], stands["takes"]) == ("open", []), "whoever posts something else gives it back"
    theirs, heard = await take(tills.two, ticket)
    assert heard.status == 200, heard.raw
    assert (await post(tills.two, theirs, *LINES)).status == 200


@pytest.mark.feature("C8.3")
async def test_another_basket_that_is_held_takes_no_ticket_over_whose_award_went_lost(tills: TwoTills) -> None:
    visit, ticket = await award_lost_on_its_way(tills)
    other = {"lines": [{"product": "pot", "cents": 700}]}
    await fill(tills.one, visit, other)
    await tills.sync()
    parked = await tills.one.post(f"/visits/{visit['id']}/hold", {"total": 700})
    assert (parked.status, parked.json["ticket"]["id"] != ticket["id"]) == (200, True), parked.raw
    await tills.sync()
    assert (await tills.two.get(f"/held-tickets/{ticket['id']}/basket")).json == BASKET
    assert (await shown(tills.two, ticket))["state"] == "open"


@pytest.mark.feature("C8.2")
async def test_who_puts_such_a_ticket_back_keeps_the_basket_of_the_visit(tills: TwoTills) -> None:
    visit, ticket = await award_lost_on_its_way(tills)
    other = {"lines": [{"product": "pot", "cents": 700}]}
    await fill(tills.one, visit, other)
    await tills.sync()
    refused = await tills.one.post(f"/held-tickets/{ticket['id']}/take", {"visit": visit["id"]})
    assert (refused.status, refused.json["field"]) == (409, "visit"), "there is something else in its basket"
    assert (await tills.one.post(f"/held-tickets/{ticket['id']}/release", {})).json["state"] == "open"
    assert (await tills.one.get(f"/visits/{visit['id']}/basket")).json == other


@pytest.mark.feature("C8.2")
async def test_who_asks_again_for_a_ticket_whose_award_went_lost_has_it(tills: TwoTills) -> None:
    visit, ticket = await award_lost_on_its_way(tills)
    await tills.sync()
    again = await tills.one.post(f"/held-tickets/{ticket['id']}/take", {"visit": visit["id"]})
    assert again.status == 200, again.raw
    assert (await tills.one.get(f"/visits/{visit['id']}/basket")).json == BASKET
    assert (await post(tills.one, visit, *LINES)).status == 200
    await tills.sync()
    assert (await shown(tills.two, ticket))["state"] == "posted"


@pytest.mark.feature("C8.2")
@pytest.mark.parametrize("ending", ["post", "cancel"])
async def test_a_ticket_whose_award_comes_after_the_sale_goes_back_by_itself(tills: TwoTills, ending: str) -> None:
    visit, ticket = await award_lost_on_its_way(tills)
    await fill(tills.one, visit, {"lines": [{"product": "pot", "cents": 700}]})
    body = {"lines": [{"label": "pot", "amount": 700}]} if ending == "post" else None
    assert (await tills.one.post(f"/visits/{visit['id']}/{ending}", body)).status == 200, (
        "before any word of the ticket"
    )
    await tills.sync()
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        stands = await shown(till, ticket)
        assert (stands["state"], stands["takes"], stands["flags"]) == ("open", [], [])
    theirs, heard = await take(tills.two, ticket)
    assert (heard.status, heard.json["ticket"]["taken_by"]["awarded"]) == (200, True), heard.raw
    assert (await post(tills.two, theirs, *LINES)).status == 200
    await tills.sync()
    assert (await shown(tills.one, ticket))["state"] == "posted"
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C8.2")
async def test_a_ticket_whose_award_came_with_rows_goes_back_at_the_next_look(
    tills: TwoTills, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, ticket = await award_lost_on_its_way(tills)
    assert (await tills.one.post(f"/visits/{visit['id']}/cancel")).status == 200
    monkeypatch.setattr(two_tills, "put_back_late", lambda *_, **__: False)
    await tills.sync()
    assert (await shown(tills.one, ticket))["state"] == "taken", "rows bring what stands, and no word of it"
    assert tills.one.counter.desks.ticket_taking is not None
    told: list[str] = []
    tills.one.counter.database.on_write(lambda: told.append("saved"))
    async with asyncio.TaskGroup() as tasks:
        tending = tasks.create_task(tills.one.counter.desks.ticket_taking.tend(), name="late awards")
        for _ in range(500):
            if (await shown(tills.one, ticket))["state"] == "open":
                break
            await asyncio.sleep(0.01)
        tending.cancel()
    assert told, "whoever sends is told"
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        assert (await shown(till, ticket))["state"] == "open"
