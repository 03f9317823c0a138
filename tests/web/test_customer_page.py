"""Search, preview and record over real HTTP."""

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain.ids import EntityId
from daemon.web.record_sections import GROUPS
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import CARD, known, sophie


@pytest.fixture(autouse=True)
async def walk_in(counter: Counter) -> str:
    return await counter.choose_walk_in()


@pytest.mark.feature("A1.6")
async def test_the_list_underlines_what_answered_and_counts(counter: Counter) -> None:
    await sophie(counter)
    await known(counter, last_name="Tanguy")
    async with open_till(counter) as till:
        page = await till.get("/clients", q="soph lef 44")
        assert page.screen == "search"
        assert "<mark>Lef</mark>èvre <mark>Soph</mark>ie" in page.html
        assert "<mark>44</mark>000 Nantes" in page.html
        assert "1 client" in page.text
        assert "Tanguy" not in page.text


async def test_what_answered_outside_the_columns_is_named(counter: Counter) -> None:
    await sophie(counter)
    async with open_till(counter) as till:
        assert (
            "E-mail <mark>s.lefevre@example.org</mark>" in (await till.get("/clients", q="s.lefevre@example.org")).html
        )
        assert f"Carte <mark>{CARD}</mark>" in (await till.get("/clients", q=CARD)).html
        assert "Étiquette <mark>VIP</mark>" in (await till.get("/clients", q="vip")).html


@pytest.mark.feature("A1.5")
async def test_who_is_almost_called_so_is_said_to_be_so(counter: Counter) -> None:
    await sophie(counter)
    async with open_till(counter) as till:
        page = await till.get("/clients", q="lefebvre")
        assert "<mark>Lefèvre</mark> Sophie" in page.html
        assert "presque : se prononce pareil" in page.text
        assert "presque : faute de frappe" in (await till.get("/clients", q="lefvère")).text
        assert "presque" not in (await till.get("/clients", q="lefèvre")).text


@pytest.mark.feature("A1.7")
async def test_a_cut_list_says_so(counter: Counter) -> None:
    for number in range(23):
        await known(counter, last_name=f"Martin{number}")
    async with open_till(counter) as till:
        page = await till.get("/clients", q="martin")
        assert "20 premiers sur 23" in page.text
        assert page.html.count('role="option"') == 20


@pytest.mark.feature("A2.2")
async def test_the_list_tells_the_age_of_the_copy(counter: Counter) -> None:
    await sophie(counter)
    async with open_till(counter, link=lambda: LinkShown(online=False, since="2025-10-09T06:05:00Z")) as till:
        page = await till.get("/clients", q="soph")
        assert "base pas encore comparée au siège" in page.text
        assert "Hors ligne depuis" in page.text


async def test_nobody_of_a_name_can_be_created_at_once(counter: Counter) -> None:
    async with open_till(counter) as till:
        page = await till.get("/clients", q="kerouedan <brest>")
        assert "Personne à ce nom dans cette caisse" in page.text
        assert "La base locale compte" in page.text
        assert "Créer « Kerouedan »" in page.text
        assert 'href="/caisse/clients/nouveau?q=kerouedan+%3Cbrest%3E"' in page.html
        assert "Tapez un nom" in (await till.get("/clients")).text
        assert "Créer « Kerouedan, Brest »" in (await till.get("/clients", q="kerouedan brest")).text
        form = await till.get("/clients/nouveau", q="kerouedan yann 29200 brest")
        filled = {"last_name": "Kerouedan", "first_name": "Yann", "city": "Brest", "postal_code": "29200"}
        for name, value in filled.items():
            assert f'name="{name}" type="text" value="{value}"' in form.html


@pytest.mark.feature("A4.6")
async def test_a_payment_card_is_not_looked_up(counter: Counter) -> None:
    async with open_till(counter) as till:
        page = await till.get("/clients", q="4111 1111 1111 1111")
        assert "C’est une carte bancaire : elle n’est ni cherchée ni gardée." in page.text


