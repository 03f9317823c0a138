"""One talk with an ESC/POS printer, without I/O: is it ready, and what became of the ticket.

    ask > READY | held            a hold means: nothing was sent
    ask > REVIVING > READY | held with `insist`: it was silent, perhaps within somebody's cut off picture
    prepare > PROBING > READY     is the printer at the beginning of a command, or within somebody's cut off picture?
              PROBING > CLEARING  the latter: use up what it waits for
    begin > SENDING > WAITING > PROVING > OVER      one ticket; OVER comes with Confirmed or Interrupted
              WAITING <> CHECKING                   the answer is late: can the printer say why?

Bytes, counts and the time go in; events for the job come out, and bytes to send through `outbox`.
"""

from enum import Enum, auto

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
from daemon.drivers.printer_status import (
    ASK_PAPER_IN_TURN,
    READINESS,
    Answer,
    AutomaticStatus,
    Noise,
    PaperInTurn,
    Question,
    RealTimeStatus,
    StatusStream,
    ask,
)


class Phase(Enum):
    """Where the talk stands."""

    IDLE = auto()
    ASKING = auto()
    REVIVING = auto()
    PROBING = auto()
    CLEARING = auto()
    SENDING = auto()
    WAITING = auto()
    CHECKING = auto()
    PROVING = auto()
    OVER = auto()


