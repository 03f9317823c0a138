"""The wish list over HTTP."""

import pytest

from tests.fakes.counter import Browser


async def create(browser: Browser) -> str:
    await browser.counter.choose_walk_in()
    return str((await browser.post("/customers", {"last_name": "Morel", "first_name": "Zoé"})).json["customer"]["id"])


@pytest.mark.feature("C7.1")
async def test_an_article_is_scanned_onto_the_list_bought_and_removed(browser: Browser) -> None:
    path = f"/customers/{await create(browser)}/wishes"
    await browser.post(path, {"product": "3017620422003"})
    await browser.post(path, {"label": "vélo rouge, 26 pouces"})
    twice = (await browser.post(path, {"product": "3017620422003", "quantity": 2})).json["wishes"]
    assert [(one["product"], one["label"], one["quantity"]) for one in twice] == [
        ("3017620422003", "", 3),
        ("", "vélo rouge, 26 pouces", 1),
    ]
    first, second = (one["id"] for one in twice)
    bought = (await browser.post(f"{path}/{first}/bought")).json["wishes"]
    assert [(one["id"], one["bought_at"] is not None) for one in bought] == [(second, False), (first, True)]
    left = (await browser.ask("DELETE", f"{path}/{second}")).json["wishes"]
    assert [one["id"] for one in left] == [first]
    assert (await browser.get(path)).json["wishes"] == left


async def test_what_is_nothing_is_not_wished_for(browser: Browser) -> None:
    path = f"/customers/{await create(browser)}/wishes"
    assert (await browser.post(path, {"label": " "})).status == 422
    assert (await browser.post(path, {"label": "x", "quantity": 0})).status == 422
    assert (await browser.ask("DELETE", f"{path}/0011223344556677")).status == 404
