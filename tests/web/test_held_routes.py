"""All that is held on one customer, as JSON and as PDF."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.domain.role import Role
from tests.fakes.counter import Browser, open_browser, open_counter
from tests.web.test_import_routes import imported, table


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_counter(tmp_path) as counter, open_browser(counter) as found:
        yield found


async def somebody(browser: Browser) -> str:
    await imported(
        browser,
        table(
            "Code;Civilité;Nom;Prénom;E-mail;Mobile;Adresse;CP;Ville;Né(e) le;Points;Avoir;Carte;Note;Newsletter;Tags",
            "C-77;Mme;Œuvrard-Łęcka;Hélène;h@example.fr;0612345678;3 rue de l'Église;44000;Nantes;29/02/1984;1 250;"
            "12,50 €;2900001;Aime le bleu — « canard »;oui;vip, couture",
        ),
    )
    (hit,) = (await browser.get("/customers?q=oeuvrard")).json["hits"]
    return str(hit["customer"]["id"])


@pytest.mark.feature("B19.10")
async def test_all_that_is_held_is_told_as_json(browser: Browser) -> None:
    held = (await browser.get(f"/customers/{await somebody(browser)}/held")).json
    assert {one["kind"] for one in held["elements"]} == {"customer", "card", "tag", "note", "credit_note"}
    assert held["customer"]["email"] == "h@example.fr"
    row = next(one for one in held["elements"] if one["kind"] == "customer")
    assert row["fields"]["name"] == ["Hélène", "Œuvrard-Łęcka"]
    assert row["fields"]["consent_newsletter"][3] == "import"
    assert held["sums"] == [{"book": "points", "amount": 1250}, {"book": "credit_note", "amount": 1250}]
    assert [one["fields"]["cause"] for one in held["booked"]] == ["opening", "opening"]
    assert [line["line"] for line in held["imports"]] == [2]


@pytest.mark.feature("B19.10")
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_all_that_is_held_is_told_as_a_pdf_with_its_font_inside(browser: Browser, language: str) -> None:
    told = await browser.get(f"/customers/{await somebody(browser)}/held.pdf?language={language}")
    assert (told.status, told.headers["Content-Type"]) == (200, "application/pdf")
    assert told.raw.startswith(b"%PDF-")
    assert b"/FontFile2" in told.raw


@pytest.mark.needs("pdftotext")
@pytest.mark.feature("B19.10")
async def test_a_reader_of_the_pdf_finds_all_that_is_held(browser: Browser) -> None:
    told = await browser.get(f"/customers/{await somebody(browser)}/held.pdf?language=fr")
    command = ["pdftotext", "-layout", "-", "-"]
    read = await asyncio.to_thread(subprocess.run, command, input=told.raw, capture_output=True, check=True)
    text = " ".join(read.stdout.decode().split())
    # The font of the document has no ę: the letter loses its accent.
    written = ("Hélène", "Œuvrard-Łecka", "h@example.fr", "3 rue de l'Église", "44000", "Nantes", "2900001", "couture")
    assert [word for word in (*written, "Aime le bleu — « canard »", "C-77") if word not in text] == []


async def test_who_may_not_and_what_is_not(browser: Browser) -> None:
    id_ = await somebody(browser)
    assert (await browser.get(f"/customers/{id_}/held.pdf?language=br")).status == 422
    assert (await browser.get("/customers/0000000000000000/held")).status == 404
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await browser.get(f"/customers/{id_}/held")).status == 403
