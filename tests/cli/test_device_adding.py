"""`comptoir devices add`: by options, and by questions on a terminal."""

import os
import pty
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from daemon.cli.device_adding import OUTPUT_DRIVERS, section
from daemon.cli.words import sentence, speak
from daemon.config import load_till
from daemon.drivers.catalogue import READERS
from tests.fakes.comptoir import Comptoir
from tests.fakes.head_office import Site, till_in


@pytest.fixture
def till(tmp_path: Path) -> Site:
    return till_in(tmp_path)


async def test_a_reader_is_written_down_by_options_and_nothing_else_changes(till: Site) -> None:
    before = till.config.read_text()
    till.config.chmod(0o640)
    options = ("--kind", "rdm6300", "--name", "badges", "--address", "/dev/serial/by-id/usb-tags")
    more = ("--set", "number=label", "--set", "baud=19200")
    told = await till.comptoir("devices", "add", "--config", till.config, *options, *more)
    assert told.code == 0, told.err
    assert till.config.read_text().startswith(before)
    assert till.config.stat().st_mode & 0o777 == 0o640
    [reader] = load_till(till.config).reader
    assert (reader.kind, reader.name) == ("rdm6300", "badges")
    assert (reader.settings.path, reader.settings.number, reader.settings.baud) == (
        "/dev/serial/by-id/usb-tags",
        "label",
        19_200,
    )
    assert told.out == till.config.read_text()[len(before) :].lstrip(), "what was written, line by line"
    assert "sudo systemctl restart comptoir-till" in told.err


async def test_a_pcsc_reader_is_written_down_by_its_name(till: Site) -> None:
    options = ("--kind", "pcsc", "--name", "nfc", "--address", "ACS ACR122U")
    told = await till.comptoir("devices", "add", "--config", till.config, *options, "--json")
    assert told.json == {"device": "nfc", "kind": "pcsc", "config": str(till.config)}
    assert load_till(till.config).reader[0].settings.reader == "ACS ACR122U"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--kind", "rdm6300", "--name", "x", "--address", "ttyUSB0"), "path: the path of the port starts with /"),
        (("--kind", "rdm6300", "--name", "x", "--address", "/dev/x", "--set", "bauds=1"), "did you mean baud?"),
        (("--kind", "rdm6300", "--name", "x", "--address", "/dev/x", "--set", "baud"), "write KEY=VALUE"),
        (("--kind", "telepathy", "--name", "x", "--address", "/dev/x"), "no driver is called telepathy"),
        (("--kind", "rdm6300", "--address", "/dev/x"), "--name is needed where nobody answers questions"),
        ((), "--kind is needed where nobody answers questions"),
    ],
)
async def test_what_the_till_would_not_start_with_is_not_written(
    till: Site, options: tuple[str, ...], said: str
) -> None:
    before = till.config.read_text()
    told = await till.comptoir("devices", "add", "--config", till.config, *options)
    assert told.code != 0
    assert said in told.err
    assert till.config.read_text() == before
    assert sorted(path.name for path in till.config.parent.glob(".*")) == []


@pytest.mark.feature("D7.2")
def test_somebody_who_answers_is_asked_for_what_is_missing_and_for_a_card(till: Site, tmp_path: Path) -> None:
    """On a terminal: no device there, so it is asked whether to write it down all the same."""
    near, far = pty.openpty()
    words = ("devices", "add", "--config", str(till.config), "--address", str(tmp_path / "tags"), "--seconds", "1")
    facts = tmp_path / "site" / "broken-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[comptoir.printers]\nbroken = no_such_module\n")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "daemon", *words],
        stdin=far,
        stdout=far,
        stderr=far,
        env=Comptoir().in_french().surroundings(TERM="xterm", PYTHONPATH=str(tmp_path / "site")),
        close_fds=True,
    )
    os.close(far)
    said = ""

    def until(text: str) -> None:
        nonlocal said
        while text not in said:
            said += os.read(near, 4096).decode()

    for question, answer in (("Type (", "rdm6300"), ("Nom", "badges"), ("L’inscrire quand même", "oui")):
        until(question)
        os.write(near, f"{answer}\n".encode())
    until("sudo systemctl restart comptoir-till")
    assert process.wait(20) == 0
    os.close(near)
    assert "rien n’est branché à" in said
    assert "le pilote broken ne peut pas être chargé (ModuleNotFoundError dans no_such_module)" in said
    assert "rdm6300 : essayé sur des pseudo-terminaux à 9600 bauds, avec les trames de tests/captures/" in said
    assert [reader.name for reader in load_till(till.config).reader] == ["badges"]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("/dev/usb/lp0", "usb:///dev/usb/lp0"),
        ("/dev/serial/by-id/usb-epson", "serial:///dev/serial/by-id/usb-epson"),
        ("tcp://10.0.0.9:9100", "tcp://10.0.0.9:9100"),
    ],
)
async def test_a_printer_is_written_down_by_its_way(till: Site, address: str, written: str) -> None:
    options = ("--kind", "escpos", "--name", "tickets", "--address", address, "--set", "width=58")
    told = await till.comptoir("devices", "add", "--config", till.config, *options, "--set", "drawer=true")
    assert told.code == 0, told.err
    [printer] = load_till(till.config).printer
    assert (printer.name, printer.address, printer.width, printer.drawer) == ("tickets", written, 58, True)
    assert "comptoir devices try tickets" in told.err


async def test_a_display_is_written_down_and_one_that_cannot_be_reached_so_is_not(till: Site) -> None:
    options = ("--kind", "cd5220", "--name", "client")
    told = await till.comptoir("devices", "add", "--config", till.config, *options, "--address", "/dev/ttyS1")
    assert told.code == 0, told.err
    assert [one.address for one in load_till(till.config).display] == ["serial:///dev/ttyS1"]
    wrong = ("--kind", "zpl", "--name", "cartes", "--address", "ipp://10.0.0.9/printers/x")
    refused = await till.comptoir("devices", "add", "--config", till.config, *wrong)
    assert refused.code != 0
    assert "is reached by tcp:// or serial:// or usb://" in refused.err
    assert load_till(till.config).printer == ()


@pytest.mark.parametrize(("kind", "module"), [*READERS.items(), *OUTPUT_DRIVERS.items()])
def test_each_driver_says_on_what_it_was_tried_in_english_and_in_french(kind: str, module: str) -> None:
    rig = str(import_module(module).TRIED_ON)
    assert rig.strip(), kind
    speak("fr")
    try:
        assert sentence(rig) != rig, "write it into daemon/cli/locale/errors.fr.po"
    finally:
        speak("en")


def test_a_section_is_written_as_toml() -> None:
    text = section("wiegand", {"name": 'La "porte"', "baud": 9600, "check": True, "card_prefixes": ["29", "25"]})
    assert text == (
        '\n[[reader]]\nkind = "wiegand"\nname = "La \\"porte\\""\nbaud = 9600\ncheck = true\n'
        'card_prefixes = ["29", "25"]\n'
    )
