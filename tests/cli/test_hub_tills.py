"""From `hub init` to a withdrawn till, with the processes that the command line itself starts."""

import re
from pathlib import Path

import pytest

from daemon.cli.hub_tills import _row
from daemon.cli.terminal import Cell
from tests.fakes.head_office import hub_in, running, till_in


@pytest.mark.feature("E6.2", "F3.2")
async def test_a_chain_is_founded_a_till_joins_and_is_withdrawn(tmp_path: Path) -> None:
    hub, till = hub_in(tmp_path), till_in(tmp_path)
    comptoir, config = hub.comptoir, ("--config", hub.config)
    founded = await comptoir("hub", "init", "--chain", "essai", *config)
    assert (founded.code, founded.err.splitlines()[0]) == (0, f"The chain essai is founded in {hub.state}.")
    async with running(hub, "hub"):
        empty = await comptoir("hub", "tills", *config)
        assert (empty.code, empty.out, empty.err) == (0, "", "No till yet: comptoir hub add-till SHOP\n")
        nameless = await comptoir("hub", "add-till", "2", *config)
        assert nameless.err.splitlines()[-1] == "Shop 2 has no name yet: comptoir hub shop add 2 NAME"
        assert (await comptoir("hub", "shop", "add", "1", "Nantes Crébillon", *config)).code == 0
        shops = await comptoir("hub", "shop", "list", *config)
        assert shops.out.splitlines() == ["Shop  Name", "   1  Nantes Crébillon"]

        made = await comptoir("hub", "add-till", "1", "--label", "Caisse 2", *config)
        code = made.out.strip()
        assert re.fullmatch(r"([A-Z2-7]{4}-){7}[A-Z2-7]{4}", code)
        assert f"  sudo comptoir till enrol {code} --hub {hub.enrol}" in made.err.splitlines()
        assert "For one new till of shop 1 Nantes Crébillon, until " in made.err

        enrolled = await comptoir("till", "enrol", code, "--hub", hub.enrol, "--config", till.config)
        assert enrolled.err.splitlines()[0] == "Enrolled: till 2 of shop 1, chain essai."
        again = await comptoir("till", "enrol", code.lower(), "--hub", hub.enrol, "--config", till.config, "--json")
        assert (again.code, again.json["site"]) == (0, 2)

        tills = await comptoir("hub", "tills", *config)
        title, row = tills.out.splitlines()
        assert title.split() == ["Till", "Label", "Shop", "State", "Heard"]
        assert row == "   2  Caisse 2  1 Nantes Crébillon  offline  never"
        assert tills.err == "1 till · 0 online\n"

        lifted = await comptoir("hub", "unfence", "2", *config)
        assert (lifted.code, lifted.err) == (0, "Till 2 is not fenced any more; it hears so at once.\n")
        assert (await comptoir("hub", "unfence", "2", "--json", *config)).json == {"site": 2, "fenced": False}
        assert (await comptoir("hub", "unfence", "9", *config)).code == 4

        unsure = await comptoir("hub", "revoke", "2", *config)
        assert (unsure.code, unsure.err) == (1, "comptoir: nothing was done: answer yes, or give --yes\n")
        gone = await comptoir("hub", "revoke", "2", "--yes", *config)
        assert gone.err == "Till 2 is withdrawn: the broker cuts it off within seconds.\n"
        twice = await comptoir("hub", "revoke", "2", "--json", *config)
        assert twice.json == {"site": 2, "revoked": True, "was_revoked": True}
        assert "user 2" not in (tmp_path / "broker" / "access").read_text()
        shown = (await comptoir("hub", "tills", "--json", *config)).json
        assert (shown[0]["revoked"], shown[0]["label"]) == (True, "Caisse 2")
        assert (await comptoir("hub", "revoke", "9", "--yes", *config)).code == 4


