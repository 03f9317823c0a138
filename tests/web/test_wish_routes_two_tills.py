"""The wish list over HTTP at two tills that cannot hear each other: nothing that was said of it vanishes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.counter import Browser
from tests.fakes.selling import customer
from tests.fakes.tickets import one_shop
from tests.fakes.two_tills import TwoTills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def wished(tills: TwoTills) -> tuple[str, dict[str, Any]]:
    """The path of a list that both tills know, and its one article."""
    anne = await customer(tills.one, first_name="Anne")
    path = f"/customers/{anne}/wishes"
    (wish,) = (await tills.one.post(path, {"product": "3017620422003"})).json["wishes"]
    await tills.sync()
    return path, wish


async def listed(browser: Browser, path: str) -> list[tuple[str, int, bool]]:
    """(article, pieces, bought) of each wish, as one of the three shows the list."""
    found = (await browser.get(path)).json["wishes"]
    return [(one["product"] or one["label"], one["quantity"], one["bought_at"] is not None) for one in found]


async def everywhere(tills: TwoTills, path: str) -> list[tuple[str, int, bool]]:
    """The list, after everybody has heard everything: the same for all."""
    await tills.sync()
    found = [await listed(one, path) for one in (tills.hub, *tills.tills)]
    assert found[0] == found[1] == found[2]
    assert len(await tills.roots()) == 1
    return found[0]


@pytest.mark.feature("C7.1")
async def test_what_is_scanned_at_two_tills_that_are_cut_off_is_on_the_list_of_both(tills: TwoTills) -> None:
    path, _ = await wished(tills)
    await tills.one.post(path, {"label": "vélo rouge"})
    await tills.two.post(path, {"product": "5449000000996", "quantity": 2})
    assert sorted(await everywhere(tills, path)) == [
        ("3017620422003", 1, False), ("5449000000996", 2, False), ("vélo rouge", 1, False),
    ]  # fmt: skip


@pytest.mark.feature("C7.1")
async def test_an_article_bought_at_one_till_and_removed_at_the_other_is_gone_and_its_purchase_is_told(
    tills: TwoTills,
) -> None:
    path, wish = await wished(tills)
    assert (await tills.one.post(f"{path}/{wish['id']}/bought")).status == 200
    assert (await tills.two.ask("DELETE", f"{path}/{wish['id']}")).status == 200
    assert await everywhere(tills, path) == []
    (told,) = (await tills.hub.get("/disagreements")).json["disagreements"]
    assert (told["part"], told["field"], told["standing"]) == ("wish", "bought_ms", None)


@pytest.mark.feature("C7.1")
async def test_an_article_bought_at_both_tills_is_bought_once(tills: TwoTills) -> None:
    path, wish = await wished(tills)
    for till in tills.tills:
        assert (await till.post(f"{path}/{wish['id']}/bought")).status == 200
    assert await everywhere(tills, path) == [("3017620422003", 1, True)]


@pytest.mark.feature("C7.1")
async def test_pieces_that_two_tills_add_to_one_article_are_told_as_a_disagreement(tills: TwoTills) -> None:
    path, _ = await wished(tills)
    for till, pieces in zip(tills.tills, (1, 2), strict=True):
        await till.post(path, {"product": "3017620422003", "quantity": pieces})
    ((_, standing, _),) = await everywhere(tills, path)
    (told,) = (await tills.hub.get("/disagreements")).json["disagreements"]
    assert {str(standing), told["lost"]["value"]} == {"2", "3"}
