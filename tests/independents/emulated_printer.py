"""emupos, a receipt printer by others, printed to over TCP or a serial line.

Its paper, cover and receipts are handled through its own control API and its files.
"""

import asyncio
import json
import os
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.mosquitto import free_port
from tests.independents.environments import emupos

CONFIGURATION = """
schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: front
    type: printer
    profile: epson-tm-t20iii
    receipts_dir: {receipts}
    connections:
      - tcp: {{ port: {port} }}
      - serial: {{ pty: true }}
"""
READY_S = 30.0


@dataclass
class EmulatedPrinter:
    """A running emulator."""

    folder: Path
    api: int
    port: int
    process: asyncio.subprocess.Process
    words: list[str] = field(default_factory=list)
    """What it said on its console: a line of it names each command that it does not know."""

    async def fault(self, name: str, *, on: bool = True) -> None:
        """paper-out, cover-open, offline."""
        await self._call("PUT" if on else "DELETE", f"/devices/front/faults/{name}")

    async def serial_path(self) -> str:
        """Its serial line."""
        (device,) = await self._call("GET", "/devices")
        line = next(one for one in device["connections"] if one["kind"] == "serial")
        return str(line["device_path"] or line["endpoint"])

    async def drawer(self) -> str:
        """open or closed."""
        (device,) = await self._call("GET", "/devices")
        return str(device["state"]["drawer"])

    def receipts(self) -> list[bytes]:
        """Pictures of what was cut, oldest first."""
        return [path.with_suffix(".png").read_bytes() for path in self._cut()]

    def texts(self) -> list[str]:
        """Their words, oldest first."""
        return [path.with_suffix(".txt").read_text("utf-8") for path in self._cut()]

    def _cut(self) -> list[Path]:
        """Not what hung out of the printer when its line was cut."""
        found = sorted(self.folder.glob("receipts/*.json"))
        return [path for path in found if json.loads(path.read_text())["boundary"] == "cut"]

    @property
    def complaints(self) -> list[str]:
        """What it did not understand."""
        return [
            line for line in self.words if any(word in line for word in ("unknown", "unsupported", "warning", "error"))
        ]

    async def _call(self, method: str, path: str) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.api}/api/v1{path}", method=method)

        def call() -> Any:
            with urllib.request.urlopen(request, timeout=5) as answer:
                raw = answer.read()
            return json.loads(raw) if raw else None

        return await asyncio.to_thread(call)


@asynccontextmanager
async def emulated_printer(*, port: int = 0) -> AsyncIterator[EmulatedPrinter]:
    """An emulator that is switched on, with a folder of its own."""
    command = await asyncio.to_thread(emupos)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        api, port = free_port(), port or free_port()
        text = CONFIGURATION.format(api=api, port=port, receipts=folder / "receipts")
        (folder / "emupos.yaml").write_text(text)
        process = await asyncio.create_subprocess_exec(
            *(str(command), "run", "--config", str(folder / "emupos.yaml")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "400", "NO_COLOR": "1", "TMPDIR": name},
        )
        printer = EmulatedPrinter(folder=folder, api=api, port=port, process=process)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(_listen(printer), name="words of the emulator")
            try:
                await _until_ready(printer)
                yield printer
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.wait()
                listening.cancel()


async def _listen(printer: EmulatedPrinter) -> None:
    assert printer.process.stdout
    while line := await printer.process.stdout.readline():
        printer.words.append(line.decode(errors="replace").rstrip())


async def _until_ready(printer: EmulatedPrinter) -> None:
    async with asyncio.timeout(READY_S):
        while not any("Showing events" in line for line in printer.words):
            assert printer.process.returncode is None, printer.words
            await asyncio.sleep(0.05)
