"""The set-up scan: `comptoir devices add` on a terminal, with a scanner that umockdev invents."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from daemon.config import load_till
from daemon.drivers.key_layouts import LAYOUTS, SET_UP_CODE, LayoutName
from tests.drivers.test_key_framing import keys_of, scanned
from tests.fakes.comptoir import Comptoir
from tests.fakes.head_office import till_in

RIG = Path(__file__).parents[1] / "drivers" / "rigs" / "umockdev_terminal.py"
LINK = "/dev/input/by-id/usb-Acme_Scanner_0042-event-kbd"


def keys(text: str, name: LayoutName) -> str:
    return scanned(keys_of(text, name)).hex()


def on_terminal(config: Path, *steps: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = ("devices", "add", "--config", str(config), "--seconds", "10")
    rig = ["umockdev-wrapper", "/usr/bin/python3", str(RIG), json.dumps(steps)]
    child = [sys.executable, "-P", "-m", "daemon", *words]
    around = Comptoir().in_french().surroundings(TERM="xterm")
    return subprocess.run([*rig, *child], capture_output=True, text=True, check=False, timeout=60, env=around)


@pytest.mark.feature("D1.6", "D7.2")
@pytest.mark.needs("umockdev-wrapper")
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_scan_of_the_set_up_code_writes_the_layout_down_and_a_card_is_read_with_it(
    name: LayoutName, tmp_path: Path
) -> None:
    till = till_in(tmp_path)
    done = on_terminal(
        till.config,
        {"words": "Lequel", "answer": "1"},
        {"words": "Nom", "answer": "douchette"},
        {"words": "az-019.png", "keys": keys(SET_UP_CODE, name)},
        {"words": f"disposition {name}"},
        {"words": "douchette", "keys": keys("M-000123", name)},
        {"words": "sudo systemctl restart comptoir-till"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [reader] = load_till(till.config).reader
    assert (reader.kind, reader.name) == ("keyboard-scanner", "douchette")
    assert (reader.settings.path, reader.settings.layout) == (LINK, name)


@pytest.mark.feature("D1.6")
@pytest.mark.needs("umockdev-wrapper")
def test_a_scan_of_another_code_writes_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    till = till_in(tmp_path)
    before = till.config.read_text()
    done = on_terminal(
        till.config,
        {"words": "Lequel", "answer": "1"},
        {"words": "Nom", "answer": "douchette"},
        {"words": "az-019.png", "keys": keys("AZ-018", "us")},
        {"words": "--set layout=us"},
    )
    assert done.returncode != 0
    assert till.config.read_text() == before


def test_the_sheet_shows_the_set_up_code() -> None:
    [read] = zxingcpp.read_barcodes(Image.open("docs/az-019.png"))
    assert (read.text, read.format) == (SET_UP_CODE, zxingcpp.BarcodeFormat.Code128)
