"""The import contracts bite: one violation of each is planted in a copy of the daemon."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.tidy.tree import ROOT, libraries_loaded_by_name, python_files

PLANTED = {
    "planted_room/__init__.py": "",  # an undeclared room
    "domain/planted_upward.py": "import daemon.store.database",
    "domain/planted_impure.py": "import asyncio, time",
    "domain/planted_ring_a.py": "import daemon.domain.planted_ring_b",
    "domain/planted_ring_b.py": "import daemon.domain.planted_ring_a",
    "store/planted_sibling.py": "import daemon.sync.topics",
    "web/planted_shortcut.py": "def later():\n    import daemon.store.database",
}


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with every violation in it."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copytree(ROOT / "daemon", copy / "daemon", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    plant(copy / "daemon")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def plant(daemon: Path) -> None:
    for name, text in PLANTED.items():
        (daemon / name).parent.mkdir(exist_ok=True)
        (daemon / name).write_text(text + "\n", "utf-8")
    libraries = [library for contract in contracts() for library in contract.get("protected_modules", [])]
    (daemon / "desk" / "planted_side_door.py").write_text("".join(f"import {name}\n" for name in libraries), "utf-8")
    cores = next(contract["source_modules"] for contract in contracts() if contract["id"] == "pure-cores")
    for core in cores:
        path = daemon.parent / Path(*core.split(".")).with_suffix(".py")
        path.write_text("import socket\n" + path.read_text("utf-8"), "utf-8")


@pytest.mark.parametrize("name", [contract["name"] for contract in contracts()])
def test_a_planted_violation_breaks_its_contract(verdict: str, name: str) -> None:
    assert f"{name} BROKEN" in verdict


@pytest.mark.parametrize(
    "evidence",
    [
        "planted_room",
        "daemon.domain.planted_upward -> daemon.store.database",
        "daemon.store.planted_sibling -> daemon.sync.topics",
        "daemon.web.planted_shortcut -> daemon.store.database",
        "daemon.domain.planted_impure -> asyncio",
        "planted_ring_a",
    ],
)
def test_the_verdict_names_the_culprit(verdict: str, evidence: str) -> None:
    assert evidence in verdict


@pytest.mark.parametrize(
    "core", next(contract["source_modules"] for contract in contracts() if contract["id"] == "pure-cores")
)
def test_every_pure_core_is_watched(verdict: str, core: str) -> None:
    assert f"{core} is not allowed to import socket" in verdict


def test_no_library_is_loaded_by_name_where_no_contract_sees_it() -> None:
    assert not {(str(path), library) for path in python_files("daemon") for library in libraries_loaded_by_name(path)}
