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


async def scan(counter: Counter, *codes: str) -> None:
    for code in codes:
        await counter.desks.scans.scanned(ScannedCode(text=code, symbology=None), device="d")


async def told_while_scanning(till: PageReader, *codes: str) -> list[dict[str, str]]:
    """The scans of which a page without a session is told."""
    told: list[dict[str, str]] = []

    async def listen() -> None:
        async with till.session.get(till.served.url + "/caisse/lecteur") as response:
            lines = [line.decode().strip() async for line in response.content]
        told.extend(json.loads(line[6:]) for line in lines if line.startswith("data: ") and "outcome" in line)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen())
        await asyncio.sleep(0.2)
        await scan(till.counter, *codes)
    return told


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_page, "LISTENING_S", 0.5)


@pytest.mark.usefixtures("_soon")
@pytest.mark.feature("A4.1")
async def test_a_scanned_badge_logs_in_at_a_known_screen_and_no_other_scan_is_told_before(counter: Counter) -> None:
    await sophie(counter)
    lea = await counter.hire("Léa", pin=PIN, badge="OP-1", role=Role.CASHIER)
    async with open_pages(counter) as till:
        assert "votre badge suffira ensuite sur cet écran" in (await till.get()).text
        await till.log_in(lea)
        assert "Scannez votre badge" in (await till.post("/session/fin")).text
        (told,) = await told_while_scanning(till, CARD, "unknown", "OP-1")
        assert (told["outcome"], told["operator"]) == ("operator", "Léa")
        page = await till.post("/session", badge="", onward="/caisse/etat")
        assert (page.address, "Léa" in page.text) == ("/caisse/etat", True)
        again = await till.post("/session", badge="", onward="/caisse/etat")
        assert (again.address, "Votre badge n’a pas pu vous connecter ici" in again.text) == ("/caisse/etat", True)
        await till.post("/session/fin")
        refused = await till.post("/session", badge="")
        assert (refused.status, refused.screen) == (401, "log_in"), "a scan serves once"


@pytest.mark.usefixtures("_soon")
async def test_who_merely_listens_on_this_machine_gets_no_session_out_of_a_badge(counter: Counter) -> None:
    """A hostile program on the box: it hears nothing, and what it could say without a PIN opens nothing."""
    lea = await counter.hire("Léa", pin=PIN, badge="OP-1")
    async with open_pages(counter) as till:
        assert await told_while_scanning(till, "OP-1") == []
        refused = await till.post("/session", badge="")
        assert (refused.status, refused.screen) == (401, "log_in")
        assert "Connectez-vous cette fois avec votre code" in refused.text
        await till.log_in(lea)
        await till.post("/session/fin")
        (screen,) = [cookie for cookie in till.session.cookie_jar if cookie.key.startswith("comptoir_screen")]
        assert (screen["httponly"], screen["samesite"]) == (True, "Strict")
        id_, made, sealed = screen.value.split(".")
        for forged in (f"{id_}.{int(made) + 1}.{sealed}", f"{'0' * 16}.{made}.{sealed}", f"{id_}.{made}.", "x"):
            till.session.cookie_jar.clear()
            till.session.cookie_jar.update_cookies({screen.key: forged})
            assert await told_while_scanning(till, "OP-1") == []
            assert (await till.post("/session", badge="")).status == 401
        till.session.cookie_jar.clear()
        till.session.cookie_jar.update_cookies({screen.key: screen.value})
        assert len(await told_while_scanning(till, "OP-1")) == 1
        counter.clock.at_ms += 401 * 24 * 3_600_000
        assert await told_while_scanning(till, "OP-1") == [], "a screen where nobody logged in for a year is forgotten"


async def test_a_token_that_hears_of_a_badge_opens_nothing_with_it(counter: Counter) -> None:
    """An application may follow all events: it hears who scanned, while the page before the operator logs them in."""
    lea = await counter.hire("Léa", pin=PIN, badge="OP-1")
    async with open_pages(counter) as till, open_pages(counter) as program:
        await till.log_in(lea)
        token = await counter.token(Role.APPLICATION)
        url, headers = "/api/v1/events", {"Authorization": f"Bearer {token}"}
        async with (
            till.session.get(till.served.url + url) as page,
            program.session.get(program.served.url + url, headers=headers) as heard,
        ):
            await scan(counter, "OP-1")
            while b"event: scan" not in (line := await heard.content.readline()):
                assert line
            data = json.loads((await heard.content.readline()).partition(b": ")[2])
            assert {key for key, value in data.items() if value} == {"outcome", "device", "operator"}
            stolen = await program.post("/session", badge="", operator=lea, ticket="x")
            assert (stolen.status, stolen.screen) == (401, "log_in")
            assert page.status == 200
            assert (await till.post("/session", badge="")).screen == "ready"


async def test_with_two_known_screens_a_badge_logs_in_at_neither(counter: Counter) -> None:
    lea = await counter.hire("Léa", pin=PIN, badge="OP-1")
    async with open_pages(counter) as till, open_pages(counter) as other:
        for page in (till, other):
            await page.log_in(lea)
        url = "/api/v1/events"
        async with till.session.get(till.served.url + url), other.session.get(other.served.url + url):
            await scan(counter, "OP-1")
            for page in (till, other):
                assert "Votre badge n’a pas pu vous connecter ici" in (await page.post("/session", badge="")).text


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
