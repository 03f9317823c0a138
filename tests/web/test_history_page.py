"""The whole history of a customer, over real HTTP: 24 months as bars, filters, older ones."""

import pytest

from daemon.desk.selling import NewSale, PostedLine
from daemon.desk.visits import NewVisit
from daemon.domain.ids import EntityId
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import sophie


async def buys(counter: Counter, id_: str, day: str, cents: int) -> None:
    visits, call = counter.desks.visits, counter.call()
    assert visits is not None
    visit = EntityId(bytes.fromhex((await visits.open(call, NewVisit())).id))
    await visits.attach(call, visit, EntityId(bytes.fromhex(id_)))
    sold = NewSale(lines=(PostedLine(amount=cents, label="Divers"),), sold_at=f"{day}T10:00:00Z", ticket="T-7")
    await visits.post(call, visit, sold)


@pytest.mark.feature("F1.1")
async def test_24_months_are_drawn_and_a_filter_lets_one_sort_through(counter: Counter) -> None:
    await counter.choose_walk_in()
    id_ = await sophie(counter)
    await buys(counter, id_, "2024-03-06", 20_400)
    await buys(counter, id_, "2025-10-06", 7_300)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}/historique")
        assert page.html.count('<rect x="') == 24
        assert "277 € sur 24 mois" in page.text
        assert ("Achat T-7" in page.text, "Fiche créée" in page.text) == (True, True)
        bought = await till.get(f"/clients/{id_}/historique", quoi="achats")
        assert ("Achat T-7" in bought.text, "Fiche créée" in bought.text) == (True, False)
        kept = await till.get(f"/clients/{id_}/historique", quoi="fiche")
        assert ("Achat T-7" in kept.text, "Fiche créée" in kept.text) == (False, True)
        assert "Fiche créée" in (await till.get(f"/clients/{id_}/historique", quoi="nonsense")).text
        assert (await till.get(f"/clients/{'0' * 16}/historique")).status == 404


async def test_the_record_says_how_somebody_buys(counter: Counter) -> None:
    await counter.choose_walk_in()
    id_ = await sophie(counter)
    await buys(counter, id_, "2025-09-06", 5_000)
    await buys(counter, id_, "2025-10-06", 7_300)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        assert "73,00 € Panier moyen 61,50 € 2 achats en 12 mois" in page.text
        found = await till.get("/clients", q="lefevre")
        assert "Dernier achat" in found.text
