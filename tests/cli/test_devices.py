"""`comptoir devices`: configured, present, and what the till says."""

import asyncio
import fcntl
import os
import re
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import devices as room
from daemon.cli.devices import addresses, configured, is_wrong
from daemon.domain.print_job import Hold
from daemon.errors import OperatorMistake
from daemon.web.parts import DeviceShown
from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.head_office import Site, till_in
from tests.fakes.print_room import FakePrintRoom

READER = '[[reader]]\nname = "scanner"\nkind = "serial-scanner"\npath = "{path}"\n'
PRINTERS = (
    '[[printer]]\nname = "badges"\naddress = "tcp://192.168.1.50:9100"\n'
    '[[printer]]\nname = "ruban"\naddress = "serial://{path}"\n'
)


def with_devices(folder: Path, **paths: Path) -> Site:
    till = till_in(folder)
    text = READER.format(path=paths["reader"]) + PRINTERS.format(path=paths["printer"])
    till.config.write_text(till.config.read_text() + text)
    return till


async def test_what_is_missing_is_told_and_ends_with_one(tmp_path: Path) -> None:
    there, absent = tmp_path / "ttyX", tmp_path / "none"
    there.touch()
    till = with_devices(tmp_path, reader=there, printer=absent)
    told = await till.comptoir.in_french()("devices", "--config", till.config)
    assert told.code == 1
    assert told.err == "La caisse ne tourne pas\u00a0: voici ce que voit la machine seule.\n"
    lines = [line.split("  ") for line in told.out.splitlines()[:4]]
    assert [words[0] for words in lines] == ["Nom", "scanner", "badges", "ruban"]
    assert [words[-1].strip() for words in lines[1:]] == ["branché", "—", "débranché"]
    as_json = await till.comptoir("devices", "--config", till.config, "--json")
    assert [device["present"] for device in as_json.json["devices"]] == [True, None, False]
    assert set(as_json.json["devices"][0]) == {
        *("name", "role", "kind", "address", "present", "state", "detail", "last_read_at"),
    }


async def test_a_running_till_says_how_its_printers_are_and_what_helps(tmp_path: Path) -> None:
    there = tmp_path / "ttyX"
    there.touch()
    till = with_devices(tmp_path, reader=there, printer=there)
    till.state.mkdir()
    prints = FakePrintRoom(printers=("badges", "ruban"), holds={"ruban": Hold.PAPER_OUT})
    async with open_till(till.state, prints=prints):
        told = await till.comptoir.in_french()("devices", "--config", till.config)
    assert told.code == 1, "a printer needs somebody"
    assert "Mettez un rouleau neuf et fermez le capot" in told.out
    assert "marche" in next(line for line in told.out.splitlines() if line.startswith("badges"))


async def test_a_running_till_says_how_its_readers_are(tmp_path: Path) -> None:
    there = tmp_path / "ttyX"
    there.touch()
    till = with_devices(tmp_path, reader=there, printer=there)
    till.state.mkdir()
    state = DeviceShown(
        device="scanner",
        state="error",
        detail="it is in use by another program",
        last_read_at="2025-11-21T20:14:00Z",
        bad_frames=0,
        reconnects=0,
    )
    async with open_till(till.state, devices=lambda: [state]):
        told = await till.comptoir("devices", "--config", till.config)
        assert told.code == 1
        row = next(line for line in told.out.splitlines() if line.startswith("scanner"))
        assert "does not work" in row
        assert row.endswith("14")
        assert told.out.splitlines()[-1] == "scanner: it is in use by another program"


FAULTS = (
    ("scanner", "absent", "nothing is plugged in at /dev/serial/by-id/usb-Datalogic_ADC_QuickScan_12345-if00"),
    ("nfc", "error", "pcscd does not run: apt-get install pcscd, then systemctl start pcscd.socket"),
)


async def test_on_a_screen_of_80_columns_names_stand_whole_and_what_is_wrong_is_told_in_whole_sentences(
    tmp_path: Path,
) -> None:
    till = till_in(tmp_path)
    link = "/dev/serial/by-id/usb-Datalogic_ADC_QuickScan_12345-if00"
    sections = READER.format(path=link) + '[[reader]]\nname = "nfc"\nkind = "pcsc"\nreader = "ACS ACR122U"\n'
    till.config.write_text(till.config.read_text() + sections)
    till.state.mkdir()
    shown = [
        DeviceShown(device=name, state=state, detail=detail, last_read_at=None, bad_frames=0, reconnects=0)
        for name, state, detail in FAULTS
    ]
    async with open_till(till.state, devices=lambda: shown):
        told = await on_a_screen(till, 80)
    plain = re.sub(r"\x1b\[\d*m", "", told).splitlines()
    assert max(map(len, plain[:3])) <= 80
    assert plain[1].startswith("scanner  lecteur serial-scanner  ")
    assert plain[1].endswith("débranché")
    assert plain[2].split("  ")[-1].strip() == "en panne"
    assert f"scanner\u00a0: rien n’est branché à {link}" in plain
    assert "nfc\u00a0: pcscd ne tourne pas\u00a0: apt-get install pcscd, puis systemctl start pcscd.socket" in plain


async def on_a_screen(till: Site, columns: int) -> str:
    """What `comptoir devices` writes where somebody looks, in French."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "daemon", "devices", "--config", str(till.config)),
            stdout=slave,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "fr_FR.UTF-8", "TERM": "xterm"},
        )
        await child.wait()
        return os.read(master, 65536).decode().replace("\r\n", "\n")
    finally:
        os.close(slave)
        os.close(master)


async def test_a_till_without_devices_says_so(tmp_path: Path, alone: Comptoir) -> None:
    till = till_in(tmp_path)
    told = await alone("devices", "--config", till.config)
    assert told.code == 0
    assert "No reader and no printer is configured." in told.err


def test_what_the_till_says_counts_with_what_the_machine_sees() -> None:
    def device(**said: Any) -> room.Configured:
        facts: Mapping[str, Any] = {"name": "x", "role": "reader", "kind": "k", "address": "a", "present": True}
        return room.Configured(**{**facts, **said})

    assert not is_wrong(device())
    assert is_wrong(device(present=False))
    assert is_wrong(device(state="error"))
    assert not is_wrong(device(present=None, state="up"))


def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorMistake, match="cannot be read"):
        list(configured(tmp_path / "none.toml"))


def test_a_reader_without_a_path_stands_under_what_names_it(tmp_path: Path) -> None:
    config = tmp_path / "till.toml"
    config.write_text(
        '[[reader]]\nname = "nfc"\nkind = "pcsc"\nreader = "ACS"\n'
        '[[reader]]\nname = "keys"\nkind = "keyboard-scanner"\nuniq = "AA:BB"\n'
    )
    devices = list(configured(config))
    assert [(device.address, device.present) for device in devices] == [("ACS", None), ("AA:BB", None)]
    assert addresses(devices) == {"ACS": "nfc", "AA:BB": "keys"}
