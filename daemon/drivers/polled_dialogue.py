"""One talk with a printer that is asked again and again, without I/O: is it ready, and what became of the ticket.

    ask > READY | held                       a hold means: nothing was sent
    begin > SENDING > WAITING > OVER         one ticket

A language has two questions. One is answered at once, whatever the printer does: how are you? The other stands at the
end of the ticket and is answered in turn: all before it was read. The ticket is out when both were answered, the
latter with a printer that has nothing left to print. ZPL is such a language, and that of many a third party.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, TypeAlias

from typing_extensions import override

from daemon.domain.print_job import (
    AllSent,
    Cause,
    Confirmed,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    Resumed,
    Stopped,
)
from daemon.drivers.printer_language import CHUNK_BYTES, Patience

POLL_S = 0.4


class PolledStatus(Protocol):
    """A whole answer to the question how the printer is."""

    @property
    def hold(self) -> Hold | None:
        """What is in the way."""
        ...

    @property
    def is_idle(self) -> bool:
        """Nothing is left to print."""
        ...


@dataclass(frozen=True, slots=True)
class ReadInTurn:
    """The answer to the question at the end of a ticket: everything sent before it was read."""


PolledAnswer: TypeAlias = PolledStatus | ReadInTurn


class PolledStream(Protocol):
    """Takes apart what a printer sends, however its bytes are cut."""

    def receive(self, data: bytes) -> Sequence[PolledAnswer]:
        """The answers that these bytes complete, in order; what is no answer is left out."""
        ...


class Phase(Enum):
    """Where the talk stands."""

    IDLE = auto()
    ASKING = auto()
    SENDING = auto()
    WAITING = auto()
    OVER = auto()


class PolledDialogue:
    """The state of one talk; times are monotonic seconds. `question` asks how the printer is, `stream` is a new one."""

    def __init__(self, patience: Patience, *, question: bytes, stream: PolledStream) -> None:
        self._patience = patience
        self._asks = question
        self._stream = stream
        self._unsent = 0
        self._was_read = False
        self._unanswered = 0
        self._is_asked = False
        self._give_up_s = 0.0
        self.phase = Phase.IDLE
        self.hold: Hold | None = None
        self.due_s = 0.0
        self.outbox = b""

    @override
    def __repr__(self) -> str:
        hold = self.hold.value if self.hold else None
        return f"PolledDialogue({self.phase.name}, hold={hold}, unsent={self._unsent}, read={self._was_read})"

    @property
    def asking(self) -> bool:
        """Whether the answer to `ask` is still to come; after it, `hold` is the answer."""
        return self.phase is Phase.ASKING

    @property
    def over(self) -> bool:
        """Whether the fate of the ticket was told."""
        return self.phase is Phase.OVER

    def ask(self, now_s: float, *, insist: bool = False) -> None:
        """Ask whether the printer is ready."""
        assert self.phase is Phase.IDLE
        self.phase = Phase.ASKING
        self._question(now_s)

    @property
    def preparing(self) -> bool:
        """Nothing is waited for."""
        return False

    def prepare(self, now_s: float) -> None:
        """Each ticket of such a language begins by forgetting what was cut off."""

    def begin(self, size: int, now_s: float) -> None:
        """A ticket of `size` bytes is about to be sent."""
        assert self.phase is Phase.IDLE
        assert size > 0
        self._unsent = size
        self.phase = Phase.SENDING
        self.due_s = now_s + self._patience.stall_s

    def taken(self, count: int, now_s: float) -> list[JobEvent]:
        """The line took so many bytes of the ticket."""
        if self.phase is not Phase.SENDING:
            return []
        assert count <= self._unsent
        self._unsent -= count
        self.due_s = now_s + self._patience.stall_s
        if self._unsent:
            return []
        self.phase = Phase.WAITING
        self._give_up_s = now_s + self._patience.answer_s
        self._question(now_s)
        return [AllSent()]

    def received(self, data: bytes, now_s: float) -> list[JobEvent]:
        """The printer said something."""
        events: list[JobEvent] = []
        for answer in self._stream.receive(data):
            if isinstance(answer, ReadInTurn):
                # One that comes before the ticket can have been read answers somebody's ticket before it.
                self._was_read |= self._unsent <= CHUNK_BYTES and self.phase in (Phase.SENDING, Phase.WAITING)
            else:
                events += self._answered(answer, now_s)
        return events

    def lost(self) -> list[JobEvent]:
        """The line is gone."""
        phase, self.phase = self.phase, Phase.OVER
        match phase:
            case Phase.IDLE:
                self.hold = Hold.ABSENT
                return [NothingSent(Hold.ABSENT)]
            case Phase.ASKING:
                self.hold = Hold.ABSENT
                return []
            case Phase.SENDING | Phase.WAITING:
                return [Interrupted(Cause.UNPLUGGED)]
            case Phase.OVER:
                return []

    def passed(self, now_s: float) -> list[JobEvent]:
        """The time `due_s` has come."""
        match self.phase:
            case Phase.ASKING:
                self.hold, self.phase = Hold.SILENT, Phase.OVER
                return []
            case Phase.WAITING:
                return self._waited(now_s)
            case Phase.SENDING:
                return self._interrupted()
            case Phase.IDLE | Phase.OVER:
                return []

    def _answered(self, status: PolledStatus, now_s: float) -> list[JobEvent]:
        self._is_asked, self._unanswered = False, 0
        if self.phase is Phase.ASKING:
            self.hold, self.phase = status.hold, Phase.IDLE
            return []
        if self.phase is not Phase.WAITING:
            return []
        if self._was_read and status.is_idle:
            self.phase = Phase.OVER
            return [*self._explained(None, now_s), Confirmed()]
        self.due_s = now_s + POLL_S
        return self._explained(status.hold, now_s)

    def _explained(self, hold: Hold | None, now_s: float) -> list[JobEvent]:
        before, self.hold = self.hold, hold
        if hold is before:
            return []
        self._give_up_s = now_s + (self._patience.stopped_s if hold else self._patience.answer_s)
        return [Stopped(hold)] if hold else [Resumed()]

    def _waited(self, now_s: float) -> list[JobEvent]:
        """Ask again; a printer that does not answer, or goes on for too long, is given up."""
        if self._is_asked:
            self._unanswered += 1
        if now_s >= self._give_up_s or self._unanswered > self._patience.checks:
            return self._interrupted()
        self._question(now_s)
        return []

    def _interrupted(self) -> list[JobEvent]:
        self.phase = Phase.OVER
        return [Interrupted(Cause.NO_ANSWER)]

    def _question(self, now_s: float) -> None:
        self.outbox += self._asks
        self._is_asked = True
        self.due_s = now_s + self._patience.status_s
