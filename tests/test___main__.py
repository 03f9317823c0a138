"""The only door."""

import subprocess
import sys
from pathlib import Path

from daemon.version import VERSION


def test_the_module_and_the_script_are_the_same_door(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("comptoir")
    for command in ([sys.executable, "-P", "-m", "daemon"], [str(script)]):
        if not Path(command[0]).exists():
            continue  # a checkout that was not installed has no script
        shown = subprocess.run([*command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert shown.stdout == f"comptoir {VERSION}\n"


def test_the_demo_is_reached_through_the_door(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "daemon", "demo", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "comptoir demo" in shown.stdout
