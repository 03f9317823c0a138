"""What the doctor finds on a machine that is not well: disk, clock, SQLite, rights."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from daemon.cli import check_machine
from daemon.cli.check import Check
from daemon.cli.check_machine import Examined, examine_config, examine_machine
from daemon.store.ballast import BYTES
from tests.fakes.head_office import till_in

NOW_MS = 1_790_000_000_000


@pytest.fixture
def examined(tmp_path: Path) -> Examined:
    till = till_in(tmp_path)
    till.state.mkdir(mode=0o700)
    till.config.write_text(
        till.config.read_text()
        + f'''
[[reader]]
name = "scanner"
kind = "serial-scanner"
path = "{tmp_path}/ttyX"
baud = 9600
'''
    )
    check, found = examine_config("till", till.config)
    assert check.state == "ok"
    assert found is not None
    return found


def named(name: str, found: Examined, now_ms: int = NOW_MS) -> Check:
    return next(check for check in examine_machine(found, now_ms) if check.name == name)


@pytest.mark.parametrize(("free_mib", "state"), [(100, "failed"), (500, "warning"), (5_000, "ok")])
def test_room_is_asked_for_before_it_is_gone(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, free_mib: int, state: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_mib * 1024**2))
    check = named("disk", examined)
    assert (check.state, bool(check.gesture)) == (state, state != "ok")


def test_the_ballast_is_there_or_missed(examined: Examined) -> None:
    assert not [check for check in examine_machine(examined, NOW_MS) if check.name == "ballast"], (
        "nothing runs here yet"
    )
    (examined.state / "till.db").touch()
    missing = named("ballast", examined)
    assert (missing.state, missing.gesture) == ("warning", "make room: the daemon keeps it again by itself")
    with (examined.state / "ballast").open("wb") as file:
        file.truncate(BYTES)
    there = named("ballast", examined)
    assert (there.state, there.sentence) == ("ok", "8 MiB kept for the day when the disk is full")


@pytest.mark.parametrize(
    ("now_ms", "kernel", "state"),
    [(NOW_MS, True, "ok"), (NOW_MS, None, "ok"), (NOW_MS, False, "warning"), (86_400_000, True, "failed")],
)
def test_a_clock_is_set_and_kept_right(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, now_ms: int, kernel: bool | None, state: str
) -> None:
    monkeypatch.setattr(check_machine, "kernel_is_synchronised", lambda: kernel)
    assert named("clock", examined, now_ms).state == state


def test_an_old_sqlite_is_told(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_machine, "may_read_beside", lambda: False)
    monkeypatch.setattr(check_machine, "sqlite_version", lambda: (3, 40, 1))
    check = named("sqlite", examined)
    assert check.state == "warning"
    assert check.sentence.startswith("SQLite 3.40.1 is safe with one connection only")


def test_a_reader_is_absent_present_or_closed_to_us(
    examined: Examined, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert named("device", examined).state == "warning"
    (tmp_path / "ttyX").touch()
    assert named("device", examined).state == "ok"
    monkeypatch.setattr("os.access", lambda *_: False)
    assert named("device", examined).state == "failed"


def test_files_of_somebody_else_are_named(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = examined.state / "till.db-wal"
    stranger.touch()
    real = Path.lstat

    def lstat(path: Path) -> object:
        found = real(path)
        return SimpleNamespace(st_uid=found.st_uid + 1) if path == stranger else found

    monkeypatch.setattr(Path, "lstat", lstat)
    check = named("permissions", examined)
    assert check.state == "failed"
    assert str(stranger) in check.sentence
    assert check.gesture.startswith("sudo chown -R ")
