"""The till's pages over real HTTP, on real desks and a real database."""

from pathlib import Path

import pytest

from daemon.desk.condition import LinkShown
from daemon.desk.shops import ShopName
from daemon.desk.visits import NewVisit, VisitShown
from daemon.domain import authoring, site_row
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.role import Role
from daemon.store.authoring import commit
from daemon.store.database import Connection
from daemon.web import serving
from daemon.web.customer_page import open_visit
from daemon.web.parts import DeviceShown
from daemon.web.surface import Place, Surface
from tests.fakes.counter import OWNER, Counter, open_counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import CARD, known, sophie
from tests.fakes.print_room import FakePrintRoom


@pytest.fixture(autouse=True)
async def walk_in(counter: Counter) -> str:
    return await counter.choose_walk_in()


async def attached(counter: Counter) -> list[str]:
    assert counter.desks.visits is not None
    return [visit.customer.display_name for visit in await counter.desks.visits.open_ones()]


async def test_the_first_page_is_ready_for_a_card_and_names_chain_till_and_operator(counter: Counter) -> None:
    async with open_till(counter) as till:
        page = await till.get()
        assert (page.status, page.screen) == (200, "ready")
        for words in ("Scannez une carte ou cherchez un client", "Maison Kermarrec", "Caisse 2 · Nantes Crébillon"):
            assert words in page.text
        assert "Nolwenn" in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]


async def test_a_till_without_a_name_is_called_by_its_site_and_the_shop_as_the_chain_calls_it(counter: Counter) -> None:
    await counter.desks.shops.name_shop(counter.call(), 7, ShopName(label="Brest Siam"))
    async with open_till(counter, place=Place(chain="Maison Kermarrec", site=12)) as till:
        assert "Caisse 12 · Brest Siam" in (await till.get()).text


async def test_a_till_is_called_on_its_own_page_and_in_its_status_as_head_office_calls_it(counter: Counter) -> None:
    def named(conn: Connection) -> None:
        fields = {site_row.SITE: 12, site_row.SHOP: 7, site_row.LABEL: "Caisse du fond"}
        operation = authoring.create(Kind.SITE, site_row.site_key(12)[0], fields)
        commit(conn, counter.replica, OWNER, [operation], now_ms=counter.clock.now_ms())

    await counter.database.write(named)
    async with open_till(counter, place=Place(chain="Maison Kermarrec", shop="Brest", site=12)) as till:
        page = await till.get()
        assert "Caisse du fond · Brest" in page.text
        assert "Caisse du fond</title>" in page.html
        assert "Caisse du fond · Brest" in (await till.post("/session/fin")).text
    assert (await counter.desks.condition.replication()).label == "Caisse du fond"


@pytest.mark.feature("E5.1")
async def test_the_truth_line_says_what_waits_and_since_when_the_line_is_down(counter: Counter) -> None:
    link = LinkShown(online=True)
    async with open_till(counter, link=lambda: link) as till:
        assert "Enregistré ici · 2 à envoyer depuis" in (await till.get()).text
        link = LinkShown(online=False, since="2025-10-09T06:05:00Z")
        assert "Hors ligne depuis" in (await till.get()).text
        assert "2 à envoyer" in (await till.get("/etat")).text


async def test_the_state_of_the_till_is_said_in_three_lines(counter: Counter) -> None:
    async with open_till(counter) as till:
        page = await till.get("/etat")
        assert "Lecteurs" not in page.text
        for words in (
            "À envoyer au siège 2 modifications",
            "Reçu du siège jusqu’à pas encore comparée",
            "Dernière erreur aucune",
            "inconnu",
        ):
            assert words in page.text
    lost = LinkShown(online=True, last_error="the broker closed the line", last_error_at="2025-10-09T06:05:00Z")
    async with open_till(counter, link=lambda: lost) as till:
        page = await till.get("/etat")
        assert "Dernière erreur Liaison perdue" in page.text
        assert "Elle est revenue. Détails the broker closed the line" in page.text


@pytest.mark.feature("F1.2")
async def test_a_reader_is_tried_without_leaving_the_page(counter: Counter) -> None:
    id_ = await sophie(counter)
    reader = DeviceShown(device="douchette", state="up", detail="", last_read_at=None, bad_frames=0, reconnects=0)
    async with open_till(counter, devices=lambda: (reader,)) as till:
        assert 'href="/caisse/etat?lecteur=douchette"' in (await till.get("/etat")).html
        assert "Scannez maintenant" in (await till.get("/etat", lecteur="douchette")).text
        at = "/caisse/etat?lecteur=douchette"
        page = await till.post("/lecture", outcome="customer", customer=id_, at=at)
        assert (page.screen, "Lu : Sophie Lefèvre." in page.text) == ("condition", True)
        page = await till.post("/lecture", outcome="unknown", code="2900049999", at=at)
        assert "Lu : 2900049999." in page.text
        page = await till.post("/lecture", outcome="refused", reason="bad_frame", at=at)
        assert "Mal lu : encore une fois." in page.text


