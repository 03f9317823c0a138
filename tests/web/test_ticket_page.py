"""Held tickets on the till's screens, over real HTTP: from the list and from the record, at two tills of one shop."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.condition import LinkShown
from daemon.desk.tickets import TicketsAsked
from daemon.domain.role import Role
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PIN, open_till
from tests.fakes.people import known
from tests.fakes.selling import customer, post, serve
from tests.fakes.tickets import BASKET, cut, fill, one_shop, park, shown, take
from tests.fakes.two_tills import TwoTills

OFFLINE = LinkShown(online=False, since="2025-10-09T06:05:00Z")
LINES = ({"label": "vase", "amount": 2_500}, {"label": "rose", "amount": 490})


@pytest.fixture
async def tills(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async with one_shop(tmp_path) as found:
        yield found


@pytest.mark.feature("C8.1")
async def test_the_basket_of_the_sale_is_parked_and_resumed_from_the_list(tills: TwoTills) -> None:
    anne = await customer(tills.one, first_name="Anne")
    visit = await serve(tills.one, anne)
    async with open_till(tills.one.counter) as till:
        empty = await till.get("/attente")
        assert ("Rien en attente dans ce magasin." in empty.text, "disabled" in empty.html) == (True, True)
        await fill(tills.one, visit, BASKET)
        parked = await till.post("/vente/attente", at="/caisse/attente")
        assert (parked.screen, "Panier mis en attente." in parked.text, "Anne Morel" in parked.text) == (
            "tickets", True, True,
        )  # fmt: skip
    await tills.sync()
    (ticket,) = (await tills.two.get("/held-tickets")).json["tickets"]
    async with open_till(tills.two.counter) as till:
        listed = await till.get("/attente")
        assert f"/attente/{ticket['id']}/reprendre" in listed.html
        resumed = await till.post(f"/attente/{ticket['id']}/reprendre")
        assert ("Ticket repris dans la vente." in resumed.text, "Anne Morel" in resumed.text) == (True, True)
        (mine,) = (await tills.two.get("/visits")).json
        assert (await tills.two.get(f"/visits/{mine['id']}/basket")).json == BASKET
        page = await till.get(f"/attente/{ticket['id']}")
        assert ("Remettre en attente" in page.text, "Repris" in page.text) == (True, True)
        back = await till.post(f"/attente/{ticket['id']}/remettre")
        assert (back.screen, "Ticket remis en attente." in back.text) == ("tickets", True)
    assert (await shown(tills.two, ticket))["state"] == "open"


@pytest.mark.feature("C8.2")
async def test_offline_a_ticket_of_another_till_can_be_resumed_and_says_what_that_means(tills: TwoTills) -> None:
    ticket = await park(tills.one, label="Mariage")
    await tills.sync()
    first, heard = await take(tills.one, ticket)
    assert heard.status == 200
    await tills.sync()
    cut(tills)
    async with open_till(tills.two.counter, link=lambda: OFFLINE) as till:
        listed = await till.get("/attente")
        assert "Repris : Caisse 1" in listed.text
        assert "Reprise possible, sera signalé." in listed.text
        despite = (await shown(tills.two, ticket))["taken_by"]["id"]
        resumed = await till.post(f"/attente/{ticket['id']}/reprendre", despite=despite)
        assert "Ticket repris dans la vente." in resumed.text
    cut(tills, is_cut=False)
    await tills.sync()
    assert (await post(tills.one, first, *LINES)).status == 200
    await tills.sync()
    max_ = await tills.two.counter.hire("Max", pin=PIN, role=Role.MANAGER)
    (mine,) = (await tills.two.get("/visits")).json
    async with open_till(tills.two.counter) as till:
        page = await till.get(f"/attente/{ticket['id']}")
        assert "cette vente passe si un responsable le confirme" in page.text
        names = (await shown(tills.two, ticket))["confirm"][0]
        at = f"/caisse/attente/{ticket['id']}"
        alone = await till.post(f"/attente/{ticket['id']}/confirmer", names=names, at=at)
        assert "notice--problem" in alone.html, "a cashier alone does not say so"
        said = await till.post(f"/attente/{ticket['id']}/confirmer", names=names, operator=max_, pin=PIN, at=at)
        assert "C’est confirmé." in said.text
    assert (await post(tills.two, mine, *LINES)).status == 200
    await tills.sync()
    assert (await shown(tills.hub, ticket))["flags"] == ["taken_twice", "sold_twice"]


@pytest.mark.feature("C8.2")
async def test_what_was_sold_twice_unheard_is_on_the_list_until_a_manager_has_looked(tills: TwoTills) -> None:
    ticket = await park(tills.one, label="Mariage")
    await tills.sync()
    cut(tills)
    for one in tills.tills:
        visit, heard = await take(one, ticket)
        assert heard.status == 200
        assert (await post(one, visit, *LINES)).status == 200
    cut(tills, is_cut=False)
    await tills.sync()
    async with open_till(tills.one.counter, role=Role.MANAGER) as till:
        listed = await till.get("/attente")
        assert ("Vendu deux fois" in listed.text, "quelqu’un doit regarder" in listed.text) == (True, True)
        sale = (await shown(tills.one, ticket))["sales"][-1]["sale_id"]
        settled = await till.post(f"/attente/{ticket['id']}/confirmer", names=sale)
        assert ("C’est confirmé." in settled.text, "Vendu deux fois" in settled.text) == (True, False)
        assert "Rien en attente dans ce magasin." in (await till.get("/attente")).text


@pytest.mark.feature("C8.3")
async def test_an_order_is_made_advanced_paid_on_and_closed_from_the_record(counter: Counter) -> None:
    await counter.choose_walk_in()
    paul = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    async with open_till(counter) as till:
        record = await till.get(f"/clients/{paul}", section="tickets")
        assert "Rien en attente pour ce client." in record.text
        made = await till.post(f"/clients/{paul}/attente", type="special_order", label="Lampe bleue", total="120,00")
        assert ("Noté sur la fiche." in made.text, "Lampe bleue" in made.text, "Demandé" in made.text) == (
            True, True, True,
        )  # fmt: skip
        (ticket,) = (await counter.desks.tickets.find(tickets_of(paul))).tickets
        one = f"/attente/{ticket.id}"
        for stage, word in (("ordered", "Commandé"), ("arrived", "Arrivé"), ("announced", "Client prévenu")):
            assert word in (await till.post(f"{one}/etape", stage=stage)).text
        paid = await till.post(f"{one}/acompte", amount="40")
        assert ("Acompte de 40,00 € encaissé." in paid.text, "reste 80,00 €" in paid.text) == (True, True)
        too_much = await till.post(f"{one}/acompte", amount="80,01", at=f"/caisse{one}")
        assert "notice--problem" in too_much.html
        closed = await till.post(f"{one}/fermer", reason="Annulée", deposit="refunded")
        assert ("Ticket fermé." in closed.text, "Annulée" in closed.text) == (True, True)
        nameless = await till.post(f"/clients/{paul}/attente", type="quote", at=f"/caisse/clients/{paul}")
        assert "notice--problem" in nameless.html
        await till.post(f"/clients/{paul}/attente", type="quote", label="Devis terrasse")
        quote = next(one for one in (await counter.desks.tickets.find(tickets_of(paul))).tickets if one.type == "quote")
        assert "Rouvrir" in (await till.post(f"/attente/{quote.id}/fermer")).text
        assert "Rouvert" in (await till.post(f"/attente/{quote.id}/rouvrir")).text
        history = await till.get(f"/clients/{paul}", section="history")
        assert "40,00 €" in history.text


@pytest.mark.feature("C8.1")
async def test_the_list_asks_head_office_for_the_baskets_of_the_web_store(tills: TwoTills) -> None:
    anne = await customer(tills.hub, first_name="Anne")
    given = {"customer": anne, "basket": BASKET, "source": "web", "label": "Commande 4711", "total": 2_990}
    made = (await tills.hub.post("/held-tickets", given)).json
    await tills.sync()
    async with open_till(tills.one.counter) as till:
        assert "Commande 4711" not in (await till.get("/attente")).text
        found = await till.get("/attente", siege="1")
        assert ("Commande 4711" in found.text, "boutique en ligne" in found.text) == (True, True)
        cut(tills)
        assert "Le siège est injoignable" in (await till.get("/attente", siege="1")).text
        cut(tills, is_cut=False)
        assert "Ticket repris dans la vente." in (await till.post(f"/attente/{made['id']}/reprendre")).text


def tickets_of(who: str) -> TicketsAsked:
    """All tickets of a customer."""
    return TicketsAsked(customer=who)
