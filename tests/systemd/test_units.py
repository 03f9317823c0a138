"""The units as systemd itself judges them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli.exits import Exit
from tests.programs import find_program

UNITS = Path(__file__).parent.parent.parent / "systemd"

EXPOSURE_MAX = {"comptoir-till": 1.5, "comptoir-hub": 1.1}
ROLES = [("comptoir-till", "till"), ("comptoir-hub", "hub")]
needs_systemd = pytest.mark.needs("systemd-analyze")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = find_program("systemd-analyze")
    assert program is not None
    return subprocess.run([program, *arguments], check=False, capture_output=True, text=True, timeout=60)


def settings(name: str) -> dict[str, list[str]]:
    """Every key of a unit with its values in order."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", (UNITS / f"{name}.service").read_text("utf-8"), flags=re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


@needs_systemd
@pytest.mark.feature("F3.1")
@pytest.mark.parametrize("name", sorted(path.name for path in UNITS.glob("comptoir-*.*")))
def test_systemd_has_nothing_to_say_about_a_unit(name: str, tmp_path: Path) -> None:
    for path in UNITS.glob("comptoir-*.*"):
        text = path.read_text("utf-8").replace("/opt/comptoir/venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text, "utf-8")
    verdict = analyze("verify", "--man=no", "--recursive-errors=no", tmp_path / name)
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


@needs_systemd
@pytest.mark.feature("F3.1")
@pytest.mark.parametrize(("name", "role"), ROLES)
def test_the_sandbox_leaves_little_exposed(name: str, role: str, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = analyze("security", "--no-pager", "--offline=true", UNITS / f"{name}.service")
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", verdict.stdout)
    assert score is not None, verdict.stderr
    with capsys.disabled():
        print(f" {role}: exposure {score[1]} ", end="")
    assert float(score[1]) <= EXPOSURE_MAX[name]


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_a_role_is_started_under_a_fed_watchdog(name: str, role: str) -> None:
    service = settings(name)
    assert service["Type"] == ["notify"]
    assert service["WatchdogSec"] == ["30s"]
    assert service["Restart"] == ["always"]
    assert service["RestartPreventExitStatus"] == [str(int(Exit.MISCONFIGURED))]
    assert service["StateDirectory"] == [name]
    assert service["ExecStart"] == [
        f"/opt/comptoir/venv/bin/python -P -m daemon {role} --config /etc/comptoir/{role}.toml"
    ]


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_a_role_starts_without_a_network(name: str, role: str) -> None:
    service = settings(name)
    ordering = [*service.get("After", []), *service.get("Wants", []), *service.get("Requires", [])]
    assert not [unit for unit in ordering if "network" in unit], role


def test_the_till_reaches_readers_and_printers_and_no_other_device() -> None:
    till = settings("comptoir-till")
    assert till["DevicePolicy"] == ["closed"]
    assert {device.removesuffix(" rw") for device in till["DeviceAllow"]} == {
        "char-ttyS",
        "char-ttyUSB",
        "char-ttyACM",
        "char-usblp",
        "char-input",
    }


@pytest.mark.needs("systemd-sysusers")
def test_the_users_of_the_roles_can_be_made(tmp_path: Path) -> None:
    program = find_program("systemd-sysusers")
    assert program is not None
    done = subprocess.run(
        [program, f"--root={tmp_path}", "--dry-run", UNITS / "comptoir.sysusers"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Creating user 'comptoir-till'" in done.stdout + done.stderr


RULE = re.compile(r'[A-Z]+(\{[\w/.]+\})?(==|!=|=|\+=|:=)"[^"]*"')


def test_the_device_rules_are_well_formed() -> None:
    lines = (UNITS / "70-comptoir.rules").read_text("utf-8").splitlines()
    terms = [term for line in lines if line and not line.startswith("#") for term in line.split(", ")]
    assert not [term for term in terms if not RULE.fullmatch(term)]
    labels = {term for term in terms if term.startswith("LABEL=")}
    assert {term.replace("GOTO", "LABEL") for term in terms if term.startswith("GOTO=")} == labels


def test_polkit_lets_the_till_use_card_readers_and_nobody_else() -> None:
    rule = (UNITS / "50-comptoir-pcsc.rules").read_text("utf-8")
    [user] = settings("comptoir-till")["User"]
    assert f'subject.user == "{user}"' in rule
    assert rule.count("polkit.Result.YES") == 1
