"""Others on the package index claim the import name `daemon` too; ours must be the one that starts."""

import subprocess
import sys
from pathlib import Path

from tests.tidy.tree import ROOT


def run_elsewhere(folder: Path, *arguments: str) -> str:
    """Like a unit starts it: `-P` keeps the working directory out of the search path."""
    done = subprocess.run(
        [sys.executable, "-P", *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def test_a_process_started_elsewhere_imports_our_daemon(tmp_path: Path) -> None:
    (tmp_path / "daemon.py").write_text("raise SystemExit('the wrong daemon')\n", "utf-8")
    where = run_elsewhere(tmp_path, "-c", "import daemon; print(daemon.__file__)")
    assert Path(where.strip()) == ROOT / "daemon" / "__init__.py"


def test_a_process_started_elsewhere_runs_our_daemon(tmp_path: Path) -> None:
    (tmp_path / "daemon").mkdir()
    assert "comptoir" in run_elsewhere(tmp_path, "-m", "daemon", "--help").lower()
