"""The badge on the screens of the till: offered, greyed with the reason, hidden, previewed; a lost card replaced."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.desk.desks import PrintManner
from daemon.domain.badge import Finding, FindingKind, Slot
from daemon.domain.badge_design import BADGE_LAYOUT, BadgeDesign, design_text
from daemon.domain.print_job import Hold, JobState
from tests.fakes.counter import Counter, open_counter
from tests.fakes.page_reader import PageReader, open_till
from tests.fakes.people import CARD, sophie
from tests.fakes.print_room import FakePrintRoom


@dataclass
class Shop:
    counter: Counter
    till: PageReader
    prints: FakePrintRoom
    customer: str

    async def record(self) -> str:
        return (await self.till.get(f"/clients/{self.customer}?section=cards")).html


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    prints = FakePrintRoom()
    async with (
        open_counter(folder, site=13, prints=prints, manner=PrintManner()) as counter,
        open_till(counter) as till,
    ):
        await counter.choose_walk_in()
        yield Shop(counter, till, prints, await sophie(counter))


@pytest.mark.feature("D3.1")
async def test_a_printer_that_cannot_greys_the_button_and_the_page_says_what_helps(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        offered = "Imprimer le badge"
        assert offered in await shop.record()
        assert "rouleau neuf" not in await shop.record()
        shop.prints.holds["counter"] = Hold.PAPER_OUT
        page = await shop.record()
        assert 'disabled title="Mettez un rouleau neuf' in page
        assert offered in page


@pytest.mark.feature("D3.1")
async def test_where_head_office_wants_no_badges_no_screen_offers_any(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        desk = shop.counter.desks.setting_up
        await desk.say_policy(shop.counter.call(), BADGE_LAYOUT, design_text(BadgeDesign(printed=False)))
        page = await shop.record()
        assert "Imprimer le badge" not in page
        assert "Aperçu" not in page
        direct = await shop.till.get(f"/clients/{shop.customer}/badge")
        assert "Le siège ne veut pas que des badges soient imprimés." in direct.text


@pytest.mark.feature("D3.2")
async def test_the_preview_shows_the_badge_and_what_cannot_be_printed_as_asked(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.prints.findings = (Finding(kind=FindingKind.MISSING_GLYPH, slot=Slot.NAME, detail="Ő"),)
        page = await shop.till.get(f"/clients/{shop.customer}/badge")
        assert page.screen == "badge"
        assert f"/caisse/clients/{shop.customer}/badge.png" in page.html
        assert "Lettres que l’imprimante n’a pas, remplacées : Ő" in page.text
        assert "counter : prête" in page.text


@pytest.mark.feature("D3.5")
async def test_a_lost_card_is_replaced_from_the_page_and_its_scan_says_since_when(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        customer = await shop.counter.desks.lookup.customer(bytes.fromhex(shop.customer))  # type: ignore[arg-type]  # an id
        (card,) = customer.cards
        asked = await shop.till.get(f"/clients/{shop.customer}/cartes/{card.id}/remplacer")
        assert "Bloquer et remplacer" in asked.text
        assert shop.prints.requests == []
        done = await shop.till.post(f"/clients/{shop.customer}/cartes/{card.id}/remplacer", key="press")
        await shop.till.post(f"/clients/{shop.customer}/cartes/{card.id}/remplacer", key="press")
        assert "L’ancienne carte est bloquée, la nouvelle est au client. Les points restent." in done.text
        assert len(shop.prints.requests) == 1
        assert shop.prints.faces[0].number != CARD
        refused = await shop.till.post(
            "/lecture", outcome="blocked", reason="lost", since="2025-10-09T09:00:00Z", at="/caisse"
        )
        assert "Elle a été déclarée perdue le 9 octobre." in refused.text
        nonsense = await shop.till.post("/lecture", outcome="blocked", reason="lost", since="<b>", at="/caisse")
        assert "Elle a été déclarée perdue." in nonsense.text


@pytest.mark.feature("D3.1")
async def test_a_badge_that_came_out_is_printed_again_for_a_reason_alone(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.prints.fate = JobState.PRINTED
        where = f"/clients/{shop.customer}/badge"
        assert "Le réimprimer" not in (await shop.till.get(where)).text
        await shop.till.post(where, key="1")
        asked = await shop.till.post(where, key="2")
        assert (asked.screen, len(shop.prints.requests)) == ("badge", 1)
        for words in ("Le réimprimer : pourquoi ?", "Abîmé", "Perdue", "Bloquer et remplacer"):
            assert words in asked.text
        await shop.till.post(where, key="3", duplicata="1")
        assert [one.duplicata for one in shop.prints.requests] == [False, True]
