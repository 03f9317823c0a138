"""A whole till on a machine without devices: a simulated reader, a printer that is a folder, and the command line."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.badges import codes_on
from tests.fakes.head_office import copied_chain, found_chain
from tests.system.processes import Api, Daemon, comptoir, until

CARD = "2900042187005"
TEST_NUMBER = "2912345678906"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Daemon]:
    made, here, paper = (tmp_path / name for name in ("made", "here", "paper"))
    for folder in (made, here, paper):
        folder.mkdir()
    found_chain(made)
    _, site = copied_chain(made, here)
    devices = (
        f'[[reader]]\nkind = "simulated"\nname = "cards"\ncards = ["{CARD}"]\n'
        f'[[printer]]\nkind = "pdf"\nname = "paper"\naddress = "file://{paper}"\n'
    )
    site.config.write_text(site.config.read_text() + devices)
    one = Daemon("till", site.config, tmp_path / "log", Api(site.state / "comptoir.sock"))
    one.start()
    yield one
    one.stop()


def said(till: Daemon, *words: str) -> str:
    return comptoir(*words, "--config", str(till.config), LC_ALL="en_GB.UTF-8")


def pages(till: Daemon) -> list[Path]:
    return sorted((till.config.parents[1] / "paper").glob("*.pdf"))


def drawn(page: Path) -> bytes:
    command = ["pdftoppm", "-png", "-r", "300", "-singlefile", str(page)]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.feature("D8.1", "D2.4", "D7.2")
@pytest.mark.needs("pdftoppm")
def test_a_card_is_tapped_and_its_badge_and_a_test_page_come_out_as_files(till: Daemon) -> None:
    customer = till.api.post("/customers", {"first_name": "Hélène", "last_name": "Lebœuf", "cards": [CARD]})["customer"]
    assert "Hélène" in said(till, "card", "tap", CARD)
    assert {one["device"]: one["state"] for one in till.api.get("/devices")} == {"cards": "up", "paper": "up"}
    assert all(name in said(till, "devices") for name in ("cards", "paper"))

    till.api.post(f"/customers/{customer['id']}/badge", {})
    [badge] = until(lambda: pages(till), "the badge")
    assert codes_on(drawn(badge)) == [("EAN13", CARD)]

    said(till, "devices", "try", "paper")
    [tried] = set(pages(till)) - {badge}
    assert codes_on(drawn(tried)) == [("EAN13", TEST_NUMBER)]
