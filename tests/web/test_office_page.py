"""Head office's pages over real HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from daemon.desk import instant
from daemon.desk.condition import LinkShown
from daemon.domain.role import Role
from daemon.web.parts import MadeCode, TillShown
from tests.fakes.counter import HUB, START_MS, open_counter
from tests.fakes.page_reader import PIN, PageReader, open_pages
from tests.fakes.people import sophie


@dataclass
class FakeRoster:
    """Tills as a test says they are."""

    shown: Sequence[TillShown] = ()

    async def tills(self) -> Sequence[TillShown]:
        return self.shown

    async def add_till(self, shop: int, label: str = "") -> MadeCode:
        raise NotImplementedError

    async def revoke(self, site: int) -> None:
        raise NotImplementedError

    async def unfence(self, site: int) -> None:
        raise NotImplementedError


def till(site: int, **facts: Any) -> TillShown:
    known = {
        "shop": 7,
        "label": f"Nantes {site}",
        "online": True,
        "heard_at": instant.shown(START_MS),
        "version": "0.1.0",
        "clock_ahead_ms": 12,
        "offset": 9,
        "behind": 0,
        "waiting": 0,
    }
    return TillShown(site=site, **{**known, **facts})


SILENT = {"online": False, "version": None, "clock_ahead_ms": None, "offset": None, "behind": None, "waiting": None}


@asynccontextmanager
async def open_office(
    path: Path, *tills: TillShown, role: Role = Role.OFFICE, online: bool = True
) -> AsyncIterator[PageReader]:
    async with open_counter(path, **HUB) as counter:
        jeanne = await counter.hire("Jeanne", pin=PIN, role=role)
        link = LinkShown(online=online)
        async with open_pages(counter, roster=FakeRoster(tills), link=lambda: link) as office:
            await office.log_in(jeanne)
            yield office


@pytest.mark.feature("E6.1")
async def test_the_title_is_a_sentence_and_the_tills_to_look_at_come_first(tmp_path: Path) -> None:
    tills = (till(12), till(13, behind=610, waiting=4), till(14, online=False, behind=3412))
    async with open_office(tmp_path, *tills) as office:
        page = await office.get()
        assert (page.screen, page.attribute("lang")) == ("fleet", "fr")
        assert "1 caisse sur 3 à jour" in page.text
        assert "Nantes 14 est hors ligne" in page.text
        assert "Nantes 13 rattrape son retard." in page.text
        rows = page.html.partition("<tbody>")[2]
        assert rows.index("Nantes 14") < rows.index("Nantes 13") < rows.index("Nantes 12")
        assert "3 412" in page.text


async def test_two_boxes_under_one_number_are_the_first_thing_to_look_at(tmp_path: Path) -> None:
    fenced = till(14, fenced_since=instant.shown(START_MS))
    async with open_office(tmp_path, till(12, online=False), fenced) as office:
        page = await office.get()
        assert "Deux machines se disent Nantes 14" in page.text
        rows = page.html.partition("<tbody>")[2]
        assert rows.index("Nantes 14") < rows.index("Nantes 12")


async def test_what_is_not_known_is_said_to_be_unknown_never_0(tmp_path: Path) -> None:
    async with open_office(tmp_path, till(15, heard_at=None, **SILENT)) as office:
        page = await office.get()
        assert "Nantes 15 ne s’est jamais connectée." in page.text
        assert page.text.count("inconnu") == 9
        assert "Jamais vue" in page.text


async def test_a_wrong_clock_and_a_revoked_till_are_seen(tmp_path: Path) -> None:
    tills = (till(12, clock_ahead_ms=95_000), till(13, revoked=True), till(14, clock_ahead_ms=-7_000))
    async with open_office(tmp_path, *tills) as office:
        page = await office.get()
        assert "Tout est à jour" in page.text
        assert "2 caisses, toutes identiques au siège." in page.text
        for words in ("1 min d’avance", "7 s de retard", "Révoquée"):
            assert words in page.text


async def test_a_chain_without_tills_says_what_to_do(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        page = await office.get()
        assert "Aucune caisse n’est encore enrôlée" in page.text
        assert "comptoir hub add-till" in page.text


async def test_the_broker_that_is_away_is_said_in_the_pill(tmp_path: Path) -> None:
    async with open_office(tmp_path, online=False) as office:
        assert "Messagerie coupée" in (await office.get()).text


async def test_customers_are_found_shown_and_edited_without_a_sale(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        id_ = await sophie(office.counter)
        hits = await office.get("/clients", q="soph")
        assert "Sophie" in hits.text
        assert "data-choose" not in hits.html
        record = await office.get(f"/clients/{id_}")
        assert "s.lefevre@example.org" in record.text
        assert "Choisir pour la vente" not in record.text
        await office.get(f"/clients/{id_}/modifier")
        saved = await office.send(f"/clients/{id_}/modifier", city="Rezé", consent_post="refused")
        assert (saved.screen, "44000 Rezé" in saved.text) == ("record", True)
        assert saved.text.partition("Courrier")[2].strip().startswith("non")


async def test_who_may_not_watch_the_fleet_sees_no_till(tmp_path: Path) -> None:
    async with open_office(tmp_path, till(12), role=Role.CASHIER) as office:
        page = await office.get()
        assert (page.status, "Nantes 12" in page.text) == (403, False)
        assert (await office.get("/clients")).status == 200


@pytest.mark.feature("E6.1")
async def test_a_disk_that_fills_conflicts_and_the_last_proof_of_each_copy_are_seen(tmp_path: Path) -> None:
    told = {"proved_at": instant.shown(START_MS), "conflicts": 0, "otherwise": 0, "disk_free_bytes": 30 * 10**9}
    short = {**told, "conflicts": 2, "otherwise": 5, "disk_free_bytes": 700 * 10**6}
    async with open_office(tmp_path, till(12, **told), till(13, **short)) as office:
        page = await office.get()
        assert "Nantes 13 n’a presque plus de place sur son disque : 700 Mo libres." in page.text.replace("\u00a0", " ")
        well, odd = (page.html.partition(f'id="till-{site}"')[2].partition("</tr>")[0] for site in (12, 13))
        assert "30\u00a0Go" in well
        assert well.count("à l’instant") == 2, "heard, and compared"
        assert "warn" not in well
        assert "5 lignes différaient" in odd
        assert '<span class="warn">2</span>' in odd
