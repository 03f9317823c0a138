"""Held tickets over HTTP: parked, found, taken over by one till, sold once, or twice on a person's word."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.domain.role import Role
from tests.fakes.selling import customer, post, serve
from tests.fakes.tickets import BASKET, approval, cut, fill, one_shop, park, shown, take
from tests.fakes.two_tills import TwoTills
from tests.web.conftest import hold_against_description

LINES = ({"label": "vase", "amount": 2_500}, {"label": "rose", "amount": 490})


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        for one in (found.hub, *found.tills):
            one.validate = hold_against_description
        yield found


@pytest.mark.feature("C8.1")
async def test_a_basket_parked_at_one_till_is_sold_at_the_other(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    ticket = await park(tills.one, anne, label="Mariage")
    await tills.sync()
    found = (await tills.two.get("/held-tickets")).json
    assert [(one["id"], one["label"], one["total"], one["state"]) for one in found["tickets"]] == [
        (ticket["id"], "Mariage", 2_990, "open")
    ]
    assert (await tills.two.get(f"/held-tickets/{ticket['id']}/basket")).json == BASKET
    visit, heard = await take(tills.two, ticket)
    assert heard.status == 200, heard.raw
    assert (heard.json["visit"]["customer"]["id"], heard.json["ticket"]["state"]) == (anne, "taken")
    assert (await tills.two.get(f"/visits/{visit['id']}/basket")).json == BASKET
    sold = await post(tills.two, visit, *LINES)
    assert sold.status == 200, sold.raw
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        stands = await shown(till, ticket)
        assert (stands["state"], [one["sale_id"] for one in stands["sales"]]) == ("posted", [visit["sale_id"]])
        assert (stands["flags"], stands["settled"]) == ([], True)
        assert (await till.get("/held-tickets?shop=1")).json["tickets"] == [], "nobody has anything to do with it"
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C8.1")
async def test_the_web_store_puts_a_basket_that_any_shop_takes_over(tills: TwoTills) -> None:
    anne = await customer(tills.hub, first_name="Anne")
    given = {"customer": anne, "basket": BASKET, "total": 2_990, "source": "web", "label": "Commande 4711"}
    made = await tills.hub.post("/held-tickets", given)
    assert (made.status, made.json["shop"], made.json["source"]) == (201, 0, "web")
    await tills.sync()
    assert (await tills.one.get(f"/customers/{anne}/held-tickets")).json["tickets"] == [], "of no shop yet"
    found = (await tills.one.get(f"/customers/{anne}/held-tickets?head_office=1")).json["tickets"]
    assert [one["id"] for one in found] == [made.json["id"]]
    listed = (await tills.one.get("/held-tickets?head_office=1")).json["tickets"]
    assert [one["id"] for one in listed] == [made.json["id"]]
    visit, heard = await take(tills.one, made.json)
    assert heard.status == 200, heard.raw
    assert (await tills.one.get(f"/visits/{visit['id']}/basket")).json == BASKET
    second = await take(tills.two, made.json)
    assert (second[1].status, second[1].json["field"]) == (409, "ticket"), "it is not any shop's any more"
    await tills.sync()
    assert (await post(tills.one, visit, *LINES)).status == 200
    await tills.sync()
    (mine,) = (await tills.two.get("/customers/" + anne + "/held-tickets")).json["tickets"]
    assert (mine["state"], mine["source"], mine["shop"]) == ("posted", "web", 1)


@pytest.mark.feature("C8.2")
async def test_while_connected_one_till_alone_gets_a_ticket(tills: TwoTills) -> None:
    ticket = await park(tills.one)
    await tills.sync()
    visit, heard = await take(tills.one, ticket)
    assert (heard.status, heard.json["ticket"]["taken_by"]["awarded"]) == (200, True)
    _, refused = await take(tills.two, ticket)
    assert (refused.status, refused.json["field"]) == (409, "ticket"), "though it has not heard of the other yet"
    assert "till Caisse 1 has it since" in refused.json["detail"]
    again = await tills.one.post(f"/held-tickets/{ticket['id']}/take", {"visit": visit["id"]})
    assert again.status == 200, "who has it has it"
    assert again.json["ticket"]["takes"] == heard.json["ticket"]["takes"]
    assert (await tills.one.post(f"/visits/{visit['id']}/cancel")).status == 200
    await tills.sync()
    assert (await shown(tills.two, ticket))["state"] == "open", "a visit that is cancelled gives it back"
    (theirs,) = (await tills.two.get("/visits")).json
    assert (await tills.two.post(f"/held-tickets/{ticket['id']}/take", {"visit": theirs["id"]})).status == 200


@pytest.mark.feature("C8.2")
async def test_an_answer_that_was_lost_is_given_again(tills: TwoTills) -> None:
    ticket = await park(tills.two)
    await tills.sync()
    tills.lines[0].is_mute = True
    visit = await serve(tills.one)
    path, body = f"/held-tickets/{ticket['id']}/take", {"visit": visit["id"]}
    offline = await tills.one.post(path, body, key="k1")
    assert (offline.status, offline.json["ticket"]["flags"]) == (200, ["taken_offline"])
    tills.lines[0].is_mute = False
    assert (await tills.one.post(path, body, key="k1")).json == offline.json
    assert (await post(tills.one, visit, *LINES)).status == 200
    await tills.sync()
    assert (await shown(tills.two, ticket))["state"] == "posted"


@pytest.mark.feature("C8.2")
async def test_two_offline_take_overs_are_flagged_and_the_second_posting_needs_a_person(tills: TwoTills) -> None:
    ticket = await park(tills.one)
    await tills.sync()
    cut(tills)
    visits = {}
    for site, till in enumerate(tills.tills, start=2):
        visits[site], heard = await take(till, ticket)
        assert (heard.status, heard.json["ticket"]["flags"]) == (200, ["taken_offline"])
    cut(tills, is_cut=False)
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        assert (await shown(till, ticket))["flags"] == ["taken_offline", "taken_twice"]
    holder = (await shown(tills.hub, ticket))["taken_by"]["site"]
    winner, loser = (tills.one, tills.two) if holder == 2 else (tills.two, tills.one)
    first, second = visits[holder], visits[5 - holder]
    assert (await post(winner, first, *LINES)).status == 200, "who took it over first sells"
    refused = await post(loser, second, *LINES)
    assert (refused.status, refused.json["field"]) == (409, "names"), "not even before it hears of that sale"
    await tills.sync()
    stands = await shown(loser, ticket)
    assert stands["confirm"] == [first["sale_id"]]

    names = {"names": first["sale_id"], "visit": second["id"]}
    path = f"/held-tickets/{ticket['id']}/confirm"
    software = await loser.counter.token(Role.APPLICATION)
    owner, loser.token = loser.token, software
    alone = await loser.post(path, names)
    assert (alone.status, alone.json["field"]) == (403, "approval"), "no software says so by itself"
    said = await approval(loser)
    wrong = await loser.post(path, {"names": "00" * 8, "visit": second["id"], "approval": said})
    assert (wrong.status, wrong.json["field"]) == (409, "names"), "the first one is named"
    confirmed = await loser.post(path, {**names, "approval": said})
    assert (confirmed.status, confirmed.json["confirm"]) == (200, [])
    assert (await post(loser, second, *LINES)).status == 200
    loser.token = owner
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        stands = await shown(till, ticket)
        assert [one["sale_id"] for one in stands["sales"]] == [first["sale_id"], second["sale_id"]]
        assert (stands["flags"], stands["settled"]) == (["taken_twice", "sold_twice"], True)
    assert len(await tills.roots()) == 1


@pytest.mark.feature("C8.2")
async def test_sold_at_two_tills_that_heard_nothing_it_is_listed_until_a_person_has_settled_it(tills: TwoTills) -> None:
    ticket = await park(tills.one)
    await tills.sync()
    cut(tills)
    sales = []
    for till in tills.tills:
        visit, heard = await take(till, ticket)
        assert heard.status == 200
        assert (await post(till, visit, *LINES)).status == 200
        sales.append(visit["sale_id"])
    cut(tills, is_cut=False)
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        (stands,) = (await till.get("/held-tickets?shop=1")).json["tickets"]
        assert (stands["flags"], stands["settled"]) == (["taken_twice", "sold_twice"], False)
    path = f"/held-tickets/{ticket['id']}/confirm"
    settled = await tills.one.post(path, {"names": sales[1], "approval": await approval(tills.one)})
    assert (settled.status, settled.json["settled"]) == (200, True)
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        assert (await till.get("/held-tickets?shop=1")).json["tickets"] == []


@pytest.mark.feature("C8.2")
async def test_what_another_till_has_is_taken_away_by_a_person_or_offline_by_naming_it(tills: TwoTills) -> None:
    ticket = await park(tills.one)
    await tills.sync()
    first, heard = await take(tills.one, ticket)
    held = heard.json["ticket"]["taken_by"]["id"]
    await tills.sync()
    cut(tills)
    second, refused = await take(tills.two, ticket)
    assert (refused.status, refused.json["field"]) == (409, "despite")
    path = f"/held-tickets/{ticket['id']}"
    despite = await tills.two.post(f"{path}/take", {"visit": second["id"], "despite": held})
    assert (despite.status, despite.json["ticket"]["flags"]) == (200, ["taken_offline", "taken_twice"])
    assert (await tills.two.post(f"{path}/release")).json["taken_by"]["id"] == held
    assert (await tills.two.get(f"/visits/{second['id']}/basket")).status == 404, "its basket went back with it"

    cut(tills, is_cut=False)
    asked = {"take": held, "reason": "Caisse 1 en panne", "approval": await approval(tills.two)}
    released = await tills.two.post(f"{path}/release", asked)
    assert (released.status, released.json["state"]) == (200, "open")
    again = await tills.two.post(f"{path}/take", {"visit": second["id"]})
    assert (again.status, again.json["ticket"]["taken_by"]["awarded"]) == (200, True), again.raw
    await tills.sync()
    late = await post(tills.one, first, *LINES)
    assert (late.status, late.json["field"]) == (409, "names"), "its basket is the other till's now"


@pytest.mark.feature("C8.3")
async def test_each_type_goes_its_way_from_the_record(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    ways = {
        "quote": ["sent", "accepted"],
        "layaway": ["paid"],
        "special_order": ["ordered", "arrived", "announced"],
        "work_order": ["in_work", "waiting", "in_work", "ready", "announced"],
    }
    for kind, stages in ways.items():
        given = {"customer": anne, "type": kind, "label": kind, "total": 9_000, "due_day": "2026-12-01"}
        made = await tills.one.post("/held-tickets", given)
        assert (made.status, made.json["due_day"]) == (201, "2026-12-01"), made.raw
        await tills.sync()
        for till, stage in zip(tills.tills * 3, stages, strict=False):
            heard = await till.post(f"/held-tickets/{made.json['id']}/advance", {"stage": stage})
            assert (heard.status, heard.json["stage"]) == (200, stage), heard.raw
            await tills.sync()
        wrong = await tills.one.post(f"/held-tickets/{made.json['id']}/advance", {"stage": "held"})
        assert wrong.status == 422
    found = (await tills.two.get(f"/customers/{anne}/held-tickets")).json["tickets"]
    assert [one["type"] for one in found] == [*reversed(ways)]
    for one in found:
        closed = await tills.two.post(f"/held-tickets/{one['id']}/close", {"reason": "Ne vient plus"})
        assert (closed.status, closed.json["state"]) == (200, "closed")
    opened = await tills.two.post(f"/held-tickets/{found[0]['id']}/reopen")
    assert opened.json["state"] == "open"
    await tills.sync()
    states = (await tills.one.get(f"/customers/{anne}/held-tickets")).json["tickets"]
    assert [one["state"] for one in states] == ["open", "closed", "closed", "closed"]
    assert "closed" in [step["what"] for step in states[1]["steps"]]
    nobody = await tills.one.post("/held-tickets", {"type": "layaway"})
    assert (nobody.status, nobody.json["field"]) == (409, "customer")


@pytest.mark.feature("C8.3")
async def test_what_is_paid_beforehand_is_a_movement_of_the_account_and_leaves_it_once(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    given = {"customer": anne, "type": "layaway", "total": 9_000, "basket": BASKET}
    made = (await tills.one.post("/held-tickets", given)).json
    await tills.sync()
    path = f"/held-tickets/{made['id']}"
    for till in tills.tills:
        heard = await till.post(f"{path}/deposits", {"amount": 2_000}, key="d1")
        assert heard.status == 200, heard.raw
        assert (await till.post(f"{path}/deposits", {"amount": 2_000}, key="d1")).json == heard.json
    await tills.sync()
    stands = await shown(tills.one, made)
    assert (stands["deposits"], stands["left_to_pay"]) == (4_000, 5_000)
    assert (await tills.one.post(f"{path}/deposits", {"amount": 5_001})).json["field"] == "amount"
    assert (await tills.one.post(f"{path}/close")).json["field"] == "deposit", "somebody says what becomes of it"
    booked = [
        (event["book"], event["amount"], event["cause"])
        for event in (await tills.two.get(f"/customers/{anne}/history")).json["events"]
        if event["book"] == "deposit"
    ]
    assert booked == [("deposit", 2_000, "deposit")] * 2
    visit, heard = await take(tills.two, made)
    assert heard.status == 200
    assert (await post(tills.two, visit, {"label": "armoire", "amount": 9_000})).status == 200
    await tills.sync()
    events = (await tills.one.get(f"/customers/{anne}/history")).json["events"]
    amounts = [event["amount"] for event in events if event["book"] == "deposit"]
    assert (sum(amounts), amounts[0]) == (0, -4_000)


@pytest.mark.feature("C8.1")
async def test_a_ticket_that_was_resumed_goes_back_as_it_is_now(tills: TwoTills) -> None:
    ticket = await park(tills.one)
    visit, heard = await take(tills.one, ticket)
    assert heard.status == 200
    more = {"lines": [*BASKET["lines"], {"product": "ruban", "cents": 300}]}
    await fill(tills.one, visit, more)
    parked = await tills.one.post(f"/visits/{visit['id']}/hold", {"total": 3_290})
    assert (parked.json["ticket"]["id"], parked.json["ticket"]["total"]) == (ticket["id"], 3_290)
    assert parked.json["ticket"]["state"] == "open"
    assert (await tills.one.get(f"/held-tickets/{ticket['id']}/basket")).json == more
    busy = await serve(tills.one)
    await fill(tills.one, busy, BASKET)
    refused = await tills.one.post(f"/held-tickets/{ticket['id']}/take", {"visit": busy["id"]})
    assert (refused.status, refused.json["field"]) == (409, "visit")
    edited = await tills.one.patch(f"/held-tickets/{ticket['id']}", {"label": "Ruban rouge", "comment": "Attendre"})
    assert (edited.json["label"], edited.json["total"]) == ("Ruban rouge", 3_290)
    card = await tills.one.patch(f"/held-tickets/{ticket['id']}", {"basket": {"paid_with": "4970100000000014"}})
    assert (card.status, card.json["field"]) == (422, "basket")
    assert (await tills.one.post(f"/visits/{busy['id']}/cancel")).status == 200
    assert (await tills.one.get(f"/held-tickets/{'0' * 16}")).status == 404


async def test_an_erased_customer_s_tickets_are_gone(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    ticket = await park(tills.one, anne, label="Pour Anne")
    await tills.sync()
    erased = await tills.hub.post(f"/customers/{anne}/erase", {"reason": "request"})
    assert erased.status == 200, erased.raw
    await tills.sync()
    for till in (tills.hub, *tills.tills):
        assert (await till.get(f"/held-tickets/{ticket['id']}")).status == 404
        assert (await till.get("/held-tickets?shop=1")).json["tickets"] == []
