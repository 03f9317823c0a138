"""What `comptoir doctor` finds on this machine, asked for by the running till: the same program, in its own process."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.errors import ComptoirError, DeviceFault
from daemon.typed import parse_json

SECONDS: Final = 20.0
PROGRAM: Final = (sys.executable, "-P", "-m", "daemon", "doctor", "--json", "--quick")
"""The quick look: the full one reads the whole database, beside a till that serves."""


@dataclass
class Examination:
    """Looks at the machine of one configuration, whenever it is asked to."""

    config: Path
    program: Sequence[str] = PROGRAM
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        self._turn = asyncio.Lock()

    async def __call__(self) -> object:
        """The doctor's own answer; raises DeviceFault where it has none. Whoever asks meanwhile waits."""
        async with self._turn:
            return await self._look()

    async def _look(self) -> object:
        process = await asyncio.create_subprocess_exec(
            *self.program,
            *("--config", str(self.config)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self.seconds):
                output, _ = await process.communicate()
        except TimeoutError as late:
            raise DeviceFault(f"the doctor gave no answer within {self.seconds:g} s") from late
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
        try:
            return parse_json(output, dict[str, object])
        except ComptoirError as unread:
            raise DeviceFault("the doctor gave no answer that can be read") from unread
