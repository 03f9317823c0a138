"""Sales over HTTP that another till posts first: what the visit's own till knows of them is neither lost nor twice."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.ticket_awards import TakeAsked, told_in
from tests.fakes.counter import Browser, Heard
from tests.fakes.selling import customer, post, serve
from tests.fakes.tickets import BASKET, fill, one_shop, park, shown, take
from tests.fakes.two_tills import TwoTills
from tests.web.conftest import hold_against_description

VASE = {"label": "vase", "amount": 2_500}


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def posted_at(browser: Browser, visit: dict[str, Any], who: str, *lines: dict[str, Any]) -> Heard:
    """Another till of the shop registers the sale of a visit."""
    body = {"sale_id": visit["sale_id"], "customer": who, "sale": {"lines": list(lines)}}
    return await browser.post("/sales", body)


async def served_with_points(tills: TwoTills, points: int, chosen: int) -> tuple[str, dict[str, Any]]:
    """A customer who has points at the first till, and has chosen to spend some of them there."""
    anne = await customer(tills.one, first_name="Anne")
    given = await tills.one.post(f"/customers/{anne}/points", {"amount": points, "reason": "geste"})
    assert given.status == 200, given.raw
    await tills.sync()
    visit = await serve(tills.one, anne)
    spending = await tills.one.ask("PUT", f"/visits/{visit['id']}/spending", {"points": chosen})
    assert spending.status == 200, spending.raw
    return anne, visit


async def points(browser: Browser, who: str) -> tuple[int, int]:
    """(balance, chosen) as this till has it."""
    purse = (await browser.get(f"/customers/{who}/loyalty")).json["points"]
    return purse["balance"], purse["chosen"]


@pytest.mark.feature("C2.2", "C9.1")
@pytest.mark.parametrize("lines", [(VASE,), ()], ids=["posted again", "only ended"])
async def test_what_a_visit_has_chosen_is_taken_although_another_till_posts_its_sale_first(
    tills: TwoTills, lines: tuple[dict[str, Any], ...]
) -> None:
    anne, visit = await served_with_points(tills, 100, 40)
    assert (await posted_at(tills.two, visit, anne, VASE)).status == 200
    await tills.sync()
    assert await points(tills.one, anne) == (100, 40), "the other till knows nothing of it"
    body = {"lines": list(lines)} if lines else None
    for _ in range(2):
        assert (await tills.one.post(f"/visits/{visit['id']}/post", body)).status == 200
    await tills.sync()
    assert [await points(one, anne) for one in tills.tills] == [(60, 0), (60, 0)]
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C2.2", "C9.1")
@pytest.mark.parametrize("ending", ["cancel", "post"])
async def test_a_visit_whose_sale_is_registered_ends_without_it_once_that_is_cancelled(
    tills: TwoTills, ending: str
) -> None:
    anne, visit = await served_with_points(tills, 100, 40)
    assert (await posted_at(tills.two, visit, anne, VASE)).status == 200
    await tills.sync()
    for act, body in (("cancel", None), ("detach", None), ("attach", {"customer": await customer(tills.one)})):
        refused = await tills.one.post(f"/visits/{visit['id']}/{act}", body)
        assert (refused.status, "registered at another till" in refused.json["detail"]) == (409, True), act
    assert (await tills.two.post(f"/sales/{visit['sale_id']}/cancel", {"reason": "erreur"})).status == 200
    await tills.sync()
    ended = await tills.one.post(f"/visits/{visit['id']}/{ending}")
    assert ended.status == 200, ended.raw
    await tills.sync()
    assert [await points(one, anne) for one in tills.tills] == [(100, 0), (100, 0)]


async def with_one_inside_and_one_lost(tills: TwoTills, anne: str) -> tuple[dict[str, Any], ...]:
    """A visit of the first till carries one ticket; another was awarded to its sale, and the answer went lost."""
    inside, lost = await park(tills.one, anne), await park(tills.one, anne)
    await tills.sync()
    visit, heard = await take(tills.one, inside)
    assert heard.status == 200, heard.raw
    asked = {"ticket": lost["id"], "sale": visit["sale_id"], "take": "ab" * 8, "by": "", "at_ms": 1}
    office = tills.hub.counter
    told = await office.database.write(lambda conn: told_in(conn, office.premises, TakeAsked(**asked)))
    assert (told.verdict, told.awarded) == ("granted", True)
    return visit, inside, lost


@pytest.mark.feature("C8.2")
async def test_another_till_that_posts_a_sale_sells_what_was_in_its_basket_and_no_more(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    visit, inside, lost = await with_one_inside_and_one_lost(tills, anne)
    await tills.sync()
    assert (await posted_at(tills.two, visit, anne, VASE)).status == 200
    assert (await shown(tills.two, inside))["state"] == "posted"
    assert (await shown(tills.two, lost))["state"] == "taken", "the till of the visit knows whether it was in there"
    await tills.sync()
    assert (await post(tills.one, visit, VASE)).status == 200
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        assert [(await shown(till, one))["state"] for one in (inside, lost)] == ["posted", "open"]
        assert [one["sale_id"] for one in (await shown(till, inside))["sales"]] == [visit["sale_id"]]
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C8.2")
async def test_what_another_till_could_not_know_to_be_in_the_basket_is_sold_by_the_visits_own_till(
    tills: TwoTills,
) -> None:
    anne = await customer(tills.one, first_name="Anne")
    await tills.sync()
    ticket = await park(tills.two, anne)
    await tills.sync()
    visit, heard = await take(tills.one, ticket)
    assert (heard.status, heard.json["ticket"]["taken_by"]["awarded"]) == (200, True)
    await tills.download(
        tills.two
    )  # the award comes from head office; what the till says of its basket has not left it
    assert (await posted_at(tills.two, visit, anne, VASE)).status == 200
    assert (await shown(tills.two, ticket))["state"] == "taken"
    await tills.sync()
    assert (await post(tills.one, visit, VASE)).status == 200
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        stands = await shown(till, ticket)
        assert (stands["state"], stands["flags"]) == ("posted", [])


@pytest.mark.feature("C8.2")
async def test_a_ticket_that_was_put_back_is_not_sold_with_the_sale_that_had_it(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    ticket = await park(tills.one, anne)
    visit, heard = await take(tills.one, ticket)
    assert heard.status == 200
    assert (await tills.one.post(f"/held-tickets/{ticket['id']}/release", {})).status == 200
    assert (await tills.one.post(f"/visits/{visit['id']}/attach", {"customer": anne})).status == 200
    await fill(tills.one, visit, BASKET)
    await tills.sync()
    assert (await posted_at(tills.two, visit, anne, VASE)).status == 200
    await tills.sync()
    assert (await shown(tills.one, ticket))["state"] == "open"
