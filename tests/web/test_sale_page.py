"""One purchase from the history: its lines, and a duplicate on paper that says what it is."""

from pathlib import Path

import pytest

from daemon.desk.sales import Cancelling
from daemon.desk.selling import NewSale, PostedLine
from daemon.desk.visits import NewVisit
from daemon.domain.ids import EntityId
from daemon.domain.print_job import JobState
from daemon.domain.slip import marked, slip_of
from tests.fakes.counter import Counter, open_counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import known, sophie
from tests.fakes.print_room import FakePrintRoom
from tests.fakes.selling import customer, sell
from tests.fakes.two_tills import open_two_tills

LINES = (
    PostedLine(amount=8980, label="Sécateur", product="410001", quantity_milli=2000),
    PostedLine(amount=500, label="Ruban"),
)


async def bought(counter: Counter, id_: str) -> str:
    """A sale of two lines; returns its id."""
    visits, call = counter.desks.visits, counter.call()
    assert visits is not None
    visit = await visits.open(call, NewVisit())
    at = EntityId(bytes.fromhex(visit.id))
    await visits.attach(call, at, EntityId(bytes.fromhex(id_)))
    await visits.post(call, at, NewSale(lines=LINES, sold_at="2025-10-06T10:00:00Z", ticket="T-7"))
    return visit.sale_id


@pytest.mark.feature("F1.1")
async def test_a_line_of_the_history_leads_to_the_ticket_and_to_a_duplicate_of_it(tmp_path: Path) -> None:
    prints = FakePrintRoom()
    async with open_counter(tmp_path, prints=prints) as counter, open_till(counter) as till:
        await counter.choose_walk_in()
        id_ = await sophie(counter, notes=())
        here = f"/clients/{id_}/achats/{await bought(counter, id_)}"
        assert f'href="/caisse{here}"' in (await till.get(f"/clients/{id_}/historique", quoi="achats")).html
        page = await till.get(here)
        assert page.screen == "sale"
        for words in ("Achat, 6 octobre", ", ticket T-7", "Sécateur × 2 · 410001 89,80 €", "Ruban 5,00 €", "94,80 €"):
            assert words in page.text
        fields = page.form(f"/caisse{here}/duplicata")
        for _ in range(2):
            page = await till.post(f"{here}/duplicata", **fields)
        assert "Attend l’imprimante" in page.text
        (asked,) = prints.requests
        assert (asked.kind.value, asked.duplicata, asked.customer) == ("report", True, None)
        assert asked.content is not None
        told = [(line.text, line.right) for line in marked(slip_of(asked.content), duplicata=True).lines]
        assert told[0] == ("DUPLICATA", "")
        assert ("Ruban", "5,00\u00a0€") in told
        assert ("Total", "94,80\u00a0€") in told
        prints.fate = JobState.PRINTED


async def test_a_ticket_of_somebody_else_and_one_that_never_was_are_not_shown(counter: Counter) -> None:
    await counter.choose_walk_in()
    id_ = await sophie(counter, notes=())
    other = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    sale = await bought(counter, id_)
    async with open_till(counter) as till:
        assert (await till.get(f"/clients/{other}/achats/{sale}")).status == 404
        assert (await till.get(f"/clients/{id_}/achats/{'0' * 16}")).status == 404
        page = await till.get(f"/clients/{id_}/achats/{sale}")
        assert 'disabled title="Cette caisse n’a pas d’imprimante."' in page.html


@pytest.mark.feature("F1.1")
async def test_the_duplicate_of_a_cancelled_purchase_says_on_paper_that_it_was_cancelled(tmp_path: Path) -> None:
    prints = FakePrintRoom()
    async with open_counter(tmp_path, prints=prints) as counter, open_till(counter) as till:
        await counter.choose_walk_in()
        id_ = await sophie(counter, notes=())
        sale = await bought(counter, id_)
        await counter.desks.sales.cancel(counter.call(), EntityId(bytes.fromhex(sale)), Cancelling(reason="erreur"))
        here = f"/clients/{id_}/achats/{sale}"
        page = await till.get(here)
        assert "Cet achat a été annulé." in page.text
        await till.post(f"{here}/duplicata", **page.form(f"/caisse{here}/duplicata"))
        (asked,) = prints.requests
        assert asked.content is not None
        assert slip_of(asked.content).lines[-1].text == "Cet achat a été annulé."


async def test_a_ticket_whose_lines_are_out_of_reach_has_no_duplicate_of_its_total_alone(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as shops:
        for one in shops.tills:
            await one.counter.choose_walk_in()
        who = await customer(shops.one)
        sale = await sell(shops.one, who, {"label": "Ruban", "amount": 500, "unit_price": 500})
        await shops.sync()
        shops.lines[1].is_cut = True
        async with open_till(shops.two.counter) as till:
            page = await till.get(f"/clients/{who}/achats/{sale}")
            assert "Les lignes de ce ticket sont dans un autre magasin" in page.text
            assert "duplicata" not in page.html
            at = f"/caisse/clients/{who}/achats/{sale}"
            page = await till.post(f"/clients/{who}/achats/{sale}/duplicata", at=at)
            assert "Le siège est injoignable" in page.text
