"""A card reader behind pcscd: contactless cards by their number. pyscard is needed only once one is configured.

GET DATA `FF CA 00 00 00` gives the number of a contactless card (PC/SC part 3, 3.2.2.1.3). Whether a card is for paying
is asked first, and such a card is refused before its number is read.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from typing_extensions import override

from daemon.clock import Clock
from daemon.domain.code import ScannedCode
from daemon.drivers.contactless import SELECT_PAYMENT, answers_payment, card_of
from daemon.drivers.debounce import PRESENCE, Debounce
from daemon.drivers.device import Candidate, CardRead, Emit, Reader, ReaderEvent, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.line_reader import refuse
from daemon.drivers.pcsc import SOCKET, open_terminal

CONTRACT: Final = 1
TRIED_ON: Final = "pcscd 1.9.9 with the virtual reader of vsmartcard, and a virtual card that answers APDUs"

GET_NUMBER: Final = bytes.fromhex("FF CA 00 00 00")
_WELL: Final = b"\x90\x00"
_MEMORY_CARD: Final = bytes.fromhex("80 4F 0C A0 00 00 03 06")
"""In the answer to reset of cards that speak no ISO/IEC 14443-4 (PC/SC part 3, 3.1.3.2.3.1)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PcscReaderConfig:
    """One PC/SC reader."""

    name: str
    reader: str
    """Its name as pcscd gives it (`comptoir devices` lists them), or the beginning of it."""

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(
            ("name", not self.name, "a device needs a name"),
            ("reader", not self.reader.strip(), "the name of the reader is needed, from `comptoir devices`"),
        )


class CardTerminal(Protocol):
    """A reader of cards; for one task."""

    async def presented(self) -> bytes:
        """Wait for a card; its answer to reset."""
        ...

    async def transmit(self, apdu: bytes) -> bytes:
        """What the card answers; nothing when it went away."""
        ...

    async def removed(self) -> None:
        """Let go of the card and wait until it is gone."""
        ...


class PcscReader(Reader[CardTerminal]):
    """The driver."""

    def __init__(self, config: PcscReaderConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock

    @override
    def __repr__(self) -> str:
        return f"PcscReader({self._config.name}: {self._config.reader})"

    @property
    @override
    def device(self) -> str:
        return self._config.name

    @property
    @override
    def watched_path(self) -> Path | None:
        """pcscd's own: a reader without pcscd is as good as absent."""
        return SOCKET

    @override
    def match(self, candidate: Candidate) -> int:
        """Any USB device may be the reader: which one pcscd makes of it is seen by asking pcscd, and costs nothing."""
        return 1 if candidate.subsystem == "usb" else 0

    @override
    def open(self) -> AbstractAsyncContextManager[CardTerminal]:
        return open_terminal(self._config.reader)

    @override
    async def run(self, transport: CardTerminal, emit: Emit) -> None:
        debounce = Debounce(PRESENCE)
        while True:
            answer_to_reset = await transport.presented()
            code = await read_card(transport, answer_to_reset)
            emit(self._event(code, debounce))
            await transport.removed()

    def _event(self, code: ScannedCode | Refusal, debounce: Debounce) -> ReaderEvent:
        device = self._config.name
        if isinstance(code, Refusal):
            return ReadRefused(device=device, reason=code)
        if not debounce.is_new(code.text, int(self._clock.monotonic_s() * 1000)):
            return ReadRepeated(device=device)
        return CardRead(device=device, code=code)


async def read_card(terminal: CardTerminal, answer_to_reset: bytes) -> ScannedCode | Refusal:
    """The card that lies on the terminal, or why it is refused."""
    if not answer_to_reset:
        return Refusal.UNREADABLE
    payment = await terminal.transmit(SELECT_PAYMENT)
    if not payment:
        return Refusal.UNREADABLE
    if answers_payment(payment):
        return Refusal.PAYMENT_CARD
    answer = await terminal.transmit(GET_NUMBER)
    if not answer:
        return Refusal.UNREADABLE
    if answer[-2:] != _WELL:
        return Refusal.NO_NUMBER
    return card_of(answer[:-2], is_smart=_MEMORY_CARD not in answer_to_reset)


Config = PcscReaderConfig


def build(config: PcscReaderConfig, clock: Clock) -> PcscReader:
    """The driver of one configured PC/SC reader."""
    return PcscReader(config, clock)
