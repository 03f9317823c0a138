"""What an ESC/POS printer says about itself, taken apart byte by byte; no I/O.

Three kinds of answer share the line without any framing; only the fixed bits of a byte tell them apart (Epson ESC/POS
reference: DLE EOT, GS a, GS r):

    0xx1xx10            one byte    real-time status, answer of DLE EOT n
    0xx1xx00 + 3 bytes  four bytes  automatic status back, sent by itself on every change once GS a asked for it
    0xx0xxxx            one byte    paper sensors, answer of GS r 1, given in turn: all before it was consumed
"""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from typing_extensions import override

from daemon.domain.print_job import Hold

ASK_PAPER_IN_TURN = b"\x1dr\x01"
"""GS r 1: answered only when everything sent before it was consumed, so it ends a ticket."""

AUTOMATIC_STATUS_ON = b"\x1da\x0e"
"""GS a: tell every change of on-line state, errors and paper; not of the drawer."""

AUTOMATIC_STATUS_OFF = b"\x1da\x00"


class Question(IntEnum):
    """The n of DLE EOT n; answered at once, even by a printer that is off line."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    PAPER = 4


READINESS = (Question.PRINTER, Question.OFFLINE_CAUSE, Question.PAPER)


def ask(question: Question) -> bytes:
    """The bytes of DLE EOT n."""
    return bytes((0x10, 0x04, question))


@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """The answer of one DLE EOT."""

    question: Question
    octet: int

    @property
    def hold(self) -> Hold | None:
        """What this answer alone shows to be in the way."""
        match self.question:
            case Question.PRINTER:
                return Hold.FAULT if self.octet & 0x08 else None
            case Question.OFFLINE_CAUSE:
                if self.octet & 0x04:
                    return Hold.COVER_OPEN
                if self.octet & 0x20:
                    return Hold.PAPER_OUT
                return Hold.FAULT if self.octet & 0x40 else None
            case Question.PAPER:
                return Hold.PAPER_OUT if self.octet & 0x60 else None


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes that the printer sent because something changed."""

    octets: bytes

    @property
    def hold(self) -> Hold | None:
        """What is in the way; the cover first, because an open one also looks like missing paper."""
        first, errors, paper = self.octets[0], self.octets[1], self.octets[2]
        if first & 0x20:
            return Hold.COVER_OPEN
        if paper & 0x0C:
            return Hold.PAPER_OUT
        return Hold.FAULT if first & 0x08 or errors & 0x6C else None


@dataclass(frozen=True, slots=True)
class PaperInTurn:
    """The answer of GS r 1."""

    octet: int


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte that is no answer to anything."""

    octet: int


Answer: TypeAlias = RealTimeStatus | AutomaticStatus | PaperInTurn | Noise

FLOW_CONTROL = frozenset({0x11, 0x13})
"""XON and XOFF of a serial printer, which the line obeys and nobody reads."""


class StatusStream:
    """Takes apart what a printer sends. Tell it what was asked: an answer of DLE EOT does not say which n it is for."""

    def __init__(self) -> None:
        self._asked: deque[Question] = deque()
        self._partial = b""

    @override
    def __repr__(self) -> str:
        return f"StatusStream(asked={[question.name for question in self._asked]}, partial={self._partial.hex()!r})"

    def asked(self, *questions: Question) -> None:
        """Questions that were just sent, in order."""
        self._asked.extend(questions)

    def forget_questions(self) -> None:
        """The printer did not answer in time; what still comes is noise."""
        self._asked.clear()

    def receive(self, data: bytes) -> list[Answer]:
        """The answers that these bytes complete, in order."""
        answers: list[Answer] = []
        for octet in data:
            if octet not in FLOW_CONTROL:
                answers += self._take(octet)
        return answers

    def _take(self, octet: int) -> list[Answer]:
        if self._partial:
            if octet & 0x90 == 0:
                return self._continue_automatic(octet)
            # Not the second half of a packet: bytes were lost. What came before it means nothing now.
            lost: list[Answer] = [Noise(kept) for kept in self._partial]
            self._partial = b""
            return lost + self._take(octet)
        if octet & 0x93 == 0x10:
            self._partial = bytes((octet,))
            return []
        if octet & 0x93 == 0x12 and self._asked:
            return [RealTimeStatus(self._asked.popleft(), octet)]
        if octet & 0x90 == 0:
            return [PaperInTurn(octet)]
        return [Noise(octet)]

    def _continue_automatic(self, octet: int) -> list[Answer]:
        self._partial += bytes((octet,))
        if len(self._partial) < 4:
            return []
        packet, self._partial = self._partial, b""
        return [AutomaticStatus(packet)]
