"""The PN532, an NFC reader on a serial line (HSU): woken, set up, then asked again and again which card is there.

Commands: NXP UM0701-02, chapter 7; vectors in tests/captures/readers/pn532.reader.toml. A card that speaks ISO/IEC
14443-4 is asked first whether it is for paying, and refused if it is, before its number is given to anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final

from typing_extensions import override

from daemon.clock import Clock
from daemon.drivers.contactless import SELECT_PAYMENT, answers_payment, card_of
from daemon.drivers.debounce import PRESENCE, Debounce
from daemon.drivers.device import CardRead, ReaderEvent, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.framing import BadFrame
from daemon.drivers.line_reader import LineReader, LineSession, Say, Step, line_rules, refuse
from daemon.drivers.pn532_frames import Acknowledged, Answer, Pn532Framer, command
from daemon.errors import DeviceFault

CONTRACT: Final = 1
TRIED_ON: Final = "pseudo-terminals at 115200 baud, with a simulated PN532 and the frames of tests/captures/readers"

_WAKE: Final = b"\x55\x55" + bytes(14)
"""UM0701-02, 3.2.3: any byte wakes it, and it needs 2 ms before it listens; to a frame, zeros are a longer preamble."""

_PN532: Final = 0x32
"""First byte of its firmware version: the IC."""

_SMART: Final = 0x20
"""Bit of SEL_RES: the card speaks ISO/IEC 14443-4."""

_FAILED: Final = 0x3F
"""Bits of the status byte of an exchange that name what went wrong."""
_STATUS_AND_WORD: Final = 3

_ANSWER_MS: Final = 1000
_TRIES_MAX: Final = 3
POLL_MS: Final = 120
"""Between two questions: the field is off most of the time, and a tap takes a hand longer than this."""


class Phase(Enum):
    """What was asked last. Each but REST has its command and the code of its answer."""

    SAM = "normal mode"
    FIRMWARE = "who are you"
    RETRIES = "answer at once where no card is"
    POLL = "which card"
    PAYMENT = "is it for paying"
    RELEASE = "let go of the card"
    REST = "between two questions"


_COMMANDS: Final[Mapping[Phase, bytes]] = {
    Phase.SAM: _WAKE + command(0x14, b"\x01\x14\x01"),
    Phase.FIRMWARE: command(0x02),
    Phase.RETRIES: command(0x32, b"\x05\xff\x01\x01"),
    Phase.POLL: command(0x4A, b"\x01\x00"),
    Phase.PAYMENT: command(0x40, b"\x01" + SELECT_PAYMENT),
    Phase.RELEASE: command(0x52, b"\x00"),
}

_ANSWERS: Final[Mapping[Phase, int]] = {
    Phase.SAM: 0x15,
    Phase.FIRMWARE: 0x03,
    Phase.RETRIES: 0x33,
    Phase.POLL: 0x4B,
    Phase.PAYMENT: 0x41,
    Phase.RELEASE: 0x53,
}

_NEXT: Final[Mapping[Phase, Phase]] = {
    Phase.SAM: Phase.FIRMWARE,
    Phase.FIRMWARE: Phase.RETRIES,
    Phase.RETRIES: Phase.POLL,
}
"""What is asked after an answer while it is set up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NfcReaderConfig:
    """One PN532."""

    name: str
    path: str
    """A stable name: `/dev/serial/by-id/...`."""
    baud: int = 115_200

    def __post_init__(self) -> None:
        """Raise OperatorMistake whose `field` is the key at fault."""
        refuse(*line_rules(self.name, self.path, self.baud))


