"""A founded hub and its process, started by the command line itself; no broker is there, which a hub survives."""

import asyncio
import signal
import socket
import sys
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
