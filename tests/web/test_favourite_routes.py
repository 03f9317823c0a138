"""Who stands ready when a search opens, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.counter import Browser
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def profile(hub: Browser, label: str, discount: int | None = None) -> str:
    heard = await hub.post("/profiles", {"label": label, "discount": discount})
    assert heard.status == 201, heard.raw
    return str(heard.json["id"])


async def ready(browser: Browser) -> list[tuple[str, bool, int | None]]:
    found = (await browser.get("/favourites")).json
    return [(one["customer"]["display_name"], one["profile"], one["discount"]) for one in found]


@pytest.mark.feature("A6.1", "A6.2", "A6.3", "A6.4")
async def test_profiles_and_favourites_stand_ready_in_the_order_of_each_shop(tills: TwoTills) -> None:
    vip, friend = await profile(tills.hub, "VIP", 1000), await profile(tills.hub, "Ami", 500)
    made = await tills.one.post("/customers", {"last_name": "Morel", "first_name": "Anne", "surface": "import"})
    anne = made.json["customer"]["id"]
    await tills.sync()
    await tills.hub.ask("PUT", "/shops/0/favourites", {"customers": [vip, friend]})
    assert (await tills.one.ask("PUT", "/shops/1/favourites", {"customers": [anne, friend, vip]})).status == 200
    await tills.sync()
    assert await ready(tills.one) == [("Anne Morel", False, None), ("Ami", True, 500), ("VIP", True, 1000)]
    assert await ready(tills.two) == [("VIP", True, 1000), ("Ami", True, 500)], "the chain's, as it has none of its own"
    shown = (await tills.two.get(f"/customers/{vip}")).json
    assert (shown["profile"], shown["walk_in"]) == (True, False)
    await tills.one.ask("DELETE", f"/customers/{anne}")
    assert [name for name, _, _ in await ready(tills.one)] == ["Ami", "VIP"]


@pytest.mark.feature("A6.1")
async def test_a_profile_is_nobody_it_is_attached_and_has_nothing_of_a_person(tills: TwoTills) -> None:
    vip = await profile(tills.hub, "VIP", 1000)
    await tills.sync()
    here = tills.one
    await here.counter.choose_walk_in()
    for what, body in (
        ("cards", {"number": "290000042187"}),
        ("notes", {"text": "Bonjour"}),
        ("tags", {"tag": "pro"}),
        ("merge", {"other": vip}),
        ("npai", {"no_information": True}),
    ):
        assert (await here.post(f"/customers/{vip}/{what}", body)).status in (403, 422), what
    version = (await here.get(f"/customers/{vip}")).json["version"]
    consents = {"consents": {"sms": {"state": "granted"}}}
    assert (await here.patch(f"/customers/{vip}", consents, version=version)).status == 403
    visit = (await here.post("/visits", {})).json["id"]
    attached = await here.post(f"/visits/{visit}/attach", {"customer": vip})
    assert attached.json["customer"]["display_name"] == "VIP"


async def test_what_is_no_favourite_is_refused(tills: TwoTills) -> None:
    assert (await tills.one.post("/profiles", {"label": "VIP"})).status == 403
    assert (await tills.hub.post("/profiles", {"label": " "})).status == 422
    assert (await tills.hub.post("/profiles", {"label": "VIP", "discount": 20_000})).status == 422
    assert (await tills.one.ask("PUT", "/shops/2/favourites", {"customers": []})).status == 403
    assert (await tills.one.ask("PUT", "/shops/1/favourites", {"customers": ["x"]})).status == 404
    assert (await tills.hub.get("/favourites?shop=3")).json == []
