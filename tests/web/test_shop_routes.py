"""Shops by name, the walk-in customer, the register of everybody."""

from daemon.domain.role import Role
from tests.fakes.counter import Browser, Counter


async def test_a_shop_is_named_once_however_often_it_is_said(counter: Counter, browser: Browser) -> None:
    empty = await browser.get("/shops")
    assert empty.json == {"here": 7, "shops": []}
    for name in ("Nantes", "Nantes  Crébillon", "Nantes Crébillon"):
        named = await browser.ask("PUT", "/shops/7", {"label": name})
        assert (named.status, named.json["shop"]) == (200, 7)
    assert counter.replica.n == 2, "the name that it has already is no record"
    await browser.ask("PUT", "/shops/2", {"label": "Angers"})
    shown = await browser.get("/shops")
    assert shown.json["shops"] == [{"shop": 2, "label": "Angers"}, {"shop": 7, "label": "Nantes Crébillon"}]


async def test_a_shop_without_a_name_or_with_an_impossible_number_is_refused(browser: Browser) -> None:
    for path, body, field in (
        ("/shops/7", {"label": " "}, "label"),
        ("/shops/0", {"label": "x"}, "shop"),
        ("/shops/70000", {"label": "x"}, "shop"),
        ("/shops/x", {"label": "x"}, "shop"),
        ("/shops/7", {"label": "x" * 101}, "label"),
    ):
        refused = await browser.ask("PUT", path, body)
        assert (refused.status, refused.json["field"]) == (422, field)


async def test_only_who_sets_up_names_shops(counter: Counter, browser: Browser) -> None:
    browser.token = await counter.token(Role.MANAGER)
    assert (await browser.ask("PUT", "/shops/7", {"label": "x"})).status == 403
    assert (await browser.get("/shops")).status == 200


async def test_the_walk_in_customer_is_shown_once_there_is_one(counter: Counter, browser: Browser) -> None:
    assert (await browser.get("/walk-in")).status == 404
    chosen = await counter.choose_walk_in()
    shown = await browser.get("/walk-in")
    assert (shown.json["id"], shown.json["walk_in"]) == (chosen, True)


async def test_everybody_is_listed_once_page_by_page(counter: Counter, browser: Browser) -> None:
    walk_in = await counter.choose_walk_in()
    made = {walk_in}
    for number in range(7):
        answer = await browser.post("/customers", {"last_name": f"N{number}", "surface": "import"})
        made.add(answer.json["customer"]["id"])
    seen: list[str] = []
    after, totals = "", []
    while True:
        page = (await browser.get(f"/register?after={after}&limit=3")).json
        seen += [customer["id"] for customer in page["customers"]]
        totals.append(page["total"])
        after = page["next"]
        if not after:
            break
    assert seen == sorted(made)
    assert totals == [8, None, None]


async def test_the_register_is_for_who_may_import(counter: Counter, browser: Browser) -> None:
    assert (await browser.get("/register?after=xyz")).status == 422
    browser.token = await counter.token(Role.MANAGER)
    assert (await browser.get("/register")).status == 403
    browser.token = await counter.token(Role.OFFICE)
    assert (await browser.get("/register")).status == 200
