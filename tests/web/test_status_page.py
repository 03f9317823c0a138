"""How the till stands, and the settings of its screen."""

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain.clock_doubt import ClockDoubt
from daemon.web.page_problem import messages
from daemon.web.parts import DeviceShown
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till


async def test_settings_hold_for_this_screen_from_the_next_page_on(counter: Counter) -> None:
    await counter.choose_walk_in()
    async with open_till(counter) as till:
        assert "data-contrast" not in (await till.get("/reglages")).html
        kept = await till.post("/reglages", lang="en", contrast="high", lock="300")
        assert 'data-contrast="high"' in kept.html
        assert 'data-lock="300"' in kept.html
        assert "Settings of this screen" in kept.text
        assert 'lang="en"' in (await till.get()).html
        nonsense = await till.post("/reglages", lang="xx", contrast="purple", lock="7")
        assert 'data-lock="0"' in nonsense.html
        assert "data-contrast" not in nonsense.html
        assert 'lang="fr"' in nonsense.html


async def test_the_status_says_who_is_at_work_and_which_program(counter: Counter) -> None:
    await counter.choose_walk_in()
    async with open_till(counter) as till:
        page = await till.get("/etat")
        assert "À cette caisse Nolwenn Programme Comptoir test · caisse 12" in page.text
        assert "Head office cannot be reached: the line is cut." in messages()


@pytest.mark.feature("D5.1")
async def test_a_reader_at_fault_is_told_above_every_screen_and_what_helps_on_the_status(counter: Counter) -> None:
    await counter.choose_walk_in()
    faults = ["nothing is plugged in at /dev/serial/by-id/usb-scanner"]

    def devices() -> list[DeviceShown]:
        said = faults[0] if faults else ""
        state = "absent" if faults else "up"
        return [
            DeviceShown(device="douchette", state=state, detail=said, last_read_at=None, bad_frames=0, reconnects=1)
        ]

    async with open_till(counter, devices=devices) as till:
        assert "Lecteur douchette à l’arrêt" in (await till.get()).text
        told = (await till.get("/etat")).text
        assert "Branchez-le" in told
        assert "rien ne se trouve à /dev/serial/by-id/usb-scanner." in told
        faults.clear()
        assert "à l’arrêt" not in (await till.get()).text
        assert "revenu 1 fois" in (await till.get("/etat")).text


@pytest.mark.feature("E5.1")
async def test_a_wrong_clock_stands_above_every_screen_and_the_status_says_what_helps(counter: Counter) -> None:
    await counter.choose_walk_in()
    doubts: list[ClockDoubt | None] = [ClockDoubt(kind="behind", ms=11_100_000)]
    async with open_till(counter, clock_doubt=lambda: doubts[0]) as till:
        assert "Horloge en retard de 3 h 05" in (await till.get()).text
        told = (await till.get("/etat")).text
        assert "Appelez l’assistance pour la régler." in told
        doubts[0] = ClockDoubt(kind="unconfirmed", ms=2 * 86_400_000)
        assert "Heure non confirmée depuis 2 j" in (await till.get()).text
        assert "Comparez-la à une montre." in (await till.get("/etat")).text
        doubts[0] = None
        assert "Horloge" not in (await till.get("/etat")).text


async def test_the_line_is_tried_at_once_when_somebody_asks(counter: Counter) -> None:
    await counter.choose_walk_in()
    asked: list[None] = []
    link = LinkShown(online=False, since="2025-10-09T08:00:00Z")
    async with open_till(counter, link=lambda: link, retry=lambda: asked.append(None)) as till:
        assert "Réessayer maintenant" in (await till.get("/etat")).text
        assert "La liaison avec le siège est essayée." in (await till.post("/etat/envoi", at="/caisse/etat")).text
    assert len(asked) == 1