class NfcSession(LineSession):
    """One session of a PN532, sans-IO."""

    def __init__(self, config: NfcReaderConfig) -> None:
        self._config = config
        self._framer = Pn532Framer()
        self._debounce = Debounce(PRESENCE)
        self._phase = Phase.REST
        self._due_ms = 0
        self._failures = 0
        self._uid = b""

    @override
    def __repr__(self) -> str:
        return f"NfcSession({self._config.name}: {self._phase.value}, {self._framer!r}, {self._debounce!r})"

    @property
    @override
    def due_ms(self) -> int | None:
        return min(self._due_ms, self._framer.due_ms or self._due_ms)

    @override
    def begin(self, now_ms: int) -> list[Step]:
        """Wake it."""
        return [self._ask(Phase.SAM, now_ms)]

    @override
    def feed(self, data: bytes, now_ms: int) -> list[Step]:
        steps: list[Step] = []
        for item in self._framer.feed(data, now_ms):
            if isinstance(item, BadFrame):
                steps.append(ReadRefused(device=self._config.name, reason=item.reason))
            elif not isinstance(item, Acknowledged):
                steps += self._answered(item, now_ms)
        if now_ms >= self._due_ms:
            steps += self._overdue(now_ms)
        return steps

    @override
    def close(self, now_ms: int) -> list[ReaderEvent]:
        self._uid = b""
        return [ReadRefused(device=self._config.name, reason=item.reason) for item in self._framer.close()]

    def _ask(self, phase: Phase, now_ms: int) -> Say:
        self._phase = phase
        self._due_ms = now_ms + _ANSWER_MS
        return Say(data=_COMMANDS[phase])

    def _rest(self, now_ms: int) -> None:
        self._phase, self._due_ms, self._uid = Phase.REST, now_ms + POLL_MS, b""

    def _overdue(self, now_ms: int) -> list[Step]:
        """Time to ask again; or no answer came, and it is woken anew."""
        if self._phase is Phase.REST:
            return [self._ask(Phase.POLL, now_ms)]
        self._failures += 1
        if self._failures >= _TRIES_MAX:
            raise DeviceFault(f"nothing that answers like a PN532 is at {self._config.path}; is it switched to HSU?")
        return [self._ask(Phase.SAM, now_ms)]

    def _answered(self, answer: Answer, now_ms: int) -> list[Step]:
        """Steps after an answer; one that was not asked for is old, and says nothing."""
        if self._phase is Phase.REST:
            return []
        if answer.code != _ANSWERS[self._phase]:
            return self._misunderstood(now_ms)
        self._failures = 0
        if self._phase is Phase.FIRMWARE and answer.data[:1] != bytes([_PN532]):
            raise DeviceFault(f"what is at {self._config.path} is no PN532")
        if self._phase is Phase.POLL:
            return self._polled(answer.data, now_ms)
        if self._phase in _NEXT:
            return [self._ask(_NEXT[self._phase], now_ms)]
        if self._phase is Phase.PAYMENT:
            return self._asked_for_payment(answer.data, now_ms)
        self._rest(now_ms)
        return []

    def _misunderstood(self, now_ms: int) -> list[Step]:
        """An error frame, or the answer to another question. A card taken away while it was asked is one."""
        if self._phase in {Phase.PAYMENT, Phase.RELEASE}:
            self._rest(now_ms)
        return []

    def _polled(self, data: bytes, now_ms: int) -> list[Step]:
        """Number of targets; of the first: number, SENS_RES (2), SEL_RES, length of its uid, uid (UM0701-02, 7.3.5)."""
        if data[:1] != b"\x01" or len(data) < 6 or len(data) < 6 + data[5]:
            self._rest(now_ms)
            return []
        smart, uid = bool(data[4] & _SMART), data[6 : 6 + data[5]]
        if not smart:
            self._rest(now_ms)
            return [self._card(uid, now_ms, is_smart=False)]
        self._uid = uid
        return [self._ask(Phase.PAYMENT, now_ms)]

    def _asked_for_payment(self, data: bytes, now_ms: int) -> list[Step]:
        """A status byte of the PN532, then what the card says; any error is that of a card which went away."""
        uid, self._uid = self._uid, b""
        steps: list[Step] = []
        if len(data) < _STATUS_AND_WORD or data[0] & _FAILED:
            steps.append(ReadRefused(device=self._config.name, reason=Refusal.UNREADABLE))
        elif answers_payment(data[1:]):
            steps += self._refused(Refusal.PAYMENT_CARD, now_ms)
        else:
            steps.append(self._card(uid, now_ms, is_smart=True))
        return [*steps, self._ask(Phase.RELEASE, now_ms)]

    def _card(self, uid: bytes, now_ms: int, *, is_smart: bool) -> ReaderEvent:
        device, code = self._config.name, card_of(uid, is_smart=is_smart)
        if isinstance(code, Refusal):
            return next(iter(self._refused(code, now_ms)), ReadRepeated(device=device))
        if not self._debounce.is_new(code.text, now_ms):
            return ReadRepeated(device=device)
        return CardRead(device=device, code=code)

    def _refused(self, reason: Refusal, now_ms: int) -> list[ReaderEvent]:
        """A card that lies in the field is refused once; the reason is remembered for that, never the card."""
        is_new = self._debounce.is_new(f"<{reason}>", now_ms)
        return [ReadRefused(device=self._config.name, reason=reason)] if is_new else []


Config = NfcReaderConfig


def build(config: NfcReaderConfig, clock: Clock) -> LineReader:
    """The driver of one configured PN532."""
    return LineReader(config.name, config.path, partial(NfcSession, config), clock, baud=config.baud)
