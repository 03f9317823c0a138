"""The printers of a till's configuration: what its API shows of a badge is what each of them would print."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.config import load_till
from daemon.desk.print_desk import PrintDesk
from daemon.domain.badge_design import BADGE_LAYOUT, BadgeDesign, design_text
from daemon.domain.card_symbol import SymbolWish
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.till.printers import print_manner, printers
from tests.fakes.badges import codes_on
from tests.fakes.counter import Browser, open_browser, open_counter

NUMBER, ODD_NUMBER = "2900042187005", "M-000123"
PRINTERS = """
[[printer]]
name = "wide"
address = "tcp://127.0.0.1:9"
width = 80
[[printer]]
name = "narrow"
address = "usb:///dev/usb/lp9"
width = 58
[[printer]]
name = "slow"
address = "serial:///dev/ttyS9"
variant = "text"
[[printer]]
name = "labels"
kind = "zpl"
address = "tcp://127.0.0.1:9"
dpi = 300
[[printer]]
name = "cards"
kind = "ipp"
address = "ipp://127.0.0.1:9/printers/cards"
[[printer]]
name = "folder"
kind = "pdf"
address = "file:///nowhere/badges"
"""
NAMES = ("wide", "narrow", "slow", "labels", "cards", "folder")


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Browser]:
    path = tmp_path / "till.toml"
    path.write_text(f'[till]\nstate_directory = "{tmp_path}/state"\n{PRINTERS}')
    config = load_till(path)
    async with open_database(tmp_path / "jobs.db") as jobs:
        prints = PrintDesk(printers(config, SystemClock()), StoredPrintJobs(jobs), lambda _: None, SystemClock())
        assert prints.printers == NAMES
        manner = print_manner(config, "Maison Kermarrec")
        async with open_counter(tmp_path, prints=prints, manner=manner) as counter, open_browser(counter) as browser:
            yield browser


async def badge_of(till: Browser, number: str) -> str:
    fields = {"first_name": "Hélène", "last_name": "Lebœuf", "cards": [number]}
    made = (await till.post("/customers", fields)).json["customer"]
    return f"/customers/{made['id']}/badge.png"


@pytest.mark.feature("D3.2", "D3.3")
@pytest.mark.parametrize("printer", NAMES)
async def test_the_preview_of_each_kind_of_printer_can_be_read(till: Browser, printer: str) -> None:
    heard = await till.get(f"{await badge_of(till, NUMBER)}?printer={printer}")
    assert (heard.status, heard.headers["Content-Type"]) == (200, "image/png")
    assert codes_on(heard.raw) == [("EAN13", NUMBER)]


@pytest.mark.feature("D3.2", "D3.3")
@pytest.mark.parametrize("printer", NAMES)
async def test_the_preview_shows_the_design_of_head_office(till: Browser, printer: str) -> None:
    desks, call = till.counter.desks, till.counter.call()
    await desks.setting_up.say_policy(call, BADGE_LAYOUT, design_text(BadgeDesign(symbol=SymbolWish.QR)))
    heard = await till.get(f"{await badge_of(till, ODD_NUMBER)}?printer={printer}")
    assert codes_on(heard.raw) == [("QRCode", ODD_NUMBER)]