async def test_readers_are_listed_with_their_state(counter: Counter) -> None:
    def reader(state: str, last_read_at: str | None = None) -> DeviceShown:
        return DeviceShown(
            device=f"scanner {state}", state=state, detail="", last_read_at=last_read_at, bad_frames=0, reconnects=0
        )

    shown = (reader("up", "2025-10-09T06:05:00Z"), reader("connecting"), reader("absent"), reader("error"))
    async with open_till(counter, devices=lambda: shown) as till:
        page = await till.get("/etat")
        for words in ("scanner up dernière lecture", "En marche", "Connexion en cours", "Débranché", "En panne"):
            assert words in page.text


async def test_what_a_reader_suppressed_and_could_not_read_is_shown(counter: Counter) -> None:
    device = DeviceShown(
        device="scanner",
        state="up",
        detail="",
        last_read_at=None,
        bad_frames=1,
        reconnects=0,
        suppressed=30,
        refused_full=2,
    )
    async with open_till(counter, devices=lambda: [device]) as till:
        text = (await till.get("/etat")).text
    assert "1 mauvaise lecture · 30 répétitions · 2 refusées, la caisse était occupée" in text


async def test_the_bare_address_of_the_machine_leads_to_the_first_page(counter: Counter) -> None:
    async with open_till(counter) as till, till.session.get(till.served.url + "/") as response:
        assert response.url.path == "/caisse"


async def test_a_shop_without_a_walk_in_customer_is_told_so(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=13) as bare, open_till(bare) as till:
        assert "Aucun client de passage n’est choisi" in (await till.get()).text


@pytest.mark.feature("A7.1")
async def test_choosing_attaches_to_the_open_visit_and_can_be_undone_both_ways(counter: Counter) -> None:
    assert counter.desks.visits is not None
    id_ = await sophie(counter)
    await counter.desks.visits.open(counter.call(), NewVisit())
    async with open_till(counter) as till:
        await till.post(f"/clients/{id_}/plus-tard")
        await till.get(f"/clients/{id_}")
        page = await till.send("/vente")
        assert page.screen == "ready"
        assert "Pour la vente : Sophie Lefèvre. Annuler" in page.text
        assert await attached(counter) == ["Sophie Lefèvre"]
        assert "Dans la vente" in (await till.get(f"/clients/{id_}")).text
        back = await till.post("/vente/retirer")
        assert await attached(counter) == ["Client de passage"]
        assert "La vente est de nouveau au client de passage." in back.text
        await till.send("/vente")
        assert await attached(counter) == ["Sophie Lefèvre"]


