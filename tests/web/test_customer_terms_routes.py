"""A customer's groups, type and own terms over HTTP: kept at head office, joined at tills, agreed upon after both."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.group import DEFAULT
from daemon.domain.role import Role
from tests.fakes.counter import Browser
from tests.fakes.two_tills import TwoTills, open_two_tills
from tests.web.conftest import hold_against_description


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with open_two_tills(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


async def make(browser: Browser, path: str, **fields: Any) -> str:
    heard = await browser.post(path, fields)
    assert heard.status == 201, heard.raw
    return str(heard.json["id"])


async def customer(browser: Browser) -> str:
    heard = await browser.post("/customers", {"last_name": "Morel", "surface": "import"})
    assert heard.status == 201, heard.raw
    return str(heard.json["customer"]["id"])


async def terms(browser: Browser, id_: str) -> Any:
    heard = await browser.get(f"/customers/{id_}/terms")
    assert heard.status == 200, heard.raw
    return heard.json


async def join(browser: Browser, id_: str, group: str, *, principal: bool = False) -> Any:
    heard = await browser.post(f"/customers/{id_}/groups", {"group": group, "principal": principal})
    assert heard.status == 201, heard.raw
    return heard.json


def names(shown: Any) -> list[str]:
    return [group["label"] for group in shown["groups"]]


def standing(shown: Any, about: str) -> list[tuple[str, str]]:
    return [(reason["rule"], reason["outcome"]) for reason in shown["standing"] if reason["about"] == about]


@pytest.mark.feature("B10.1", "B10.2")
async def test_a_customer_is_in_several_groups_of_which_one_is_principal(tills: TwoTills) -> None:
    club = await make(tills.hub, "/groups", label="Club", colour="#0a7", mark="★")
    school = await make(tills.hub, "/groups", label="École", position=2)
    await tills.sync()
    id_ = await customer(tills.one)
    await join(tills.one, id_, school)
    shown = await join(tills.one, id_, club, principal=True)
    assert (names(shown), shown["principal"]["id"]) == (["Club", "École"], club)
    assert (shown["principal"]["colour"], shown["principal"]["mark"]) == ("#0a7", "★")
    again = await join(tills.one, id_, school, principal=True)
    assert (names(again), again["principal"]["id"]) == (["Club", "École"], school), "one principal, the others stay"
    await tills.sync()
    assert await terms(tills.two, id_) == await terms(tills.one, id_) == await terms(tills.hub, id_)


@pytest.mark.feature("B10.8")
async def test_own_terms_beat_the_type_s_which_beat_the_principal_group_s_and_are_never_added(tills: TwoTills) -> None:
    group = await make(tills.hub, "/groups", label="Club", discount=300, tax_category="club")
    kind = await make(tills.hub, "/customer-types", label="Pro", discount=500, tax_category="pro")
    await tills.sync()
    id_ = await customer(tills.one)
    await join(tills.one, id_, group, principal=True)
    assert standing(await terms(tills.one, id_), "discount") == [("group", "applied")]
    typed = await tills.one.patch(f"/customers/{id_}/terms", {"type": kind})
    assert standing(typed.json, "discount") == [("type", "applied"), ("group", "beaten")]
    own = await tills.one.patch(f"/customers/{id_}/terms", {"discount": 200, "tax_category": "export"})
    assert standing(own.json, "discount") == [("own", "applied"), ("type", "beaten"), ("group", "beaten")]
    assert standing(own.json, "tax") == [("own", "applied"), ("type", "beaten"), ("group", "beaten")]
    (beaten,) = [reason for reason in own.json["standing"] if (reason["about"], reason["rule"]) == ("discount", "type")]
    assert (beaten["by"], beaten["source"], beaten["value"]) == ("own", "Pro", 500)
    none = await tills.one.patch(f"/customers/{id_}/terms", {"discount": 0})
    assert standing(none.json, "discount")[0] == ("own", "applied"), "no discount is a discount of the customer's own"
    back = await tills.one.patch(f"/customers/{id_}/terms", {"discount": None, "type": None})
    assert standing(back.json, "discount") == [("group", "applied")]


@pytest.mark.feature("B10.4", "B10.6", "B10.7")
async def test_a_customer_has_a_price_list_a_type_a_discount_and_a_tax_category_of_their_own(tills: TwoTills) -> None:
    kind = await make(tills.hub, "/customer-types", label="Association", discount=700, tax_category="asso")
    await tills.hub.ask("PUT", "/price-lists/PRO", {"label": "Professionnels"})
    await tills.sync()
    id_ = await customer(tills.two)
    told = {"discount": 1250, "tax_category": "export", "price_list": "pro", "type": kind}
    shown = (await tills.two.patch(f"/customers/{id_}/terms", told)).json
    assert (shown["discount"], shown["tax_category"], shown["price_list"]) == (1250, "export", "PRO")
    assert (shown["type"]["label"], shown["type"]["discount"], shown["employee"]) == ("Association", 700, False)
    for field, value in (("discount", 10_001), ("price_list", "none"), ("type", "0" * 16), ("tax_category", "x" * 40)):
        heard = await tills.two.patch(f"/customers/{id_}/terms", {field: value})
        assert (heard.status, heard.json["field"]) == (422, field)
    assert (await terms(tills.two, id_))["version"] == shown["version"], "what was refused has changed nothing"


@pytest.mark.feature("B10.11")
async def test_an_employee_is_known_by_their_type(tills: TwoTills) -> None:
    kind = await make(tills.hub, "/customer-types", label="Personnel", discount=3000, employee=True)
    await tills.sync()
    id_ = await customer(tills.one)
    shown = (await tills.one.patch(f"/customers/{id_}/terms", {"type": kind})).json
    assert (shown["employee"], standing(shown, "discount")) == (True, [("type", "applied")])
    await tills.hub.patch(f"/customer-types/{kind}", {"withdrawn": True})
    await tills.sync()
    shown = await terms(tills.one, id_)
    assert (shown["employee"], standing(shown, "discount")) == (False, [("type", "withdrawn")])


@pytest.mark.feature("B10.9")
async def test_the_default_group_carries_nothing_and_is_not_deleted(tills: TwoTills) -> None:
    default, club = DEFAULT.hex(), await make(tills.hub, "/groups", label="Club")
    shown = (await tills.hub.get("/groups")).json["groups"]
    assert [(one["id"], one["is_default"]) for one in shown] == [(default, True), (club, False)]
    refused: tuple[dict[str, Any], ...] = (
        {"discount": 100}, {"price_list": "PRO"}, {"tax_category": "x"}, {"promotions": []},
    )  # fmt: skip
    for fields in refused:
        heard = await tills.hub.patch(f"/groups/{default}", fields)
        assert (heard.status, heard.json["type"]) == (403, "urn:comptoir:forbidden")
    assert (await tills.hub.post(f"/groups/{default}/delete", {"replacement": club})).status == 403
    named = await tills.hub.patch(f"/groups/{default}", {"label": "Clients"})
    assert (named.json["label"], named.json["is_default"]) == ("Clients", True)
    id_ = await customer(tills.hub)
    assert (await terms(tills.hub, id_))["principal"]["id"] == default


@pytest.mark.feature("B11.1")
async def test_a_group_is_deleted_only_by_naming_its_replacement(tills: TwoTills) -> None:
    club, gold = await make(tills.hub, "/groups", label="Club"), await make(tills.hub, "/groups", label="Or")
    for replacement in ("", "nonsense", "0" * 16, club):
        heard = await tills.hub.post(f"/groups/{club}/delete", {"replacement": replacement})
        assert (heard.status, heard.json["field"]) == (422, "replacement")
    deleted = await tills.hub.post(f"/groups/{club}/delete", {"replacement": gold})
    assert (deleted.status, deleted.json["id"]) == (200, gold)
    assert (await tills.hub.get(f"/groups/{club}")).json["id"] == gold, "who asks for it is told what took its place"
    assert (await tills.hub.patch(f"/groups/{club}", {"label": "Club"})).status == 404
    ring = await tills.hub.post(f"/groups/{gold}/delete", {"replacement": club})
    assert (ring.status, ring.json["field"]) == (422, "replacement")


@pytest.mark.feature("B11.2")
async def test_members_of_a_deleted_group_move_and_nobody_s_row_changes(tills: TwoTills) -> None:
    club, gold = await make(tills.hub, "/groups", label="Club"), await make(tills.hub, "/groups", label="Or")
    await tills.sync()
    id_ = await customer(tills.one)
    before = await join(tills.one, id_, club, principal=True)
    await join(tills.one, id_, gold)
    await tills.sync()
    await tills.hub.post(f"/groups/{club}/delete", {"replacement": gold})
    await tills.sync()
    everywhere = [await terms(browser, id_) for browser in (tills.hub, *tills.tills)]
    assert [(names(shown), shown["principal"]["id"]) for shown in everywhere] == [(["Or"], gold)] * 3
    assert before["version"] != everywhere[-1]["version"]
    heard = await tills.two.ask("DELETE", f"/customers/{id_}/groups/{club}")
    assert (heard.status, names(heard.json)) == (200, []), "who leaves the new group leaves it under both names"


@pytest.mark.feature("B11.3")
async def test_one_who_joins_a_deleted_group_elsewhere_meanwhile_moves_too(tills: TwoTills) -> None:
    club, gold = (
        await make(tills.hub, "/groups", label="Club"),
        await make(tills.hub, "/groups", label="Or", discount=800),
    )
    await tills.sync()
    id_ = await customer(tills.one)
    await tills.hub.post(f"/groups/{club}/delete", {"replacement": gold})
    meanwhile = await join(tills.one, id_, club, principal=True)
    assert names(meanwhile) == ["Club"], "this till has not heard"
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        shown = await terms(browser, id_)
        assert (names(shown), shown["principal"]["discount"]) == (["Or"], 800)
    assert len(await tills.roots()) == 1


@pytest.mark.feature("B10.1")
async def test_two_tills_that_disagree_about_groups_keep_all_of_them_and_the_newer_principal(tills: TwoTills) -> None:
    groups = [await make(tills.hub, "/groups", label=label) for label in ("A", "B", "C")]
    id_ = await customer(tills.one)
    await tills.sync()
    await join(tills.one, id_, groups[0], principal=True)
    tills.two.counter.clock.at_ms += 60_000
    await join(tills.two, id_, groups[1], principal=True)
    await join(tills.two, id_, groups[2])
    await tills.sync()
    shown = [await terms(browser, id_) for browser in (tills.hub, *tills.tills)]
    assert shown[0] == shown[1] == shown[2]
    assert names(shown[0]) == ["A", "B", "C"]
    assert shown[0]["principal"]["id"] == groups[1], "the newer word"
    (conflict,) = (await tills.hub.get(f"/customers/{id_}")).json["conflicts"]
    assert conflict["field"] == "principal_group", "and the other one is not lost without a trace"


async def test_who_leaves_while_another_till_makes_the_group_principal_is_in_it(tills: TwoTills) -> None:
    group = await make(tills.hub, "/groups", label="Club")
    id_ = await customer(tills.one)
    await tills.sync()
    await join(tills.one, id_, group)
    await tills.sync()
    await tills.one.ask("DELETE", f"/customers/{id_}/groups/{group}")
    await join(tills.two, id_, group, principal=True)
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        shown = await terms(browser, id_)
        assert (names(shown), shown["principal"]["id"]) == (["Club"], group)


@pytest.mark.feature("B17.2")
async def test_prices_agreed_at_two_tills_are_both_kept_and_the_one_that_began_last_stands(tills: TwoTills) -> None:
    await tills.hub.ask("PUT", "/products/A1", {"label": "Stylo", "price_cents": 500})
    id_ = await customer(tills.one)
    await tills.sync()
    path = f"/customers/{id_}/prices"
    await tills.one.post(path, {"product": "A1", "price_cents": 450, "from_day": "2025-01-01"})
    await tills.two.post(path, {"product": "a1", "price_cents": 400, "from_day": "2025-02-01"})
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        shown = await terms(browser, id_)
        assert [price["price_cents"] for price in shown["prices"]] == [450, 400]
        asked = await browser.post(f"/customers/{id_}/sale-terms", {"lines": [{"product": "A1"}]})
        assert asked.json["lines"][0]["unit_price"] == 400
    assert len(await tills.roots()) == 1


async def test_a_price_that_one_till_changes_while_another_takes_it_back_is_told_as_lost(tills: TwoTills) -> None:
    id_ = await customer(tills.one)
    path = f"/customers/{id_}/prices"
    made = (await tills.one.post(path, {"product": "A1", "price_cents": 450})).json["prices"][0]["id"]
    await tills.sync()
    changed = await tills.one.patch(f"{path}/{made}", {"price_cents": 430, "until_day": "2030-12-31"})
    price = changed.json["prices"][0]
    assert (price.pop("agreed_by"), bool(price.pop("agreed_at"))) == ("a owner", True)
    assert price == {
        "id": made, "product": "A1", "price_cents": 430, "discount": None, "from_day": None, "until_day": "2030-12-31",
    }  # fmt: skip
    assert (await tills.two.ask("DELETE", f"{path}/{made}")).json["prices"] == []
    await tills.sync()
    for browser in (tills.hub, *tills.tills):
        assert (await terms(browser, id_))["prices"] == []
    assert {one["field"] for one in (await tills.hub.get(f"/customers/{id_}")).json["conflicts"]} >= {"price"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"product": "", "price_cents": 1}, "code"),
        ({"product": "A1"}, "price_cents"),
        ({"product": "A1", "price_cents": 1, "discount": 1}, "price_cents"),
        ({"product": "A1", "price_cents": -1}, "price_cents"),
        ({"product": "A1", "discount": 20_000}, "discount"),
        ({"product": "A1", "price_cents": 1, "from_day": "22/11/2026"}, "from_day"),
        ({"product": "A1", "price_cents": 1, "from_day": "2026-02-01", "until_day": "2026-01-01"}, "until_day"),
        ({"product": "4970100000000014", "price_cents": 1}, "code"),
    ],
)
async def test_a_price_that_says_nothing_clear_is_refused(tills: TwoTills, fields: Any, field: str) -> None:
    id_ = await customer(tills.one)
    heard = await tills.one.post(f"/customers/{id_}/prices", fields)
    assert (heard.status, heard.json["field"]) == (422, field)


async def test_the_walk_in_customer_has_no_terms_and_is_in_no_group(tills: TwoTills) -> None:
    group = await make(tills.hub, "/groups", label="Club")
    await tills.sync()
    walk_in = await tills.one.counter.choose_walk_in()
    assert (await tills.one.post(f"/customers/{walk_in}/groups", {"group": group})).status == 403
    assert (await tills.one.patch(f"/customers/{walk_in}/terms", {"discount": 100})).status == 403
    assert (await tills.one.get("/customers/0000000000000000/terms")).status == 404


async def test_a_cashier_puts_into_groups_and_only_a_manager_gives_terms(tills: TwoTills) -> None:
    group = await make(tills.hub, "/groups", label="Club")
    id_ = await customer(tills.one)
    await tills.sync()
    for role, status in ((Role.CASHIER, 403), (Role.MANAGER, 200)):
        token = {"Authorization": f"Bearer {await tills.one.counter.token(role)}"}
        joined = await tills.one.post(f"/customers/{id_}/groups", {"group": group}, headers=token)
        assert joined.status == 201
        terms_ = await tills.one.ask("PATCH", f"/customers/{id_}/terms", {"discount": 500}, headers=token)
        assert terms_.status == status
        principal = await tills.one.post(f"/customers/{id_}/groups", {"group": group, "principal": True}, headers=token)
        assert principal.status == (201 if status == 200 else 403)
    manager = {"Authorization": f"Bearer {await tills.hub.counter.token(Role.MANAGER)}"}
    assert (await tills.hub.post("/groups", {"label": "X"}, headers=manager)).status == 403
