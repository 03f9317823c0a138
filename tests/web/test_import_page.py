"""Head office's screens of imports, over real HTTP."""

from pathlib import Path

import pytest

from daemon.domain.role import Role
from daemon.store.database import Database
from daemon.web.i18n import Words
from daemon.web.report_words import SHAPES, report_sentence
from tests.fakes.counter import HUB, Browser, open_browser, open_counter
from tests.fakes.page_reader import PIN, open_pages
from tests.web.test_import_routes import ended, found, imported, report, table


async def _import(browser: Browser) -> str:
    job = await imported(browser, "own-fr.csv", "name=clients.csv")
    assert (await report(browser, job["id"]))["remarks"]
    return str(job["id"])


@pytest.mark.feature("B19.3", "B19.7")
async def test_an_import_is_listed_read_and_taken_back_on_the_screen(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        id_ = await _import(browser)
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            listed = await office.get("/imports")
            assert (listed.status, listed.screen) == (200, "imports")
            assert "clients.csv C’est fait 6 5 0 1" in listed.text
            page = await office.get(f"/imports/{id_}")
            assert "5 créés · 0 complétés · 0 inchangés · 1 sautées" in page.text
            assert "5 Né(e) le ce mois n’a pas ce jour" in page.text
            await office.post(f"/imports/{id_}/annuler", at=f"/siege/imports/{id_}")
            await ended(browser, id_)
            assert "5 annulés · 0 gardés · 0 refusés" in (await office.get(f"/imports/{id_}")).text


async def test_an_import_that_stands_still_says_so_on_the_screen_and_to_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        id_ = await _import(browser)
        said = "the disk is read-only: reads go on, nothing can be saved in /state"
        monkeypatch.setattr(counter.desks.imports, "_waiting", (bytes.fromhex(id_), said))
        monkeypatch.setattr(Database, "trouble", "the log beside the database grows")
        assert (await browser.get(f"/imports/{id_}")).json["waiting"] == said
        assert (await browser.get("/health")).json["trouble"] == ["the log beside the database grows", said]
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            page = await office.get(f"/imports/{id_}")
            assert "Le disque de cette machine refuse" in page.text


async def test_a_file_that_could_not_be_read_says_why_and_who_may_not_import_sees_nothing(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        job = await imported(browser, table("a;b", "1;2"))
        paul = await counter.hire("Paul", pin=PIN, role=Role.MANAGER)
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            assert "la première ligne ne nomme aucune colonne" in (await office.get(f"/imports/{job['id']}")).text
        async with open_pages(counter) as office:
            await office.log_in(paul)
            assert "/siege/imports" not in (await office.get()).html
            assert (await office.get("/imports")).status == 403


@pytest.mark.feature("B6.2")
async def test_what_a_column_npai_means_is_said_where_the_file_is_chosen(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        raw = table("Nom;Prénom;CP;Ville;E-mail;NPAI", "Lefèvre;Léa;44000;Nantes;lea@example.org;oui")
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            assert "l’adresse est mauvaise" in (await office.get("/imports")).text
            for meant in ("", "address"):
                sent = await office.upload("/imports/fichier", raw, file="clients.csv", npai=meant, key=f"key{meant}")
                job = await ended(browser, sent.address.rpartition("/")[2])
                page = (await office.get(f"/imports/{job['id']}")).text
                assert ("aucune information n’est voulue" in page) == (not meant)
        (one,) = await found(browser, "lefevre")
        assert (one["bad_address"], one["no_information"]) == (True, False)


def test_every_shape_of_a_report_has_its_french() -> None:
    french, english = Words("fr"), Words("en")
    for shape in SHAPES:
        said = shape.replace("{}", "7")
        assert report_sentence(said, french) != said
        assert report_sentence(said, english) == said