async def test_choosing_opens_a_visit_where_the_till_software_has_opened_none(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        assert "Aucune vente ouverte" in (await till.get()).text
        await till.post("/vente", customer=id_, key="pressed")
        await till.post("/vente", customer=id_, key="pressed")
        assert await attached(counter) == ["Sophie Lefèvre"]


async def test_the_till_software_may_open_the_visit_at_the_same_moment(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counter.desks.visits is not None
    id_, looked = await sophie(counter), 0
    await counter.desks.visits.open(counter.call(), NewVisit())

    async def late(surface: Surface) -> VisitShown | None:
        nonlocal looked
        looked += 1
        return None if looked == 1 else await open_visit(surface)

    monkeypatch.setattr(serving, "open_visit", late)
    async with open_till(counter) as till:
        await till.post("/vente", customer=id_)
        assert await attached(counter) == ["Sophie Lefèvre"]
        looked = -9
        served = await till.post("/vente", customer=id_)
        assert (served.screen, await attached(counter)) == ("record", ["Sophie Lefèvre"])


async def test_a_shop_without_a_walk_in_customer_opens_no_sale(tmp_path: Path) -> None:
    async with open_counter(tmp_path, site=13) as bare, open_till(bare) as till:
        refused = await till.post("/vente", customer=await sophie(bare))
        assert "Aucun client de passage n’est choisi pour ce magasin." in refused.text


async def test_a_blocked_customer_cannot_be_chosen_and_the_page_says_so(counter: Counter) -> None:
    from daemon.desk.edit import CustomerEdit

    id_ = await sophie(counter)
    blocked = CustomerEdit(blocked=True, blocked_reason="impayé")
    await counter.desks.edits.edit(counter.call(), _id(id_), blocked, present=frozenset({"blocked"}), version="")
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        assert "Bloqué : impayé" in page.text
        assert "Choisir pour la vente" not in page.text
        refused = await till.post("/vente", customer=id_, at=f"/caisse/clients/{id_}")
        assert (refused.screen, "Ce client est bloqué" in refused.text) == ("record", True)


async def test_the_badge_is_asked_for_once_and_its_state_is_told(tmp_path: Path) -> None:
    prints = FakePrintRoom()
    async with open_counter(tmp_path, site=13, prints=prints) as counter, open_till(counter) as till:
        await counter.choose_walk_in()
        id_ = await sophie(counter)
        await till.get(f"/clients/{id_}")
        asked = await till.send(f"/clients/{id_}/badge", key="one press")
        await till.post(f"/clients/{id_}/badge", key="one press")
        assert "Attend l’imprimante" in asked.text
        assert [face.number for face in prints.faces] == [CARD]
        prints.interrupt()
        page = await till.get(f"/clients/{id_}")
        assert "Le badge est-il sorti ? Oui, il est là Non, réimprimer Abandonner" in page.text
        (job,) = await prints.jobs()
        answered = await till.post(f"/impressions/{job.id.hex()}", answer="came_out", at=f"/caisse/clients/{id_}")
        assert (answered.screen, "Imprimé" in answered.text) == ("record", True)
        assert "Imprimé" in (await till.get("/etat")).text
        nothing = await till.post(f"/impressions/{job.id.hex()}", answer="nonsense", at="/caisse")
        assert nothing.screen == "ready"


async def test_a_till_without_a_printer_greys_the_badge_and_refuses_it_in_one_sentence(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        assert 'disabled title="Cette caisse n’a pas d’imprimante de badges."' in page.html
        refused = await till.post(f"/clients/{id_}/badge", at=f"/caisse/clients/{id_}")
        assert "Cette caisse n’a pas d’imprimante de badges." in refused.text


@pytest.mark.feature("B7.2")
async def test_what_is_to_be_done_stands_over_the_record_until_it_is_put_off_for_this_visit(counter: Counter) -> None:
    assert counter.desks.visits is not None
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        assert 'role="alertdialog"' in page.html
        assert "À faire avec Sophie Lefèvre Housse à remettre" in page.text
        assert 'id="main" tabindex="-1" inert' in page.html
        later = await till.post(f"/clients/{id_}/plus-tard", at=f"/caisse/clients/{id_}")
        assert (later.screen, "alertdialog" in later.html) == ("record", False)
        chosen = await till.post("/vente", customer=id_)
        assert chosen.screen == "ready"
        (visit,) = await counter.desks.visits.open_ones()
        await counter.desks.visits.post(counter.call(), _id(visit.id))
        await till.post("/vente", customer=id_)
        assert "alertdialog" in (await till.get(f"/clients/{id_}")).html


@pytest.mark.feature("B7.2")
async def test_what_is_done_is_done_for_every_till_and_can_be_undone(counter: Counter) -> None:
    id_ = await sophie(counter)
    note = next(one for one in (await counter.desks.lookup.customer(_id(id_))).notes if one.show_at_till)
    async with open_till(counter) as till:
        page = await till.post(f"/clients/{id_}/notes/{note.id}/fait", at=f"/caisse/clients/{id_}")
        assert "alertdialog" not in page.html
        assert "C’est fait, pour toutes les caisses." in page.text
        await till.post(f"/clients/{id_}/notes/{note.id}/rouvrir")
        assert "alertdialog" in (await till.get(f"/clients/{id_}")).html


async def test_a_block_is_told_in_red_and_lifted_by_who_may(counter: Counter) -> None:
    from daemon.desk.edit import CustomerEdit

    id_ = await known(counter, last_name="Morel")
    blocked = CustomerEdit(blocked=True, blocked_reason="impayé")
    await counter.desks.edits.edit(counter.call(), _id(id_), blocked, present=frozenset({"blocked"}), version="")
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        assert "Ce client est bloqué impayé" in page.text
        assert "Débloquer" not in page.text
        assert "Votre rôle ne le permet pas." in (await till.post(f"/clients/{id_}/debloquer")).text
    async with open_till(counter, role=Role.MANAGER) as till:
        assert "Débloquer Morel" in (await till.get(f"/clients/{id_}")).text
        assert "alertdialog" not in (await till.post(f"/clients/{id_}/debloquer", at=f"/caisse/clients/{id_}")).html


async def test_whoever_was_served_last_stands_ready_without_a_whole_name(counter: Counter) -> None:
    paul = await known(counter, first_name="Paul", last_name="Morel")
    async with open_till(counter) as till:
        await till.post("/vente", customer=paul)
        await till.post("/vente/retirer")
        page = await till.get()
        assert "Derniers clients Paul M." in page.text
        assert "Morel" not in page.text


async def test_who_may_only_watch_sees_no_customer(counter: Counter) -> None:
    async with open_till(counter, role=Role.MONITOR) as till:
        page = await till.get()
        assert (page.status, page.screen) == (403, "problem")
        assert "Votre rôle ne le permet pas." in page.text


def _id(text: str) -> EntityId:
    return EntityId(bytes.fromhex(text))