async def test_the_preview_is_a_piece_of_a_page(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}/apercu")
        assert page.html.lstrip().startswith('<aside class="peek" id="peek" data-region')
        for words in ("Sophie Lefèvre", "C004218", "06 39 98 12 34", "Housse à remettre"):
            assert words in page.text.replace("Sophie Lefèvre", "Sophie Lefèvre")
        assert (await till.get(f"/clients/{'0' * 16}/apercu")).status == 404


async def test_the_record_shows_who_somebody_is(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}", section="notes")
        assert "Courrier pas demandé" in (await till.get(f"/clients/{id_}", section="consents")).text
        for words in (
            "Code client C004218",
            CARD,
            "06 39 98 12 34",
            "s.lefevre@example.org",
            "8 rue Kervégan, 44000 Nantes",
            "17 mai 1980",
            "VIP",
            "Housse à remettre",
            "Vient le samedi",
            "Info-lettre oui",
            "SMS non",
        ):
            assert words in page.text
        assert f'aria-label="Code-barres {CARD}"' in page.html
        assert page.html.count("<") // 2 < 700


@pytest.mark.parametrize("section", [*GROUPS, "nonsense"])
async def test_a_small_screen_shows_one_section_which_the_address_names(counter: Counter, section: str) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}", section=section)
        shown = section if section != "nonsense" else "benefits"
        assert f'class="record at--{GROUPS[shown]} record--{shown}"' in page.html


async def test_a_company_is_shown_by_its_name_and_numbers(counter: Counter) -> None:
    id_ = await known(
        counter, company_name="Atelier Morvan", kind="company", siret="73282932000074", last_name="Morvan"
    )
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        for words in ("Atelier Morvan", "Personne morale", "SIRET 73282932000074", "Interlocuteur Morvan"):
            assert words in page.text
        assert "Atelier Morvan" in (await till.get("/clients", q="morvan")).text


async def test_names_that_look_like_markup_stay_text(counter: Counter) -> None:
    id_ = await known(counter, last_name='<script>alert("x")</script>', first_name="{{ 7*7 }}")
    async with open_till(counter) as till:
        for page in (await till.get(f"/clients/{id_}"), await till.get("/clients", q="script")):
            assert "<script>alert" not in page.html
            assert "{{ 7*7 }}" in page.text


@pytest.mark.feature("B7.2")
async def test_a_note_is_written_on_the_record_and_done_there(counter: Counter) -> None:
    id_ = await known(counter, last_name="Morel")
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}", section="notes")
        page = await till.send(f"/clients/{id_}/notes", text="Rappeler demain")
        assert "Rappeler demain" in page.text.partition("Coordonnées")[0]
        (note,) = (await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))).notes
        assert note.author == "Nolwenn"
        done = await till.send(f"/clients/{id_}/notes/{note.id}/fait")
        assert "Rappeler demain" not in done.text.partition("Coordonnées")[0]
        assert "faite" in done.text
        empty = await till.send(f"/clients/{id_}/notes", text="  ", onward="/caisse")
        assert empty.screen == "ready"


async def test_the_walk_in_customer_has_no_notes_and_no_badge(counter: Counter, walk_in: str) -> None:
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{walk_in}")
        assert "Imprimer le badge" not in page.text
        assert "Ajouter une note" not in page.html
        refused = await till.post(f"/clients/{walk_in}/notes", text="x", at=f"/caisse/clients/{walk_in}")
        assert "Le client de passage n’a ni cartes ni notes." in refused.text


async def test_a_customer_made_here_is_told_so_until_head_office_has_them(counter: Counter) -> None:
    id_ = await known(counter, last_name="Morel", email="m@example.org")
    async with open_till(counter) as till:
        assert "Créé ici, à envoyer" in (await till.get(f"/clients/{id_}")).text
        await counter.database.write(lambda conn: conn.execute("DELETE FROM change").rowcount)
        assert "Créé ici" not in (await till.get(f"/clients/{id_}")).text