class PrinterDialogue:
    """The state of one talk; times are monotonic seconds."""

    def __init__(self, patience: Patience, recovery: bytes = b"") -> None:
        self._patience = patience
        self._recovery = recovery
        self._stream = StatusStream()
        self._answers: list[RealTimeStatus] = []
        self._unsent = 0
        self._answered_early = False
        self._checks_left = patience.checks
        self._insists = False
        self._tells_by_itself = False
        self._give_up_s = 0.0
        self.phase = Phase.IDLE
        self.hold: Hold | None = None
        """What the printer says is in the way now."""
        self.due_s = 0.0
        """When `passed` wants to be called."""
        self.outbox = b""

    @override
    def __repr__(self) -> str:
        hold = self.hold.value if self.hold else None
        return f"PrinterDialogue({self.phase.name}, hold={hold}, unsent={self._unsent})"

    @property
    def asking(self) -> bool:
        """Whether the answer to `ask` is still to come; after it, `hold` is the answer."""
        return self.phase in (Phase.ASKING, Phase.REVIVING)

    @property
    def over(self) -> bool:
        """Whether the fate of the ticket was told."""
        return self.phase is Phase.OVER

    def ask(self, now_s: float, *, insist: bool = False) -> None:
        """Ask whether the printer is ready; `insist`: one that is silent is helped out of what was cut off."""
        assert self.phase is Phase.IDLE
        self._insists = insist and bool(self._recovery)
        self._question(Phase.ASKING, now_s)

    @property
    def preparing(self) -> bool:
        """Whether what `prepare` asks for is still under way."""
        return self.phase in (Phase.PROBING, Phase.CLEARING)

    def prepare(self, now_s: float) -> None:
        """Make sure that the printer takes the next byte for the beginning of a command."""
        assert self.phase is Phase.IDLE
        self.outbox += ASK_PAPER_IN_TURN
        self.phase = Phase.PROBING
        self.due_s = now_s + self._patience.status_s

    def begin(self, size: int, now_s: float) -> None:
        """A ticket of `size` bytes is about to be sent."""
        assert self.phase is Phase.IDLE
        assert size > 0
        self._unsent = size
        self.phase = Phase.SENDING
        self.due_s = self._due_s(now_s)

    def taken(self, count: int, now_s: float) -> list[JobEvent]:
        """The line took so many bytes of the ticket."""
        if self.phase is not Phase.SENDING:
            return []
        assert count <= self._unsent
        self._unsent -= count
        self.phase = Phase.SENDING if self._unsent else Phase.WAITING
        self.due_s = self._due_s(now_s)
        if self._unsent:
            return []
        if self._answered_early:
            self._prove(now_s)
        return [AllSent()]

    def received(self, data: bytes, now_s: float) -> list[JobEvent]:
        """The printer said something."""
        events: list[JobEvent] = []
        for answer in self._stream.receive(data):
            events += self._heard(answer, now_s)
        return events

    def lost(self) -> list[JobEvent]:
        """The line is gone."""
        phase, self.phase = self.phase, Phase.OVER
        if phase in (Phase.IDLE, Phase.ASKING, Phase.REVIVING, Phase.PROBING, Phase.CLEARING):
            self.hold = Hold.ABSENT
            return [NothingSent(Hold.ABSENT)] if phase is Phase.IDLE else []
        return [] if phase is Phase.OVER else [Interrupted(Cause.UNPLUGGED)]

    def passed(self, now_s: float) -> list[JobEvent]:
        """The time `due_s` has come and nothing was heard."""
        match self.phase:
            case Phase.ASKING if self._insists:
                # Some take even real-time questions for dots: the picture is used up, then it is asked again.
                self.outbox += self._recovery
                self._question(Phase.REVIVING, now_s)
                self.due_s = now_s + self._patience.answer_s
                return []
            case Phase.ASKING | Phase.REVIVING:
                self._stream.forget_questions()
                self.hold = Hold.SILENT
                self.phase = Phase.OVER
                return []
            case Phase.PROBING:
                # Whoever was cut off within a picture, another till perhaps, left the printer waiting for its dots.
                self.outbox += self._recovery + ASK_PAPER_IN_TURN
                self.phase = Phase.CLEARING
                self.due_s = now_s + self._patience.answer_s
                return []
            case Phase.CLEARING:
                # One that knows no such question cannot be helped, nor need it be: the ticket will ask the operator.
                self.phase = Phase.IDLE
                return []
            case Phase.WAITING if not self.hold or now_s < self._give_up_s:
                self._question(Phase.CHECKING, now_s)
                return []
            case Phase.SENDING | Phase.WAITING | Phase.CHECKING | Phase.PROVING:
                return self._interrupted()
            case Phase.IDLE | Phase.OVER:
                return []

    def _heard(self, answer: Answer, now_s: float) -> list[JobEvent]:
        match answer:
            case RealTimeStatus():
                return self._answered(answer, now_s)
            case AutomaticStatus(hold=hold) if self.phase in (Phase.SENDING, Phase.WAITING, Phase.CHECKING):
                self._tells_by_itself = True
                return self._explained(hold, now_s)
            case PaperInTurn() if self.preparing:
                self.phase = Phase.IDLE
                return []
            case PaperInTurn() if self.phase in (Phase.WAITING, Phase.CHECKING):
                self._prove(now_s)
                return []
            case PaperInTurn() if self.phase is Phase.SENDING and self._unsent <= CHUNK_BYTES:
                # The last chunk is on its way: a quick printer answers before we hear that the line took it.
                self._answered_early = True
                return []
            case AutomaticStatus() | PaperInTurn() | Noise():
                return []

    def _prove(self, now_s: float) -> None:
        """The answer behind the cut is there; only a printer that still speaks has given it.

        A serial line whose printer loses its power reads as a NUL, which is no different from that answer.
        """
        self._question(Phase.PROVING, now_s, (Question.PRINTER,))

    def _answered(self, answer: RealTimeStatus, now_s: float) -> list[JobEvent]:
        if self.phase is Phase.PROVING:
            self.phase = Phase.OVER
            return [Confirmed()]
        if self.phase not in (Phase.ASKING, Phase.REVIVING, Phase.CHECKING):
            return []
        self._answers.append(answer)
        if len(self._answers) < len(READINESS):
            return []
        hold = _summary(self._answers)
        if self.asking:
            self.hold, self.phase = hold, Phase.IDLE
            return []
        return self._checked(hold, now_s)

    def _checked(self, hold: Hold | None, now_s: float) -> list[JobEvent]:
        """The answer behind the cut is late, and the printer was asked why."""
        if hold is None and self.hold is None:
            self._checks_left -= 1
            if not self._checks_left:
                return self._interrupted()
        self.phase = Phase.WAITING
        return self._explained(hold, now_s)

    def _explained(self, hold: Hold | None, now_s: float) -> list[JobEvent]:
        """Wait on, as long as what the printer says warrants."""
        before, self.hold = self.hold, hold
        if hold and not before:
            self._give_up_s = now_s + self._patience.stopped_s
        if self.phase is not Phase.CHECKING:
            self.due_s = self._due_s(now_s)
        if hold is before:
            return []
        return [Stopped(hold)] if hold else [Resumed()]

    def _due_s(self, now_s: float) -> float:
        """While sending or waiting: until when to be patient."""
        patience = self._patience
        if self.hold is None:
            return now_s + (patience.stall_s if self.phase is Phase.SENDING else patience.answer_s)
        if self.phase is Phase.SENDING or self._tells_by_itself:
            # Asking would be in vain: the question would stand in the line behind bytes that nobody takes.
            return self._give_up_s
        return min(now_s + patience.poll_s, self._give_up_s)

    def _interrupted(self) -> list[JobEvent]:
        self.phase = Phase.OVER
        return [Interrupted(Cause.NO_ANSWER)]

    def _question(self, phase: Phase, now_s: float, questions: tuple[Question, ...] = READINESS) -> None:
        self._stream.forget_questions()
        self._stream.asked(*questions)
        self._answers.clear()
        self.outbox += b"".join(ask(question) for question in questions)
        self.phase = phase
        self.due_s = now_s + self._patience.status_s


def _summary(answers: list[RealTimeStatus]) -> Hold | None:
    """The most telling of several answers: a printer that is off line because of paper says both."""
    holds = {answer.hold for answer in answers}
    for hold in (Hold.COVER_OPEN, Hold.PAPER_OUT, Hold.FAULT):
        if hold in holds:
            return hold
    return None
