"""The command line in a process of its own, and a served counter that it speaks to over a real unix socket."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.counter import Counter, open_browser, open_counter

ENGLISH, FRENCH = {"LC_ALL": "en_GB.UTF-8"}, {"LC_ALL": "fr_FR.UTF-8"}
_FORGOTTEN = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "COMPTOIR_SOCKET", "COMPTOIR_TOKEN")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Comptoir:
    """`comptoir …` with an environment of its own."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(ENGLISH))

    async def __call__(self, *words: str | Path, typed: str | None = None, **environ: str) -> Ended:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "daemon", *map(str, words)),
            stdin=asyncio.subprocess.PIPE if typed is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.surroundings(**environ),
        )
        out, err = await process.communicate(None if typed is None else typed.encode())
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    def surroundings(self, **environ: str) -> dict[str, str]:
        """The environment of the process: ours, without what would decide language, colour and daemon."""
        kept = {name: value for name, value in os.environ.items() if name not in _FORGOTTEN}
        return {**kept, **self.environ, **environ}

    def in_french(self) -> "Comptoir":
        """The same, called by somebody French."""
        return Comptoir({**self.environ, **FRENCH})


@asynccontextmanager
async def open_till(folder: Path, **counter: Any) -> AsyncIterator[tuple[Counter, Comptoir]]:
    """A replica served on a unix socket, and a command line that finds it there."""
    socket = folder / "comptoir.sock"
    parts = {name: counter.pop(name) for name in ("roster", "link", "devices") if name in counter}
    async with open_counter(folder, **counter) as found, open_browser(found, socket=socket, **parts):
        yield found, Comptoir({**ENGLISH, "COMPTOIR_SOCKET": str(socket)})
