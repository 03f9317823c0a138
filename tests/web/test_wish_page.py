"""The wish list on the record, over real HTTP: typed, scanned, bought, taken off and put back."""

import pytest

from daemon.desk.price_lists import ProductEdit
from daemon.domain.ids import EntityId
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import known
from tests.fakes.products import stocked


@pytest.fixture
async def paul(counter: Counter) -> str:
    await counter.choose_walk_in()
    await stocked(counter, "410001", ProductEdit(label="Sécateur", price_cents=4990))
    return await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")


@pytest.mark.feature("F1.1")
async def test_what_is_wished_for_is_typed_bought_and_taken_off_with_a_way_back(counter: Counter, paul: str) -> None:
    async with open_till(counter) as till:
        assert "Pas encore de souhait" in (await till.get(f"/clients/{paul}", section="wishes")).text
        page = await till.post(f"/clients/{paul}/souhaits", product="Un rosier grimpant")
        assert "Un rosier grimpant" in page.part("main") or "Un rosier grimpant" in page.text
        page = await till.post(f"/clients/{paul}/souhaits", product="410001", quantity="2")
        assert "Sécateur × 2 410001" in page.text
        (first, second) = (await counter.desks.wishes.wishes(EntityId(bytes.fromhex(paul)))).wishes
        page = await till.post(f"/clients/{paul}/souhaits/{first.id}/achete")
        assert "Noté comme acheté." in page.text
        page = await till.post(f"/clients/{paul}/souhaits/{second.id}/retirer")
        assert "Retiré de la liste de souhaits. Annuler" in page.text
        undo = page.part("word").partition('action="/caisse')[2].partition('"')[0].replace("&amp;", "&")
        assert "Sécateur × 2" in (await till.post(undo)).text


@pytest.mark.feature("F1.2")
async def test_an_article_scanned_before_the_wish_list_is_wished_for(counter: Counter, paul: str) -> None:
    at = f"/caisse/clients/{paul}?section=wishes"
    async with open_till(counter) as till:
        page = await till.post("/lecture", outcome="product", product="410001", at=at)
        assert "Sécateur est dans la liste de souhaits." in page.text
        elsewhere = await till.post("/lecture", outcome="product", product="410001", at=f"/caisse/clients/{paul}")
        assert "notice--product" in elsewhere.html
        asked = await till.post(
            "/lecture", outcome="product", product="410001", at=f"/caisse/clients/{paul}?section=terms"
        )
        assert "notice--product" in asked.html  # a cashier gives no terms


async def test_a_wish_without_an_article_says_so(counter: Counter, paul: str) -> None:
    async with open_till(counter) as till:
        at = f"/caisse/clients/{paul}?section=wishes"
        page = await till.post(f"/clients/{paul}/souhaits", product=" ", at=at)
        assert "Scannez un article, ou tapez ce que c’est." in page.text
        page = await till.post(f"/clients/{paul}/souhaits", product="Rosier", quantity="x", at=at)
        assert "Ce n’est pas un nombre de pièces." in page.text


@pytest.mark.feature("F1.2")
async def test_a_wish_is_asked_for_in_the_sale_which_becomes_the_customers(counter: Counter, paul: str) -> None:
    async with open_till(counter) as till:
        page = await till.post(f"/clients/{paul}/souhaits", product="410001", quantity="2")
        assert "Ajouter à la vente" in page.text
        (wish,) = (await counter.desks.wishes.wishes(EntityId(bytes.fromhex(paul)))).wishes
        page = await till.post(f"/clients/{paul}/souhaits/{wish.id}/vente")
        assert "Sécateur : demandé à la vente." in page.text
        (asked,) = counter.heard("article")
        assert counter.desks.visits is not None
        (visit,) = await counter.desks.visits.open_ones()
        assert (asked.visit, asked.product, asked.quantity, visit.customer.id) == (visit.id, "410001", 2, paul)
        await till.post(f"/clients/{paul}/souhaits/{wish.id}/achete")
        page = await till.post(f"/clients/{paul}/souhaits/{wish.id}/vente")
        assert len(counter.heard("article")) == 1, "what was bought is not asked for again"
