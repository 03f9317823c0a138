"""Where a scan leads from the page that heard it, read over real HTTP."""

import pytest

from daemon.desk.members import CardEdit, NewCard
from daemon.domain.ids import EntityId
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import CARD, known, sophie


@pytest.fixture(autouse=True)
async def walk_in(counter: Counter) -> str:
    return await counter.choose_walk_in()


@pytest.mark.feature("A4.8")
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("payment_card", "C’est une carte bancaire."),
        ("queue_full", "La caisse était occupée et n’a pas pris cette carte"),
        ("random_number", "a un autre numéro à chaque fois"),
        ("no_number", "n’a pas de numéro lisible ici"),
        ("check_digit", "Mauvaise lecture"),
    ],
)
async def test_what_was_not_looked_up_says_why(counter: Counter, reason: str, said: str) -> None:
    async with open_till(counter) as till:
        page = await till.post("/lecture", outcome="refused", reason=reason, at="/caisse")
    assert said in page.text
    assert ("carte bancaire" in page.text) == (reason == "payment_card")


@pytest.mark.feature("A4.2")
async def test_a_scan_leads_to_the_record_and_attaches_nobody(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        page = await till.post("/lecture", outcome="customer", customer=id_, at="/caisse/etat")
        assert (page.screen, page.address) == ("record", f"/caisse/clients/{id_}")
        assert counter.desks.visits is not None
        assert await counter.desks.visits.open_ones() == ()


@pytest.mark.feature("A4.4")
async def test_an_unknown_card_can_begin_a_customer_or_be_linked(counter: Counter) -> None:
    id_ = await known(counter, last_name="Morel")
    async with open_till(counter) as till:
        page = await till.post("/lecture", outcome="unknown", code="2900049999", at="/caisse")
        assert "Carte inconnue 2900049999 . Créer ou associer ?" in page.text
        fresh = await till.get("/clients/nouveau")
        assert fresh.form("/caisse/clients/nouveau")["card"] == "2900049999"
        await till.get(f"/clients/{id_}")
        linked = await till.send(f"/clients/{id_}/cartes")
        assert (linked.screen, "Carte associée à Morel." in linked.text) == ("record", True)
        assert [card.number for card in (await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))).cards] == [
            "2900049999"
        ]
        assert "Carte inconnue" not in (await till.get()).text


@pytest.mark.feature("A4.3")
async def test_several_owners_are_listed_to_choose_from(counter: Counter) -> None:
    one, other = await sophie(counter), await known(counter, last_name="Tanguy", first_name="Gaël")
    async with open_till(counter) as till:
        page = await till.post("/lecture", outcome="choose", candidates=f"{one},{other},{'0' * 16}", at="/caisse")
        assert (page.screen, page.address) == ("choose", "/caisse/choix")
        assert "Lefèvre Sophie" in page.text
        assert "Tanguy Gaël" in page.text
        assert f'href="/caisse/clients/{other}"' in page.html


@pytest.mark.feature("A4.5")
async def test_a_refused_card_says_why_on_that_page_only(counter: Counter) -> None:
    id_ = await sophie(counter)
    (card,) = (await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))).cards
    lost = CardEdit(state="lost")
    await counter.desks.members.edit_card(counter.call(), EntityId(bytes.fromhex(id_)), bytes.fromhex(card.id), lost)
    async with open_till(counter) as till:
        page = await till.post("/lecture", outcome="blocked", reason="lost", at="/caisse")
        assert "Cette carte est refusée. Elle a été déclarée perdue." in page.text
        assert "Perdue" in (await till.get(f"/clients/{id_}", section="cards")).text
        assert "Cette carte est refusée" not in (await till.get()).text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("refused", "C’est une carte bancaire."), ("product", "C’est le code d’un article"), ("nonsense", "Client")],
)
async def test_other_scans_are_said_in_a_bar_that_can_be_put_away(counter: Counter, outcome: str, words: str) -> None:
    async with open_till(counter) as till:
        assert words in (await till.post("/lecture", outcome=outcome, at="/caisse")).text
        assert "Fermer ce message" not in (await till.post("/avis/fin", at="/caisse")).text


async def test_a_scan_over_a_changed_form_is_held_and_asks(counter: Counter) -> None:
    paul, other = await known(counter, first_name="Paul", last_name="Morel"), await sophie(counter)
    async with open_till(counter) as till:
        at = f"/caisse/clients/{other}/modifier"
        page = await till.post("/lecture", outcome="customer", customer=paul, at=at, form="edit")
        assert (page.screen, page.address) == ("edit", at)
        assert "Carte de Paul Morel scannée. Enregistrer d’abord ?" in page.text
        assert f'form="edit" name="onward" value="/caisse/clients/{paul}"' in page.html
        several = await till.post("/lecture", outcome="choose", candidates=paul, at=at, form="edit")
        assert "Cette saisie n’est pas enregistrée." in several.text
        assert "scannée" not in (await till.get()).text


async def test_leaving_a_changed_form_asks_and_never_leads_to_another_site(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        at = f"/caisse/clients/{id_}/modifier"
        page = await till.post("/retenu", onward="https://example.org/caisse", at=at, form="none of ours")
        assert "Enregistrer d’abord ?" in page.text
        assert 'form="edit" name="onward" value="/caisse"' in page.html
        assert (await till.post("/avis/fin", at="//example.org/caisse")).address == "/caisse"


async def test_a_scan_held_for_a_customer_who_is_gone_names_nobody(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        at = f"/caisse/clients/{id_}/modifier"
        page = await till.post("/lecture", outcome="customer", customer="0" * 16, at=at, form="edit")
        assert "Cette saisie n’est pas enregistrée." in page.text


async def test_a_card_of_somebody_else_is_not_linked(counter: Counter) -> None:
    await sophie(counter)
    paul = await known(counter, last_name="Morel")
    async with open_till(counter) as till:
        page = await till.post(f"/clients/{paul}/cartes", number=CARD, at=f"/caisse/clients/{paul}")
        assert "Cette carte est celle d’un autre client." in page.text
        await counter.desks.members.add_card(
            counter.call(), EntityId(bytes.fromhex(paul)), NewCard(number="2900000001")
        )
