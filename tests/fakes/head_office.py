"""A founded hub and its process, started by the command line itself; no broker is there, which a hub survives."""

import asyncio
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.comptoir import Comptoir
from tests.fakes.mosquitto import free_port

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Site:
    """The configuration of a role under a folder, and a command line that is told of it."""

    config: Path
    state: Path
    comptoir: Comptoir
    enrol: str = ""


def hub_in(folder: Path) -> Site:
    """A configuration of head office; nothing is founded yet."""
    port = free_port()
    path = folder / "hub.toml"
    path.write_text(
        f"""
[hub]
state_directory = "{folder}/hub"
public_host = "localhost"
[http]
port = 0
[enrol]
host = "127.0.0.1"
port = {port}
[broker]
port = {free_port()}
files = "{folder}/broker"
[backup]
directory = "{folder}/backups"
"""
    )
    path.chmod(0o640)
    return Site(path, folder / "hub", Comptoir(), f"localhost:{port}")


def till_in(folder: Path, name: str = "till") -> Site:
    """A configuration of a till; it is not enrolled yet."""
    path = folder / f"{name}.toml"
    path.write_text(f'[till]\nstate_directory = "{folder}/{name}"\n[http]\nport = 0\n')
    path.chmod(0o640)
    return Site(path, folder / name, Comptoir())


def found_chain(folder: Path) -> None:
    """A founded hub and one enrolled till in `folder`, both stopped: tests copy it, which is quicker than founding."""
    hub, till = hub_in(folder), till_in(folder)
    _run(hub, "hub", "init", "--chain", "essai")
    command = [sys.executable, "-P", "-m", "daemon", "hub", "--config", str(hub.config)]
    environ = hub.comptoir.surroundings()
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        end = time.perf_counter() + PATIENCE_S
        while not _listens(hub.state / "comptoir.sock"):
            assert time.perf_counter() < end, "the hub does not start"
            time.sleep(0.05)
        code = json.loads(_run(hub, "hub", "add-till", "1", "--json"))["code"]
        _run(till, "till", "enrol", code, "--hub", hub.enrol)
        process.terminate()
    for socket_ in folder.rglob("*.sock"):
        socket_.unlink()


def copied_chain(chain: Path, folder: Path) -> tuple[Site, Site]:
    """The hub and the till of `chain` as if they had been founded in `folder`."""
    hub, till = hub_in(folder), till_in(folder)
    for name in ("hub", "till", "broker"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copytree(chain / name, folder / name)
    return hub, till


def _run(site: Site, *words: str) -> str:
    command = [sys.executable, "-P", "-m", "daemon", *words, "--config", str(site.config)]
    done = subprocess.run(command, env=site.comptoir.surroundings(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


@asynccontextmanager
async def running(site: Site, role: str) -> AsyncIterator[None]:
    """The role's process, once its socket is there; stopped as systemd stops it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "daemon", role, "--config", str(site.config)),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=site.comptoir.surroundings(),
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not _listens(site.state / "comptoir.sock"):
                assert process.returncode is None, f"the {role} ended at once"
                await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
