"""What is plugged in, found by the files of the kernel and of udev, and by asking pcscd."""

from pathlib import Path

import pytest

from daemon.cli import device_finding
from daemon.cli.device_finding import Found, found_here
from daemon.drivers import pcsc
from daemon.errors import DeviceFault


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of files: two ports, one with a name that stays; a keyboard; a printer; no pcscd."""
    for folder in ("serial", "input", "usb"):
        (tmp_path / folder).mkdir()
    for node in ("ttyUSB0", "ttyUSB1", "event5", "usb/lp0"):
        (tmp_path / node).touch()
    (tmp_path / "serial" / "usb-scanner").symlink_to(tmp_path / "ttyUSB0")
    (tmp_path / "input" / "usb-keys-event-kbd").symlink_to(tmp_path / "event5")
    (tmp_path / "input" / "usb-keys-event-mouse").symlink_to(tmp_path / "event5")
    monkeypatch.setattr(device_finding, "DEV", tmp_path)
    monkeypatch.setattr(device_finding, "SERIAL_LINKS", tmp_path / "serial")
    monkeypatch.setattr(device_finding, "INPUT_LINKS", tmp_path / "input")
    monkeypatch.setattr(pcsc, "SOCKET", tmp_path / "no-pcscd")
    return tmp_path


@pytest.mark.feature("D5.2")
def test_what_is_there_is_told_by_the_name_that_stays_and_by_who_uses_it(machine: Path) -> None:
    link = str(machine / "serial" / "usb-scanner")
    assert found_here({link: "scanner"}) == [
        Found(what="serial", path=f"{machine}/ttyUSB0", stable=link, used_by="scanner"),
        Found(what="serial", path=f"{machine}/ttyUSB1", stable=None, used_by=None),
        Found(
            what="keyboard",
            path=f"{machine}/event5",
            stable=str(machine / "input" / "usb-keys-event-kbd"),
            used_by=None,
        ),
        Found(what="usb-printer", path=f"{machine}/usb/lp0", stable=None, used_by=None),
    ]


def test_what_is_written_down_is_the_name_that_stays_where_there_is_one(machine: Path) -> None:
    first, second, *_ = found_here({})
    assert first.address == str(machine / "serial" / "usb-scanner")
    assert second.address == f"{machine}/ttyUSB1"


def test_pcsc_readers_are_those_that_pcscd_shows(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "no-pcscd").touch()
    monkeypatch.setattr(pcsc, "reader_names", lambda: ["ACS ACR122U 00 00", "Other 00 00"])
    found = [one for one in found_here({"ACS": "nfc"}) if one.what == "pcsc"]
    assert [(one.address, one.used_by) for one in found] == [("ACS ACR122U 00 00", "nfc"), ("Other 00 00", None)]

    def refuse() -> list[str]:
        raise DeviceFault(pcsc.NOT_INSTALLED)

    monkeypatch.setattr(pcsc, "reader_names", refuse)
    assert not [one for one in found_here({}) if one.what == "pcsc"]


def test_a_machine_without_udev_shows_its_ports(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_finding, "SERIAL_LINKS", machine / "nothing")
    assert [(one.path, one.stable) for one in found_here({})][:2] == [
        (f"{machine}/ttyUSB0", None),
        (f"{machine}/ttyUSB1", None),
    ]
