"""A barcode scanner on a serial line, real or USB (CDC): port, framer, card formats, debounce."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

from daemon.clock import Clock
from daemon.drivers.card_formats import CardFormats, read_frame
from daemon.drivers.debounce import SCANNER, Debounce
from daemon.drivers.device import (
    ByteTransport,
    Candidate,
    CardRead,
    Emit,
    Reader,
    ReaderEvent,
    ReadRefused,
    ReadRepeated,
    Refusal,
)
from daemon.drivers.framing import BadFrame, Frame, Framing, LineFramer
from daemon.drivers.serial_port import SerialLine, SerialPort, open_serial
from daemon.errors import DeviceFault, OperatorMistake

TRIED_ON: Final = "pseudo-terminals at 9600 baud, with the frames of tests/captures/readers/serial_scanner.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialScannerConfig:
    """One scanner, as the configuration describes it."""

    name: str
    path: str
    """A stable name: `/dev/serial/by-id/...`; never ttyUSB0, which is whatever was plugged in first."""
    baud: int = 9600
    prefix: str = ""
    """What the scanner was set to send before each code."""
    suffix: str = ""
    """What it was set to send after each code; empty means CR, LF or both."""
    card_prefixes: tuple[str, ...] = ()
    """Of the chain's cards: never taken for payment numbers."""
    check_bare_gtin: bool = True
    """Refuse 8, 12 or 13 digits whose check digit is wrong, where the scanner sends no AIM identifier."""
    idle_ms: int = 300
    """Silence after which an unfinished code is given up."""
    frame_bytes_max: int = 512

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        for key, wrong, sentence in (
            ("name", not self.name, "a device needs a name"),
            ("path", not Path(self.path).is_absolute(), "the path of the port starts with /"),
            ("baud", self.baud <= 0, "a speed in baud is above 0"),
            ("idle_ms", self.idle_ms <= 0, "the silence that ends a code is above 0 ms"),
            ("frame_bytes_max", not 16 <= self.frame_bytes_max <= 4096, "a code has 16 to 4096 bytes at most"),
        ):
            if wrong:
                raise OperatorMistake(f"{key}: {sentence}", field=key)


class ScannerSession:
    """One session of a scanner, sans-IO: bytes in, events out."""

    def __init__(self, config: SerialScannerConfig) -> None:
        self._device = config.name
        self._formats = CardFormats(card_prefixes=config.card_prefixes, check_bare_gtin=config.check_bare_gtin)
        self._debounce = Debounce(SCANNER)
        self._framer = LineFramer(
            Framing(
                prefix=config.prefix.encode(),
                suffix=config.suffix.encode(),
                frame_bytes_max=config.frame_bytes_max,
                idle_ms=config.idle_ms,
            )
        )

    @override
    def __repr__(self) -> str:
        return f"ScannerSession({self._device}, {self._framer!r}, {self._debounce!r})"

    @property
    def is_inside_frame(self) -> bool:
        """Whether silence is to be told: feed nothing after `idle_ms`."""
        return self._framer.is_inside_frame

    def feed(self, data: bytes, now_ms: int) -> list[ReaderEvent]:
        """Take bytes that arrived at `now_ms` (monotonic milliseconds), or none: silence until then."""
        return [self._event(item, now_ms) for item in self._framer.feed(data, now_ms)]

    def close(self, now_ms: int) -> list[ReaderEvent]:
        """The scanner is gone: give up a code that was begun."""
        return [self._event(item, now_ms) for item in self._framer.close()]

    def _event(self, item: Frame | BadFrame, now_ms: int) -> ReaderEvent:
        if isinstance(item, BadFrame):
            return ReadRefused(device=self._device, reason=item.reason)
        code = read_frame(item.data, self._formats)
        if isinstance(code, Refusal):
            return ReadRefused(device=self._device, reason=code)
        if not self._debounce.is_new(code.text, now_ms):
            return ReadRepeated(device=self._device)
        return CardRead(device=self._device, code=code)


class SerialScanner(Reader):
    """The driver: gives a session bytes and time, and passes its events on."""

    def __init__(self, config: SerialScannerConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock

    @override
    def __repr__(self) -> str:
        return f"SerialScanner({self._config.name} at {self._config.path})"

    @property
    @override
    def device(self) -> str:
        return self._config.name

    @property
    @override
    def watched_path(self) -> Path | None:
        return Path(self._config.path)

    @override
    def match(self, candidate: Candidate) -> int:
        """The configured path is one of its names, or not; ports that nobody configured are left alone."""
        return 100 if self._config.path in (candidate.node, *candidate.links) else 0

    @override
    def open(self) -> AbstractAsyncContextManager[SerialPort]:
        return open_serial(SerialLine(path=self._config.path, baud=self._config.baud))

    @override
    async def run(self, transport: ByteTransport, emit: Emit) -> None:
        session = ScannerSession(self._config)
        try:
            while True:
                try:
                    await self._listen(session, transport, emit)
                except TimeoutError:
                    self._feed(session, b"", emit)
        except DeviceFault:
            for event in session.close(self._now_ms()):
                emit(event)
            raise

    async def _listen(self, session: ScannerSession, transport: ByteTransport, emit: Emit) -> None:
        """Feed what arrives; raises TimeoutError when a code was begun and its rest does not come."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._config.idle_ms / 1000 if session.is_inside_frame else None) as silence:
            while True:
                self._feed(session, await transport.read(), emit)
                silence.reschedule(loop.time() + self._config.idle_ms / 1000 if session.is_inside_frame else None)

    def _feed(self, session: ScannerSession, data: bytes, emit: Emit) -> None:
        for event in session.feed(data, self._now_ms()):
            emit(event)

    def _now_ms(self) -> int:
        return int(self._clock.monotonic_s() * 1000)


Config = SerialScannerConfig
"""What `daemon.drivers.catalogue` asks of a driver module, with TRIED_ON and `build`."""


def build(config: SerialScannerConfig, clock: Clock) -> Reader:
    """The driver of one configured scanner."""
    return SerialScanner(config, clock)