async def test_a_shop_needs_a_number_and_a_name(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    config = ("--config", hub.config)
    await hub.comptoir("hub", "init", "--chain", "essai", *config)
    async with running(hub, "hub"):
        refused = await hub.comptoir("hub", "add-till", "0", *config)
        assert (refused.code, refused.err) == (1, "comptoir: shop: a shop has a number from 1 to 65535\n")
        french = await hub.comptoir.in_french()("hub", "shop", "add", "1", " ", *config)
        assert french.err == "comptoir: libellé\u00a0: la boutique n’a pas de nom\n"
        long = await hub.comptoir("hub", "add-till", "1", "--label", "x" * 61, *config)
        assert long.err == "comptoir: label: at most 60 visible characters\n"


async def test_a_command_of_head_office_does_not_speak_to_a_till(tmp_path: Path) -> None:
    till = till_in(tmp_path)
    refused = await till.comptoir("hub", "tills", "--config", till.config)
    assert refused.code == 1
    assert refused.err == (
        f"comptoir: this command speaks to head office, {till.config} configures none: give --config FILE\n"
    )


def test_a_row_tells_what_is_late_what_waits_and_whose_clock_is_off() -> None:
    till = {
        "site": 4,
        "shop": 1,
        "label": "Caisse 4",
        "online": True,
        "revoked": False,
        "heard_at": "2025-11-21T20:14:00Z",
        "version": "0.1.0",
        "clock_ahead_ms": -90_400,
        "offset": 10,
        "behind": 1_234,
        "waiting": 3,
        "certificate_until": "2026-01-30T12:00:00Z",
    }
    cells = [
        cell if isinstance(cell, Cell) else Cell(text=cell) for cell in _row(till, {1: "Nantes"}, 1_763_756_050_000)
    ]
    assert [cell.text for cell in cells] == [
        *("4", "Caisse 4", "1 Nantes", "online", "10 s ago"),
        *("3 (10 s ago)", "1,234 (10 s ago)", "", "", "", "", "-90 s", "0.1.0", "until 2026-01-30"),
    ]
    assert [cell.style for cell in cells[3:7]] == ["green", None, "yellow", "yellow"]
    assert cells[11].style == "yellow"
    gone = _row({**till, "revoked": True, "clock_ahead_ms": 100, "waiting": 0}, {}, 1_763_756_050_000)
    assert gone[3] == Cell(text="withdrawn", style="dim")
    assert gone[11] == Cell(text="±0 s")
    assert gone[5] == Cell(text="0")
    assert gone[13] == Cell(text="")
    fresh = _row({**till, "certificate_until": "2027-01-30T12:00:00Z", "heard_at": None}, {}, 1_763_756_050_000)
    assert _row({**till, "fenced_since": "2025-11-21T20:14:00Z"}, {}, 0)[3] == Cell(text="two boxes!", style="red")
    assert (fresh[6], fresh[13]) == (Cell(text="1,234", style="yellow"), Cell(text=""))


def test_a_row_tells_when_the_copy_was_proved_what_is_unsettled_and_how_full_the_disk_is() -> None:
    till = {
        "site": 4,
        "shop": 1,
        "label": "Caisse 4",
        "online": True,
        "revoked": False,
        "heard_at": None,
        "version": None,
        "clock_ahead_ms": None,
        "behind": 0,
        "waiting": 0,
    }

    def told(**facts: object) -> list[str | Cell]:
        return _row({**till, **facts}, {}, 1_763_756_050_000)[7:10]

    well = told(proved_at="2025-11-21T20:14:00Z", conflicts=0, otherwise=0, disk_free_bytes=12 * 1024**3)
    assert well == [Cell(text="10 s ago"), Cell(text="0"), Cell(text="12 GiB")]
    odd = told(proved_at="2025-11-21T20:14:00Z", conflicts=1_000, otherwise=2, disk_free_bytes=1024**3 - 1)
    assert odd == [
        Cell(text="10 s ago (2 rows otherwise)", style="yellow"),
        Cell(text="1,000+", style="yellow"),
        Cell(text="1,023 MiB", style="yellow"),
    ]
    fresh = told(proved_at=None, conflicts=0, otherwise=0, disk_free_bytes=10 * 1024**2)
    assert fresh == [Cell(text="never", style="yellow"), Cell(text="0"), Cell(text="10 MiB", style="red")]
    assert told() == [Cell(text="")] * 3, "a till of an earlier version tells nothing of it"
