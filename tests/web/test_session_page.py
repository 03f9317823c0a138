"""Logging in and out on a page, by PIN and by badge."""

import asyncio
import json

import pytest

from daemon.domain.code import ScannedCode
from daemon.domain.role import Role
from daemon.web import session_page
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PIN, PageReader, open_pages
from tests.fakes.people import CARD, sophie


async def test_nobody_sees_anything_before_the_log_in(counter: Counter) -> None:
    id_ = await sophie(counter)
    await counter.hire("Léa", pin=PIN)
    async with open_pages(counter) as till:
        for path in ("", "/clients", f"/clients/{id_}", f"/clients/{id_}/modifier", f"/clients/{id_}/apercu", "/etat"):
            page = await till.get(path, q="soph")
            assert (page.screen, "Léa" in page.text, "Lefèvre" in page.text) == ("log_in", True, False)
        assert (await till.post("/vente", customer=id_)).status == 401


@pytest.mark.feature("F2.1")
async def test_a_name_and_a_pin_lead_to_the_page_that_was_asked_for(counter: Counter) -> None:
    id_, lea = await sophie(counter), await counter.hire("Léa", pin=PIN)
    async with open_pages(counter) as till:
        asked = await till.get(f"/clients/{id_}")
        page = await till.log_in(lea, onward=asked.form("/caisse/session")["onward"])
        assert (page.screen, page.address) == ("record", f"/caisse/clients/{id_}")
        cookie = next(iter(till.session.cookie_jar))
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
        out = await till.post("/session/fin")
        assert (out.screen, (await till.get(f"/clients/{id_}")).screen) == ("log_in", "log_in")


async def test_a_wrong_pin_is_said_beside_it_and_the_name_stays_chosen(counter: Counter) -> None:
    lea = await counter.hire("Léa", pin=PIN)
    await counter.hire("Yann", pin=PIN)
    async with open_pages(counter) as till:
        page = await till.log_in(lea, "9999")
        assert (page.status, page.screen) == (401, "log_in")
        assert "Ce nom et ce code ne vont pas ensemble." in page.text
        assert page.form("/caisse/session").get("pin", "") == ""
        assert f'value="{lea}" required checked' in page.html
        for _ in range(3):
            page = await till.log_in(lea, "9999")
        assert "Trop d’essais : réessayez dans 2 s." in page.text
        assert (await till.post("/session", pin=PIN)).status == 401


async def test_a_log_in_never_leads_to_another_site(counter: Counter) -> None:
    lea = await counter.hire("Léa", pin=PIN)
    async with open_pages(counter) as till:
        for onward in (
            "https://example.org/caisse",
            "//example.org/caisse",
            "/caissette",
            "javascript:alert(1)",
            "/caisse\nX: y",
        ):
            assert (await till.log_in(lea, onward=onward)).address == "/caisse"


async def test_after_the_log_in_comes_the_page_on_which_a_change_was_wanted(counter: Counter) -> None:
    id_ = await sophie(counter)
    await counter.hire("Léa", pin=PIN)
    async with open_pages(counter) as till:
        page = await till.post("/vente", customer=id_, at=f"/caisse/clients/{id_}", onward="/caisse/etat")
        assert page.form("/caisse/session")["onward"] == f"/caisse/clients/{id_}"


async def test_the_next_operator_ends_the_session_of_the_one_before(counter: Counter) -> None:
    lea, yann = await counter.hire("Léa", pin=PIN), await counter.hire("Yann", pin=PIN)
    async with open_pages(counter) as till:
        await till.log_in(lea)
        cookie = next(iter(till.session.cookie_jar))
        assert "Yann" in (await till.log_in(yann)).text
        till.session.cookie_jar.clear()
        till.session.cookie_jar.update_cookies({cookie.key: cookie.value})
        assert (await till.get()).screen == "log_in"


async def heard(till: PageReader, lines: list[str]) -> None:
    async with till.session.get(till.served.url + "/caisse/lecteur") as response:
        lines.extend([line.decode().strip() async for line in response.content])


@pytest.mark.feature("A4.1")
async def test_a_scanned_badge_logs_in_and_no_other_scan_is_told_before(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_page, "LISTENING_S", 0.6)
    await sophie(counter)
    await counter.hire("Léa", badge="OP-1", role=Role.CASHIER)
    async with open_pages(counter) as till:
        lines: list[str] = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(heard(till, lines))
            await asyncio.sleep(0.2)
            for code in (CARD, "unknown", "OP-1"):
                await counter.desks.scans.scanned(ScannedCode(text=code, symbology=None), device="d")
        (told,) = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        assert (told["outcome"], told["operator"]) == ("operator", "Léa")
        page = await till.post("/session", ticket=told["ticket"], onward="/caisse")
        assert (page.screen, "Léa" in page.text) == ("ready", True)
        assert (await till.post("/session", ticket=told["ticket"])).status == 401, "a ticket serves once"


@pytest.mark.feature("F1.3")
async def test_the_language_can_be_chosen_and_stays(counter: Counter) -> None:
    lea = await counter.hire("Léa", pin=PIN)
    async with open_pages(counter) as till:
        assert "Qui est en caisse ?" in (await till.get()).text
        assert "Who is at the till?" in (await till.get("", lang="en")).text
        page = await till.log_in(lea)
        assert "Scan a card or search for a customer" in page.text
        assert 'lang="en"' in page.html
        assert "Scannez une carte" in (await till.get("", lang="fr")).text
        assert (await till.get("", lang="xx")).screen == "ready"


async def test_a_till_without_operators_says_what_to_do(counter: Counter) -> None:
    async with open_pages(counter) as till:
        assert "Aucun opérateur n’existe encore" in (await till.get()).text
