"""A reader without a device, for a till on a laptop: what is tapped on the page or the command line is what it reads.

The bytes go the way of a scanner's, through its framer, its card formats and its debounce; only the cable is missing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from typing_extensions import override

from daemon.clock import Clock
from daemon.drivers.device import ByteTransport, Candidate
from daemon.drivers.line_reader import LineReader, refuse
from daemon.drivers.serial_reader import ScannerSession, SerialScannerConfig
from daemon.errors import DeviceAbsent, OperatorMistake

CONTRACT: Final = 1
TRIED_ON: Final = "itself: there is no device behind it"

_NOWHERE: Final = "/simulated"
_CODE_BYTES_MAX: Final = 256
_CODE: Final = "a code has 1 to 256 visible characters"


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedReaderConfig:
    """One reader that is not there."""

    name: str
    cards: tuple[str, ...] = ()
    """What the page offers to tap, beside what is typed: codes as a scanner would send them."""

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(
            ("name", not self.name, "a device needs a name"),
            ("cards", not all(map(is_code, self.cards)), _CODE),
        )


def is_code(text: str) -> bool:
    """Whether a scanner could send it."""
    return text.strip() != "" and len(text.encode()) <= _CODE_BYTES_MAX and text.replace("\x1d", "").isprintable()


class SimulatedReader(LineReader):
    """The driver."""

    def __init__(self, config: SimulatedReaderConfig, clock: Clock) -> None:
        scanner = SerialScannerConfig(name=config.name, path=_NOWHERE)
        super().__init__(config.name, _NOWHERE, partial(ScannerSession, scanner), clock)
        self.cards = config.cards
        self._wire: _Wire | None = None

    @property
    @override
    def watched_path(self) -> None:
        """It is plugged in nowhere."""
        return None

    @override
    def match(self, candidate: Candidate) -> int:
        return 0

    @override
    def open(self) -> AbstractAsyncContextManager[ByteTransport]:
        return self._opened()

    def tap(self, code: str) -> None:
        """Let it read a code; raises OperatorMistake for what is none, DeviceAbsent while nobody listens."""
        if not is_code(code):
            raise OperatorMistake(f"code: {_CODE}", field="code")
        if self._wire is None:
            raise DeviceAbsent(f"the simulated reader {self.device} is not open")
        self._wire.sent.put_nowait(code.strip().encode() + b"\r")

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[ByteTransport]:
        self._wire = _Wire()
        try:
            yield self._wire
        finally:
            self._wire = None


class _Wire:
    """Both ends of a cable; a `ByteTransport`."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()

    async def read(self) -> bytes:
        return await self.sent.get()

    async def write(self, data: bytes) -> None:
        """A scanner is told nothing."""


Config = SimulatedReaderConfig


def build(config: SimulatedReaderConfig, clock: Clock) -> SimulatedReader:
    """The driver of one simulated reader."""
    return SimulatedReader(config, clock)
